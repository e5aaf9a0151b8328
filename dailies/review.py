"""Verbs of the moment a person looks: approve, reject, keep or redo a shot, say something, take it back.

One transaction each. A verdict is on the file that was looked at, by its hash; approving another one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from dailies.models import Decision, Note, Reason, ShotDecision, ShotVerdict, Verdict
from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Sequence as SequenceRow
from sequences.models import Take
from sequences.models.plan import Role
from sequences.states import ArtefactState
from sequences.transitions import MoveError, move

JUDGES = (Role.OWNER, Role.ARTIST, Role.REVIEWER)
MAKERS = (Role.OWNER, Role.ARTIST)


def approve(*, actor: AbstractBaseUser | None, take: Take, note: str = "", seen_sha256: str | None = None) -> Verdict:
    """Approve a take; the one approved before becomes superseded, and one that was set aside is used again.
    `seen_sha256` is the file the person looked at.

    Raises Refusal when it does not wait for a verdict, or when another file was looked at.
    """
    _check(actor, take, seen_sha256)
    with transaction.atomic():
        _lock(take)
        before = take.sequence.takes.filter(state=ArtefactState.APPROVED.value).first()
        if before is not None:
            _move(before, ArtefactState.SUPERSEDED, actor, f"{take} was approved")
        _move(take, ArtefactState.APPROVED, actor, note or "approved", set_aside="")
        return _verdict(actor, take, Decision.APPROVE, note=note, superseded=before)


def reject(
    *,
    actor: AbstractBaseUser | None,
    take: Take,
    reason: str,
    note: str = "",
    seen_sha256: str | None = None,
) -> Verdict:
    """Reject a take, with a reason. Raises Refusal (no or unknown reason, not waiting, another file was looked at)."""
    reason = checked_reason(reason)
    _check(actor, take, seen_sha256)
    with transaction.atomic():
        _lock(take)
        _move(take, ArtefactState.REJECTED, actor, _said(reason, note))
        return _verdict(actor, take, Decision.REJECT, reason=reason, note=note)


def undo(*, actor: AbstractBaseUser | None, take: Take) -> Take:
    """Take the standing verdict back: the take waits again, and the one approved before it is approved again.

    Raises Refusal when there is no standing verdict.
    """
    orchestration.require(actor, take.sequence.project, *JUDGES)
    verdict = take.verdicts.filter(undone_at=None).select_related("superseded").first()
    if verdict is None:
        raise Refusal(f"{take} has no verdict to take back.", code="not_allowed", where=str(take))
    with transaction.atomic():
        _lock(take)
        verdict.undone_at, verdict.undone_by_id = timezone.now(), actor.pk if actor else None
        verdict.save(update_fields=["undone_at", "undone_by"])
        _move(take, ArtefactState.WAITING, actor, "verdict taken back")
        before = verdict.superseded
        if before is not None and before.state == ArtefactState.SUPERSEDED:
            _move(before, ArtefactState.APPROVED, actor, f"approval of {take} was taken back")
    return take


def judge_shots(
    *,
    actor: AbstractBaseUser | None,
    take: Take,
    shots: Sequence[int],
    decision: str,
    reason: str = "",
    note: str = "",
) -> list[ShotVerdict]:
    """Keep or redo shots of a take; saying it again changes it. Raises Refusal."""
    orchestration.require(actor, take.sequence.project, *JUDGES)
    if decision not in ShotDecision.values:
        raise Refusal(f"Decision is {decision!r}; say keep or redo.", where="decision")
    reason = checked_reason(reason) if reason else ""
    have = set(take.shots.values_list("number", flat=True))
    wrong = [n for n in shots if n not in have]
    if wrong or not shots:
        raise Refusal(f"{take} has shots {', '.join(map(str, sorted(have)))}; name one or more of them.", where="shots")
    user = actor.pk if actor else None
    said = {"decision": decision, "reason": reason, "note": note, "user_id": user}
    with transaction.atomic():
        return [ShotVerdict.objects.update_or_create(take=take, number=n, defaults=said)[0] for n in shots]


def clear_shot(*, actor: AbstractBaseUser | None, take: Take, shot: int) -> None:
    """Take back what was said of one shot."""
    orchestration.require(actor, take.sequence.project, *JUDGES)
    ShotVerdict.objects.filter(take=take, number=shot).delete()


def redo(*, actor: AbstractBaseUser | None, take: Take, key: str | None = None, shown_price: int | None = None) -> Take:
    """Ask for a new take that makes the shots marked redo again and reuses the rest. Raises Refusal.

    `shown_price` is what the person saw, in micro-dollars.
    """
    return orchestration.redo_shots(actor=actor, take=take, shots=_marked(take), key=key, shown_price=shown_price)


def send_back(
    *,
    actor: AbstractBaseUser | None,
    take: Take,
    reason: str,
    note: str = "",
    seen_sha256: str | None = None,
    key: str | None = None,
    shown_price: int | None = None,
) -> Take:
    """Reject a take and ask for a new one of the shots marked redo: both or neither. Returns the new take.

    Raises Refusal when it cannot be rejected, or when the redo is refused (rights, budget, price, shots that changed).
    """
    checked_reason(reason)
    _check(actor, take, seen_sha256)
    orchestration.require(actor, take.sequence.project, *MAKERS)
    orchestration.admit([orchestration.redo_quote(take=take, shots=_marked(take))], 1, shown_price)
    reject(actor=actor, take=take, reason=reason, note=note, seen_sha256=seen_sha256)
    try:
        return redo(actor=actor, take=take, key=key, shown_price=shown_price)
    except Refusal:
        # somebody spent the rest between the look and the request: pictures are cut there, so it is no one transaction
        undo(actor=actor, take=take)
        raise


def _marked(take: Take) -> list[int]:
    """Numbers of the shots marked redo. Raises Refusal when there is none."""
    rows = take.shot_verdicts.filter(decision=ShotDecision.REDO)
    numbers = list(rows.values_list("number", flat=True))
    if not numbers:
        raise Refusal(f"No shot of {take} is marked redo; mark one first.", code="not_allowed", where=str(take))
    return numbers


def say(*, actor: AbstractBaseUser | None, take: Take, text: str, frame: int | None = None) -> Note:
    """Leave a note, at a frame of the take counted from 0 or on the whole take. Raises Refusal."""
    orchestration.require(actor, take.sequence.project, *JUDGES)
    if not text.strip():
        raise Refusal("The note is empty; write something first.", where="text")
    if frame is not None and not 0 <= frame < (take.frames or 0):
        raise Refusal(f"Frame is {frame}; {take} has frames 0 to {(take.frames or 1) - 1}.", where="frame")
    return Note.objects.create(take=take, frame=frame, text=text.strip(), author_id=actor.pk if actor else None)


def checked_reason(reason: str) -> str:
    """A known reason, given by its key or its digit. Raises Refusal."""
    values = list(Reason.values)
    if reason.isdigit() and 1 <= int(reason) <= len(values):
        return values[int(reason) - 1]
    if reason not in values:
        wrong = f"Reason is {reason!r}" if reason else "A reject needs a reason"
        raise Refusal(f"{wrong}; choose one of {', '.join(values)}.", where="reason")
    return reason


def _lock(take: Take) -> None:
    """One verdict at a time for a sequence: only one of its takes may be approved."""
    SequenceRow.objects.select_for_update().get(pk=take.sequence_id)


def _check(actor: AbstractBaseUser | None, take: Take, seen: str | None) -> None:
    orchestration.require(actor, take.sequence.project, *JUDGES)
    if take.state != ArtefactState.WAITING:
        raise Refusal(
            f"{take} is {take.state}; only a take that waits can be judged. Undo its verdict first."
            if take.state in (ArtefactState.APPROVED, ArtefactState.REJECTED)
            else f"{take} is {take.state}; only a take that waits can be judged.",
            code="not_allowed",
            where=str(take),
        )
    if seen and seen != take.sha256:
        raise Refusal(f"{take} has changed since you looked; look again.", code="changed", where=str(take))


def _move(take: Take, to: ArtefactState, actor: AbstractBaseUser | None, why: str, **fields: Any) -> None:
    try:
        move(take, to, actor=actor, why=why, **fields)
    except MoveError as error:
        raise Refusal(str(error), code="not_allowed", where=str(take)) from None


def _verdict(
    actor: AbstractBaseUser | None,
    take: Take,
    decision: Decision,
    *,
    reason: str = "",
    note: str = "",
    superseded: Take | None = None,
) -> Verdict:
    try:
        return Verdict.objects.create(
            take=take,
            user_id=actor.pk if actor else None,
            decision=decision,
            reason=reason,
            note=note,
            take_sha256=take.sha256,
            superseded=superseded,
        )
    except IntegrityError:
        raise Refusal(f"{take} was judged meanwhile; look again.", code="changed", where=str(take)) from None


def _said(reason: str, note: str) -> str:
    return f"{Reason(reason).label}: {note}" if note else Reason(reason).label
