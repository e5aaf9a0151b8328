"""A worker, a fake provider and many calls in flight, with figures: what bench_following runs in a process of its own.

    DATA_DIR=… python -m tests.bench.following ours|naive [--jobs N] [--seconds S] [--webhooks]

The fake runs in this process and counts what it is asked; the worker is a real process on a folder as broker. Prints
one line of JSON. `naive` is what one would write first: a Celery task a job that submits, asks every two seconds until
the call has ended, and holds its place in the pool meanwhile (50 threads, which is kind: processes cost 60 MB each).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
POOL = 50
HELD_SECONDS = 40
GRID = "fal-ai/nano-banana-2"


def main(words: list[str]) -> int:
    """Run one of the two and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("which", choices=("ours", "naive"))
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=120.0, help="a run's mean; from half of it to one and a half")
    parser.add_argument("--webhooks", action="store_true")
    parser.add_argument("--hold", action="store_true", help="nothing ends: only the steady stretch is measured")
    given = parser.parse_args(words)
    with counting_fal(given.seconds) as (fal, asked):
        found = ours(fal, asked, given) if given.which == "ours" else naive(fal, asked, given)
    print(json.dumps(found), flush=True)
    return 0


@contextmanager
def counting_fal(seconds: float) -> Iterator[tuple[Any, Counter[str]]]:
    """A fake that takes everything, and how often it was asked how a call stands."""
    from tests.fakes.fal import InProcessFal

    config = {"duration": seconds, "spread": 0.5, "concurrency": 100_000, "picture_scale": 0.1, "video_edge": 64}
    asked: Counter[str] = Counter()
    with InProcessFal(**config) as fal:
        assert isinstance(fal, InProcessFal)
        status = fal.fake.doors.status

        def counted(job: Any, *rest: Any) -> Any:
            asked["polls"] += 1
            return status(job, *rest)

        fal.fake.doors.status = counted  # type: ignore[method-assign]  # the fake keeps no count of reads
        yield fal, asked


# --- Ours ---


def ours(fal: Any, asked: Counter[str], given: argparse.Namespace) -> dict[str, Any]:
    """One studio_worker holds all of them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ.update(fal.env(), DJANGO_SETTINGS_MODULE="clientvideo.settings", FAL_CONCURRENCY="50000", DEBUG="1")
    os.environ["PUBLIC_BASE_URL"] = f"http://127.0.0.1:{port}" if given.webhooks else ""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    sequence = prepared(given.seconds)
    helpers = [python("-m", "sequences.management.web", "127.0.0.1", str(port))] if given.webhooks else []
    worker = python("manage.py", "studio_worker")
    try:
        return followed(fal, asked, given, sequence, worker.pid)
    finally:
        for process in (*helpers, worker):
            end(process)


def prepared(seconds: float) -> Any:
    """A sequence of the paid provider and money enough."""
    from sequences.models import Project
    from sequences.providers import catalogue
    from tests import factories

    made = factories.make_project(sequences=[factories.Plan()], budget="100000.00")
    # grids are cheap to take in; they are said to run as long as they do here, as a clip's endpoint says of clips
    catalogue.override(GRID, expected=(seconds, 0.0))
    Project.objects.filter(pk=made.pk).update(provider="fal", grid_model=GRID)
    return factories.sequence_of(Project.objects.get(pk=made.pk))


def followed(fal: Any, asked: Counter[str], given: argparse.Namespace, sequence: Any, pid: int) -> dict[str, Any]:
    """Ask for all of them, twelve at a time through `explore`, and watch until the last is done."""
    from django.db import connection

    from sequences.models import Job

    time.sleep(6)
    idle, spent, began = memory(pid), cpu(pid), time.monotonic()
    fal.control(speed=1e-6 if given.hold else 1.0)
    ask_for(sequence, given.jobs)
    created = time.monotonic() - began
    samples: list[tuple[float, float, int, int, int]] = []
    while True:
        states = Counter(Job.objects.values_list("state", flat=True))
        flying = states["submitted"] + states["processing"]
        over = states["done"] + states["failed"] + states["lost"]
        polls = asked["polls"]
        samples.append((time.monotonic() - began, cpu(pid), flying, polls, memory(pid)))
        if over >= given.jobs or (given.hold and sum(s[2] >= given.jobs for s in samples) > HELD_SECONDS):
            break
        assert time.monotonic() - began < 60 + 8 * given.seconds + given.jobs / 2, states
        connection.close()
        time.sleep(1)
    totals, ended = fal.ledger()["totals"], Counter(Job.objects.values_list("state", flat=True))
    return {
        "jobs": given.jobs,
        "created_seconds": round(created, 1),
        "seconds": round(samples[-1][0], 1),
        "jobs_a_minute": round(given.jobs / samples[-1][0] * 60, 1),
        "cpu_seconds_a_job": round((samples[-1][1] - spent) / given.jobs, 4),
        "steady": steady(samples, given.jobs),
        "idle_mb": idle,
        "memory_above_idle_mb": max(s[4] for s in samples) - idle,
        "polls_a_job": round(asked["polls"] / given.jobs, 2),
        "states": dict(ended),
        "accepted": totals["accepted"],
        "posts": totals["post"],
        "webhooks": totals["webhook"],
    }


def ask_for(sequence: Any, count: int) -> None:
    """So many grids of one cell; their bells ring in the worker's folder as any click's do."""
    from sequences import orchestration

    while count:
        some = min(12, count)
        orchestration.explore(actor=None, sequence=sequence, layout="1x1", count=some)
        count -= some


def steady(samples: list[tuple[float, float, int, int, int]], jobs: int) -> dict[str, Any]:
    """The stretch in which all are with the provider and none has come home: following and nothing else."""
    full = [s for s in samples if s[2] >= 0.995 * jobs]
    if len(full) < 4:
        return {}
    first, last = full[1], full[-1]
    seconds = last[0] - first[0]
    return {
        "seconds": round(seconds, 1),
        "cpu_share": round((last[1] - first[1]) / seconds, 4),
        "polls_a_second": round((last[3] - first[3]) / seconds, 1),
        "memory_mb": last[4],
    }


# --- The naive way ---


def naive(fal: Any, asked: Counter[str], given: argparse.Namespace) -> dict[str, Any]:
    """A blocked task a call."""
    folder = Path(os.environ["DATA_DIR"]) / "naive"
    for name in ("in", "control", "done"):
        (folder / name).mkdir(parents=True)
    os.environ.update(NAIVE_FOLDER=str(folder), NAIVE_FAL=json.dumps(fal.env()))
    from tests.bench import naive_tasks

    words = ("-m", "celery", "-A", "tests.bench.naive_tasks", "worker", "--pool", "threads", "--concurrency")
    worker = python(*words, str(POOL), "--loglevel", "ERROR", "--without-mingle", "--without-gossip")
    try:
        time.sleep(6)
        idle, spent, began = memory(worker.pid), cpu(worker.pid), time.monotonic()
        for number in range(given.jobs):
            naive_tasks.make.delay(number)
        most = idle
        while len(list((folder / "done").iterdir())) < given.jobs:
            most = max(most, memory(worker.pid))
            time.sleep(1)
        seconds = time.monotonic() - began
        return {
            "jobs": given.jobs,
            "seconds": round(seconds, 1),
            "jobs_a_minute": round(given.jobs / seconds * 60, 1),
            "cpu_seconds_a_job": round((cpu(worker.pid) - spent) / given.jobs, 4),
            "idle_mb": idle,
            "memory_above_idle_mb": most - idle,
            "held_at_once": POOL,
            "polls_a_job": round(asked["polls"] / given.jobs, 2),
            "accepted": fal.ledger()["totals"]["accepted"],
        }
    finally:
        end(worker)


# --- Processes ---


def python(*words: str) -> subprocess.Popen[bytes]:
    """This Python in the project, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *words], cwd=ROOT, stdout=sys.stderr, start_new_session=True
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """It and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def cpu(pid: int) -> float:
    """Seconds of processor a process has used (fields 14 and 15 of /proc/PID/stat, proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> int:
    """Resident megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
