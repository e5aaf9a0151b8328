"""The fine look: the straight line at which a picture begins beside a gutter, in full resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sequences.media.grids.strips import Colour, Floats, Line, Pixels, Strip, alike, floats, length

TILTS = tuple(float(n) for n in np.linspace(-0.004, 0.004, 17))  # about the slope the coarse look gave
CLEAR = 0.15  # share of rows in which the picture begins at one line, for that line to be believed
MIXED = 0.9  # of the picture's own distance from the gutter: columns below it are still part gutter
RINGING = 0.2  # of the picture's distance from the gutter: JPEG spreads that much into the gutter
DEPTH = 12  # columns of picture that are kept behind an edge to look for blur and frame lines


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a picture begins, seen from a gutter or the picture's outside.

    `share` of the rows agree on it. `behind` are the (agreeing) rows' first columns of picture, from the edge
    inwards, and `along` where those rows are.
    """

    line: Line
    share: float
    behind: Floats


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


def edge(strip: Strip, start: Line, colours: Floats, stray: float, *, right: bool) -> Edge | None:
    """The line right (or left) of `start`, a line inside the gutter, at which the picture begins; None if unclear."""
    pixels = strip.upright(strip.pixels, start.slope)
    column = round(strip.column(start))
    pixels = pixels[:, column:] if right else pixels[:, :column][:, ::-1]
    if pixels.shape[1] < 4:
        return None
    away = np.abs(pixels - colours[:, None]).max(axis=2)
    begins = _first(away > np.maximum(stray, RINGING * _ahead(away)))
    along = strip.along - strip.middle
    found = _voted(begins, along, pixels.shape[1])
    if not found:
        return None
    offset, tilt, share = found
    apart = begins - offset - tilt * along
    offset += float(np.percentile(apart[np.abs(apart) <= 1.5], 80)) if (np.abs(apart) <= 1.5).any() else 0.0
    agreeing = np.abs(apart) <= 2
    inwards = _from(pixels, offset + tilt * along)[agreeing]
    blur = _blur(_from(away[..., None], offset + tilt * along)[agreeing][..., 0], stray)
    moved = offset + blur if right else -(offset + blur)
    line = strip.line(column + moved, start.slope + (tilt if right else -tilt))
    return Edge(line, share, inwards[:, blur : blur + DEPTH])


def _first(picture: np.ndarray) -> Floats:
    """The first column of each row from which on (nearly) all is picture for three columns; the width if none."""
    padded = np.pad(picture, ((0, 0), (0, 2)), mode="edge").astype(np.int8)
    lasting = picture & (padded[:, 1:-1] + padded[:, 2:] >= 1)
    return floats(np.where(lasting.any(axis=1), lasting.argmax(axis=1), picture.shape[1]))


def _voted(begins: Floats, along: Floats, width: int) -> tuple[float, float, float] | None:
    """The line most rows begin at: its column at the middle row, its slope, the share of rows. The first of several."""
    inside = begins < width
    tables = []
    for tilt in TILTS:
        places = np.rint(begins[inside] - tilt * along[inside]).astype(np.intp)
        votes = np.bincount(np.clip(places, 0, width), minlength=width + 2).astype(np.float64)
        tables.append((np.convolve(votes, (0.7, 1, 0.7), "same")) / max(1, len(begins)))
    table = floats(tables)
    most = float(table.max())
    if most < CLEAR:
        return None
    strong = table.max(axis=0) >= max(CLEAR * 0.8, 0.3 * most)
    first = int(strong.argmax())
    until = min(first + 3, table.shape[1])
    tilt_at, column = np.unravel_index(int(table[:, first:until].argmax()), (len(TILTS), until - first))
    return float(first + column), TILTS[int(tilt_at)], float(table[tilt_at, first + column])


def _from(pixels: Floats, columns: Floats) -> Floats:
    """Each row's pixels from its own column on, DEPTH and four more; the last is repeated."""
    at = np.rint(columns).astype(np.intp)[:, None] + np.arange(DEPTH + 4)
    return floats(pixels[np.arange(len(pixels))[:, None], np.clip(at, 0, pixels.shape[1] - 1)])


def _ahead(away: Floats) -> Floats:
    """The most that each pixel or one of the next sixteen is away."""
    most = away
    for step in (1, 2, 4, 8):
        most = np.maximum(most, np.pad(most[:, step:], ((0, 0), (0, step))))
    return most


def _blur(away: Floats, stray: float) -> int:
    """How many columns behind the edge are still a mixture of gutter and picture."""
    deep = np.median(away[:, 4:9], axis=1)
    clear = deep > 2 * stray
    if clear.sum() < 4:
        return 1
    profile = np.minimum(away[clear] / deep[clear, None], 1.1).mean(axis=0)
    mixed = (profile[:4] < MIXED) & ((np.diff(profile[:5]) > 0.04) | (profile[:4] < 0.7))
    return min(length(mixed), 4)


def frame_width(edges: Sequence[Edge]) -> int:
    """How many pixels a thin line of one colour takes that is drawn round every panel, blur included; 0 if none is.

    Just behind the edges most pixels then have one colour; further in the pictures have all colours.
    """
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
    return int(np.flatnonzero(share[:7] > deep + 0.2 * (share[best] - deep))[-1]) + 1


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
