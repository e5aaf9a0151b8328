"""step(job): one move a wake-up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from sequences.models import Job
from sequences.providers import registry
from sequences.states import FOLLOWED_JOBS, JobState
from sequences.transitions import Stale

from . import pace
from .collect import collect
from .follow import follow
from .outcomes import fail
from .submit import MOST_TRIES, expire, reconcile, submit
from .wake import Wake

log = logging.getLogger(__name__)

MOVES: dict[str, Callable[[Job], list[Wake]]] = {
    JobState.QUEUED: submit,
    JobState.SUBMITTING: expire,
    JobState.UNSURE: reconcile,
    JobState.SUBMITTED: follow,
    JobState.PROCESSING: follow,
    JobState.CANCELLING: follow,
    JobState.READY: collect,
}


def step(job_id: int) -> list[Wake]:
    """Move one job one step and say whose bell to ring next. A job that has ended, or that another process is working
    on, is left alone."""
    job = Job.objects.select_related("project", "take__sequence").filter(pk=job_id).first()
    if job is None or job.state not in MOVES:
        return []
    try:
        registry.get(job.provider)
    except Exception as error:  # before any claim: nothing is sent while its provider cannot be built
        return _rest(job, str(error))
    try:
        return MOVES[job.state](job)
    except Stale:
        return []
    except Exception as error:  # whatever broke, the row stands and is looked at again
        log.exception("step of job %s", job.pk)
        return _broke(job, str(error))


def ask_now(job_id: int) -> list[Wake]:
    """Ask about a call at once, whatever its time: what a person who waits for it wants."""
    asked = Job.objects.filter(pk=job_id, state__in=[*FOLLOWED_JOBS, JobState.UNSURE.value])
    asked.update(look_again_at=timezone.now())
    return step(job_id)


def _broke(job: Job, why: str) -> list[Wake]:
    """Ever more seldom. What was certainly never sent is given up in the end, with its hold; a result that cannot be
    taken in is shown to a person, as any that is tried for in vain."""
    row = Job.objects.get(pk=job.pk)
    if row.state == JobState.QUEUED and row.tries + 1 >= MOST_TRIES:
        return fail(row, f"It could not be sent: {why} It was tried {MOST_TRIES} times.", code="broken")
    if row.state in (JobState.QUEUED, JobState.READY):
        Job.objects.filter(pk=row.pk, state=row.state).update(tries=F("tries") + 1)
    return _rest(row, f"It broke off and is tried again: {why}", pace.back_off(row.tries, least=30))


def _rest(job: Job, why: str, seconds: float = 30.0) -> list[Wake]:
    log.error("job %s cannot go on: %s", job.pk, why)
    later = timezone.now() + timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk, state=job.state).update(look_again_at=later, note=why[:200])
    return []
