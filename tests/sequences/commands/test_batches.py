"""request_takes --ready and batches: one answer, a result for each, pause and resume by command."""

from __future__ import annotations

import json

import pytest

from sequences import execution, orchestration
from sequences.models import Batch, BatchItem, Job, Take
from sequences.models.plan import Role
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, add_member, make_project, make_take, priced, sequence_of

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")
READY = Plan(start_frame=True)
LONG = Plan(prompts=("a" * 600,), start_frame=True)
BATCH = {
    "number", "state", "takes", "model", "price", "cost", "asked_at", "paused_at", "calls_sent", "calls_waiting",
    "items",
}  # fmt: skip
ITEM = {"sequence", "take", "number", "state", "price", "cost", "refusal"}


def test_ready_asks_for_what_is_missing_and_tells_each_result() -> None:
    project = make_project(sequences=[READY, READY, LONG, Plan()])
    make_take(sequence_of(project, "SEQ02"), "approved")
    priced()
    code, out, err = ran("request_takes", "--ready", *IN, "--takes", 2, "--yes", "--json")
    made = json.loads(out)
    assert code == 1 and "SEQ03 got no take: Shot 1's prompt is 600 characters" in err
    assert [(t["sequence"], t["number"]) for t in made["takes"]] == [("SEQ01", 1), ("SEQ01", 2)]
    assert [c["sequence"] for c in made["calls"]] == ["SEQ01", "SEQ01"] and made["total"] == "0.28"
    assert {k: made["admission"][k] for k in ("verdict", "ask_first", "total", "skipped")} == {
        "verdict": "pass", "ask_first": "5.00", "total": "0.28", "skipped": []
    }  # fmt: skip
    assert made["admission"]["tiers"] == [
        {"endpoint": "sketch/clip", "size": "90p", "seconds": 1.0, "calls": 2, "sequences": ["SEQ01"], "price": "0.28"}
    ]
    assert [b["sequence"] for b in made["admission"]["blocked"]] == ["SEQ03"]
    assert set(made["batch"]) == BATCH and {frozenset(i) for i in made["batch"]["items"]} == {frozenset(ITEM)}
    assert [(i["sequence"], i["state"]) for i in made["batch"]["items"]] == [
        ("SEQ01", "making"), ("SEQ01", "making"), ("SEQ03", "refused")
    ]  # fmt: skip


def test_again_includes_what_has_a_take() -> None:
    project = make_project(sequences=[READY, READY])
    make_take(sequence_of(project, "SEQ02"))
    told = document("request_takes", "--ready", *IN, "--dry-run")
    assert [c["sequence"] for c in told["calls"]] == ["SEQ01"] and "batch" not in told
    made = document("request_takes", "--ready", "--again", *IN)
    assert [(t["sequence"], t["number"]) for t in made["takes"]] == [("SEQ01", 1), ("SEQ02", 2)]
    assert typed("request_takes", "SEQ01", "--again", *IN) == 2


def test_money_wants_a_word_and_a_cap_stops_all() -> None:
    make_project(sequences=[READY, READY], budget="1.00")
    priced()
    assert refused("request_takes", "--ready", *IN)["code"] == "not_confirmed"
    priced(second="0.90")
    assert refused("request_takes", "--ready", *IN, "--yes")["code"] == "over_budget"
    assert not Batch.objects.exists() and not Take.objects.exists()


def test_the_answer_for_people() -> None:
    make_project(sequences=[READY, LONG])
    priced(second="9")
    code, out, _ = ran("request_takes", "--ready", *IN, "--dry-run")
    assert code == 0 and "Confirm: 1 sequence, 1 take each, $9.00, over the ask-first limit of $5.00." in out
    assert "1 × 1 s" in out and "SEQ02 is left out: Shot 1's prompt" in out


def test_batches_are_listed_shown_paused_resumed_and_called_off() -> None:
    make_project(sequences=[READY, READY])
    assert document("batches", *IN) == {"batches": []}
    assert "has no batch yet" in ran("batches", *IN)[1]
    document("request_takes", "--ready", *IN)
    assert [set(b) for b in document("batches", *IN)["batches"]] == [BATCH]
    paused = document("batches", "--pause", 1, *IN)["batch"]
    assert (paused["state"], paused["calls_waiting"], paused["calls_sent"]) == ("paused", 2, 0)
    assert execution.sweep() == []
    assert "paused" in ran("batches", *IN)[1]
    assert document("batches", "--resume", 1, *IN)["batch"]["state"] == "running"
    made = document("batches", 1, "--wait", *IN)["batch"]
    assert (made["state"], [i["state"] for i in made["items"]]) == ("done", ["waiting", "waiting"])
    assert refused("batches", "--pause", 1, *IN)["code"] == "not_allowed"
    document("request_takes", "--ready", "--again", *IN)
    assert document("batches", "--cancel", 2, *IN)["batch"]["number"] == 2
    assert Job.objects.filter(cancel_asked=True).count() == 2
    code, out, _ = ran("batches", 1, *IN)
    assert code == 0 and "Batch 1 is done: 2 asked for, 0 refused, 0 calls sent, 0 not sent." in out


def test_what_was_refused_is_tried_again_at_a_price_of_its_own() -> None:
    project = make_project(sequences=[READY, LONG])
    ran("request_takes", "--ready", *IN)
    assert refused("batches", "--retry", 1, *IN)["code"] == "not_ready"
    orchestration.revise(actor=None, shot=sequence_of(project, "SEQ02").shots.get(), text="a pier")
    priced()
    assert refused("batches", "--retry", 1, *IN)["code"] == "not_confirmed"
    made = document("batches", "--retry", 1, "--yes", *IN)
    assert [(i["sequence"], i["number"]) for i in made["batch"]["items"]] == [("SEQ02", 1)]
    assert made["admission"]["total"] == "0.14"
    assert refused("batches", "--retry", 2, *IN)["code"] == "not_allowed"


def test_what_broke_off_goes_on() -> None:
    make_project(sequences=[READY, READY])
    document("request_takes", "--ready", *IN)
    Take.objects.filter(sequence__code="SEQ02").delete()
    assert document("batches", 1, *IN)["batch"]["state"] == "stopped"
    assert document("batches", "--continue", 1, *IN)["batch"]["state"] == "running"
    assert BatchItem.objects.filter(take=None).count() == 0


def test_usage_and_strangers(capfd: pytest.CaptureFixture[str]) -> None:
    project = make_project(sequences=[READY])
    document("request_takes", "--ready", *IN)
    assert typed("batches", "1", "--pause", "1", *IN) == typed("batches", "--pause", "1", "--resume", "1", *IN) == 2
    assert refused("batches", 7, *IN)["code"] == refused("batches", 0, *IN)["code"] == "not_found"
    add_member(project, Role.REVIEWER, "rita")
    assert refused("batches", "--pause", 1, *IN, "--user", "rita")["code"] == "not_allowed"
    assert "Name one batch" in capfd.readouterr().err
