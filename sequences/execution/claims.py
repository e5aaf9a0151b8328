"""Who works on what: owners that can be proven dead, leases, epochs, and the worker's heartbeat."""

from __future__ import annotations

import functools
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from sequences import storage
from sequences.models import Attempt, Heartbeat, Job, Take

BEAT_SECONDS = 10


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip()[:8] if path.exists() else "-"


def _started(pid: int) -> str:
    """Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); empty when there is
    none, or only a zombie (field 3) whose parent has not looked after it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


@functools.lru_cache(maxsize=4)
def _holder(pid: int) -> str:
    return f"{socket.gethostname()}|{_boot_id()}|{pid}|{_started(pid)}"


def holder() -> str:
    """This process, named so that another one on the same machine can prove it dead."""
    return _holder(os.getpid())


def proven_dead(owner: str) -> bool:
    """Whether `owner` is certainly gone: same machine, and no such process, or another one under its number."""
    host, boot, pid, started = (owner.split("|") + ["", "", "", ""])[:4]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if boot != _boot_id():
        return True
    if Path("/proc/self/stat").exists():
        return _started(int(pid)) != started
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def lease_over(row: Job | Take) -> bool:
    """Whether nobody holds the row any more."""
    if row.lease_until is None or row.lease_until <= timezone.now():
        return True
    return proven_dead(row.lease_owner)


def lease_fields() -> dict[str, Any]:
    """What a claim writes besides its epoch."""
    return {
        "lease_owner": holder(),
        "lease_until": timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS),
    }


def claim(row: Job | Take) -> bool:
    """Take the row for this process by compare-and-set on its epoch. The instance carries the new epoch afterwards."""
    if not lease_over(row):
        return False
    model = type(row)
    same = model._default_manager.filter(pk=row.pk, state=row.state, epoch=row.epoch)
    if not same.update(epoch=F("epoch") + 1, **lease_fields()):
        return False
    row.refresh_from_db()
    return True


def open_attempt(job: Job, step: str) -> Attempt:
    """The record of a claim that may speak to the provider."""
    return Attempt.objects.create(job=job, epoch=job.epoch, owner=holder(), step=step)


def close_attempt(job: Job, outcome: str) -> None:
    """Say what came of the newest attempt."""
    Attempt.objects.filter(job=job, epoch=job.epoch, ended_at__isnull=True).update(
        ended_at=timezone.now(), outcome=outcome[:300]
    )


@contextmanager
def held(row: Job | Take) -> Iterator[None]:
    """Renew the lease of a claimed row while work that takes long goes on, and give it up at the end."""
    mine = type(row)._default_manager.filter(pk=row.pk, epoch=row.epoch)
    try:
        with renewed(mine):
            yield
    finally:
        mine.update(lease_until=None)


@contextmanager
def renewed(mine: QuerySet[Any]) -> Iterator[None]:
    """Push the end of the lease of the rows in `mine` ahead, from a thread, for as long as the block runs."""
    stop = threading.Event()

    def renew() -> None:
        try:
            while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
                mine.update(lease_until=timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS))
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def beat() -> None:
    """Say that this process works off jobs; forget those that have not said so for a day.

    The first beat of a process also clears away what killed ones left half-written.
    """
    now = timezone.now()
    with transaction.atomic():
        _, first = Heartbeat.objects.update_or_create(owner=holder(), defaults={"seen_at": now})
        Heartbeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    if first:
        storage.tidy()


def worker_lives() -> bool:
    """Whether another process has said within the last seconds that it works off jobs."""
    fresh = timezone.now() - timedelta(seconds=BEAT_SECONDS)
    beats = Heartbeat.objects.filter(seen_at__gte=fresh).exclude(owner=holder())
    return any(not proven_dead(b.owner) for b in beats)
