"""How a job ends: receipts, money, and what its end means for the grid or take it was for."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from sequences import costs
from sequences.models import Grid, Job, Receipt, Take
from sequences.providers.base import Ready
from sequences.queries.stale import changed_since_asked
from sequences.states import LIVE_JOBS, ArtefactState, JobState
from sequences.transitions import Stale, move

from . import frames
from .claims import close_attempt
from .wake import Wake

LATE_LOOK = timedelta(minutes=10)  # what was written off may still come, and is looked for now and then


def receipt(job: Job, kind: str, body: Mapping[str, Any], request_id: str = "") -> None:
    """Keep what the provider said, once."""
    if not (request_id or job.request_id):  # without a number of the provider's, the same words belong to many jobs
        body = {**body, "job": job.pk}
    text = json.dumps(body, sort_keys=True, default=str)
    Receipt.objects.get_or_create(
        provider=job.provider,
        request_id=request_id or job.request_id,
        kind=kind,
        body_sha256=hashlib.sha256(text.encode()).hexdigest(),
        defaults={"job": job, "body": json.loads(text)},
    )


def fail(
    job: Job,
    message: str,
    *,
    code: str,
    to: JobState = JobState.FAILED,
    charged: bool | None = False,
    epoch: int | None = None,
    actor: AbstractBaseUser | None = None,
    units: Decimal | None = None,
) -> list[Wake]:
    """End a job that brought nothing: state, money and the artefact's word in one transaction.

    `charged` True settles the hold, False releases it, None (nobody knows) settles at the estimate: money is never
    shown as free while it may be gone; `units` is what the provider said it billed. `actor` is the person who decided
    it, when one did. Returns the take to look at, when this was its last live job.
    """
    listen: dict[str, Any] = (
        {"late": "awaited", "look_again_at": timezone.now() + LATE_LOOK} if code == "written_off" else {}
    )
    if charged and units is not None:
        listen["billed_units"] = units
        job.cost_micros = micros_of(job, units)
    with transaction.atomic():
        move(
            job,
            to,
            actor=actor,
            why=message,
            epoch=epoch,
            error=message,
            error_code=code,
            charged=charged,
            finished_at=timezone.now(),
            lease_until=None,
            **listen,
        )
        if to != JobState.LOST:
            costs.release(job, actor=actor, why=message) if charged is False else _settle(job, actor, message)
        if job.kind == "grid":
            _fail_grid(job, message)
        elif job.kind == "upscale":
            frames.fail(job, message)
    close_attempt(job, message)
    return after_end(job)


def _settle(job: Job, actor: AbstractBaseUser | None, why: str) -> None:
    billed = costs.settle(job, job.cost_micros, actor=actor, why=why)
    Job.objects.filter(pk=job.pk).update(cost_micros=billed)


def _fail_grid(job: Job, message: str) -> None:
    grid = Grid.objects.get(jobs=job)
    if grid.state == ArtefactState.MAKING:
        move(grid, ArtefactState.FAILED, why=message, error=message)


def billed_micros(job: Job, answer: Ready) -> int | None:
    """Micro-dollars of a finished call: what was billed, else its units at the price the hold was made with; None when
    the provider said neither."""
    if answer.cost_micros is not None or answer.units is None:
        return answer.cost_micros
    return micros_of(job, answer.units)


def micros_of(job: Job, units: Decimal) -> int | None:
    """Units at the price of the job, rounded up to a whole micro-dollar; None when the job has no price of a unit."""
    if job.unit_price is None:
        return None
    return math.ceil(units * job.unit_price * costs.MICROS)


def after_end(job: Job) -> list[Wake]:
    """Whose turn it is once a job has ended: calls that waited for it, and its take."""
    followers = Job.objects.filter(after=job, state=JobState.QUEUED)
    followers.update(look_again_at=timezone.now())
    wakes = [Wake("job", f.pk) for f in followers]
    if job.take_id and not Job.objects.filter(take_id=job.take_id, state__in=LIVE_JOBS).exists():
        wakes.append(Wake("take", job.take_id))
    return wakes


def fail_take(take: Take, message: str) -> None:
    """A take that cannot be finished; what was made and paid for is kept with it."""
    try:
        move(take, ArtefactState.FAILED, why=message, error=message, lease_until=None)
    except Stale:
        return


def why_aside(artefact: Take | Grid) -> str:
    """Why something that comes back now is set aside: its inputs changed while it ran. Empty when they did not."""
    return " ".join(c.sentence for c in changed_since_asked(artefact))[:300]
