"""Setup through the front door: song, sequences and who may; good, refused with its sentence, by a stranger."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sequences.models import Project
from sequences.models.plan import Role
from sequences.orchestration import planning
from tests import factories
from tests.sequences.views.setting_up import BOTH, HTMX, at, body, done, post, refused, spans, three

pytestmark = pytest.mark.django_db

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
    return three(client)


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
