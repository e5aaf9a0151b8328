"""Endpoints read from a catalogue file's text, each key validated. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, get_args

from sequences.providers.base import Kind

from .endpoint import NONE, STEP, DurationFormat, Endpoint, Size, Span, Unit

DECIMALS = 9


class CatalogueError(ValueError):
    """A catalogue entry is wrong; `str()` names the endpoint, the key and what it must be."""


def parse(text: str) -> dict[str, dict[str, Any]]:
    """The entries of a catalogue file's text by id, in its order. Raises CatalogueError."""
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


def read(entry: Mapping[str, Any]) -> Endpoint:
    """One entry as an endpoint. Raises CatalogueError."""
    reader = Entry(entry)
    kind: Kind = reader.choice("kind", get_args(Kind))
    keys = {**EVERY, **OF_KIND[kind]}
    reader.only(keys)
    values = {key: take(reader, key) for key, take in keys.items()}
    values["unit_price"] = values.pop("price")
    values["path"] = values["path"] or values["id"]
    values["price_source"] = "listed" if values["price_listed"] else "set here"
    values["price_dated"] = values["price_listed"]
    values["price_gap"] = "" if values["unit_price"] is not None else f"The price of {values['title']} is unknown."
    reader.agree(values)
    return Endpoint(**values)


class Entry:
    """Reads one table of the file, naming endpoint and key in every complaint."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.entry = entry

    def wrong(self, key: str, must: str) -> CatalogueError:
        """The complaint about a key."""
        return CatalogueError(
            f"Endpoint {self.entry['id']!r} of the catalogue: {key} must be {must}, not {self.entry.get(key)!r}."
        )

    def only(self, known: Mapping[str, object]) -> None:
        """Refuse keys that nobody reads."""
        for key in self.entry:
            if key not in known:
                names = ", ".join(sorted(known))
                raise CatalogueError(
                    f"Endpoint {self.entry['id']!r} of the catalogue has no key {key!r}. It may have: {names}."
                )

    def agree(self, values: Mapping[str, Any]) -> None:
        """Keys that only make sense together."""
        if values["mention"] and "{n}" not in values["mention"]:
            raise self.wrong("mention", "a text with {n} for the element's place")
        lengths = values.get("seconds_choices")
        if lengths and (lengths[0], lengths[-1]) != tuple(values["seconds_per_single"]):
            raise self.wrong("seconds_choices", "from the least to the most of seconds_per_single")
        if values["kind"] == "video" and values["seconds_per_single"][1] > values["seconds_per_call"]:
            raise self.wrong("seconds_per_single", "no longer than seconds_per_call")
        unknown = set(values.get("sizes", ())) - set(values.get("ratios", ()))
        if unknown:
            raise self.wrong("sizes", f"a table of ratios it draws, and {sorted(unknown)[0]} is none of ratios")

    def text(self, key: str) -> str:
        """A text that says something."""
        value = self.entry.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "a text")
        return value

    def words(self, key: str) -> str:
        """A text that may be missing."""
        return self.text(key) if key in self.entry else ""

    def choice(self, key: str, among: tuple[str, ...]) -> Any:
        """One of a few words."""
        value = self.entry.get(key)
        if value not in among:
            raise self.wrong(key, "one of " + ", ".join(among))
        return value

    def whole(self, key: str, least: int = 0) -> int:
        """A whole number."""
        value = self.entry.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(key, f"a whole number, {least} or more")
        return value

    def limit(self, key: str) -> int:
        """A whole number that may be missing; 0 is no limit."""
        return self.whole(key) if key in self.entry else 0

    def flag(self, key: str, otherwise: bool) -> bool:
        """True or false."""
        value = self.entry.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def span(self, key: str, *, ordered: bool = True) -> Span:
        """Two numbers."""
        value = self._list(key)
        numbers = all(type(v) in (int, float) and v >= 0 for v in value)
        if not numbers or len(value) != 2 or (ordered and value[0] > value[1]):
            raise self.wrong(key, "two numbers, [least, most]" if ordered else "two numbers, [fixed, a unit]")
        return (value[0], value[1])

    def may_span(self, key: str) -> Span:
        """Two numbers, least first; may be missing."""
        return self.span(key) if key in self.entry else (0, 0)

    def size(self, key: str) -> Size:
        """Two whole numbers, least first; may be missing."""
        least, most = self.may_span(key)
        if least != int(least) or most != int(most):
            raise self.wrong(key, "two whole numbers, [least, most]")
        return int(least), int(most)

    def layouts(self, key: str) -> tuple[str, ...]:
        """Rows by columns, `2x2`."""
        value = self._list(key)
        if not value or not all(_pair(v, "x") for v in value):
            raise self.wrong(key, 'a list like ["1x1", "2x2"]')
        return tuple(value)

    def ratios(self, key: str) -> tuple[str, ...]:
        """Width to height, `16:9`; may be missing."""
        value = self._list(key)
        if not all(_pair(v, ":") for v in value):
            raise self.wrong(key, 'a list like ["16:9", "1:1"]')
        return tuple(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Words; may be missing."""
        value = self._list(key)
        if not all(isinstance(v, str) and v for v in value):
            raise self.wrong(key, 'a list of words like ["second", "seconds"]')
        return tuple(v.lower() for v in value)

    def choices(self, key: str) -> tuple[int, ...]:
        """Whole numbers that grow; may be missing."""
        value = self._list(key)
        if not all(type(v) is int and v > 0 for v in value) or value != sorted(set(value)):
            raise self.wrong(key, "a list of whole numbers that grow, like [4, 6, 8]")
        return tuple(value)

    def names(self, key: str) -> Mapping[str, str]:
        """A table of our names to the provider's; may be missing."""
        table = self.table(key)
        if not all(isinstance(v, str) and v for v in table.values()):
            raise self.wrong(key, "a table of texts")
        return table

    def table(self, key: str) -> Mapping[str, Any]:
        """Any table; may be missing."""
        value = self.entry.get(key, {})
        if not isinstance(value, Mapping):
            raise self.wrong(key, "a table")
        return MappingProxyType(dict(value)) if value else NONE

    def sizes(self, key: str) -> Mapping[str, Size]:
        """Pixels by ratio; may be missing."""
        table = self.table(key)
        good = all(_pair(k, ":") and len(v) == 2 and all(type(n) is int and n > 0 for n in v) for k, v in table.items())
        if not good:
            raise self.wrong(key, 'a table like {"16:9" = [2752, 1536]}')
        return MappingProxyType({k: (v[0], v[1]) for k, v in table.items()}) if table else NONE

    def dollars(self, key: str) -> Decimal | None:
        """Dollars, exact; None when missing."""
        return (
            self._decimal(key, f"dollars, 0 or more, with at most {DECIMALS} decimals") if key in self.entry else None
        )

    def factor(self, key: str) -> Decimal:
        """What a price is multiplied by; 1 when missing."""
        return (self._decimal(key, "a number above 0") or Decimal(0)) if key in self.entry else Decimal(1)

    def day(self, key: str) -> str:
        """A date as 2026-11-23; may be missing."""
        value = self.entry.get(key, "")
        try:
            return date.fromisoformat(str(value)).isoformat() if value else ""
        except ValueError:
            raise self.wrong(key, "a day like 2026-11-23") from None

    def _decimal(self, key: str, must: str) -> Decimal | None:
        value = self.entry[key]
        if value is None:
            return None
        try:
            exact = Decimal(str(value))
        except InvalidOperation:
            raise self.wrong(key, 'dollars like "0.168"' if key == "price" else must) from None
        if not exact.is_finite() or exact < 0 or exact != round(exact, DECIMALS):
            raise self.wrong(key, must)
        return exact

    def _list(self, key: str) -> list[Any]:
        given = self.entry.get(key, [])
        if not isinstance(given, (list, tuple)):
            raise self.wrong(key, "a list" if not key.startswith("seconds_per") else "two numbers, [least, most]")
        return list(given)


def _pair(value: object, between: str) -> bool:
    one, _, other = str(value).partition(between)
    return one.isdigit() and other.isdigit() and int(one) > 0 and int(other) > 0


Take = Callable[[Entry, str], Any]

EVERY: dict[str, Take] = {
    "id": Entry.text,
    "provider": Entry.text,
    "kind": lambda e, k: e.choice(k, get_args(Kind)),
    "title": Entry.text,
    "blurb": Entry.text,
    "path": Entry.words,
    "references_path": Entry.words,
    "adapter": Entry.words,
    "mention": Entry.words,
    "prompt_chars": lambda e, k: e.limit(k) if e.entry.get("kind") == "upscale" else e.whole(k, 1),
    "call_chars": Entry.limit,
    "elements_with_start": lambda e, k: e.limit(k) if e.entry.get("kind") == "upscale" else e.whole(k),
    "elements_without_start": lambda e, k: e.limit(k) if e.entry.get("kind") == "upscale" else e.whole(k),
    "pictures": Entry.limit,
    "pictures_per_element": Entry.limit,
    "price": Entry.dollars,
    "price_factor": Entry.factor,
    "price_listed": Entry.day,
    "price_pinned": lambda e, k: e.flag(k, False),
    "unit": lambda e, k: e.choice(k, get_args(Unit)),
    "units_understood": Entry.texts,
    "expected": lambda e, k: e.span(k, ordered=False),
    "start_deadline": Entry.limit,
    "longest": Entry.limit,
    "fields": Entry.names,
    "fixed": Entry.table,
    "enabled": lambda e, k: e.flag(k, True),
    "why_disabled": Entry.words,
}
GRID: dict[str, Take] = {
    "layouts": Entry.layouts,
    "long_edge": lambda e, k: e.whole(k, STEP),
    "ratios": Entry.ratios,
    "resolution": Entry.words,
    "sizes": Entry.sizes,
    "size_limits": Entry.size,
}
VIDEO: dict[str, Take] = {
    "shots_per_call": lambda e, k: e.whole(k, 1),
    "seconds_per_call": lambda e, k: e.whole(k, 1),
    "seconds_per_shot": Entry.span,
    "seconds_per_single": Entry.span,
    "seconds_choices": Entry.choices,
    "whole_seconds": lambda e, k: e.flag(k, False),
    "duration_format": lambda e, k: e.choice(k, get_args(DurationFormat)) if k in e.entry else "string",
    "min_start_edge": Entry.limit,
    "start_ratio": Entry.may_span,
    "start_bytes": Entry.limit,
    "start_required": lambda e, k: e.flag(k, True),
    "start_with_multi_prompt": lambda e, k: e.flag(k, True),
    "end_frame": lambda e, k: e.flag(k, False),
    "draft": lambda e, k: e.flag(k, False),
    "ratios": Entry.ratios,
    "resolution": Entry.words,
}
UPSCALE: dict[str, Take] = {"factors": Entry.span, "long_edge": lambda e, k: e.whole(k, STEP)}
OF_KIND: dict[str, dict[str, Take]] = {"grid": GRID, "video": VIDEO, "upscale": UPSCALE}
