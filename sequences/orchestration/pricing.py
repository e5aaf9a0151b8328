"""Verbs about the catalogue of a paid provider: fetch its prices, hold our data against its own descriptions.

Both ask the provider and write nothing but prices; no transaction is open while it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser

from sequences import offers, prices
from sequences.errors import Refusal
from sequences.models import Price
from sequences.providers import catalogue, registry
from sequences.providers.base import ProviderError
from sequences.providers.catalogue import Endpoint

if TYPE_CHECKING:
    from sequences.providers.fal.drift import Difference


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh brought: the rows that were told, and every enabled endpoint with its price in force."""

    told: list[Price]
    endpoints: tuple[Endpoint, ...]


def refresh_prices(*, actor: AbstractBaseUser | None, provider: str = "fal") -> Refreshed:
    """Fetch today's prices of every enabled endpoint and keep them with their unit and date.

    Raises Refusal when the provider is not set up, has no prices, or does not answer; then nothing is kept.
    """
    _may(actor)
    _platform(provider)
    try:
        told = prices.fetch(provider)
    except ProviderError as error:
        raise Refusal(f"No prices were told: {error}", code="provider", where=provider) from None
    return Refreshed(told, catalogue.endpoints(provider=provider, enabled=True))


def check_catalogue(*, actor: AbstractBaseUser | None, provider: str = "fal") -> list[Difference]:
    """Hold every enabled endpoint's fields and limits against the provider's live description of it.

    Raises Refusal when the provider is not set up or does not answer.
    """
    # its schemas and client are only needed by whoever asks it
    from sequences.providers.fal.drift import Difference, differences

    _may(actor)
    platform = _platform(provider)
    found: list[Difference] = []
    for endpoint in catalogue.endpoints(provider=provider, enabled=True):
        for path in _paths(endpoint):
            try:
                found += differences(endpoint, path, platform.schema(path))
            except ProviderError as error:
                found.append(Difference(endpoint.id, f"{path} could not be read: {error}", True))
    return list(dict.fromkeys(found))


def _paths(endpoint: Endpoint) -> list[str]:
    return [path for path in (endpoint.path, endpoint.references_path) if path]


def _may(actor: AbstractBaseUser | None) -> None:
    if actor is not None and not getattr(actor, "is_staff", False):
        raise Refusal("Prices and models belong to the whole studio; ask a member of its staff.", code="forbidden")


def _platform(provider: str) -> Any:
    if gap := offers.missing(provider):
        raise Refusal(f"{provider} cannot be asked here: it {gap}.", code="not_set_up", where=provider)
    try:
        platform = getattr(registry.get(provider), "platform", None)
    except ValueError as error:
        raise Refusal(f"{provider} is set up wrongly: {error}", code="not_set_up", where=provider) from None
    if platform is None:
        raise Refusal(f"{provider} sends no bills, so it has nothing to fetch.", code="not_allowed", where=provider)
    return platform
