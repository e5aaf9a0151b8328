"""Cards of the board: a row with its price, its one next action and what the spend dialog needs. No query."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sequences.errors import Refusal
from sequences.models import Grid, Project, Take
from sequences.orchestration.quoting import Quote, grid_endpoint, quote
from sequences.providers import catalogue
from sequences.queries import SequenceFacts
from sequences.queries.board import Board, BoardRow, Note, counted
from sequences.states import ArtefactState

TAKES = 2
"""Takes asked for at once unless somebody says otherwise: one to compare with."""


@dataclass(frozen=True)
class Card:
    """A card as the page shows it. `price` in micro-dollars is None where nothing is spent or nobody knows."""

    row: BoardRow
    quote: Quote | None
    grid_price: int | None

    @property
    def label(self) -> str:
        """What its button says."""
        label = self.row.action.label
        return f"{label} {counted(TAKES, 'take')}" if self.row.action.verb == "generate" else label

    @property
    def spends(self) -> bool:
        """Whether the action costs money."""
        return self.row.action.verb in ("generate", "explore", "retry")

    @property
    def is_next(self) -> bool:
        """Whether it is the person's turn: while the machine works, the button is a plain one."""
        if self.row.action.verb == "decide":
            return True
        return not self.row.live and self.row.action.verb != "play"

    @cached_property
    def price(self) -> int | None:
        """What the action costs."""
        verb = self.row.action.verb
        if verb == "generate":
            return self.quote.price * TAKES if self.quote and self.quote.price is not None else None
        if verb == "explore":
            return self.grid_price
        return self._retry_price() if verb == "retry" else None

    def _retry_price(self) -> int | None:
        work = failed_work(self.row.facts)
        if not isinstance(work, Take):
            return self.grid_price
        now, then = _price_today(work), work.plan.get("price")
        if now is None or not then:
            return now
        # the share that is not done yet, at today's rate
        return round(now * max(0, then - self.row.facts.marks[work.pk].done_micros) / then)

    @property
    def note(self) -> Note:
        """What the stage means; for a ready one what stops it or will be left out."""
        if self.row.stage != "ready" or self.quote is None:
            return self.row.note
        if self.quote.problems:
            return Note(self.quote.problems[0], "warn")
        left = len(self.quote.plan.dropped)
        if left:
            return Note(f"{counted(len(self.row.facts.elements), 'element')}, {left} will be left out", "warn")
        return self.row.note

    @property
    def review_number(self) -> int | None:
        """The first take that waits for a verdict."""
        waiting = self.row.facts.to_review
        return waiting[0].number if waiting else None

    @cached_property
    def fingerprint(self) -> str:
        """Changes when anything on the card does."""
        row, facts = self.row, self.row.facts
        seen = (
            row.stage, row.name, row.start, row.end, row.mode, row.picture, row.strip, self.note, self.label,
            self.price, row.needs, facts.spent_micros, [(t.pk, t.version) for t in facts.takes],
            [(g.pk, g.version) for g in facts.grids],
            [(j.pk, j.version, j.progress, j.note) for j in facts.jobs],
            [(key, s.why, s.open) for key, s in facts.stale.items()],
            [g.set_aside for g in facts.grids], [t.set_aside for t in facts.takes],
        )  # fmt: skip
        return f"{zlib.crc32(repr(seen).encode()):08x}"


def failed_work(facts: SequenceFacts) -> Grid | Take | None:
    """What a retry means: the newest take when it failed, else the newest grid when that did."""
    newest = facts.takes[-1] if facts.takes else (facts.grids[-1] if facts.grids else None)
    return newest if newest and newest.state == ArtefactState.FAILED else None


def _price_today(take: Take) -> int | None:
    """What all calls of a take's plan cost now; None while one price is unknown."""
    calls = take.plan.get("calls", ())
    try:
        prices = [catalogue.endpoint(c.get("endpoint") or take.endpoint).price(c["seconds"]) for c in calls]
    except catalogue.UnknownEndpoint:
        return None
    return None if None in prices else sum(p for p in prices if p is not None)


def cards_of(board: Board, project: Project) -> list[Card]:
    """Every card of the board."""
    price = _grid_price(project)
    return [Card(row, quoted(row.facts), price) for row in board.rows]


def quoted(facts: SequenceFacts) -> Quote | None:
    """A quote, or None while the project's model is not to be had."""
    try:
        return quote(facts)
    except Refusal:
        return None


def _grid_price(project: Project) -> int | None:
    try:
        return grid_endpoint(project).price(1)
    except Refusal:
        return None


@dataclass(frozen=True, slots=True)
class Bill:
    """What running sequences would cost: those that can run, `takes` of each. Money in micro-dollars."""

    quotes: tuple[Quote, ...]
    takes: int
    left: int

    @property
    def total(self) -> int:
        """All takes of all sequences."""
        return sum(q.price or 0 for q in self.quotes) * self.takes

    @property
    def after(self) -> int:
        """What is left of the cap afterwards; below zero when it does not fit."""
        return self.left - self.total

    @property
    def short(self) -> int:
        """How much is missing; 0 when it fits."""
        return max(0, -self.after)


def ready_bill(cards: Iterable[Card], left: int, takes: int = TAKES) -> Bill:
    """The bill of everything that is ready."""
    ready = [c.quote for c in cards if c.row.stage == "ready" and c.quote]
    return Bill(tuple(q for q in ready if not q.problems and q.price is not None), takes, left)
