"""Endpoints as data: what each takes, costs and needs, read from catalogue.toml. Pure.

Whoever plans reads it; providers enforce it. `configure` and `override` replace single values (a rehearsed
price, a tighter limit) without touching the file; they take the same keys as the file.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from sequences.providers.base import Kind

Unit = Literal["second", "picture"]
Span = tuple[float, float]

FILE = Path(__file__).with_name("catalogue.toml")
MICROS = 1_000_000
_STEP = 16


class CatalogueError(ValueError):
    """A catalogue entry is wrong; `str()` names the endpoint, the key and what it must be."""


class UnknownEndpoint(LookupError):
    """There is no such endpoint; `str()` lists what exists."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model of one provider, with its limits and price.

    `layouts` and `long_edge` (pixels of the whole picture) belong to grids; shots, seconds and edges to
    video. `seconds_per_shot` holds for a shot that shares its call, `seconds_per_single` for one alone.
    `price_micros` is micro-dollars a `unit`, None when unknown. `expected` is waiting: fixed seconds and
    seconds a unit.
    """

    id: str
    provider: str
    kind: Kind
    title: str
    blurb: str
    prompt_chars: int
    elements_with_start: int
    elements_without_start: int
    price_micros: int | None
    unit: Unit
    expected: Span
    layouts: tuple[str, ...] = ()
    long_edge: int = 0
    shots_per_call: int = 0
    seconds_per_call: int = 0
    seconds_per_shot: Span = (0, 0)
    seconds_per_single: Span = (0, 0)
    whole_seconds: bool = False
    min_start_edge: int = 0
    end_frame: bool = False
    enabled: bool = True

    def price(self, units: Decimal | float) -> int | None:
        """Micro-dollars for so many units, rounded up; None while the price is unknown."""
        if self.price_micros is None:
            return None
        return math.ceil(self.price_micros * Decimal(str(units)))

    def expected_seconds(self, units: Decimal | float) -> float:
        """How long it usually takes, in seconds."""
        fixed, per_unit = self.expected
        return fixed + per_unit * float(units)

    def element_cap(self, *, with_start: bool) -> int:
        """How many elements go along with one call."""
        return self.elements_with_start if with_start else self.elements_without_start


def endpoints(*, kind: Kind | None = None, provider: str | None = None) -> tuple[Endpoint, ...]:
    """Every endpoint in the file's order, of one kind or provider when asked."""
    return tuple(
        e
        for e in _Shelf.current.values()
        if (kind is None or e.kind == kind) and (provider is None or e.provider == provider)
    )


def endpoint(id: str) -> Endpoint:
    """The endpoint of that id. Raises UnknownEndpoint."""
    try:
        return _Shelf.current[id]
    except KeyError:
        raise UnknownEndpoint(f"There is no endpoint {id!r}. There are: {_listed(_Shelf.current)}.") from None


def default(provider: str, kind: Kind) -> Endpoint:
    """The provider's first enabled endpoint of a kind. Raises UnknownEndpoint."""
    for found in endpoints(kind=kind, provider=provider):
        if found.enabled:
            return found
    names = _listed(dict.fromkeys(e.provider for e in endpoints(kind=kind)))
    raise UnknownEndpoint(f"{provider!r} has no {kind} endpoint. Providers that have one: {names}.")


def configure(overrides: Mapping[str, Mapping[str, Any]]) -> None:
    """Start again from the file with these values over it, `{endpoint id: {key: value}}`; `{}` undoes all.

    Raises UnknownEndpoint or CatalogueError, and then nothing has changed.
    """
    entries = _entries()
    for id, values in overrides.items():
        _known(entries, id)
        entries[id] = {**entries[id], **values}
    _Shelf.current = {id: _read(entry) for id, entry in entries.items()}
    _Shelf.values = entries


def override(id: str, **values: Any) -> Endpoint:
    """Replace values of one endpoint, as keys of the file (`price="0.168"`, `shots_per_call=3`)."""
    endpoint(id)
    entry = {**_Shelf.values[id], **values}
    read = _read(entry)
    _Shelf.values = {**_Shelf.values, id: entry}
    _Shelf.current = {**_Shelf.current, id: read}
    return read


def load(text: str) -> tuple[Endpoint, ...]:
    """The endpoints of a catalogue file's text. Raises CatalogueError."""
    return tuple(_read(entry) for entry in _parse(text).values())


def grid_size(endpoint: Endpoint, rows: int, cols: int, ratio_w: int, ratio_h: int) -> tuple[int, int]:
    """Pixels of a whole picture of rows x cols cells of that ratio, its longer edge as the endpoint draws it.

    The shorter edge is the multiple of 16 below. Raises ValueError for counts or ratios under 1.
    """
    if min(rows, cols, ratio_w, ratio_h) < 1:
        raise ValueError(f"A grid of {rows} x {cols} cells of {ratio_w}:{ratio_h} cannot be drawn.")
    ratio = Fraction(cols * ratio_w, rows * ratio_h)
    short = max(_STEP, int(endpoint.long_edge * min(ratio, 1 / ratio)) // _STEP * _STEP)
    return (endpoint.long_edge, short) if ratio >= 1 else (short, endpoint.long_edge)


# reading


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names) or "none"


def _known(entries: Mapping[str, Any], id: str) -> None:
    if id not in entries:
        raise UnknownEndpoint(f"There is no endpoint {id!r} to override. There are: {_listed(entries)}.")


@cache
def _file() -> str:
    return FILE.read_text(encoding="utf-8")


def _entries() -> dict[str, dict[str, Any]]:
    return _parse(_file())


def _parse(text: str) -> dict[str, dict[str, Any]]:
    try:
        rows = tomllib.loads(text).get("endpoints", [])
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"The catalogue is not valid TOML: {error}.") from error
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        id = row.get("id")
        if not isinstance(id, str) or not id:
            raise CatalogueError(f"Endpoint number {number} of the catalogue has no id.")
        if id in found:
            raise CatalogueError(f"The catalogue has {id!r} twice.")
        found[id] = row
    return found


_VIDEO_KEYS = (
    "shots_per_call",
    "seconds_per_call",
    "seconds_per_shot",
    "seconds_per_single",
    "whole_seconds",
    "min_start_edge",
    "end_frame",
)
_GRID_KEYS = ("layouts", "long_edge")
_KEYS = (
    "id",
    "provider",
    "kind",
    "title",
    "blurb",
    "prompt_chars",
    "elements_with_start",
    "elements_without_start",
    "price",
    "unit",
    "expected",
)


def _read(entry: Mapping[str, Any]) -> Endpoint:
    reader = _Entry(entry)
    kind: Kind = reader.choice("kind", get_args(Kind))
    reader.only(_KEYS, _GRID_KEYS if kind == "grid" else _VIDEO_KEYS)
    own = _grid_values(reader) if kind == "grid" else _video_values(reader)
    return Endpoint(
        id=reader.text("id"),
        provider=reader.text("provider"),
        kind=kind,
        title=reader.text("title"),
        blurb=reader.text("blurb"),
        prompt_chars=reader.whole("prompt_chars", 1),
        elements_with_start=reader.whole("elements_with_start", 0),
        elements_without_start=reader.whole("elements_without_start", 0),
        price_micros=reader.micros("price"),
        unit=reader.choice("unit", get_args(Unit)),
        expected=reader.span("expected", ordered=False),
        enabled=reader.flag("enabled", True),
        **own,
    )


def _grid_values(reader: _Entry) -> dict[str, Any]:
    return {"layouts": reader.layouts("layouts"), "long_edge": reader.whole("long_edge", _STEP)}


def _video_values(reader: _Entry) -> dict[str, Any]:
    return {
        "shots_per_call": reader.whole("shots_per_call", 1),
        "seconds_per_call": reader.whole("seconds_per_call", 1),
        "seconds_per_shot": reader.span("seconds_per_shot"),
        "seconds_per_single": reader.span("seconds_per_single"),
        "whole_seconds": reader.flag("whole_seconds", False),
        "min_start_edge": reader.whole("min_start_edge", 0),
        "end_frame": reader.flag("end_frame", False),
    }


class _Entry:
    """Reads one table of the file, naming endpoint and key in every complaint."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.entry = entry

    def wrong(self, key: str, must: str) -> CatalogueError:
        return CatalogueError(
            f"Endpoint {self.entry['id']!r} of the catalogue: {key} must be {must}, not {self.entry.get(key)!r}."
        )

    def only(self, *known: tuple[str, ...]) -> None:
        allowed = {"enabled", *(key for keys in known for key in keys)}
        for key in self.entry:
            if key not in allowed:
                names = ", ".join(sorted(allowed))
                raise CatalogueError(
                    f"Endpoint {self.entry['id']!r} of the catalogue has no key {key!r}. It may have: {names}."
                )

    def text(self, key: str) -> str:
        value = self.entry.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text")
        return value

    def choice(self, key: str, among: tuple[str, ...]) -> Any:
        value = self.entry.get(key)
        if value not in among:
            raise self.wrong(key, "one of " + ", ".join(among))
        return value

    def whole(self, key: str, least: int) -> int:
        value = self.entry.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(key, f"a whole number, {least} or more")
        return value

    def flag(self, key: str, otherwise: bool) -> bool:
        value = self.entry.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def span(self, key: str, *, ordered: bool = True) -> Span:
        given = self.entry.get(key)
        value = list(given) if isinstance(given, (list, tuple)) else []
        numbers = all(type(v) in (int, float) and v >= 0 for v in value)
        if not numbers or len(value) != 2 or (ordered and value[0] > value[1]):
            raise self.wrong(key, "two numbers, [least, most]" if ordered else "two numbers, [fixed, a unit]")
        return (value[0], value[1])

    def layouts(self, key: str) -> tuple[str, ...]:
        value = self.entry.get(key)
        if not isinstance(value, (list, tuple)) or not value or not all(map(_is_layout, value)):
            raise self.wrong(key, 'a list like ["1x1", "2x2"]')
        return tuple(value)

    def micros(self, key: str) -> int | None:
        value = self.entry.get(key)
        if value is None:
            return None
        try:
            micros = Decimal(str(value)) * MICROS
        except InvalidOperation:
            raise self.wrong(key, 'dollars like "0.168"') from None
        if not micros.is_finite() or micros < 0 or micros != int(micros):
            raise self.wrong(key, "dollars, 0 or more, with at most 6 decimals")
        return int(micros)


def _is_layout(value: object) -> bool:
    rows, _, cols = str(value).partition("x")
    return rows.isdigit() and cols.isdigit() and int(rows) > 0 and int(cols) > 0


class _Shelf:
    """The endpoints in force. Whole dictionaries are swapped: a reader in a thread sees no half."""

    values: ClassVar[dict[str, dict[str, Any]]] = _entries()
    current: ClassVar[dict[str, Endpoint]] = {id: _read(entry) for id, entry in values.items()}
