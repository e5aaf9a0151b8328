"""Every grouping of the costs adds up to what was spent, whatever happened; and each amount is where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sequences import costs, transitions
from sequences.models import Grid, Job, LedgerEntry, Project, StartFrame, Take
from sequences.orchestration import making, prompting
from sequences.providers import catalogue
from sequences.queries.costs import costs_report, ledger
from sequences.queries.costs.finish import NO_HISTORY, hit_range
from sequences.queries.proof import proof
from sequences.states import JobState
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

MOVES = {
    "made": ("submitting", "submitted", "ready", "done"),
    "failed": ("submitting", "failed"),
    "charged": ("submitting", "submitted", "failed"),
    "estimated": ("submitting", "unsure", "absent"),
    "cancelled": ("submitting", "submitted", "cancelling", "cancelled"),
    "late": ("submitting", "unsure", "absent"),
    "lost": ("submitting", "submitted", "ready", "lost"),
}


def fresh(project: Project) -> Project:
    return Project.objects.get(pk=project.pk)


def end(job: Job, how: str, billed: int) -> None:
    """Bring a job to an end as the engine does, without drawing."""
    for state in MOVES[how]:
        transitions.move(job, JobState(state))
    if how in ("failed", "cancelled", "late"):
        costs.release(job)
        if how == "late":
            costs.bill_late(job, billed)
        return
    actual = None if how == "estimated" else billed
    Job.objects.filter(pk=job.pk).update(
        cost_micros=costs.settle(job, actual), charged=None if how == "estimated" else True
    )


def holds_together(project: Project) -> None:
    """The sums the report promises."""
    row, report = fresh(project), costs_report(fresh(project))
    nothing = report.unassigned_total
    assert (report.spent, report.held) == (row.spent_micros, row.held_micros)
    assert sum(s.spent for s in report.by_sequence) + nothing == report.spent
    assert sum(s.held for s in report.by_sequence) == report.held
    assert sum(t.spent for t in report.by_take) + report.pictures + nothing == report.spent
    assert sum(m.spent for m in report.by_model) == report.spent
    shared = sum(r.spent for r in report.by_revision)
    assert shared + report.unshared + report.exploration + nothing == report.spent
    assert sum(s.exploration for s in report.by_sequence) == report.exploration
    assert sum(s.lost for s in report.by_sequence) == nothing == report.failed_total
    assert sum(s.failed for s in report.by_sequence) == len([f for f in report.failed if f.outcome != "unknown"])
    assert proof(row) == []
    newest = ledger(row, size=None).rows[:1]
    assert not newest or (newest[0].held_after, newest[0].spent_after) == (row.held_micros, row.spent_micros)


def frame_of(grid: Grid, shot: Any = None) -> StartFrame:
    """A start frame cut from a grid, without drawing one."""
    sequence = grid.sequence
    sequence.start_frames.filter(state="approved", shot=shot).update(state="superseded")
    return StartFrame.objects.create(
        sequence=sequence, shot=shot, number=sequence.start_frames.count() + 1, state="approved", source="grid",
        grid=grid, cell=1, box=[0, 0, 640, 360], file="projects/x.png", sha256="a" * 64, width=640, height=360,
    )  # fmt: skip


ENDS = st.tuples(st.sampled_from([*MOVES, "open"]), st.integers(0, 3_000_000))
ASKED = st.sampled_from(["take", "grid", "pick", "own", "revise", "delete"])
STEPS = st.lists(st.tuples(ASKED, st.integers(0, 1), ENDS), max_size=12)


def build() -> Project:
    factories.priced(second="0.137", picture="0.041")
    plan = Plan(prompts=("a pier", "neon", "rain"), seconds=(1, 1.3, 0.7), solo=(2,), start_frame=True)
    return factories.make_project(sequences=[plan, Plan("Chorus", start_frame=True)], song=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_it_adds_up(steps: list[tuple[str, int, tuple[str, int]]]) -> None:
    with transaction.atomic():
        project = build()
        for what, which, (how, billed) in steps:
            _step(project, what, which, how, billed)
        for sequence in {project.sequences.order_by("code")[which] for what, which, _ in steps if what == "delete"}:
            factories.planning.delete_sequence(actor=None, sequence=sequence)
        holds_together(project)
        transaction.set_rollback(True)


def _step(project: Project, what: str, which: int, how: str, billed: int) -> None:
    sequence = project.sequences.order_by("code")[which]
    if what == "take":
        take = making.request_takes(actor=None, sequences=[sequence])[0]
        for job in take.jobs.order_by("id"):
            if how != "open":
                end(job, how, billed + job.call)
    elif what == "grid":
        job = making.explore(actor=None, sequence=sequence, layout="1x1")[0].jobs.get()
        if how != "open":
            end(job, how, billed)
    elif what in ("pick", "own"):
        grid = sequence.grids.last()
        if grid is not None:
            frame_of(grid, sequence.shots.first() if what == "own" else None)
    elif what == "revise":
        prompting.revise(actor=None, shot=sequence.shots.first(), text=f"words {how} {billed}")


def made(take: Take, billed: int) -> None:
    for job in take.jobs.order_by("id"):
        end(job, "made", billed)


def test_a_call_is_divided_by_asked_seconds() -> None:
    factories.priced(second="0.10")
    plan = Plan(prompts=("a pier", "neon"), seconds=(1, 3), start_frame=True)
    project = factories.make_project(sequences=[plan], song=False)
    made(making.request_takes(actor=None, sequences=[project.sequences.get()])[0], 1_000_001)
    rows = costs_report(fresh(project)).by_revision
    assert [(r.shot, r.revision, r.takes, r.spent) for r in rows] == [(1, 1, (1,), 250_000), (2, 1, (1,), 750_001)]


def test_a_grid_is_divided_over_the_shots_it_served() -> None:
    """The solo shot has a call of its own that chains on; the grid nobody picked from stays exploration."""
    factories.priced(second="0", picture="0.10")
    plan = Plan(prompts=("a pier", "neon", "rain"), seconds=(1, 1, 1), solo=(3,))
    project = factories.make_project(sequences=[plan], song=False)
    sequence = project.sequences.get()
    for grid in making.explore(actor=None, sequence=sequence, layout="1x1", count=2):
        end(grid.jobs.get(), "made", 100_000)
    assert costs_report(fresh(project)).exploration == 200_000
    frame_of(sequence.grids.get(number=1))
    take = making.request_takes(actor=None, sequences=[sequence])[0]
    assert [job.after_id is not None for job in take.jobs.order_by("call")] == [False, True]
    report = costs_report(fresh(project))
    assert [(r.shot, r.spent, r.pictures) for r in report.by_revision] == [
        (1, 33_334, 33_334), (2, 33_333, 33_333), (3, 33_333, 33_333)
    ]  # fmt: skip
    assert (report.exploration, report.by_sequence[0].exploration, report.by_sequence[0].spent) == (100_000,) * 2 + (
        200_000,
    )
    # the same shot in other words: its part is divided over both
    prompting.revise(actor=None, shot=sequence.shots.get(number=1), text="the other pier")
    making.request_takes(actor=None, sequences=[sequence])
    rows = costs_report(fresh(project)).by_revision
    assert [(r.shot, r.revision, r.spent) for r in rows][:2] == [(1, 1, 16_667), (1, 2, 16_667)]


def test_an_enlargement_costs_the_shots_that_begin_with_it() -> None:
    factories.priced(second="0", picture="0.10")
    project = factories.make_project(sequences=[Plan()], song=False)
    sequence = project.sequences.get()
    grid = making.explore(actor=None, sequence=sequence, layout="1x1")[0]
    end(grid.jobs.get(), "made", 100_000)
    small = frame_of(grid)
    StartFrame.objects.filter(pk=small.pk).update(state="superseded")
    large = StartFrame.objects.create(
        sequence=sequence, number=9, state="approved", source="upscale", parent=small, file="projects/y.png",
        sha256="b" * 64, width=1280, height=720,
    )  # fmt: skip
    call = Job.objects.create(
        project=project, sequence=sequence, kind="upscale", start_frame=large, provider="sketch", request={},
        endpoint="sketch/clip", input_sha256="", token="t", estimate_micros=50_000, state="queued",
        look_again_at=sequence.project.created_at, deadline=sequence.project.created_at,
    )  # fmt: skip
    costs.hold(call)
    end(call, "made", 50_000)
    assert costs_report(fresh(project)).exploration == 150_000
    making.request_takes(actor=None, sequences=[sequence])
    report = costs_report(fresh(project))
    assert [(r.shot, r.spent, r.pictures) for r in report.by_revision] == [(1, 150_000, 150_000)]
    holds_together(project)


@pytest.mark.parametrize(
    ("how", "outcome", "spent"),
    [
        ("failed", "not charged", 0), ("cancelled", "not charged", 0), ("charged", "charged", 90_000),
        ("estimated", "estimated", 100_000), ("late", "billed late", 90_000), ("lost", "charged", 90_000),
    ],
)  # fmt: skip
def test_what_brought_nothing_is_counted(how: str, outcome: str, spent: int) -> None:
    factories.priced(second="0.10")
    project = factories.make_project(sequences=[Plan(start_frame=True)], song=False)
    end(making.request_takes(actor=None, sequences=[project.sequences.get()])[0].jobs.get(), how, 90_000)
    report = costs_report(fresh(project))
    assert [(f.work, f.outcome, f.spent) for f in report.failed] == [("T1 call 1", outcome, spent)]
    assert report.failed_total == report.unassigned_total == report.spent == spent
    assert (report.by_sequence[0].failed, report.by_sequence[0].lost, report.by_sequence[0].spent) == (1, spent, 0)
    assert report.estimated == (spent if how == "estimated" else 0)


def test_what_nobody_knows_is_held_and_said() -> None:
    factories.priced(second="0.10")
    project = factories.make_project(sequences=[Plan(start_frame=True)], song=False)
    job = making.request_takes(actor=None, sequences=[project.sequences.get()])[0].jobs.get()
    for state in ("submitting", "unsure"):
        transitions.move(job, JobState(state))
    report = costs_report(fresh(project))
    assert [(f.outcome, f.spent) for f in report.failed] == [("unknown", 100_000)]
    assert (report.failed_total, report.held, report.spent) == (0, 100_000, 0)


def test_tries_a_hit_may_take() -> None:
    assert hit_range(0, 0) == NO_HISTORY
    assert hit_range(7, 0) == (1.0, 8.0)
    assert hit_range(2, 1) == (1.0, 4.0)
    for hits in (1, 4, 9, 100):  # the more there were, the narrower
        low, high = hit_range(3 * hits, hits)
        assert 1 <= low <= 3 <= high and high - low == pytest.approx(high - 3 / (1 + hits**-0.5))
    assert hit_range(300, 100)[1] - hit_range(300, 100)[0] < hit_range(12, 4)[1] - hit_range(12, 4)[0]


def test_rejected_takes_of_open_sequences_make_finishing_dearer() -> None:
    factories.priced(second="0.10")
    project = factories.make_project(sequences=[Plan(start_frame=True), Plan("B", start_frame=True)], song=False)
    first, second = project.sequences.order_by("code")
    factories.make_take(first, "approved")
    before = costs_report(fresh(project)).to_finish
    factories.make_take(second, "rejected")
    after = costs_report(fresh(project)).to_finish
    assert before.takes[1] == 2.0 and after.takes[1] == 4.0
    assert after.high is not None and before.high is not None and after.high > before.high
    assert (before.approved, before.open) == (1, 1) and before.wide == "Wide because only 1 sequence is approved."


def test_an_unknown_price_leaves_the_end_unknown() -> None:
    project = factories.make_project(sequences=1, song=False)
    catalogue.override("sketch/clip", price=None)
    found = costs_report(fresh(project)).to_finish
    assert (found.low, found.high, found.open) == (None, None, 1)


def test_the_ledger_pages_and_filters() -> None:
    factories.priced(second="0.10")
    project = factories.make_project(sequences=[Plan(start_frame=True), Plan("B", start_frame=True)], song=False)
    first, second = project.sequences.order_by("code")
    end(making.request_takes(actor=None, sequences=[first])[0].jobs.get(), "made", 120_000)
    end(making.request_takes(actor=None, sequences=[second])[0].jobs.get(), "failed", 0)
    rows = ledger(project, size=None).rows
    assert [(r.kind, r.sequence, r.amount, r.held_after, r.spent_after) for r in rows] == [
        ("release", "SEQ02", 100_000, 0, 120_000), ("hold", "SEQ02", 100_000, 100_000, 120_000),
        ("settle", "SEQ01", 120_000, 0, 120_000), ("hold", "SEQ01", 100_000, 100_000, 0),
    ]  # fmt: skip
    page = ledger(project, number=2, size=3)
    assert (page.total, page.older, [r.kind for r in page.rows]) == (4, 0, ["hold"])
    assert [r.kind for r in ledger(project, kind="settle").rows] == ["settle"]
    assert {r.sequence for r in ledger(project, sequence="seq02").rows} == {"SEQ02"}
    assert ledger(project, number=9).rows == ()
    assert LedgerEntry.objects.count() == 4
