"""Upright boxes inside panels: between slanted lines, and inside rounded corners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, floor, hypot

import numpy as np

from sequences.media.grids.boxes import Box
from sequences.media.grids.strips import Colour, Flags, Floats, Line, Pixels, alike, floats

SLACK = 0.2  # of a pixel: how exactly a line is known
LARGEST = 0.12  # of a cell's short edge: no corner's radius is larger
ARC = 0.5  # of a pixel: how finely radii are told apart
ROUGH = 1.0  # columns added to a radius: the mixed pixels along an arc are not the gutter's colour any more


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


def radius_of(pixels: Pixels, panels: Sequence[Sides], colour: Colour, stray: float) -> float:
    """The radius of rounded corners, in pixels: what most corners of most panels show; 0 when they are square.

    Every pixel near a corner lies on the arc of one radius that touches both sides. Where corners are rounded, pixels
    on smaller arcs have the gutter's colour and those on larger ones have not. Dark pictures beside a black gutter
    have dark corners too, but each of a shape of its own.
    """
    shorter = min(min(each.right.at - each.left.at, each.bottom.at - each.top.at) for each in panels)
    reach = max(8, round(shorter * LARGEST))
    size = round(reach / ARC)
    count, like, corners, clear = np.zeros(size), np.zeros(size), 0, 0
    for arcs, same in _corners(pixels, panels, colour, stray, reach):
        far = same[arcs > reach]
        corners += 1
        if len(far) and float(far.mean()) < 0.5:
            clear += 1
            at = np.minimum(arcs / ARC, size - 1).astype(np.intp)
            count += np.bincount(at.ravel(), minlength=size)
            like += np.bincount(at.ravel(), weights=same.ravel(), minlength=size)
    if clear < max(2, 0.3 * corners):
        return 0.0
    count[-1] = like[-1] = 0
    total, all_of = np.cumsum(2 * like - count), np.cumsum(count)
    best = int(total.argmax())
    if total[best] < 0.4 * all_of[best] or total[best] < clear:
        return 0.0
    return (best + 1) * ARC + ROUGH


def _corners(
    pixels: Pixels, panels: Sequence[Sides], colour: Colour, stray: float, reach: int
) -> Iterator[tuple[Floats, Flags]]:
    """For each corner the radii of the arcs its pixels lie on, and which of them have the gutter's colour."""
    height, width = pixels.shape[:2]
    for panel, x_side, y_side in product(panels, ("left", "right"), ("top", "bottom")):
        upright, level = getattr(panel, x_side), getattr(panel, y_side)
        y = level.over(upright.at - width / 2)
        x = upright.over(y - height / 2)
        columns = np.arange(reach) + (round(x) if x_side == "left" else round(x) - reach)
        rows = np.arange(reach) + (round(y) if y_side == "top" else round(y) - reach)
        if columns[0] < 0 or rows[0] < 0 or columns[-1] >= width or rows[-1] >= height:
            continue
        patch = floats(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        u = np.abs(columns + 0.5 - upright.over(rows[:, None] + 0.5 - height / 2))
        v = np.abs(rows[:, None] + 0.5 - level.over(columns + 0.5 - width / 2))
        arcs = floats(u + v + np.sqrt(2 * u * v))
        first = np.median(patch[arcs <= np.partition(arcs, 3, axis=None)[3]], axis=0)
        near = alike((first[0], first[1], first[2]), colour, 36 + stray)
        same = (np.abs(patch - first).max(axis=2) <= stray + 10) & near
        inside = (u >= 0.6) & (v >= 0.6)
        yield arcs[inside], same[inside]


def corner_colour(pixels: Pixels) -> Colour | None:
    """The colour all four corners of the sheet have, if they have one."""
    corners = [floats(pixels[y, x]) for y in (0, -1) for x in (0, -1)]
    red, green, blue = (float(n) for n in np.median(corners, axis=0))
    return (red, green, blue) if np.abs(np.array(corners) - (red, green, blue)).max() <= 24 else None


def rounded_off(cell: Box, radius: float) -> Box:
    """The largest box inside the cell with its corners rounded off."""
    if not radius:
        return cell
    edge = hypot(cell.width, cell.height)
    x, y = (ceil(radius * (1 - side / edge)) for side in (cell.height, cell.width))
    return Box(cell.x + x, cell.y + y, max(2, cell.width - 2 * x), max(2, cell.height - 2 * y))
