"""Which elements' pictures go with a call, which are dropped, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element of a sequence in order of priority; `pictures` is how many references it has."""

    key: str
    name: str
    pictures: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """An element that stays behind, with the sentence that says why."""

    key: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Keys that go along in order of priority, and who is left behind."""

    sent: tuple[str, ...]
    dropped: tuple[Dropped, ...]


def choose(
    candidates: Sequence[Candidate],
    named: Iterable[str],
    everywhere: Iterable[str],
    cap: int,
    *,
    with_start: bool,
) -> Choice:
    """Pick by priority under the endpoint's cap.

    An element belongs to a call when one of the call's prompts names it (`named`), or when no prompt of the sequence
    names it at all (not in `everywhere`): then it is meant for the whole sequence.
    """
    named, everywhere = set(named), set(everywhere)
    wanted = [c for c in candidates if c.key in named or c.key not in everywhere]
    shown = [c for c in wanted if c.pictures]
    sent = tuple(c.key for c in shown[:cap])
    when = "with a start frame" if with_start else "without a start frame"
    over = f"over the limit: {cap} a call {when}" if cap else f"this model takes no elements {when}"
    dropped = [
        Dropped(c.key, c.name, over if c.pictures else "has no reference picture")
        for c in wanted
        if c.key not in sent
    ]
    return Choice(sent, tuple(dropped))
