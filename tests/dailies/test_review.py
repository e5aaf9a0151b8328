"""The verbs of looking: every refusal's sentence, and what undo brings back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dailies import review
from dailies.models import Reason, ShotVerdict, Verdict
from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Event, LedgerEntry, Sequence, Take
from sequences.models.plan import Role
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

TWO = Plan(prompts=("a pier at dawn", "a lamp on deck"), seconds=(1, 1))


@pytest.fixture
def sequence() -> Sequence:
    return factories.sequence_of(factories.make_project(sequences=[TWO]))


@pytest.fixture
def take(sequence: Sequence) -> Take:
    return factories.make_take(sequence)


def refused(call: Callable[..., Any], **asked: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(actor=asked.pop("actor", None), **asked)
    return caught.value


def state(take: Take) -> str:
    return Take.objects.get(pk=take.pk).state


def test_an_approval_supersedes_the_one_before_and_undo_brings_it_back(sequence: Sequence, take: Take) -> None:
    user = factories.add_member(sequence.project, Role.REVIEWER)
    review.approve(actor=user, take=take)
    second = factories.make_take(sequence)
    verdict = review.approve(actor=user, take=second, note="better", seen_sha256=second.sha256)
    assert (state(take), state(second)) == ("superseded", "approved")
    assert verdict.superseded == take and verdict.take_sha256 == second.sha256
    review.undo(actor=user, take=second)
    assert (state(take), state(second)) == ("approved", "waiting")
    verdict.refresh_from_db()
    assert verdict.undone_at is not None and verdict.undone_by_id == user.pk
    assert (
        Event.objects.filter(subject="take", subject_id=take.pk).latest("id").why
        == "approval of SEQ01/T2 was taken back"
    )


def test_undo_leaves_alone_what_was_decided_since(sequence: Sequence, take: Take) -> None:
    review.approve(actor=None, take=take)
    second = factories.make_take(sequence)
    review.approve(actor=None, take=second)
    take.refresh_from_db()
    review.undo(actor=None, take=take)
    review.undo(actor=None, take=second)
    assert (state(take), state(second)) == ("waiting", "waiting")


def test_a_second_approval_is_refused(take: Take) -> None:
    stale = Take.objects.get(pk=take.pk)
    review.approve(actor=None, take=take)
    again = refused(review.approve, take=take)
    assert str(again) == "SEQ01/T1 is approved; only a take that waits can be judged. Undo its verdict first."
    meanwhile = refused(review.approve, take=stale)
    assert str(meanwhile) == "SEQ01/T1 has changed meanwhile; look again before you decide."
    assert Verdict.objects.count() == 1


def test_another_file_than_the_one_looked_at_is_refused(take: Take) -> None:
    said = refused(review.approve, take=take, seen_sha256="0" * 64)
    assert (said.code, str(said)) == ("changed", "SEQ01/T1 has changed since you looked; look again.")
    assert state(take) == "waiting" and not Verdict.objects.exists()


def test_a_take_that_is_being_made_cannot_be_judged(sequence: Sequence) -> None:
    take = factories.make_take(sequence, "making")
    assert str(refused(review.approve, take=take)) == "SEQ01/T1 is making; only a take that waits can be judged."


def test_reasons_are_known_by_key_and_digit(take: Take) -> None:
    assert [review.checked_reason(str(n)) for n in range(1, 10)] == list(Reason.values)
    known = "choose one of identity, hands, motion, off_beat, framing, frozen, text, flicker, other."
    assert str(refused(review.reject, take=take, reason="")) == f"A reject needs a reason; {known}"
    assert str(refused(review.reject, take=take, reason="ugly")) == f"Reason is 'ugly'; {known}"
    assert str(refused(review.reject, take=take, reason="0")) == f"Reason is '0'; {known}"
    review.reject(actor=None, take=take, reason="3", note="jumps")
    assert Verdict.objects.get().reason == "motion" and state(take) == "rejected"


def test_undo_needs_a_standing_verdict(take: Take) -> None:
    assert str(refused(review.undo, take=take)) == "SEQ01/T1 has no verdict to take back."
    review.reject(actor=None, take=take, reason="motion")
    review.undo(actor=None, take=take)
    assert str(refused(review.undo, take=take)) == "SEQ01/T1 has no verdict to take back."
    review.approve(actor=None, take=take)
    assert Verdict.objects.filter(undone_at=None).count() == 1


def test_shots_are_judged_again_and_cleared(take: Take) -> None:
    review.judge_shots(actor=None, take=take, shots=[1, 2], decision="redo", reason="hands", note="six fingers")
    review.judge_shots(actor=None, take=take, shots=[1], decision="keep")
    assert list(ShotVerdict.objects.values_list("number", "decision", "reason")) == [
        (1, "keep", ""),
        (2, "redo", "hands"),
    ]
    review.clear_shot(actor=None, take=take, shot=2)
    assert not ShotVerdict.objects.filter(number=2).exists()
    assert str(refused(review.judge_shots, take=take, shots=[7], decision="redo")).startswith(
        "SEQ01/T1 has shots 1, 2;"
    )
    assert (
        str(refused(review.judge_shots, take=take, shots=[1], decision="burn"))
        == "Decision is 'burn'; say keep or redo."
    )


def test_notes_stay_inside_the_take(take: Take) -> None:
    review.say(actor=None, take=take, text=" drops freeze ", frame=47)
    review.say(actor=None, take=take, text="too slow")
    assert list(take.notes.values_list("frame", "text")) == [(None, "too slow"), (47, "drops freeze")]
    assert str(refused(review.say, take=take, text="x", frame=48)) == "Frame is 48; SEQ01/T1 has frames 0 to 47."
    assert str(refused(review.say, take=take, text="  ")) == "The note is empty; write something first."


def test_sending_back_rejects_and_asks_for_the_marked_shots(take: Take) -> None:
    factories.priced("0.14")
    review.judge_shots(actor=None, take=take, shots=[2], decision="redo")
    made = review.send_back(
        actor=None, take=take, reason="motion", seen_sha256=take.sha256, key="once", shown_price=140_000
    )
    assert (state(take), made.number, made.parent_id) == ("rejected", 2, take.pk)
    assert list(made.shots.values_list("number", "call")) == [(1, 0), (2, 1)]
    assert LedgerEntry.objects.get(job__take=made, kind="hold").amount_micros == 140_000


@pytest.mark.parametrize(
    ("shown", "budget", "sentence"),
    [
        (None, "0.10", "This costs $0.14 and $0.10 of the $0.10 budget is left."),
        (100_000, "9.00", "The price is $0.14 now, not $0.10; look again and confirm."),
    ],
)
def test_a_refused_redo_rejects_nothing(take: Take, shown: int | None, budget: str, sentence: str) -> None:
    factories.priced("0.14")
    orchestration.set_budget(actor=None, project=take.sequence.project, cap=budget, why="less")
    take = Take.objects.select_related("sequence__project").get(pk=take.pk)
    review.judge_shots(actor=None, take=take, shots=[2], decision="redo")
    said = refused(review.send_back, take=take, reason="motion", shown_price=shown)
    assert str(said).startswith(sentence)
    assert state(take) == "waiting" and Take.objects.count() == 1 and not Verdict.objects.exists()


def test_sending_back_needs_a_mark_and_a_maker(take: Take) -> None:
    assert str(refused(review.send_back, take=take, reason="motion")) == (
        "No shot of SEQ01/T1 is marked redo; mark one first."
    )
    reviewer = factories.add_member(take.sequence.project, Role.REVIEWER)
    review.judge_shots(actor=reviewer, take=take, shots=[1], decision="redo")
    said = refused(review.send_back, actor=reviewer, take=take, reason="motion")
    assert str(said) == "You are a reviewer of Night Ferry; this takes an owner or an artist."
    assert state(take) == "waiting"


def test_a_stranger_is_told_nothing(take: Take) -> None:
    said = refused(review.approve, actor=factories.make_user(), take=take)
    assert (said.code, str(said)) == ("not_found", "There is no project night-ferry.")
