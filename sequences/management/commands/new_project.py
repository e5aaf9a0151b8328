"""`new_project SLUG`: an empty project."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from clientvideo.signin import local_user
from sequences import orchestration
from sequences.management.output import VerbCommand, dollars, user_of


class Command(VerbCommand):
    help = "Create an empty project. A plan file does more in one go: see import_plan."
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="letters, digits, hyphens; the project's name in addresses and plans")
        parser.add_argument("--title", help="default: made from the slug")
        parser.add_argument("--client", default="")
        parser.add_argument("--size", nargs=2, type=int, default=(1280, 720), metavar=("WIDTH", "HEIGHT"))
        parser.add_argument("--rate", default="24", help="frames a second: 24, 25, 30, 24000/1001, 30000/1001")
        parser.add_argument("--budget", default="0", help="the cap in US dollars, such as 80.00")
        parser.add_argument("--provider", default="sketch")
        parser.add_argument("--model", default="", help="catalogue id of the video endpoint")
        parser.add_argument("--grid", default="2x2", help="1x1, 2x2 or 3x3")
        parser.add_argument("--owner", metavar="NAME", help="who owns it (default: --user, else studio)")

    def run(self, **options: Any) -> dict[str, Any]:
        slug = options["slug"]
        project = orchestration.new_project(
            actor=self.actor,
            slug=slug,
            title=options["title"] or slug.replace("-", " ").title(),
            width=options["size"][0],
            height=options["size"][1],
            owner=user_of(options["owner"]) or self.actor or local_user(),
            **{key: options[key] for key in ("client", "rate", "budget", "provider", "model", "grid")},
        )
        self.show(f"{project.title} is there as {project.slug}, {project.width} × {project.height}.")
        return {
            "project": {
                "slug": project.slug, "title": project.title, "client": project.client, "width": project.width,
                "height": project.height, "rate": project.rate, "cap": dollars(project.cap_micros),
                "provider": project.provider, "model": project.model, "grid": project.grid,
            }
        }  # fmt: skip
