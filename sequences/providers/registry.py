"""The providers this process may ask, by name. Filled once at start by whoever reads the settings; pure."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sequences.providers.base import Provider


class UnknownProvider(LookupError):
    """No provider of that name is set up; `str()` lists those that are."""


_providers: dict[str, Provider] = {}
_offers: dict[str, Callable[[], Provider]] = {}
_idempotent: set[str] = set()
_building = threading.Lock()


def offer(name: str, make: Callable[[], Provider], *, idempotent: bool = False) -> None:
    """Make a provider known that is only built when somebody asks for it: pages need its name, not its libraries."""
    withdraw(name)
    _offers[name] = make
    _note(name, idempotent)


def withdraw(name: str) -> None:
    """Forget a provider: nothing is asked of it any more."""
    _offers.pop(name, None)
    _providers.pop(name, None)
    _idempotent.discard(name)


def register(provider: Provider) -> None:
    """Make the provider known under its name; a second one of the same name takes its place."""
    _providers[provider.name] = provider
    _note(provider.name, provider.idempotent)


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


def idempotent_names() -> tuple[str, ...]:
    """Names of the providers for which the same token is the same request, sorted; builds none of them."""
    return tuple(sorted(_idempotent))


def paid_names() -> tuple[str, ...]:
    """Names of the providers that send bills, sorted; builds none of them."""
    return tuple(name for name in names() if name not in _idempotent)


def _note(name: str, idempotent: bool) -> None:
    (_idempotent.add if idempotent else _idempotent.discard)(name)
