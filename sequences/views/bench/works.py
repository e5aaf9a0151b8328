"""Grids, start frames and takes as the workbench shows them: state, money, progress, what was pinned. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from sequences import costs
from sequences.models import Check, Grid, Job, StartFrame, Take
from sequences.models.plan import Mode
from sequences.providers import catalogue
from sequences.queries import SequenceFacts
from sequences.queries.bench import Extras
from sequences.queries.drafts import is_draft, is_remake, models_of
from sequences.queries.needs import NEED_WORDS, need_of
from sequences.states import JOB_WORDS, LIVE_JOBS, ArtefactState, JobState

from .calls import origin

# data-status, icon, word
LOOKS: dict[str, tuple[str, str, str]] = {
    "making": ("generating", "generating", "Being made"),
    "waiting": ("review", "review", "Waits for a look"),
    "approved": ("approved", "approved", "Approved"),
    "rejected": ("changes", "changes", "Rejected"),
    "superseded": ("draft", "minuscircle", "Superseded"),
    "failed": ("failed", "failed", "Failed"),
}


UNSTOPPABLE = (JobState.READY, JobState.UNSURE)
"""States in which nothing can be told to stop: it is made, or nobody knows whether it was taken."""
GRID_WORDS = {"waiting": "Waits for a pick", "approved": "Picked", "superseded": "Earlier grid"}


@dataclass(slots=True)
class Progress:
    """A call in flight. With `value` (per cent) the bar is measured, with `elapsed` (seconds) timed."""

    line: str
    note: str
    value: float | None
    elapsed: int | None
    usual: int


@dataclass(slots=True)
class Work:
    """What a grid or take of any kind shares: state, said reason, money, and the ways on."""

    number: int
    state: str
    status: str
    icon: str
    word: str
    said: str
    live: bool
    progress: list[Progress]
    waits: str
    price: int | None
    hold: int
    can_cancel: bool
    can_retry: bool
    retry_price: int | None
    money: str
    needs: list[tuple[int, str]]


@dataclass(slots=True)
class GridRow:
    """An earlier or coming grid."""

    work: Work
    grid: Grid
    picked: bool

    @property
    def layout(self) -> str:
        """Rows x columns."""
        return f"{self.grid.rows} × {self.grid.cols}"


@dataclass(slots=True)
class TakeRow:
    """A take with its checks and pinned facts."""

    work: Work
    take: Take
    passed: int
    checks: list[Check]
    verdict: str
    mode: str
    model: str
    starts: str
    start: StartFrame | None
    elements: str
    first: str
    redone: str

    @property
    def draft(self) -> bool:
        """Whether it is a try, to be made final on another model."""
        return is_draft(self.take)

    @property
    def made(self) -> bool:
        """Whether it has a picture to look at and to take a frame from."""
        return bool(self.take.file)


@dataclass(slots=True)
class FrameRow:
    """A start frame that was used before, or is."""

    frame: StartFrame
    origin: str
    current: bool
    shot: int | None

    @property
    def end(self) -> bool:
        """Whether it is one to end on."""
        return self.frame.use == "end"


def take_rows(facts: SequenceFacts, more: Extras) -> list[TakeRow]:
    """Newest first."""
    frames = {f.pk: f for f in more.frames}
    return [_take_row(take, facts, more, frames) for take in reversed(facts.takes)]


def _take_row(take: Take, facts: SequenceFacts, more: Extras, frames: dict[int, StartFrame]) -> TakeRow:
    checks = more.checks.get(take.pk, [])
    jobs = more.take_jobs.get(take.pk, [])
    said = take.error if take.state == ArtefactState.FAILED else facts.said.get(take.pk, "")
    start = frames.get(take.start_frame_id or 0)
    return TakeRow(
        work=_work(take.number, take.state, said, jobs, _paid(take, more, jobs), _again(take, jobs)),
        take=take,
        passed=sum(c.result == "pass" for c in checks),
        checks=checks,
        verdict=_verdict(checks),
        mode=Mode(take.mode).label,
        model=models_of(take),
        starts=f"F{start.number}, {origin(start)}" if start else "no start frame",
        start=start,
        elements=", ".join(e["name"] for e in take.elements if e.get("sent")) or "none",
        first=take.poster or (start.file if start else ""),
        redone=_redone(take, facts),
    )


def _again(take: Take, jobs: list[Job]) -> int | None:
    """What a retry costs today: every call that is not done, at the endpoint's price now."""
    seconds = {call["number"]: call["seconds"] for call in take.plan.get("calls", [])}
    prices = [_price(j, seconds.get(j.call, 0)) for j in _undone(jobs)]
    return None if None in prices else sum(p for p in prices if p is not None)


def _price(job: Job, units: Decimal | float) -> int | None:
    try:
        return catalogue.endpoint(job.endpoint).price(units)
    except catalogue.UnknownEndpoint:
        return None


def _undone(jobs: list[Job]) -> list[Job]:
    return [j for j in jobs if j.state not in LIVE_JOBS and j.state != JobState.DONE]


def _redone(take: Take, facts: SequenceFacts) -> str:
    """What it has to do with an earlier take; empty for a whole new one."""
    parent = next((t for t in facts.takes if t.pk == take.parent_id), None)
    if parent is None:
        return ""
    if not is_remake(take):
        return f"T{parent.number}, its other shots are reused"
    return f"T{parent.number}, " + ("made again on another model" if is_draft(take) else "its final")


def _paid(take: Take, more: Extras, jobs: list[Job]) -> int:
    """Settled, and while it runs what is set aside too."""
    return more.spent.get(take.pk, 0) + _held(jobs)


def _verdict(checks: list[Check]) -> str:
    results = {c.result for c in checks}
    return "fail" if "fail" in results else "warn" if "warn" in results else "pass"


def grid_rows(facts: SequenceFacts, more: Extras) -> list[GridRow]:
    """Newest first."""
    picked = facts.start_frame.grid_id if facts.start_frame else None
    return [_grid_row(grid, more, picked) for grid in reversed(facts.grids)]


def _grid_row(grid: Grid, more: Extras, picked: int | None) -> GridRow:
    jobs = more.grid_jobs.get(grid.pk, [])
    again = _price(jobs[-1], 1) if jobs else None
    work = _work(grid.number, grid.state, grid.error, jobs, _held(jobs), again)
    work.word = GRID_WORDS.get(grid.state, work.word)
    return GridRow(work, grid, grid.pk == picked)


def again_at(jobs: list[Job], units: Decimal | float) -> int | None:
    """What asking for the newest call again costs today; None without one or while its price is unknown."""
    return _price(jobs[-1], units) if jobs else None


def work_of(number: int, state: str, said: str, jobs: list[Job], again: int | None) -> Work:
    """A work of one call."""
    return _work(number, state, said, jobs, _held(jobs), again)


def _held(jobs: list[Job]) -> int:
    return sum(j.estimate_micros for j in jobs if j.state in LIVE_JOBS and j.state != JobState.READY)


def _work(number: int, state: str, said: str, jobs: list[Job], price: int, again: int | None) -> Work:
    status, icon, word = LOOKS[state]
    live = [j for j in jobs if j.state in LIVE_JOBS]
    failed = _undone(jobs)
    making = state == ArtefactState.MAKING
    stoppable = [j for j in live if j.state not in UNSTOPPABLE and not j.cancel_asked]
    return Work(
        number=number,
        state=state,
        status=status,
        icon=icon,
        word=word,
        said=said,
        live=making,
        progress=_bars(jobs, live) if making else [],
        waits=_waits(jobs, live) if making else "",
        price=price,
        hold=_held(jobs),
        can_cancel=making and bool(stoppable),
        can_retry=state == ArtefactState.FAILED and not any(j.state == JobState.UNSURE for j in jobs),
        retry_price=again,
        money=_money(state, failed, live),
        needs=_needs(jobs),
    )


def _needs(jobs: list[Job]) -> list[tuple[int, str]]:
    """Calls that need a person: id, and why in words."""
    now, several = timezone.now(), len(jobs) > 1
    found = [(j, NEED_WORDS[need]) for j in jobs if (need := need_of(j, now))]
    return [(j.pk, f"Call {j.call}: {word.lower()}" if several else word) for j, word in found]


def _money(state: str, failed: list[Job], live: list[Job]) -> str:
    """What a failure or a cancel means for money, in one sentence."""
    unsure = [j for j in live if j.state == JobState.UNSURE]
    if unsure:
        held = costs.dollars(sum(j.estimate_micros for j in unsure))
        return f"Nobody knows whether the call was taken. {held} stays set aside until that is known."
    if state == ArtefactState.FAILED:
        charged = sum(j.cost_micros or 0 for j in failed if j.charged)
        return f"{costs.dollars(charged)} was charged." if charged else "Nothing was charged for what failed."
    if live and not any(j.estimate_micros for j in live):
        return "Free: stopping it costs nothing."
    if live:
        return "Calls not sent yet are given back; one that has begun may still be charged."
    return ""


def _bars(jobs: list[Job], live: list[Job]) -> list[Progress]:
    """One bar for every call that does not wait for another call or for a person."""
    now = timezone.now()
    return [_progress(j, len(jobs)) for j in live if not _waiting_for(j, jobs) and not need_of(j, now)]


def _waits(jobs: list[Job], live: list[Job]) -> str:
    """Calls that begin when the one before has ended, in one sentence."""
    calls = [j.call for j in live if _waiting_for(j, jobs)]
    if len(calls) > 1:
        return f"Calls {', '.join(map(str, calls))} wait for the one before."
    return f"Call {calls[0]} waits for the one before." if calls else ""


def _waiting_for(job: Job, jobs: list[Job]) -> bool:
    before = next((j for j in jobs if j.pk == job.after_id), None)
    return job.state == JobState.QUEUED and before is not None and before.state != JobState.DONE


def _progress(job: Job, calls: int) -> Progress:
    words = "Stopping" if job.cancel_asked and job.state != JobState.CANCELLING else JOB_WORDS[job.state]
    since = _since(job.started_at)
    measured = job.progress if job.progress else None
    begun = since is not None and job.state != JobState.QUEUED
    return Progress(
        line=f"Call {job.call} of {calls}: {words.lower()}" if calls > 1 else words,
        note=job.note,
        value=round(100 * measured, 1) if measured is not None else None,
        elapsed=since if begun and measured is None else None,
        usual=max(1, round(job.expected_seconds)),
    )


def _since(started: datetime | None) -> int | None:
    return None if started is None else max(0, int((timezone.now() - started).total_seconds()))


def start_row(facts: SequenceFacts) -> FrameRow | None:
    """The sequence's start frame."""
    return FrameRow(facts.start_frame, origin(facts.start_frame), True, None) if facts.start_frame else None


def frame_rows(facts: SequenceFacts, more: Extras) -> list[FrameRow]:
    """Every start frame of the sequence that can be used again or is in use, newest first."""
    numbers = {s.shot.pk: s.number for s in facts.shots}
    return [
        FrameRow(f, origin(f), f.state == ArtefactState.APPROVED, numbers.get(f.shot_id) if f.shot_id else None)
        for f in more.frames
        if f.state in (ArtefactState.APPROVED, ArtefactState.SUPERSEDED) and (f.shot_id is None or f.shot_id in numbers)
    ]


def live_key(*lists: Iterable[Work]) -> list[Any]:
    """What a poll compares: everything that may change while the machine works."""
    return [[_seen(w) for w in works] for works in lists]


def _seen(work: Work) -> tuple[Any, ...]:
    bars = [(p.line, p.note, p.value) for p in work.progress]
    return work.number, work.state, work.can_cancel, work.waits, work.needs, bars
