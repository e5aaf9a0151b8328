"""explore, pick_start_frame, request_takes, retry, cancel: documents, money, refusals, --wait."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from sequences.models import Event, Grid, Job, LedgerEntry, Project, Take
from sequences.models.plan import Role
from tests.commands import document, ran, refused, typed
from tests.factories import (
    Plan,
    add_member,
    faults,
    make_grid_ready,
    make_project,
    make_take,
    make_user,
    priced,
    sequence_of,
    small_grids,
)

pytestmark = pytest.mark.django_db

GRID = {"id", "sequence", "state", "rows", "cols", "width", "height", "file"}
CALL = {"sequence", "take", "shots", "endpoint", "seconds", "start", "end", "elements", "dropped", "price"}
TWO = Plan(prompts=("a pier, @mara waits", "a lamp"), seconds=(1, 1.5), elements=("mara",), start_frame=True)
IN = ("--project", "night-ferry")


def test_explore_waits_and_names_the_file_as_it_came() -> None:
    make_project(sequences=2)
    with small_grids():
        made = document("explore", "SEQ01", "SEQ02", *IN, "--count", 2, "--layout", "2x2", "--seed", 9, "--wait")
    assert [set(g) for g in made["grids"]] == [GRID] * 4
    assert [(g["sequence"], g["state"], g["rows"], g["cols"]) for g in made["grids"]][::2] == [
        ("SEQ01", "waiting", 2, 2), ("SEQ02", "waiting", 2, 2)
    ]  # fmt: skip
    rows = [Grid.objects.get(pk=g["id"]) for g in made["grids"]]
    assert [r.seed for r in rows] == [9, 10, 9, 10]
    for shown, row in zip(made["grids"], rows, strict=True):
        assert hashlib.sha256(Path(shown["file"]).read_bytes()).hexdigest() == row.sha256
        assert Image.open(shown["file"]).size == (shown["width"], shown["height"])


def test_explore_is_all_or_nothing() -> None:
    project = make_project(sequences=[Plan(), Plan(prompts=("",))])
    assert refused("explore", "SEQ01", "SEQ02", *IN)["where"] == "prompt"
    assert refused("explore", "SEQ01", "SEQ9", *IN)["code"] == "not_found"
    assert refused("explore", "SEQ01", *IN, "--layout", "4x4")["where"] == "layout"
    assert not Job.objects.filter(project=project).exists() and not LedgerEntry.objects.exists()


def test_explore_says_its_price() -> None:
    make_project(sequences=2)
    priced(picture="0.04")
    told = document("explore", "SEQ01", "SEQ02", *IN, "--count", 3, "--dry-run")
    assert told == {"grids": [], "total": "0.24", "cap_left": "80.00", "day_left": None}
    assert not Grid.objects.exists()


def test_explore_names_what_failed() -> None:
    make_project(sequences=2)
    with small_grids(), faults("moderation@SEQ02"):
        code, out, err = ran("explore", "SEQ01", "SEQ02", *IN, "--wait", "--json")
    assert code == 1 and err.startswith("SEQ02/G1 failed: ")
    assert [g["state"] for g in json.loads(out)["grids"]] == ["waiting", "failed"]
    assert json.loads(out)["grids"][1]["file"] is None


def test_pick_start_frame_by_id_and_by_name() -> None:
    grid = make_grid_ready(sequence_of(make_project()), "2x2")
    picked = document("pick_start_frame", grid.pk, "--cell", 2)["start_frame"]
    assert set(picked) == {"id", "sequence", "grid", "cell", "box", "width", "height", "file"}
    assert (picked["sequence"], picked["grid"], picked["cell"]) == ("SEQ01", grid.pk, 2)
    x, y, width, height = picked["box"]
    with Image.open(picked["file"]) as picture:
        assert picture.size == (width, height) == (picked["width"], picked["height"])
    named = document("pick_start_frame", "SEQ01/G1", *IN, "--cell", 2, "--box", x, y, width, height)["start_frame"]
    assert named == picked


def test_a_shot_of_its_own_start() -> None:
    sequence = sequence_of(make_project())
    make_grid_ready(sequence)
    document("pick_start_frame", "SEQ01/G1", *IN, "--cell", 1, "--shot", 1)
    assert sequence.start_frames.get().shot == sequence.shots.get()
    assert refused("pick_start_frame", "SEQ01/G1", *IN, "--cell", 1, "--shot", 7)["where"] == "--shot"


@pytest.mark.parametrize(
    ("words", "code", "where"),
    [
        (("SEQ01/G1", "--cell", "5", *IN), "bad_input", "cell"),
        (("SEQ01/G1", "--cell", "1", "--box", "0", "0", "9999", "9999", *IN), "bad_crop", "box"),
        (("SEQ01/G7", "--cell", "1", *IN), "not_found", "SEQ01/G7"),
        (("SEQ01/T1", "--cell", "1", *IN), "bad_input", "SEQ01/T1"),
        (("SEQ01/G1", "--cell", "1"), "bad_input", "--project"),
        (("999999999999999999999999", "--cell", "1"), "not_found", "999999999999999999999999"),
        (("0", "--cell", "1"), "not_found", "0"),
        (("SEQ01/G1", "--cell", "1", "--project", "night-fery"), "not_found", "--project"),
    ],
)
def test_a_pick_that_cannot_be(words: tuple[str, ...], code: str, where: str) -> None:
    make_grid_ready(sequence_of(make_project()))
    error = refused("pick_start_frame", *words)
    assert (error["code"], error["where"]) == (code, where)


def test_a_stranger_finds_no_grid() -> None:
    grid = make_grid_ready(sequence_of(make_project()))
    make_user("stranger")
    for word in (str(grid.pk), "SEQ01/G1"):
        assert refused("pick_start_frame", word, *IN, "--cell", 1, "--user", "stranger")["code"] == "not_found"
    assert refused("pick_start_frame", grid.pk, "--cell", 1, "--user", "stranger")["message"].startswith("There is no")


def test_a_rehearsal_shows_calls_and_writes_nothing() -> None:
    make_project(sequences=[TWO, TWO], elements=("mara",), budget="2.00")
    priced(second="0.14")
    before = _rows()
    told = document("request_takes", "SEQ02", "SEQ01", *IN, "--takes", 2, "--dry-run")
    assert set(told) == {"calls", "total", "cap_left", "day_left"}
    assert [set(c) for c in told["calls"]] == [CALL] * 4
    assert told["calls"][0] == {
        "sequence": "SEQ01", "take": 1, "shots": [1, 2], "endpoint": "sketch/clip", "seconds": 3, "start": "frame",
            "end": False,
        "elements": [], "dropped": [{"element": "mara", "reason": "has no reference picture"}], "price": "0.42",
    }  # fmt: skip
    assert [(c["sequence"], c["take"]) for c in told["calls"][1:]] == [("SEQ01", 2), ("SEQ02", 1), ("SEQ02", 2)]
    assert (told["total"], told["cap_left"]) == ("1.68", "2.00")
    assert _rows() == before


def _rows() -> tuple[int, ...]:
    project = Project.objects.get()
    counts = [m.objects.count() for m in (Take, Job, LedgerEntry, Event)]
    return (*counts, project.held_micros, project.spent_micros)


def test_money_wants_a_word_and_free_takes_none() -> None:
    make_project(sequences=[Plan(start_frame=True)])
    priced(second="0.14")
    assert refused("request_takes", "SEQ01", *IN)["code"] == "not_confirmed"
    assert not Take.objects.exists()
    made = document("request_takes", "SEQ01", *IN, "--yes")
    assert (made["total"], made["cap_left"]) == ("0.14", "80.00")
    priced(second="0")
    assert document("request_takes", "SEQ01", *IN)["takes"][0]["number"] == 2


def test_takes_are_made_here_when_nobody_else_works() -> None:
    make_project(sequences=[Plan(start_frame=True), Plan(), Plan(prompts=("a hill", "a road"), seconds=(1, 1))])
    made = document("request_takes", "--ready", *IN, "--seed", 5, "--wait")
    assert set(made) == {"calls", "total", "cap_left", "day_left", "takes", "admission", "batch"}
    take = Take.objects.get()
    jobs = list(Job.objects.values_list("pk", flat=True))
    assert made["takes"] == [{"id": take.pk, "sequence": "SEQ01", "number": 1, "state": "waiting", "jobs": jobs}]
    assert take.seed == 5


def test_nothing_is_ready() -> None:
    make_project(sequences=1)
    made = document("request_takes", "--ready", *IN)
    assert made.pop("admission")["verdict"] == "blocked"
    assert made == {"calls": [], "total": "0.00", "cap_left": "80.00", "day_left": None, "takes": [], "batch": None}


def test_a_take_that_fails_is_named_then_retried() -> None:
    make_project(sequences=[Plan(start_frame=True), Plan(start_frame=True)])
    with faults("moderation@SEQ02"):
        code, out, err = ran("request_takes", "--ready", *IN, "--wait", "--json")
    assert code == 1 and "SEQ02/T1 failed: Call 1: " in err and "SEQ01/T1 failed" not in err
    assert [t["state"] for t in json.loads(out)["takes"]] == ["waiting", "failed"]
    priced(second="0.14")
    assert refused("retry", "SEQ02/T1", *IN)["message"] == "This costs $0.14; say so with --yes."
    done = document("retry", "SEQ02/T1", *IN, "--yes", "--wait")
    assert [(t["sequence"], t["state"], len(t["jobs"])) for t in done["takes"]] == [("SEQ02", "waiting", 2)]
    assert refused("retry", "SEQ02/T1", *IN)["code"] == "not_allowed"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("SEQ02",), "not_ready"),
        (("SEQ09",), "not_found"),
        (("SEQ01", "--takes", "21"), "bad_input"),
        (("SEQ01", "--model", "nobody/nothing"), "bad_input"),
        (("SEQ01", "--takes", "20", "--yes"), "over_budget"),
    ],
)
def test_takes_that_cannot_be(words: tuple[str, ...], code: str) -> None:
    make_project(sequences=[Plan(start_frame=True), Plan()], budget="1.00")
    priced(second="0.14")
    assert refused("request_takes", *words, *IN)["code"] == code
    assert not Take.objects.exists()


def test_a_reviewer_asks_for_nothing() -> None:
    project = make_project(sequences=[Plan(start_frame=True)])
    add_member(project, Role.REVIEWER, "rita")
    assert refused("request_takes", "SEQ01", *IN, "--user", "rita")["code"] == "not_allowed"
    assert not Take.objects.exists()


def test_cancel_what_is_in_flight() -> None:
    take = make_take(sequence_of(make_project()), "making")
    assert document("cancel", str(take), *IN) == {"cancelled": {"what": "SEQ01/T1", "calls": 1}}
    assert take.jobs.get().cancel_asked
    assert refused("cancel", "12", *IN)["where"] == "12"


def test_the_plan_is_a_table_for_people() -> None:
    make_project(sequences=[TWO], elements=("mara",))
    code, out, _ = ran("request_takes", "SEQ01", *IN, "--dry-run")
    assert code == 0 and "mara (has no reference picture)" in out and "1, 2" in out
    assert out.rstrip().endswith("1 calls, $0.00; $80.00 of the budget is left before it.")


def test_usage(capfd: pytest.CaptureFixture[str]) -> None:
    make_project()
    assert typed("explore", "SEQ01") == typed("explore", *IN) == 2
    assert typed("pick_start_frame", "1") == 2
    assert typed("request_takes", *IN) == typed("request_takes", "SEQ01", "--ready", *IN) == 2
    assert typed("request_takes", "SEQ01", "--takes", "many", *IN) == 2
    assert not Take.objects.exists()
    assert "Name sequences, or give --ready" in capfd.readouterr().err
