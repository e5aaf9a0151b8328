"""Caps, the proof that the figures are the ledger's, and what happens to money at the edges (group M)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from sequences import costs, transitions
from sequences.errors import Refusal
from sequences.models import DayBudget, Event, Job, LedgerEntry, Project, Take
from sequences.orchestration import (
    budget,
    export_plan,
    import_plan,
    making,
    plan_text,
    prove,
    recount,
    set_budget,
    set_caps,
    set_day_cap,
)
from sequences.queries.proof import proof
from sequences.states import JobState
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


@contextmanager
def refused(code: str, sentence: str) -> Iterator[None]:
    with pytest.raises(Refusal) as caught:
        yield
    assert (caught.value.code, str(caught.value)) == (code, sentence)


@pytest.fixture
def project() -> Project:
    """Two sequences of a second, at a dollar a second and a budget of ten."""
    factories.priced(second="1.00", picture="0.50")
    plans = [Plan(start_frame=True), Plan("Chorus", start_frame=True)]
    return factories.make_project(sequences=plans, song=False, budget="10.00")


def ask(project: Project, code: str = "SEQ01", takes: int = 1) -> list[Take]:
    fresh = Project.objects.get(pk=project.pk)
    return making.request_takes(actor=None, sequences=[fresh.sequences.get(code=code)], takes=takes)


def job_of(takes: list[Take]) -> Job:
    return takes[0].jobs.get()


def money(project: Project) -> tuple[int, int, int]:
    row = Project.objects.get(pk=project.pk)
    return row.held_micros, row.spent_micros, row.overrun_micros


def day(project: Project) -> tuple[int, int, int, int | None]:
    row = DayBudget.objects.get(project=project, day=costs.today())
    return row.held_micros, row.spent_micros, row.overrun_micros, row.cap_micros


def test_a_cap_changes_with_a_reason(project: Project) -> None:
    owner = project.members.get()
    with refused("no_reason", "Say why the cap changes; the reason is kept with it."):
        set_budget(actor=owner, project=project, cap="12", why="  ")
    assert set_budget(actor=owner, project=project, cap="12", why="one more chorus").cap_micros == 12_000_000
    event = Event.objects.get(subject="project")
    assert (event.was, event.now, event.why, event.actor) == ("10.00", "12.00", "one more chorus", owner)
    set_budget(actor=owner, project=project, cap="12.00")  # nothing changes, so nothing has to be said
    assert Event.objects.filter(subject="project").count() == 1


def test_only_an_owner_changes_caps(project: Project) -> None:
    artist = factories.add_member(project)
    for verb in (set_budget, set_day_cap):
        with refused("not_allowed", "You are an artist of Night Ferry; this takes an owner."):
            verb(actor=artist, project=project, cap="99", why="please")
    with refused("not_allowed", "You are an artist of Night Ferry; this takes an owner."):
        recount(actor=artist, project=project)


def test_raising_the_cap_takes_the_overrun_back(project: Project) -> None:
    """M5: a bill above what was held is taken as it is, and counted."""
    costs.settle(job_of(ask(project)), 12_000_000)
    assert money(project) == (0, 12_000_000, 2_000_000)
    with refused("below_spent", "$11.00 is below $12.00, which is spent or promised already; set at least that."):
        set_budget(actor=None, project=project, cap="11", why="half of it")
    set_budget(actor=None, project=project, cap="13", why="all of it")
    assert money(project) == (0, 12_000_000, 0)
    assert job_of(ask(project)).estimate_micros == 1_000_000


def test_a_daily_cap_counts_what_today_has_promised(project: Project) -> None:
    ask(project)
    with refused("below_spent", "$0.50 is below $1.00, which is spent or promised today; set at least that."):
        set_day_cap(actor=None, project=project, cap="0.50", why="slowly")
    with refused("bad_input", 'Daily cap is "a lot"; write dollars such as "80.00", not below 0.'):
        set_day_cap(actor=None, project=project, cap="a lot", why="slowly")
    set_day_cap(actor=None, project=project, cap="2.50", why="slowly")
    assert day(project) == (1_000_000, 0, 0, 2_500_000)
    event = Event.objects.get(subject="day cap")
    assert (event.was, event.now, event.why) == ("none", "2.50", "slowly")
    sentence = (
        "This costs $2.00 and $1.50 of today's $2.50 is left. Ask for less, wait for the next day (UTC), or have an"
        " owner raise the daily cap."
    )
    with refused("over_day_cap", sentence):
        ask(project, takes=2)
    ask(project)
    assert set_day_cap(actor=None, project=project, cap=None, why="in a hurry").day_cap_micros is None
    ask(project, takes=2)
    assert day(project) == (4_000_000, 0, 0, None)


def test_a_new_day_has_a_cap_of_its_own(project: Project) -> None:
    with time_machine.travel(datetime(2031, 3, 1, 23, 59, tzinfo=UTC), tick=False) as clock:
        set_day_cap(actor=None, project=project, cap="1", why="slowly")
        first = job_of(ask(project))
        with pytest.raises(Refusal):
            ask(project)
        clock.move_to(datetime(2031, 3, 2, 0, 0, tzinfo=UTC))
        ask(project)
        # what was promised yesterday is settled on yesterday, and over its cap there
        costs.settle(first, 1_500_000)
        assert day(project) == (1_000_000, 0, 0, 1_000_000)
        yesterday = DayBudget.objects.get(project=project, day=first.held_on)
        assert (yesterday.spent_micros, yesterday.overrun_micros) == (1_500_000, 500_000)
        assert proof(project) == []


def test_both_caps_are_set_or_neither(project: Project) -> None:
    ask(project)
    with pytest.raises(Refusal):
        set_caps(actor=None, project=project, cap="20", day="0.50", why="more")
    row = Project.objects.get(pk=project.pk)
    assert (row.cap_micros, row.day_cap_micros) == (10_000_000, None) and not Event.objects.filter(why="more").exists()
    set_caps(actor=None, project=project, cap="20", day="5", why="more")
    row.refresh_from_db()
    assert (row.cap_micros, row.day_cap_micros) == (20_000_000, 5_000_000)
    set_caps(actor=None, project=project, day=budget.KEEP, cap="21", why="more")
    row.refresh_from_db()
    assert row.day_cap_micros == 5_000_000


def test_a_grid_is_held_by_the_daily_cap_too(project: Project) -> None:
    set_day_cap(actor=None, project=project, cap="0.40", why="slowly")
    with pytest.raises(Refusal, match=r"^This costs \$0.50 and \$0.40 of today's \$0.40 is left"):
        making.explore(actor=None, sequence=project.sequences.get(code="SEQ01"), layout="1x1")
    assert not Job.objects.exists() and not LedgerEntry.objects.exists()


def test_caps_run_out_in_either_order_and_leave_nothing_half_held(project: Project) -> None:
    """M2: all or nothing, whichever level refuses."""
    set_caps(actor=None, project=project, cap="3", day="2", why="tight")
    ask(project, takes=2)
    with pytest.raises(Refusal) as at_day:
        ask(project, "SEQ02")
    set_caps(actor=None, project=project, cap="2", day="9", why="tighter")
    with pytest.raises(Refusal) as at_project:
        ask(project, "SEQ02")
    assert (at_day.value.code, at_project.value.code) == ("over_day_cap", "over_budget")
    assert money(project)[0] == day(project)[0] == 2_000_000
    assert Job.objects.count() == LedgerEntry.objects.count() == 2 and proof(project) == []


def test_a_cap_lowered_to_what_is_promised_lets_it_finish(project: Project) -> None:
    """M3: nothing new is sent, what runs is finished and paid."""
    take = ask(project)[0]
    set_budget(actor=None, project=project, cap="1", why="stop here")
    with pytest.raises(Refusal, match="is left. Ask for less"):
        ask(project, "SEQ02")
    assert factories.finish(take).state == "waiting"
    assert money(project) == (0, 1_000_000, 0)


def test_a_replayed_settlement_changes_nothing(project: Project) -> None:
    """M4: ten times, and a release on top."""
    job = job_of(ask(project))
    for _ in range(10):
        costs.settle(job, 700_000)
        costs.release(job)
    assert money(project) == (0, 700_000, 0) and day(project)[:2] == (0, 700_000)
    assert list(LedgerEntry.objects.values_list("kind", flat=True)) == ["hold", "settle"]


def test_a_bill_below_the_hold_gives_the_rest_back(project: Project) -> None:
    """M5, the other way round."""
    costs.settle(job_of(ask(project, takes=2)), 250_000)
    assert money(project) == (1_000_000, 250_000, 0) and day(project) == (1_000_000, 250_000, 0, None)


def test_a_late_bill_is_counted_once_and_proven(project: Project) -> None:
    job = job_of(ask(project))
    for state in (JobState.SUBMITTING, JobState.UNSURE, JobState.ABSENT):
        transitions.move(job, state)
    costs.release(job)
    assert [costs.bill_late(job, 900_000), costs.bill_late(job, 900_000)] == [True, False]
    assert money(project) == (0, 900_000, 0) and proof(project) == []


@pytest.mark.parametrize("counter", ["held", "spent"])
@pytest.mark.parametrize("model", [Project, DayBudget])
def test_one_wrong_counter_is_named_and_freezes_the_project(
    project: Project, model: type[Project | DayBudget], counter: str
) -> None:
    """M6, for every counter there is."""
    costs.settle(job_of(ask(project)), 1_000_000)
    ask(project)
    other = factories.make_project(title="Other", sequences=[Plan(start_frame=True)], song=False)
    assert prove(actor=None, project=project) == []
    model._default_manager.filter(spent_micros=1_000_000).update(**{f"{counter}_micros": 1_500_000})

    wrong = prove(actor=None, project=project)
    where = "night-ferry" if model is Project else f"night-ferry on {costs.today()}"
    assert [str(row) for row in wrong] == [f"{where}: {counter} is $1.50, the ledger says $1.00."]
    prove(actor=None, project=project)
    assert Event.objects.filter(subject="money", now="frozen").count() == 1
    with pytest.raises(Refusal, match="^The ledger of Night Ferry does not add up, so nothing is asked for.") as told:
        ask(project, "SEQ02")
    assert told.value.code == "frozen"
    with pytest.raises(Refusal, match="does not add up"):
        making.explore(actor=None, sequence=project.sequences.get(code="SEQ02"), layout="1x1")
    assert ask(other)

    assert len(recount(actor=project.members.get(), project=project)) == 1
    assert proof(project) == [] and money(project)[:2] == (1_000_000, 1_000_000)
    assert ask(project, "SEQ02") and recount(actor=None, project=project) == []
    assert list(Event.objects.filter(subject="money").values_list("now", flat=True)) == ["frozen", "open"]


def test_figures_counted_anew_may_stand_over_a_cap(project: Project) -> None:
    set_caps(actor=None, project=project, cap="10", day="10", why="tight")
    costs.settle(job_of(ask(project)), 12_000_000)
    Project.objects.update(spent_micros=0, overrun_micros=0)
    DayBudget.objects.all().delete()
    assert len(recount(actor=None, project=project)) == 2
    assert money(project) == (0, 12_000_000, 2_000_000) and proof(project) == []


def test_a_plan_that_changes_the_budget_says_so(project: Project, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(plan_text(export_plan(actor=None, project=project)).replace('budget = "10.00"', 'budget = "25.00"'))
    for _ in range(2):
        import_plan(actor=None, plan=plan)
        event = Event.objects.get(subject="project")
        assert (event.was, event.now, event.why) == ("10.00", "25.00", "imported plan")
    # a bill has passed the cap: the same plan still comes in
    costs.settle(job_of(ask(project)), 30_000_000)
    assert not import_plan(actor=None, plan=plan).created and money(project)[2] == 5_000_000
