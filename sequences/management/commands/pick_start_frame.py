"""`pick_start_frame GRID --cell N`: cut a cell out of a grid and start from it, or end on it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.management.lookup import grid_of
from sequences.management.output import VerbCommand
from sequences.models import Sequence, Shot
from sequences.queries import documents


class Command(VerbCommand):
    help = "Start a sequence from a cell of a grid, cut out at full size."
    edits = True
    project_option = "optional"

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("grid", metavar="GRID_ID", help="the grid's id, or SEQ03/G1 with --project")
        parser.add_argument("--cell", type=int, required=True, help="from 1, left to right, top to bottom")
        parser.add_argument(
            "--box", type=int, nargs=4, metavar=("X", "Y", "W", "H"), help="crop in pixels of the whole grid picture"
        )
        parser.add_argument("--shot", type=int, metavar="N", help="only shot N starts from it")
        parser.add_argument("--end", action="store_true", help="with --shot: the shot ends on it instead")

    def run(self, **options: Any) -> dict[str, Any]:
        if options["end"] and options["shot"] is None:
            self.usage("--end needs --shot: only a shot has an end frame.")
        grid = grid_of(options["grid"], options["project"], self.actor)
        frame = orchestration.pick_start_frame(
            actor=self.actor,
            grid=grid,
            cell=options["cell"],
            box=tuple(options["box"]) if options["box"] else None,
            shot=_shot(grid.sequence, options["shot"]),
            use="end" if options["end"] else "start",
        )
        size = f"{frame.width} × {frame.height}"
        self.show(f"{frame} from cell {frame.cell} of {grid}, {size}: {documents.path(frame.file)}")
        return {"start_frame": documents.start_frame(frame)}


def _shot(sequence: Sequence, number: int | None) -> Shot | None:
    if number is None:
        return None
    shot = sequence.shots.filter(number=number, deleted_at=None).first()
    if shot is None:
        raise Refusal(f"{sequence.code} has no shot {number}.", code="not_found", where="--shot")
    return shot
