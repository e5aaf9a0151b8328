"""When to look at a call again: often while it is young, seldom when it is old, and hardly ever while its provider
calls us. Pure; seconds in, seconds out.

An interval that grows with the age of a call finds its end within a fixed share of its run, with a number of looks that
grows with the logarithm of that run and not with the run.
"""

from __future__ import annotations

import random

SHARE = 0.10  # of a call's age between two looks
LEAST, MOST = 5.0, 60.0
FIRST = 0.40  # of the usual time until the first look: nothing ends earlier
SAFETY_SHARE, SAFETY_LEAST, SAFETY_MOST = 0.50, 60.0, 600.0  # while webhooks come, looks are for the one that is lost
OVERDUE = 300.0
TROUBLED = 60.0
JITTER = 0.10


def first_look(expected: float, *, called: bool) -> float:
    """Seconds from the submit to the first look. `expected` is the usual run, `called`: its webhooks come."""
    early = max(LEAST, min(FIRST * expected, 600.0))
    return _jittered(max(SAFETY_LEAST, early) if called else early)


def next_look(age: float, *, called: bool, ahead: int | None = None, overdue: bool = False) -> float:
    """Seconds until the next look at a call submitted `age` seconds ago; `ahead` calls wait before it."""
    if overdue:
        return _jittered(OVERDUE)
    share, least, most = (SAFETY_SHARE, SAFETY_LEAST, SAFETY_MOST) if called else (SHARE, LEAST, MOST)
    wait = min(max(share * age, least), most)
    return _jittered(min(wait * 2, MOST * 2) if ahead else wait)


def back_off(tries: int, *, least: float = 5.0, most: float = 300.0) -> float:
    """Seconds to wait after so many failures in a row."""
    return _jittered(min(most, least * 2.0 ** min(tries, 16)))


def _jittered(seconds: float) -> float:
    """Spread by a tenth, so that what was sent together is not asked about together for ever."""
    return seconds * (1 + JITTER * (2 * random.random() - 1))
