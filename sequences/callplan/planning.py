"""Which shots share a call: every shot once and in order, no limit broken, the cheapest way the rules allow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sequences.elements import Candidate, Choice, choose
from sequences.prompts import mentions

from .values import Call, CallPlan, Limits, Piece, PlanShot, StartKind, plain


@dataclass(frozen=True)
class Planning:
    """Everything a plan follows from. `plan` is worked out once.

    `has_start` says whether the sequence has a start frame for its first call. `only` names the shots to make when the
    others are reused from an earlier take; a run of made shots never crosses a reused one. `others` are the limits of
    endpoints that shots name themselves; `limits` are everybody else's.
    """

    shots: tuple[PlanShot, ...]
    limits: Limits
    mode: str
    candidates: tuple[Candidate, ...] = ()
    has_start: bool = False
    only: frozenset[int] | None = None
    others: Mapping[str, Limits] = field(default_factory=dict)
    # runs that were cut already: other marks leave most of them as they are
    _cut: dict[tuple[int, ...], list[tuple[Piece, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def plan(self) -> CallPlan:
        """The calls."""
        calls: list[Call] = []
        groups = self._groups
        last = {p.number: p.part for group in groups for p in group}
        for group in groups:
            calls.append(self._call(group, calls, ends=group[-1].part == last[group[-1].number]))
        return CallPlan(self.limits.endpoint, tuple(calls), _problems(self, calls))

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """Numbers of the shots that calls begin at, as the plan's, without the rest of it."""
        return tuple(group[0].number for group in self._groups if group[0].part == 1)

    @cached_property
    def divided(self) -> frozenset[int]:
        """Numbers of the shots where a person lets a call begin."""
        return frozenset(s.number for s in self.shots if s.divided)

    @cached_property
    def solo(self) -> frozenset[int]:
        """Numbers of the shots that are always their own call."""
        return frozenset(s.number for s in self.shots if s.solo)

    def marked(self, divided: Iterable[int] | None = None, solo: Iterable[int] | None = None) -> Planning:
        """The same with other marks, by shots' numbers; those not given stay."""
        cuts = self.divided if divided is None else frozenset(divided)
        alone = self.solo if solo is None else frozenset(solo)
        shots = tuple(replace(s, divided=s.number in cuts, solo=s.number in alone) for s in self.shots)
        made = replace(self, shots=shots)
        object.__setattr__(made, "_cut", self._cut)
        return made

    def limits_of(self, shot: PlanShot) -> Limits:
        """Those of the endpoint a shot is made with."""
        return self.others.get(shot.model, self.limits) if shot.model else self.limits

    def shot(self, number: int) -> PlanShot:
        """The shot of this number. Raises KeyError."""
        return self._by_number[number]

    def as_one(self, numbers: Sequence[int]) -> Call:
        """These neighbours as one call, whatever the limits say: what a divider shows while it is dragged."""
        shots = [self.shot(n) for n in numbers]
        limits = self.limits_of(shots[0])
        group = _whole(shots, limits)
        before = [c for c in self.plan.calls if c.shots[0] < numbers[0]]
        return self._call(group, before, ends=True)

    def cut(self, run: Sequence[PlanShot], limits: Limits) -> list[tuple[Piece, ...]]:
        """The calls of a run of neighbours that nothing but limits keeps apart."""
        key = tuple(s.number for s in run)
        if key not in self._cut:
            self._cut[key] = _share(self, run, limits)
        return self._cut[key]

    @cached_property
    def _groups(self) -> list[tuple[Piece, ...]]:
        return _groups(self)

    @cached_property
    def _by_number(self) -> dict[int, PlanShot]:
        return {s.number: s for s in self.shots}

    @cached_property
    def _named(self) -> dict[int, frozenset[str]]:
        return {s.number: frozenset(mentions(s.prompt)) for s in self.shots}

    def _call(self, group: tuple[Piece, ...], before: Sequence[Call], *, ends: bool) -> Call:
        limits = self.limits_of(self.shot(group[0].number))
        start = self._start(group[0])
        choice = self._choice(group, limits, start)
        seconds = sum(p.asked for p in group)
        return Call(
            len(before) + 1,
            group,
            start,
            choice.sent,
            choice.dropped,
            seconds,
            limits.price(seconds),
            limits.endpoint,
            ends and limits.end_frame and self.shot(group[-1].number).own_end,
        )

    def _start(self, first: Piece) -> StartKind:
        if first.part > 1:
            return "chain"
        if self.shot(first.number).own_start:
            return "own"
        if first.number == self.shots[0].number:
            return "frame" if self.has_start else "none"
        return "chain"

    def _choice(self, group: tuple[Piece, ...], limits: Limits, start: StartKind) -> Choice:
        with_start = start != "none"
        cap = limits.cap_with_start if with_start else limits.cap_without_start
        named = {key for p in group for key in self._named[p.number]}
        everywhere = {key for keys in self._named.values() for key in keys}
        return choose(self.candidates, named, everywhere, cap, with_start=with_start)


def plan_calls(
    shots: Sequence[PlanShot],
    limits: Limits,
    *,
    mode: str,
    candidates: Sequence[Candidate] = (),
    has_start: bool = False,
    only: frozenset[int] | None = None,
    others: Mapping[str, Limits] | None = None,
) -> CallPlan:
    """Plan the calls of one take; what the words mean says `Planning`."""
    return Planning(tuple(shots), limits, mode, tuple(candidates), has_start, only, others or {}).plan


def alone(planning: Planning, shot: PlanShot) -> str:
    """Why a shot is always a call of its own, in words; empty when it may share one."""
    limits = planning.limits_of(shot)
    if planning.mode == "per_shot":
        return "every shot is a call of its own in this mode"
    if shot.solo:
        return f"shot {shot.number} is solo"
    if shot.own_end:
        return f"shot {shot.number} has an end frame"
    if limits.shots_per_call < 2:
        return f"{limits.named} makes one shot a call"
    most = min(limits.shot_max, limits.longest)
    if asked(shot.seconds, limits, shared=True) > most:
        return f"shot {shot.number} is longer than the {plain(most)} s that {limits.named} gives a shot among others"
    return ""


def apart(planning: Planning, before: PlanShot, shot: PlanShot) -> str:
    """Why two neighbours never share a call, in words; empty when only dividers and limits decide."""
    if why := alone(planning, before) or alone(planning, shot):
        return why
    if shot.own_start:
        return f"shot {shot.number} has its own start frame"
    one, other = planning.limits_of(before), planning.limits_of(shot)
    if one.endpoint != other.endpoint:
        return f"shot {before.number} is made by {one.named} and shot {shot.number} by {other.named}"
    return ""


def broken(planning: Planning, numbers: Sequence[int]) -> str:
    """The limit that these neighbours break as one call, in words; empty when they fit. Two and more only."""
    shots = [planning.shot(n) for n in numbers]
    limits, free = planning.limits_of(shots[0]), _free(planning, shots[0])
    most = max(1, min(limits.shots_per_call, limits.together(free=free)))
    if len(shots) > most:
        begun = " that begins with a picture" if most < limits.shots_per_call else ""
        return f"{limits.named} takes {most} shot{'s' if most > 1 else ''} a call{begun}"
    pieces = _whole(shots, limits)
    total = sum(p.asked for p in pieces)
    if total > limits.longest + 1e-9:
        return f"{_listed(numbers)} come to {plain(total)} s and {limits.named} makes {plain(limits.longest)} s a call"
    if pieces[-1].asked > limits.shot_max + 1e-9:
        return f"the call has to last {plain(total)} s and {limits.named} gives a shot {plain(limits.shot_max)} s"
    words = sum(s.length for s in shots)
    if limits.call_chars and words > limits.call_chars:
        said = f"the prompts of {_listed(numbers)} come to {words} characters"
        return f"{said} and {limits.named} takes {limits.call_chars} a call"
    return ""


def _listed(numbers: Sequence[int]) -> str:
    first, last = numbers[0], numbers[-1]
    return f"shots {first} {'and' if len(numbers) == 2 else 'to'} {last}"


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


def asked(seconds: float, limits: Limits, *, shared: bool = False) -> float:
    """What the endpoint is asked for to get `seconds`: never less, whole where it wants whole seconds, and for a call
    of its own one of the lengths it makes."""
    want = max(seconds, limits.shot_min if shared else limits.single_min)
    want = float(math.ceil(round(want, 6))) if limits.whole_seconds else round(want, 3)
    return want if shared else limits.whole_call(want)


def _step(share: float, limits: Limits) -> float:
    """How long every part but the last is: a length the endpoint makes, so that nothing of it is trimmed."""
    if limits.seconds_choices:
        return limits.whole_call(share)
    return float(math.ceil(share)) if limits.whole_seconds else math.ceil(round(share * 1000, 3)) / 1000


def _groups(planning: Planning) -> list[tuple[Piece, ...]]:
    """Runs of shots that may share calls, each cut into calls; a shot that goes alone is a run of its own."""
    groups: list[tuple[Piece, ...]] = []
    for run in _runs(planning):
        limits = planning.limits_of(run[0])
        if alone(planning, run[0]):
            groups.extend((piece,) for piece in pieces_of(run[0], limits))
        else:
            groups.extend(planning.cut(run, limits))
    return groups


def _runs(planning: Planning) -> list[list[PlanShot]]:
    runs: list[list[PlanShot]] = []
    before: PlanShot | None = None
    for shot in planning.shots:
        if planning.only is not None and shot.number not in planning.only:
            before = None
            continue
        if before is None or shot.divided or apart(planning, before, shot):
            runs.append([])
        runs[-1].append(shot)
        before = shot
    return runs


def _free(planning: Planning, shot: PlanShot) -> bool:
    """Whether a call that begins at this shot begins without a picture."""
    return shot.number == planning.shots[0].number and not shot.own_start and not planning.has_start


def _share(planning: Planning, run: Sequence[PlanShot], limits: Limits) -> list[tuple[Piece, ...]]:
    """Cut one run of neighbours into calls: least price, then fewest calls, then the fullest first calls.

    The best way to make the first n shots, for every n: each call is tried at its end in every length that fits.
    """
    best: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for end in range(1, len(run) + 1):
        ways = [
            _way(best[begin], run[begin:end], limits)
            for begin in range(max(0, end - max(1, limits.shots_per_call)), end)
            if end - begin == 1 or not broken(planning, [s.number for s in run[begin:end]])
        ]
        best.append(min(ways, key=lambda way: (way[0], way[1], [-n for n in way[2]])))
    groups, begin = [], 0
    for count in best[-1][2]:
        groups.append(_whole(run[begin : begin + count], limits))
        begin += count
    return groups


def _way(
    before: tuple[int, int, tuple[int, ...]], shots: Sequence[PlanShot], limits: Limits
) -> tuple[int, int, tuple[int, ...]]:
    seconds = sum(p.asked for p in _whole(shots, limits))
    return before[0] + (limits.price(seconds) or 0), before[1] + 1, (*before[2], len(shots))


def _whole(shots: Sequence[PlanShot], limits: Limits) -> tuple[Piece, ...]:
    """Shots as one call. It must reach a length that calls may have: the last piece is asked for longer and trimmed."""
    if len(shots) == 1:
        return (Piece(shots[0].number, 1, shots[0].seconds, asked(shots[0].seconds, limits)),)
    pieces = [Piece(s.number, 1, s.seconds, asked(s.seconds, limits, shared=True)) for s in shots]
    total = sum(p.asked for p in pieces)
    missing = limits.whole_call(total) - total
    if missing > 1e-9:
        pieces[-1] = replace(pieces[-1], asked=pieces[-1].asked + missing)
    return tuple(pieces)


def _problems(planning: Planning, calls: Sequence[Call]) -> tuple[str, ...]:
    out = []
    if not planning.shots:
        out.append("It has no shots; add one first.")
    out += [f"Shot {s.number} has no prompt; write it first." for s in planning.shots if not s.prompt.strip()]
    if calls and calls[0].start == "none" and planning.limits_of(planning.shots[0]).start_required:
        out.append("It has no start frame; pick a cell of a grid or upload one.")
    made = {n for c in calls for n in c.shots}
    for shot in planning.shots:
        limits = planning.limits_of(shot)
        if shot.own_end and shot.number in made and not limits.end_frame:
            out.append(f"{limits.named} takes no end frame; clear shot {shot.number}'s or choose another model for it.")
    return tuple(out)
