"""The providers this process may ask, by name. Filled once at start by whoever reads the settings; pure."""

from __future__ import annotations

from sequences.providers.base import Provider


class UnknownProvider(LookupError):
    """No provider of that name is set up; `str()` lists those that are."""


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Make the provider known under its name; a second one of the same name takes its place."""
    _providers[provider.name] = provider


def get(name: str) -> Provider:
    """The provider of that name. Raises UnknownProvider."""
    try:
        return _providers[name]
    except KeyError:
        known = ", ".join(sorted(_providers)) or "none"
        raise UnknownProvider(f"No provider is called {name!r} here. Set up: {known}.") from None


def names() -> tuple[str, ...]:
    """Names of all providers that are set up, sorted."""
    return tuple(sorted(_providers))
