"""The fine look: the straight line at which a picture begins beside a gutter, in full resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sequences.media.grids.strips import Colour, Floats, Line, Pixels, Strip, alike, floats, length, most_of

TILTS = tuple(float(n) for n in np.linspace(-0.004, 0.004, 9))  # about the slope the coarse look gave
CLEAR = 0.15  # share of rows in which the picture begins at one line, for that line to be believed
RINGING = 0.2  # of the picture's distance from the gutter: JPEG spreads that much into the gutter
DEPTH = 12  # columns of picture that are kept behind an edge to look for blur and frame lines
BIN = 0.5  # of a column: how finely the places where rows begin are counted
CHROMA = 0.3  # of colour beside brightness: JPEG keeps colour at half the resolution, so its edges say less
BAR = 0.6  # share of rows that agree on the far edge of a letterbox's bar
DARK = 40  # levels: bars are black
BAR_COLOUR = 24  # levels that a letterbox's bar differs from a gutter, to be taken for a part of it
WITHIN = 6  # columns behind an edge at which every picture is itself
STEP = 0.25  # of a column: how finely that is looked at
MIXED = 0.15  # of what stands out most behind the edges: what stands out less is picture
BLURRED = 1.4  # columns: no blur that is believed reaches further
DEEPEST = 3.6  # columns: what reaches further is no line round panels
FRAMED = 0.75  # of what stands out at the edge: where half a column behind it more does, there is a frame line
ONE_COLOUR = 45.0  # levels that most of a frame line's pixels differ from its colour at most
USUAL = 0.4  # columns, where that cannot be told: edges are never sharper


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a picture begins, seen from a gutter or the picture's outside.

    `line` is where gutter and picture are half each. `share` of the rows agree on it. `behind` are the (agreeing)
    rows' pixels from the edge inwards, and `depths` how far behind the edge the middle of each row's first one lies.
    """

    line: Line
    share: float
    behind: Floats
    depths: Floats


def gutter_colours(strip: Strip, line: Line, width: float) -> tuple[Floats, float]:
    """The gutter's colour in every row (a straight gradient along it), and how far its pixels stray from it."""
    half = max(0, int(width * 0.25))
    middle = round(strip.column(line) - 0.5)
    upright = strip.upright(strip.pixels, line.slope)
    inside = upright[:, max(0, middle - half) : middle + half + 1]
    rows = np.median(inside, axis=1)
    colours = _straight(rows, strip.along)
    away = most_of(np.abs(inside - colours[:, None]))
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
    return floats(np.abs(bright) + CHROMA * most_of(np.abs(apart - bright[..., None])))


def edge(strip: Strip, start: Line, colours: Floats, stray: float, *, right: bool) -> Edge | None:
    """The line right (or left) of `start`, a line inside the gutter, at which the picture begins; None if unclear."""
    pixels = strip.upright(strip.pixels, start.slope)
    column = round(strip.column(start))
    pixels = pixels[:, column:] if right else pixels[:, :column][:, ::-1]
    if pixels.shape[1] < 4:
        return None
    away = unlike(pixels, colours[:, None])
    along = strip.along - strip.middle
    moved_less = np.rint(start.slope * along) - start.slope * along  # `upright` moves rows by whole columns
    begins = _begins(away, stray * 0.8)
    begins = np.where(begins < pixels.shape[1], begins + (moved_less if right else -moved_less), pixels.shape[1])
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
    seen_at = offset + tilt * along - (moved_less if right else -moved_less)
    behind, depths = _from(pixels[near], seen_at[near])
    moved = offset if right else -offset
    line = strip.line(column + moved, start.slope + (tilt if right else -tilt))
    return Edge(line, float(near.mean()), behind, depths)


def past_bars(strip: Strip, found: Edge, colours: Floats, stray: float, width: float, *, right: bool) -> Edge:
    """The edge, or the one behind an even stripe of about the gutter's colour that begins there: a letterbox's bar.

    A stripe that does not end within the strip is picture.
    """
    for _ in range(3):
        apart = strip.upright(strip.pixels - colours[:, None], found.line.slope)
        column = strip.column(found.line)
        apart = apart[:, round(column) :] if right else apart[:, : round(column)][:, ::-1]
        dark = float(colours.mean()) <= DARK
        if not dark or not (run := _stripe(apart, stray)):
            return found
        inside = found.line.moved(run - 2 if right else 2 - run)
        behind = edge(strip, inside, *gutter_colours(strip, inside, 2), right=right)
        if behind and behind.share >= BAR:
            found = behind
        elif abs(run - width) <= max(2, 0.15 * width):
            line = found.line.moved(run if right else -run)
            found = Edge(line, found.share, found.behind[:0], found.depths[:0])
        else:
            return found
    return found


def _stripe(apart: Floats, stray: float) -> int:
    """How many columns of one colour near the gutter's begin behind the first two; 0 if none or if all are."""
    seen = apart[:, 1:]
    typical = np.median(seen, axis=0)
    uneven = np.percentile(most_of(np.abs(seen - typical)), 85, axis=0)
    even = (np.abs(typical).max(axis=1) <= BAR_COLOUR) & (uneven <= 0.7 * stray)
    even[:2] |= even[2:3]
    run = length(even) + 1
    return 0 if run < 6 or run >= len(even) else run


def _begins(away: Floats, stray: float) -> Floats:
    """Where in each row the picture begins, to a part of a column; the width if nowhere."""
    width = away.shape[1]
    picture = away > np.maximum(stray, RINGING * _ahead(away))
    padded = np.pad(picture, ((0, 0), (0, 2)), mode="edge").astype(np.int8)
    lasting = picture & (padded[:, 1:-1] + padded[:, 2:] >= 1)
    first = np.where(lasting.any(axis=1), lasting.argmax(axis=1), width)
    at = np.minimum(first[:, None] + np.arange(1, 5), width - 1)
    plateau = np.median(np.take_along_axis(away, at, axis=1), axis=1)
    begins = _crossing(away, np.maximum(plateau * 0.5, stray * 0.5), np.maximum(first - 1, 0))
    return floats(np.where(first < width, begins, width))


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


def _from(pixels: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Each row's pixels whose middles lie behind its own column, DEPTH of them (the last is repeated), and how far
    behind it the first one's does."""
    first = np.ceil(columns - 0.5).astype(np.intp)
    at = np.clip(first[:, None] + np.arange(DEPTH), 0, pixels.shape[1] - 1)
    return floats(pixels[np.arange(len(pixels))[:, None], at]), floats(first + 0.5 - columns)


def _ahead(away: Floats) -> Floats:
    """The most that each pixel or one of the next sixteen is away."""
    most = away
    for step in (1, 2, 4, 8):
        most = np.maximum(most, np.pad(most[:, step:], ((0, 0), (0, step))))
    return most


def depth_of(edges: Sequence[Edge]) -> float:
    """How far behind their edges a sheet's pictures are themselves, in columns: past blur and thin frame lines.

    There pixels differ from those further in no more than these do among each other, in the middle of all rows: what
    is drawn round every panel stands out, what is in one of the pictures does not.
    """
    rows = [np.linspace(0, len(each.behind) - 1, min(100, len(each.behind))).astype(int) for each in edges]
    if sum(map(len, rows)) < 20:
        return USUAL
    behind = np.concatenate([each.behind[at] for each, at in zip(edges, rows, strict=True)])
    depths = np.concatenate([each.depths[at] for each, at in zip(edges, rows, strict=True)])
    inner = np.median(behind[:, WITHIN:], axis=1)
    apart = unlike(behind, inner[:, None])
    rough = apart[:, WITHIN:].max(axis=1)
    base = float(np.median(apart[:, WITHIN:]))
    clear = (rough <= max(12.0, float(np.percentile(rough, 50)))) & (apart[:, :2].max(axis=1) > 3 * base + 10)
    if clear.sum() < 20:
        return USUAL
    at = (depths[clear, None] + np.arange(WITHIN)).ravel()
    values = apart[clear, :WITHIN].ravel()
    steps = np.arange(0, WITHIN - 0.5, STEP)
    typical = np.array([_middle(values[np.abs(at - n) <= STEP]) for n in steps])
    seen = np.interp(steps, steps[~np.isnan(typical)], typical[~np.isnan(typical)])
    seen = np.median(np.lib.stride_tricks.sliding_window_view(np.pad(seen, 1, mode="edge"), 3), axis=1)
    peak = int(seen[: round(2.5 / STEP)].argmax())
    picture = seen[peak:] <= base + MIXED * max(float(seen[peak]) - base, 0)
    if not picture.any():
        return USUAL
    framed = seen[round(0.5 / STEP)] > FRAMED * seen[0] and _of_one_colour(behind[clear], depths[clear])
    depth = float(steps[peak + picture.argmax()])
    if depth > DEEPEST:
        return USUAL
    return max(USUAL, depth + 0.2) if framed else float(np.clip(depth - 0.4, USUAL, BLURRED))


def _of_one_colour(behind: Floats, depths: Floats) -> bool:
    """Whether a pixel right behind the edge has one colour in most rows: a frame line's goes round every panel,
    pictures differ."""
    first = (depths < 0.5).astype(np.intp)
    pixels = [behind[np.arange(len(behind)), first + n] for n in range(2)]
    return min(float(np.median(most_of(np.abs(seen - np.median(seen, axis=0))))) for seen in pixels) <= ONE_COLOUR


def _middle(values: Floats) -> float:
    return float(np.median(values)) if len(values) >= 8 else float("nan")


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
