"""The call plan of the workbench through the front door: limits, dividers, models, splits, end frames, undo."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sequences import orchestration as verbs
from sequences.models import Project, Sequence, Shot, Take
from sequences.models.plan import Role
from sequences.providers import catalogue, registry
from tests import factories
from tests.factories import Plan
from tests.sequences.orchestration.test_fitness import picture
from tests.sequences.views.test_bench import visible

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
CAST = ("mara", "ferryman", "lantern", "dog")
KLING, PRO = "fal-ai/kling-video/v3/standard/image-to-video", "fal-ai/kling-video/v3/pro/image-to-video"
EIGHT = Plan(
    section="Final chorus",
    prompts=("a stage, @mara", "a pier, @dog", "@ferryman and @lantern", "a deck", "a street", "a wick", "a city", "z"),
    seconds=(3, 2, 3, 2, 3, 5, 3, 3),
    solo=(6,),
    elements=CAST,
    start_frame=True,
)  # fmt: skip


@pytest.fixture
def sequence(client: Client) -> Sequence:
    owner = factories.make_user()
    client.force_login(owner)
    project = factories.make_project(owner, [EIGHT], elements=CAST, song=False)
    for key in CAST:
        picture(project, key)
    return factories.sequence_of(project)


@pytest.fixture
def post(client: Client, sequence: Sequence) -> Callable[..., HttpResponse]:
    def send(name: str, htmx: bool = True, **data: object) -> HttpResponse:
        url = reverse(name, args=[sequence.project.slug, sequence.code])
        return client.post(url, data, headers=HTMX if htmx else None)

    return send


def page(client: Client, sequence: Sequence, **query: object) -> str:
    return client.get(reverse("sequence", args=[sequence.project.slug, sequence.code]), query).content.decode()


def shot(sequence: Sequence, number: int) -> Shot:
    return sequence.shots.select_related("sequence__project").get(number=number)


def groups(sequence: Sequence) -> list[tuple[int, ...]]:
    from sequences.queries import load

    project = Project.objects.get(pk=sequence.project_id)
    return [c.shots for c in verbs.quote(load(project, [sequence])[0]).plan.calls]


def marks_in(html: str) -> str:
    found = re.search(r'name="marks" value="([^"]*)"', html)
    assert found, "there is no Undo split"
    return found[1]


def test_each_call_shows_its_limits_as_they_fill(client: Client, sequence: Sequence) -> None:
    read = visible(page(client, sequence))
    assert "8 shots in 3 calls, mixed, Sketch animatic" in read
    assert "Call 1 5 shots, 13 s" in read
    assert "Shots 5 of 6 Seconds 13 of 15 Characters, longest shot" in read
    assert "Elements, with a start frame 3 of 3, full" in read
    assert "2 takes × 3 calls, 24 s × $0.00 a second" in read
    assert "Ends after shot 5: shot 6 is solo" in read


def test_a_dropped_element_is_said_marked_and_split_off_at_its_price(
    client: Client, sequence: Sequence, post: Callable[..., HttpResponse]
) -> None:
    catalogue.override("sketch/clip", price="0.14", seconds_per_single=(5, 15))
    html = page(client, sequence)
    read = visible(html)
    assert (
        "Dog is not sent : over the limit: 3 a call with a start frame. Its description is written into shot 2" in read
    )
    assert "Split (+$0.70)" in read
    assert html.count("names Dog, not sent") == 1
    assert 'class="out" title="Not sent: over the limit' in html
    answer = post("plan_split", element="dog")
    split = visible(answer.content.decode())
    assert "Shot 2 is a call of its own, with Dog." in split and "Dog is not sent" not in split
    assert groups(sequence) == [(1,), (2,), (3, 4, 5), (6,), (7, 8)]
    post("plan_undo", marks=marks_in(answer.content.decode()))
    assert groups(sequence) == [(1, 2, 3, 4, 5), (6,), (7, 8)]
    again = post("plan_split", element="bell")
    assert (again.status_code, "@bell is not left out of this plan" in again.content.decode()) == (422, True)


def test_split_join_move_and_fill_answer_with_the_plan_and_a_way_back(
    sequence: Sequence, post: Callable[..., HttpResponse]
) -> None:
    answer = post("plan_divide", shot=shot(sequence, 3).pk).content.decode()
    assert 'id="plan" aria-label="Call plan" hx-swap-oob="true"' in answer and "Undo split" in answer
    assert "Split after shot 2." in visible(answer)
    assert groups(sequence)[:2] == [(1, 2), (3, 4, 5)]
    moved = visible(post("plan_move", at=3, to=5).content.decode())
    assert "The divider stands after shot 4 now." in moved
    assert groups(sequence)[:2] == [(1, 2, 3, 4), (5,)]
    post("plan_join", shot=shot(sequence, 5).pk)
    assert groups(sequence)[0] == (1, 2, 3, 4, 5)
    post("plan_divide", shot=shot(sequence, 2).pk)
    filled = post("plan_fill").content.decode()
    assert groups(sequence)[0] == (1, 2, 3, 4, 5) and "Fill calls" not in visible(filled)
    post("plan_undo", marks=marks_in(filled))
    assert groups(sequence)[:2] == [(1,), (2, 3, 4, 5)]


def test_without_script_every_change_leads_back_with_its_undo(
    client: Client, sequence: Sequence, post: Callable[..., HttpResponse]
) -> None:
    answer = post("plan_divide", htmx=False, shot=shot(sequence, 3).pk)
    assert answer.status_code == 303 and answer["Location"].endswith("#plan")
    html = client.get(answer["Location"]).content.decode()
    assert "Undo split" in html and "Join with call 2" in visible(html)
    post("plan_undo", htmx=False, marks=marks_in(html))
    assert groups(sequence)[0] == (1, 2, 3, 4, 5)
    assert "Undo split" not in page(client, sequence, marks="nonsense")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("plan_join", {"shot": 6}, "Shots 5 and 6 cannot share a call: shot 6 is solo."),
        ("plan_divide", {"shot": 7}, "A call begins at shot 7 anyway: shot 6 is solo."),
        ("plan_move", {"at": 6, "to": 5}, "The divider before shot 6 cannot be moved: shot 6 is solo."),
        ("plan_fill", {}, "SEQ01 has no dividers; its calls are as full as they can be."),
        ("plan_model", {"shots": "", "call_model": KLING}, "Name the shots that are to be made on that model."),
        ("plan_undo", {"marks": "1 2"}, "Shots were added or taken out since; set the dividers by hand."),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    sequence: Sequence, post: Callable[..., HttpResponse], name: str, data: dict[str, Any], says: str
) -> None:
    if "shot" in data:
        data = {"shot": shot(sequence, data["shot"]).pk}
    answer = post(name, **data)
    assert (answer.status_code, says in visible(answer.content.decode().replace("&#x27;", "'"))) == (422, True)
    assert groups(sequence) == [(1, 2, 3, 4, 5), (6,), (7, 8)]


def test_a_divider_carries_what_every_place_would_come_to(client: Client, sequence: Sequence) -> None:
    verbs.divide(actor=None, shot=shot(sequence, 3))
    html = page(client, sequence)
    assert 'role="separator" aria-orientation="vertical" tabindex="0" aria-label="End of call 1"' in html
    assert 'aria-valuemin="1" aria-valuemax="4" aria-valuenow="2"' in html
    assert 'aria-valuetext="after shot 2: 2 shots in 5 s and 3 shots in 8 s"' in html
    assert html.count('class="joint split fixed"') == 2


def test_places_over_a_limit_say_where_the_limits_split(client: Client) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    long = Plan(prompts=("a", "b", "c"), seconds=(9, 9, 4), start_frame=True)
    html = page(client, factories.sequence_of(factories.make_project(owner, [long], song=False)))
    assert '"said": "Letting go here splits after shot 1 by itself."' in html
    assert '"figure": "18 of 15, 3 too long", "pct": 100.0, "state": "over"' in html


def test_a_call_s_own_model_has_its_limits_price_and_line_in_the_bill(client: Client) -> None:
    registry.offer("fal", lambda: pytest.fail("nothing may be asked of a provider"))
    owner = factories.make_user()
    client.force_login(owner)
    plan = Plan(prompts=("a", "b"), seconds=(3, 4), start_frame=True)
    size = {"width": 1280, "height": 720, "provider": "fal", "model": KLING}
    sequence = factories.sequence_of(factories.make_project(owner, [plan], song=False, **size))
    url = [sequence.project.slug, sequence.code]
    answer = client.post(
        reverse("plan_model", args=url), {"shots": shot(sequence, 2).pk, "call_model": PRO}, headers=HTMX
    )
    read = visible(answer.content.decode())
    assert "Shot 2 is on Kling 3 pro." in read
    assert "2 shots in 2 calls, 2 models" in read
    rate = catalogue.endpoint(PRO).price(1) or 0
    assert f"2 takes × 2 calls, 7 s × $0.084 and ${rate / 1_000_000:g} a second" in read
    html = page(client, sequence)
    assert ">As planned</option>" in html and "All on Kling 3 pro" in html
    spend = client.post(reverse("take_request", args=url), {"takes": 1, "model": ""}, headers=HTMX).content.decode()
    assert "goes on" not in spend and "Kling 3 pro</td>" in spend
    shown = re.search(r'name="shown_price" value="(\d+)"', spend)
    assert shown
    client.post(reverse("take_request", args=url), {"takes": 1, "model": "", "confirmed": 1, "shown_price": shown[1]})
    assert [c["endpoint"] for c in Take.objects.get().plan["calls"]] == [KLING, PRO]
    whole = client.get(reverse("take_plan", args=url), {"model": PRO}, headers=HTMX).content.decode()
    assert "2 shots in 1 call, Kling 3 pro" in visible(whole)


def test_an_unknown_price_is_said_beside_the_sum(client: Client, sequence: Sequence) -> None:
    catalogue.override("sketch/clip", price=None)
    read = visible(page(client, sequence))
    assert "2 takes × 3 calls, 24 s × an unknown price a second" in read
    assert "unknown" in read


def test_an_end_frame_is_set_shown_and_cleared(
    client: Client, sequence: Sequence, post: Callable[..., HttpResponse]
) -> None:
    sent = SimpleUploadedFile("last.png", factories.picture_file().read_bytes(), "image/png")
    answer = visible(post("start_frame_upload", picture=sent, shot=shot(sequence, 5).pk, use="end").content.decode())
    assert "Shot 5 ends on last.png." in answer
    frame = sequence.start_frames.get(use="end")
    assert f"Ends on upload F{frame.number}" in answer
    assert groups(sequence)[:2] == [(1, 2, 3, 4), (5,)]
    assert "Ends after shot 4: shot 5 has an end frame" in visible(page(client, sequence))
    assert visible(post("start_frame_clear", frame=frame.number).content.decode()).count("Ends on") == 0
    assert "ends on F" in visible(post("start_frame_use", frame=frame.number).content.decode())
    refused = post("start_frame_upload", picture=SimpleUploadedFile("a.png", b"x"), use="end")
    assert "Only a shot has an end frame; name the shot." in refused.content.decode()


def test_strangers_and_reviewers_change_nothing(client: Client, sequence: Sequence) -> None:
    url = reverse("plan_fill", args=[sequence.project.slug, sequence.code])
    reviewer = factories.add_member(sequence.project, role=Role.REVIEWER)
    client.force_login(reviewer)
    assert client.post(url, headers=HTMX).status_code == 422
    client.force_login(factories.make_user())
    assert client.post(url, headers=HTMX).status_code == 404


def test_without_a_start_frame_the_first_call_says_so(client: Client) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    html = page(client, factories.sequence_of(factories.make_project(owner, [Plan()], song=False)))
    assert "No start frame" in visible(html) and 'form="gen" disabled' in html


def test_the_picker_picks_an_end_frame(client: Client, sequence: Sequence, post: Callable[..., HttpResponse]) -> None:
    grid = factories.make_grid_ready(sequence)
    url = reverse("picker", args=[sequence.project.slug, sequence.code])
    html = client.get(url, {"shot": 2, "use": "end"}).content.decode()
    assert 'name="use" value="end"' in html and "shot 2, end frame" in visible(html)
    assert 'name="use"' not in client.get(url, {"use": "end"}).content.decode(), "only a shot has one"
    said = visible(post("pick", grid=grid.number, cell=1, shot=2, use="end").content.decode())
    assert "SEQ01 shot 2 ends on grid 1, cell 1" in said
    frame = sequence.start_frames.get(use="end")
    assert (frame.shot, frame.grid) == (shot(sequence, 2), grid)
    taken = client.get(url, {"shot": 2}).content.decode()
    assert f"Clear F{frame.number}" not in taken, "a frame to end on is none to start from"


def test_a_frame_of_a_take_becomes_an_end_frame(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(factories.make_sequence(sequence.project, Plan(seconds=(1,)), at=40))
    url = reverse("start_frame_take", args=[sequence.project.slug, take.sequence.code])
    first = take.sequence.shots.get()
    said = client.post(url, {"take": 1, "frame": 3, "shot": f"{first.pk} end"}, headers=HTMX).content.decode()
    assert "Shot 1 ends on frame 3 of T1." in visible(said)
    assert take.sequence.start_frames.get(use="end").take_frame == 3
    odd = client.post(url, {"take": 1, "frame": 3, "shot": "x end"}, headers=HTMX)
    assert (odd.status_code, "choose one of the list" in odd.content.decode()) == (422, True)
