"""`import_starsend DIR`: the script era's work in, as a new project or beside what an earlier import made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clientvideo.signin import local_user
from dailies.starsend import BroughtIn, import_starsend
from sequences.management.output import VerbCommand, dollars, user_of


class Command(VerbCommand):
    help = (
        "Bring old work in: projects/<project>/state/starsend/shots/*.json, the media they name and refs/. "
        "DIR is only read; running it again changes nothing that is there."
    )
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help="the folder that holds projects/, or one project's folder")
        parser.add_argument("--project", metavar="SLUG", help="bring it into this project (default: the folder's name)")
        parser.add_argument("--folder", metavar="NAME", help="which project folder, where DIR holds several")
        parser.add_argument("--provider", metavar="NAME", default="sketch", help="whom a new project asks for more")
        parser.add_argument("--owner", metavar="NAME", help="who owns a new project (default: --user, else studio)")
        parser.add_argument("--dry-run", action="store_true", help="say what would come in and write nothing")

    def run(self, **options: Any) -> dict[str, Any]:
        owner = user_of(options["owner"]) or self.actor
        rehearsal = options["dry_run"]
        brought = import_starsend(
            actor=self.actor,
            source=options["dir"],
            slug=options["project"],
            folder=options["folder"],
            provider=options["provider"],
            # a rehearsal makes no account either
            owner=owner if owner or rehearsal else local_user(),
            dry_run=rehearsal,
        )
        self._tell(brought, rehearsal=rehearsal)
        return document(brought, dry_run=rehearsal)

    def _tell(self, brought: BroughtIn, *, rehearsal: bool) -> None:
        report = brought.report
        for record in report.records:
            self.show(record.sentence)
            for problem in record.problems:
                self.show(f"    {problem}")
        for sentence in (*report.problems, *brought.remarks):
            self.say(sentence)
        counts, done = report.counts, "would be " if rehearsal else ""
        self.show(
            f"{report.project.slug} {done}{'created' if report.created else 'brought up to date'}: "
            f"{counts['sequences']} sequences, {counts['shots']} shots, {counts['takes']} takes "
            f"({brought.approved} approved, {brought.rejected} rejected), {counts['start_frames']} start frames, "
            f"{counts['grids']} grids, {counts['elements']} elements; {report.unchanged} records unchanged."
        )
        if report.old_cost_micros:
            self.show(
                f"The old takes had cost ${dollars(report.old_cost_micros)}; that stays in their "
                f"records and is not in this project's costs."
            )


def document(brought: BroughtIn, *, dry_run: bool) -> dict[str, Any]:
    """The document of --json. Counts are of what this run made."""
    report = brought.report
    return {
        "project": {"slug": report.project.slug, "title": report.project.title, "created": report.created},
        "dry_run": dry_run,
        **report.counts,
        "approved": brought.approved,
        "rejected": brought.rejected,
        "unchanged": report.unchanged,
        "old_cost": dollars(report.old_cost_micros),
        "records": [r.as_data() for r in report.records],
        "missing_media": report.missing(),
        "problems": [*report.problems, *brought.remarks],
    }
