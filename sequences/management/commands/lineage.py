"""`lineage SEQ03/T2`: the cells a take came from. `lineage SEQ03/G1`: what became of a grid's cells."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences.errors import Refusal
from sequences.management.lookup import artefact_of
from sequences.management.output import VerbCommand
from sequences.models import Grid, Take
from sequences.queries.lineage import Became, Came, became, came_from


class Command(VerbCommand):
    help = "Follow a take back to the cells it came from, or a grid's cells forward to the takes they led to."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("what", metavar="WHAT", help="a take such as SEQ03/T2 or a grid such as SEQ03/G1")

    def run(self, **options: Any) -> dict[str, Any]:
        row = artefact_of(options["what"], options["project"], self.actor)
        if isinstance(row, Take):
            return self._back(row)
        if isinstance(row, Grid):
            return self._forward(row)
        raise Refusal(f"{options['what']} is a start frame; name a take or a grid.", where="WHAT")

    def _back(self, take: Take) -> dict[str, Any]:
        rows = came_from(take)
        for row in rows:
            self.show(_back_line(row))
        if not rows:
            self.show(f"{take} starts from no frame.")
        return {"take": str(take), "frames": [_back_document(row) for row in rows]}

    def _forward(self, grid: Grid) -> dict[str, Any]:
        rows = became(grid)
        for row in rows:
            names = [f"F{f.number}" for f in row.frames] + [f"T{t.number}" for t in row.takes]
            self.show(f"cell {row.cell}: {', '.join(names + [f'more like it: G{g.number}' for g in row.likes])}")
        if not rows:
            self.show(f"Nothing came of {grid} yet.")
        return {"grid": str(grid), "cells": [_forward_document(row) for row in rows]}


def _back_line(row: Came) -> str:
    whose = f"shot {row.shot}" if row.shot else "start"
    source = f"G{row.grid.number} cell {row.cell}" if row.grid else f"F{row.frame.number}, from no grid"
    line = f"{whose}: F{row.frame.number} ← {source}" if row.grid else f"{whose}: {source}"
    return line + "".join(f" ← more like G{grid.number} cell {cell}" for grid, cell in row.before)


def _back_document(row: Came) -> dict[str, Any]:
    return {
        "shot": row.shot,
        "use": row.use,
        "frame": row.frame.number,
        "grid": row.grid.number if row.grid else None,
        "cell": row.cell,
        "like": [{"grid": grid.number, "cell": cell} for grid, cell in row.before],
    }


def _forward_document(row: Became) -> dict[str, Any]:
    return {
        "cell": row.cell,
        "frames": [f.number for f in row.frames],
        "takes": [t.number for t in row.takes],
        "likes": [g.number for g in row.likes],
    }
