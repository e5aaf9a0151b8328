"""The coarse look: which colour the gutters have, how wide they are, and about where each of them lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from sequences.media.grids.strips import SLOPES, Colour, Flags, Floats, Line, Stretch, Strip, alike, floats, most_of

SAME_COLOUR = 26.0
CANDIDATES = 5  # colours that are tried as the gutters'
PLACE_SCORE, STYLE_SCORE, SEAM_SCORE = 0.25, 0.25, 0.2
FLAT = 0.25  # share of picture pixels in a gutter's column at most: labels, noise, a slant between two slopes
ROUND = 0.35  # what the colour has before others that also goes round the sheet
LOPSIDED = 0.3  # what a colour loses that has a gutter of another colour on one side
WIDER = 0.24  # what a wide gutter has before a thin one: that may be the frame line of panels in the wide one
STRONG = 60.0  # neighbouring pixels that differ more count no more
JUMP = 7.0  # neighbouring pixels that differ more are an edge


@dataclass(frozen=True, slots=True)
class Style:
    """What this picture's gutters look like: colour, how far a pixel may stray from it, and width in pixels."""

    colour: Colour
    stray: float
    width: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gutter seems to be: its middle line and width; `score` 0..1 is how clearly pictures begin beside it."""

    line: Line
    width: float
    score: float


@dataclass(frozen=True, slots=True)
class Spot:
    """One cut beside one band of cells: the strip to look in and the stretches seen there."""

    strip: Strip
    even: Line
    stretches: tuple[Stretch, ...]
    widest: int


def style_of(spots: Sequence[Spot], ring: Colour | None) -> Style | None:
    """The colour and width that explain most spots, if they explain enough of them; the colour that goes round the
    sheet (`ring`, if one does) is likelier than others."""
    best, most = None, 0.0
    for colour in [*([ring] if ring else []), *_candidates(spots)]:
        found = [(spot, _clearest(spot, colour)) for spot in spots]
        clear = [(spot, place) for spot, place in found if place and place.score >= PLACE_SCORE]
        total = sum(place.score for _, place in found if place) / max(1, len(spots))
        total += ROUND if ring and alike(ring, colour, SAME_COLOUR) else 0.0
        if not clear or total < STYLE_SCORE:
            continue
        width = float(np.median([place.width for _, place in clear]))
        total += _wider(width)
        total -= LOPSIDED * float(np.mean([_lopsided(spot, place) for spot, place in clear]))
        if total > most:
            inside = _inside(clear)
            best, most = Style(inside, _stray(spots, inside), width), total
    return best


def _inside(places: Sequence[tuple[Spot, Place]]) -> Colour:
    """The colour in the middle of most places."""
    colours = []
    for spot, place in places:
        middle = min(max(0, int(spot.strip.column(place.line))), spot.strip.width - 1)
        colours.append(np.median(spot.strip.upright(spot.strip.pixels, place.line.slope)[:, middle], axis=0))
    red, green, blue = (float(n) for n in np.median(colours, axis=0))
    return red, green, blue


def _lopsided(spot: Spot, place: Place) -> bool:
    """Whether only one neighbour is even too, as beside a letterbox's bar or a frame line, where the gutter is."""
    upright = spot.strip.upright(spot.strip.pixels, place.line.slope)
    middle = spot.strip.column(place.line)
    sides = (round(middle - place.width / 2) - 3, round(middle + place.width / 2) + 2)
    even = [_even(upright[:, min(max(0, side), spot.strip.width - 1)]) for side in sides]
    return even[0] != even[1]


def _even(column: Floats) -> bool:
    return float(np.percentile(np.abs(column - np.median(column, axis=0)).max(axis=1), 70)) <= 12


def _candidates(spots: Sequence[Spot]) -> list[Colour]:
    """The colours of even stretches, those that are seen in most spots first."""
    all_of = [
        (n, each.colour, min(12, each.end - each.start)) for n, spot in enumerate(spots) for each in spot.stretches
    ]
    colours: list[Colour] = []
    while all_of and len(colours) < CANDIDATES:
        numbers, values = np.array([n for n, _, _ in all_of]), floats([c for _, c, _ in all_of])
        weights = np.array([weight for _, _, weight in all_of])
        tried = np.unique(np.rint(values / 8), axis=0) * 8
        near = most_of(np.abs(values - tried[:, None])) <= SAME_COLOUR / 2
        votes = [len(np.unique(numbers[row])) + 3 * weights[row].sum() / weights.sum() for row in near]
        members = near[int(np.argmax(votes))]
        red, green, blue = (float(n) for n in np.median(values[members].repeat(weights[members], axis=0), axis=0))
        colours.append((red, green, blue))
        all_of = [each for each in all_of if not alike(each[1], colours[-1], SAME_COLOUR / 2)]
    return colours


def _local(spot: Spot, colour: Colour) -> tuple[Colour, float]:
    """The colour as it is at this spot (gutters may have a gradient), and how far its pixels stray."""
    near = [stretch for stretch in spot.stretches if alike(stretch.colour, colour, SAME_COLOUR)]
    if not near:
        return colour, 9.0
    most = max(stretch.end - stretch.start for stretch in near)
    clearest = [stretch for stretch in near if 2 * (stretch.end - stretch.start) >= most]
    red, green, blue = (float(np.median([stretch.colour[n] for stretch in clearest])) for n in range(3))
    return (red, green, blue), _limit([stretch.uneven for stretch in clearest])


def _stray(spots: Iterable[Spot], colour: Colour) -> float:
    stretches = (stretch for spot in spots for stretch in spot.stretches)
    return _limit([stretch.uneven for stretch in stretches if alike(stretch.colour, colour, SAME_COLOUR)])


def _limit(uneven: Sequence[float]) -> float:
    return 5.0 + 3 * float(np.median(uneven)) if uneven else 9.0


def _clearest(spot: Spot, colour: Colour) -> Place | None:
    """The clearest gutter of this colour at a spot, of any width; of two that are as clear the wider."""
    places = []
    for near, stray in {(colour, 9.0), _local(spot, colour)}:
        picture = spot.strip.distance(near) > stray
        places += [place for slope in SLOPES for place in _runs(spot, picture, slope)]
    return max(places, key=lambda place: place.score + _wider(place.width), default=None)


def _wider(width: float) -> float:
    return min(WIDER, WIDER / 4 * float(np.log2(max(1.0, width))))


def _runs(spot: Spot, picture: Flags, slope: float) -> Iterable[Place]:
    seen = floats(_share(spot.strip.upright(picture, slope)))
    edges = np.diff(np.concatenate([[False], seen <= FLAT, [False]]).astype(np.int8))
    for start, end in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        if start > 1 and end < len(seen) - 1 and end - start <= spot.widest:
            left, right = float(seen[start - 2]), float(seen[end + 1])
            score = 0.7 * min(left, right) + 0.3 * max(left, right) - float(seen[start:end].mean())
            yield Place(spot.strip.line((start + end) / 2, slope), float(end - start), score)


def matched(spot: Spot, style: Style, expected: Line) -> Place | None:
    """Where a gutter of the style's width fits best: its colour inside, picture on both sides or on one."""
    column = spot.strip.column(expected)
    widths = sorted({max(1, round(style.width * part)) for part in (0.8, 1, 1.2)})
    best: Place | None = None
    colours = {(style.colour, style.stray), _local(spot, style.colour)}
    pictures = [spot.strip.distance(colour) > stray for colour, stray in colours]
    for picture, slope in product(pictures, SLOPES):
        seen = floats(_share(spot.strip.upright(picture, slope)))
        for width in widths:
            score = _fit(seen, width, column)
            if len(score) and score.max() > (best.score if best else PLACE_SCORE):
                start = int(score.argmax()) + 3
                best = Place(spot.strip.line(start + width / 2, slope), float(width), float(score.max()))
    return best


def _fit(seen: Floats, width: int, column: float) -> Floats:
    starts = np.arange(3, len(seen) - width - 3)
    left, right = seen[starts - 2], seen[starts + width + 1]
    far = np.abs(starts + width / 2 - column)
    score = 0.4 * (left + right) + 0.2 * np.minimum(left, right) - 1.6 * _means(seen, width)[starts]
    return floats(score + 0.1 * np.exp(-((far / 3) ** 2)) + 0.002 * width - 0.2 * far / len(seen))


def _share(flags: Flags) -> Floats:
    """For each column the share of rows that are set."""
    return floats(np.add.reduce(flags, axis=0, dtype=np.int16) / len(flags))


def _means(values: Floats, width: int) -> Floats:
    """For each start, the mean of the next `width` values."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return floats((sums[width:] - sums[:-width]) / width)


def seam(spots: Sequence[Spot], number: int, size: int) -> Place | None:
    """The straightest, longest edge at one of the spots of a cut; the other bands' edges in line with it count too."""
    strip = spots[number].strip
    best: Place | None = None
    near = np.exp(-(((np.arange(strip.width) - strip.column(spots[number].even)) / (size * 0.06)) ** 2))
    for slope in SLOPES:
        own = _broken(strip, slope)
        strength = strip.upright(np.minimum(strip.steps, STRONG), slope).mean(axis=0) / STRONG
        clear = floats((own - np.median(own) + strength) * near + 0.5 * _others(spots, number, slope))
        column = int(clear.argmax())
        if own[column] - np.median(own) >= SEAM_SCORE and clear[column] > (best.score if best else 0.0):
            best = Place(strip.line(column, slope), 0.0, float(clear[column]))
    return best


def _broken(strip: Strip, slope: float) -> Floats:
    """For each column the share of rows in which the picture jumps just left of it."""
    return floats(_share(strip.upright(strip.steps > JUMP, slope)))


def _others(spots: Sequence[Spot], number: int, slope: float) -> Floats:
    """How broken the other bands are along the same lines."""
    strip = spots[number].strip
    total = np.zeros(strip.width, dtype=np.float32)
    for other in (spot.strip for n, spot in enumerate(spots) if n != number):
        broken = _broken(other, slope)
        shift = round(other.column(strip.line(0, slope)))
        columns = np.arange(len(total)) + shift
        inside = (columns >= 0) & (columns < len(broken))
        total[inside] += broken[columns[inside]] - np.median(broken)
    return floats(total / max(1, len(spots) - 1))
