"""The studio of a storm: one process with a database of its own, the fake provider, both clocks, and its children.

A child is a real process: a fork that works off bells and is killed or frozen at a statement, or at a moment of its
POST. The time that passed while it was frozen is told to it when it is thawed, as a machine's clock would.
"""

from __future__ import annotations

import asyncio
import gc
import mmap
import os
import random
import signal
import stat
import struct
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection
from django.utils import timezone

from sequences import execution
from sequences.execution import Wake
from sequences.models import Account, Job
from sequences.providers.base import TryLater
from sequences.providers.fal import Timeouts
from sequences.providers.outbound import tls
from sequences.states import JobState
from tests import paid

QUICK = Timeouts(connect=0.5, submit=0.25, call=0.5, batch=1, idle=0.4, download=0.8, upload=1)
PATIENCE = 20.0  # real seconds a child may take
MOST_BELLS = 60
STARTS = 10
FREEZE = signal.SIGUSR1  # the process stops itself, where it holds no lock of the database


@dataclass
class Child:
    """A forked worker. `frozen` from the moment it was seen to have stopped."""

    pid: int
    words: str
    frozen: bool = False


@dataclass
class Strike:
    """A signal for a process at a moment of a POST it makes."""

    pid: int
    number: int
    moment: str
    done: bool = False


@dataclass
class World:
    """Everything a schedule touches."""

    bench: paid.Bench
    shifted: mmap.mmap
    children: list[Child] = field(default_factory=list)
    strike: Strike | None = None
    forks: int = 0

    # --- Time ---

    def jump(self, seconds: float) -> None:
        """Let time pass for us and for the provider, and what happens there in it happen."""
        self.bench.clock.shift(seconds)
        total = struct.unpack("d", self.shifted[:8])[0] + seconds
        self.shifted[:8] = struct.pack("d", total)
        self.on_loop(self._advance(seconds))

    async def _advance(self, seconds: float) -> None:
        fake = self.bench.fal.fake
        fake.clock.advance(seconds)
        fake.timers.changed()
        for _ in range(3):
            await asyncio.sleep(0.0005)
        while pending := {*fake.queue._tasks, *fake.hooks._tasks}:
            await asyncio.wait(pending)
            await asyncio.sleep(0.0005)

    def on_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something where the fake lives."""
        return asyncio.run_coroutine_threadsafe(work, self.bench.fal._loop).result(30)

    # --- Work ---

    def round(self) -> None:
        """Answer all bells that ring now. Films are not joined: only takes with a failed call are looked at."""
        wakes = execution.sweep()
        for _ in range(MOST_BELLS):
            if not wakes:
                return
            wake = wakes.pop(0)
            if wake.kind != "take" or fails(wake):
                wakes += [w for w in execution.answer(wake) if w not in wakes]

    # --- Children ---

    def fork(self, work: Callable[[], None], words: str, *, seed: int, statement: int = 0, number: int = 0) -> Child:
        """Run `work` in a forked process; it sends itself signal `number` before its statement number `statement`."""
        connection.close()
        gc.freeze()
        self.forks += 1
        known = struct.unpack("d", self.shifted[:8])[0]
        pid = os.fork()
        if pid == 0:
            self._live(work, seed, statement, number, known)
        gc.unfreeze()
        child = Child(pid, words)
        self.children.append(child)
        return child

    def _live(self, work: Callable[[], None], seed: int, statement: int, number: int, known: float) -> None:
        gc.disable()
        random.seed(seed)
        code = 0
        try:
            forget_sockets()
            stopping = Stopping(statement, number)
            signal.signal(signal.SIGCONT, self._waking(known, seed))
            signal.signal(FREEZE, stopping.asked)
            with connection.execute_wrapper(stopping):
                work()
        except BaseException as error:  # what a worker breaks with is told by its end
            code = 3
            print(f"child {os.getpid()}: {type(error).__name__}: {error}", flush=True)
        finally:
            os._exit(code)

    def _waking(self, known: float, seed: int) -> Callable[..., None]:
        """Set a thawed process's clock; half of them also notice that they have slept."""
        seen = [known]

        def wake(*_: Any) -> None:
            total = struct.unpack("d", self.shifted[:8])[0]
            self.bench.clock.shift(total - seen[0])
            seen[0] = total
            if seed % 2:
                from sequences.execution import submit

                submit.PAUSE = 0.0

        return wake

    def wait(self, child: Child) -> bool:
        """Until the child ends or stops; whether it has ended."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            pid, status = os.waitpid(child.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                child.frozen = True
                return False
            if pid:
                self.children.remove(child)
                if os.WIFEXITED(status) and os.WEXITSTATUS(status):
                    raise AssertionError(f"{child.words} broke off")
                return True
            time.sleep(0.001)
        raise AssertionError(f"{child.words} does not end")

    def thaw(self, child: Child) -> None:
        """Let it go on, and to its end."""
        child.frozen = False
        os.kill(child.pid, signal.SIGCONT)
        self.wait(child)

    def kill(self, child: Child) -> None:
        """End it at once."""
        os.kill(child.pid, signal.SIGKILL)
        self.wait(child)

    def end(self) -> None:
        """No child is left, whatever happened."""
        for child in list(self.children):
            try:
                self.kill(child)
            except (AssertionError, OSError):
                self.children.remove(child)

    # --- The provider ---

    def watch(self) -> None:
        """See every POST arrive, so that its sender can be struck at that moment; webhooks are delivered by hand."""
        doors, around = self.bench.fal.fake.doors, self.bench.fal.fake
        submit, routed = doors.submit, around._submit

        async def accepting(*given: Any) -> Any:
            answer = await submit(*given)
            self._hit("accepted")
            return answer

        async def arriving(*given: Any) -> Any:
            self._hit("asked")
            answer = await routed(*given)
            if self.strike and self.strike.moment == "answered":
                asyncio.get_running_loop().call_later(0.001, self._hit, "answered")
            return answer

        doors.submit, around._submit = accepting, arriving  # type: ignore[method-assign]  # a test's eye on the door
        around.hooks.ended = lambda job: None  # type: ignore[method-assign]  # they are posted through our own door

    def _hit(self, moment: str) -> None:
        strike = self.strike
        if strike and strike.moment == moment and not strike.done:
            strike.done = True
            try:
                os.kill(strike.pid, strike.number)
            except ProcessLookupError:
                return

    def fresh(self) -> None:
        """Nothing of an earlier schedule stays at the provider; what it left of ours has ended."""
        self.end()
        self.strike = None
        self.on_loop(self._emptied())
        Account.objects.update(shut=False, rest_until=None, errors=0, why="")

    async def _emptied(self) -> None:
        fake = self.bench.fal.fake
        await fake.listen(True)
        fake.reset()


def fails(wake: Wake) -> bool:
    """Whether a take has a call that brought nothing, so that joining ends it without any picture work."""
    return Job.objects.filter(take=wake.id).exclude(state=JobState.DONE.value).exists()


class Stopping:
    """Counts the statements of a connection and sends its own process a signal before one of them.

    A process that would freeze does so outside of transactions only: inside, it is its database's lock that is tested.
    """

    def __init__(self, statement: int, number: int) -> None:
        self.left, self.number = statement, number

    def asked(self, *_: Any) -> None:
        """Somebody else wants the process to freeze: now, or at the first statement outside of a transaction."""
        self.left, self.number = 1, signal.SIGSTOP
        self._count()

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0 and self.number == signal.SIGSTOP and holds_locks():
            self.left = 1
        elif self.left == 0:
            os.kill(os.getpid(), self.number)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.number and self.left > 0:
            self._count()
        return execute(sql, params, many, context)


def holds_locks() -> bool:
    """Whether this process is inside a transaction, as the database itself sees it: Django says so a little too late at
    its begin and too early at its end."""
    driver = connection.connection
    if driver is None:
        return False
    if connection.vendor == "sqlite":
        return bool(driver.in_transaction)
    return connection.in_atomic_block or driver.info.transaction_status.name != "IDLE"


class Breaking:
    """Lets one statement fail as a database does that has gone away."""

    def __init__(self, statement: int) -> None:
        self.left = statement

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OperationalError("the storm broke this statement")
        return execute(sql, params, many, context)


def forget_sockets() -> None:
    """Close what a fork inherited of its parent's sockets: the fake in the parent must be able to cut them."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                os.close(int(name))
        except OSError:
            continue


@contextmanager
def opened() -> Iterator[World]:
    """The studio with its provider, for many schedules."""
    with ExitStack() as stack:
        world = World(_bench(stack), mmap.mmap(-1, 8))
        paid.offer(QUICK)
        world.watch()
        gc.set_threshold(20_000, 20, 50)  # short schedules make little garbage that is worth looking for
        try:
            yield world
        finally:
            world.end()


def _bench(stack: ExitStack) -> paid.Bench:
    """A busy machine may not answer the first question within a test's short patience."""
    tls()
    fal: Any = stack.enter_context(paid.calm())
    for _ in range(STARTS):
        try:
            return stack.enter_context(paid.bench(fal, paid.PUBLIC))
        except TryLater:
            continue
    raise AssertionError(f"the fake did not answer {STARTS} times")


def now() -> Any:
    """The studio's time."""
    return timezone.now()
