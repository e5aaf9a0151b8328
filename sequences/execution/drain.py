"""Do the work in this process when no worker lives: what commands with --wait and tests use."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db.models import Min
from django.utils import timezone

from sequences.models import Job
from sequences.states import LIVE_JOBS

from . import background, late
from .assemble import assemble
from .claims import worker_lives
from .follow import follow_due
from .step import step
from .sweep import sweep
from .wake import Wake


def answer(wake: Wake) -> list[Wake]:
    """Answer one bell; returns the bells it rings."""
    if wake.kind == "job":
        return step(wake.id)
    if wake.kind == "follow":
        return follow_due()
    if wake.kind == "late":
        return late.look_after(wake.id)
    if wake.kind == "account":
        background.look_after(wake.name)
    else:
        assemble(wake.id)
    return []


LONGEST = 1.0  # seconds: somebody else may have asked for something meanwhile


def drain(done: Callable[[], bool], *, tick: Callable[[], None] | None = None, pause: float = 0.2) -> None:
    """Until `done()`: answer every due bell, or wait for the worker that does. `tick` is called between rounds, which
    are at least `pause` seconds apart."""
    while not done():
        elsewhere = worker_lives()
        wakes = [] if elsewhere else sweep()
        while wakes:
            wakes += answer(wakes.pop(0))
            if tick:
                tick()
        if tick:
            tick()
        if not done():
            time.sleep(pause if elsewhere else max(pause, _idle()))


def _idle() -> float:
    """Seconds until a job is to be looked at again, 0 when none is live."""
    soonest = Job.objects.filter(state__in=LIVE_JOBS).aggregate(at=Min("look_again_at"))["at"]
    return min(LONGEST, (soonest - timezone.now()).total_seconds()) if soonest else 0.0
