"""The moment money may be spent: claim, exactly one submit, and every unclear outcome kept as unsure."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sequences.models import Clip, Job
from sequences.providers import registry
from sequences.providers.base import (
    Refused,
    Request,
    Submitted,
    TryLater,
    Unsure,
    fingerprint,
    from_json,
)
from sequences.states import JobState
from sequences.transitions import Stale, move

from .claims import claim, close_attempt, lease_fields, lease_over, open_attempt
from .outcomes import fail, receipt
from .wake import Wake

log = logging.getLogger(__name__)

MOST_TRIES = 8
UNSURE_LOOKS = (5, 15, 60, 120, 300, 600)


def submit(job: Job) -> list[Wake]:
    """Send a queued job once. Waits while the call before it is unfinished; gives up when that one failed."""
    if job.cancel_asked:
        return _cancel_unsent(job)
    frozen = _frozen_request(job)
    if frozen is None:
        return _wait_or_give_up(job)
    request = from_json(frozen)
    try:
        _claim(job, frozen)
    except Stale:
        return []
    return _send(job, request, was=JobState.SUBMITTING)


def expire(job: Job) -> list[Wake]:
    """A submit whose holder is gone: nobody knows whether it was taken, so it is never sent again by code."""
    if not lease_over(job):
        _later(job, 2)
        return []
    move(
        job,
        JobState.UNSURE,
        why="the process that sent it is gone",
        look_again_at=timezone.now(),
        lease_until=None,
        tries=0,
    )
    return [Wake("job", job.pk)]


def reconcile(job: Job) -> list[Wake]:
    """Find out about an unsure job. A provider for which the same token is the same request is simply asked again."""
    provider = registry.get(job.provider)
    if not provider.idempotent:
        wait = UNSURE_LOOKS[min(job.tries, len(UNSURE_LOOKS) - 1)]
        Job.objects.filter(pk=job.pk, state=job.state).update(
            look_again_at=timezone.now() + timedelta(seconds=wait), tries=F("tries") + 1
        )
        return []
    if not claim(job):
        return []
    open_attempt(job, "reconcile")
    return _send(job, from_json(job.request), was=JobState.UNSURE)


def _claim(job: Job, frozen: dict[str, Any]) -> None:
    """Commit the claim before a byte leaves: new epoch, lease, and the request exactly as it will be sent."""
    with transaction.atomic():
        move(
            job,
            JobState.SUBMITTING,
            claim_from=job.epoch,
            request=frozen,
            input_sha256=fingerprint(frozen),
            started_at=timezone.now(),
            look_again_at=timezone.now() + timedelta(seconds=2),
            error="",
            error_code="",
            **lease_fields(),
        )
        open_attempt(job, "submit")


def _send(job: Job, request: Request, *, was: JobState) -> list[Wake]:
    epoch = job.epoch
    try:
        answer = registry.get(job.provider).submit(request, token=job.token)
    except Refused as refused:
        receipt(job, "submit", {"refused": str(refused), "code": refused.code, "where": refused.where})
        return fail(job, str(refused), code=refused.code, charged=refused.charged, epoch=epoch)
    except TryLater as later:
        return _nothing_sent(job, later, was)
    except Unsure as unsure:
        return _unsure(job, str(unsure), was)
    except Exception as error:
        log.exception("submit of job %s", job.pk)
        return _unsure(job, f"the submit broke off: {error}", was)
    return _accepted(job, answer, epoch)


def _accepted(job: Job, answer: Submitted, epoch: int) -> list[Wake]:
    receipt(job, "submit", answer.raw, answer.request_id)
    now = timezone.now()
    job.refresh_from_db(fields=["state"])
    try:
        move(
            job,
            JobState.SUBMITTED,
            epoch=epoch,
            why=answer.request_id,
            request_id=answer.request_id,
            look_again_at=now,
            deadline=now + timedelta(seconds=max(1800.0, 20 * job.expected_seconds)),
            tries=0,
            lease_until=None,
        )
    except Stale:
        return []  # an older claim: the receipt is kept, the newer one decides
    close_attempt(job, f"accepted as {answer.request_id}")
    return [Wake("job", job.pk)]


def _nothing_sent(job: Job, later: TryLater, was: JobState) -> list[Wake]:
    if was == JobState.UNSURE:
        _later(job, later.after)
        Job.objects.filter(pk=job.pk, epoch=job.epoch).update(lease_until=None)
        close_attempt(job, str(later))
        return []
    if job.tries + 1 >= MOST_TRIES:
        return fail(job, f"{later} It was tried {MOST_TRIES} times.", code="try_later", epoch=job.epoch)
    close_attempt(job, str(later))
    wait = min(300.0, max(later.after, 2.0**job.tries))
    move(
        job,
        JobState.QUEUED,
        epoch=job.epoch,
        why=str(later),
        tries=F("tries") + 1,
        note=str(later)[:200],
        look_again_at=timezone.now() + timedelta(seconds=wait),
        lease_until=None,
    )
    return []


def _unsure(job: Job, message: str, was: JobState) -> list[Wake]:
    close_attempt(job, message)
    soon = timezone.now() + timedelta(seconds=1)
    if was == JobState.UNSURE:
        Job.objects.filter(pk=job.pk, epoch=job.epoch).update(lease_until=None, look_again_at=soon)
        return []
    move(
        job, JobState.UNSURE, epoch=job.epoch, why=message, error=message, look_again_at=soon, lease_until=None, tries=0
    )
    return []


def _cancel_unsent(job: Job) -> list[Wake]:
    return fail(job, "Cancelled before it was sent.", code="cancelled", to=JobState.CANCELLED)


def _frozen_request(job: Job) -> dict[str, Any] | None:
    """The request with the last frame of the call before it filled in; None while that call is not done."""
    if job.after_id is None:
        return dict(job.request)
    clip = Clip.objects.filter(job_id=job.after_id).first()
    if clip is None:
        return None
    start = {
        "path": clip.last_frame,
        "sha256": clip.last_frame_sha256,
        "width": clip.width,
        "height": clip.height,
    }
    return {**job.request, "start": start}


def _wait_or_give_up(job: Job) -> list[Wake]:
    before = Job.objects.get(followers=job)
    if before.finished_at is None:
        _later(job, 3)
        return []
    return fail(job, f"Call {before.call} before it {before.state}: {before.error}", code="call_before")


def _later(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk, state=job.state).update(
        look_again_at=timezone.now() + timedelta(seconds=seconds)
    )

