"""jobs, board, costs: what there is, in the contract's words."""

from __future__ import annotations

import pytest

from sequences.models import Job, Take
from tests.commands import document, ran, refused, typed
from tests.factories import (
    faults,
    finish,
    make_grid_ready,
    make_project,
    make_take,
    make_user,
    priced,
    sequence_of,
)

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")


def test_the_board() -> None:
    project = make_project(sequences=3)
    priced(second="0.14", picture="0.04")
    make_grid_ready(sequence_of(project, "SEQ02"))
    approved = make_take(sequence_of(project, "SEQ01"), "approved")
    make_take(sequence_of(project, "SEQ03"), "making")
    board = document("board", *IN)
    assert board["project"] == {
        "slug": "night-ferry", "title": "Night Ferry", "cap": "80.00", "spent": "0.18", "held": "0.14",
        "song_seconds": 3,
    }  # fmt: skip
    assert board["sequences"][0] == {
        "code": "SEQ01", "section": "Part 1", "start": 0, "end": 1, "mode": "multi_shot", "stage": "approved",
        "shots": 1, "grids": 0, "takes": 1, "approved_take": approved.pk, "spent": "0.14", "next_action": "play",
        "jobs_live": 0,
    }  # fmt: skip
    seen = [(s["stage"], s["next_action"], s["grids"], s["takes"], s["jobs_live"]) for s in board["sequences"][1:]]
    assert seen == [("pick_start_frame", "pick", 1, 0, 0), ("generating", "open", 0, 1, 1)]
    code, out, _ = ran("board", *IN, "--once")
    assert code == 0 and "Night Ferry: $0.18 spent, $0.14 held of $80.00" in out and "pick start frame" in out


def test_a_board_without_song_or_sequences() -> None:
    make_project(sequences=0, song=False)
    board = document("board", *IN)
    assert board["project"]["song_seconds"] is None and board["sequences"] == []


def test_jobs() -> None:
    project = make_project(sequences=2)
    priced(second="0.14")
    done = make_take(sequence_of(project, "SEQ01"))
    with faults("moderation"):
        failed = finish(make_take(sequence_of(project, "SEQ02"), "making"))
    live = make_take(sequence_of(project, "SEQ02"), "making")
    jobs = document("jobs", *IN)["jobs"]
    assert [set(j) for j in jobs] == [
        {
            "id", "kind", "state", "provider", "endpoint", "request_id", "attempts", "estimate", "cost",
            "look_again_at", "deadline", "error",
        }
    ] * 3  # fmt: skip
    assert [(j["id"], j["state"], j["estimate"], j["cost"]) for j in jobs] == [
        (done.jobs.get().pk, "done", "0.14", "0.14"),
        (failed.jobs.get().pk, "failed", "0.14", "0.00"),
        (live.jobs.get().pk, "queued", "0.14", None),
    ]
    assert jobs[0]["look_again_at"] is None and jobs[0]["attempts"] >= 1 and jobs[0]["request_id"]
    assert jobs[2]["look_again_at"].endswith("Z") and jobs[2]["deadline"].endswith("Z")
    assert [j["id"] for j in document("jobs", *IN, "--live")["jobs"]] == [live.jobs.get().pk]


def test_costs_add_up() -> None:
    project = make_project(sequences=2)
    priced(second="0.14", picture="0.04")
    make_take(sequence_of(project, "SEQ01"), "approved")
    with faults("crash:charged"):
        finish(make_take(sequence_of(project, "SEQ02"), "making"))
    told = document("costs", *IN)
    assert {k: told[k] for k in ("cap", "spent", "held", "per_approved_second", "unassigned")} == {
        "cap": "80.00", "spent": "0.28", "held": "0.00", "per_approved_second": "0.28", "unassigned": "0.14"
    }  # fmt: skip
    assert [(s["sequence"], s["spent"], s["per_approved_second"]) for s in told["by_sequence"]] == [
        ("SEQ01", "0.14", "0.14"), ("SEQ02", "0.00", None)
    ]  # fmt: skip
    assert [{k: m[k] for k in ("model", "kind", "calls", "kept", "spent", "failed")} for m in told["by_model"]] == [
        {"model": "sketch/clip", "kind": "video", "calls": 2, "kept": 1, "spent": "0.28", "failed": 1}
    ]
    assert {"low", "high"} <= set(told["to_finish"])
    assert [(u["sequence"], u["spent"]) for u in told["unassigned_calls"]] == [("SEQ02", "0.14")]
    code, out, _ = ran("costs", *IN)
    assert code == 0 and "Paid for nothing: $0.14." in out


@pytest.mark.parametrize("name", ["board", "jobs", "costs"])
def test_strangers_see_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    make_project()
    make_user("stranger")
    assert refused(name, *IN, "--user", "stranger")["code"] == "not_found"
    assert refused(name, "--project", "nothing")["message"].startswith("There is no project nothing.")
    assert typed(name) == 2
    assert typed("board", *IN, "--watch", "--json") == typed("board", *IN, "--watch", "--once") == 2
    assert not Job.objects.exists() and not Take.objects.exists()
