"""`import_plan PLAN [--song FILE]`: a plan file in, as a new project or over the one of its slug."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clientvideo.signin import local_user
from sequences import orchestration
from sequences.management.output import VerbCommand, user_of
from sequences.planfile import PlanError, parse


class Command(VerbCommand):
    help = "Create a project from a plan file (TOML or JSON), or bring the one of that slug up to date."
    edits = True
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("plan", type=Path, help="the plan file; song and pictures are looked for beside it")
        parser.add_argument("--song", type=Path, metavar="FILE", help="take this song instead of the plan's")
        parser.add_argument("--owner", metavar="NAME", help="who owns a new project (default: --user, else studio)")
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")

    def edited(self, options: dict[str, Any]) -> str:
        try:
            return parse(options["plan"].read_bytes(), options["plan"].name).project.slug
        except (OSError, PlanError):  # the verb says what is wrong with it
            return ""

    def run(self, **options: Any) -> dict[str, Any]:
        owner = user_of(options["owner"]) or self.actor
        report = orchestration.import_plan(
            actor=self.actor,
            plan=options["plan"],
            song=options["song"],
            # a rehearsal makes no account either
            owner=owner if owner or options["dry_run"] else local_user(),
            dry_run=options["dry_run"],
        )
        for warning in report.warnings:
            self.say(warning)
        if report.removed:
            self.say(f"No longer in the plan, deleted and restorable: {', '.join(report.removed)}.")
        done = "would be " if options["dry_run"] else ""
        self.show(
            f"{report.project.slug} {done}{'created' if report.created else 'brought up to date'}: "
            f"{report.sequences} sequences, {report.shots} shots, {report.elements} elements, "
            f"{report.revisions_added} new prompt revisions."
        )
        return {"project": report.as_data()}
