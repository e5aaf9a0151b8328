"""Upright boxes inside panels: between slanted lines, and inside rounded corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, hypot, sqrt

import numpy as np

from sequences.media.grids.boxes import Box
from sequences.media.grids.strips import Colour, Line, Pixels, alike, floats, length

SLACK = 0.2  # of a pixel: how exactly a line is known
DIAGONAL = 1 - 1 / sqrt(2)  # of a radius: how far into its square's corner a rounded corner reaches, in x and in y


@dataclass(frozen=True, slots=True)
class Sides:
    """The four lines a panel lies between; columns for left and right, rows for top and bottom."""

    left: Line
    right: Line
    top: Line
    bottom: Line


def inscribed(sides: Sides, size: tuple[int, int]) -> Box:
    """A largest upright box between four nearly straight lines, never outside the picture, at least 2×2 pixels."""
    width, height = size
    top, bottom = sides.top.at, sides.bottom.at
    left, right = sides.left.at, sides.right.at
    for _ in range(3):
        ys, xs = (top - height / 2, bottom - height / 2), (left - width / 2, right - width / 2)
        left, right = max(map(sides.left.over, ys)), min(map(sides.right.over, ys))
        top, bottom = max(map(sides.top.over, xs)), min(map(sides.bottom.over, xs))
    x, x1 = _whole(left, right, width)
    y, y1 = _whole(top, bottom, height)
    return Box(x, y, x1 - x, y1 - y)


def _whole(start: float, end: float, most: int) -> tuple[int, int]:
    first = min(max(0, ceil(start - SLACK)), most - 2)
    return first, max(min(most, floor(end + SLACK)), first + 2)


def radius_of(pixels: Pixels, cells: Sequence[Box], colour: Colour, stray: float, frame: int) -> float:
    """The radius of rounded corners, in pixels: what most corners of most cells show; 0 when they are square.

    A corner counts as rounded when the gutter's colour reaches some way along its diagonal. Dark pictures beside a
    black gutter do that too, but each to a depth of its own; rounded corners agree.
    """
    depths = np.array([depth for cell in cells for depth in _depths(pixels, cell, colour, stray)])
    agreeing = np.abs(depths[:, None] - depths) <= np.maximum(1.5, 0.3 * depths)
    votes = np.where(depths >= 1, agreeing.sum(axis=1), 0)
    if votes.max() < max(3, 0.45 * len(depths)):
        return 0.0
    typical = float(np.percentile(depths[agreeing[int(votes.argmax())]], 80))
    return (typical + 0.7 * frame + 0.5) / DIAGONAL if typical >= 2 else 0.0


def corner_colour(pixels: Pixels) -> Colour | None:
    """The colour all four corners of the sheet have, if they have one."""
    corners = [floats(pixels[y, x]) for y in (0, -1) for x in (0, -1)]
    red, green, blue = (float(n) for n in np.median(corners, axis=0))
    return (red, green, blue) if np.abs(np.array(corners) - (red, green, blue)).max() <= 24 else None


def _depths(pixels: Pixels, cell: Box, colour: Colour, stray: float) -> list[int]:
    """How many pixels of the gutter's colour lie on the diagonal from each corner of a cell."""
    part = pixels[cell.y : cell.bottom, cell.x : cell.right]
    return [_depth(turned, colour, stray) for turned in (part, part[:, ::-1], part[::-1], part[::-1, ::-1])]


def _depth(part: Pixels, colour: Colour, stray: float) -> int:
    """0 when the corner has another colour, or has the gutter's for further than any rounded corner would."""
    most = max(6, round(min(part.shape[:2]) * 0.05))
    diagonal = floats([part[n, n] for n in range(min(most, *part.shape[:2]))])
    first = tuple(float(n) for n in diagonal[0])
    if not alike((first[0], first[1], first[2]), colour, 24 + stray):
        return 0
    depth = length(np.abs(diagonal - np.median(diagonal[:2], axis=0)).max(axis=1) <= stray + 6)
    return depth if depth < len(diagonal) else 0


def rounded_off(cell: Box, radius: float) -> Box:
    """The largest box inside the cell with its corners rounded off."""
    if not radius:
        return cell
    edge = hypot(cell.width, cell.height)
    x, y = (ceil(radius * (1 - side / edge)) for side in (cell.height, cell.width))
    return Box(cell.x + x, cell.y + y, max(2, cell.width - 2 * x), max(2, cell.height - 2 * y))
