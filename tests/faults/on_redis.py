"""Prove with a real Redis, Celery's own worker and its beat that the broker is only a doorbell.

    DATA_DIR=… python -m tests.faults.on_redis

Starts redis-server, worker and beat, all its own, on a fresh data folder; prints one line a proof; exits 1 when one
does not hold.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 40.0  # seconds for one take


def main() -> int:
    """Run the proofs in order; 0 when all hold."""
    redis = Redis(Path(os.environ["DATA_DIR"]) / "redis")
    os.environ.update(redis.environment, DJANGO_SETTINGS_MODULE="clientvideo.settings", SKETCH_SLOWER="0.5")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    sequence = prepare()
    redis.start()
    others = [celery("worker", "--pool", "threads", "--concurrency", "4"), celery("beat")]
    try:
        for prove in (finishes, flushed, away):
            print(f"{prove.__name__}: {prove(redis, sequence)}", flush=True)
        redis.stop()
        end(others)
        print(f"swept: {swept(sequence)}", flush=True)
    finally:
        end(others)
        redis.stop()
    return 0


class Redis:
    """A server of our own on a free port; what it holds is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What tells the studio to use it."""
        return {"CELERY_BROKER_URL": f"redis://127.0.0.1:{self.port}/0"}

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        program = shutil.which("redis-server") or "redis-server"
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        command = [program, *where, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self.answers, "redis-server answers", 10)

    def answers(self) -> bool:
        """Whether it takes connections."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def flush(self) -> None:
        """Forget everything: messages, queues, bindings."""
        import redis

        with redis.Redis(port=self.port) as client:
            client.flushall()

    def stop(self) -> None:
        """Stop it, hard."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Program:
    """One of Celery's own programs, started again when it ends by itself, as the supervisor of a server does: a worker
    of Celery 5.7 may die of its own goodbye when Redis goes away while it holds messages."""

    running: ClassVar[list[Program]] = []

    def __init__(self, *words: str) -> None:
        self.words, self.wanted = words, True
        self.process = self._started()
        self.running.append(self)

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "clientvideo", *self.words]
        return subprocess.Popen([*command, "--loglevel", "WARNING"], cwd=ROOT, stdout=sys.stderr)

    def look_after(self) -> None:
        """Start it again when it has ended by itself."""
        if self.wanted and self.process.poll() is not None:
            self.process = self._started()

    def send_signal(self, number: int) -> None:
        """Tell it to end; it is not started again."""
        self.wanted = False
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self.wanted = False
        self.process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended. Raises TimeoutExpired."""
        return self.process.wait(timeout)


def celery(*words: str) -> Program:
    """One of Celery's own programs, looked after."""
    return Program(*words)


def end(processes: list[Program]) -> None:
    """Stop them, with a little patience."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(2)
        process.kill()
        process.wait()


def until(done: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait, with what runs looked after; say what never came."""
    last = time.monotonic() + patience
    while not done():
        assert time.monotonic() < last, f"within {patience:g} s not seen: {what}"
        for program in Program.running:
            program.look_after()
        time.sleep(0.05)


def prepare() -> Any:
    """A sequence of one short shot, at a size that another process takes too."""
    from tests import factories

    project = factories.make_project(sequences=[factories.Plan(start_frame=True)], width=640, height=360)
    return factories.sequence_of(project)


def press(sequence: Any) -> Any:
    """One click."""
    from sequences.orchestration import request_takes

    return request_takes(actor=None, sequences=[sequence])[0]


def made(take: Any) -> bool:
    """Whether it is finished."""
    take.refresh_from_db()
    assert take.state != "failed", take.error
    return bool(take.state == "waiting")


def stands(take: Any) -> str:
    """Where its job is."""
    return str(take.jobs.get().state)


def finishes(redis: Redis, sequence: Any) -> str:
    take = press(sequence)
    until(lambda: made(take), "a take made by worker and beat")
    return "a take is made"


def flushed(redis: Redis, sequence: Any) -> str:
    take = press(sequence)
    until(lambda: stands(take) in ("submitted", "processing"), "the call on its way")
    redis.flush()
    until(lambda: made(take), "a take made after FLUSHALL")
    return "FLUSHALL while it was made, it is made"


def away(redis: Redis, sequence: Any) -> str:
    redis.stop()
    before = time.monotonic()
    take = press(sequence)
    waited = time.monotonic() - before
    assert waited < 5, f"the click took {waited:.1f} s"
    assert stands(take) == "queued"
    redis.start()
    until(lambda: made(take), "a take made after Redis came back")
    return "no Redis at the click, made when it is back"


def swept(sequence: Any) -> str:
    from django.core.management import call_command

    take = press(sequence)

    def once() -> bool:
        call_command("sweep", once=True, stdout=sys.stderr)
        return made(take)

    until(once, "a take made by the sweep alone")
    return "no Redis and no worker, made by the sweep"


if __name__ == "__main__":
    raise SystemExit(main())
