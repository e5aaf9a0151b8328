"""How a job ends: receipts, money, and what its end means for the grid or take it was for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from sequences import costs
from sequences.models import Grid, Job, Receipt, Take
from sequences.states import LIVE_JOBS, ArtefactState, JobState
from sequences.transitions import Stale, move

from .claims import close_attempt
from .wake import Wake


def receipt(job: Job, kind: str, body: Mapping[str, Any], request_id: str = "") -> None:
    """Keep what the provider said, once."""
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
) -> list[Wake]:
    """End a job that brought nothing: state, money and the artefact's word in one transaction.

    `charged` True settles the hold, False releases it, None (nobody knows) settles at the estimate: money is never
    shown as free while it may be gone. `actor` is the person who decided it, when one did. Returns the take to look
    at, when this was its last live job.
    """
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
        )
        if to != JobState.LOST:
            costs.release(job, actor=actor, why=message) if charged is False else _settle(job, actor, message)
        if job.kind == "grid":
            _fail_grid(job, message)
    close_attempt(job, message)
    return after_end(job)


def _settle(job: Job, actor: AbstractBaseUser | None, why: str) -> None:
    billed = costs.settle(job, job.cost_micros, actor=actor, why=why)
    Job.objects.filter(pk=job.pk).update(cost_micros=billed)


def _fail_grid(job: Job, message: str) -> None:
    grid = Grid.objects.get(jobs=job)
    if grid.state == ArtefactState.MAKING:
        move(grid, ArtefactState.FAILED, why=message, error=message)


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
