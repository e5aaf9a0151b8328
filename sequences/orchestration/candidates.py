"""Verbs on the cells of a grid before one is picked: star, ask for more like one, correct the cut lines.

None of them touches what was picked before: a start frame keeps the pixels it was cut from.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences import storage
from sequences.errors import Refusal
from sequences.media import grids
from sequences.media.grids.lines import Lines, recut
from sequences.models import Candidate, Grid
from sequences.providers.base import Picture

from ._rules import MAKERS, require
from .making import Near, explore


def star(*, actor: AbstractBaseUser | None, grid: Grid, cell: int) -> Candidate:
    """Keep a cell as a candidate; one that is starred already stays as it is. Raises Refusal."""
    require(actor, grid.sequence.project, *MAKERS)
    checked_cell(grid, cell)
    who = actor.pk if actor else None
    return Candidate.objects.get_or_create(grid=grid, cell=cell, defaults={"starred_by_id": who})[0]


def unstar(*, actor: AbstractBaseUser | None, grid: Grid, cell: int) -> None:
    """Keep a cell no longer. Raises Refusal."""
    require(actor, grid.sequence.project, *MAKERS)
    checked_cell(grid, cell)
    Candidate.objects.filter(grid=grid, cell=cell).delete()


def checked_cell(grid: Grid, cell: int) -> grids.Box:
    """Where a cell lies. `cell` counts from 1, left to right, top to bottom. Raises Refusal."""
    if not grid.file:
        raise Refusal(f"{grid} has no picture yet; wait for it.", code="not_allowed", where=str(grid))
    if not 1 <= cell <= len(grid.cells):
        raise Refusal(f"Cell is {cell}; {grid} has cells 1 to {len(grid.cells)}.", where="cell")
    return grids.Box(*grid.cells[cell - 1])


def more_like(
    *,
    actor: AbstractBaseUser | None,
    grid: Grid,
    cell: int,
    count: int = 1,
    layout: str | None = None,
    prompt: str | None = None,
    key: str | None = None,
) -> list[Grid]:
    """Ask for grids of the same sequence whose panels stay near a cell: its picture goes along as a reference.

    Without `layout` and `prompt` those of the grid it is from are used. Raises Refusal (no picture yet, no such cell,
    the model takes no picture, whatever `explore` refuses).
    """
    sequence = grid.sequence
    require(actor, sequence.project, *MAKERS)
    box = checked_cell(grid, cell)
    near = Near(grid, cell, _cut_out(grid, box))
    return explore(
        actor=actor,
        sequence=sequence,
        layout=layout or f"{grid.rows}x{grid.cols}",
        count=count,
        prompt=prompt or grid.prompt,
        key=key,
        near=near,
    )


def _cut_out(grid: Grid, cell: grids.Box) -> Picture:
    """The largest crop of the project's shape inside a cell, as a file; cut again it is the same file."""
    project = grid.sequence.project
    try:
        crop = grids.largest_crop(cell, project.width, project.height)
        source = storage.absolute(grid.file)
        name = "-".join(map(str, (crop.x, crop.y, crop.width, crop.height)))
        place = storage.place(project, grid.sequence.code.lower(), "frames", f"{source.stem}-{name}.png")
        facts = grids.cut(source, crop, storage.absolute(place))
    except (grids.BadCrop, grids.BadPicture) as bad:
        raise Refusal(str(bad), code="bad_crop", where=str(grid)) from None
    return Picture(place, facts.sha256, facts.width, facts.height)


def set_cuts(*, actor: AbstractBaseUser | None, grid: Grid, cols: Sequence[int], rows: Sequence[int]) -> Grid:
    """Cut a grid at a person's lines instead of the gutters that were found: x of each line between columns, y of each
    between rows, in pixels of the whole picture. Gutters keep the width they were found with.

    Raises Refusal (no picture yet, a single cell, lines too many, too few or too close).
    """
    require(actor, grid.sequence.project, *MAKERS)
    if not grid.file or len(grid.cells) < 2:
        why = "has no picture yet; wait for it" if not grid.file else "is a single cell; there is nothing to cut"
        raise Refusal(f"{grid} {why}.", code="not_allowed", where=str(grid))
    with transaction.atomic():
        fresh = Grid.objects.select_for_update().get(pk=grid.pk)
        found = fresh.found_cells or fresh.cells
        cells = _recut(grid, found, Lines(tuple(cols), tuple(rows)))
        fresh.cuts, fresh.found_cells, fresh.cells = {"cols": [*cols], "rows": [*rows]}, found, cells
        fresh.save(update_fields=["cuts", "found_cells", "cells"])
    grid.cuts, grid.found_cells, grid.cells = fresh.cuts, fresh.found_cells, fresh.cells
    return grid


def _recut(grid: Grid, found: list[list[int]], lines: Lines) -> list[list[int]]:
    try:
        cells = recut([grids.Box(*cell) for cell in found], grid.rows, grid.cols, lines)
    except grids.BadCrop as bad:
        raise Refusal(str(bad), code="bad_crop", where="cuts") from None
    return [[b.x, b.y, b.width, b.height] for b in cells]


def clear_cuts(*, actor: AbstractBaseUser | None, grid: Grid) -> Grid:
    """Cut at the gutters that were found again; nothing happens to a grid without lines of its own. Raises Refusal."""
    require(actor, grid.sequence.project, *MAKERS)
    with transaction.atomic():
        fresh = Grid.objects.select_for_update().get(pk=grid.pk)
        fresh.cells = fresh.found_cells or fresh.cells
        fresh.cuts = fresh.found_cells = None
        fresh.save(update_fields=["cuts", "found_cells", "cells"])
    grid.cuts, grid.found_cells, grid.cells = None, None, fresh.cells
    return grid
