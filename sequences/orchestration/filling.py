"""How full a call is: what it takes of each limit of its endpoint. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sequences.callplan import Call
from sequences.providers.catalogue import Endpoint

from .quoting import Quote


@dataclass(frozen=True, slots=True)
class Fill:
    """One limit: `name` is shots, seconds, characters (all of the call), prompt (characters of its longest shot) or
    elements; `have` of `most`."""

    name: str
    have: float
    most: float

    @property
    def state(self) -> str:
        """`full`, `over`, or empty while there is room."""
        return "over" if self.have > self.most else "full" if self.have == self.most else ""


def fills(asked: Quote, call: Call) -> tuple[Fill, ...]:
    """Every limit of a call, in the order people read them. Elements only where the model takes any."""
    endpoint, begun = asked.endpoint_of(call), call.start != "none"
    room = endpoint.element_cap(with_start=begun)
    longest = asked.planning.limits_of(asked.planning.shot(call.shots[0])).longest
    return (
        Fill("shots", len(call.shots), endpoint.shots_cap(with_start=begun)),
        Fill("seconds", call.seconds, longest),
        _characters(asked, call, endpoint),
        *([Fill("elements", len(call.sent), room)] if room else []),
    )


def _characters(asked: Quote, call: Call, endpoint: Endpoint) -> Fill:
    """All words of the call where there is a limit to them, else those of its longest shot."""
    lengths = [len(asked.compiled(call, n)) for n in call.shots]
    if endpoint.call_chars:
        return Fill("characters", sum(lengths), endpoint.call_chars)
    return Fill("prompt", max(lengths), endpoint.prompt_chars)
