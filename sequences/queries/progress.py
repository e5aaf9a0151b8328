"""How far work in flight has come, for bars and lines. Computed from loaded facts; no query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sequences.models import Grid, Job, StartFrame, Take
from sequences.providers import catalogue
from sequences.states import JOB_WORDS, ArtefactState, JobState

from .batches import PAUSED
from .facts import SequenceFacts
from .needs import NEED_WORDS, need_of

SPEAKING = (JobState.UNSURE.value, JobState.CANCELLING.value)
"""States that are said instead of a time."""
NEEDED = {word.lower() for word in NEED_WORDS.values()}


@dataclass(frozen=True, slots=True)
class Progress:
    """One bar: `value` of `most` (None while nobody knows), seconds `elapsed` of about `usual` (0: unknown).

    `said` takes the place of the time: queued, paused, cancelling, nobody knows.
    """

    label: str
    value: float | None
    most: float
    elapsed: int
    usual: float
    said: str = ""


def progress(facts: SequenceFacts, now: datetime) -> list[Progress]:
    """One for each grid, larger start frame and take that is being made, in the order they were asked for."""
    grids = [_grid(g, facts, now) for g in facts.grids if g.state == ArtefactState.MAKING]
    larger = [_larger(f, facts, now) for f in facts.enlarging]
    takes = [_take(t, facts, now) for t in facts.takes if t.state == ArtefactState.MAKING]
    return [_still(bar) for bar in (*grids, *larger, *takes)]


def _still(bar: Progress) -> Progress:
    """What waits for a person does not come further with time."""
    return replace(bar, value=bar.value or 0.0) if bar.said in NEEDED else bar


def _grid(grid: Grid, facts: SequenceFacts, now: datetime) -> Progress:
    jobs = [j for j in facts.jobs if j.grid_id == grid.pk]
    value = jobs[0].progress if jobs else None
    return Progress(f"Grid {grid.number}", value, 1, _since(jobs, grid.created_at, now), _usual(jobs), _said(jobs, now))


def _larger(frame: StartFrame, facts: SequenceFacts, now: datetime) -> Progress:
    jobs = [j for j in facts.jobs if j.start_frame_id == frame.pk]
    value = jobs[0].progress if jobs else None
    label = f"Start frame F{frame.number}, larger"
    return Progress(label, value, 1, _since(jobs, frame.created_at, now), _usual(jobs), _said(jobs, now))


def _take(take: Take, facts: SequenceFacts, now: datetime) -> Progress:
    jobs = [j for j in facts.jobs if j.take_id == take.pk]
    calls = len(take.plan.get("calls", ())) or 1
    elapsed, usual = _since(jobs, take.created_at, now), _usual_of_plan(take) or _usual(jobs)
    if not jobs:
        return Progress(f"T{take.number}", float(calls), calls, elapsed, usual, "joining and checking")
    done = max(0, calls - len(jobs))
    at = done + sum(j.progress or 0 for j in jobs)
    label = f"T{take.number}" if calls == 1 else f"T{take.number}, call {min(calls, done + 1)} of {calls}"
    known = calls > 1 or jobs[0].progress is not None
    return Progress(label, at if known else None, calls, elapsed, usual, _said(jobs, now))


def _since(jobs: list[Job], born: datetime, now: datetime) -> int:
    """Seconds since the work in flight was asked for: a retry counts anew."""
    return max(0, int((now - min((j.created_at for j in jobs), default=born)).total_seconds()))


def _usual(jobs: list[Job]) -> float:
    return sum(j.expected_seconds for j in jobs)


def _usual_of_plan(take: Take) -> float:
    calls = take.plan.get("calls", ())
    try:
        usual = [catalogue.endpoint(c.get("endpoint") or take.endpoint).expected_seconds(c["seconds"]) for c in calls]
    except catalogue.UnknownEndpoint:
        return 0
    return sum(usual)


def _said(jobs: list[Job], now: datetime) -> str:
    stuck = next((j for j in jobs if j.state in SPEAKING), None)
    needed = next((need for j in jobs if (need := need_of(j, now))), "")
    if needed:
        return NEED_WORDS[needed].lower()
    if stuck:
        return JOB_WORDS[stuck.state]
    if jobs and all(j.state == JobState.QUEUED for j in jobs):
        return "paused" if all(j.note == PAUSED for j in jobs) else "queued"
    return ""
