"""Two times: the one that is written on the wire, and the one that things take."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """`wall()` stamps messages: unix seconds, moved by `offset`. `run()` measures durations: it goes `speed` times as
    fast as the world and can be advanced. So a test may wait out an hour of retention in no time while the stamps
    still agree with the client's own clock."""

    def __init__(self, speed: float = 1.0) -> None:
        self.offset = 0.0
        self._speed = speed
        self._base = time.time()
        self._since = time.monotonic()

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if value <= 0:
            raise ValueError(f"A clock goes forward: speed {value} must be above 0.")
        self._base, self._since, self._speed = self.run(), time.monotonic(), value

    def wall(self) -> float:
        return time.time() + self.offset

    def run(self) -> float:
        return self._base + (time.monotonic() - self._since) * self._speed

    def advance(self, seconds: float) -> None:
        self._base += seconds

    def real(self, until: float) -> float:
        """How many seconds of the world there are until `run()` shows `until`."""
        return max(0.0, (until - self.run()) / self._speed)


def iso(wall: float) -> str:
    """A unix time as the provider writes it: 2026-11-23T12:00:00.000000+00:00."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="microseconds")


class Timers:
    """Callbacks at times of `Clock.run()`; one task serves them all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._wake = asyncio.Event()

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (self._clock.run() + seconds, next(self._count), call))
        self._wake.set()

    def changed(self) -> None:
        """The clock jumped or goes at another speed."""
        self._wake.set()

    def clear(self) -> None:
        self._heap.clear()

    async def serve(self) -> None:
        while True:
            self._wake.clear()
            self._due()
            wait = self._clock.real(self._heap[0][0]) if self._heap else None
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                pass  # the first one is due

    def _due(self) -> None:
        now = self._clock.run()
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
