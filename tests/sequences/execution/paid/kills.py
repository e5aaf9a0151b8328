"""Kill and freeze real processes at every statement and every rename of a step, and let the studio go on (B1 to B4)."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.sequences.execution.paid.on_file import proof

MOST_POINTS = 80


AFTER_CLAIM = 'SELECT "sequences_job"."id", "sequences_job"."state", "sequences_job"."epoch"'
CHILDREN: list[Child] = []


class Child:
    """A forked process that does one piece of work, watched statement by statement."""

    def __init__(self, work: Callable[[], object], watch: Callable[[int, str], None]) -> None:
        from django.db import connections

        connections.close_all()
        self.pid = os.fork()
        CHILDREN.append(self)
        if self.pid == 0:
            self._run(work, watch)

    def _run(self, work: Callable[[], object], watch: Callable[[int, str], None]) -> None:
        from django.db import connection

        seen = 0

        def point(what: str) -> None:
            nonlocal seen
            seen += 1
            watch(seen, what)

        def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            point(sql)
            return execute(sql, params, many, context)

        def audit(event: str, args: tuple[Any, ...]) -> None:
            if event in ("os.rename", "socket.connect"):
                point(event)

        sys.addaudithook(audit)
        try:
            with connection.execute_wrapper(statement):
                work()
        finally:
            os._exit(0)

    def end(self) -> None:
        """Whatever it does, it ends."""
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def killed(self) -> bool:
        """Wait for its end; whether it was killed on the way."""
        _, status = os.waitpid(self.pid, 0)
        return os.WIFSIGNALED(status)

    def stopped(self) -> bool:
        """Wait until it has stopped itself; False when it ended instead."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def go_on(self) -> None:
        """Wake it and wait for its end."""
        os.kill(self.pid, signal.SIGCONT)
        os.waitpid(self.pid, 0)


def dies_at(nth: int) -> Callable[[int, str], None]:
    """A watch that kills its own process at the n-th point."""

    def watch(seen: int, what: str) -> None:
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


def stops_at(what: str) -> Callable[[int, str], None]:
    """A watch that stops its own process at the first point of that name."""
    done = [False]

    def watch(seen: int, name: str) -> None:
        if name.startswith(what) and not done[0]:
            done[0] = True
            # to this very thread: sent to the process, it would let this one run on until another has taken it
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

    return watch


def stepping(job: Any) -> Callable[[], object]:
    from sequences import execution

    return lambda: execution.step(job.pk)


def one_call_each(bench: Any) -> None:
    """No job was accepted twice: every accepted input, which a seed makes a job's own, is there once."""
    seeds = Counter(record["input"].get("seed", record["request_id"]) for record in bench.fal.ledger()["accepted"])
    assert max(seeds.values()) == 1, seeds


@proof
def submit_killed(bench: Any) -> str:
    """B1: at every statement and at the connect; what was claimed is never sent again."""
    from django.test import override_settings

    from tests.paid import fresh

    sequence, ends = bench.sequence(budget="800"), Counter[str]()
    with override_settings(LISTING_PROVES_ABSENCE=True):
        for nth in range(1, MOST_POINTS):
            job, before = bench.grid(sequence), bench.accepted
            alive = not Child(stepping(job), dies_at(nth)).killed()
            bench.work()
            taken, end = bench.accepted - before, fresh(job).state
            assert (taken, end) in ((1, "done"), (0, "absent")), (nth, taken, end)
            ends[end] += 1
            if alive:
                break
    one_call_each(bench)
    bench.settled(sequence.project)
    assert ends["absent"] >= 2 and ends["done"] >= 10 and alive, ends
    return f"killed at {nth - 1} points, {ends['done']} made once, {ends['absent']} never sent, none sent twice"


@proof
def submit_killed_in_the_post(bench: Any) -> str:
    """B1: accepted, and the sender dies before the answer."""
    from tests import paid
    from tests.paid import fresh

    paid.offer(paid.replace(paid.SHORT, submit=20))
    bench.fal.fault("stall_after_accept")
    job = bench.grid()
    child = Child(stepping(job), lambda seen, what: None)
    until(lambda: bench.accepted == 1)
    os.kill(child.pid, signal.SIGKILL)
    assert child.killed() and fresh(job).state == "submitting"
    bench.round()
    assert fresh(job).state == "unsure"
    bench.work()
    assert (fresh(job).state, bench.posts, bench.accepted) == ("done", 1, 1)
    bench.settled(job.project)
    return "accepted, its sender killed, found and made once"


@proof
def collect_killed(bench: Any) -> str:
    """B2: at every statement and rename of taking in a clip and of joining the take."""
    from sequences import execution, storage
    from sequences.models import Clip

    sequence, points = bench.sequence(budget="800"), 0
    for piece in ("collect", "assemble"):
        for nth in range(1, MOST_POINTS, 3 if piece == "assemble" else 2):
            take = bench.take(sequence)
            job = take.jobs.get()
            bench.made(job)
            if piece == "assemble":
                execution.step(job.pk)
            work = stepping(job) if piece == "collect" else (lambda take=take: execution.assemble(take.pk))
            alive = not Child(work, dies_at(nth)).killed()
            bench.work()
            take.refresh_from_db()
            assert (take.state, Clip.objects.filter(take=take).count()) == ("waiting", 1), (piece, nth, take.error)
            assert storage.absolute(take.file).exists() and take.shots.filter(clip=None).count() == 0
            if alive:
                break
            points += 1
        assert alive, piece
    storage.tidy(older=-1)
    names = [p.relative_to(storage.root()).as_posix() for p in storage.root().rglob("*") if p.is_file()]
    left = [name for name in names if ".part" in name or "/tmp/" in name]
    assert left == [], left
    bench.settled(sequence.project)
    return f"killed at {points} points, each take made once, no file left over"


@proof
def deadly_result(bench: Any) -> str:
    """B14, B16: a result that kills whoever takes it in is put aside after three, and the others come home."""
    from sequences import execution
    from sequences.models import Job
    from sequences.queries.needs import needs
    from tests.paid import fresh

    sequence = bench.sequence()
    deadly, other = bench.grid(sequence), bench.grid(sequence)
    bench.made(deadly, other)
    for _ in range(3):
        assert Child(stepping(deadly), dies_at(8)).killed()
        execution.sweep()
    execution.step(deadly.pk)
    bench.round()
    execution.step(other.pk)
    assert (state(deadly), state(other)) == ("ready", "done")
    assert [job.pk for job in Job.objects.filter(needs())] == [deadly.pk] and "was killed by it" in fresh(deadly).note
    bench.work()
    assert state(deadly) == "done"
    bench.settled(sequence.project)
    return "three killed, put aside, shown; taken in when it kills no more"


@proof
def frozen_before_the_check(bench: Any) -> str:
    """B3: asleep between claim and submit; it notices, or its epoch does."""
    from sequences.execution import submit
    from tests.paid import fresh

    sequence = bench.sequence()
    short = bench.grid(sequence)
    submit.PAUSE, usual = 0.2, submit.PAUSE
    child = Child(
        stepping(short), stops_at('SELECT "sequences_job"."id", "sequences_job"."state", "sequences_job"."ep')
    )
    assert child.stopped() and fresh(short).state == "submitting"
    time.sleep(0.3)
    child.go_on()
    assert (fresh(short).state, bench.posts) == ("queued", 0), fresh(short).state
    submit.PAUSE = usual
    long = bench.grid(sequence)
    child = Child(stepping(long), stops_at(AFTER_CLAIM))
    assert child.stopped()
    bench.work(until=lambda: state(short) == "done")
    bench.jump(600)
    bench.round()
    assert fresh(long).state == "unsure"
    child.go_on()
    bench.round()
    seen = (fresh(long).state, bench.posts, bench.accepted)
    assert seen == ("absent", 1, 1), seen
    bench.settled(sequence.project)
    return "asleep for a moment it gave its claim back, asleep for ten minutes it says that it sent nothing"


@proof
def frozen_before_the_post(bench: Any) -> str:
    """B4: asleep with its finger on the button; nobody may decide while it lives, and nothing is paid twice."""
    from sequences import orchestration
    from sequences.errors import Refusal
    from sequences.orchestration import deciding
    from tests import paid
    from tests.paid import fresh

    paid.offer(paid.replace(paid.SHORT, submit=60, connect=60))
    job = bench.grid()
    child = Child(stepping(job), stops_at("socket.connect"))
    assert child.stopped() and fresh(job).state == "submitting"
    for _ in range(3):
        bench.work(until=lambda: False, hours=1, patient=True)
        verbs: list[Callable[[], object]] = [
            lambda: deciding.absent(actor=None, job=fresh(job), looked=True, machine_down=True),
            lambda: deciding.write_off(actor=None, job=fresh(job), why="I am tired"),
            lambda: orchestration.retry(actor=None, artefact=fresh(job).grid),
        ]
        for verb in verbs:
            try:
                verb()
            except Refusal as refusal:
                assert "still holds it" in str(refusal) or "decide that first" in str(refusal), refusal
            else:
                raise AssertionError("a person could decide while the sender lived")
    seen = (fresh(job).state, bench.posts)
    assert seen == ("unsure", 0), seen
    child.go_on()
    bench.work()
    seen = (fresh(job).state, bench.posts, bench.accepted)
    assert seen == ("done", 1, 1), seen
    bench.settled(job.project)
    return "three hours asleep, every decision refused, sent once"


def state(job: Any) -> str:
    from sequences.models import Job

    return str(Job.objects.values_list("state", flat=True).get(pk=job.pk))


def until(done: Callable[[], bool], patience: float = 10) -> None:
    last = time.monotonic() + patience
    while not done():
        assert time.monotonic() < last, "it never came"
        time.sleep(0.01)
