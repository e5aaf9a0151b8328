"""`verify_bundle FILE`: whether a bundle is whole, byte for byte and row for row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from dailies.bundle import bundle_data, verify_bundle
from sequences.management.output import VerbCommand


class Command(VerbCommand):
    help = "Hold every byte and row of a bundle against its manifest, and the hashes of rows against files."
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", type=Path, metavar="FILE", help="a .seqboard file")

    def run(self, **options: Any) -> dict[str, Any]:
        manifest = verify_bundle(bundle=options["bundle"])
        for name, why in manifest.missing.items():
            self.say(f"Not in the bundle: {name}, {why}.")
        self.show(
            f"{options['bundle']} is whole: {manifest.title}, {len(manifest.files)} files, made {manifest.made_at}."
        )
        return {"bundle": bundle_data(manifest)}
