"""An event loop in a thread of its own, so that plain code can wait for asynchronous calls with real deadlines."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """One loop a process, started when first needed. A forked child starts its own: threads do not survive a fork."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inherited: list[object] = []
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # the parent's loop is kept, never used: collecting what hangs on it would disturb the epoll both share
        self._inherited.append(self._loop)
        self._lock, self._loop = threading.Lock(), None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True).start()
            return self._loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of `work`. When the waiting thread is interrupted, the work is cancelled."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise
