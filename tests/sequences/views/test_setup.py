"""Setup through the front door: each form good, refused with its sentence, by a stranger and by a reviewer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sequences.models import Project
from sequences.models.plan import Role
from sequences.orchestration import planning
from sequences.planfile import parse
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
VERBS = {
    "song_set": {},
    "boundary_move": {"left": "SEQ01", "right": "SEQ02", "at": "3"},
    "rows_add": {"section": "More"},
    "details_set": {"title": "Other"},
    "style_set": {"prefix": "grain"},
    "budget_set": {"cap": "90", "why": "more"},
    "limits_set": {"extra_cuts": "2"},
    "limits_reset": {},
    "member_add": {"user": "new"},
}
ROW_VERBS = {
    "row_edit": {"section": "Other"},
    "row_split": {"at": "1"},
    "row_merge": {},
    "row_move": {"to": "down"},
    "row_delete": {},
}


@pytest.fixture
def project(client: Client) -> Project:
    """Three sequences of 4 s on a song of 12 s."""
    owner = factories.make_user("ida")
    client.force_login(owner)
    plans = [Plan(section=name, seconds=(2, 2), prompts=("a", "b")) for name in ("Intro", "Verse", "Outro")]
    return factories.make_project(owner, plans)


def at(project: Project, name: str, *args: Any) -> str:
    return reverse(name, args=[project.slug, *args])


def post(client: Client, address: str, data: dict[str, Any] | None = None, headers: Any = None) -> Any:
    return client.post(address, data or {}, headers=headers or {})


def body(response: Any) -> str:
    return str(response.content.decode())


def spans(project: Project) -> list[tuple[str, float, float]]:
    rows = project.sequences.filter(deleted_at=None)
    return [(s.code, float(s.start), float(s.end)) for s in rows]


def done(response: Any, headers: dict[str, str], anchor: str) -> str:
    """A good answer: a redirect to the section, or the section out of band."""
    if not headers:
        assert response.status_code == 303, body(response)
        assert response["Location"].endswith(f"#{anchor}")
        return ""
    assert response.status_code == 200, body(response)
    assert 'hx-swap-oob="true"' in body(response)
    return body(response)


def refused(client: Client, address: str, data: dict[str, Any], said: str) -> str:
    """Nothing is done and the sentence is said, without script and by htmx; gives what htmx got."""
    for headers in ({}, HTMX):
        for file in data.values():
            if hasattr(file, "seek"):
                file.seek(0)
        response = post(client, address, data, headers)
        if response.status_code == 303:
            response = client.get(response["Location"])
        else:
            assert response.status_code == 422, body(response)
        assert said in body(response)
    return body(response)


def test_shows_every_section(client: Client, project: Project) -> None:
    html = body(client.get(at(project, "project_edit")))
    for part in ("song", "songmap", "sequences", "details", "style", "cap", "limits", "member", "plan"):
        assert f'id="{part}"' in html
    assert 'data-min="0.1" data-max="7.9" aria-label="SEQ01 Intro ends, SEQ02 Verse begins"' in html
    assert "6 shots and 15 s a call; 1 to 15 whole s a shot" in html
    assert "song-12.wav, PCM_S16LE, 8 kHz, mono" in html


def test_without_song_and_sequences_it_says_what_to_do(client: Client) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    html = body(client.get(at(factories.make_project(owner, 0, song=False), "project_edit")))
    assert "No song yet" in html
    assert "No sequences yet" in html
    assert 'id="songmap"' in html


def test_number_of_queries_does_not_grow(client: Client, django_assert_num_queries: Any) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    few, many = factories.make_project(owner, 1, title="Few"), factories.make_project(owner, 6, title="Many")
    for project in (few, many):
        client.get(at(project, "project_edit"))
        with django_assert_num_queries(7):
            client.get(at(project, "project_edit"))


# --- who may ------------------------------------------------------------------------------------------------------


def test_strangers_find_nothing(client: Client, project: Project) -> None:
    client.force_login(factories.make_user())
    assert client.get(at(project, "project_edit")).status_code == 404
    assert client.get(at(project, "plan_toml")).status_code == 404
    for name, data in VERBS.items():
        assert post(client, at(project, name), data).status_code == 404, name
    for name, data in ROW_VERBS.items():
        assert post(client, at(project, name, "SEQ01"), data).status_code == 404, name


def test_reviewers_are_refused(client: Client, project: Project) -> None:
    client.force_login(factories.add_member(project, Role.REVIEWER))
    factories.make_user("new")
    song = SimpleUploadedFile("a.wav", factories.song_file(12).read_bytes())
    before = (spans(project), Project.objects.values().get())
    for name, data in {**VERBS, **ROW_VERBS, "song_set": {"song": song}}.items():
        args = ("SEQ01",) if name in ROW_VERBS else ()
        refused(client, at(project, name, *args), data, "You are a reviewer of Night Ferry;")
    assert (spans(project), Project.objects.values().get()) == before


def test_reviewers_see_why_they_cannot(client: Client, project: Project) -> None:
    client.force_login(factories.add_member(project, Role.REVIEWER))
    html = body(client.get(at(project, "project_edit")))
    assert "You are a reviewer here; this takes an owner or an artist." in html
    assert "You are a reviewer here; this takes an owner." in html
    assert "data-boundary" not in html
    buttons = re.findall(r"<button([^>]*)>(?:<svg.*?</svg>)? ?(?:Save|Replace|Add|Set|Let|Back)", html)
    assert len(buttons) == 13
    assert all("disabled" in attributes for attributes in buttons)


def test_artists_plan_but_do_not_own(client: Client, project: Project) -> None:
    client.force_login(factories.add_member(project, Role.ARTIST))
    assert post(client, at(project, "style_set"), {"prefix": "grain"}).status_code == 303
    refused(client, at(project, "details_set"), {"title": "Mine"}, "You are an artist of Night Ferry;")


# --- song ---------------------------------------------------------------------------------------------------------


@BOTH
def test_song_is_replaced(client: Client, project: Project, headers: dict[str, str]) -> None:
    new = SimpleUploadedFile("longer.wav", factories.song_file(14).read_bytes())
    done(post(client, at(project, "song_set"), {"song": new}, headers), headers, "song")
    assert float(Project.objects.get().song.seconds) == 14


def test_song_is_refused_with_its_reason(client: Client, project: Project) -> None:
    for seconds, said in (
        (None, "No song came along; choose an audio file."),
        (0, "notes.wav"),
        (5, "notes.wav is 0:05 long; SEQ03 ends at 0:12, 7 s later."),
    ):
        data = {}
        if seconds is not None:
            sent = factories.song_file(seconds).read_bytes() if seconds else b"no music"
            data = {"song": SimpleUploadedFile("notes.wav", sent)}
        refused(client, at(project, "song_set"), data, said)
        assert float(Project.objects.get().song.seconds) == 12


# --- sequences ----------------------------------------------------------------------------------------------------


@BOTH
def test_boundary_moves_both_sides(client: Client, project: Project, headers: dict[str, str]) -> None:
    asked = {"left": "SEQ01", "right": "SEQ02", "at": "3.5"}
    done(post(client, at(project, "boundary_move"), asked, headers), headers, "songmap")
    assert spans(project)[:2] == [("SEQ01", 0, 3.5), ("SEQ02", 3.5, 8)]


def test_boundary_stays_when_it_cannot(client: Client, project: Project) -> None:
    asked = {"left": "SEQ01", "right": "SEQ02", "at": "9"}
    html = refused(client, at(project, "boundary_move"), asked, "SEQ0")
    assert "--t:4" in html
    assert spans(project)[0] == ("SEQ01", 0, 4)


def test_borders_at_a_gap_move_alone(client: Client, project: Project) -> None:
    planning.edit_sequence(actor=None, sequence=factories.sequence_of(project, "SEQ02"), start="5")
    html = body(client.get(at(project, "project_edit")))
    assert 'aria-label="SEQ01 Intro ends"' in html
    post(client, at(project, "boundary_move"), {"left": "SEQ01", "right": "", "at": "4.5"})
    assert spans(project)[:2] == [("SEQ01", 0, 4.5), ("SEQ02", 5, 8)]


@BOTH
def test_row_is_edited(client: Client, project: Project, headers: dict[str, str]) -> None:
    asked = {"code": "OPEN", "section": "Opening", "start": "0:00.5", "end": "4", "mode": "per_shot"}
    done(post(client, at(project, "row_edit", "SEQ01"), asked, headers), headers, "row-open")
    row = factories.sequence_of(project, "OPEN")
    assert (row.section, float(row.start), row.mode) == ("Opening", 0.5, "per_shot")


def test_row_keeps_what_was_typed(client: Client, project: Project) -> None:
    for asked, said in (
        ({"end": "6"}, "SEQ01 cannot run 0:00–0:06: SEQ02 runs 0:04–0:08, 2 s of that would be double."),
        ({"start": "soon"}, "Start is &quot;soon&quot;; write a time like 0:54.5 or seconds like 54.5."),
        ({"code": "SEQ02"}, "There is a SEQ02 already; choose another code."),
        ({"code": "a b"}, "&quot;a b&quot; is no code; use up to 20 letters"),
    ):
        form = {
            "code": "SEQ01",
            "section": "Typed anew",
            "start": "0",
            "end": "4",
            "mode": "multi_shot",
            **asked,
        }
        html = refused(client, at(project, "row_edit", "SEQ01"), form, said)
        assert "Typed anew" in html
        assert factories.sequence_of(project).section == "Intro"


def test_saving_a_row_leaves_the_others_alone(client: Client, project: Project) -> None:
    html = body(post(client, at(project, "row_edit", "SEQ02"), {"section": "Other"}, HTMX))
    assert '<tbody id="row-seq02" hx-swap-oob="true">' in html
    assert 'id="row-seq01"' not in html


@BOTH
def test_row_is_added(client: Client, project: Project, headers: dict[str, str]) -> None:
    post(client, at(project, "row_delete", "SEQ03"))
    asked = {"section": "Coda", "start": "0:09", "end": "", "mode": "per_shot", "code": "END"}
    done(post(client, at(project, "rows_add"), asked, headers), headers, "row-end")
    assert spans(project)[-1] == ("END", 9, 12)


def test_row_is_not_added_without_room(client: Client, project: Project) -> None:
    html = refused(
        client,
        at(project, "rows_add"),
        {"section": "Coda"},
        "There is no room after 0:12: the song ends there.",
    )
    assert 'value="Coda"' in html


@BOTH
def test_split_and_join(client: Client, project: Project, headers: dict[str, str]) -> None:
    done(post(client, at(project, "row_split", "SEQ01"), {"at": "0:02"}, headers), headers, "row-seq04")
    assert spans(project)[:2] == [("SEQ01", 0, 2), ("SEQ04", 2, 4)]
    done(post(client, at(project, "row_merge", "SEQ01"), {}, headers), headers, "row-seq01")
    assert spans(project)[0] == ("SEQ01", 0, 4)


def test_split_and_join_say_why_not(client: Client, project: Project) -> None:
    for verb, data, said in (
        ("row_split", {"at": "0:09"}, "0:09 is not inside SEQ03 (0:08–0:12); split between its ends."),
        ("row_split", {"at": ""}, "At is &quot;&quot;; write a time like 0:54.5 or seconds like 54.5."),
        ("row_merge", {}, "SEQ03 is the last one; there is nothing to join it with."),
    ):
        if data.get("at") == "0:09":
            said, data = said.replace("0:09 is", "0:13 is"), {"at": "0:13"}
        refused(client, at(project, verb, "SEQ03"), data, said)
        assert len(spans(project)) == 3


@BOTH
def test_order_changes_and_lengths_stay(client: Client, project: Project, headers: dict[str, str]) -> None:
    done(post(client, at(project, "row_move", "SEQ03"), {"to": "up"}, headers), headers, "row-seq03")
    assert [code for code, *_ in spans(project)] == ["SEQ01", "SEQ03", "SEQ02"]


def test_the_first_cannot_go_up(client: Client, project: Project) -> None:
    post(client, at(project, "row_move", "SEQ01"), {"to": "up"})
    assert [code for code, *_ in spans(project)] == ["SEQ01", "SEQ02", "SEQ03"]


@BOTH
def test_delete_comes_with_a_way_back(client: Client, project: Project, headers: dict[str, str]) -> None:
    response = post(client, at(project, "row_delete", "SEQ02"), {}, headers)
    html = body(response) if headers else body(client.get(response["Location"]))
    assert "SEQ02 is deleted; its takes and grids stay known." in html
    gone = project.sequences.get(code="SEQ02")
    assert gone.deleted_at is not None
    back = post(client, at(project, "row_restore"), {"value": gone.pk}, headers)
    assert not headers or f'id="undo-{gone.pk}" hx-swap-oob="delete"' in body(back)
    assert len(spans(project)) == 3


def test_restore_says_when_its_place_is_taken(client: Client, project: Project) -> None:
    gone = factories.sequence_of(project, "SEQ02")
    post(client, at(project, "row_delete", "SEQ02"))
    post(client, at(project, "rows_add"), {"start": "4", "end": "8"})
    refused(client, at(project, "row_restore"), {"value": gone.pk}, "SEQ02 cannot run 0:04–0:08")


def test_unknown_rows_are_not_there(client: Client, project: Project) -> None:
    for verb in ROW_VERBS:
        assert post(client, at(project, verb, "NONE"), {"at": "1"}).status_code == 404
    assert post(client, at(project, "row_restore"), {"value": "x"}).status_code == 404


# --- project, style, budget, limits -------------------------------------------------------------------------------

DETAILS = {
    "title": "Day Ferry",
    "client": "X",
    "size": "1080x1080",
    "rate": "25",
    "provider": "sketch",
    "grid": "3x3",
}


@BOTH
def test_details_are_saved(client: Client, project: Project, headers: dict[str, str]) -> None:
    asked = {**DETAILS, "model": "sketch/clip", "grid_model": "sketch/grid"}
    done(post(client, at(project, "details_set"), asked, headers), headers, "details")
    now = Project.objects.get()
    assert (now.title, now.width, now.height, now.rate, now.grid) == ("Day Ferry", 1080, 1080, "25", "3x3")
    assert (now.model, now.grid_model, now.slate) == ("sketch/clip", "sketch/grid", False)


def test_details_keep_what_was_typed(client: Client, project: Project) -> None:
    for asked, said in (
        ({"title": " "}, "Title is empty; write something."),
        (
            {"size": "own", "width": "641", "height": "360"},
            "Width is 641; it must be an even number from 64 to 8192.",
        ),
        ({"model": "other/film"}, "model is &quot;other/film&quot;; sketch films with sketch/clip."),
        (
            {"grid_model": "other/grid"},
            "grid_model is &quot;other/grid&quot;; sketch draws grids with sketch/grid.",
        ),
    ):
        form = {**DETAILS, "client": "Typed anew", **asked}
        html = refused(client, at(project, "details_set"), form, said)
        assert 'value="Typed anew"' in html
        assert Project.objects.get().title == "Night Ferry"


@BOTH
def test_style_lines(client: Client, project: Project, headers: dict[str, str]) -> None:
    asked = {"prefix": "35 mm", "suffix": "grain", "negative": "text"}
    done(post(client, at(project, "style_set"), asked, headers), headers, "style")
    assert Project.objects.get().style_prefix == "35 mm"
    long = refused(
        client,
        at(project, "style_set"),
        {"suffix": "x" * 2001},
        "Suffix has 2001 characters; 2000 is the most.",
    )
    assert "x" * 2001 in long


@BOTH
def test_cap_with_its_reason_and_history(client: Client, project: Project, headers: dict[str, str]) -> None:
    done(
        post(client, at(project, "budget_set"), {"cap": "$95.50", "why": "one more chorus"}, headers),
        headers,
        "cap",
    )
    html = body(client.get(at(project, "project_edit")))
    assert Project.objects.get().cap_micros == 95_500_000
    assert "$80.00 &rarr; $95.50" in html
    assert "one more chorus" in html


def test_cap_is_refused(client: Client, project: Project) -> None:
    for asked, said in (
        ({"cap": "95"}, "Say why the cap changes; the reason is kept with it."),
        ({"cap": "", "why": "oops"}, "Budget is &quot;&quot;; write dollars such as"),
        ({"cap": "12,5", "why": "comma"}, "Budget is &quot;12,5&quot;; write dollars such as"),
        (
            {"cap": "0", "why": "stop"},
            "$0.00 is below $0.14, which is spent or promised already; set at least that.",
        ),
    ):
        Project.objects.update(spent_micros=140_000)
        refused(client, at(project, "budget_set"), asked, said)
        assert Project.objects.get().cap_micros == 80_000_000


LIMITS = {
    "duration_frames": "2", "black_seconds": "0.5", "frozen_seconds": "1", "extra_cuts": "1", "missing_cuts": "1",
    "start_match": "0.8", "start_match_warn": "0.7",
}  # fmt: skip


@BOTH
def test_limits_are_set_and_reset(client: Client, project: Project, headers: dict[str, str]) -> None:
    done(post(client, at(project, "limits_set"), LIMITS, headers), headers, "limits")
    assert Project.objects.get().check_limits["duration_frames"] == 2
    html = done(post(client, at(project, "limits_reset"), {}, headers), headers, "limits")
    assert not headers or 'value="0.25"' in html
    assert Project.objects.get().check_limits["duration_frames"] == 1


def test_limits_are_refused(client: Client, project: Project) -> None:
    for asked, said in (
        ({"duration_frames": "many"}, "“Length off by” must be a number"),
        ({"black_seconds": "61"}, "“Longest black” must be between 0 and 60, not 61."),
        ({"extra_cuts": "1.5"}, "“Unplanned cuts” must be a whole number, not 1.5."),
        (
            {"start_match_warn": "0.9"},
            "“Start frame, warn from” must not be higher than “Start frame likeness”.",
        ),
    ):
        html = refused(client, at(project, "limits_set"), {**LIMITS, **asked}, said)
        assert f'value="{next(iter(asked.values()))}"' in html
        assert Project.objects.get().check_limits == {}


# --- members ------------------------------------------------------------------------------------------------------


@BOTH
def test_members_come_change_and_go(client: Client, project: Project, headers: dict[str, str]) -> None:
    ben = factories.make_user("ben")
    done(
        post(client, at(project, "member_add"), {"user": " BEN ", "role": "artist"}, headers),
        headers,
        "member",
    )
    done(post(client, at(project, "member_role", ben.pk), {"role": "reviewer"}, headers), headers, "member")
    assert project.memberships.get(user=ben).role == Role.REVIEWER
    done(post(client, at(project, "member_remove", ben.pk), {}, headers), headers, "member")
    assert project.memberships.count() == 1


def test_members_are_refused(client: Client, project: Project) -> None:
    for name, said in (
        ("", "Write the user name of the person to let in."),
        ("nobody", "There is nobody called &quot;nobody&quot; here; an administrator adds people."),
        ("ida", "ida is in Night Ferry already, as owner."),
    ):
        refused(client, at(project, "member_add"), {"user": name, "role": "artist"}, said)
        assert project.memberships.count() == 1


@pytest.mark.parametrize(("verb", "data"), [("member_role", {"role": "artist"}), ("member_remove", {})])
def test_the_last_owner_stays(client: Client, project: Project, verb: str, data: dict[str, str]) -> None:
    ida = project.memberships.get().user_id
    refused(client, at(project, verb, ida), data, "ida is the only owner of Night Ferry;")
    assert project.memberships.get().role == Role.OWNER


@BOTH
def test_who_leaves_goes_home(client: Client, project: Project, headers: dict[str, str]) -> None:
    person = factories.add_member(project, Role.REVIEWER)
    client.force_login(person)
    response = post(client, at(project, "member_remove", person.pk), {}, headers)
    assert response.headers.get("HX-Redirect" if headers else "Location") == "/"
    assert project.memberships.count() == 1


# --- plan file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_plan_goes_out(client: Client, project: Project, kind: str) -> None:
    response = client.get(at(project, f"plan_{kind}"))
    assert response["Content-Disposition"] == f'attachment; filename="night-ferry.{kind}"'
    plan = parse(response.content, f"plan.{kind}")
    assert [s.section for s in plan.sequences] == ["Intro", "Verse", "Outro"]
