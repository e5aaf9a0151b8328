"""What a take would send, call by call, before anything is spent or uploaded. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max

from sequences.callplan import Call
from sequences.errors import Refusal
from sequences.providers import sight
from sequences.providers.base import Refused
from sequences.queries import SequenceFacts

from .making import grid_request
from .quoting import Quote, grid_endpoint
from .takes import request_of


@dataclass(frozen=True, slots=True)
class CallBody:
    """One call as it would be sent: the path that is called and its JSON, or the sentence why there is none."""

    number: int
    path: str
    body: dict[str, Any]
    problem: str = ""


def call_bodies(asked: Quote, *, seed: int | None = None, number: int | None = None) -> list[CallBody]:
    """The calls of the first take that would be asked for, `number` being the one it would get. One query a call with
    elements. Nothing is uploaded: pictures are named."""
    number = number or next_take(asked)
    names = names_of(asked)
    return [_body(asked, call, names, seed, number) for call in asked.plan.calls]


def grid_body(facts: SequenceFacts, *, layout: str | None = None, seed: int | None = None) -> tuple[CallBody, str]:
    """The call of the next grid as it would be sent, and the model's title. Nothing is uploaded: pictures are named."""
    title = grid_endpoint(facts.project).title
    try:
        request, _, endpoint = grid_request(facts, layout, None, seed or 0)
    except Refusal as refusal:
        return CallBody(1, "", {}, str(refusal)), title
    try:
        labelled = replace(request, label=f"{facts.sequence.code} G{next_grid(facts)}")
        wire = sight.would_send(labelled, {}, seed_known=seed is not None)
    except Refused as refused:
        return CallBody(1, endpoint.path, {}, str(refused)), title
    return CallBody(1, wire.endpoint, dict(wire.body)), title


def next_grid(facts: SequenceFacts) -> int:
    """The number the next grid of the sequence gets."""
    last: int | None = facts.sequence.grids.aggregate(n=Max("number"))["n"]
    return (last or 0) + 1


def next_take(asked: Quote) -> int:
    """The number the next take of the sequence gets."""
    last: int | None = asked.facts.sequence.takes.aggregate(n=Max("number"))["n"]
    return (last or 0) + 1


def names_of(asked: Quote) -> dict[str, str]:
    """What the start and end frames of a sequence are, by their files."""
    frames = [asked.facts.start_frame, *(f for s in asked.facts.shots for f in (s.start_frame, s.end_frame))]
    return {f.file: f"{f.use} frame F{f.number}" for f in frames if f}


def _body(asked: Quote, call: Call, names: dict[str, str], seed: int | None, number: int) -> CallBody:
    request = request_of(asked, call, seed=seed or 0, number=number)
    if call.start == "chain":
        request, names = sight.chained(request), {**names, "": f"last frame of call {call.number - 1}"}
    try:
        wire = sight.would_send(request, names, seed_known=seed is not None)
    except Refused as refused:
        return CallBody(call.number, asked.endpoint_of(call).path, {}, str(refused))
    return CallBody(call.number, wire.endpoint, dict(wire.body))
