"""What the picker shows beyond a sequence's facts: neighbours, earlier start frames, the price of its grids."""

from __future__ import annotations

from django.db.models import Sum

from sequences.models import Grid, LedgerEntry, Project, Sequence, Shot, StartFrame
from sequences.states import ArtefactState

from .facts import SequenceFacts, load
from .waiting import open_picks

USABLE = (ArtefactState.APPROVED.value, ArtefactState.SUPERSEDED.value)


def with_neighbours(
    project: Project, sequence: Sequence
) -> tuple[SequenceFacts | None, SequenceFacts, SequenceFacts | None]:
    """Facts of the sequence before, of this one and of the one after, in song order. Nine queries."""
    order = list(project.sequences.filter(deleted_at=None).only("code", "start"))
    place = next(n for n, row in enumerate(order) if row.pk == sequence.pk)
    near = order[max(0, place - 1) : place + 2]
    found = {facts.sequence.pk: facts for facts in load(project, near)}
    before = found[order[place - 1].pk] if place else None
    after = found[order[place + 1].pk] if place + 1 < len(order) else None
    return before, found[sequence.pk], after


def usable_frames(sequence: Sequence, shot: Shot | None, use: str = "start") -> list[StartFrame]:
    """Start frames in use or used before, of the sequence or of one shot of it (or its end frames); newest first."""
    rows = sequence.start_frames.filter(shot=shot, use=use, state__in=USABLE)
    return list(rows.select_related("grid", "take__sequence", "parent").order_by("-number"))


def grids_cost(sequence: Sequence) -> int:
    """What the sequence's grids have cost, in micro-dollars."""
    paid = LedgerEntry.objects.filter(job__sequence=sequence, job__grid__isnull=False, kind="settle")
    return paid.aggregate(total=Sum("amount_micros"))["total"] or 0


def next_open_pick(project: Project, after: Sequence) -> Grid | None:
    """The grid that has waited longest for a pick in another sequence."""
    rows = open_picks(project).exclude(sequence=after).select_related("sequence")
    return rows.order_by("created_at", "number").first()
