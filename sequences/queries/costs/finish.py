"""What the open sequences may still cost: a range from the project's own hit rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from sequences.models import Project
from sequences.providers import catalogue
from sequences.providers.base import Kind
from sequences.queries.facts import SequenceFacts
from sequences.states import ArtefactState

Range = tuple[float, float]
NO_HISTORY: Range = (1.0, 3.0)
"""Tries a hit is taken to need while there has been none."""
ENOUGH = 6
"""Hits from which on a range is no longer called wide."""


@dataclass(frozen=True, slots=True)
class ToFinish:
    """What the open sequences may still cost in micro-dollars; low and high are None while a price is unknown.

    `takes` an approval and `grids` a pick are ranges around the project's own rates, from `approved` approvals.
    """

    low: int | None
    high: int | None
    open: int
    takes: Range
    grids: Range
    approved: int

    @property
    def wide(self) -> str:
        """Why the range is wide, as a sentence; empty when it rests on enough approvals."""
        if not self.open or self.approved >= ENOUGH:
            return ""
        if not self.approved:
            return "Wide because nothing is approved yet."
        only = "1 sequence is" if self.approved == 1 else f"{self.approved} sequences are"
        return f"Wide because only {only} approved."


def to_finish(project: Project, facts: Sequence[SequenceFacts]) -> ToFinish:
    """The range for what is not approved. Reads nothing more."""
    undone = [f for f in facts if not f.approved_take]
    done = len(facts) - len(undone)
    takes, grids = hit_range(*_takes(facts)), hit_range(*_picks(facts))
    ends = _ends(project, undone, takes, grids)
    low, high = ends if ends else (None, None)
    return ToFinish(low, high, len(undone), takes, grids, done)


def hit_range(tries: int, hits: int) -> Range:
    """How many tries a hit may take: the rate so far, widened by one standard deviation of it.

    Every try misses or hits, so the number of tries a hit scatters by about itself over the root of the hits. Never
    below one. Without a hit the usual guess, more when there were more tries than it says.
    """
    if not hits:
        return NO_HISTORY[0], max(NO_HISTORY[1], float(tries + 1))
    rate, spread = tries / hits, 1 + 1 / sqrt(hits)
    return max(1.0, rate / spread), max(1.0, rate) * spread


def _takes(facts: Iterable[SequenceFacts]) -> tuple[int, int]:
    """Takes that were judged, in approved sequences and in open ones, and how many were approved."""
    tries = hits = 0
    for found in facts:
        approved = found.approved_take is not None
        judged = (ArtefactState.REJECTED.value, ArtefactState.SUPERSEDED.value)
        tries += len(found.takes) if approved else sum(t.state in judged for t in found.takes)
        hits += approved
    return tries, hits


def _picks(facts: Iterable[SequenceFacts]) -> tuple[int, int]:
    """Grids that were drawn where one was picked from, and how many sequences have picked."""
    drawn = [len(f.grids) for f in facts if f.grids and _begins(f)]
    return sum(drawn), len(drawn)


def _begins(facts: SequenceFacts) -> bool:
    return bool(facts.start_frame or any(s.start_frame for s in facts.shots))


def _ends(project: Project, undone: Iterable[SequenceFacts], takes: Range, grids: Range) -> tuple[int, int] | None:
    try:
        film = _endpoint(project, project.model, "video")
        still = _endpoint(project, project.grid_model, "grid")
    except catalogue.UnknownEndpoint:
        return None
    low = high = 0.0
    for facts in undone:
        take, grid = film.price(facts.seconds or float(facts.sequence.seconds)), still.price(1)
        if take is None or grid is None:
            return None
        # what waits for eyes or is being made is paid or held already: it may be the one
        low += take * max(0.0, takes[0] - _pending(facts))
        high += take * takes[1]
        if not _begins(facts):
            low += grid * max(0.0, grids[0] - sum(g.state == ArtefactState.WAITING for g in facts.grids))
            high += grid * grids[1]
    return round(low), round(high)


def _pending(facts: SequenceFacts) -> int:
    states = (ArtefactState.MAKING.value, ArtefactState.WAITING.value)
    return sum(t.state in states for t in facts.takes)


def _endpoint(project: Project, wanted: str, kind: Kind) -> catalogue.Endpoint:
    return catalogue.endpoint(wanted) if wanted else catalogue.default(project.provider, kind)
