"""Endpoints as data: what each takes, costs and needs, read from catalogue.toml and fal.toml beside it. Pure.

Whoever plans reads it; providers enforce it. `configure` and `override` replace single values (a rehearsed
price, a tighter limit) without touching the files; they take the same keys as the files. `price_now` puts prices in
force that the provider told, over all of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from sequences.providers.base import Kind

from .endpoint import MICROS, Endpoint, Unit, apart, grid_size, nearest_ratio, ratio_of
from .reading import CatalogueError, parse, read

FILES = tuple(Path(__file__).parent.with_name(name) for name in ("catalogue.toml", "fal.toml"))


class UnknownEndpoint(LookupError):
    """There is no such endpoint; `str()` lists what exists."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says a unit costs: `unit_price` in dollars, or None with the sentence why it cannot be used.

    `source` is who said so, `day` when, as 2026-11-23.
    """

    unit_price: Decimal | None
    source: str
    day: str = ""
    gap: str = ""


def endpoints(
    *, kind: Kind | None = None, provider: str | None = None, enabled: bool | None = None
) -> tuple[Endpoint, ...]:
    """Every endpoint in the files' order; of one kind or provider, or only those that are switched on, when asked."""
    return tuple(
        e
        for e in _Shelf.current.values()
        if (kind is None or e.kind == kind)
        and (provider is None or e.provider == provider)
        and (enabled is None or e.enabled == enabled)
    )


def endpoint(id: str) -> Endpoint:
    """The endpoint of that id. Raises UnknownEndpoint."""
    try:
        return _Shelf.current[id]
    except KeyError:
        raise UnknownEndpoint(f"There is no endpoint {id!r}. There are: {_listed(_Shelf.current)}.") from None


def of_path(path: str) -> Endpoint:
    """The first endpoint that calls this path of its provider, with references or without. Raises UnknownEndpoint."""
    for found in _Shelf.current.values():
        if path in (found.path, found.references_path):
            return found
    raise UnknownEndpoint(f"No endpoint of the catalogue calls {path!r}.")


def default(provider: str, kind: Kind) -> Endpoint:
    """The provider's first enabled endpoint of a kind. Raises UnknownEndpoint."""
    for found in endpoints(kind=kind, provider=provider, enabled=True):
        return found
    names = _listed(dict.fromkeys(e.provider for e in endpoints(kind=kind, enabled=True)))
    raise UnknownEndpoint(f"{provider!r} has no {kind} endpoint. Providers that have one: {names}.")


def configure(overrides: Mapping[str, Mapping[str, Any]]) -> None:
    """Start again from the files with these values over them, `{endpoint id: {key: value}}`; `{}` undoes all.

    Raises UnknownEndpoint or CatalogueError, and then nothing has changed.
    """
    entries = dict(_entries())
    for id, values in overrides.items():
        _known(entries, id)
        entries[id] = {**entries[id], **values}
    read_all = {id: read(entry) if id in overrides else _listed_one(id) for id, entry in entries.items()}
    _Shelf.told, _Shelf.mark = {}, object()
    _Shelf.plain, _Shelf.current, _Shelf.values = read_all, read_all, entries


def override(id: str, **values: Any) -> Endpoint:
    """Replace values of one endpoint, as keys of the file (`price="0.168"`, `shots_per_call=3`)."""
    endpoint(id)
    entry = {**_Shelf.values[id], **values}
    plain = read(entry)
    _Shelf.values = {**_Shelf.values, id: entry}
    _Shelf.plain = {**_Shelf.plain, id: plain}
    _put_in_force()
    return _Shelf.current[id]


def price_now(told: Mapping[str, Told]) -> None:
    """Put told prices in force, by endpoint id; every other endpoint goes back to its price in the files."""
    _Shelf.told = {id: price for id, price in told.items() if id in _Shelf.plain}
    _put_in_force()


def configured() -> object:
    """Something that is another one after every `configure`: told prices have to be put in force again."""
    return _Shelf.mark


def load(text: str) -> tuple[Endpoint, ...]:
    """The endpoints of a catalogue file's text. Raises CatalogueError."""
    return tuple(read(entry) for entry in parse(text).values())


def changes(text: str) -> dict[str, dict[str, Any]]:
    """What a file of changed entries says, as `configure` takes it. Raises CatalogueError."""
    return {id: {k: v for k, v in entry.items() if k != "id"} for id, entry in parse(text).items()}


def _put_in_force() -> None:
    priced = {
        id: replace(
            _Shelf.plain[id], unit_price=t.unit_price, price_source=t.source, price_dated=t.day, price_gap=t.gap
        )
        for id, t in _Shelf.told.items()
    }
    _Shelf.current = {**_Shelf.plain, **priced}


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names) or "none"


def _known(entries: Mapping[str, Any], id: str) -> None:
    if id not in entries:
        raise UnknownEndpoint(f"There is no endpoint {id!r} to override. There are: {_listed(entries)}.")


@cache
def _text() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in FILES)


@cache
def _entries() -> Mapping[str, dict[str, Any]]:
    """Of the files; read once and never changed."""
    return parse(_text())


@cache
def _listed_one(id: str) -> Endpoint:
    return read(_entries()[id])


class _Shelf:
    """The endpoints in force. Whole dictionaries are swapped: a reader in a thread sees no half.

    `values` are entries of the files with what was set over them, `plain` those as endpoints, `current` with told
    prices.
    """

    values: ClassVar[dict[str, dict[str, Any]]] = dict(_entries())
    plain: ClassVar[dict[str, Endpoint]] = {id: _listed_one(id) for id in values}
    told: ClassVar[dict[str, Told]] = {}
    current: ClassVar[dict[str, Endpoint]] = plain
    mark: ClassVar[object] = object()


__all__ = [
    "MICROS",
    "CatalogueError",
    "Endpoint",
    "Told",
    "Unit",
    "UnknownEndpoint",
    "apart",
    "changes",
    "configure",
    "configured",
    "default",
    "endpoint",
    "endpoints",
    "grid_size",
    "load",
    "nearest_ratio",
    "of_path",
    "override",
    "price_now",
    "ratio_of",
]
