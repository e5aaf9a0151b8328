"""Where the money went and what finishing may take. Money is integer micro-dollars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sequences.models import Job, LedgerEntry, Project
from sequences.providers import catalogue
from sequences.providers.base import Kind
from sequences.states import JobState

from .facts import SequenceFacts, load
from .stages import stage

UNUSED = (JobState.FAILED.value, JobState.CANCELLED.value, JobState.LOST.value, JobState.ABSENT.value)
"""Ends that bring nothing; what was settled for them is assigned to no take."""
NO_HISTORY = (1.0, 3.0)
"""Takes an approval needs while nothing is approved yet."""


@dataclass(frozen=True, slots=True)
class SequenceCost:
    """One sequence: settled and held, and what an approved second of it cost (None before approval)."""

    code: str
    section: str
    stage: str
    takes: int
    spent: int
    held: int
    approved_seconds: float

    @property
    def per_second(self) -> int | None:
        """Micro-dollars an approved second."""
        return round(self.spent / self.approved_seconds) if self.approved_seconds else None


@dataclass(frozen=True, slots=True)
class ModelCost:
    """One endpoint: calls that were paid, how many of its takes or grids are in use, and what was settled."""

    endpoint: str
    title: str
    kind: str
    calls: int
    kept: int
    spent: int


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A call that was paid and brought nothing."""

    sequence: str
    work: str
    error: str
    spent: int


@dataclass(frozen=True, slots=True)
class ToFinish:
    """What the open sequences may still cost, from `takes` (low, high) an approval; None while a price is unknown."""

    low: int | None
    high: int | None
    open: int
    takes: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CostsReport:
    """All of it. The sequences' `spent` and `unassigned` add up to `spent`."""

    cap: int
    spent: int
    held: int
    calls_held: int
    by_sequence: tuple[SequenceCost, ...]
    by_model: tuple[ModelCost, ...]
    approved_seconds: float
    to_finish: ToFinish
    unassigned: tuple[Unassigned, ...]

    @property
    def left(self) -> int:
        """What may still be promised."""
        return max(0, self.cap - self.spent - self.held)

    @property
    def per_approved_second(self) -> int | None:
        """Everything spent over the approved seconds; None before the first approval."""
        return round(self.spent / self.approved_seconds) if self.approved_seconds else None

    @property
    def unassigned_total(self) -> int:
        """What was paid for nothing."""
        return sum(u.spent for u in self.unassigned)


def costs_report(project: Project) -> CostsReport:
    """The report of a project, in a fixed number of queries. Sequences deleted since are listed while they cost."""
    facts = load(project)
    settled = _settled(project)
    unassigned = _unassigned(project)
    by_sequence = (*(_sequence(f, settled) for f in facts), *_deleted(facts, settled))
    return CostsReport(
        cap=project.cap_micros,
        spent=project.spent_micros,
        held=project.held_micros,
        calls_held=sum(len(f.jobs) for f in facts),
        by_sequence=by_sequence,
        by_model=_models(facts, settled),
        approved_seconds=sum(s.approved_seconds for s in by_sequence),
        to_finish=_to_finish(project, facts),
        unassigned=unassigned,
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    sequence: int
    code: str
    endpoint: str
    kind: str
    used: bool
    spent: int


def _settled(project: Project) -> list[_Sum]:
    rows = LedgerEntry.objects.filter(project=project, kind="settle").order_by("id")
    named = rows.values_list(
        "job__sequence_id", "job__sequence__code", "job__endpoint", "job__kind", "job__state", "amount_micros"
    )
    return [_Sum(seq, code, end, kind, state not in UNUSED, amount) for seq, code, end, kind, state, amount in named]


def _unassigned(project: Project) -> tuple[Unassigned, ...]:
    paid = LedgerEntry.objects.filter(project=project, kind="settle", amount_micros__gt=0, job__state__in=UNUSED)
    rows = paid.select_related("job__sequence", "job__grid", "job__take").order_by("-id")
    return tuple(Unassigned(r.job.sequence.code, _work(r.job), r.job.error, r.amount_micros) for r in rows)


def _work(job: Job) -> str:
    if job.grid:
        return f"Grid {job.grid.number}"
    return f"T{job.take.number} call {job.call}" if job.take else ""


def _sequence(facts: SequenceFacts, settled: Iterable[_Sum]) -> SequenceCost:
    sequence = facts.sequence
    return SequenceCost(
        code=sequence.code,
        section=sequence.section,
        stage=stage(facts),
        takes=len(facts.takes),
        spent=sum(s.spent for s in settled if s.used and s.sequence == sequence.pk),
        held=facts.held_micros,
        approved_seconds=sequence.seconds if facts.approved_take else 0.0,
    )


def _deleted(facts: Sequence[SequenceFacts], settled: Iterable[_Sum]) -> list[SequenceCost]:
    living = {f.sequence.pk for f in facts}
    gone: dict[tuple[int, str], int] = defaultdict(int)
    for row in settled:
        if row.used and row.sequence not in living:
            gone[row.sequence, row.code] += row.spent
    return [SequenceCost(code, "deleted", "draft", 0, spent, 0, 0.0) for (_, code), spent in gone.items() if spent]


def _models(facts: Sequence[SequenceFacts], settled: Sequence[_Sum]) -> tuple[ModelCost, ...]:
    kept: dict[str, int] = defaultdict(int)
    for found in facts:
        if found.approved_take:
            kept[found.approved_take.endpoint] += 1
        picked = found.start_frame.grid_id if found.start_frame else None
        for grid in found.grids:
            kept[grid.endpoint] += grid.pk == picked
    names = dict.fromkeys((s.endpoint, s.kind) for s in settled)
    return tuple(_model(name, kind, settled, kept[name]) for name, kind in names)


def _model(name: str, kind: str, settled: Iterable[_Sum], kept: int) -> ModelCost:
    mine = [s for s in settled if s.endpoint == name]
    try:
        title = catalogue.endpoint(name).title
    except catalogue.UnknownEndpoint:
        title = name
    return ModelCost(name, title, kind, len(mine), kept, sum(s.spent for s in mine))


def _to_finish(project: Project, facts: Sequence[SequenceFacts]) -> ToFinish:
    undone = [f for f in facts if not f.approved_take]
    takes = _takes_an_approval([f for f in facts if f.approved_take])
    one = _once(project, undone)
    if one is None:
        return ToFinish(None, None, len(undone), takes)
    return ToFinish(round(one * takes[0]), round(one * takes[1]), len(undone), takes)


def _takes_an_approval(done: Sequence[SequenceFacts]) -> tuple[float, float]:
    """The usual number and the worst one of the approved sequences: narrow only when they agree."""
    if not done:
        return NO_HISTORY
    counts = [len(f.takes) for f in done]
    usual = sum(counts) / len(counts)
    return usual, max(float(max(counts)), usual * 1.5)


def _once(project: Project, undone: Iterable[SequenceFacts]) -> int | None:
    """One take of everything open, and a grid for whatever has no start frame."""
    try:
        film = _endpoint(project, project.model, "video")
        grid = _endpoint(project, project.grid_model, "grid")
    except catalogue.UnknownEndpoint:
        return None
    total = 0
    for facts in undone:
        take = film.price(facts.seconds or facts.sequence.seconds)
        still = 0 if facts.start_frame else grid.price(1)
        if take is None or still is None:
            return None
        total += take + still
    return total


def _endpoint(project: Project, wanted: str, kind: Kind) -> catalogue.Endpoint:
    return catalogue.endpoint(wanted) if wanted else catalogue.default(project.provider, kind)
