"""Where the cells of a grid picture really are.

A gutter is a straight band of one colour with picture on both sides. It is looked for near each equal division,
separately beside every row (column) of cells, because models draw them out of line and slanting; the one style of
gutter (colour and width) that explains most places decides. Then, in full resolution, the line is found at which
the picture begins on either side, past blur and thin frame lines. Pictures that touch are parted at their
strongest seam. A cell is an upright box between its lines and inside its rounded corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from sequences.media.grids.boxes import Box
from sequences.media.grids.corners import Sides, corner_colour, inscribed, radius_of, rounded_off
from sequences.media.grids.direction import Direction, Kind, ring_of, trim_borders, typical_width
from sequences.media.grids.edges import USUAL, depth_of
from sequences.media.grids.pictures import open_picture
from sequences.media.grids.search import Style, style_of
from sequences.media.grids.strips import Pixels

Axis = Literal["x", "y"]
LEAST = 0.5  # columns: the least that is left out for it
SAFETY = 0.003  # of a cell, in all: what edges are not known better than
COARSE = 1600  # pixels of the long edge, at most, for the first look


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut between two cells' rows or columns, beside one band of cells, in whole-picture pixels [start, end).

    `axis` "x" parts columns (start and end are x), "y" parts rows. `index` counts cuts, `band` the row (column) of
    cells it runs beside. `kind` says whether a gutter was seen, a seam between touching pictures, or neither. A
    slanted gutter's start and end are where the cells beside it end and begin.
    """

    axis: Axis
    index: int
    band: int
    start: int
    end: int
    kind: Kind

    @property
    def found(self) -> bool:
        """Whether a gutter was really seen here."""
        return self.kind == "gutter"


@dataclass(frozen=True, slots=True)
class Layout:
    """The cells of a grid, left to right, top to bottom, free of gutters and border. `found`: all cuts were seen."""

    rows: int
    cols: int
    cells: tuple[Box, ...]
    cuts: tuple[Cut, ...]
    found: bool

    @property
    def kind(self) -> Kind:
        """The weakest kind among the cuts: "equal" when any of them is only the equal division."""
        kinds = {cut.kind for cut in self.cuts}
        return "equal" if "equal" in kinds else "seam" if "seam" in kinds else "gutter"


def find_cells(picture: Image.Image | Path | str, rows: int, cols: int) -> Layout:
    """Find the cells of a grid of rows x cols. Raises BadPicture when the file cannot be read.

    Every cell box is at least two pixels in size and holds no gutter pixel where gutters can be seen.
    """
    image = picture if isinstance(picture, Image.Image) else open_picture(picture, what="grid")
    image = image.convert("RGB")
    pixels: Pixels = np.asarray(image)
    scale = max(1, -(-max(image.size) // COARSE))
    coarse: Pixels = np.asarray(image.reduce(scale)) if scale > 1 else pixels
    across = Direction(pixels, coarse, scale, cols, rows)
    down = Direction(pixels.transpose(1, 0, 2), coarse.transpose(1, 0, 2), scale, rows, cols)
    style = _looked(across, down)
    cells = _cells(pixels, across, down, style)
    cuts = _cuts("x", across, cells, cols) + _cuts("y", down, cells, cols)
    return Layout(rows, cols, cells, cuts, all(cut.found for cut in cuts))


def _looked(across: Direction, down: Direction) -> Style | None:
    """Find all lines, coarse then fine; the second coarse look knows where the bands of cells really lie."""
    across.look(down.bands)
    down.look(across.bands)
    style = style_of(across.spots + down.spots, ring_of(across.coarse))
    for direction, other in ((across, down), (down, across)):
        direction.place(style, other.bands)
    for direction, other in ((across, down), (down, across)):
        direction.measure(other.bands)
    width = typical_width(across.widths() + down.widths(), style.width * across.scale if style else 0.0)
    for direction in (across, down):
        direction.settle(width)
    return style


def _cells(pixels: Pixels, across: Direction, down: Direction, style: Style | None) -> tuple[Box, ...]:
    outer = trim_borders(across, down, style)
    edges = [each for direction in (across, down) for each in direction.edges] + outer.edges
    size = (pixels.shape[1], pixels.shape[0])
    safety = max(LEAST, SAFETY / (across.cells / size[0] + down.cells / size[1]))
    margin = (depth_of(edges) if style or outer.colour else USUAL) - 0.5 + safety
    at = list(product(range(down.cells), range(across.cells)))
    colour = style.colour if style else outer.colour or corner_colour(pixels)
    panels = [_sides(across, down, row, col, 0.0) for row, col in at]
    radius = radius_of(pixels, panels, colour, 9.0) if colour else 0.0
    cells = [inscribed(_sides(across, down, row, col, margin), size) for row, col in at]
    return tuple(rounded_off(cell, max(0.0, radius - margin)) for cell in cells)


def _sides(across: Direction, down: Direction, row: int, col: int, margin: float) -> Sides:
    left, right = across.sides(row, col, margin)
    top, bottom = down.sides(col, row, margin)
    return Sides(left, right, top, bottom)


def _cuts(axis: Axis, direction: Direction, cells: tuple[Box, ...], cols: int) -> tuple[Cut, ...]:
    """Every cut as the stretch between the two cells beside it."""
    cuts = []
    for (index, band), found in sorted(direction.found.items()):
        row, col = (band, index) if axis == "x" else (index, band)
        before = cells[row * cols + col]
        after = cells[row * cols + col + 1] if axis == "x" else cells[(row + 1) * cols + col]
        start, end = (before.right, after.x) if axis == "x" else (before.bottom, after.y)
        cuts.append(Cut(axis, index, band, start, max(start, end), found.kind))
    return tuple(cuts)
