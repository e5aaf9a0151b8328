"""The report of a project: by sequence, take, model and prompt revision. Every grouping adds up to what was spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sequences.costs import Day, day_of
from sequences.models import Job, Project, Take, TakeShot
from sequences.providers import catalogue
from sequences.queries.facts import SequenceFacts, load
from sequences.queries.stages import stage
from sequences.states import JobState

from .finish import ToFinish, to_finish
from .lines import EXPLORATION, FOR_TAKE, UNASSIGNED, Line, lines
from .loading import Books, Charge, load_books


@dataclass(frozen=True, slots=True)
class SequenceCost:
    """One sequence: what its takes and pictures cost, what is held, and what an approved second of it cost.

    `exploration` of `spent` is for pictures no shot begins with; `failed` counts attempts that brought nothing and
    `lost` is what was paid for them, which is not in `spent` but unassigned. `estimated` of `spent` is not confirmed.
    """

    code: str
    section: str
    stage: str
    takes: int
    spent: int
    held: int
    approved_seconds: float
    exploration: int
    estimated: int
    failed: int
    lost: int

    @property
    def per_second(self) -> int | None:
        """Micro-dollars an approved second."""
        return round(self.spent / self.approved_seconds) if self.approved_seconds else None


@dataclass(frozen=True, slots=True)
class TakeCost:
    """One take: what its own calls cost. Clips it reuses were paid for by the take that made them."""

    id: int
    sequence: str
    number: int
    state: str
    said: str
    endpoint: str
    seconds: float
    calls: int
    failed: int
    spent: int
    held: int
    estimated: int


@dataclass(frozen=True, slots=True)
class RevisionCost:
    """One prompt revision of one shot: the parts of calls and pictures that were for it.

    `pictures` of `spent` are its parts of grids and enlargements. `takes` are the numbers of the takes that paid for
    it, `state` and `said` how the newest of them stands.
    """

    sequence: str
    shot: int
    revision: int
    takes: tuple[int, ...]
    state: str
    said: str
    spent: int
    pictures: int


@dataclass(frozen=True, slots=True)
class ModelCost:
    """One endpoint: calls that were paid, how many of its takes or grids are in use, and what was paid in all."""

    endpoint: str
    title: str
    kind: str
    calls: int
    kept: int
    spent: int
    failed: int
    kept_seconds: float

    @property
    def per_kept_second(self) -> int | None:
        """Micro-dollars a second of its takes that is approved."""
        return round(self.spent / self.kept_seconds) if self.kept_seconds else None


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A call that was paid and brought nothing, or too late."""

    sequence: str
    work: str
    error: str
    spent: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that brought nothing, or of which nobody knows. `outcome`: `not charged`, `charged`, `estimated`,
    `billed late` or `unknown`; `spent` is what was paid for it, while unknown what is held."""

    job: int
    sequence: str
    work: str
    state: str
    error: str
    outcome: str
    spent: int


@dataclass(frozen=True, slots=True)
class CostsReport:
    """All of it. `by_sequence` and `unassigned` add up to `spent`; so do `by_model` alone, `by_take`, `pictures` and
    `unassigned`, and `by_revision`, `unshared`, `exploration` and `unassigned`."""

    cap: int
    spent: int
    held: int
    overrun: int
    day: Day
    calls_held: int
    by_sequence: tuple[SequenceCost, ...]
    by_take: tuple[TakeCost, ...]
    by_model: tuple[ModelCost, ...]
    by_revision: tuple[RevisionCost, ...]
    pictures: int
    exploration: int
    unshared: int
    estimated: int
    approved_seconds: float
    to_finish: ToFinish
    unassigned: tuple[Unassigned, ...]
    failed: tuple[Failed, ...]

    @property
    def left(self) -> int:
        """What may still be promised."""
        return max(0, self.cap - self.spent - self.held)

    @property
    def per_approved_second(self) -> int | None:
        """Everything spent over the approved seconds; None before the first approval."""
        return round(self.spent / self.approved_seconds) if self.approved_seconds else None

    @property
    def per_second_done(self) -> int | None:
        """What the approved sequences alone cost a second."""
        done = sum(s.spent for s in self.by_sequence if s.approved_seconds)
        return round(done / self.approved_seconds) if self.approved_seconds else None

    @property
    def unassigned_total(self) -> int:
        """What was paid for nothing."""
        return sum(u.spent for u in self.unassigned)

    @property
    def failed_total(self) -> int:
        """What was paid for attempts that brought nothing; what is unknown is held, not paid."""
        return sum(f.spent for f in self.failed if f.outcome != "unknown")


def costs_report(project: Project) -> CostsReport:
    """The report of a project, in a fixed number of queries. Sequences deleted since are listed with their calls."""
    facts, books = load(project), load_books(project)
    parts = lines(books)
    sequences = _sequences(facts, books, parts)
    return CostsReport(
        cap=project.cap_micros,
        spent=sum(c.spent for c in books.charges),
        held=sum(c.held for c in books.charges),
        overrun=project.overrun_micros,
        day=day_of(project),
        calls_held=sum(c.open for c in books.charges),
        by_sequence=sequences,
        by_take=_takes(facts, books),
        by_model=_models(facts, books),
        by_revision=_revisions(facts, books, parts),
        pictures=sum(p.micros for p in parts if p.use not in (FOR_TAKE, UNASSIGNED)),
        exploration=sum(p.micros for p in parts if p.use == EXPLORATION),
        unshared=sum(p.micros for p in parts if p.use == FOR_TAKE and p.served is None),
        estimated=sum(c.estimated for c in books.charges),
        approved_seconds=sum(s.approved_seconds for s in sequences),
        to_finish=to_finish(project, facts),
        unassigned=tuple(
            Unassigned(c.job.sequence.code, work_of(c.job), c.job.error, c.spent)
            for c in reversed(books.charges)
            if c.unused and c.spent
        ),
        failed=tuple(_failed(c) for c in reversed(books.charges) if c.unused or c.job.state == JobState.UNSURE),
    )


def work_of(job: Job) -> str:
    """What a call was for, in words: `Grid 2`, `T3 call 1`, `F4 larger`."""
    if job.grid:
        return f"Grid {job.grid.number}"
    if job.take:
        return f"T{job.take.number} call {job.call}"
    return f"F{job.start_frame.number} larger" if job.start_frame else ""


def _sequences(facts: Sequence[SequenceFacts], books: Books, parts: Sequence[Line]) -> tuple[SequenceCost, ...]:
    charges: dict[int, list[Charge]] = defaultdict(list)
    for charge in books.charges:
        charges[charge.job.sequence_id].append(charge)
    exploring: dict[int, int] = defaultdict(int)
    for part in parts:
        exploring[part.sequence] += part.micros if part.use == EXPLORATION else 0
    living = [_sequence(f, charges.pop(f.sequence.pk, []), exploring[f.sequence.pk]) for f in facts]
    gone = [
        _deleted(mine, exploring[pk])
        for pk, mine in charges.items()
        if any(c.spent or c.held or c.unused for c in mine)
    ]
    return (*living, *gone)


def _sequence(facts: SequenceFacts, mine: Sequence[Charge], exploration: int) -> SequenceCost:
    sequence = facts.sequence
    seconds = float(sequence.seconds) if facts.approved_take else 0.0
    return SequenceCost(
        sequence.code, sequence.section, stage(facts), len(facts.takes),
        approved_seconds=seconds, exploration=exploration, **_sums(mine),
    )  # fmt: skip


def _deleted(mine: Sequence[Charge], exploration: int) -> SequenceCost:
    code = mine[0].job.sequence.code
    return SequenceCost(code, "deleted", "draft", 0, approved_seconds=0.0, exploration=exploration, **_sums(mine))


def _sums(mine: Sequence[Charge]) -> dict[str, int]:
    return {
        "spent": sum(c.spent for c in mine if not c.unused),
        "held": sum(c.held for c in mine),
        "estimated": sum(c.estimated for c in mine if not c.unused),
        "failed": sum(c.unused for c in mine),
        "lost": sum(c.spent for c in mine if c.unused),
    }


def _takes(facts: Sequence[SequenceFacts], books: Books) -> tuple[TakeCost, ...]:
    """Every take that cost or holds something, by sequence in song order."""
    said = {pk: word for f in facts for pk, word in f.said.items()}
    order = {f.sequence.pk: n for n, f in enumerate(facts)}
    mine: dict[int, list[Charge]] = defaultdict(list)
    for charge in books.charges:
        if charge.job.take_id:
            mine[charge.job.take_id].append(charge)
    rows = sorted(
        (charges for charges in mine.values() if any(c.spent or c.held or c.unused for c in charges)),
        key=lambda c: (order.get(c[0].job.sequence_id, len(order)), c[0].job.take_id or 0),
    )
    return tuple(_take(charges, books, said) for charges in rows)


def _take(charges: Sequence[Charge], books: Books, said: dict[int, str]) -> TakeCost:
    take, sums = charges[0].job.take, _sums(charges)
    assert take is not None, "the caller has looked"
    pieces = [p for (pk, _), found in books.pieces.items() if pk == take.pk for p in found]
    return TakeCost(
        id=take.pk, sequence=charges[0].job.sequence.code, number=take.number, state=take.state,
        said=said.get(take.pk, ""), endpoint=take.endpoint, seconds=float(sum(p.seconds for p in pieces)),
        calls=sum(1 for c in charges if c.spent), failed=sums["failed"], spent=sums["spent"], held=sums["held"],
        estimated=sums["estimated"],
    )  # fmt: skip


def _revisions(facts: Sequence[SequenceFacts], books: Books, parts: Sequence[Line]) -> tuple[RevisionCost, ...]:
    said = {pk: word for f in facts for pk, word in f.said.items()}
    spent: dict[tuple[int, int], int] = defaultdict(int)
    pictures: dict[tuple[int, int], int] = defaultdict(int)
    for part in parts:
        if part.served is not None:
            spent[part.served] += part.micros
            pictures[part.served] += part.micros if part.use != FOR_TAKE else 0
    pieces: dict[tuple[int, int], list[TakeShot]] = defaultdict(list)
    for (_, call), found in books.pieces.items():
        for piece in found if call else []:
            pieces[piece.shot_id, piece.revision_id].append(piece)
    codes = {c.job.sequence_id: c.job.sequence.code for c in books.charges}
    order = {f.sequence.pk: n for n, f in enumerate(facts)}

    def place(served: tuple[int, int]) -> tuple[int, int, int, int]:
        piece = pieces[served][0]
        at = order.get(piece.shot.sequence_id, len(order))
        return at, piece.shot.sequence_id, piece.number, piece.revision.number

    return tuple(
        _revision(codes, pieces[served], said, spent[served], pictures[served]) for served in sorted(spent, key=place)
    )


def _revision(
    codes: dict[int, str], pieces: Sequence[TakeShot], said: dict[int, str], spent: int, pictures: int
) -> RevisionCost:
    takes: dict[int, Take] = {p.take.number: p.take for p in pieces}
    newest = takes[max(takes)]
    return RevisionCost(
        sequence=codes[pieces[0].shot.sequence_id], shot=pieces[0].shot.number, revision=pieces[0].revision.number,
        takes=tuple(sorted(takes)), state=newest.state, said=said.get(newest.pk, ""), spent=spent, pictures=pictures,
    )  # fmt: skip


def _models(facts: Sequence[SequenceFacts], books: Books) -> tuple[ModelCost, ...]:
    kept: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    for found in facts:
        if found.approved_take:
            kept[found.approved_take.endpoint] += 1
            seconds[found.approved_take.endpoint] += float(found.sequence.seconds)
        begun = {f.grid_id for f in (found.start_frame, *(s.start_frame for s in found.shots)) if f}
        for grid in found.grids:
            kept[grid.endpoint] += grid.pk in begun
    named = dict.fromkeys((c.job.endpoint, c.job.kind) for c in books.charges if c.spent or c.unused)
    closed = [c for c in books.charges if not c.open]
    return tuple(
        _model(name, kind, [c for c in closed if c.job.endpoint == name], kept[name], seconds[name])
        for name, kind in named
    )


def _model(name: str, kind: str, mine: Sequence[Charge], kept: int, seconds: float) -> ModelCost:
    calls = sum(1 for c in mine if c.spent or not c.unused)
    return ModelCost(
        name, title_of(name), kind, calls, kept, sum(c.spent for c in mine), sum(c.unused for c in mine), seconds
    )


def title_of(endpoint: str) -> str:
    """An endpoint's title; its id when the catalogue knows it no more."""
    try:
        return catalogue.endpoint(endpoint).title
    except catalogue.UnknownEndpoint:
        return endpoint


def _failed(charge: Charge) -> Failed:
    job = charge.job
    outcome, spent = "not charged", charge.spent
    if job.state == JobState.UNSURE:
        outcome, spent = "unknown", job.estimate_micros
    elif charge.spent:
        outcome = "billed late" if job.charged is False else "estimated" if job.charged is None else "charged"
    return Failed(job.pk, job.sequence.code, work_of(job), job.state, job.error, outcome, spent)
