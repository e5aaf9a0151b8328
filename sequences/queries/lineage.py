"""Where a take came from, back to its cells, and what became of a grid's cells, forward to its takes. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sequences.models import Grid, StartFrame, Take

from .candidates import frames_of_cells, takes_of_cells


@dataclass(frozen=True, slots=True)
class Came:
    """One start or end frame of a take: for the whole of it or one shot, and the cell it was cut from, if any.

    `before` are the cells that cell's grid was to be more like, the nearest first: grid and cell.
    """

    shot: int | None
    use: str
    frame: StartFrame
    grid: Grid | None
    cell: int | None
    before: tuple[tuple[Grid, int], ...]


@dataclass(frozen=True, slots=True)
class Became:
    """One cell of a grid: the start frames cut from it, the takes that start from them, and grids that are more like
    it."""

    cell: int
    frames: tuple[StartFrame, ...]
    takes: tuple[Take, ...]
    likes: tuple[Grid, ...]


def came_from(take: Take) -> list[Came]:
    """The frames a take was made from, its own first, then its shots' in order."""
    found = [_came(None, take.start_frame)] if take.start_frame else []
    shots = take.shots.select_related("start_frame__grid", "end_frame__grid", "shot")
    for row in sorted(shots, key=lambda each: each.pk):
        found += [_came(row.number, frame) for frame in (row.start_frame, row.end_frame) if frame]
    return found


def _came(shot: int | None, frame: StartFrame) -> Came:
    source = frame
    while source.grid is None and source.parent is not None:
        source = source.parent
    return Came(shot, frame.use, frame, source.grid, source.cell, tuple(_chain(source.grid)))


def _chain(grid: Grid | None) -> Iterable[tuple[Grid, int]]:
    while grid is not None and grid.like is not None and grid.like_cell is not None:
        yield grid.like, grid.like_cell
        grid = grid.like


def became(grid: Grid) -> list[Became]:
    """What came of each cell of a grid, cells in reading order; those of which nothing came are left out."""
    frames, takes = frames_of_cells(grid.sequence), takes_of_cells(grid.sequence)
    likes = list(grid.likes.order_by("number"))
    rows = [
        Became(
            cell,
            tuple(frames.get((grid.pk, cell), ())),
            tuple(takes.get((grid.pk, cell), ())),
            tuple(g for g in likes if g.like_cell == cell),
        )
        for cell in range(1, grid.rows * grid.cols + 1)
    ]
    return [row for row in rows if row.frames or row.takes or row.likes]
