"""What was paid for each call, and which shots each call and picture served. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sequences.models import Job, LedgerEntry, Project, StartFrame, TakeShot
from sequences.states import JobState

UNUSED = (JobState.FAILED.value, JobState.CANCELLED.value, JobState.LOST.value, JobState.ABSENT.value)
"""Ends that bring nothing; what was paid for them is assigned to no shot."""

Call = tuple[int, int]  # take id, number of the call
Served = tuple[int, int]  # shot id, revision id


@dataclass(frozen=True, slots=True)
class Charge:
    """One call with its money: what was settled and billed late for it, and whether its hold still stands."""

    job: Job
    spent: int
    unused: bool
    open: bool

    @property
    def held(self) -> int:
        """What is promised for it now."""
        return self.job.estimate_micros if self.open else 0

    @property
    def estimated(self) -> int:
        """What of `spent` the provider has not confirmed."""
        return self.spent if self.job.charged is None else 0

    @property
    def call(self) -> Call:
        """Which call of which take; (0, 1) for a picture."""
        return (self.job.take_id or 0, self.job.call)


@dataclass(slots=True)
class Books:
    """Everything the report adds up. `asked` are thousandths of a second by job id and number of the shot."""

    charges: list[Charge]
    pieces: dict[Call, list[TakeShot]] = field(default_factory=dict)
    frames: dict[int, StartFrame] = field(default_factory=dict)
    asked: dict[int, dict[int, int]] = field(default_factory=dict)
    grid_served: dict[int, list[Served]] = field(default_factory=dict)
    frame_served: dict[int, list[Served]] = field(default_factory=dict)


def load_books(project: Project) -> Books:
    """The books of a project. Five queries."""
    books = Books(_charges(project))
    pieces: dict[Call, list[TakeShot]] = defaultdict(list)
    shots = TakeShot.objects.filter(take__sequence__project_id=project.pk).select_related(
        "shot", "revision", "take", "clip"
    )
    for piece in shots.order_by("take_id", "at").defer("compiled", "revision__text", "take__plan", "take__elements"):
        pieces[piece.take_id, piece.call].append(piece)
    books.pieces = dict(pieces)
    books.frames = {f.pk: f for f in StartFrame.objects.filter(sequence__project_id=project.pk)}
    books.asked = _asked(project)
    _serve(books)
    return books


def _charges(project: Project) -> list[Charge]:
    paid: dict[int, int] = defaultdict(int)
    open_holds: set[int] = set()
    entries = LedgerEntry.objects.filter(project_id=project.pk).order_by("id")
    for job, kind, micros in entries.values_list("job_id", "kind", "amount_micros"):
        if kind in ("settle", "late"):
            paid[job] += micros
        (open_holds.add if kind == "hold" else open_holds.discard)(job)
    jobs = Job.objects.filter(project_id=project.pk).select_related("sequence", "take", "grid", "start_frame")
    rows = jobs.defer("request", "wire", "result_ref").order_by("id")
    return [Charge(job, paid[job.pk], job.state in UNUSED, job.pk in open_holds) for job in rows]


def _asked(project: Project) -> dict[int, dict[int, int]]:
    """What each call asked for, as its frozen request says it."""
    out: dict[int, dict[int, int]] = {}
    jobs = Job.objects.filter(project_id=project.pk, kind="video", ledger__kind="settle")
    for job, shots in jobs.values_list("pk", "request__shots"):
        out[job] = _by_number(shots or [])
    return out


def _by_number(shots: Iterable[dict[str, Any]]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for shot in shots:
        found[int(shot.get("number", 0))] += round(float(shot.get("seconds", 0)) * 1000)
    return dict(found)


def _serve(books: Books) -> None:
    """Which shots, in which words, each start frame served: those of every call that begins with it or goes on from it.

    A grid serves what its start frames serve, also when they were made larger on the way.
    """
    roots = _roots(books)
    by_frame: dict[int, dict[Served, None]] = defaultdict(dict)
    by_grid: dict[int, dict[Served, None]] = defaultdict(dict)
    for call, pieces in sorted(books.pieces.items()):
        if not call[1]:
            continue  # reused: the call that made them has served them
        frame = roots.get(call)
        while frame is not None:
            served = {(p.shot_id, p.revision_id): None for p in pieces}
            by_frame[frame].update(served)
            row = books.frames[frame]
            if row.grid_id:
                by_grid[row.grid_id].update(served)
            frame = row.parent_id
    books.frame_served = {frame: list(served) for frame, served in by_frame.items()}
    books.grid_served = {grid: list(served) for grid, served in by_grid.items()}


def _roots(books: Books) -> dict[Call, int]:
    """The start frame each call goes back to, over the calls it chains on from."""
    before = _before(books)
    roots: dict[Call, int] = {}
    for call in books.pieces:
        seen: set[Call] = set()
        at: Call | None = call
        while at is not None and at not in seen:
            seen.add(at)
            own = next((p.start_frame_id for p in books.pieces.get(at, []) if p.start_frame_id), None)
            if own is not None:
                roots[call] = own
                break
            at = before.get(at)
    return roots


def _before(books: Books) -> dict[Call, Call]:
    """The call whose last frame a call begins with: the one it waits for, else the one of the reused clip before it."""
    jobs = {c.job.pk: c for c in books.charges}
    out: dict[Call, Call] = {}
    by_take: dict[int, list[TakeShot]] = defaultdict(list)
    for (take, _), pieces in books.pieces.items():
        by_take[take] += pieces
    for take, pieces in by_take.items():
        ordered = sorted(pieces, key=lambda p: p.at)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if not earlier.call and later.call and earlier.clip:
                made_by = jobs.get(earlier.clip.job_id)
                if made_by:
                    out.setdefault((take, later.call), made_by.call)
    for charge in books.charges:
        after = jobs.get(charge.job.after_id or 0)
        if charge.job.take_id and after:
            out[charge.call] = after.call
    return out
