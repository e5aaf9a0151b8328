"""Verbs on a provider's account: close it, so that nothing is sent any more, and open it again.

Following and collecting never stop: what a provider has was paid for.
"""

from __future__ import annotations

import logging

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sequences import tasks
from sequences.errors import Refusal
from sequences.execution import Wake
from sequences.models import Account, Job, Membership
from sequences.providers import catalogue
from sequences.states import JobState

from ._checks import text
from ._rules import OWNERS

log = logging.getLogger(__name__)

MOST_WHY = 200
SHORT_OF_ROOM = "Say why {provider} is to be closed; whoever meets the closed door reads it."


def account_objection(actor: AbstractBaseUser | None, provider: str) -> str:
    """Why this person may neither close nor open the account; empty when they may.

    The machine's owner and operators may, and owners of a project that uses the provider: the studio's key is theirs.
    """
    if actor is None or getattr(actor, "is_superuser", False):
        return ""
    mine = Membership.objects.filter(user_id=actor.pk, role__in=[role.value for role in OWNERS])
    if mine.filter(Q(project__provider=provider) | Q(project__jobs__provider=provider)).exists():
        return ""
    return f"Opening and closing {provider} takes an owner of a project that uses it, or an operator."


def close_account(*, actor: AbstractBaseUser | None, provider: str, why: str) -> Account:
    """Send nothing to a provider until somebody opens it again; what it has is still followed and collected.

    Closing a closed one keeps its first reason. Raises Refusal (no such provider, no right, no reason).
    """
    _may(actor, provider)
    why = text(why, "why", most=MOST_WHY)
    if not why:
        raise Refusal(SHORT_OF_ROOM.format(provider=provider), where="why")
    who = actor.get_username() if actor else "The machine's owner"
    with transaction.atomic():
        row = _locked(provider)
        if not row.shut:
            row.shut, row.why, row.since = True, f"{who} closed it: {why}", timezone.now()
            row.save(update_fields=["shut", "why", "since"])
            log.warning("%s is closed by %s", provider, who)
    return row


def reopen_account(*, actor: AbstractBaseUser | None, provider: str) -> Account:
    """Send to a provider again, and ring for every call that waited for it. An open one stays as it is.

    Raises Refusal (no such provider, no right).
    """
    _may(actor, provider)
    with transaction.atomic():
        row = _locked(provider)
        if row.shut or row.rest_until:
            row.shut, row.rest_until, row.why, row.since, row.errors = False, None, "", None, 0
            row.save(update_fields=["shut", "rest_until", "why", "since", "errors"])
            _wake(provider)
    return row


def _may(actor: AbstractBaseUser | None, provider: str) -> None:
    known = sorted({e.provider for e in catalogue.endpoints()})
    if provider not in known:
        raise Refusal(f'There is no provider "{provider[:40]}"; there are {", ".join(known)}.', where="provider")
    if objection := account_objection(actor, provider):
        raise Refusal(objection, code="not_allowed", where=provider)


def _locked(provider: str) -> Account:
    Account.objects.get_or_create(provider=provider)
    return Account.objects.select_for_update().get(pk=provider)


def _wake(provider: str) -> None:
    waiting = Job.objects.filter(provider=provider, state=JobState.QUEUED.value, after=None)
    waiting.update(look_again_at=timezone.now())
    wakes = [Wake("job", pk) for pk in waiting.values_list("pk", flat=True)]
    transaction.on_commit(lambda: tasks.ring(wakes), robust=True)
