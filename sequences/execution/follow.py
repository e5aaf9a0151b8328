"""Ask how a call stands. Reading is free and may be repeated by anybody; what it says is written once."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sequences import costs
from sequences.models import Job
from sequences.providers import registry
from sequences.providers.base import Pending, ProviderError, Ready, Refused, TryLater
from sequences.states import JobState
from sequences.transitions import Stale, move

from .outcomes import fail, receipt
from .wake import Wake

log = logging.getLogger(__name__)


def follow(job: Job) -> list[Wake]:
    """One look at a submitted call, and what follows from it."""
    if not _my_turn(job):
        return []
    overdue = job.deadline is not None and job.deadline < timezone.now()
    if (job.cancel_asked or overdue) and job.state != JobState.CANCELLING:
        return _cancel(job, overdue=overdue)
    try:
        answer = registry.get(job.provider).look(job.request_id)
    except TryLater as later:
        return _look_later(job, later.after, str(later))
    except ProviderError as error:
        return _look_later(job, 10, str(error))
    except Exception as error:
        log.exception("look at job %s", job.pk)
        return _look_later(job, 10, f"could not ask: {error}")
    if isinstance(answer, Pending):
        return _pending(job, answer)
    if isinstance(answer, Ready):
        return _ready(job, answer)
    return _refused(job, answer)


def _my_turn(job: Job) -> bool:
    """Take this look by compare-and-set on the time to look, so that two bells make one look."""
    next_look = timezone.now() + timedelta(seconds=15)
    same = Job.objects.filter(pk=job.pk, state=job.state, look_again_at=job.look_again_at)
    return bool(same.update(look_again_at=next_look))


def _pending(job: Job, answer: Pending) -> list[Wake]:
    fields: dict[str, Any] = {
        "progress": answer.progress,
        "note": answer.note[:200],
        "look_again_at": timezone.now() + timedelta(seconds=answer.after),
    }
    if answer.started and job.state == JobState.SUBMITTED:
        _try_move(job, JobState.PROCESSING, fields)
    else:
        Job.objects.filter(pk=job.pk, state=job.state).update(**fields)
    return []


def _try_move(job: Job, to: JobState, fields: dict[str, Any]) -> None:
    try:
        move(job, to, **fields)
    except Stale:
        log.info("job %s moved on meanwhile", job.pk)


def _ready(job: Job, answer: Ready) -> list[Wake]:
    """Finished and paid for: the receipt, the state and the money in one transaction, before anything is downloaded."""
    receipt(job, "look", answer.raw)
    try:
        with transaction.atomic():
            move(
                job,
                JobState.READY,
                result_ref=asdict(answer.file),
                progress=1.0,
                note="collecting",
                look_again_at=timezone.now(),
                tries=0,
                charged=True,
            )
            billed = costs.settle(job, answer.cost_micros)
            Job.objects.filter(pk=job.pk).update(cost_micros=billed)
    except Stale:
        return []
    return [Wake("job", job.pk)]


def _refused(job: Job, answer: Refused) -> list[Wake]:
    receipt(job, "look", {"refused": str(answer), "code": answer.code, "where": answer.where})
    stopped = job.state == JobState.CANCELLING and answer.code == "cancelled"
    to = JobState.CANCELLED if stopped else JobState.FAILED
    try:
        return fail(job, str(answer), code=answer.code, to=to, charged=answer.charged)
    except Stale:
        return []


def _cancel(job: Job, *, overdue: bool) -> list[Wake]:
    why = "no answer within its time" if overdue else "cancelled"
    try:
        move(job, JobState.CANCELLING, why=why, look_again_at=timezone.now(), note=why)
        registry.get(job.provider).cancel(job.request_id)
    except (Stale, ProviderError) as error:
        log.info("cancel of job %s: %s", job.pk, error)
    return [Wake("job", job.pk)]


def _look_later(job: Job, seconds: float, note: str) -> list[Wake]:
    Job.objects.filter(pk=job.pk, state=job.state).update(
        look_again_at=timezone.now() + timedelta(seconds=seconds), note=note[:200], tries=F("tries") + 1
    )
    return []
