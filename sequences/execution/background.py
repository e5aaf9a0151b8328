"""What a provider's account needs now and then, whoever works: today's prices and the public keys of its webhooks."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Q
from django.utils import timezone

from sequences import prices
from sequences.models import Account
from sequences.providers import registry
from sequences.providers.base import Paid, ProviderError

from . import accounts

log = logging.getLogger(__name__)

FRESH = timedelta(hours=12)  # fal allows a cache of its keys of at most 24 hours
BETWEEN = timedelta(minutes=1)  # a key nobody knows may be a forgery: it makes us ask once a minute, no more
DAY = timedelta(hours=24)
AGAIN = timedelta(hours=1)  # after prices that could not be read


def due(name: str) -> bool:
    """Whether keys or prices of a provider should be fetched now."""
    row, now = accounts.standing(name), timezone.now()
    return _prices_due(row, now) or _keys_due(row, now)


def look_after(name: str) -> None:
    """Fetch what is due. When that fails the last good prices and keys stand; keys for a day at most."""
    row, now = accounts.account(name), timezone.now()
    if _prices_due(row, now) and _turn(name, "prices_at", AGAIN):
        _fetch_prices(name)
    if _keys_due(row, now) and _turn(name, "keys_at", BETWEEN):
        _fetch_keys(name)


def _prices_due(row: Account, now: datetime) -> bool:
    return row.prices_at is None or now - row.prices_at > DAY


def _keys_due(row: Account, now: datetime) -> bool:
    if not cast(Paid, registry.get(row.provider)).calls_back:
        return False
    if row.keys_at is None:
        return True
    age = now - row.keys_at
    return age > FRESH or (row.keys_wanted and age > BETWEEN)


def _turn(name: str, column: str, between: timedelta) -> bool:
    """Whether this process is the one that asks, by compare-and-set on the time of the last asking."""
    now = timezone.now()
    old = Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lt": now - between})
    return bool(Account.objects.filter(old, pk=name).update(**{column: now}))


def _fetch_prices(name: str) -> None:
    try:
        prices.fetch(name)
    except ProviderError as error:
        log.warning("the prices of %s could not be fetched: %s", name, error)
        Account.objects.filter(pk=name).update(prices_at=timezone.now() - DAY + AGAIN)


def _fetch_keys(name: str) -> None:
    try:
        keys = cast(Paid, registry.get(name)).fetch_keys()
    except ProviderError as error:
        log.warning("the webhook keys of %s could not be fetched: %s", name, error)
        return
    Account.objects.filter(pk=name).update(keys=keys, keys_wanted=False, keys_fetched_at=timezone.now())
