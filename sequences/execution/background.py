"""What a provider's account needs now and then, whoever works: the public keys of its webhooks."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import cast

from django.db.models import Q
from django.utils import timezone

from sequences.models import Account
from sequences.providers import registry
from sequences.providers.base import Paid, ProviderError

from . import accounts

log = logging.getLogger(__name__)

FRESH = timedelta(hours=12)  # fal allows a cache of at most 24 hours
BETWEEN = timedelta(minutes=1)  # a key nobody knows may be a forgery: it makes us ask once a minute, no more


def due(name: str) -> bool:
    """Whether the keys of a provider's webhooks should be fetched now; False for one that calls nobody."""
    if not cast(Paid, registry.get(name)).calls_back:
        return False
    row = accounts.standing(name)
    if row.keys_at is None:
        return True
    age = timezone.now() - row.keys_at
    return age > FRESH or (row.keys_wanted and age > BETWEEN)


def look_after(name: str) -> None:
    """Fetch the keys; when that fails the last good ones stand until they are too old to be trusted."""
    if not _my_turn(name):
        return
    try:
        keys = cast(Paid, registry.get(name)).fetch_keys()
    except ProviderError as error:
        log.warning("the webhook keys of %s could not be fetched: %s", name, error)
        return
    Account.objects.filter(pk=name).update(keys=keys, keys_wanted=False, keys_fetched_at=timezone.now())


def _my_turn(name: str) -> bool:
    accounts.account(name)
    old = Q(keys_at__isnull=True) | Q(keys_at__lt=timezone.now() - BETWEEN)
    return bool(Account.objects.filter(old, pk=name).update(keys_at=timezone.now()))
