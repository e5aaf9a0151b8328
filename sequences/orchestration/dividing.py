"""Which shots share a call: dividers, solo marks and models that people set, and the way back from each.

Every verb answers with the marks as they were, which `put_marks` brings back. `mode` and `model` are those of the plan
that was looked at; without them the sequence's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences import callplan
from sequences.callplan import Proposal
from sequences.errors import Refusal
from sequences.models import Sequence as SequenceRow
from sequences.models import Shot
from sequences.queries import load

from ._rules import MAKERS, require
from .quoting import Quote, quote, split_proposals, video_endpoint
from .shots import living_sequence, living_shot, living_shots

Actor = AbstractBaseUser | None


@dataclass(frozen=True, slots=True)
class Marks:
    """Dividers, solo marks and models of a sequence's shots by their ids: all that people decide about its calls."""

    shots: frozenset[int]
    divided: frozenset[int]
    solo: frozenset[int]
    models: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """One word a shot, for a form: `12ds:sketch/clip` is shot 12, divided, solo, with that model."""
        models = dict(self.models)
        return " ".join(
            f"{pk}{'d' if pk in self.divided else ''}{'s' if pk in self.solo else ''}"
            + (f":{models[pk]}" if pk in models else "")
            for pk in sorted(self.shots)
        )

    @classmethod
    def read(cls, text: str) -> Marks:
        """What `text` wrote. Raises Refusal for anything else."""
        shots, divided, solo, models = set(), set(), set(), []
        for word in text.split():
            head, _, model = word.partition(":")
            number = head.rstrip("ds")
            if not number.isascii() or not number.isdigit() or len(number) > 18:
                raise Refusal("What would be undone cannot be read; look at the plan again.", where="marks")
            pk = int(number)
            shots.add(pk)
            divided |= {pk} if "d" in head else set()
            solo |= {pk} if "s" in head else set()
            models += [(pk, model)] if model else []
        return cls(frozenset(shots), frozenset(divided), frozenset(solo), tuple(models))


@dataclass(frozen=True, slots=True)
class Replanned:
    """What a verb did, in one sentence, and the marks before it."""

    before: Marks
    said: str


def divide(*, actor: Actor, shot: Shot, mode: str | None = None, model: str | None = None) -> Replanned:
    """Let a call begin at a shot. Raises Refusal where one begins anyway, whatever the limits."""
    require(actor, shot.sequence.project, *MAKERS)
    with transaction.atomic():
        sequence = living_sequence(shot.sequence)
        row = living_shot(shot)
        before = marks_of(sequence)
        planning = _quote(sequence, mode, model).planning
        if why := callplan.rule_before(planning, row.number):
            raise Refusal(f"A call begins at shot {row.number} anyway: {why}.", code="not_allowed", where=str(row))
        row.divided = True
        row.save(update_fields=["divided"])
    return Replanned(before, f"Split after shot {row.number - 1}.")


def join(*, actor: Actor, shot: Shot, mode: str | None = None, model: str | None = None) -> Replanned:
    """Take the divider before a shot away, so that it shares the call of the shot before it.

    Raises Refusal with what stands against it: a rule, or the limit that both together would break.
    """
    require(actor, shot.sequence.project, *MAKERS)
    with transaction.atomic():
        sequence = living_sequence(shot.sequence)
        row = living_shot(shot)
        before = marks_of(sequence)
        planning = _quote(sequence, mode, model).planning
        if row.number == 1:
            raise Refusal("Nothing is before shot 1 to join it with.", code="not_allowed", where=str(row))
        if why := callplan.between(planning, row.number):
            raise Refusal(
                f"Shots {row.number - 1} and {row.number} cannot share a call: {why}.", code="not_allowed",
                where=str(row),
            )  # fmt: skip
        row.divided = False
        row.save(update_fields=["divided"])
    return Replanned(before, f"Shot {row.number} joins the call of shot {row.number - 1}.")


def move_divider(
    *, actor: Actor, sequence: SequenceRow, at: int, to: int, mode: str | None = None, model: str | None = None
) -> Replanned:
    """Move the divider that stands before shot `at` so that it stands before shot `to`; the other ones stay.

    Where the limits then split a call all the same, the answer says so. Raises Refusal.
    """
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        before = marks_of(row)
        try:
            moved = callplan.move(_quote(row, mode, model).planning, at, to)
        except callplan.Stuck as stuck:
            raise Refusal(str(stuck), code="not_allowed", where=row.code) from None
        _write(row, divided=moved.divided)
    also = " and ".join(f"shot {n - 1}" for n in moved.splits)
    said = f"The divider stands after shot {to - 1} now."
    return Replanned(before, f"{said} The limits split after {also} by themselves." if also else said)


def fill_calls(*, actor: Actor, sequence: SequenceRow) -> Replanned:
    """Take every divider of a sequence away: calls are as full as the limits allow. Raises Refusal without any."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        before = marks_of(row)
        if not before.divided:
            raise Refusal(f"{row.code} has no dividers; its calls are as full as they can be.", code="not_allowed",
                          where=row.code)  # fmt: skip
        row.shots.filter(deleted_at=None, divided=True).update(divided=False)
    count = len(before.divided)
    return Replanned(before, f"{count} divider{'s' if count > 1 else ''} taken away; calls are filled up.")


def set_model(*, actor: Actor, shots: Sequence[Shot], model: str) -> Replanned:
    """Make these shots on a model of their own; an empty one is the take's again. Raises Refusal."""
    if not shots:
        raise Refusal("Name the shots that are to be made on that model.", where="shots")
    first = shots[0].sequence
    require(actor, first.project, *MAKERS)
    endpoint = video_endpoint(first.project, model) if model else None
    with transaction.atomic():
        sequence = living_sequence(first)
        before = marks_of(sequence)
        rows = [living_shot(shot) for shot in shots]
        if any(row.sequence_id != sequence.pk for row in rows):
            raise Refusal("Name shots of one sequence.", where="shots")
        Shot.objects.filter(pk__in=[row.pk for row in rows]).update(model=endpoint.id if endpoint else "")
    named = _named(sorted(row.number for row in rows))
    return Replanned(before, f"{named} on {endpoint.title}." if endpoint else f"{named} on the take's model.")


def apply_split(
    *, actor: Actor, sequence: SequenceRow, key: str, mode: str | None = None, model: str | None = None
) -> Replanned:
    """Make the shots that name a dropped element calls of their own, as the plan proposes for it.

    Raises Refusal when nothing is proposed for it.
    """
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        before = marks_of(row)
        asked = _quote(row, mode, model)
        found = next((p for p in split_proposals(asked) if p.key == key), None)
        if found is None:
            raise Refusal(_no_split(asked, key), code="not_allowed", where=key)
        _write(row, divided=asked.planning.divided | found.divided, solo=asked.planning.solo | found.solo)
    return Replanned(before, f"{_named(found.shots)} a call of {_own(found)}, with {found.name}.")


def put_marks(*, actor: Actor, sequence: SequenceRow, marks: Marks) -> Replanned:
    """Bring dividers, solo marks and models back to what they were. Raises Refusal when shots came or went since."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        before = marks_of(row)
        if before.shots != marks.shots:
            raise Refusal("Shots were added or taken out since; set the dividers by hand.", code="stale",
                          where=row.code)  # fmt: skip
        models = dict(marks.models)
        for shot in living_shots(row):
            shot.divided, shot.solo = shot.pk in marks.divided, shot.pk in marks.solo
            shot.model = models.get(shot.pk, "")
            shot.save(update_fields=["divided", "solo", "model"])
    return Replanned(before, "Calls are as they were.")


def marks_of(sequence: SequenceRow) -> Marks:
    """The marks as they stand. One query."""
    rows = living_shots(sequence)
    return Marks(
        frozenset(s.pk for s in rows),
        frozenset(s.pk for s in rows if s.divided),
        frozenset(s.pk for s in rows if s.solo),
        tuple((s.pk, s.model) for s in rows if s.model),
    )


def _write(sequence: SequenceRow, *, divided: Iterable[int], solo: Iterable[int] | None = None) -> None:
    """Marks by shots' numbers; those not given stay."""
    cuts, alone = set(divided), None if solo is None else set(solo)
    for shot in living_shots(sequence):
        shot.divided = shot.number in cuts
        shot.solo = shot.solo if alone is None else shot.number in alone
        shot.save(update_fields=["divided", "solo"])


def _quote(sequence: SequenceRow, mode: str | None, model: str | None) -> Quote:
    return quote(load(sequence.project, [sequence])[0], mode=mode, model=model)


def _no_split(asked: Quote, key: str) -> str:
    dropped = next((d for d in asked.plan.dropped if d.key == key), None)
    if dropped is None:
        return f"@{key} is not left out of this plan; there is nothing to split for it."
    return f"No split sends {dropped.name}: {dropped.reason}."


def _named(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers))
    return f"Shot {listed} is" if len(numbers) == 1 else f"Shots {listed} are"


def _own(found: Proposal) -> str:
    return "its own" if len(found.shots) == 1 else "their own"
