"""All cuts of a grid in one direction, coarse look and fine look, and the borders round the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Literal

import numpy as np

from sequences.media.grids.edges import Edge, border, edge, gutter_colours, outer_strip, past_bars
from sequences.media.grids.search import Place, Spot, Style, matched, seam
from sequences.media.grids.strips import Colour, Line, Pixels, Strip

Kind = Literal["gutter", "seam", "equal"]
At = tuple[int, int]  # index of the cut, band of cells
Pair = tuple[Edge | None, Edge | None]  # the edges before and after a gutter

REACH = 0.12  # of the picture's edge: how far from the equal division a cut is looked for
WIDEST = 0.055  # of the picture's edge: no gutter or border is wider
ROWS, FINE_ROWS = 96, 200  # a strip's rows are averaged down to about so many, in the coarse and in the fine look
BARS = 0.2  # of a cell: two letterbox bars of the gutter's colour and the gutter between them take no more
BAR = 0.6  # share of rows that agree on the far edge of such bars
NARROWER = 0.4  # of the sureness of the commonest width, for a narrower one to be the gutters'
SURE = 0.3  # share of rows that agree on an edge, for it to speak for others


@dataclass(frozen=True, slots=True)
class Found:
    """One cut beside one band: the line the cell before it ends at, and the line the cell after it begins at."""

    before: Line
    after: Line
    kind: Kind


class Direction:
    """The cuts that part columns; the rows' direction is given the transposed picture.

    `coarse` is the picture reduced by `scale`; all lines are in pixels of the whole picture.
    """

    def __init__(self, pixels: Pixels, coarse: Pixels, scale: int, cells: int, bands: int) -> None:
        self.pixels, self.coarse, self.scale, self.cells, self.count = pixels, coarse, scale, cells, bands
        self.size = pixels.shape[1]
        self.even = [Line(self.size * n / cells) for n in range(1, cells)]
        self.places: dict[At, Place] = {}
        self.kinds: dict[At, Kind] = {}
        self.found: dict[At, Found] = {}
        self.edges: list[Edge] = []
        self.pairs: dict[At, Pair] = {}
        self.middles: list[float] = []
        self.outer: tuple[list[Line], list[Line]] = ([Line(0)] * bands, [Line(self.size)] * bands)
        self._spots: dict[At, Spot] = {}

    @property
    def spots(self) -> list[Spot]:
        """Every cut beside every band, as looked at last."""
        return list(self._spots.values())

    @property
    def bands(self) -> list[tuple[int, int]]:
        """The stretches between the cuts as far as they are known, a little narrower; the other direction's bands."""
        lines = [self._typical(index) for index in range(self.cells - 1)]
        inset = round(self.size / self.cells * (0.05 if self.places else 0.12))
        ends = [0, *(round(line.at) for line in lines), self.size]
        return [(a + inset, max(b - inset, a + inset + 8)) for a, b in pairwise(ends)]

    def _typical(self, index: int) -> Line:
        places = [place for (i, _), place in self.places.items() if i == index]
        best = max((place.score for place in places), default=0.0)
        return _average([place.line for place in places if place.score >= 0.9 * best]) or self.even[index]

    def look(self, bands: Sequence[tuple[int, int]]) -> None:
        """Collect what could be a gutter at each cut beside each band."""
        reach = self.size * min(REACH, 0.36 / self.cells) / self.scale
        widest = max(3, round(self.size * WIDEST / self.scale))
        for index, band in product(range(self.cells - 1), range(self.count)):
            middle = self.even[index].at / self.scale
            rows = (round(bands[band][0] / self.scale), round(bands[band][1] / self.scale))
            strip = Strip(self.coarse, rows, (round(middle - reach), round(middle + reach)), ROWS)
            before = self._spots.get((index, band))
            stretches = before.stretches if before else tuple(strip.stretches(widest))
            self._spots[index, band] = Spot(strip, Line(middle), stretches, widest)

    def place(self, style: Style | None, bands: Sequence[tuple[int, int]]) -> None:
        """Say about where each cut is: a gutter of the style, else a seam."""
        self.look(bands)
        expected = [self._typical(index) for index in range(self.cells - 1)]
        self.places, self.kinds = {}, {}
        for (index, band), spot in self._spots.items():
            line = Line(expected[index].at / self.scale, expected[index].slope)
            if style and (place := matched(spot, style, line)):
                self._keep(index, band, place, "gutter")
        for index in range(self.cells - 1):
            self._seams(index, style)

    def _seams(self, index: int, style: Style | None) -> None:
        spots = [self._spots[index, band] for band in range(self.count)]
        known = [self.places[index, band].line for band in range(self.count) if (index, band) in self.places]
        for band in range(self.count):
            if (index, band) in self.places:
                continue
            if style and (line := _average(known)):
                self.places[index, band], self.kinds[index, band] = Place(line, style.width * self.scale, 0.0), "gutter"
            elif place := seam(spots, band, self.size // self.scale):
                self._keep(index, band, place, "seam")

    def _keep(self, index: int, band: int, place: Place, kind: Kind) -> None:
        line = Line(place.line.at * self.scale, place.line.slope)
        self.places[index, band] = Place(line, place.width * self.scale, place.score)
        self.kinds[index, band] = kind

    def measure(self, bands: Sequence[tuple[int, int]]) -> None:
        """Look at every gutter in full resolution, and again where it does not lie as most bands' do."""
        self.middles = [(low + high) / 2 - self.pixels.shape[0] / 2 for low, high in bands]
        for at, place in self.places.items():
            if self.kinds[at] == "gutter":
                self.pairs[at] = self._edges(place, bands[at[1]])
            else:
                self.found[at] = self._seam(place, bands[at[1]])
        for at, pair in list(self.pairs.items()):
            expected = self._agreed(at[0])
            if expected and not self._lies(pair, expected, at[1]):
                again = self._edges(expected, bands[at[1]])
                if self._lies(again, expected, at[1]):
                    self.pairs[at] = again

    def _agreed(self, index: int) -> Place | None:
        """Where most bands' gutters of a cut lie in one line, if more than half of them do."""
        seen = [(*pair, self.middles[band]) for (n, band), pair in self.pairs.items() if n == index]
        lines = [
            (Line((before.line.at + after.line.at) / 2, (before.line.slope + after.line.slope) / 2), row, after, before)
            for before, after, row in seen
            if before and after and min(before.share, after.share) >= SURE
        ]
        for line, _, after, before in lines:
            near = [each for each, row, *_ in lines if abs(each.over(row) - line.over(row)) <= 1]
            if len(near) >= 2 and 2 * len(near) > self.count and (middle := _average(near)):
                return Place(middle, max(1.0, after.line.at - before.line.at), 0.0)
        return None

    def _lies(self, pair: Pair, expected: Place, band: int) -> bool:
        """Whether both edges were seen, half the expected width from the expected line."""
        row, (before, after) = self.middles[band], pair
        if not before or not after or min(before.share, after.share) < SURE:
            return False
        middle, half = expected.line.over(row), expected.width / 2
        ends = (before.line.over(row) - middle + half, after.line.over(row) - middle - half)
        return bool(max(map(abs, ends)) <= 1.5)

    def widths(self) -> list[tuple[float, float]]:
        """The widths of all gutters of which both edges were seen, and how surely."""
        return [
            (float(after.line.over(self.middles[band]) - before.line.over(self.middles[band])), share)
            for (_, band), (before, after) in self.pairs.items()
            if before and after and (share := min(before.share, after.share)) >= SURE
        ]

    def settle(self, width: float) -> None:
        """Say where each cut lies, given the width of the sheet's gutters."""
        for at, (before, after) in self.pairs.items():
            self.edges += [each for each in (before, after) if each and each.share >= SURE]
            self.found[at] = self._settled(at, before, after, width)
        for index, band in product(range(self.cells - 1), range(self.count)):
            margin = max(1, round(self.size / self.cells * 0.006))
            even = self.even[index]
            self.found.setdefault((index, band), Found(even.moved(-margin), even.moved(margin), "equal"))

    def _edges(self, place: Place, rows: tuple[int, int]) -> tuple[Edge | None, Edge | None]:
        """The edges left and right of a gutter."""
        strip = self._fine(place, rows, BARS * self.size / self.cells)
        colours, stray = gutter_colours(strip, place.line, place.width)
        near = self._fine(place, rows)
        own = gutter_colours(near, place.line, place.width)
        found: list[Edge | None] = []
        for right in (False, True):
            each = edge(near, place.line, *own, right=right)
            each = each or _if_bar(edge(strip, place.line, colours, stray, right=right))
            found.append(each and past_bars(strip, each, colours, stray, place.width, right=right))
        return found[0], found[1]

    def _fine(self, place: Place, rows: tuple[int, int], more: float = 0.0) -> Strip:
        middle = sum(rows) / 2 - self.pixels.shape[0] / 2
        slant = abs(place.line.slope) * (rows[1] - rows[0]) / 2
        room = slant + place.width * 1.2 + 22 + 3 * self.scale + more
        centre = float(place.line.over(middle))
        return Strip(self.pixels, rows, (round(centre - room), round(centre + room)), FINE_ROWS)

    def _settled(self, at: At, before: Edge | None, after: Edge | None, width: float) -> Found:
        """Both lines of a gutter; a line that cannot be seen lies the typical width from the other."""
        place = self.places[at]
        if before and after:
            return self._paired(before, after, width, self.middles[at[1]])
        if before:
            return Found(before.line, before.line.moved(width), "gutter")
        if after:
            return Found(after.line.moved(-width), after.line, "gutter")
        return Found(place.line.moved(-width / 2), place.line.moved(width / 2), "gutter")

    def _paired(self, before: Edge, after: Edge, width: float, row: float) -> Found:
        """Both lines as they were seen; where they lie too close for a gutter, the doubtful one moves away."""
        less = width - float(after.line.over(row) - before.line.over(row))
        if less <= max(1.0, 0.12 * width):
            return Found(before.line, after.line, "gutter")
        first = less if after.share >= before.share else 0.0
        return Found(before.line.moved(-first), after.line.moved(less - first), "gutter")

    def _seam(self, place: Place, rows: tuple[int, int]) -> Found:
        """The strongest jump with the other strong ones close by: both edges of a line too thin for a gutter."""
        strip = self._fine(place, rows)
        reach = max(4, round(self.size * 0.004)) + self.scale
        best, chosen = 0.0, (place.line, 0, 0)
        for tilt in np.linspace(-0.002, 0.002, 9):
            slope = place.line.slope + float(tilt)
            broken = strip.upright(np.minimum(strip.steps, 40.0), slope).mean(axis=0)
            column = round(strip.column(place.line))
            near = broken[max(0, column - reach) : column + reach]
            if len(near) and float(near.max()) > best:
                best = float(near.max())
                strong = np.flatnonzero(near >= 0.45 * best) + max(0, column - reach)
                chosen = (strip.line(float(strong[0]), slope), int(strong[0]), int(strong[-1]))
        line, first, last = chosen
        margin = max(1.0, self.size * 0.001)
        return Found(line.moved(-margin), line.moved(last - first + margin), "seam")

    def sides(self, band: int, cell: int, margin: float) -> tuple[Line, Line]:
        """The lines left and right of one cell; beside gutters and borders `margin` pixels are left out."""
        left, right = self.outer[0][band], self.outer[1][band]
        more = [margin * (left.at > 0), margin * (right.at < self.size)]
        if cell:
            found = self.found[cell - 1, band]
            left, more[0] = found.after, margin * (found.kind == "gutter")
        if cell < self.cells - 1:
            found = self.found[cell, band]
            right, more[1] = found.before, margin * (found.kind == "gutter")
        return left.moved(more[0]), right.moved(-more[1])


def _if_bar(found: Edge | None) -> Edge | None:
    return found if found and found.share >= BAR else None


def _average(lines: Sequence[Line]) -> Line | None:
    if not lines:
        return None
    return Line(float(np.median([line.at for line in lines])), float(np.median([line.slope for line in lines])))


def typical_width(widths: Sequence[tuple[float, float]], otherwise: float) -> float:
    """The narrowest width that several gutters have: letterbox bars beside a gutter can only make it look wider."""
    if not widths:
        return otherwise
    sure = [sum(share for other, share in widths if abs(other - width) <= 1) for width, _ in widths]
    likely = min(width for (width, _), votes in zip(widths, sure, strict=True) if votes >= NARROWER * max(sure))
    return float(np.median([width for width, _ in widths if abs(width - likely) <= 1]))


@dataclass
class Outer:
    """What was found round the sheet: the borders' edges, and their colour if all four sides have one."""

    edges: list[Edge] = field(default_factory=list)
    colour: Colour | None = None


def ring_of(pixels: Pixels) -> Colour | None:
    """The colour of the sheet's outermost pixels, if they have one all round."""
    sides = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    colours = np.array([np.median(side, axis=0) for side in sides])
    red, green, blue = (float(n) for n in np.median(colours, axis=0))
    even = all(np.percentile(np.abs(side - c).max(axis=1), 90) <= 24 for side, c in zip(sides, colours, strict=True))
    return (red, green, blue) if even and np.abs(colours - (red, green, blue)).max() <= 30 else None


def trim_borders(across: Direction, down: Direction, style: Style | None) -> Outer:
    """Take the borders away from the outer cells. Without a style a border counts only if it goes all round."""
    outer = Outer()
    ring = ring_of(across.coarse)
    own = ring or (style.colour if style else None)
    sides = [(direction, far) for direction in (across, down) for far in (False, True)]
    found = [_border(direction, own, far=far) for direction, far in sides]
    if not style and sum(bool(each) for each, _ in found) < (2 if ring else 4):
        return outer
    agreed = _agreed([each.line.at for each, _ in found if each]) if ring else None
    for (direction, far), (each, colour) in zip(sides, found, strict=True):
        if each or agreed:
            line = each.line if each else Line(agreed or 0.0)
            line = Line(direction.size - line.at, -line.slope) if far else line
            direction.outer[far][:] = [line] * direction.count
        if each:
            outer.edges.append(each)
            outer.colour = outer.colour or colour
    return outer


def _agreed(widths: Sequence[float]) -> float | None:
    """The width of a border that goes round the sheet, for sides on which it is lost in pictures of its colour."""
    return float(np.median(widths)) if len(widths) >= 2 and max(widths) - min(widths) <= 3 else None


def _border(direction: Direction, colour: Colour | None, *, far: bool) -> tuple[Edge | None, Colour | None]:
    _, strip = outer_strip(direction.pixels, round(direction.size * WIDEST), far=far)
    found = border(strip, colour)
    red, green, blue = (float(n) for n in np.median(strip.pixels[:, 0], axis=0))
    return (found, (red, green, blue)) if found and found.line.at >= 1 else (None, None)
