"""Celery doors, thin: a number in, one move, ring whoever is next. Losing every message loses nothing: see sweep."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from celery import shared_task

from sequences import execution
from sequences.execution import Wake
from sequences.execution.wake import WakeKind

log = logging.getLogger(__name__)


@shared_task(name="sequences.tasks.run_job", ignore_result=True)
def run_job(*, job_id: int) -> None:
    """Move one job one step."""
    ring(execution.step(job_id))


@shared_task(name="sequences.tasks.finish_take", ignore_result=True)
def finish_take(*, take_id: int) -> None:
    """Join and check a take whose calls have all ended."""
    execution.assemble(take_id)


@shared_task(name="sequences.tasks.follow", ignore_result=True)
def follow() -> None:
    """Look at every call that is due, in one batch."""
    ring(execution.follow_due())


@shared_task(name="sequences.tasks.answer", ignore_result=True)
def answer(*, kind: WakeKind, id: int = 0, name: str = "") -> None:
    """Answer any other bell."""
    ring(execution.answer(Wake(kind, id, name)))


@shared_task(name="sequences.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Ring for whatever is due; also what beat calls."""
    execution.beat()
    wakes = execution.sweep()
    ring(wakes)
    return len(wakes)


def ring(wakes: Iterable[Wake]) -> None:
    """Ring the bell for each, until one does not ring. A broker that is away is no loss: the sweep finds them."""
    for wake in dict.fromkeys(wakes):
        try:
            _ring(wake)
        except Exception as error:
            log.warning("the bell for %s %s did not ring: %s", wake.kind, wake.id, error)
            return  # a broker that hangs takes its time-out for each


def _ring(wake: Wake) -> None:
    if wake.kind == "job":
        run_job.delay(job_id=wake.id)
    elif wake.kind == "take":
        finish_take.delay(take_id=wake.id)
    elif wake.kind == "follow":
        follow.delay()
    else:
        answer.delay(kind=wake.kind, id=wake.id, name=wake.name)
