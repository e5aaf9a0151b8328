"""`sweep [--once]`: do whatever is due, as the worker does; one round, or one a second until told to stop."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandParser

from dailies import exporting
from sequences import execution, orchestration
from sequences.execution.drain import answer
from sequences.management.output import VerbCommand
from sequences.models import Event

EVERY = 1.0  # seconds between rounds


class Command(VerbCommand):
    help = (
        "Move every job, take and export whose time has come, and look at refs folders. "
        "Without --once it goes on until Ctrl-C."
    )
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def run(self, **options: Any) -> dict[str, Any]:
        since = newest_event()
        moved: list[dict[str, Any]] = []
        try:
            while True:
                since = self._round(moved, since)
                if options["once"]:
                    break
                execution.beat()
                time.sleep(EVERY)
        except KeyboardInterrupt:
            self.say("Stopped.")
        return {"moved": moved}

    def _round(self, moved: list[dict[str, Any]], since: int) -> int:
        wakes = execution.sweep()
        while wakes:
            wakes += answer(wakes.pop(0))
        for export in exporting.due():
            exporting.render(export)
        for project in orchestration.refs_changed():
            orchestration.look_at_refs(actor=None, project=project)
        now = newest_event()
        fresh = moves(since)
        for row in fresh:
            self.show(f"job {row['job']}: {row['from']} → {row['to']}{': ' + row['why'] if row['why'] else ''}")
        moved += fresh
        return now


def newest_event() -> int:
    """The id of the newest event; 0 before the first."""
    return Event.objects.order_by("-id").values_list("pk", flat=True).first() or 0


def moves(since: int) -> list[dict[str, Any]]:
    """What jobs did after an event."""
    events = Event.objects.filter(pk__gt=since, subject="job").exclude(was="").order_by("id")
    return [{"job": e.subject_id, "from": e.was, "to": e.now, "why": e.why} for e in events]
