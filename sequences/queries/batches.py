"""Batches as pages and commands read them: what became of each sequence, and whether anything is still to be sent.

Money is micro-dollars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from sequences.costs import amount
from sequences.models import Batch, BatchItem, Job, Project, Sequence, Take
from sequences.states import JOB_WORDS, LIVE_JOBS, ArtefactState, JobState

from .documents import moment

PAUSED = "Its batch is paused."
"""What a call says that is not sent because its batch is paused."""
CALLED_OFF = "It was called off before it was asked for."


def held_back() -> Exists:
    """Condition on jobs: the take they are for belongs to a batch that is paused."""
    return Exists(BatchItem.objects.filter(take=OuterRef("take"), batch__paused_at__isnull=False))


def is_held_back(job: Job) -> bool:
    """Whether the job's batch is paused. One query; none for a job of no take."""
    if job.take_id is None:
        return False
    return BatchItem.objects.filter(take_id=job.take_id, batch__paused_at__isnull=False).exists()


def unsent(batch: Batch) -> QuerySet[Job]:
    """Calls of a batch that were never sent and that nobody has stopped."""
    mine = Job.objects.filter(take__batch_items__batch=batch, state=JobState.QUEUED.value)
    return mine.filter(cancel_asked=False)


def still_open(batch: Batch) -> QuerySet[BatchItem]:
    """What was promised of a batch and not asked for yet: it broke off in the middle."""
    return batch.items.filter(take=None, refusal="")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What became of one take of a batch. `look` and `icon` are those of the status it shows, `value` of `most` is how
    many of its calls are done while it is being made."""

    item: BatchItem
    word: str
    look: str
    icon: str
    calls: int = 0
    done: int = 0
    away: int = 0
    queued: int = 0
    cost: int = 0
    note: str = ""

    @property
    def sequence(self) -> Sequence:
        """Its sequence."""
        return self.item.sequence

    @property
    def take(self) -> Take | None:
        """The take it got."""
        return self.item.take

    @property
    def making(self) -> bool:
        """Whether its take is being made."""
        return self.take is not None and self.take.state == ArtefactState.MAKING


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with one row an item, in the order they were asked for."""

    batch: Batch
    items: tuple[ItemRow, ...]

    @property
    def queued(self) -> int:
        """Calls that are not sent yet."""
        return sum(row.queued for row in self.items)

    @property
    def away(self) -> int:
        """Calls that were sent and have not ended."""
        return sum(row.away for row in self.items)

    @property
    def calls(self) -> int:
        """Calls of all its takes."""
        return sum(row.calls for row in self.items)

    @property
    def done(self) -> int:
        """Those of them that have ended."""
        return sum(row.done for row in self.items)

    @property
    def missing(self) -> int:
        """Takes that were promised and not asked for yet."""
        return sum(row.take is None and not row.item.refusal for row in self.items)

    @property
    def refused(self) -> tuple[ItemRow, ...]:
        """Items that got no take, with their sentence."""
        return tuple(row for row in self.items if row.item.refusal)

    @property
    def asked(self) -> int:
        """Items that got a take."""
        return sum(row.take is not None for row in self.items)

    @property
    def making(self) -> int:
        """Takes that are being made."""
        return sum(row.making for row in self.items)

    @property
    def ended(self) -> int:
        """Takes that are made or have failed."""
        return self.asked - self.making

    @property
    def cost(self) -> int:
        """What was billed so far."""
        return sum(row.cost for row in self.items)

    @property
    def paused(self) -> bool:
        """Whether it is paused and still holds something back."""
        return self.batch.paused_at is not None

    @property
    def live(self) -> bool:
        """Whether anything of it moves by itself: what a paused one holds back does not."""
        return bool(self.away or (self.making and not self.paused) or self._joining)

    @property
    def _joining(self) -> bool:
        return any(row.making and not row.queued and not row.away for row in self.items)

    @property
    def state(self) -> str:
        """paused, stopped (it broke off while it was asked for), running, refused (nothing was asked for) or done."""
        if self.paused:
            return "paused"
        if self.missing:
            return "stopped"
        if self.making:
            return "running"
        return "done" if self.asked else "refused"

    @property
    def refused_codes(self) -> list[str]:
        """Sequences that got no take, each once."""
        return list(dict.fromkeys(row.sequence.code for row in self.refused))


def batch_row(batch: Batch) -> BatchRow:
    """One batch with everything about its items. Two queries."""
    rows = batch.items.select_related("sequence", "take__sequence").order_by("sequence__start", "sequence_id", "nth")
    items = list(rows)
    jobs = _jobs([item.take_id for item in items if item.take_id])
    return BatchRow(batch, tuple(_item(batch, item, jobs[item.take_id or 0]) for item in items))


def _jobs(takes: Iterable[int]) -> dict[int, list[Job]]:
    """The newest job of every call, by take."""
    newest: dict[tuple[int, int], Job] = {}
    fields = ("id", "take_id", "call", "state", "note", "cost_micros", "cancel_asked")
    for job in Job.objects.filter(take__in=list(takes)).only(*fields).order_by("id"):
        newest[(job.take_id or 0, job.call)] = job
    out: dict[int, list[Job]] = defaultdict(list)
    for (take, _), job in sorted(newest.items(), key=lambda found: found[0]):
        out[take].append(job)
    return out


def _item(batch: Batch, item: BatchItem, jobs: list[Job]) -> ItemRow:
    if item.take is None:
        if item.refusal:
            return ItemRow(item, "Refused", "failed", "failed", note=item.refusal)
        return ItemRow(item, "Not asked for yet", "draft", "draft")
    live = [j for j in jobs if j.state in LIVE_JOBS]
    queued = sum(j.state == JobState.QUEUED for j in live)
    word, look, icon = _said(batch, item.take, live, queued)
    return ItemRow(
        item, word, look, icon,
        calls=len(jobs), done=len(jobs) - len(live), away=len(live) - queued, queued=queued,
        cost=sum(j.cost_micros or 0 for j in jobs), note=_note(item.take, live),
    )  # fmt: skip


def _said(batch: Batch, take: Take, live: list[Job], queued: int) -> tuple[str, str, str]:
    if take.state == ArtefactState.MAKING:
        if live and queued == len(live):
            return ("Paused", "paused", "pause") if batch.paused_at else ("Queued", "generating", "generating")
        if not live:
            return "Joining and checking", "generating", "generating"
        return next(JOB_WORDS[j.state] for j in live if j.state != JobState.QUEUED), "generating", "generating"
    words = {
        "waiting": ("In review", "review", "review"),
        "approved": ("Approved", "approved", "approved"),
        "rejected": ("Rejected", "changes", "changes"),
        "superseded": ("Superseded", "draft", "draft"),
        "failed": ("Failed", "failed", "failed"),
    }
    return words[take.state]


def _note(take: Take, live: list[Job]) -> str:
    if take.state == ArtefactState.FAILED:
        return take.error
    return next((j.note for j in live if j.note and j.note != PAUSED), "")


def _per_batch(rows: QuerySet[BatchItem]) -> Coalesce:
    """How many of these items a batch has."""
    mine = rows.filter(batch=OuterRef("pk")).order_by().values("batch").annotate(n=Count("pk", distinct=True))
    return Coalesce(Subquery(mine.values("n"), output_field=IntegerField()), 0)


def batches_of(project: Project) -> QuerySet[Any]:
    """Batches of a project, the newest first, each with `promised` (its items), `asked` (those that got a take),
    `refused`, `missing` (not asked for yet) and `making`. One query."""
    items = BatchItem.objects.all()
    return project.batches.select_related("created_by").order_by("-number").annotate(
        promised=_per_batch(items), asked=_per_batch(items.filter(take__isnull=False)),
        refused=_per_batch(items.exclude(refusal="")),
        missing=_per_batch(items.filter(take=None, refusal="")),
        making=_per_batch(items.filter(take__state=ArtefactState.MAKING.value)),
    )  # fmt: skip


def open_batches(project: Project) -> QuerySet[Any]:
    """Those of them that run, are paused, or broke off. One query."""
    return batches_of(project).filter(Q(paused_at__isnull=False) | Q(missing__gt=0) | Q(making__gt=0))


def document(batch: Batch) -> dict[str, Any]:
    """One batch as --json carries it, with a result for each item: `take` is the id of the take it got, `refusal` why
    it got none."""
    found = batch_row(batch)
    return {
        "number": batch.number,
        "state": found.state,
        "takes": batch.takes,
        "model": batch.model or None,
        "price": amount(batch.price_micros),
        "cost": amount(found.cost),
        "asked_at": moment(batch.created_at),
        "paused_at": moment(batch.paused_at),
        "calls_sent": found.away,
        "calls_waiting": found.queued,
        "items": [_item_document(row) for row in found.items],
    }


def _item_document(row: ItemRow) -> dict[str, Any]:
    return {
        "sequence": row.sequence.code,
        "take": row.take.pk if row.take else None,
        "number": row.take.number if row.take else None,
        "state": row.take.state if row.take else "refused" if row.item.refusal else "open",
        "price": amount(row.item.price_micros),
        "cost": amount(row.cost),
        "refusal": row.item.refusal,
    }


__all__ = [
    "CALLED_OFF",
    "PAUSED",
    "BatchRow",
    "ItemRow",
    "batch_row",
    "batches_of",
    "document",
    "held_back",
    "is_held_back",
    "open_batches",
    "still_open",
    "unsent",
]
