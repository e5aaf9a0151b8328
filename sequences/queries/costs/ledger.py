"""The ledger as it is read: every entry with what it was for, and how much was held and spent after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sequences.models import LedgerEntry, Project

from .report import title_of, work_of

KINDS = dict(LedgerEntry.KINDS)
Counters = tuple[int, int]  # held, spent


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry. `held_after` and `spent_after` are the project's, once it was entered.

    `units` times `unit_price` (dollars) is what was held, `billed_units` what the provider counted in the end; None
    where nobody said. `estimated`: the amount was settled at the estimate, the provider has not confirmed it.
    """

    id: int
    at: datetime
    kind: str
    sequence: str
    work: str
    endpoint: str
    title: str
    request_id: str
    estimate: int
    amount: int
    units: Decimal | None
    unit_price: Decimal | None
    billed_units: Decimal | None
    estimated: bool
    held_after: int
    spent_after: int
    who: str
    why: str
    take: int | None
    grid: int | None

    @property
    def exact(self) -> int | None:
        """What was billed; None for an entry that billed nothing."""
        return self.amount if self.kind in ("settle", "late") else None

    @property
    def sum(self) -> str:
        """The entry as units times a price: `10 × $0.112`; empty when it is not known.

        A hold whose price was not the provider's own word shows what its estimate makes a unit.
        """
        count, price = (self.units, self.unit_price) if self.exact is None else (self.billed_units, self.unit_price)
        if price is None and count and self.kind == "hold":
            price = (Decimal(self.estimate).scaleb(-6) / count).quantize(Decimal("0.000001"))
        return "" if count is None or price is None else f"{_plain(count)} × ${_plain(price)}"


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A part of the ledger, the newest entry first. `total` counts what the filter lets through, `older` the rest."""

    rows: tuple[LedgerRow, ...]
    total: int
    number: int
    older: int


def ledger(
    project: Project, *, kind: str = "", sequence: str = "", number: int = 1, size: int | None = 50
) -> LedgerPage:
    """Page `number` (from 1) of the ledger; size None is everything. `kind` and `sequence` (a code) filter.

    A page past the end is empty. Three queries.
    """
    after = dict(_counters(project))
    entries = LedgerEntry.objects.filter(project_id=project.pk).select_related(
        "job__sequence", "job__take", "job__grid", "job__start_frame", "actor"
    )
    if kind:
        entries = entries.filter(kind=kind)
    if sequence:
        entries = entries.filter(job__sequence__code__iexact=sequence)
    heavy = ("job__request", "job__wire", "job__result_ref", "job__take__plan", "job__take__elements")
    total, found = entries.count(), entries.order_by("-id").defer(*heavy)
    first = 0 if size is None else max(0, number - 1) * size
    rows = tuple(_row(entry, after) for entry in (found if size is None else found[first : first + size]))
    return LedgerPage(rows, total, number, max(0, total - first - len(rows)))


def _counters(project: Project) -> Iterator[tuple[int, Counters]]:
    held = spent = 0
    entries = LedgerEntry.objects.filter(project_id=project.pk).order_by("id")
    for pk, kind, amount, estimate in entries.values_list("pk", "kind", "amount_micros", "job__estimate_micros"):
        held += amount if kind == "hold" else -estimate if kind in ("settle", "release") else 0
        spent += amount if kind in ("settle", "late") else 0
        yield pk, (held, spent)


def _row(entry: LedgerEntry, counters: dict[int, Counters]) -> LedgerRow:
    # an entry made since the counters were read has no figures yet
    job, after = entry.job, counters.get(entry.pk, (0, 0))
    return LedgerRow(
        id=entry.pk, at=entry.created_at, kind=entry.kind, sequence=job.sequence.code, work=work_of(job),
        endpoint=job.endpoint, title=title_of(job.endpoint), request_id=job.request_id,
        estimate=job.estimate_micros, amount=entry.amount_micros, units=job.units, unit_price=job.unit_price,
        billed_units=job.billed_units, estimated=entry.kind == "settle" and job.charged is None,
        held_after=after[0], spent_after=after[1], who=entry.actor.get_username() if entry.actor else "",
        why=entry.why, take=job.take.number if job.take else None, grid=job.grid.number if job.grid else None,
    )  # fmt: skip


def _plain(value: Decimal) -> str:
    """A number without the zeros behind it."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
