"""Shots: add, delete and restore, reorder, lengths, solo marks. Numbers of living shots are always 1 to n."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from sequences.errors import Refusal
from sequences.models import PromptRevision, Sequence, Shot
from sequences.planfile import number_text

from . import _checks as checks
from ._rules import MAKERS, locked, require

Actor = AbstractBaseUser | None
# Above every number in use, so that renumbering never meets a number that is still taken.
ASIDE = 100_000
USUAL, SHORTEST = Decimal(5), Decimal(1)
MOST_SECONDS = 10_000


def add_shot(
    *,
    actor: Actor,
    sequence: Sequence,
    after: Shot | None = None,
    prompt: str = "",
    seconds: Decimal | float | str | None = None,
    solo: bool = False,
) -> Shot:
    """Add a shot behind `after`, else at the end. Without `seconds` it takes what the section has left, 1 to 5 s.

    Raises Refusal.
    """
    require(actor, sequence.project, *MAKERS)
    text = checks.text(prompt, "prompt")
    with transaction.atomic():
        row = living_sequence(sequence)
        shots = living_shots(row)
        place = len(shots) if after is None else _place(shots, after) + 1
        length = _left(row, shots) if seconds is None else _length(seconds)
        shot = Shot(sequence=row, number=ASIDE, seconds=length, solo=solo)
        shot.save(force_insert=True)
        renumber([*shots[:place], shot, *shots[place:]])
        if text:
            PromptRevision.objects.create(shot=shot, number=1, text=text, author_id=actor.pk if actor else None)
    return shot


def delete_shot(*, actor: Actor, shot: Shot) -> Shot:
    """Take a shot out; those behind it move up. Its prompts and takes stay known. Raises Refusal."""
    require(actor, shot.sequence.project, *MAKERS)
    with transaction.atomic():
        sequence = living_sequence(shot.sequence)
        row = living_shot(shot)
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        renumber(living_shots(sequence))
    return row


def restore_shot(*, actor: Actor, shot: Shot) -> Shot:
    """Undo a delete: the shot comes back under the number it had, or last when there are fewer now."""
    require(actor, shot.sequence.project, *MAKERS)
    with transaction.atomic():
        sequence = living_sequence(shot.sequence)
        row = Shot.objects.select_related("sequence__project").get(pk=shot.pk)
        if row.deleted_at is None:
            return row
        shots = living_shots(sequence)
        place = min(row.number - 1, len(shots))
        row.number, row.deleted_at = ASIDE, None
        row.save(update_fields=["number", "deleted_at"])
        renumber([*shots[:place], row, *shots[place:]])
    return row


def reorder_shots(*, actor: Actor, sequence: Sequence, order: Iterable[int]) -> list[Shot]:
    """Put shots into the order of their present numbers, as [2, 1, 3]. Raises Refusal unless each is named once."""
    require(actor, sequence.project, *MAKERS)
    wanted = list(order)
    with transaction.atomic():
        shots = living_shots(living_sequence(sequence))
        if sorted(wanted) != [s.number for s in shots]:
            raise Refusal(
                f"Name every shot of {sequence.code} once; it has {len(shots)}.", where=f"{sequence.code} order"
            )
        ordered = [shots[number - 1] for number in wanted]
        renumber(ordered)
    return ordered


def set_seconds(*, actor: Actor, shot: Shot, seconds: Decimal | float | str) -> Shot:
    """Set a shot's length. Raises Refusal."""
    require(actor, shot.sequence.project, *MAKERS)
    length = _length(seconds)
    with transaction.atomic():
        living_sequence(shot.sequence)
        row = living_shot(shot)
        row.seconds = length
        row.save(update_fields=["seconds"])
    return row


def set_solo(*, actor: Actor, shot: Shot, solo: bool) -> Shot:
    """Mark a shot as always its own call, or take the mark off. Raises Refusal."""
    require(actor, shot.sequence.project, *MAKERS)
    with transaction.atomic():
        living_sequence(shot.sequence)
        row = living_shot(shot)
        row.solo = solo
        row.save(update_fields=["solo"])
    return row


def scale_shots(*, actor: Actor, sequence: Sequence, whole: bool = False) -> list[Shot]:
    """Stretch or shrink all shots so that they fill the section exactly, keeping their proportions.

    With `whole` every shot gets whole seconds (at least 1); only the last takes the fraction of a section that is
    not whole. Raises Refusal when there are too many shots for that.
    """
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        shots = living_shots(row)
        if not shots:
            raise Refusal(f"{row.code} has no shots to fit; add one first.", where=row.code)
        lengths = fitted([s.seconds for s in shots], row.end - row.start, whole=whole)
        if not lengths:
            raise Refusal(
                f"{len(shots)} shots cannot fill {number_text(row.end - row.start)} s"
                f"{' with whole seconds' if whole else ''}; delete a shot first.",
                where=row.code,
            )
        for shot, length in zip(shots, lengths, strict=True):
            shot.seconds = length
            shot.save(update_fields=["seconds"])
    return shots


def trim_last_shot(*, actor: Actor, sequence: Sequence) -> Shot:
    """Shorten the last shot so that the shots end with the section. Raises Refusal when that is not the way."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        shots = living_shots(row)
        over = sum((s.seconds for s in shots), Decimal(0)) - (row.end - row.start)
        if over <= 0:
            raise Refusal(f"The shots of {row.code} are not longer than its section.", where=row.code)
        last = shots[-1]
        if last.seconds <= over:
            raise Refusal(
                f"The shots are {number_text(over)} s too long and shot {last.number} has only "
                f"{number_text(last.seconds)} s; scale all shots or delete one.",
                where=f"{row.code} shot {last.number}",
            )
        last.seconds -= over
        last.save(update_fields=["seconds"])
    return last


def fitted(lengths: list[Decimal], total: Decimal, *, whole: bool) -> list[Decimal]:
    """Lengths in proportion that add up to `total`; an empty list when that cannot be.

    Whole seconds are dealt by largest remainder, each shot having one to begin with.
    """
    step = Decimal(1) if whole else Decimal("0.001")
    units = int((total / step).to_integral_value(ROUND_CEILING))
    spare = units - len(lengths)
    if spare < 0:
        return []
    ideal = [length * units / sum(lengths) - 1 for length in lengths]
    shares = [max(i, Decimal(0)) for i in ideal]
    shares = [s * spare / sum(shares) if sum(shares) else Decimal(spare) / len(lengths) for s in shares]
    dealt = [int(s) for s in shares]
    by_remainder = sorted(range(len(shares)), key=lambda n: (dealt[n] - shares[n], n))
    for n in by_remainder[: spare - sum(dealt)]:
        dealt[n] += 1
    out = [(d + 1) * step for d in dealt]
    out[-1] -= units * step - total
    return out if out[-1] > 0 else []


def renumber(ordered: list[Shot]) -> None:
    """Number these living shots 1 to n in this order, stepping aside first so that no number is met twice."""
    Shot.objects.filter(pk__in=[s.pk for s in ordered]).update(number=F("number") + ASIDE)
    for number, shot in enumerate(ordered, 1):
        shot.number = number
        Shot.objects.filter(pk=shot.pk).update(number=number)


def append_shots(target: Sequence, shots: list[Shot]) -> None:
    """Bring shots of another sequence behind the target's own, in their order."""
    highest = target.shots.aggregate(highest=Max("number"))["highest"] or 0
    for n, shot in enumerate(shots, 1):
        shot.sequence, shot.number = target, highest + n
        shot.save(update_fields=["sequence", "number"])
    renumber(living_shots(target))


def living_shots(sequence: Sequence) -> list[Shot]:
    """Living shots in order."""
    return list(sequence.shots.filter(deleted_at=None).order_by("number"))


def living_shot(shot: Shot) -> Shot:
    """The fresh row. Raises Refusal when it was deleted."""
    row = Shot.objects.select_related("sequence__project").get(pk=shot.pk)
    if row.deleted_at is not None:
        raise Refusal(f"That shot of {row.sequence.code} was deleted; restore it first.", code="deleted")
    return row


def living_sequence(sequence: Sequence) -> Sequence:
    """The fresh row, its project locked. Raises Refusal when it was deleted."""
    locked(sequence.project)
    row = Sequence.objects.select_related("project").get(pk=sequence.pk)
    if row.deleted_at is not None:
        raise Refusal(f"{row.code} was deleted; restore it first.", code="deleted", where=row.code)
    return row


def _place(shots: list[Shot], shot: Shot) -> int:
    for place, other in enumerate(shots):
        if other.pk == shot.pk:
            return place
    raise Refusal("The shot to add behind is not there any more; look again.", code="stale", where="after")


def _left(sequence: Sequence, shots: list[Shot]) -> Decimal:
    left = sequence.end - sequence.start - sum(s.seconds for s in shots)
    return min(max(left, SHORTEST), USUAL)


def _length(value: Decimal | float | str) -> Decimal:
    length = checks.seconds(value)
    if length <= 0:
        raise Refusal(f"{number_text(length)} s is no length; a shot needs more than 0 seconds.", where="seconds")
    if length >= MOST_SECONDS:
        raise Refusal(f"{number_text(length)} s is too long for a shot.", where="seconds")
    return length
