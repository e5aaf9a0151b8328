"""`import_refs DIR`: elements and their pictures out of characters/<id>/, props/<id>/ and places/<id>/."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of
from sequences.models import Project
from sequences.orchestration import RefsReport


class Command(VerbCommand):
    help = (
        "Bring elements and their pictures in from a refs folder. DIR is only read; what is there already, or was "
        "taken off here, is left alone. DATA_DIR/refs/SLUG is looked at by the studio itself."
    )
    edits = True

    def options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "dir", nargs="?", type=Path, metavar="DIR",
            help="the folder with characters, props or places, or one with refs in it (default: the watched one)",
        )  # fmt: skip
        parser.add_argument("--watch", type=float, metavar="SECONDS", help="look again as often, until Ctrl-C")
        parser.add_argument("--dry-run", action="store_true", help="say what would come in and write nothing")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        if options["watch"] is not None and options["watch"] < 0.1:
            self.usage("--watch takes 0.1 seconds or more.")
        report = self._look(project, options)
        self._tell(report, dry_run=options["dry_run"])
        try:
            while options["watch"] is not None:
                time.sleep(options["watch"])
                report = self._again(project, options, report)
        except KeyboardInterrupt:
            self.say("Stopped.")
        return document(report, dry_run=options["dry_run"])

    def _look(self, project: Project, options: dict[str, Any]) -> RefsReport:
        folder, rehearsal = options["dir"], options["dry_run"]
        if folder is None:
            return orchestration.look_at_refs(actor=self.actor, project=project, dry_run=rehearsal)
        return orchestration.import_refs(
            actor=self.actor, project=project, folder=folder.expanduser().resolve(), dry_run=rehearsal,
            settled=options["watch"] is not None,
        )  # fmt: skip

    def _again(self, project: Project, options: dict[str, Any], before: RefsReport) -> RefsReport:
        """One more look, told only when it found something new; a folder that is gone may come back."""
        try:
            report = self._look(project, options)
        except Refusal as refusal:
            report = RefsReport(before.folder, problems=[str(refusal)])
        fresh = [p for p in report.problems if p not in before.problems]
        if report.made or report.pictures or fresh:
            self._tell(report, dry_run=options["dry_run"], problems=fresh)
        return report

    def _tell(self, report: RefsReport, *, dry_run: bool, problems: list[str] | None = None) -> None:
        for key in report.made:
            self.show(f"@{key}: new")
        for picture in report.pictures:
            self.show(f"@{picture.key}: {picture.name}")
        for problem in report.problems if problems is None else problems:
            self.say(problem)
        for name in report.waiting:
            self.say(f"{name} is still being written; it comes in at the next look.")
        self.show(f"Would do, nothing was: {report.sentence}" if dry_run else report.sentence)


def document(report: RefsReport, *, dry_run: bool) -> dict[str, Any]:
    """The report as --json tells it."""
    return {
        "folder": report.folder,
        "dry_run": dry_run,
        "elements": report.made,
        "pictures": [{"element": p.key, "name": p.name} for p in report.pictures],
        "known": report.known,
        "problems": report.problems,
        "waiting": report.waiting,
    }
