"""budget, and what costs says beside the report: ledger, proof, mending."""

from __future__ import annotations

import pytest

from sequences import costs
from sequences.models import Event, Project
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, add_member, make_project, make_take, make_user, priced, sequence_of

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")


@pytest.fixture
def project() -> Project:
    """A take of a dollar in flight, of a budget of eighty."""
    priced(second="1.00")
    project = make_project(sequences=[Plan(start_frame=True)], song=False)
    make_take(sequence_of(project), "making")
    return project


def test_the_budget_is_shown(project: Project) -> None:
    told = document("budget", *IN)["budget"]
    assert told == {
        "cap": "80.00", "spent": "0.00", "held": "1.00", "left": "79.00", "overrun": "0.00",
        "day": {"date": costs.today().isoformat(), "cap": None, "spent": "0.00", "held": "1.00", "left": None,
                "overrun": "0.00"},
    }  # fmt: skip
    code, out, _ = ran("budget", *IN)
    assert (code, out) == (0, "$0.00 spent, $1.00 held, $79.00 left of $80.00.\nThere is no daily cap.\n")
    assert not Event.objects.filter(subject="project").exists()


def test_the_caps_are_set(project: Project) -> None:
    told = document("budget", *IN, "--cap", "90", "--day", "2.50", "--why", "one more chorus")["budget"]
    assert (told["cap"], told["left"], told["day"]["cap"], told["day"]["left"]) == ("90.00", "89.00", "2.50", "1.50")
    code, out, _ = ran("budget", *IN)
    assert code == 0 and out.endswith("(UTC): $0.00 spent, $1.00 held, $1.50 left of $2.50.\n")
    assert document("budget", *IN, "--day", "none", "--why", "in a hurry")["budget"]["day"]["cap"] is None
    whys = Event.objects.filter(subject__in=["project", "day cap"]).values_list("why", flat=True)
    assert list(whys) == ["one more chorus", "one more chorus", "in a hurry"]


def test_the_caps_are_refused(project: Project) -> None:
    artist = add_member(project)
    for words, code in (
        (("--cap", "90"), "no_reason"),
        (("--cap", "0.50", "--why", "less"), "below_spent"),
        (("--day", "0.50", "--why", "less"), "below_spent"),
        (("--day", "soon", "--why", "less"), "bad_input"),
        (("--cap", "90", "--why", "more", "--user", artist.username), "not_allowed"),
    ):
        assert refused("budget", *IN, *words)["code"] == code, words
    make_user("stranger")
    assert refused("budget", *IN, "--user", "stranger")["code"] == "not_found"
    assert typed("budget") == 2


def test_a_spend_over_the_day_is_refused_before_it_is_held(project: Project) -> None:
    document("budget", *IN, "--day", "1.50", "--why", "slowly")
    error = refused("request_takes", *IN, "SEQ01", "--yes")
    assert error["code"] == "over_day_cap"
    assert error["message"].startswith("This costs $1.00 and $0.50 of today's $1.50 is left.")
    assert refused("request_takes", *IN, "SEQ01", "--dry-run")["code"] == "over_day_cap"
    document("budget", *IN, "--day", "2.50", "--why", "faster")
    shown = document("request_takes", *IN, "SEQ01", "--dry-run")
    assert (shown["total"], shown["cap_left"], shown["day_left"]) == ("1.00", "79.00", "1.50")
    prose = ran("request_takes", *IN, "SEQ01", "--dry-run")[1]
    assert "$79.00 of the budget, $1.50 of today's is left before it." in prose
    assert document("explore", *IN, "SEQ01", "--dry-run")["day_left"] == "1.50"


def test_the_report_with_its_ledger(project: Project) -> None:
    told = document("costs", *IN, "--ledger")
    assert [(e["kind"], e["sequence"], e["work"], e["amount"], e["held_after"]) for e in told["ledger"]] == [
        ("hold", "SEQ01", "T1 call 1", "1.00", "1.00")
    ]
    assert [(t["take"], t["held"], t["spent"]) for t in told["by_take"]] == [(1, "1.00", "0.00")]
    assert told["by_revision"] == [] and told["overrun"] == "0.00" and told["day"]["held"] == "1.00"
    assert told["failed"] == {"calls": 0, "spent": "0.00", "attempts": []}
    assert "ledger" not in document("costs", *IN)
    code, out, _ = ran("costs", *IN, "--ledger")
    assert code == 0 and "T1 call 1" in out and "0 attempts brought nothing; $0.00 was paid for them." in out


def test_a_wrong_figure_is_proven_and_mended(project: Project) -> None:
    assert document("costs", *IN, "--prove") == {"wrong": []}
    Project.objects.update(held_micros=2_000_000)
    code, out, err = ran("costs", *IN, "--prove")
    assert (code, out) == (1, "")
    assert err == (
        "night-ferry: held is $2.00, the ledger says $1.00.\n"
        "Nothing more is held for night-ferry until: costs --project night-ferry --mend\n"
    )
    assert refused("request_takes", *IN, "SEQ01", "--yes")["code"] == "frozen"
    mended = document("costs", *IN, "--mend")
    assert mended["mended"] == [{"day": None, "counter": "held", "have": "2.00", "ledger": "1.00"}]
    assert (mended["held"], document("costs", *IN, "--prove")["wrong"]) == ("1.00", [])
    assert "Nothing was wrong." in ran("costs", *IN, "--mend")[1]
    assert document("request_takes", *IN, "SEQ01", "--yes")["takes"]
    assert typed("costs", *IN, "--prove", "--mend") == 2
