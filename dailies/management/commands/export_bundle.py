"""`export_bundle --project SLUG [--out FILE]`: the whole project, data and media, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from dailies.bundle import bundle_data
from dailies.bundle import export_bundle as export
from sequences.management.output import VerbCommand, project_of


class Command(VerbCommand):
    help = "Write a project with its media to one file, to hand over or to archive."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE", help="write here (default: SLUG.seqboard)")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        out: Path = options["out"] or Path(f"{project.slug}.seqboard")
        manifest = export(actor=self.actor, project=project, out=out)
        for name, why in manifest.missing.items():
            self.say(f"Left out: {name}, {why}.")
        self.show(
            f"{out}: {len(manifest.files)} files, {manifest.size / 1e6:.1f} MB; data {manifest.data_sha256[:12]}."
        )
        return {"bundle": {"file": str(out.resolve()), **bundle_data(manifest)}}
