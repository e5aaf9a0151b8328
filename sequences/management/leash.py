"""A child of the studio ends when the process it belongs to is gone: `kill -9` of the studio leaves nothing running.

Whom a process belongs to is handed down in the environment, not asked for at the start: by then the parent may be
dead already.
"""

from __future__ import annotations

import os
import threading
import time

VARIABLE = "STUDIO_LEASH"
LOOK_EVERY = 0.25  # seconds


def hold() -> None:
    """Watch the process named in the environment (usually our parent) from a daemon thread; without one, do nothing.

    The end is abrupt on purpose: every job survives a kill, and a long goodbye would meet the next start of the studio.
    """
    parent = int(os.environ.get(VARIABLE, "0"))
    if parent:
        threading.Thread(target=_watch, args=(parent,), name="leash", daemon=True).start()


def hand_down() -> None:
    """From here on, children of this process belong to it."""
    os.environ[VARIABLE] = str(os.getpid())


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(1)
