"""The worker of the embedded studio: one Celery worker with threads, and the sweep beside it."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import warnings
from typing import Any

from celery.platforms import SecurityWarning
from celery.signals import worker_ready
from celery.worker import state
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from clientvideo.celery import app
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
        # It warns about root in every start; messages are JSON here, and a container may well run as root.
        warnings.simplefilter("ignore", SecurityWarning)
        worker_ready.connect(_leave_quietly)
        app.loader.import_default_modules()  # the sweep asks for tasks by name before the worker has looked for any
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
    """Do what beat does on servers, each second, in this process; one bad second is logged, no more."""
    stop = stop or threading.Event()
    while True:
        try:
            close_old_connections()
            for entry in settings.CELERY_BEAT_SCHEDULE.values():
                app.tasks[entry["task"]]()
        except Exception:
            log.exception("The sweep failed; trying again in %g s", SWEEP_EVERY)
        if stop.wait(SWEEP_EVERY):
            return


def _leave_quietly(**_: Any) -> None:
    """Replace Celery's talkative handler, which waits for running tasks without end."""
    signal.signal(signal.SIGTERM, _leave_soon)


def _leave_soon(*_: Any) -> None:
    """Take no more work, and end when what runs is done or its time is up."""
    state.should_stop = os.EX_OK
    threading.Thread(target=_last_words, name="last words", daemon=True).start()


def _last_words() -> None:
    # Celery's own goodbye takes seconds with nothing to do; whatever it would tidy is disposable.
    deadline = time.monotonic() + LAST_WORDS
    while state.active_requests and time.monotonic() < deadline:
        time.sleep(0.05)
    os._exit(os.EX_OK)
