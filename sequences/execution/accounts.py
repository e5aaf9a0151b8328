"""A provider's account as a whole: when nothing may be sent to it, how much we leave with it, how it answers.

Three things stop submits, none of them following or collecting: `shut` (a refused key, or a person; ends by a person),
a rest (locked account, too many requests; ends by itself, and one call tries first), and a full house.
"""

from __future__ import annotations

import logging
import math
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sequences.models import Account, Job
from sequences.providers import registry
from sequences.providers.base import Busy, Closed, Provider, ProviderError
from sequences.states import FOLLOWED_JOBS, JobState

log = logging.getLogger(__name__)

WAITED_FOR = (*FOLLOWED_JOBS, JobState.UNSURE.value)
WITH_PROVIDER = (*WAITED_FOR, JobState.SUBMITTING.value)
TROUBLE = 5  # answers in a row that were none: the provider is down, and is asked seldom
PROBE = 60  # seconds in which the one call that tries first after a rest decides for the others
SHUT_LOOK = 30.0


class NotNow(Exception):
    """Nothing is sent to this provider at the moment; `str()` says why in words for people, `after` is seconds."""

    def __init__(self, why: str, after: float) -> None:
        super().__init__(why)
        self.after = after


def account(name: str) -> Account:
    """The row of a provider, made when it is not there yet."""
    row, _ = Account.objects.get_or_create(provider=name)
    return row


def standing(name: str) -> Account:
    """The account as it stands, without making a row: what a look before any work needs."""
    return Account.objects.filter(provider=name).first() or Account(provider=name)


def may_send(provider: Provider) -> None:
    """Look before anything is uploaded or claimed. Raises NotNow."""
    _open(standing(provider.name))
    _room(provider)


def admit(provider: Provider) -> None:
    """The same again inside the transaction of the claim, with the account's row held. Raises NotNow.

    After a rest the first one in pushes its end ahead: it tries for all the others.
    """
    if provider.idempotent:
        return
    account(provider.name)
    row = Account.objects.select_for_update().get(pk=provider.name)
    _open(row)
    _room(provider)
    if row.rest_until is not None:
        row.rest_until = timezone.now() + timedelta(seconds=PROBE)
        row.save(update_fields=["rest_until"])


def _open(row: Account) -> None:
    if row.shut:
        raise NotNow(f"{row.provider} is shut: {row.why}", SHUT_LOOK)
    if row.rest_until and row.rest_until > timezone.now():
        raise NotNow(row.why, max(1.0, (row.rest_until - timezone.now()).total_seconds()))


def _room(provider: Provider) -> None:
    if provider.in_flight is not None and taken(provider.name) >= provider.in_flight:
        raise NotNow(f"{provider.name} has {provider.in_flight} calls of ours; this one waits for a free place.", 5.0)


def free_places(name: str) -> float:
    """How many more calls may be sent just now: 0 while nothing is sent, infinite where no number is set."""
    if name not in registry.paid_names():
        return math.inf
    try:
        _open(standing(name))
    except NotNow:
        return 0
    most = registry.get(name).in_flight
    return math.inf if most is None else most - taken(name)


def taken(name: str) -> int:
    """How many calls are with the provider, or may be; one past its deadline waits for a person, not for it."""
    there = Job.objects.filter(provider=name, state__in=WITH_PROVIDER)
    return there.exclude(state__in=WAITED_FOR, deadline__lt=timezone.now()).count()


def heard(name: str, *, took: bool = False) -> None:
    """The provider answered as it should. A call that it `took` ends any rest; an answer to a question ends only one
    that came from silence, because a locked account is still told how its calls stand."""
    row = standing(name)
    if not (row.errors or (took and row.rest_until)):
        return
    over = took or row.errors >= TROUBLE
    Account.objects.filter(pk=name).update(
        errors=0, **({"rest_until": None, "why": row.why if row.shut else ""} if over else {})
    )


def troubled(name: str, error: ProviderError, times: int = 1) -> None:
    """The provider did not answer as it should. A closed account or too many requests rest it at once, anything else
    after some times in a row."""
    if isinstance(error, Closed | Busy):
        rest(name, error.after, str(error))
        return
    row = account(name)
    Account.objects.filter(pk=name).update(errors=F("errors") + times)
    if row.errors + times >= TROUBLE:
        rest(name, 60.0, f"{name} does not answer: {error}")


def rest(name: str, seconds: float, why: str) -> None:
    """Send nothing for a while."""
    account(name)
    until = timezone.now() + timedelta(seconds=seconds)
    rows = Account.objects.filter(pk=name).exclude(rest_until__gt=until)
    rows.update(rest_until=until, why=why[:300], since=timezone.now())


def shut(name: str, why: str) -> None:
    """Send nothing until a person says so."""
    with transaction.atomic():
        account(name)
        Account.objects.filter(pk=name, shut=False).update(shut=True, why=why[:300], since=timezone.now())
    log.error("%s is shut: %s", name, why)


def in_trouble(name: str) -> bool:
    """Whether the provider has not answered for several times in a row."""
    return standing(name).errors >= TROUBLE


def calls_us(name: str, now: datetime | None = None) -> bool:
    """Whether a webhook of the provider has come lately, so that looks may be seldom."""
    last = standing(name).heard_at
    return last is not None and last > (now or timezone.now()) - timedelta(minutes=10)
