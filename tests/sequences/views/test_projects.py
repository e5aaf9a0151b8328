"""Projects, a new one, import with its preview, and the theme: through the front door."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sequences.models import Project
from sequences.models.plan import Role
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PLAN = """
format = 1
[project]
slug = "low-winter"
title = "Low Winter"
width = 160
height = 90
budget = "20.00"

[[elements]]
key = "mara"
name = "Mara"

[[sequences]]
code = "SEQ01"
section = "Intro"
start = "0:00"
end = "0:02"

[[sequences.shots]]
prompt = "@mara on a pier"
seconds = 2
"""


@pytest.fixture
def ida(client: Client) -> Any:
    person = factories.make_user("ida")
    client.force_login(person)
    return person


def sent(text: str = PLAN, name: str = "plan.toml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def song(seconds: int = 2, name: str = "song.wav") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.song_file(seconds).read_bytes(), "audio/wav")


def picture(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.picture_file(64, 64).read_bytes(), "image/png")


def body(response: Any) -> str:
    return str(response.content.decode())


# --- the list -----------------------------------------------------------------------------------------------------


def test_nobody_sees_projects_without_signing_in(client: Client) -> None:
    response = client.get(reverse("projects"))
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/")


def test_empty_list_has_three_ways_to_a_project(client: Client, ida: Any) -> None:
    html = body(client.get(reverse("projects")))
    assert "Start with the song" in html
    assert "Or import a plan" in html
    assert "./run manage make_demo" in html


def test_the_one_that_waits_for_you_comes_first_and_says_what(client: Client, ida: Any) -> None:
    waits = factories.make_project(ida, [Plan(), Plan(), Plan()], title="Waits")
    factories.make_project(ida, 1, title="Younger")
    factories.make_take(factories.sequence_of(waits, "SEQ01"))
    factories.make_grid_ready(factories.sequence_of(waits, "SEQ02"))
    html = body(client.get(reverse("projects")))
    assert html.index('id="project-waits"') < html.index('id="project-younger"')
    assert "1 to judge and 1 to pick, waiting for you" in html
    assert "Review 1 take" in html
    assert "2, 1 waits for you" in html


def test_a_pick_does_not_wait_for_a_reviewer(client: Client, ida: Any) -> None:
    project = factories.make_project(None, [Plan()], title="Theirs")
    factories.make_grid_ready(factories.sequence_of(project))
    client.force_login(factories.add_member(project, Role.REVIEWER))
    html = body(client.get(reverse("projects")))
    assert "waiting for you" not in html
    assert "1 sequence wait" in html


def test_says_where_each_film_stands(client: Client, ida: Any) -> None:
    done = factories.make_project(ida, 1, title="Done")
    factories.make_take(factories.sequence_of(done), "approved")
    broken = factories.make_project(ida, 1, title="Broken")
    factories.make_take(factories.sequence_of(broken), "failed")
    factories.make_project(ida, 0, title="Empty", song=False)
    html = body(client.get(reverse("projects")))
    assert "Play the cut" in html
    assert "1 sequence failed" in html
    assert "Lay out the song" in html
    assert html.index("project-broken") < html.index("project-empty") < html.index("project-done")


def test_only_my_projects(client: Client, ida: Any) -> None:
    factories.make_project(None, 1, title="Secret film")
    assert "Secret film" not in body(client.get(reverse("projects")))


def test_number_of_queries_does_not_grow(client: Client, ida: Any, django_assert_num_queries: Any) -> None:
    factories.make_project(ida, 2)
    client.get(reverse("projects"))
    with django_assert_num_queries(10):
        client.get(reverse("projects"))
    for n in range(4):
        factories.make_project(ida, 2, title=f"Film {n}")
    with django_assert_num_queries(10):
        client.get(reverse("projects"))


# --- a new one ----------------------------------------------------------------------------------------------------


def test_new_project_with_its_song(client: Client, ida: Any) -> None:
    response = client.post(
        reverse("project_new"),
        {
            "title": "Paper Planets",
            "client": "Sister Static",
            "budget": "$1,200",
            "size": "1080x1920",
            "song": song(),
        },
    )
    made = Project.objects.get()
    assert (response.status_code, response["Location"]) == (303, "/p/paper-planets/setup/#sequences")
    assert (made.width, made.height, made.cap_micros) == (1080, 1920, 1_200_000_000)
    assert (made.song.name, float(made.song.seconds)) == ("song.wav", 2.0)
    assert made.memberships.get().role == Role.OWNER


def test_own_size_and_htmx_lead_to_setup(client: Client, ida: Any) -> None:
    asked = {"title": "Tall", "size": "own", "width": "640", "height": "1200", "rate": "25", "grid": "3x3"}
    response = client.post(reverse("project_new"), asked, headers=HTMX)
    assert response["HX-Redirect"] == "/p/tall/setup/#song"
    made = Project.objects.get()
    assert (made.width, made.height, made.rate, made.grid) == (640, 1200, "25", "3x3")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"title": ""}, "Title is empty; write something."),
        ({"title": "X", "slug": "no blanks"}, "Slug is &quot;no blanks&quot;; use letters and digits"),
        ({"title": "X", "size": "own", "width": "abc"}, "Width must be a whole number of pixels."),
        ({"title": "X", "size": "own", "height": "90"}, "Width is empty; write a whole number of pixels."),
        (
            {"title": "X", "size": "own", "width": "63", "height": "90"},
            "Width is 63; it must be an even number",
        ),
        ({"title": "X", "budget": "12,5"}, "Budget is &quot;12,5&quot;; write dollars such as"),
        ({"title": "X", "slug": "taken"}, "There is a project taken already; choose another slug."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_wrong_stands_beside_its_field(
    client: Client, ida: Any, asked: dict[str, str], said: str, headers: dict[str, str]
) -> None:
    factories.make_project(ida, 0, title="Taken", song=False)
    response = client.post(reverse("project_new"), {"client": "Kept Client", **asked}, headers=headers)
    assert response.status_code == 422
    assert said in body(response)
    assert "Kept Client" in body(response)
    assert Project.objects.count() == 1


def test_a_song_that_is_none_makes_no_project(client: Client, ida: Any) -> None:
    bad = SimpleUploadedFile("notes.mp3", b"not music at all")
    response = client.post(reverse("project_new"), {"title": "Quiet", "song": bad})
    assert response.status_code == 422
    assert "notes.mp3" in body(response)
    assert not Project.objects.exists()


def test_suggests_a_free_address(client: Client, ida: Any) -> None:
    factories.make_project(ida, 0, title="Night Ferry", song=False)
    html = body(client.get(reverse("project_slug"), {"title": "Night Ferry"}))
    assert "night-ferry-2" in html


# --- import -------------------------------------------------------------------------------------------------------


def check(client: Client, **files: Any) -> Any:
    """Send a plan and open its preview, without script."""
    response = client.post(reverse("project_import"), files)
    assert response.status_code == 303, body(response)
    return client.get(response["Location"])


def confirm(client: Client, preview: Any) -> Any:
    return client.post(preview.request["PATH_INFO"])


def test_shows_what_a_plan_would_make_and_writes_nothing(client: Client, ida: Any) -> None:
    html = body(check(client, plan=sent(), song=song(), pictures=[picture("mara.png")]))
    assert "Low Winter would be made" in html
    assert "plan.toml, song.wav, 1 picture: 1 sequence, 1 shot, 1 element" in html
    assert "SEQ01 Intro" in html
    assert not Project.objects.exists()


def test_a_yes_makes_it(client: Client, ida: Any) -> None:
    preview = check(client, plan=sent(), song=song(), pictures=[picture("mara.png")])
    response = confirm(client, preview)
    made = Project.objects.get()
    assert (response.status_code, response["Location"]) == (303, "/p/low-winter/")
    assert made.elements.get().images.count() == 1
    assert float(made.song.seconds) == 2.0
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"import-*-{preview.context['parcel'].token}"))


def test_import_by_htmx(client: Client, ida: Any) -> None:
    html = body(client.post(reverse("project_import"), {"plan": sent()}, headers=HTMX))
    assert html.lstrip().startswith('<section id="answer"')
    address = html.split('hx-post="')[1].split('"')[0]
    assert client.post(address, headers=HTMX)["HX-Redirect"] == "/p/low-winter/"


def test_pictures_as_a_zip(client: Client, ida: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("refs/characters/mara/1.png", factories.picture_file(64, 64).read_bytes())
    refs = SimpleUploadedFile("refs.zip", packed.getvalue())
    confirm(client, check(client, plan=sent(), refs=refs))
    assert Project.objects.get().elements.get().images.count() == 1


def test_a_second_import_names_every_difference(client: Client, ida: Any) -> None:
    confirm(client, check(client, plan=sent()))
    changed = PLAN.replace("on a pier", "on a boat").replace("SEQ01", "SEQ02").replace("20.00", "30.00")
    html = body(check(client, plan=sent(changed)))
    assert "Low Winter would be brought up to date" in html
    assert "budget 20.00 → 30.00" in html
    assert "1 thing of the project is not in the plan" in html
    same = body(check(client, plan=sent()))
    assert "The plan says what the project has already" in same


def test_a_changed_prompt_names_its_shot(client: Client, ida: Any) -> None:
    confirm(client, check(client, plan=sent()))
    html = body(check(client, plan=sent(PLAN.replace("on a pier", "on a boat"))))
    assert "new prompt of shot 1" in html
    assert "1 new prompt revision" in html


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_every_mistake_with_line_and_key(client: Client, ida: Any, headers: dict[str, str]) -> None:
    bad = sent(PLAN.replace("seconds = 2", "seconds = 0").replace('"0:02"', '"soon"'))
    response = client.post(reverse("project_import"), {"plan": bad}, headers=headers, follow=not headers)
    html = body(response)
    assert response.status_code == 422
    assert "Nothing was imported" in html
    assert "plan.toml: 2 problems" in html
    assert "sequences[0].shots[0].seconds" in html
    assert "is 0; a shot needs more than 0 seconds." in html
    assert not Project.objects.exists()


def test_no_plan_at_all(client: Client, ida: Any) -> None:
    response = client.post(reverse("project_import"), {"song": song()})
    assert response.status_code == 422
    assert "No plan came along; choose a plan file in TOML or JSON." in body(response)


def test_a_plan_does_not_reach_the_disk_of_the_studio(client: Client, ida: Any) -> None:
    named = PLAN + f'\n[song]\nfile = "{factories.song_file(2)}"\n'
    confirm(client, check(client, plan=sent(named)))
    assert not hasattr(Project.objects.get(), "song")


def test_somebody_elses_project_stays_theirs(client: Client, ida: Any) -> None:
    factories.make_project(None, 0, title="Low Winter", song=False)
    response = client.post(reverse("project_import"), {"plan": sent()}, follow=True)
    assert response.status_code == 422
    assert "The slug low-winter is taken by a project you do not belong to" in body(response)


def test_a_parcel_is_for_its_sender_only(client: Client, ida: Any) -> None:
    preview = check(client, plan=sent())
    client.force_login(factories.make_user())
    assert client.get(preview.request["PATH_INFO"]).status_code == 404
    assert confirm(client, preview).status_code == 404


# --- theme --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "lands"),
    [("/new/", "/new/"), ("https://elsewhere.example/", "/"), ("//elsewhere.example", "/"), ("", "/")],
)
def test_theme_is_kept_for_a_year(client: Client, ida: Any, after: str, lands: str) -> None:
    response = client.post(reverse("theme"), {"theme": "light", "next": after})
    cookie = response.cookies["theme"]
    assert (response.status_code, response["Location"]) == (303, lands)
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("light", 365 * 24 * 3600, "Lax")
    assert 'data-theme="light"' in body(client.get(reverse("projects")))


def test_an_unknown_theme_is_not_kept(client: Client, ida: Any) -> None:
    assert "theme" not in client.post(reverse("theme"), {"theme": "<script>"}).cookies
