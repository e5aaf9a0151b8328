"""The providers this process may ask, by name. Filled once at start by whoever reads the settings; pure."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sequences.providers.base import Provider


class UnknownProvider(LookupError):
    """No provider of that name is set up; `str()` lists those that are."""


_providers: dict[str, Provider] = {}
_offers: dict[str, Callable[[], Provider]] = {}
_building = threading.Lock()


def offer(name: str, make: Callable[[], Provider]) -> None:
    """Make a provider known that is only built when somebody asks for it: pages need its name, not its libraries."""
    _offers[name] = make
    _providers.pop(name, None)


def register(provider: Provider) -> None:
    """Make the provider known under its name; a second one of the same name takes its place."""
    _providers[provider.name] = provider


def get(name: str) -> Provider:
    """The provider of that name. Raises UnknownProvider."""
    with _building:
        if name not in _providers and name in _offers:
            _providers[name] = _offers[name]()
    try:
        return _providers[name]
    except KeyError:
        known = ", ".join(names()) or "none"
        raise UnknownProvider(f"No provider is called {name!r} here. Set up: {known}.") from None


def names() -> tuple[str, ...]:
    """Names of all providers that are set up, sorted."""
    return tuple(sorted({*_providers, *_offers}))
