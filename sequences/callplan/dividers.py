"""Dividers between calls: what stands against taking one away, and what moving one does. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .planning import Planning, apart, broken
from .values import Call


class Stuck(Exception):
    """A divider that cannot be moved or taken away; `str()` is one sentence."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move comes to: numbers of the shots that are marked afterwards, and of those where the limits split by
    themselves although nobody asked for it."""

    divided: frozenset[int]
    splits: tuple[int, ...]

    @property
    def said(self) -> str:
        """What the limits do about it; empty when the calls are as asked."""
        if not self.splits:
            return ""
        after = " and ".join(f"shot {n - 1}" for n in self.splits)
        return f"Letting go here splits after {after} by itself."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a divider could stand: before shot `to`, with the calls on both sides as if the limits allowed them."""

    to: int
    left: Call
    right: Call
    said: str


def between(planning: Planning, number: int) -> str:
    """Why a shot and the one before it are not in one call even without a divider; empty when they would be."""
    at = next(n for n, s in enumerate(planning.shots) if s.number == number)
    before, shot = planning.shots[at - 1], planning.shots[at]
    if why := apart(planning, before, shot):
        return why
    plan = planning.marked(divided=planning.divided - {number}).plan
    call = plan.call_of(number)
    if call is None or before.number in call.shots:
        return ""
    whole = plan.call_of(before.number)
    assert whole is not None, "whoever makes a shot makes the one before it, or neither was asked about"
    return broken(planning, [*whole.shots, number]) or broken(planning, [before.number, *call.shots]) or "it costs less"


def rule_before(planning: Planning, number: int) -> str:
    """Why a call begins at a shot whatever the dividers say: the rule, not a limit. Empty for none."""
    at = next(n for n, s in enumerate(planning.shots) if s.number == number)
    return apart(planning, planning.shots[at - 1], planning.shots[at]) if at else "the take begins there"


def move(planning: Planning, at: int, to: int) -> Moved:
    """Move the divider that stands before shot `at` so that it stands before shot `to`; no other divider moves.

    Raises Stuck for one that is not there, that a rule holds in its place, or for a place beyond its neighbours.
    """
    low, high = span(planning, at)
    if not low < to < high:
        raise Stuck(
            f"The divider before shot {at} moves between shots {low} and {high - 1}; shot {to} is not between them."
        )
    if to == at:
        return Moved(planning.divided, ())
    kept = [n for n in (low, high) if n in planning.begins and not rule_before(planning, n)]
    divided = (planning.divided - {at}) | {to} | set(kept)
    begins = planning.marked(divided=divided).begins
    return Moved(divided, tuple(n for n in begins if low < n < high and n != to))


def span(planning: Planning, at: int) -> tuple[int, int]:
    """The dividers on both sides of the one before shot `at`: numbers of the shots they stand before, the last one
    being one more than there are. Raises Stuck when it is not there or a rule holds it."""
    begins = planning.begins
    if at not in begins[1:]:
        have = ", ".join(map(str, begins[1:]))
        where = f"; there are some before shots {have}" if have else ": the plan is one call"
        raise Stuck(f"No divider stands before shot {at}{where}.")
    if why := rule_before(planning, at):
        raise Stuck(f"The divider before shot {at} cannot be moved: {why}.")
    place = begins.index(at)
    last = planning.shots[-1].number + 1
    return begins[place - 1], begins[place + 1] if place + 1 < len(begins) else last


def places(planning: Planning, at: int) -> tuple[Place, ...]:
    """Every place the divider before shot `at` can be moved to, its own among them; empty when it cannot be moved."""
    try:
        low, high = span(planning, at)
    except Stuck:
        return ()
    return tuple(
        Place(
            to,
            planning.as_one(range(low, to)),
            planning.as_one(range(to, high)),
            move(planning, at, to).said,
        )
        for to in range(low + 1, high)
    )
