"""Shots to calls: which shots share a call, from mode, solo marks and the endpoint's limits. Pure, deterministic.

A plan is shown before money is spent and kept on the take. Every shot is made exactly once and in order; no limit of
the endpoint is broken; among the plans the rules allow the cheapest is taken, and of equally cheap ones the one with
the fewest calls and the earliest full calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sequences.elements import Candidate, Choice, Dropped, choose
from sequences.prompts import mentions

StartKind = Literal["frame", "own", "chain", "none"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint takes in one call; prices in micro-dollars a second of asked clip, None when unknown.

    `seconds_choices` are the only lengths a call may have, in order; empty for any. `call_chars` is all text of a call,
    0 for any. `shots_with_start` is how many shots a call takes that begins with a picture, None for as many as any.
    """

    endpoint: str
    shots_per_call: int
    seconds_per_call: float
    shot_min: float
    shot_max: float
    single_min: float
    single_max: float
    whole_seconds: bool
    prompt_chars: int
    cap_with_start: int
    cap_without_start: int
    price: Callable[[float], int | None]
    seconds_choices: tuple[int, ...] = ()
    call_chars: int = 0
    shots_with_start: int | None = None
    start_required: bool = True

    @property
    def longest(self) -> float:
        """Seconds of the longest call."""
        most = min(self.single_max, self.seconds_per_call)
        return min(most, self.seconds_choices[-1]) if self.seconds_choices else most

    def whole_call(self, seconds: float) -> float:
        """The least length a call may have that holds so many seconds."""
        want = max(seconds, self.single_min)
        return float(next((c for c in self.seconds_choices if c >= want - 1e-9), want))

    def together(self, *, free: bool) -> int:
        """How many shots share a call; `free` is one that begins without a picture."""
        return self.shots_per_call if free or self.shots_with_start is None else self.shots_with_start


@dataclass(frozen=True, slots=True)
class PlanShot:
    """A shot as the plan needs it. `own_start`: it has a start frame of its own, so a call begins here.

    `chars` is the most its prompt may come to as it is sent; the prompt's own length when not given.
    """

    number: int
    seconds: float
    prompt: str
    solo: bool = False
    own_start: bool = False
    chars: int | None = None

    @property
    def length(self) -> int:
        """Characters it takes of a call."""
        return len(self.prompt) if self.chars is None else self.chars


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot, or part of one too long for a call, inside a call: `seconds` kept of `asked` seconds made."""

    number: int
    part: int
    seconds: float
    asked: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request: pieces in order and what it starts from. `price` is micro-dollars, None while unknown."""

    number: int
    pieces: tuple[Piece, ...]
    start: StartKind
    sent: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    seconds: float
    price: int | None

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of the shots it makes."""
        return tuple(dict.fromkeys(p.number for p in self.pieces))


@dataclass(frozen=True, slots=True)
class CallPlan:
    """The calls of one take, and every reason why it cannot be made as it stands."""

    endpoint: str
    calls: tuple[Call, ...]
    problems: tuple[str, ...] = field(default=())

    @property
    def price(self) -> int | None:
        """Of all calls together; None while one is unknown."""
        prices = [c.price for c in self.calls]
        return None if any(p is None for p in prices) else sum(p for p in prices if p is not None)

    @property
    def seconds(self) -> float:
        """Asked seconds of all calls together."""
        return sum(c.seconds for c in self.calls)

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Each element left behind by some call, once."""
        return tuple({d.key: d for c in self.calls for d in c.dropped}.values())

    def as_data(self) -> dict[str, Any]:
        """Plain types, as kept on a take."""
        return {**asdict(self), "price": self.price, "seconds": self.seconds}


def plan_calls(
    shots: Sequence[PlanShot],
    limits: Limits,
    *,
    mode: str,
    candidates: Sequence[Candidate] = (),
    has_start: bool = False,
    only: frozenset[int] | None = None,
) -> CallPlan:
    """Plan the calls of one take.

    `has_start` says whether the sequence has a start frame for its first call. `only` names the shots to make when the
    others are reused from an earlier take; a run of made shots never crosses a reused one.
    """
    everywhere = {key for s in shots for key in mentions(s.prompt)}
    prompts = {s.number: s.prompt for s in shots}
    calls: list[Call] = []
    for group in _groups(shots, limits, mode, only, has_start):
        first = group[0]
        start = _start(first, shots, calls, has_start)
        choice = _choice(group, prompts, candidates, everywhere, limits, start)
        seconds = sum(p.asked for p in group)
        calls.append(Call(len(calls) + 1, group, start, choice.sent, choice.dropped, seconds, limits.price(seconds)))
    return CallPlan(limits.endpoint, tuple(calls), _problems(shots, calls, limits))


def pieces_of(shot: PlanShot, limits: Limits) -> list[Piece]:
    """The shot as one piece, or cut into equal-as-possible parts when it is longer than a call may be.

    Where the endpoint wants whole seconds each part but the last is whole, so only the end of a shot is ever trimmed.
    """
    most = limits.longest
    count = max(1, math.ceil(round(shot.seconds / most, 6)))
    step = min(_step(shot.seconds / count, limits), most)
    pieces: list[Piece] = []
    left = shot.seconds
    while left > 1e-6:
        here = round(min(step, left), 3)
        pieces.append(Piece(shot.number, len(pieces) + 1, here, asked(here, limits)))
        left = round(left - here, 6)
    return pieces


def _step(share: float, limits: Limits) -> float:
    """How long every part but the last is: a length the endpoint makes, so that nothing of it is trimmed."""
    if limits.seconds_choices:
        return limits.whole_call(share)
    return float(math.ceil(share)) if limits.whole_seconds else math.ceil(round(share * 1000, 3)) / 1000


def asked(seconds: float, limits: Limits, *, shared: bool = False) -> float:
    """What the endpoint is asked for to get `seconds`: never less, whole where it wants whole seconds, and for a call
    of its own one of the lengths it makes."""
    want = max(seconds, limits.shot_min if shared else limits.single_min)
    want = float(math.ceil(round(want, 6))) if limits.whole_seconds else round(want, 3)
    return want if shared else limits.whole_call(want)


def _groups(
    shots: Sequence[PlanShot], limits: Limits, mode: str, only: frozenset[int] | None, has_start: bool
) -> list[tuple[Piece, ...]]:
    groups: list[tuple[Piece, ...]] = []
    run: list[PlanShot] = []

    def close() -> None:
        free = bool(run) and run[0] is shots[0] and not run[0].own_start and not has_start
        groups.extend(_share(run, limits, free=free))
        run.clear()

    for shot in shots:
        if only is not None and shot.number not in only:
            close()
            continue
        if shot.own_start:
            close()
        if mode == "per_shot" or shot.solo or _too_long(shot, limits):
            close()
            groups.extend((piece,) for piece in pieces_of(shot, limits))
        else:
            run.append(shot)
    close()
    return groups


def _too_long(shot: PlanShot, limits: Limits) -> bool:
    return limits.shots_per_call < 2 or asked(shot.seconds, limits, shared=True) > min(limits.shot_max, limits.longest)


def _share(run: Sequence[PlanShot], limits: Limits, *, free: bool = False) -> list[tuple[Piece, ...]]:
    """Cut one run of neighbours into calls: least price, then fewest calls, then the fullest first calls.

    The first call is `free` when it begins without a picture; all others go on from one. A walk over "best way to make
    the first n shots"; runs are short, so it is tried exhaustively.
    """
    pieces = [Piece(s.number, 1, s.seconds, asked(s.seconds, limits, shared=True)) for s in run]
    lengths = [s.length for s in run]
    best: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for end in range(1, len(pieces) + 1):
        ways = [
            _way(best[begin], pieces[begin:end], limits)
            for begin in range(max(0, end - limits.shots_per_call), end)
            if end - begin <= max(1, limits.together(free=free and begin == 0))
            and _fits(pieces[begin:end], lengths[begin:end], limits)
        ]
        best.append(min(ways, key=lambda way: (way[0], way[1], [-n for n in way[2]])))
    groups, begin = [], 0
    for count in best[-1][2]:
        groups.append(_single_asks(tuple(pieces[begin : begin + count]), limits))
        begin += count
    return groups


def _way(
    before: tuple[int, int, tuple[int, ...]], group: Sequence[Piece], limits: Limits
) -> tuple[int, int, tuple[int, ...]]:
    seconds = sum(p.asked for p in _single_asks(tuple(group), limits))
    return before[0] + (limits.price(seconds) or 0), before[1] + 1, (*before[2], len(group))


def _fits(group: Sequence[Piece], lengths: Sequence[int], limits: Limits) -> bool:
    if len(group) == 1:
        return True
    said = not limits.call_chars or sum(lengths) <= limits.call_chars
    return said and sum(p.asked for p in group) <= limits.longest + 1e-9


def _single_asks(group: tuple[Piece, ...], limits: Limits) -> tuple[Piece, ...]:
    """A call must reach a length that calls may have: the last piece is asked for longer and trimmed."""
    total = sum(p.asked for p in group)
    missing = limits.whole_call(total) - total
    if missing <= 1e-9:
        return group
    last = group[-1]
    longer = Piece(last.number, last.part, last.seconds, last.asked + missing)
    return (*group[:-1], longer)


def _start(first: Piece, shots: Sequence[PlanShot], calls: Sequence[Call], has_start: bool) -> StartKind:
    shot = next(s for s in shots if s.number == first.number)
    if first.part == 1 and shot.own_start:
        return "own"
    if first.part == 1 and first.number == shots[0].number:
        return "frame" if has_start else "none"
    return "chain"


def _choice(
    group: tuple[Piece, ...],
    prompts: dict[int, str],
    candidates: Sequence[Candidate],
    everywhere: set[str],
    limits: Limits,
    start: StartKind,
) -> Choice:
    with_start = start != "none"
    cap = limits.cap_with_start if with_start else limits.cap_without_start
    named = {key for p in group for key in mentions(prompts[p.number])}
    return choose(candidates, named, everywhere, cap, with_start=with_start)


def _problems(shots: Sequence[PlanShot], calls: Sequence[Call], limits: Limits) -> tuple[str, ...]:
    out = []
    if not shots:
        out.append("It has no shots; add one first.")
    out += [f"Shot {s.number} has no prompt; write it first." for s in shots if not s.prompt.strip()]
    if calls and calls[0].start == "none" and limits.start_required:
        out.append("It has no start frame; pick a cell of a grid or upload one.")
    return tuple(out)
