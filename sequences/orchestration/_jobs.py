"""The row first: how every verb creates a job with its hold and its first event."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max
from django.utils import timezone

from sequences import costs, offers, prices
from sequences.errors import Refusal
from sequences.models import Grid, Job, Project, Sequence, StartFrame, Take
from sequences.providers.base import fingerprint
from sequences.providers.catalogue import Endpoint
from sequences.transitions import born

DAY = timedelta(days=1)
MOST_KEY = 60  # of the 80 characters of `request_key`; what counts within one form comes behind it


def new_key() -> str:
    """A key for one form: whatever is asked for with it is asked for once."""
    return secrets.token_hex(12)


def form_key(key: str | None) -> str:
    """The key a form carries, or a fresh one. Raises Refusal for one that its column has no room for."""
    if key and len(key) > MOST_KEY:
        raise Refusal(f"The key of the form has {len(key)} characters and may have {MOST_KEY}; load the page again.",
                      where="key")  # fmt: skip
    return key or new_key()


def new_seed() -> int:
    """A seed no other request has."""
    return secrets.randbelow(2**31 - 1) + 1


def not_set_up(endpoint: Endpoint) -> str:
    """Why the endpoint's provider cannot be asked here; empty when it can."""
    gap = offers.missing(endpoint.provider)
    return f"{endpoint.title} cannot be asked here: {endpoint.provider} {gap}." if gap else ""


def create_job(
    project: Project,
    sequence: Sequence,
    endpoint: Endpoint,
    request: dict[str, Any],
    *,
    units: Decimal | float,
    actor: AbstractBaseUser | None,
    grid: Grid | None = None,
    take: Take | None = None,
    start_frame: StartFrame | None = None,
    call: int = 1,
    after: Job | None = None,
) -> Job:
    """The row first: job, hold and event, inside the caller's transaction.

    Raises Refusal over budget, without a price, or for a provider that is not set up here.
    """
    if gap := not_set_up(endpoint):
        raise Refusal(gap, code="not_set_up", where="model")
    price = endpoint.price(units)
    if price is None:
        raise prices.refusal(endpoint)
    now = timezone.now()
    job = Job.objects.create(
        project=project,
        sequence=sequence,
        kind="grid" if grid else "video" if take else "upscale",
        grid=grid,
        take=take,
        start_frame=start_frame,
        call=call,
        after=after,
        provider=endpoint.provider,
        endpoint=endpoint.id,
        request=request,
        input_sha256=fingerprint(request),
        token=secrets.token_urlsafe(32),
        units=Decimal(str(units)) * endpoint.price_factor,
        unit_price=_told_price(endpoint),
        estimate_micros=price,
        expected_seconds=endpoint.expected_seconds(units),
        look_again_at=now,
        deadline=now + DAY,
        created_by_id=actor.pk if actor else None,
    )
    costs.hold(job)
    born(job, actor=actor)
    return job


def _told_price(endpoint: Endpoint) -> Decimal | None:
    """The price billed units are counted with, or None: only the provider's own word says in which unit it bills. With
    a listed price its bill is not understood, and the call settles at its estimate."""
    return endpoint.unit_price if endpoint.price_source == endpoint.provider else None


def next_number(rows: Any) -> int:
    """The number after the highest one in use."""
    return (rows.aggregate(n=Max("number"))["n"] or 0) + 1
