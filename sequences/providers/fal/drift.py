"""Our catalogue held against an endpoint's own OpenAPI description: what changed there, one sentence each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sequences.providers.catalogue import Endpoint

from .endpoints.parts import duration

NESTED = {"shot_prompt": "shots", "shot_seconds": "shots", "front": "elements", "views": "elements"}
INSIDE = {"width", "height"}
WORDS = {bool: "boolean", str: "string", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the catalogue has it; `breaks` when calls would fail or do something else."""

    endpoint: str
    message: str
    breaks: bool


def differences(endpoint: Endpoint, path: str, document: Mapping[str, Any]) -> list[Difference]:
    """What differs for one path of an endpoint. `document` is its OpenAPI description."""
    live = _Live(document)
    if not live.properties:
        return [Difference(endpoint.id, f"{path} describes no input that can be read.", True)]
    found = [
        *_unknown(endpoint, path, live),
        *_unsent(endpoint, path, live),
        *_fixed(endpoint, path, live),
        *_values(endpoint, path, live),
        *_limits(endpoint, path, live),
    ]
    return [Difference(endpoint.id, f"{path}: {text}", breaks) for text, breaks in found]


Said = tuple[str, bool]


class _Live:
    """The input's properties with references followed and choices of one property brought together."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        schema = self.followed(self._input())
        self.properties: dict[str, Any] = {k: self.flat(v) for k, v in schema.get("properties", {}).items()}
        self.required: list[str] = list(schema.get("required", ()))

    def _input(self) -> Mapping[str, Any]:
        for methods in self.document.get("paths", {}).values():
            content = methods.get("post", {}).get("requestBody", {}).get("content", {})
            for body in content.values():
                found: Mapping[str, Any] = body.get("schema", {})
                return found
        return {}

    def followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a `$ref` stands for."""
        for _ in range(10):
            ref = schema.get("$ref")
            if not isinstance(ref, str) or not ref.startswith("#/"):
                return schema
            found: Any = self.document
            for part in ref.removeprefix("#/").split("/"):
                found = found.get(part, {})
            schema = found
        return schema

    def flat(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """One property: its types, its choices, its limits and the properties of its items."""
        ways = [self.followed(schema)]
        for key in ("anyOf", "oneOf", "allOf"):
            ways += [self.followed(way) for way in ways[0].get(key, ())]
        items = next((self.followed(w["items"]) for w in ways if w.get("items")), {})
        merged: dict[str, Any] = {k: v for way in reversed(ways) for k, v in way.items()}
        merged["types"] = {w["type"] for w in ways if isinstance(w.get("type"), str)} - {"null"}
        merged["enum"] = [v for w in ways for v in w.get("enum", ())]
        merged["inner"] = {k: self.flat(v) for k, v in items.get("properties", {}).items()}
        return merged


def _sent(endpoint: Endpoint, path: str) -> dict[str, str]:
    """Our names to theirs, of what is sent to this path at the top of the body."""
    alone = endpoint.references_path and path != endpoint.references_path
    left_out = {*NESTED, *INSIDE, *(["references"] if alone else [])}
    return {ours: theirs for ours, theirs in endpoint.fields.items() if ours not in left_out}


def _unknown(endpoint: Endpoint, path: str, live: _Live) -> Iterator[Said]:
    for theirs in _sent(endpoint, path).values():
        if theirs not in live.properties:
            yield f"{theirs} is sent and is no longer known there.", True
    for ours, around in NESTED.items():
        inner = live.properties.get(endpoint.fields.get(around, ""), {}).get("inner", {})
        theirs = endpoint.fields.get(ours, "")
        if inner and theirs and theirs not in inner:
            yield f"{endpoint.fields[around]} has no {theirs} any more.", True


def _unsent(endpoint: Endpoint, path: str, live: _Live) -> Iterator[Said]:
    sent = {*_sent(endpoint, path).values(), *endpoint.fixed}
    for name in live.required:
        if name not in sent:
            yield f"{name} is required there and never sent.", True


def _fixed(endpoint: Endpoint, path: str, live: _Live) -> Iterator[Said]:
    for name, value in endpoint.fixed.items():
        there = live.properties.get(name)
        if there is None:
            # what is left at false is off without being known; anything else would silently not happen
            yield f"{name} is always sent and is not known there.", value is not False
        elif there["enum"] and value not in there["enum"]:
            yield f"{name} is always {value!r} and there it is one of {_listed(there['enum'])}.", True
        elif there["types"] and not _fits(value, there["types"]):
            yield f"{name} is always {value!r} and there the type is {_listed(there['types'])}.", True


def _values(endpoint: Endpoint, path: str, live: _Live) -> Iterator[Said]:
    yield from _allowed(live.properties, endpoint.fields.get("seconds", ""), _lengths(endpoint))
    shots = live.properties.get(endpoint.fields.get("shots", ""), {}).get("inner", {})
    yield from _allowed(shots, endpoint.fields.get("shot_seconds", ""), _shot_lengths(endpoint))
    yield from _allowed(live.properties, endpoint.fields.get("ratio", ""), endpoint.ratios)
    resolution = [endpoint.resolution] if endpoint.resolution else []
    yield from _allowed(live.properties, endpoint.fields.get("resolution", ""), resolution)


def _allowed(properties: Mapping[str, Any], name: str, ours: Iterable[Any]) -> Iterator[Said]:
    there, ours = properties.get(name), list(ours)
    if there is None or not ours:
        return
    refused = [v for v in ours if there["enum"] and v not in there["enum"]]
    if refused:
        yield f"{name} may be {_listed(refused)} here and there only {_listed(there['enum'])}.", True
    elif there["types"] and not _fits(ours[0], there["types"]):
        yield f"{name} is sent as {ours[0]!r} and there the type is {_listed(there['types'])}.", True
    elif not isinstance(ours[0], str):
        yield from _between(name, ours, there)


def _between(name: str, ours: list[Any], there: Mapping[str, Any]) -> Iterator[Said]:
    least, most = there.get("minimum", ours[0]), there.get("maximum", ours[-1])
    if ours[0] < least or ours[-1] > most:
        yield f"{name} may be {ours[0]} to {ours[-1]} here and there only {least} to {most}.", True


def _lengths(endpoint: Endpoint) -> list[str | int]:
    if endpoint.kind != "video":
        return []
    least, most = endpoint.seconds_per_single
    seconds = endpoint.seconds_choices or range(int(least), int(max(most, endpoint.seconds_per_call)) + 1)
    return [duration(endpoint, s) for s in seconds]


def _shot_lengths(endpoint: Endpoint) -> list[str | int]:
    least, most = map(int, endpoint.seconds_per_shot)
    return [duration(endpoint, s) for s in range(least, most + 1)] if endpoint.kind == "video" else []


def _limits(endpoint: Endpoint, path: str, live: _Live) -> Iterator[Said]:
    text = endpoint.call_chars if endpoint.kind == "grid" else endpoint.prompt_chars
    counts = {
        "prompt": ("maxLength", text, "characters"),
        "shots": ("maxItems", endpoint.shots_per_call, "shots"),
        "elements": ("maxItems", max(endpoint.elements_with_start, endpoint.elements_without_start), "elements"),
        "references": ("maxItems", endpoint.pictures, "pictures"),
    }
    for ours, (limit, most, what) in counts.items():
        name = endpoint.fields.get(ours, "")
        there = live.properties.get(name, {}).get(limit)
        if isinstance(there, int) and most and there < most:
            yield f"{name} takes {there} {what} there and up to {most} are sent.", True
        elif isinstance(there, int) and there > most and what != "characters":
            yield f"{name} takes {there} {what} there; the catalogue stops at {most}.", False


def _fits(value: object, types: Iterable[str]) -> bool:
    word = WORDS.get(type(value), "object")
    return word in types or (word == "integer" and "number" in types)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))
