"""Where the cells of a grid picture really are.

A gutter is a straight band of one colour with picture on both sides. It is looked for near each equal
division, separately beside every row (column) of cells, because models draw them out of line; then the one
style of gutter (colour and width) that explains most places decides. Pictures that touch are parted at
their strongest seam.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from sequences.media.grids.boxes import Box
from sequences.media.grids.pictures import open_picture
from sequences.media.grids.strips import Colour, Floats, Pixels, Run, Strip, alike, seen_from

Kind = Literal["gutter", "seam", "equal"]
Axis = Literal["x", "y"]
Place = tuple[int, int]

REACH = 0.12  # of the picture's edge: how far from the equal division a cut is looked for
WIDEST = 0.055  # of the picture's edge: no gutter or border is wider
SAME_COLOUR = 26.0
GUTTER_SCORE, STYLE_SCORE, BORDER_SCORE, SEAM_SCORE = 0.22, 0.3, 0.3, 0.22


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut between two cells' rows or columns, beside one band of cells, in whole-picture pixels [start,
    end).

    `axis` "x" parts columns (start and end are x), "y" parts rows. `index` counts cuts, `band` the row
    (column) of cells it runs beside. `kind` says whether a gutter was seen, a seam between touching
    pictures, or neither.
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
    """The cells of a grid, left to right, top to bottom, free of gutters and border. `found`: all cuts were
    seen."""

    rows: int
    cols: int
    cells: tuple[Box, ...]
    cuts: tuple[Cut, ...]
    found: bool


def find_cells(picture: Image.Image | Path | str, rows: int, cols: int) -> Layout:
    """Find the cells of a grid of rows x cols. Raises BadPicture when the file cannot be read.

    Every cell box is at least two pixels in size and holds no gutter pixel where gutters can be seen.
    """
    image = picture if isinstance(picture, Image.Image) else open_picture(picture, what="grid")
    pixels: Pixels = np.asarray(image.convert("RGB"))
    across = _Direction(pixels, cols, rows, "x")
    down = _Direction(np.ascontiguousarray(pixels.transpose(1, 0, 2)), rows, cols, "y")
    for _ in range(2):  # the second look knows where the bands of cells really lie
        across.look(down.bands)
        down.look(across.bands)
    style = _style(across.runs + down.runs)
    across.decide(style)
    down.decide(style)
    if style:
        _trimmed(across, down, style)
    cells = tuple(_cell(across.spans[row][col], down.spans[col][row]) for row, col in product(range(rows), range(cols)))
    cuts = tuple(across.cuts + down.cuts)
    return Layout(rows, cols, cells, cuts, all(cut.found for cut in cuts))


def _cell(across: tuple[int, int], down: tuple[int, int]) -> Box:
    return Box(across[0], down[0], across[1] - across[0], down[1] - down[0])


@dataclass(frozen=True, slots=True)
class Style:
    """What this picture's gutters look like."""

    colour: Colour
    width: int
    uneven: float


def _style(places: list[list[Run]]) -> Style | None:
    """The colour that explains most places, if it explains enough of them; width and evenness are its
    medians."""
    best: Run | None = None
    most = 0.0
    for run in chain.from_iterable(places):
        total = sum(max((r.score for r in runs if _same(r, run.colour)), default=0.0) for runs in places)
        if total > most:
            best, most = run, total
    if best is None or most / len(places) < STYLE_SCORE:
        return None
    return _averaged([likely for runs in places if (likely := _likeliest(runs, best.colour))])


def _likeliest(runs: list[Run], colour: Colour) -> Run | None:
    fits = [run for run in runs if _same(run, colour) and run.score >= GUTTER_SCORE]
    return max(fits, key=lambda run: (round(run.score, 1), run.width), default=None)


def _averaged(runs: list[Run]) -> Style | None:
    if not runs:
        return None
    red, green, blue = (float(np.median([run.colour[n] for run in runs])) for n in range(3))
    width = round(float(np.median([run.width for run in runs])))
    return Style((red, green, blue), width, float(np.median([run.uneven for run in runs])))


def _same(run: Run, colour: Colour) -> bool:
    return alike(run.colour, colour, SAME_COLOUR)


class _Direction:
    """All cuts in one direction. Works on columns; the rows' direction is given the transposed picture."""

    def __init__(self, pixels: Pixels, cells: int, bands: int, axis: Axis) -> None:
        self.pixels, self.cells, self.count, self.axis = pixels, cells, bands, axis
        self.size = pixels.shape[1]
        self.widest = max(3, round(self.size * WIDEST))
        self.lines = [round(self.size * n / cells) for n in range(1, cells)]
        self.where: list[tuple[int, int]] = []
        self.strips: list[list[Strip]] = []
        self.runs: list[list[Run]] = []
        self.cuts: list[Cut] = []
        self.spans: list[list[tuple[int, int]]] = []

    @property
    def bands(self) -> list[tuple[int, int]]:
        """The stretches between the cuts as far as they are known, a little narrower; the other direction's
        bands."""
        inset = round(self.size / self.cells * 0.06)
        return [(a + inset, b - inset) for a, b in pairwise([0, *self.lines, self.size])]

    def look(self, bands: list[tuple[int, int]]) -> None:
        """Collect what could be a gutter at each cut beside each band, and sharpen the lines by what is
        likeliest."""
        self.where = bands
        reach = round(self.size * min(REACH, 0.36 / self.cells))
        even = [round(self.size * n / self.cells) for n in range(1, self.cells)]
        self.strips = [[Strip(self.pixels, band, (x - reach, x + reach)) for x in even] for band in bands]
        self.runs = [strip.runs(self.widest) for row in self.strips for strip in row]
        if style := _style(self.runs):
            self.lines = [self._line(index, style) for index in range(self.cells - 1)]

    def decide(self, style: Style | None) -> None:
        """Settle every cut and the outer borders, and from them the stretch of each cell."""
        own = self._own(style) if style else None
        places = {at: self._place(*at, own) for at in product(range(self.count), range(self.cells - 1))}
        cuts = {at: self._cut(*at, own, place) for at, place in self._shared(places, own).items()}
        self.cuts = [cuts[band, i] for i in range(self.cells - 1) for band in range(self.count)]
        for band in range(self.count):
            starts = [0, *(cuts[band, i].end for i in range(self.cells - 1))]
            ends = [*(cuts[band, i].start for i in range(self.cells - 1)), self.size]
            self.spans.append([(a, max(b, a + 2)) for a, b in zip(starts, ends, strict=True)])

    def _own(self, style: Style) -> Style:
        """The same style with the width this direction's gutters have, measured with the colour now known."""
        widths = []
        for band, index in product(range(self.count), range(self.cells - 1)):
            strip = self.strips[band][index]
            if place := _matched(strip, style, self.lines[index]):
                start, end = _stretched(strip.facing(style.colour, 0).even <= _tolerance(style), *place)
                widths.append(end - start)
        fits = [width for width in widths if width <= self.widest]
        return replace(style, width=round(float(np.median(fits)))) if fits else style

    def _line(self, index: int, style: Style) -> int:
        runs = [_likeliest(self.runs[b * (self.cells - 1) + index], style.colour) for b in range(self.count)]
        middles = [(run.start + run.end) // 2 for run in runs if run is not None]
        return int(np.median(middles)) if middles else self.lines[index]

    def _place(self, band: int, index: int, style: Style | None) -> Place | None:
        """Where the gutter is beside one band, in whole-picture pixels."""
        strip = self.strips[band][index]
        found = _matched(strip, style, self.lines[index]) if style else None
        return (strip.first + found[0], strip.first + found[1]) if found else None

    def _shared(
        self, places: dict[tuple[int, int], Place | None], style: Style | None
    ) -> dict[tuple[int, int], Place | None]:
        """Where cells have the gutter's own colour it cannot be seen: there the bands beside say where it
        is."""
        shared = dict(places)
        for (band, index), place in places.items():
            others = [p for (_, i), p in places.items() if i == index and p]
            if place or not style or not others:
                continue
            start, end = (round(float(np.median([p[side] for p in others]))) for side in (0, 1))
            strip = self.strips[band][index]
            even = strip.facing(style.colour, 0).even[start - strip.first : end - strip.first]
            if even.size and float(even.mean()) <= 1.5 * _tolerance(style):
                shared[band, index] = (start, end)
        return shared

    def _cut(self, band: int, index: int, style: Style | None, place: Place | None) -> Cut:
        if not style or not place:
            return self._unseen(band, index)
        strip = self.strips[band][index]
        start, end = _grown(strip, style, place[0] - strip.first, place[1] - strip.first, self.size)
        return Cut(self.axis, index, band, strip.first + start, strip.first + end, "gutter")

    def _unseen(self, band: int, index: int) -> Cut:
        """The strongest seam over all bands, or else the equal division; either with a safe margin."""
        broken = np.mean([row[index].broken for row in self.strips], axis=0)
        first = self.strips[band][index].first
        middle = round(self.size * (index + 1) / self.cells)
        near = np.exp(-(((np.arange(len(broken)) + first - middle) / (self.size * 0.06)) ** 2))
        clear = (broken - np.median(broken)) * near
        if len(clear) and clear.max() >= SEAM_SCORE:
            low, high = _seam(clear, max(8, round(self.size * 0.008)))
            margin = max(2, round(self.size * 0.0015))
            return Cut(self.axis, index, band, first + low - margin, first + high + margin, "seam")
        margin = max(1, round(self.size / self.cells * 0.006))
        return Cut(self.axis, index, band, middle - margin, middle + margin, "equal")

    def border(self, style: Style, *, far: bool, hint: int = 0) -> Border:
        """The border at one outer side, as far as its bands agree on it; `hint` is how wide the other sides' is."""
        pixels = self.pixels[:, ::-1] if far else self.pixels
        strips = [Strip(pixels, band, (0, 2 * self.widest)) for band in self.where]
        found = [_border(strip, style, self.widest) for strip in strips]
        clear = [width for width, seen in found if seen]
        typical = hint or (round(float(np.median(clear))) if clear else 0)
        agreeing = sum(abs(width - typical) <= max(2, typical * 0.15) for width in clear)
        ends = [_grown(strip, style, 0, typical, self.size)[1] for strip in strips]
        fitting = sum(width >= typical - 2 for width, _ in found)
        likely = bool(typical) and (agreeing * 2 >= self.count or fitting == self.count)
        return Border(ends, typical, likely, agreeing == self.count)

    def trim(self, near: Border, far: Border) -> None:
        """Take the borders that are real away from the outer cells."""
        for band, spans in enumerate(self.spans):
            if near.real:
                spans[0] = (min(near.ends[band], spans[0][1] - 2), spans[0][1])
            if far.real:
                spans[-1] = (spans[-1][0], max(self.size - far.ends[band], spans[-1][0] + 2))


@dataclass
class Border:
    """One outer side: how much to trim beside each band, and whether some or all bands agree on it."""

    ends: list[int]
    width: int
    likely: bool
    sure: bool
    real: bool = False


def _trimmed(across: _Direction, down: _Direction, style: Style) -> None:
    """A border goes round the picture: believe a side that is sure of it, or one that most other sides agree with.

    The one side left over may be lost in pictures of the border's own colour: there its width is the others'.
    """
    sides = [(across, False), (across, True), (down, False), (down, True)]
    borders = [direction.border(style, far=far) for direction, far in sides]
    widths = [border.width for border in borders if border.likely]
    if len(widths) == 3:
        lost = next(n for n, border in enumerate(borders) if not border.likely)
        borders[lost] = sides[lost][0].border(style, far=sides[lost][1], hint=round(float(np.median(widths))))
    likely = sum(border.likely for border in borders)
    for border in borders:
        border.real = border.likely and likely >= (2 if border.sure else 3)
    across.trim(borders[0], borders[1])
    down.trim(borders[2], borders[3])


def _border(strip: Strip, style: Style, widest: int) -> tuple[int, bool]:
    """How many columns from the outside have the gutter's colour, and whether picture clearly begins behind
    them."""
    facing = strip.facing(style.colour, seen_from(style.uneven))
    width = _length(facing.even <= _tolerance(style))
    clear = 0 < width <= widest and float(facing.seen[width : width + 4].max(initial=0)) >= BORDER_SCORE
    return width, clear


def _matched(strip: Strip, style: Style, line: int) -> tuple[int, int] | None:
    """Where a band of the style's width fits best: its colour inside, picture on both sides (or on one)."""
    facing = strip.facing(style.colour, seen_from(style.uneven))
    best, place = GUTTER_SCORE, None
    for width in range(max(1, style.width - 2), style.width + 3):
        starts = np.arange(4, strip.width - width - 4)
        left, right = facing.seen[starts - 3], facing.seen[starts + width + 2]
        inside = _means(facing.seen, width)[starts] * 1.6 + _means(facing.even, width)[starts] * 0.008
        far = np.abs(starts + width / 2 + strip.first - line)
        score = 0.4 * (left + right) + 0.2 * np.minimum(left, right) - inside + 0.1 * np.exp(-((far / 3) ** 2))
        score += 0.004 * width - 0.2 * far / (strip.width + 1)
        if len(score) and score.max() > best:
            best, start = float(score.max()), int(starts[score.argmax()])
            place = (start, start + width)
    return place


def _seam(clear: Floats, reach: int) -> tuple[int, int]:
    """The strongest jump with the other strong ones close by: both edges of a line too thin to be a
    gutter."""
    peak = int(clear.argmax())
    near = np.flatnonzero(clear[max(0, peak - reach) : peak + reach + 1] >= 0.45 * clear[peak])
    return max(0, peak - reach) + int(near[0]) + 1, max(0, peak - reach) + int(near[-1]) + 1


def _means(values: Floats, width: int) -> Floats:
    """For each start, the mean of the next `width` values."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray((sums[width:] - sums[:-width]) / width, dtype=np.float32)


def _tolerance(style: Style) -> float:
    return max(12.0, 2.2 * style.uneven)


def _grown(strip: Strip, style: Style, start: int, end: int, size: int) -> tuple[int, int]:
    """The run with its blurred and JPEG-damaged flanks, and one pixel more on each side."""
    facing = strip.facing(style.colour, seen_from(style.uneven))
    most = max(3, round(size * 0.002))
    slack = most + style.width // 4
    even = facing.even <= _tolerance(style)
    start -= _length(even[max(0, start - slack) : start][::-1])
    end += _length(even[end : end + slack])
    start -= _flank(facing.away[max(0, start - 4 * most) : start][::-1], most)
    end += _flank(facing.away[end : end + 4 * most], most)
    return max(0, start - 1), end + 1


def _stretched(even: np.ndarray[Any, np.dtype[np.bool_]], start: int, end: int) -> tuple[int, int]:
    """A stretch lengthened over all even columns that adjoin it."""
    return start - _length(even[:start][::-1]), end + _length(even[end:])


def _length(flags: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
    """How many flags from the first on are set."""
    return len(flags) if flags.all() else int(np.argmin(flags))


def _flank(away: Floats, most: int) -> int:
    """How many columns, going outwards, are still a mixture of gutter and picture."""
    if len(away) <= most:
        return 0
    return _length(away[:most] < 0.86 * float(np.median(away[most:])))
