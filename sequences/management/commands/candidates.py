"""`candidates [CODE…]`: starred cells and what starts from them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.models import Candidate, Take
from sequences.queries import documents
from sequences.queries.candidates import starred, takes_of_cells


class Command(VerbCommand):
    help = "List starred cells of grids, with the takes that start from them."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="CODE", help="sequences (default: all)")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        codes = options["codes"] or [s.code for s in project.sequences.filter(deleted_at=None)]
        sequences = sequences_of(project, codes) if codes else []
        takes = {place: rows for s in sequences for place, rows in takes_of_cells(s).items()}
        rows = [(row, takes.get((row.grid_id, row.cell), [])) for row in starred(sequences)]
        self._table(rows)
        return {"candidates": [documents.candidate(row, used) for row, used in rows]}

    def _table(self, rows: list[tuple[Candidate, list[Take]]]) -> None:
        if self.as_json:
            return
        if not rows:
            self.show("Nothing is starred.")
            return
        lines = [
            (row.grid_id, row.grid, row.cell, ", ".join(f"T{t.number}" for t in used) or "–") for row, used in rows
        ]
        show(self.stdout, table(["id>", "grid", "cell>", "used by"], lines))
