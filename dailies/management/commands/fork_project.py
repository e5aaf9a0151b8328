"""`fork_project --project SLUG --slug NEW [--title TEXT] [--with plan|takes] [--budget DOLLARS]`: a new version."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clientvideo.signin import local_user
from dailies.bundle import fork_project
from dailies.bundle.forking import WITH
from sequences.costs import amount
from sequences.management.output import VerbCommand, project_of, user_of
from sequences.models import Take


class Command(VerbCommand):
    help = "Copy a project as a new version: its plan, on request its takes; money and work begin anew."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, metavar="NEW", help="the new version's slug")
        parser.add_argument("--title", default="", metavar="TEXT", help="its title (default: numbered)")
        parser.add_argument("--with", default="plan", choices=WITH, dest="with_", help="what comes along")
        parser.add_argument("--budget", default="0", metavar="DOLLARS", help="its own budget cap (default: 0)")
        parser.add_argument("--owner", metavar="NAME", help="who owns it (default: --user, else studio)")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        owner = user_of(options["owner"]) or self.actor or local_user()
        fork = fork_project(
            actor=self.actor,
            project=project,
            slug=options["slug"],
            title=options["title"],
            with_=options["with_"],
            budget=options["budget"],
            owner=owner,
        )
        takes = Take.objects.filter(sequence__project=fork).count()
        has = f"{takes} takes, a budget of ${amount(fork.cap_micros)}"
        self.show(f"{fork.slug} is made from {project.slug}: {fork.title}, {has}.")
        return {
            "project": {
                "slug": fork.slug,
                "title": fork.title,
                "forked_from": project.slug,
                "sequences": fork.sequences.filter(deleted_at=None).count(),
                "takes": takes,
                "budget": amount(fork.cap_micros),
            }
        }
