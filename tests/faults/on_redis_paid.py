"""The same with the paid provider: fifty calls in flight, and a Redis that forgets, ends, falls silent or is full.

    DATA_DIR=… python -m tests.faults.on_redis_paid

Starts redis-server, worker and beat, all its own, and a fake provider; prints one line a proof; the fake's ledger says
that each call was accepted and billed once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.on_redis import Redis, celery, end, until

CALLS = 50
GRID = "fal-ai/nano-banana-2"
PATIENCE = 60.0
WORKER = ("worker", "--pool", "threads", "--concurrency", "4")


def main() -> int:
    """Run the proofs in order; 0 when all hold."""
    from tests.fakes.fal import FakeFal

    with FakeFal(duration=4.0, concurrency=1000, picture_scale=0.1) as fal:
        redis = Redis(Path(os.environ["DATA_DIR"]) / "redis")
        os.environ.update(redis.environment, **fal.env(), FAL_CONCURRENCY="1000", PUBLIC_BASE_URL="")
        os.environ["DJANGO_SETTINGS_MODULE"] = "clientvideo.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        sequence = prepare()
        redis.start()
        others = [celery(*WORKER), celery("beat")]
        try:
            for prove in (flushed, ended, silent, full, deployed):
                print(f"{prove.__name__}: {prove(redis, sequence, others)}", flush=True)
            redis.stop()
            end(others)
            print(f"absent: {absent(sequence)}", flush=True)
        finally:
            end(others)
            redis.stop()
        judged(fal, sequence)
    return 0


def prepare() -> Any:
    """A sequence of the paid provider; calls that are first looked at after five seconds."""
    from sequences.models import Project
    from sequences.providers import catalogue
    from tests import factories

    catalogue.override(GRID, expected=(5.0, 0.0))
    made = factories.make_project(budget="1000.00")
    Project.objects.filter(pk=made.pk).update(provider="fal", grid_model=GRID)
    return factories.sequence_of(Project.objects.get(pk=made.pk))


def ask_for(sequence: Any, count: int = CALLS) -> list[int]:
    """So many calls, by the verb that the page uses; returns their ids."""
    from sequences import orchestration

    made: list[int] = []
    while len(made) < count:
        some = min(12, count - len(made))
        grids = orchestration.explore(actor=None, sequence=sequence, layout="1x1", count=some)
        made += [grid.jobs.get().pk for grid in grids]
    return made


def states(jobs: list[int]) -> Counter[str]:
    from sequences.models import Job

    return Counter(Job.objects.filter(pk__in=jobs).values_list("state", flat=True))


def in_flight(jobs: list[int]) -> bool:
    """Whether all have left, most are with the provider, and not all have ended."""
    found = states(jobs)
    return found["submitted"] + found["processing"] >= len(jobs) / 2


def finished(jobs: list[int], after: str) -> None:
    until(lambda: states(jobs) == {"done": len(jobs)}, f"{len(jobs)} calls made {after}, not {states(jobs)}", PATIENCE)


def flushed(redis: Redis, sequence: Any, others: list[Any]) -> str:
    jobs = ask_for(sequence)
    until(lambda: in_flight(jobs), "most of them in flight")
    redis.flush()
    finished(jobs, "after FLUSHALL")
    return f"FLUSHALL with {CALLS} in flight, all are made"


def ended(redis: Redis, sequence: Any, others: list[Any]) -> str:
    import redis as client

    jobs = ask_for(sequence)
    until(lambda: in_flight(jobs), "most of them in flight")
    with client.Redis(port=redis.port) as open_one:
        open_one.shutdown(nosave=True)
    redis.stop()
    more = ask_for(sequence, 5)
    time.sleep(3)
    redis.start()
    finished([*jobs, *more], "after SHUTDOWN NOSAVE and a start")
    return f"SHUTDOWN NOSAVE with {CALLS} in flight, 5 more asked for meanwhile, all are made"


def silent(redis: Redis, sequence: Any, others: list[Any]) -> str:
    """Half open: the port takes connections and says nothing."""
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)
    before = time.monotonic()
    jobs = ask_for(sequence, 6)
    waited = time.monotonic() - before
    redis.process.send_signal(signal.SIGCONT)
    assert waited < 25, f"one click for six took {waited:.1f} s, and the broker's time-out is 20"
    finished(jobs, "after the silence")
    return "a Redis that says nothing, the click is answered and made"


def full(redis: Redis, sequence: Any, others: list[Any]) -> str:
    import redis as client

    with client.Redis(port=redis.port) as open_one:
        open_one.config_set("maxmemory-policy", "noeviction")
        open_one.config_set("maxmemory", "1")
        before = time.monotonic()
        jobs = ask_for(sequence, 5)
        assert time.monotonic() - before < 10, "the click waited"
        sweep_until(jobs)
        open_one.config_set("maxmemory", "0")
    return "a Redis without room, the click is answered, the sweep makes all"


def deployed(redis: Redis, sequence: Any, others: list[Any]) -> str:
    jobs = ask_for(sequence, 20)
    until(lambda: states(jobs)["queued"] < len(jobs), "the worker at work")
    worker = others[0]
    worker.send_signal(signal.SIGTERM)
    time.sleep(2)
    worker.kill()
    worker.wait()
    others[0] = celery(*WORKER)
    finished(jobs, "by the next worker")
    return "SIGTERM, then SIGKILL with 20 at work, the next worker makes all"


def absent(sequence: Any) -> str:
    jobs = ask_for(sequence)
    sweep_until(jobs)
    return f"no Redis and no worker for the whole run, the sweep makes {CALLS}"


def sweep_until(jobs: list[int]) -> None:
    from django.core.management import call_command

    def once() -> bool:
        call_command("sweep", once=True, stdout=sys.stderr)
        return states(jobs) == {"done": len(jobs)}

    until(once, f"made by the sweep alone, not {states(jobs)}", PATIENCE)


def judged(fal: Any, sequence: Any) -> None:
    """The fake's ledger: as many accepted and billed as we asked for, and the money is the same."""
    from sequences.models import Job, Project

    asked, totals = Job.objects.count(), fal.ledger()["totals"]
    project = Project.objects.get(pk=sequence.project_id)
    assert totals["post"] == totals["accepted"] == totals["billed"] == asked, totals
    assert (project.held_micros, project.spent_micros) == (0, asked * 120_000)
    print(f"judged: {asked} asked for, as many accepted and billed, nothing held", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
