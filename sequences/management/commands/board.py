"""`board`: the Sequence Board in a terminal; --watch keeps it up to date."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.live import Live
from rich.table import Table

from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import console_of, show, table
from sequences.models import Project
from sequences.queries import documents

EVERY = 1.0  # seconds between looks
WIDE = 112  # columns that the whole table needs
LEFT_OUT = ("section", "mode", "spent>")  # on narrower terminals
COLUMNS = ["sequence", "section", "time", "mode", "stage", "shots>", "grids>", "takes>", "spent>", "live>", "next"]


class Command(VerbCommand):
    help = "Show the board. --watch stays and follows the work until Ctrl-C."

    def options(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--watch", action="store_true", help="stay and follow the work until Ctrl-C")
        how.add_argument("--once", action="store_true", help="show it once and end (the default)")

    def run(self, **options: Any) -> dict[str, Any]:
        if options["watch"] and self.as_json:
            self.usage("--watch is for people; with --json ask once.")
        project = project_of(options["project"], self.actor)
        if options["watch"]:
            self._watch(project)
        document = documents.board(project)
        if not (self.as_json or options["watch"]):
            show(self.stdout, _table(document, console_of(self.stdout)))
        return document

    def _watch(self, project: Project) -> None:
        console = console_of(self.stdout)
        try:
            with Live(_table(documents.board(project), console), console=console, auto_refresh=False) as live:
                while True:
                    time.sleep(EVERY)
                    project.refresh_from_db()
                    live.update(_table(documents.board(project), console), refresh=True)
        except KeyboardInterrupt:
            return


def _table(document: dict[str, Any], console: Console) -> Table:
    narrow = console.is_terminal and console.width < WIDE
    kept = [n for n, name in enumerate(COLUMNS) if not (narrow and name in LEFT_OUT)]
    rows = [[row[n] for n in kept] for row in map(_row, document["sequences"])]
    made = table([COLUMNS[n] for n in kept], rows)
    project = document["project"]
    made.title = f"{project['title']}: ${project['spent']} spent, ${project['held']} held of ${project['cap']}"
    made.title_justify = "left"
    return made


def _row(s: dict[str, Any]) -> list[object]:
    times = f"{_clock(s['start'])}-{_clock(s['end'])}"
    figures = [s["shots"], s["grids"], s["takes"], f"${s['spent']}", s["jobs_live"] or ""]
    stage = s["stage"].replace("_", " ")
    return [s["code"], s["section"], times, s["mode"].replace("_", " "), stage, *figures, s["next_action"]]


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}".removesuffix(".0")
