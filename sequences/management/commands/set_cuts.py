"""`set_cuts SEQ01/G1 --cols 418,852 --rows 310`: a grid's cut lines; `--clear` goes back to the gutters found."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.lookup import grid_of
from sequences.management.output import VerbCommand


class Command(VerbCommand):
    help = "Cut a grid at lines of one's own, or again where its gutters were found."
    project_option = "optional"

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("grid", metavar="GRID_ID", help="the grid's id, or SEQ03/G1 with --project")
        parser.add_argument("--cols", help="x of each line between columns in pixels of the picture, such as 418,852")
        parser.add_argument("--rows", help="y of each line between rows")
        parser.add_argument("--clear", action="store_true", help="cut where the gutters were found")

    def run(self, **options: Any) -> dict[str, Any]:
        asked = options["cols"] is not None or options["rows"] is not None
        if asked == options["clear"]:
            self.usage("Give lines with --cols and --rows, or --clear: one of the two.")
        cols, rows = (self._pixels(name, options[name]) for name in ("cols", "rows"))
        grid = grid_of(options["grid"], options["project"], self.actor)
        if options["clear"]:
            orchestration.clear_cuts(actor=self.actor, grid=grid)
        else:
            orchestration.set_cuts(actor=self.actor, grid=grid, cols=cols, rows=rows)
        where = "at lines of its own" if grid.cuts else "where its gutters were found"
        self.show(f"{grid} is cut {where}: {len(grid.cells)} cells.")
        return {"grid": grid.pk, "cuts": grid.cuts, "cells": grid.cells}

    def _pixels(self, name: str, text: str | None) -> list[int]:
        words = (text or "").replace(",", " ").split()
        if not all(word.isdecimal() and len(word) < 7 for word in words):
            self.usage(f'--{name} is "{text}"; write whole pixels with commas, such as 418,852.')
        return [int(word) for word in words]
