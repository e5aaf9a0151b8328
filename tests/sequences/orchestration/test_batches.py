"""Batches: one answer over a selection, a result for each sequence, pause and resume with calls that really go out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sequences import execution, orchestration
from sequences.errors import Refusal
from sequences.models import Batch, BatchItem, Job, LedgerEntry, Project, Sequence, Take
from sequences.models.plan import Role
from sequences.orchestration import admitting
from sequences.providers import catalogue
from sequences.queries import load
from sequences.queries.batches import PAUSED, batch_row, open_batches
from sequences.states import LIVE_JOBS
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

READY = Plan(start_frame=True)
TWO_CALLS = Plan(prompts=("a pier", "a lamp"), seconds=(1, 1), solo=(2,), start_frame=True)


def made(*plans: Plan, **fields: Any) -> Project:
    return factories.make_project(sequences=plans or [READY, READY, Plan()], **fields)


def rows(project: Project) -> list[Sequence]:
    return list(project.sequences.order_by("start"))


def items(batch: Batch) -> list[tuple[str, int, int | None, str]]:
    found = batch.items.select_related("sequence", "take").order_by("sequence__code", "nth")
    return [(i.sequence.code, i.nth, i.take.number if i.take else None, i.refusal) for i in found]


def finish(batch: Batch) -> None:
    """Work in this process until nothing of the batch is live."""
    for take in Take.objects.filter(batch_items__batch=batch, state="making"):
        factories.finish(take)


# --- One answer ---


def test_what_is_missing_passes_and_what_is_there_is_skipped() -> None:
    factories.priced()
    project = made(READY, READY, READY, Plan(), Plan(prompts=("",), start_frame=True))
    factories.make_take(factories.sequence_of(project, "SEQ02"))
    factories.make_take(factories.sequence_of(project, "SEQ03"), "rejected", "too dark")
    found = orchestration.admission(project=project, sequences=rows(project), takes=2)
    assert [(a.code, a.outcome) for a in found.answers] == [
        ("SEQ01", "pass"), ("SEQ02", "skipped"), ("SEQ03", "pass"), ("SEQ04", "blocked"), ("SEQ05", "blocked"),
    ]  # fmt: skip
    assert found.skipped[0].reasons == ("T1 waits for a verdict.",)
    assert (found.verdict, found.total) == ("pass", 4 * 140_000)
    assert any(line.startswith("SEQ04: ") for line in found.reasons)
    assert any(line.startswith("SEQ05: ") and "prompt" in line for line in found.reasons)
    assert found.sentence == (
        "Pass: 2 sequences, 2 takes each, $0.56, under the ask-first limit of $5.00. 1 has a take already."
    )
    again = orchestration.admission(project=project, sequences=rows(project), again=True)
    assert [a.code for a in again.passing] == ["SEQ01", "SEQ02", "SEQ03"]


def test_without_names_it_is_everything_ready() -> None:
    project = made(READY, READY, Plan())
    factories.make_take(factories.sequence_of(project, "SEQ02"), "approved")
    assert [a.code for a in orchestration.admission(project=project).answers] == ["SEQ01"]
    assert [a.code for a in orchestration.admission(project=project, again=True).answers] == ["SEQ01", "SEQ02"]


def test_over_the_limit_it_asks_first_with_the_price_by_tier(settings: Any) -> None:
    settings.TAKES_ASK_FIRST = "0.50"
    factories.priced()
    project = made(READY, TWO_CALLS, Plan(prompts=("a hill",), seconds=(3,), start_frame=True))
    found = orchestration.admission(project=project, takes=2)
    assert found.verdict == "confirm" and found.may_ask
    assert [(t.size, t.seconds, t.calls, t.codes, t.estimate) for t in found.tiers] == [
        ("90p", 1, 6, ("SEQ01", "SEQ02"), 840_000),
        ("90p", 3, 2, ("SEQ03",), 840_000),
    ]
    assert found.total == 1_680_000 and "over the ask-first limit of $0.50" in found.sentence


def test_one_unknown_price_leaves_no_total() -> None:
    factories.priced()
    project = made(READY, Plan(seconds=(2,), start_frame=True))
    unpriced = factories.sequence_of(project, "SEQ02")
    answers = [admitting.answer_of(load(project, [factories.sequence_of(project)])[0])]
    catalogue.override("sketch/clip", price=None)
    answers.append(admitting.answer_of(load(project, [unpriced])[0]))
    found = admitting.weigh(project, answers, 1)
    assert (found.verdict, found.total, found.known, found.may_ask) == ("confirm", None, 140_000, False)
    assert [t.estimate for t in found.tiers] == [140_000, None] and "no total" in found.sentence
    with pytest.raises(Refusal, match="Nothing was asked for") as refused:
        orchestration.request_batch(actor=None, project=project)
    assert refused.value.code == "no_price" and not Batch.objects.exists()


def test_a_cap_blocks_the_whole_and_says_what_would_fit() -> None:
    factories.priced(second="1")
    project = made(READY, READY, READY, Plan(), budget="2.50")
    found = orchestration.admission(project=project, sequences=rows(project))
    assert (found.verdict, found.short) == ("blocked", 500_000)
    assert found.reasons[0].startswith("SEQ04: ") and "This costs $3.00 and $2.50" in found.reasons[-1]
    assert [a.code for a in found.fitting] == ["SEQ01", "SEQ02"]
    with pytest.raises(Refusal, match="This costs") as refused:
        orchestration.request_batch(actor=None, project=project, sequences=rows(project))
    assert refused.value.code == "over_budget"
    assert not Batch.objects.exists() and not LedgerEntry.objects.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(["ready", "two", "draft", "there", "rejected"]), min_size=1, max_size=5),
    takes=st.integers(1, 4),
    again=st.booleans(),
    cap=st.sampled_from(["0.10", "1.00", "80.00"]),
)
def test_every_sequence_has_one_answer_and_tiers_add_up(kinds: list[str], takes: int, again: bool, cap: str) -> None:
    factories.priced()
    plans = {"two": TWO_CALLS, "draft": Plan()}
    project = factories.make_project(sequences=[plans.get(k, READY) for k in kinds], budget=cap, song=False)
    for row, kind in zip(rows(project), kinds, strict=True):
        if kind in ("there", "rejected"):
            state = "waiting" if kind == "there" else "rejected"
            size = {"width": 160, "height": 90, "rate": "24", "file": "a.mp4", "frames": 24}
            made_by = {"mode": "multi_shot", "provider": "sketch", "endpoint": "sketch/clip", "seed": 1, "plan": {}}
            Take.objects.create(sequence=row, number=1, request_key="a:1", state=state, **size, **made_by)
    found = orchestration.admission(project=project, sequences=rows(project), takes=takes, again=again)
    assert [a.code for a in found.answers] == [r.code for r in rows(project)]
    assert len(found.passing) + len(found.skipped) + len(found.blocked) == len(kinds)
    assert all(bool(a.reasons) == (a.outcome != "pass") for a in found.answers)
    assert found.total == sum(t.estimate or 0 for t in found.tiers) == sum(a.price or 0 for a in found.passing) * takes
    assert sum(t.calls for t in found.tiers) == sum(len(a.quote.plan.calls) for a in found.passing if a.quote) * takes
    assert sum(a.price or 0 for a in found.fitting) * takes <= found.left
    assert (found.verdict == "blocked") == (not found.passing or (found.total or 0) > found.left)
    if not again:
        assert {a.code for a in found.skipped} == {
            r.code for r, k in zip(rows(project), kinds, strict=True) if k == "there"
        }


# --- Asking ---


def test_a_result_for_each_and_the_same_key_asks_once() -> None:
    factories.priced()
    project = made(READY, READY, Plan())
    asked = {"actor": None, "project": project, "sequences": rows(project), "takes": 2, "key": "one-form"}
    batch = orchestration.request_batch(**asked, shown_price=560_000)
    assert [i[:3] for i in items(batch)] == [
        ("SEQ01", 1, 1), ("SEQ01", 2, 2), ("SEQ02", 1, 1), ("SEQ02", 2, 2), ("SEQ03", 1, None)
    ]  # fmt: skip
    assert "start frame" in items(batch)[-1][3]
    assert (batch.number, batch.price_micros) == (1, 560_000)
    project.refresh_from_db()
    assert project.held_micros == 560_000
    assert orchestration.request_batch(**asked, shown_price=1) == batch
    assert Take.objects.count() == 4 and Batch.objects.count() == 1
    found = batch_row(batch)
    assert (found.state, found.asked, len(found.refused), found.queued, found.live) == ("running", 4, 1, 4, True)
    finish(batch)
    done = batch_row(batch)
    assert (done.state, done.live, done.cost, [r.word for r in done.items][:4]) == (
        "done", False, 560_000, ["In review"] * 4
    )  # fmt: skip


def test_another_price_asks_for_nothing() -> None:
    factories.priced()
    project = made(READY)
    with pytest.raises(Refusal, match=r"The price is \$0.14 now, not \$0.10") as refused:
        orchestration.request_batch(actor=None, project=project, shown_price=100_000)
    assert refused.value.code == "price_changed" and not Batch.objects.exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"takes": 0}, "Takes is 0"),
        ({"model": "nobody/nothing"}, "nobody/nothing"),
        ({"mode": "backwards"}, "Mode is 'backwards'"),
        ({"sequences": []}, "No sequence was named"),
        ({"key": "k" * 61}, "key of the form"),
    ],
)
def test_what_is_no_order(asked: dict[str, Any], said: str) -> None:
    project = made(READY)
    with pytest.raises(Refusal, match=said):
        orchestration.request_batch(actor=None, project=project, **asked)
    assert not Batch.objects.exists() and not Take.objects.exists()


def test_nothing_ready_and_everything_there_say_so() -> None:
    project = made(Plan(), song=False)
    with pytest.raises(Refusal, match="No sequence is ready"):
        orchestration.request_batch(actor=None, project=project)
    there = factories.make_take(factories.make_sequence(project, READY, 4.0)).sequence
    with pytest.raises(Refusal, match=r"SEQ02: T1 waits for a verdict\."):
        orchestration.request_batch(actor=None, project=project, sequences=[there])


def test_a_reviewer_and_a_stranger_do_nothing() -> None:
    project = made(READY)
    batch = orchestration.request_batch(actor=None, project=project)
    for actor, code in (
        (factories.add_member(project, Role.REVIEWER), "not_allowed"),
        (factories.make_user(), "not_found"),
    ):
        for verb in (orchestration.pause_batch, orchestration.resume_batch, orchestration.cancel_batch):
            with pytest.raises(Refusal) as refused:
                verb(actor=actor, batch=batch)
            assert refused.value.code == code
        with pytest.raises(Refusal):
            orchestration.request_batch(actor=actor, project=project, again=True)
    assert Take.objects.count() == 1


def test_a_cap_reached_in_the_middle_leaves_the_paid_ones() -> None:
    """The project's day runs out under a batch, because another order got in between its items."""
    factories.priced(second="1")
    project = made(READY, READY, READY, budget="3.00")
    found = orchestration.admission(project=project)
    assert found.verdict == "pass"
    taken: list[Take] = []

    def other_order(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Between the first item and the second, somebody asks for one more take of the first sequence."""
        if not taken and sql.startswith("SELECT") and BatchItem.objects.filter(take__isnull=False).exists():
            taken.append(Take())
            taken[:] = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project)])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(_once_outside(other_order)):
        batch = orchestration.request_batch(actor=None, project=project, shown_price=3_000_000)
    assert taken and [i[2] for i in items(batch)] == [1, 1, None]
    assert "This costs $1.00 and $0.00 of the $3.00 budget is left." in items(batch)[2][3]
    project.refresh_from_db()
    assert project.held_micros == 3_000_000
    assert Job.objects.filter(take__batch_items__batch=batch, state__in=LIVE_JOBS).count() == 2


def _once_outside(wrapper: Any) -> Any:
    """Call the wrapper for queries outside of its own."""
    busy: list[bool] = []

    def inner(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if busy:
            return execute(sql, params, many, context)
        busy.append(True)
        try:
            return wrapper(execute, sql, params, many, context)
        finally:
            busy.pop()

    return inner


class Killed(BaseException):
    """What ends a process."""


def test_killed_in_the_middle_the_same_key_goes_on_and_pays_nothing_twice() -> None:
    factories.priced()
    project = made(READY, READY, READY)
    asked = {"actor": None, "project": project, "takes": 2, "key": "one-form", "shown_price": 840_000}

    def dies(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT INTO") and "sequences_take" in sql and Take.objects.count() == 3:
            raise Killed
        return execute(sql, params, many, context)

    with pytest.raises(Killed), connection.execute_wrapper(_once_outside(dies)):
        orchestration.request_batch(**asked)
    batch = Batch.objects.get()
    # the third take was begun, and went with its transaction
    assert [i[2] for i in items(batch)] == [1, 2, None, None, None, None]
    found = batch_row(batch)
    assert (found.state, found.missing) == ("stopped", 4)
    assert list(open_batches(project)) == [batch]
    project.refresh_from_db()
    assert project.held_micros == 280_000
    assert orchestration.request_batch(**asked) == batch
    assert [i[2] for i in items(batch)] == [1, 2, 1, 2, 1, 2]
    project.refresh_from_db()
    assert project.held_micros == 840_000 == sum(LedgerEntry.objects.values_list("amount_micros", flat=True))
    assert Take.objects.count() == Job.objects.count() == 6


def test_what_broke_off_goes_on_at_the_confirmed_price_only() -> None:
    factories.priced()
    project = made(READY, READY, READY)
    batch = orchestration.request_batch(actor=None, project=project)
    Take.objects.filter(batch_items__batch=batch).exclude(sequence__code="SEQ01").delete()
    factories.priced(second="0.20")
    other = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project, "SEQ02")])[0]
    orchestration.continue_batch(actor=None, batch=batch)
    factories.priced()
    assert [i[3] for i in items(batch)] == ["", *["The price is $0.20 now, not $0.14."] * 2]
    BatchItem.objects.filter(batch=batch).update(refusal="")
    orchestration.continue_batch(actor=None, batch=batch)
    assert [i[2:] for i in items(batch)] == [
        (1, ""), (None, f"T{other.number} was asked for meanwhile and is being made."), (1, "")
    ]  # fmt: skip
    with pytest.raises(Refusal, match="Everything of batch 1 was asked for"):
        orchestration.continue_batch(actor=None, batch=batch)


def test_what_goes_on_is_made_in_the_way_and_with_the_seed_that_were_asked_for() -> None:
    project = made(TWO_CALLS, READY)
    batch = orchestration.request_batch(actor=None, project=project, mode="per_shot", seed=7)
    Take.objects.filter(batch_items__batch=batch).delete()
    orchestration.continue_batch(actor=None, batch=batch)
    assert list(Take.objects.values_list("mode", "seed")) == [("per_shot", 7)] * 2


# --- Pause ---


def test_a_paused_batch_sends_nothing_until_it_is_resumed() -> None:
    project = made(TWO_CALLS, READY)
    batch = orchestration.request_batch(actor=None, project=project)
    mine = Job.objects.filter(take__batch_items__batch=batch)
    first = mine.order_by("id").first()
    assert first is not None
    while Job.objects.get(pk=first.pk).state == "queued":
        execution.step(first.pk)
    batch = orchestration.pause_batch(actor=None, batch=batch)
    assert sorted(mine.values_list("note", flat=True)) == ["", PAUSED, PAUSED]
    held = list(mine.filter(state="queued").values_list("pk", flat=True))
    assert len(held) == 2
    for pk in held:  # a bell that was rung before the pause
        assert execution.step(pk) == []
    other = orchestration.request_takes(actor=None, sequences=[factories.sequence_of(project, "SEQ02")])[0]
    factories.finish(other)  # sweeps; what is in flight and what belongs to no paused batch goes on
    assert Job.objects.get(pk=first.pk).state == "done"
    assert [(j.state, j.epoch, j.attempts.count(), j.note) for j in mine.filter(pk__in=held)] == [
        ("queued", 0, 0, PAUSED)
    ] * 2
    row = batch_row(batch)
    assert (row.state, row.live, row.queued) == ("paused", False, 2)
    assert execution.sweep() == []
    orchestration.resume_batch(actor=None, batch=batch)
    assert set(mine.filter(pk__in=held).values_list("note", flat=True)) == {""}
    finish(batch)
    assert [t.state for t in Take.objects.filter(batch_items__batch=batch)] == ["waiting"] * 2


def test_a_paused_call_that_can_never_be_sent_ends() -> None:
    factories.priced()
    project = made(TWO_CALLS, width=640, height=360)
    with factories.faults("crash:free"):
        batch = orchestration.request_batch(actor=None, project=project)
        take = Take.objects.get()
        first = take.jobs.order_by("call")[0]
        while Job.objects.get(pk=first.pk).state == "queued":
            execution.step(first.pk)
        orchestration.pause_batch(actor=None, batch=batch)
        factories.finish(take)
    take.refresh_from_db()
    project.refresh_from_db()
    assert [(j.state, j.error_code) for j in take.jobs.order_by("call")][1] == ("failed", "call_before")
    assert (take.state, project.held_micros, project.spent_micros) == ("failed", 0, 0)


def test_pausing_and_resuming_twice_is_once() -> None:
    project = made(READY)
    owner = project.members.get()
    batch = orchestration.request_batch(actor=None, project=project)
    paused = orchestration.pause_batch(actor=owner, batch=batch)
    assert paused.paused_by == owner
    assert orchestration.pause_batch(actor=None, batch=batch).paused_at == paused.paused_at
    for _ in range(2):
        assert orchestration.resume_batch(actor=None, batch=batch).paused_at is None
    finish(batch)
    with pytest.raises(Refusal, match="Everything of batch 1 was sent; there is nothing to pause"):
        orchestration.pause_batch(actor=None, batch=batch)
    with pytest.raises(Refusal, match="there is nothing to call off"):
        orchestration.cancel_batch(actor=None, batch=batch)


def test_calling_off_keeps_what_was_sent_and_gives_the_rest_back() -> None:
    factories.priced()
    project = made(READY, READY)
    batch = orchestration.request_batch(actor=None, project=project)
    first = Job.objects.order_by("id")[0]
    while Job.objects.get(pk=first.pk).state == "queued":
        execution.step(first.pk)
    orchestration.pause_batch(actor=None, batch=batch)
    assert orchestration.cancel_batch(actor=None, batch=batch) == 1
    finish(batch)
    assert [r.word for r in batch_row(batch).items] == ["In review", "Failed"]
    project.refresh_from_db()
    assert (project.held_micros, project.spent_micros) == (0, 140_000)
    batch.refresh_from_db()
    assert batch.paused_at is None and not open_batches(project).exists()


def test_a_pause_counts_for_no_deadline() -> None:
    project = made(READY)
    batch = orchestration.request_batch(actor=None, project=project)
    job = Job.objects.get()
    orchestration.pause_batch(actor=None, batch=batch)
    Job.objects.update(deadline=job.created_at, look_again_at=job.created_at)
    execution.sweep()
    assert not load(project)[0].needs
    assert Job.objects.get().look_again_at > job.look_again_at  # type: ignore[operator]  # live jobs have one
    orchestration.resume_batch(actor=None, batch=batch)
    assert Job.objects.get().deadline > job.created_at  # type: ignore[operator]  # live jobs have one
