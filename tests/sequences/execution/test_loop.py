"""The engine through its front door: ask, work, and what every kind of ending leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from sequences import execution, orchestration, storage
from sequences.costs import dollars
from sequences.errors import Refusal
from sequences.execution.claims import holder
from sequences.models import Clip, Event, Job, LedgerEntry, Project, Take
from sequences.queries import load, stage
from sequences.states import LIVE_JOBS, JobState
from sequences.transitions import Stale, move
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db(transaction=True)


def project_of(*plans: Plan, **fields: object) -> Project:
    return factories.make_project(sequences=plans or 1, **fields)  # type: ignore[arg-type]  # passed on


def money(project: Project) -> tuple[int, int]:
    project.refresh_from_db()
    return project.held_micros, project.spent_micros


def test_a_grid_waits_for_a_pick_with_its_cells_found() -> None:
    project = project_of()
    grid = factories.make_grid_ready(factories.sequence_of(project), "2x2")
    assert (grid.state, len(grid.cells), grid.error) == ("waiting", 4, "")
    assert storage.absolute(grid.file).exists() and storage.absolute(grid.preview).exists()
    assert stage(load(project)[0]) == "pick_start_frame"


def test_a_take_is_joined_checked_and_pinned() -> None:
    project = project_of(Plan(prompts=("a pier at dawn", "neon street, pan left"), seconds=(1, 1), start_frame=True))
    take = factories.make_take(factories.sequence_of(project))
    assert (take.state, take.frames, take.error) == ("waiting", 48, "")
    assert [(s.number, s.at, s.frames, s.revision.number) for s in take.shots.all()] == [(1, 0, 24, 1), (2, 24, 24, 1)]
    results = {c.name: c.result for c in take.checks.all()}
    assert results["duration"] == results["size"] == results["cuts"] == results["start_frame"] == "pass"
    for file in (take.file, take.poster, take.strip, *(s.thumb for s in take.shots.all())):
        assert storage.absolute(file).exists()
    assert stage(load(project)[0]) == "in_review"


def test_calls_go_on_from_the_last_kept_frame_of_the_call_before() -> None:
    project = project_of(Plan(prompts=("a", "b"), seconds=(1, 1), mode="per_shot", start_frame=True))
    take = factories.make_take(factories.sequence_of(project), mode="per_shot")
    first, second = take.jobs.order_by("call")
    assert second.after_id == first.pk
    assert second.request["start"]["sha256"] == first.clip.last_frame_sha256
    assert second.input_sha256 != first.input_sha256


def test_a_call_that_goes_on_from_another_is_no_missing_cut() -> None:
    project = project_of(Plan(prompts=("a pier at dawn", "a forest"), seconds=(1, 1), start_frame=True))
    take = factories.make_take(factories.sequence_of(project), mode="per_shot")
    cuts = take.checks.get(name="cuts")
    assert (cuts.result, cuts.measured) == ("pass", "0 of 0 planned")


def test_the_same_key_twice_is_one_take() -> None:
    project = project_of(Plan(start_frame=True))
    sequence = factories.sequence_of(project)
    first = orchestration.request_takes(actor=None, sequences=[sequence], takes=2, key="one-form")
    again = orchestration.request_takes(actor=None, sequences=[sequence], takes=2, key="one-form")
    assert [t.pk for t in first] == [t.pk for t in again]
    assert Job.objects.count() == 2


def test_money_is_held_then_settled() -> None:
    factories.priced(second="0.50")
    project = project_of(Plan(start_frame=True))
    take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
    assert money(project) == (500_000, 0)
    factories.finish(take)
    assert money(project) == (0, 500_000)
    assert list(LedgerEntry.objects.values_list("kind", "amount_micros")) == [("hold", 500_000), ("settle", 500_000)]


def test_over_budget_writes_nothing() -> None:
    factories.priced(second="50")
    project = project_of(Plan(start_frame=True), budget="10.00")
    with pytest.raises(Refusal) as refused:
        orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])
    assert refused.value.code == "over_budget"
    assert str(refused.value) == (
        "This costs $50.00 and $10.00 of the $10.00 budget is left. Ask for less, or have an owner raise the budget."
    )
    assert not Take.objects.exists() and not Job.objects.exists() and money(project) == (0, 0)


def test_a_price_that_changed_since_it_was_shown_is_refused() -> None:
    factories.priced(second="0.50")
    project = project_of(Plan(start_frame=True))
    with pytest.raises(Refusal, match=r"The price is \$0\.50 now, not \$0\.10"):
        orchestration.request_takes(
            actor=None, sequences=[factories.sequence_of(project)], shown_price=100_000
        )


@pytest.mark.parametrize(
    ("rule", "state", "charged", "spent"),
    [("refused", "failed", False, 0), ("moderation", "failed", False, 0), ("crash:charged", "failed", True, 500_000),
     ("crash:free", "failed", False, 0)],
)  # fmt: skip
def test_a_failed_call_fails_its_take_and_says_what_was_charged(
    rule: str, state: str, charged: bool, spent: int
) -> None:
    factories.priced(second="0.50")
    project = project_of(Plan(start_frame=True))
    with factories.faults(rule):
        take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
        factories.finish(take)
    job = take.jobs.get()
    assert (take.state, job.state, job.charged) == ("failed", state, charged)
    assert take.error and job.error in take.error
    assert money(project) == (0, spent)
    assert stage(load(project)[0]) == "failed"


def test_retry_asks_again_for_what_failed_only() -> None:
    plan = Plan(prompts=("a pier", "a forest"), seconds=(1, 1), mode="per_shot", start_frame=True)
    project = project_of(plan)
    with factories.faults("crash@forest"):
        take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)], mode="per_shot")[0]
        factories.finish(take)
    assert take.state == "failed" and Clip.objects.count() == 1
    orchestration.retry(actor=None, artefact=take)
    factories.finish(take)
    assert take.state == "waiting"
    assert [j.state for j in take.jobs.order_by("id")] == ["done", "failed", "done"]


def test_a_call_whose_predecessor_failed_is_not_sent() -> None:
    project = project_of(Plan(prompts=("a pier", "a forest"), seconds=(1, 1), start_frame=True))
    with factories.faults("refused@pier"):
        take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)], mode="per_shot")[0]
        factories.finish(take)
    second = take.jobs.get(call=2)
    assert (second.state, second.error_code, second.request_id) == ("failed", "call_before", "")


def test_cancel_before_it_is_sent_releases_the_hold() -> None:
    factories.priced(second="0.50")
    project = project_of(Plan(start_frame=True))
    take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
    assert orchestration.cancel(actor=None, artefact=take) == 1
    factories.finish(take)
    assert (take.state, take.jobs.get().state, money(project)) == ("failed", "cancelled", (0, 0))


def test_cancel_while_it_is_made() -> None:
    project = project_of(Plan(start_frame=True))
    with factories.faults(slower=30.0):
        take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
        work_until(take, "processing")
        orchestration.cancel(actor=None, artefact=take)
        factories.finish(take)
    assert (take.state, take.jobs.get().state) == ("failed", "cancelled")


def work_until(take: Take, state: str) -> Job:
    """Step until the take's one job stands at `state`."""
    execution.drain(lambda: take.jobs.get().state == state, pause=0.05)
    return take.jobs.get()


def test_a_submit_whose_holder_died_is_unsure_and_found_again() -> None:
    project = project_of(Plan(start_frame=True))
    take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
    job = take.jobs.get()
    dead = holder().rsplit("|", 2)[0] + "|999999|1"
    later = timezone.now() + timedelta(minutes=5)
    move(job, JobState.SUBMITTING, claim_from=job.epoch, lease_owner=dead, lease_until=later, look_again_at=later)
    factories.finish(take)
    moves = [e.now for e in Event.objects.filter(subject="job", subject_id=job.pk)]
    assert moves[:4] == ["queued", "submitting", "unsure", "submitted"]
    assert take.state == "waiting"


@pytest.mark.parametrize("rule", ["corrupt", "truncated", "lost"])
def test_a_result_that_cannot_be_used_is_lost_and_stays_paid(rule: str) -> None:
    factories.priced(second="0.50")
    project = project_of(Plan(start_frame=True))
    with factories.faults(rule):
        take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
        factories.finish(take)
    assert (take.state, take.jobs.get().state) == ("failed", "lost")
    assert "It was made and charged, but the result is lost." in take.error
    assert money(project) == (0, 500_000)


@pytest.mark.parametrize(("rule", "check"), [("black", "black"), ("frozen", "frozen"), ("short", "duration")])
def test_a_bad_clip_is_kept_and_its_check_fails(rule: str, check: str) -> None:
    project = project_of(Plan(prompts=("a pier",), seconds=(2,), start_frame=True))
    with factories.faults(rule):
        take = factories.make_take(factories.sequence_of(project))
    assert take.state == "waiting"
    assert take.checks.get(name=check).result == "fail"


@pytest.mark.parametrize("rule", ["unsure*1", "unsent*1", "later:1*1", "away*1", "refetch*1"])
def test_an_unclear_answer_ends_in_one_clip(rule: str) -> None:
    factories.priced(second="0.50")
    project = project_of(Plan(start_frame=True))
    with factories.faults(rule):
        take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
        factories.finish(take)
    assert take.state == "waiting", take.error
    assert Clip.objects.count() == 1 and money(project) == (0, 500_000)


def test_an_old_claim_changes_nothing() -> None:
    project = project_of(Plan(start_frame=True))
    take = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
    job = take.jobs.get()
    Job.objects.filter(pk=job.pk).update(epoch=5)
    with pytest.raises(Stale):
        move(job, JobState.SUBMITTING, epoch=4)
    job.refresh_from_db()
    assert job.state == "queued"


def test_redo_makes_one_shot_and_reuses_the_rest() -> None:
    factories.priced(second="0.50")
    plan = Plan(prompts=("a pier", "a forest", "a desert"), seconds=(1, 1, 1), start_frame=True)
    project = project_of(plan)
    take = factories.make_take(factories.sequence_of(project))
    again = orchestration.redo_shots(actor=None, take=take, shots=[2])
    factories.finish(again)
    assert (again.state, again.frames, again.parent_id) == ("waiting", 72, take.pk)
    old, new = (list(t.shots.order_by("at")) for t in (take, again))
    assert [o.clip_id == n.clip_id for o, n in zip(old, new, strict=True)] == [True, False, True]
    assert money(project) == (0, 2_000_000)
    assert again.jobs.get().request["start"] is not None


def test_redo_of_a_take_whose_shots_moved_is_refused() -> None:
    project = project_of(Plan(prompts=("a", "b"), seconds=(1, 1), start_frame=True))
    sequence = factories.sequence_of(project)
    take = factories.make_take(sequence)
    sequence.shots.filter(number=2).update(deleted_at=timezone.now())
    with pytest.raises(Refusal, match="Shots of SEQ01 were added, deleted or moved since SEQ01/T1"):
        orchestration.redo_shots(actor=None, take=take, shots=[1])


def test_two_takes_from_different_frames_and_modes_stay_comparable() -> None:
    project = project_of(Plan(prompts=("a", "b"), seconds=(1, 1), start_frame=True))
    sequence = factories.sequence_of(project)
    one = factories.make_take(sequence)
    orchestration.take_start_frame(actor=None, take=one, frame=30)
    two = factories.make_take(sequence, mode="per_shot")
    one.refresh_from_db()
    assert (one.mode, two.mode) == ("multi_shot", "per_shot")
    assert one.start_frame_id != two.start_frame_id
    assert one.start_frame.state == "superseded" and one.start_frame.source == "upload"


def test_nothing_runs_inside_a_transaction() -> None:
    project = project_of(Plan(start_frame=True))
    with transaction.atomic():
        orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])
        assert Job.objects.get().state == "queued"
    assert not connection.in_atomic_block
    assert Job.objects.filter(state__in=LIVE_JOBS).count() == 1


def test_a_live_job_always_has_a_time_to_be_looked_at() -> None:
    project = project_of(Plan(start_frame=True))
    orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])
    with pytest.raises(Exception, match="live_job_is_looked_at"):
        Job.objects.update(look_again_at=None)


def test_dollars() -> None:
    assert [dollars(n) for n in (None, 0, 4_480_000, 2_500)] == ["unknown", "$0.00", "$4.48", "$0.0025"]
