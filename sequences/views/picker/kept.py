"""What the picker knows of cells: stars, cut lines, what a cell was used for, the figures of a prompt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sequences.media import grids
from sequences.media.grids.lines import Lines, equal_lines, gutters, lines_of
from sequences.models import Candidate, Grid, Project, Sequence, StartFrame, Take
from sequences.queries.candidates import figures, frames_of_cells, starred, takes_of_cells
from sequences.views.bench.works import GridRow


@dataclass(frozen=True, slots=True)
class Kept:
    """A starred cell; `x`, `y`, `w`, `h` are parts of the whole picture, 0 to 1."""

    grid: Grid
    cell: int
    x: float
    y: float
    w: float
    h: float
    here: bool


@dataclass(frozen=True, slots=True)
class Use:
    """What became of a cell: the start frames cut from it and the takes that start from those."""

    cell: int
    frames: list[StartFrame]
    takes: list[Take]


@dataclass(frozen=True, slots=True)
class Line:
    """One cut line: `axis` "x" parts columns. `pixel` is in the whole picture, `percent` where it is laid."""

    axis: str
    number: int
    pixel: int
    percent: float


def kept(project: Project, sequence: Sequence, rows: Iterable[GridRow], shown: GridRow | None) -> dict[str, Any]:
    """What the picker's context has beside the grids themselves."""
    drawn = [row.grid for row in rows if row.grid.file]
    stars = starred([sequence])
    frames, takes = frames_of_cells(sequence), takes_of_cells(sequence)
    grid = shown.grid if shown and shown.grid.file else None
    of_prompt = figures(drawn, stars, frames)
    return {
        "stars": {star.cell for star in stars if grid and star.grid_id == grid.pk},
        "kept": [_kept(project, star, grid) for star in stars],
        "kept_of": sum(len(g.cells) for g in drawn),
        "figures": of_prompt.get(grid.prompt) if grid else None,
        "uses": _uses(grid, frames, takes) if grid else [],
        **(_cuts(grid) if grid else {"lines": [], "cut": None}),
    }


def parts_of(project: Project, grid: Grid, cell: int) -> tuple[float, float, float, float]:
    """The largest crop of the project's shape in a cell, as parts of the whole picture."""
    box = grids.Box(*grid.cells[cell - 1])
    try:
        box = grids.largest_crop(box, project.width, project.height)
    except grids.BadCrop:
        pass  # a cell too small to crop is still looked at
    wide, high = grid.width or 1, grid.height or 1
    return box.x / wide, box.y / high, box.width / wide, box.height / high


def _kept(project: Project, star: Candidate, shown: Grid | None) -> Kept:
    return Kept(star.grid, star.cell, *parts_of(project, star.grid, star.cell), here=star.grid == shown)


def _uses(
    grid: Grid, frames: dict[tuple[int, int], list[StartFrame]], takes: dict[tuple[int, int], list[Take]]
) -> list[Use]:
    cells = sorted({cell for of, cell in [*frames, *takes] if of == grid.pk})
    return [Use(cell, frames.get((grid.pk, cell), []), takes.get((grid.pk, cell), [])) for cell in cells]


def _cuts(grid: Grid) -> dict[str, Any]:
    """The lines as they are cut now, and what equal division would do. Nothing for a single cell."""
    if len(grid.cells) < 2:
        return {"lines": [], "cut": None}
    boxes = [grids.Box(*cell) for cell in grid.cells]
    now = lines_of(boxes, grid.rows, grid.cols)
    equal = equal_lines(grid.width or 1, grid.height or 1, grid.rows, grid.cols)
    narrow, wide = gutters(boxes, grid.rows, grid.cols)
    apart = [abs(a - b) for a, b in zip(now.cols + now.rows, equal.cols + equal.rows, strict=True)]
    cut = {
        "own": grid.cuts is not None,
        "narrow": narrow,
        "wide": wide,
        "off": max(apart),
        "cols": ", ".join(map(str, now.cols)),
        "rows": ", ".join(map(str, now.rows)),
    }
    return {"lines": _lines(grid, now), "cut": cut}


def _lines(grid: Grid, lines: Lines) -> list[Line]:
    across = [Line("x", n, at, 100 * at / (grid.width or 1)) for n, at in enumerate(lines.cols, 1)]
    return across + [Line("y", n, at, 100 * at / (grid.height or 1)) for n, at in enumerate(lines.rows, 1)]
