"""Celery doors, thin: a number in, one move, ring whoever is next. Losing every message loses nothing: see sweep."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from celery import shared_task

from sequences import execution
from sequences.execution import Wake

log = logging.getLogger(__name__)


@shared_task(name="sequences.tasks.run_job", ignore_result=True)
def run_job(*, job_id: int) -> None:
    """Move one job one step."""
    ring(execution.step(job_id))


@shared_task(name="sequences.tasks.finish_take", ignore_result=True)
def finish_take(*, take_id: int) -> None:
    """Join and check a take whose calls have all ended."""
    execution.assemble(take_id)


@shared_task(name="sequences.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Ring for whatever is due; also what beat calls."""
    execution.beat()
    wakes = execution.sweep()
    ring(wakes)
    return len(wakes)


def ring(wakes: Iterable[Wake]) -> None:
    """Ring the bell for each. A broker that does not answer is no loss: the sweep finds them."""
    for wake in wakes:
        try:
            if wake.kind == "job":
                run_job.delay(job_id=wake.id)
            else:
                finish_take.delay(take_id=wake.id)
        except Exception as error:
            log.warning("the bell for %s %s did not ring: %s", wake.kind, wake.id, error)
