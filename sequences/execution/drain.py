"""Do the work in this process when no worker lives: what commands with --wait and tests use."""

from __future__ import annotations

import time
from collections.abc import Callable

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


def drain(done: Callable[[], bool], *, tick: Callable[[], None] | None = None, pause: float = 0.2) -> None:
    """Until `done()`: answer every due bell, or wait for the worker that does. `tick` is called between rounds."""
    while not done():
        wakes = [] if worker_lives() else sweep()
        while wakes:
            wakes += answer(wakes.pop(0))
            if tick:
                tick()
        if tick:
            tick()
        if not done():
            time.sleep(pause)
