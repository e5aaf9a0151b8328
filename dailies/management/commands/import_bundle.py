"""`import_bundle FILE [--slug NEW] [--owner NAME] [--dry-run]`: a project from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clientvideo.signin import local_user
from dailies.bundle import import_bundle
from sequences.management.output import VerbCommand, user_of


class Command(VerbCommand):
    help = "Make the project that a bundle holds; everything is checked first, and nothing is half-made."
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", type=Path, metavar="FILE", help="a .seqboard file")
        parser.add_argument("--slug", metavar="NEW", help="under this slug instead of the bundle's own")
        parser.add_argument("--owner", metavar="NAME", help="who owns it (default: --user, else studio)")
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")

    def run(self, **options: Any) -> dict[str, Any]:
        owner = user_of(options["owner"]) or self.actor
        found = import_bundle(
            bundle=options["bundle"],
            slug=options["slug"],
            # a rehearsal makes no account either
            owner=owner if owner or options["dry_run"] else local_user(),
            dry_run=options["dry_run"],
        )
        for name, why in found.manifest.missing.items():
            self.say(f"Not in the bundle: {name}, {why}.")
        done = "made" if found.project else "would be made"
        rows = sum(found.manifest.counts.values())
        self.show(f"{found.slug} is {done}." if found.project else f"{found.slug} {done}.")
        self.show(f"{rows} rows and {len(found.manifest.files)} files, {found.manifest.size / 1e6:.1f} MB.")
        return {"bundle": found.as_data()}
