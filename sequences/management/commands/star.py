"""`star GRID --cell N`: keep a cell of a grid as a candidate; `--off` keeps it no longer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.lookup import grid_of
from sequences.management.output import VerbCommand
from sequences.queries import documents
from sequences.queries.candidates import starred


class Command(VerbCommand):
    help = "Keep a cell of a grid as a candidate for a start frame, or keep it no longer."
    project_option = "optional"

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("grid", metavar="GRID_ID", help="the grid's id, or SEQ03/G1 with --project")
        parser.add_argument("--cell", type=int, required=True, help="from 1, left to right, top to bottom")
        parser.add_argument("--off", action="store_true", help="keep it no longer")

    def run(self, **options: Any) -> dict[str, Any]:
        grid = grid_of(options["grid"], options["project"], self.actor)
        verb = orchestration.unstar if options["off"] else orchestration.star
        verb(actor=self.actor, grid=grid, cell=options["cell"])
        kept = starred([grid.sequence])
        what = "starred no longer" if options["off"] else "starred"
        self.show(f"{grid} cell {options['cell']} is {what}; {grid.sequence.code} has {len(kept)} starred.")
        return {"candidates": [documents.candidate(row) for row in kept]}
