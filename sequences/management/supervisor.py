"""Keeps the studio's processes running, and ends them together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sequences.management import leash

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a fallen process is started again
STEADY = 30.0  # seconds of running after which the pauses start small again
GOODBYE = 4.0  # seconds between asking and killing


@dataclass
class Child:
    """One process of the studio; `once` means that its end is its purpose."""

    name: str
    command: Sequence[str]
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    pause: float = FIRST_PAUSE
    started: float = 0.0
    again_at: float = 0.0

    def start(self, environment: Mapping[str, str]) -> None:
        # An own session: Ctrl-C reaches only the studio, which then says goodbye in order.
        self.process = subprocess.Popen(self.command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        self.started = time.monotonic()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        """Signal the process; with SIGKILL everything it started as well."""
        if self.process is None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.running:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


@dataclass
class Supervisor:
    """The processes of one studio; `say` prints a line for the person who started it."""

    say: Callable[[str], None]
    environment: Mapping[str, str] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    def add(self, name: str, command: Sequence[str], *, once: bool = False) -> Child:
        """Start one more process."""
        child = Child(name, command, once)
        child.start(self._environment())
        self.children.append(child)
        return child

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment, leash.VARIABLE: str(os.getpid())}

    def look(self) -> None:
        """Start again what fell over, with growing pauses; to be called a few times a second."""
        now = time.monotonic()
        for child in [child for child in self.children if not child.running]:
            if child.once:
                self.children.remove(child)
            elif child.process is not None:
                self._fallen(child, now)
            elif now >= child.again_at:
                child.start(self._environment())

    def _fallen(self, child: Child, now: float) -> None:
        code = child.process.returncode if child.process else None
        child.send(signal.SIGKILL)  # what it started must not meet its successor
        child.process = None
        child.pause = FIRST_PAUSE if now - child.started > STEADY else min(child.pause * 2, LONGEST_PAUSE)
        child.again_at = now + child.pause
        self.say(f"The {child.name} stopped ({_reason(code)}); starting it again in {child.pause:g} s.")

    def stop(self) -> None:
        """Ask every process to end, kill what has not ended after 4 s, and wait for all of them."""
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + GOODBYE
        while any(child.running for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in self.children:
            child.send(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def _reason(code: int | None) -> str:
    """`exit 1`, or the name of the signal."""
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit {code}"
