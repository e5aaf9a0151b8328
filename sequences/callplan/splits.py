"""Splits that let an element go along which its call leaves behind, with what they cost. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sequences.prompts import mentions

from .dividers import rule_before
from .planning import Planning
from .values import CallPlan


@dataclass(frozen=True, slots=True)
class Proposal:
    """Marks that make the shots naming a dropped element calls of their own, so that its pictures go along.

    `divided` and `solo` are numbers of shots to be marked in addition; `difference` is micro-dollars more for one take,
    None while a price is unknown; `calls` is how many more there are.
    """

    key: str
    name: str
    shots: tuple[int, ...]
    divided: frozenset[int]
    solo: frozenset[int]
    difference: int | None
    calls: int


def proposals(planning: Planning) -> tuple[Proposal, ...]:
    """One for every dropped element that a split would send, in the order they were dropped.

    Dividers around the shots that name it are tried first, then solo marks; the cheaper is proposed. Nothing is for an
    element without pictures, for one that no prompt names, or where a split would leave another element behind.
    """
    found = (_for(planning, d.key, d.name) for d in planning.plan.dropped)
    return tuple(p for p in found if p is not None)


def _for(planning: Planning, key: str, name: str) -> Proposal | None:
    if not any(c.key == key and c.pictures for c in planning.candidates):
        return None
    lost = _lost(planning.plan, key)
    naming = tuple(s.number for s in planning.shots if s.number in lost and key in mentions(s.prompt))
    ways = [_proposal(planning, key, name, naming, *way) for way in _ways(planning, naming)] if naming else []
    good = [way for way in ways if way is not None]
    return min(good, key=lambda way: (way.difference or 0, way.calls), default=None)


def _lost(plan: CallPlan, key: str) -> set[int]:
    """Shots of the calls that leave it behind."""
    return {n for c in plan.calls for n in c.shots if any(d.key == key for d in c.dropped)}


def _ways(planning: Planning, naming: tuple[int, ...]) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """Marks to try: dividers around each stretch of naming shots, solo marks on each of them."""
    inside = {s.number for s in planning.shots[1:]}
    edges = {n for n in naming if n - 1 not in naming} | {n + 1 for n in naming if n + 1 not in naming}
    cuts = {n for n in edges & inside if not rule_before(planning, n)}
    yield frozenset(cuts - planning.divided), frozenset()
    yield frozenset(), frozenset(naming) - planning.solo


def _proposal(
    planning: Planning, key: str, name: str, naming: tuple[int, ...], divided: frozenset[int], solo: frozenset[int]
) -> Proposal | None:
    before = planning.plan
    after = planning.marked(planning.divided | divided, planning.solo | solo).plan
    had = {d.key for d in before.dropped}
    worse = any(d.key not in had for d in after.dropped)
    sent = all(key in call.sent for n in naming for call in after.calls if n in call.shots)
    if not sent or worse:
        return None
    known = before.price is not None and after.price is not None
    difference = (after.price or 0) - (before.price or 0) if known else None
    more = len(after.calls) - len(before.calls)
    return Proposal(key, name, naming, divided, solo, difference, more)
