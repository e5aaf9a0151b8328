"""Prices as providers told them: kept with their date and unit, and put in force in this process's catalogue.

Without any told price of a provider the catalogue's listed ones count. Once prices were fetched, an endpoint whose
price is missing, zero, not in dollars or in a unit we do not know has none, and nothing is spent on it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db.models import Max, Q
from django.utils import timezone

from sequences.errors import Refusal
from sequences.models import Price
from sequences.providers import catalogue, registry
from sequences.providers.base import TryLater
from sequences.providers.catalogue import Endpoint, Told

EVERY_SECONDS = 30.0
_lock = threading.Lock()


class Row(Protocol):
    """A price as a provider states it; `unit` is its own word."""

    @property
    def endpoint_id(self) -> str:
        """The path it is for."""
        ...

    @property
    def unit_price(self) -> Decimal:
        """Exact."""
        ...

    @property
    def unit(self) -> str:
        """Free text."""
        ...

    @property
    def currency(self) -> str:
        """Such as USD."""
        ...


@dataclass(slots=True)
class _Seen:
    """What this process has put in force: the newest row's id, for which catalogue, and when it last looked."""

    newest: int | None = None
    shelf: object = None
    at: float = 0.0


_seen = _Seen()


def store(rows: Iterable[Row], *, source: str, at: datetime | None = None) -> list[Price]:
    """Keep prices as they were told; nothing that was told before changes."""
    at = at or timezone.now()
    made = [
        Price(
            endpoint=row.endpoint_id,
            unit_price=row.unit_price,
            unit=row.unit[:60],
            currency=row.currency[:8],
            source=source,
            fetched_at=at,
        )
        for row in rows
    ]
    return Price.objects.bulk_create(made)


def fetch(name: str) -> list[Price]:
    """Ask a provider for the prices of its enabled endpoints, keep them, and put them in force in this process.

    Raises ProviderError when it does not answer or tells none; those in force stay.
    """
    wanted = catalogue.endpoints(provider=name, enabled=True)
    paths = {path for e in wanted for path in (e.path, e.references_path) if path}
    rows = getattr(registry.get(name), "platform").prices(sorted(paths))  # noqa: B009  # paid providers have one
    if not rows:
        raise TryLater(f"{name} told no prices at all; those in force stay.", after=3600)
    told = store(rows, source=name)
    sync(now=True)
    return told


def sync(*, now: bool = False) -> None:
    """Put the newest told prices in force in this process.

    One query for the newest id, and none when this process looked less than half a minute ago; whoever spends says
    `now`, and a price that changed since it was shown refuses.
    """
    with _lock:
        shelf = catalogue.configured()
        fresh = shelf is _seen.shelf and time.monotonic() - _seen.at < EVERY_SECONDS
        if fresh and not now:
            return
        newest = Price.objects.aggregate(n=Max("id"))["n"]
        if newest != _seen.newest or shelf is not _seen.shelf:
            _put_in_force()
        _seen.newest, _seen.shelf, _seen.at = newest, shelf, time.monotonic()


def newest() -> dict[str, Price]:
    """What each provider told when it was last asked, by path. A path it left out then has no price any more."""
    asked = Price.objects.order_by().values("source").annotate(at=Max("fetched_at"))
    last = reduce(or_, (Q(source=row["source"], fetched_at=row["at"]) for row in asked), Q(pk__in=[]))
    return {price.endpoint: price for price in Price.objects.filter(last).order_by("id")}


def refusal(endpoint: Endpoint) -> Refusal:
    """Why nothing is spent on an endpoint without a price, and what to do."""
    gap = endpoint.price_gap or f"The price of {endpoint.title} is unknown."
    return Refusal(f"{gap} Nothing was asked for.", code="no_price", where="model")


def document(endpoint: Endpoint) -> dict[str, Any]:
    """Price, unit, source and date of an endpoint as --json carries them; `price` is null while it is unknown."""
    return {
        "endpoint": endpoint.id,
        "title": endpoint.title,
        "price": None
        if endpoint.unit_price is None
        else f"{(endpoint.unit_price * endpoint.price_factor).normalize():f}",
        "unit": endpoint.unit,
        "source": endpoint.price_source,
        "date": endpoint.price_dated,
        "problem": endpoint.price_gap,
    }


def _put_in_force() -> None:
    told = newest()
    speaking = {e.provider for e in catalogue.endpoints() if e.path in told}
    of = (e for e in catalogue.endpoints() if e.provider in speaking and e.enabled and not e.price_pinned)
    catalogue.price_now({e.id: _told(e, told) for e in of})


def _told(endpoint: Endpoint, told: Mapping[str, Price]) -> Told:
    """The price in force: of the two paths an endpoint may call, the dearer one."""
    main = told.get(endpoint.path)
    if main is None:
        gap = f"{endpoint.provider} told no price of {endpoint.title} ({endpoint.path})."
        return Told(None, endpoint.provider, "", f"{gap} {_what_to_do(endpoint)}")
    both = [p for p in (main, told.get(endpoint.references_path)) if p is not None]
    day = max(p.fetched_at for p in both).date().isoformat()
    for price in both:
        if gap := _gap(endpoint, price):
            return Told(None, endpoint.provider, day, f"{gap} {_what_to_do(endpoint)}")
    return Told(max(p.unit_price for p in both), endpoint.provider, day)


def _gap(endpoint: Endpoint, price: Price) -> str:
    came = f"The price of {endpoint.title} came as {price.unit_price.normalize():f} {price.currency} a “{price.unit}”"
    if price.currency.strip().upper() != "USD":
        return f"{came}, and budgets are in US dollars."
    if price.unit.strip().lower() not in endpoint.units_understood:
        known = ", ".join(endpoint.units_understood) or "none"
        return f"{came}, a unit that is not known here (known for it: {known})."
    if not price.unit_price:
        return f"{came}, which cannot be right."
    return ""


def _what_to_do(endpoint: Endpoint) -> str:
    return f"Choose another model, or give {endpoint.id} a price with price_pinned = true in CATALOGUE_FILE."
