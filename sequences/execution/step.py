"""step(job): one move a wake-up."""

from __future__ import annotations

from collections.abc import Callable

from sequences.models import Job
from sequences.states import JobState
from sequences.transitions import Stale

from .collect import collect
from .follow import follow
from .submit import expire, reconcile, submit
from .wake import Wake

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
        return MOVES[job.state](job)
    except Stale:
        return []
