"""The worker of the embedded studio: one Celery worker with threads, and the sweep beside it."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from celery.signals import worker_shutting_down
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from clientvideo.celery import app
from sequences import execution
from sequences.management import leash

log = logging.getLogger(__name__)

SWEEP_EVERY = 1.0  # seconds
LAST_WORDS = 3.0  # seconds that running tasks get after a polite stop; the next start finishes what is cut short


class Command(BaseCommand):
    help = "Work on jobs until stopped. The studio starts this by itself; servers run Celery's own worker and beat."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at a time (default 4)")

    def handle(self, *args: Any, **options: Any) -> None:
        leash.hold()
        worker_shutting_down.connect(_leave_soon)
        threading.Thread(target=sweep_for_ever, name="sweep", daemon=True).start()
        worker = app.Worker(
            pool="threads",
            concurrency=options["concurrency"],
            loglevel="WARNING",
            quiet=True,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        worker.start()


def sweep_for_ever(stop: threading.Event | None = None) -> None:
    """Tell that a worker lives and move every job whose time has come, each second; one bad second is logged, no more."""
    stop = stop or threading.Event()
    while True:
        try:
            close_old_connections()
            execution.beat()
            execution.sweep()
        except Exception:
            log.exception("The sweep failed; trying again in %g s", SWEEP_EVERY)
        if stop.wait(SWEEP_EVERY):
            return


def _leave_soon(**_: Any) -> None:
    timer = threading.Timer(LAST_WORDS, os._exit, args=(0,))
    timer.daemon = True
    timer.start()
