"""The fine look: the straight line at which a picture begins beside a gutter, in full resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sequences.media.grids.strips import Colour, Floats, Line, Pixels, Strip, alike, floats

TILTS = tuple(float(n) for n in np.linspace(-0.004, 0.004, 9))  # about the slope the coarse look gave
CLEAR = 0.15  # share of rows in which the picture begins at one line, for that line to be believed
RINGING = 0.2  # of the picture's distance from the gutter: JPEG spreads that much into the gutter
DEPTH = 12  # columns of picture that are kept behind an edge to look for blur and frame lines
BIN = 0.5  # of a column: how finely the places where rows begin are counted
CHROMA = 0.3  # of colour beside brightness: JPEG keeps colour at half the resolution, so its edges say less
SHARP = 0.4  # columns between half and nine tenths of a picture whose edge is not blurred at all
BLURRED = 1.9  # the same for the softest edges that are believed


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a picture begins, seen from a gutter or the picture's outside.

    `line` is where gutter and picture are half each. `share` of the rows agree on it. `behind` are the (agreeing)
    rows' first columns of picture, from the edge inwards; `soft` the columns from half to nine tenths of a picture,
    in each row where that can be told.
    """

    line: Line
    share: float
    behind: Floats
    soft: Floats


def gutter_colours(strip: Strip, line: Line, width: float) -> tuple[Floats, float]:
    """The gutter's colour in every row (a straight gradient along it), and how far its pixels stray from it."""
    half = max(0, int(width * 0.25))
    middle = round(strip.column(line) - 0.5)
    upright = strip.upright(strip.pixels, line.slope)
    inside = upright[:, max(0, middle - half) : middle + half + 1]
    rows = np.median(inside, axis=1)
    colours = _straight(rows, strip.along)
    away = np.abs(inside - colours[:, None]).max(axis=2)
    return colours, float(np.clip(1.3 * np.percentile(away, 90) + 3, 6, 24))


def _straight(values: Floats, along: Floats) -> Floats:
    """Each channel as a straight line along the rows, of medians so that a label in the way does not count."""
    parts = np.array_split(np.arange(len(along)), min(6, len(along)))
    places = [float(along[part].mean()) for part in parts]
    medians = floats([np.median(values[part], axis=0) for part in parts])
    steps = np.diff(medians, axis=0) / np.diff(places)[:, None] if len(parts) > 1 else np.zeros((1, 3))
    slope = np.median(steps, axis=0)
    base = np.median(medians - slope * floats(places)[:, None], axis=0)
    return floats(base + along[:, None] * slope)


def unlike(pixels: Floats, colours: Any) -> Floats:
    """How far pixels are from colours: mostly in brightness, a little in colour."""
    apart = pixels - colours
    bright = apart @ floats((0.299, 0.587, 0.114))
    return floats(np.abs(bright) + CHROMA * np.abs(apart - bright[..., None]).max(axis=-1))


def edge(strip: Strip, start: Line, colours: Floats, stray: float, *, right: bool) -> Edge | None:
    """The line right (or left) of `start`, a line inside the gutter, at which the picture begins; None if unclear."""
    pixels = strip.upright(strip.pixels, start.slope)
    column = round(strip.column(start))
    pixels = pixels[:, column:] if right else pixels[:, :column][:, ::-1]
    if pixels.shape[1] < 4:
        return None
    away = unlike(pixels, colours[:, None])
    begins, plateau = _begins(away, stray * 0.8)
    along = strip.along - strip.middle
    found = _voted(begins, along, pixels.shape[1])
    if not found:
        return None
    offset, tilt = found
    apart = begins - offset - tilt * along
    for reach in (1.5, 1.0):
        near = np.abs(apart) <= reach
        if near.sum() >= 8:
            extra, base = np.polyfit(along[near], apart[near], 1)
            tilt, offset = tilt + float(extra), offset + float(base)
            apart = begins - offset - tilt * along
    near = np.abs(apart) <= 1.25
    clear = near & (plateau > 3 * stray)
    soft = _crossing(away[clear], plateau[clear] * 0.88) - begins[clear]
    inwards = _from(pixels[near], (offset + tilt * along)[near])
    moved = offset if right else -offset
    line = strip.line(column + moved, start.slope + (tilt if right else -tilt))
    return Edge(line, float(near.mean()), inwards, floats(soft))


def _begins(away: Floats, stray: float) -> tuple[Floats, Floats]:
    """Where in each row the picture begins, to a part of a column (the width if nowhere), and how far it then is."""
    width = away.shape[1]
    picture = away > np.maximum(stray, RINGING * _ahead(away))
    padded = np.pad(picture, ((0, 0), (0, 2)), mode="edge").astype(np.int8)
    lasting = picture & (padded[:, 1:-1] + padded[:, 2:] >= 1)
    first = np.where(lasting.any(axis=1), lasting.argmax(axis=1), width)
    at = np.minimum(first[:, None] + np.arange(1, 5), width - 1)
    plateau = np.median(np.take_along_axis(away, at, axis=1), axis=1)
    begins = _crossing(away, np.maximum(plateau * 0.5, stray * 0.5), np.maximum(first - 1, 0))
    return floats(np.where(first < width, begins, width)), floats(plateau)


def _crossing(away: Floats, level: Floats, start: Any = None) -> Floats:
    """Where each row first reaches its level, between the middles of two columns."""
    columns = np.arange(away.shape[1])
    reached = away >= level[:, None]
    if start is not None:
        reached &= columns >= start[:, None]
    first = np.where(reached.any(axis=1), reached.argmax(axis=1), away.shape[1] - 1)
    rows = np.arange(len(away))
    here, before = away[rows, first], away[rows, np.maximum(first - 1, 0)]
    before = np.where(first > 0, before, 0)
    part = np.clip((level - before) / np.maximum(here - before, 1e-3), 0, 1)
    return floats(first - 0.5 + part)


def _voted(begins: Floats, along: Floats, width: int) -> tuple[float, float] | None:
    """The line most rows begin at: its column at the middle row and its slope. The first of several strong ones."""
    inside = begins < width
    tables = []
    for tilt in TILTS:
        places = np.rint((begins[inside] - tilt * along[inside]) / BIN).astype(np.intp)
        votes = np.bincount(np.clip(places, 0, round(width / BIN)), minlength=round(width / BIN) + 2)
        tables.append(np.convolve(votes, (0.5, 1, 1, 1, 0.5), "same") / max(1, len(begins)))
    table = floats(tables)
    most = float(table.max())
    if most < CLEAR:
        return None
    strong = table.max(axis=0) >= max(CLEAR * 0.8, 0.3 * most)
    first = int(strong.argmax())
    until = min(first + round(2 / BIN), table.shape[1])
    tilt_at, column = np.unravel_index(int(table[:, first:until].argmax()), (len(TILTS), until - first))
    return float(first + column) * BIN, TILTS[int(tilt_at)]


def _from(pixels: Floats, columns: Floats) -> Floats:
    """Rows' pixels whose middles lie behind their own column, DEPTH of them; the last is repeated.

    Of those rows in which the first of these pixels lies well inside, if there are any.
    """
    first = np.ceil(columns - 0.5)
    inside = np.abs(first - columns) <= 0.25
    rows = np.flatnonzero(inside) if inside.sum() >= 8 else np.arange(len(pixels))
    at = first.astype(np.intp)[rows, None] + np.arange(DEPTH)
    return floats(pixels[rows[:, None], np.clip(at, 0, pixels.shape[1] - 1)])


def _ahead(away: Floats) -> Floats:
    """The most that each pixel or one of the next sixteen is away."""
    most = away
    for step in (1, 2, 4, 8):
        most = np.maximum(most, np.pad(most[:, step:], ((0, 0), (0, step))))
    return most


def softness(edges: Sequence[Edge]) -> float:
    """Columns between a picture's half and nine tenths, at the edges of one sheet: how far it is blurred."""
    soft = np.concatenate([np.zeros(0), *(each.soft for each in edges)])
    return float(np.clip(np.percentile(soft, 40), SHARP, BLURRED)) if len(soft) >= 20 else SHARP


def frame_width(edges: Sequence[Edge]) -> float:
    """How many pixels a thin line of one colour takes that is drawn round every panel; 0 if none is.

    Just behind the edges most pixels then have one colour; further in the pictures have all colours.
    """
    edges = [each for each in edges if len(each.behind)]
    if len(edges) < 3:
        return 0
    rows = min(100, max(len(each.behind) for each in edges))
    pool = np.concatenate([each.behind[np.linspace(0, len(each.behind) - 1, rows).astype(int)] for each in edges])
    shares = [_near(pool, _common(pool[:, n])) for n in range(3)]
    best = max(range(3), key=lambda n: float(shares[n][n]))
    share = shares[best]
    deep = float(np.median(share[7:]))
    if share[best] < 0.5 or share[best] - deep < 0.28:
        return 0
    return _frame_end(pool, _common(pool[:, best]), best)


def _frame_end(pool: Floats, colour: Floats, best: int) -> float:
    """Where most rows leave the frame's colour."""
    away = unlike(pool, colour)
    away[:, : best + 1] = 0
    plateau = np.median(away[:, best + 2 : best + 6], axis=1)
    ends = _crossing(away, np.maximum(plateau * 0.5, 8))
    clear = (plateau > 40) & (ends < 8)
    return float(np.median(ends[clear])) + 0.5 if clear.sum() >= 10 else best + 1.0


def _common(column: Floats) -> Floats:
    return floats(np.median(column, axis=0))


def _near(pool: Floats, colour: Floats) -> Floats:
    """For each column the share of pixels near a colour."""
    return floats((np.abs(pool - colour).max(axis=2) <= 45).mean(axis=0))


def outer_strip(pixels: Pixels, widest: int, *, far: bool) -> tuple[Pixels, Strip]:
    """The columns at the left (far: right, seen from there) outside of a picture, all rows but a few."""
    seen = pixels[:, ::-1] if far else pixels
    inset = round(len(seen) * 0.02)
    return seen, Strip(seen, (inset, len(seen) - inset), (0, 2 * widest), 480)


def border(strip: Strip, colour: Colour | None) -> Edge | None:
    """The border at the outside a strip begins with: even, of the gutters' colour when that is known."""
    outermost = Line(strip.first + 1.0)
    colours, stray = gutter_colours(strip, outermost, 1)
    typical = tuple(float(n) for n in np.median(colours, axis=0))
    if colour is not None and not alike((typical[0], typical[1], typical[2]), colour, 45):
        return None
    if float((np.abs(strip.pixels[:, 0] - colours).max(axis=1) > stray + 4).mean()) > 0.12:
        return None
    return edge(strip, Line(strip.first), colours, stray, right=True)
