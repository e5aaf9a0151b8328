"""Statistics of one strip of a picture, column by column: what a gutter is recognised by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

ROWS = 240  # a strip is averaged down to about this many rows; columns keep full resolution
THRESHOLDS = (4.0, 8.0, 14.0, 22.0)  # how far three quarters of a gutter column may stray from its colour
COLOUR_STEP = 10.0  # neighbouring gutter columns differ less than this
Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of columns [start, end) of one colour, in whole-picture pixels, and how much like a gutter
    it is.

    `score` is 0..1: the share of rows in which the picture visibly begins on both sides, less the unevenness.
    """

    start: int
    end: int
    colour: Colour
    score: float
    uneven: float

    @property
    def width(self) -> int:
        """Columns in the run."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Facing:
    """Columns against a gutter's colour: mean distance (clipped at 60), distance of three quarters of the
    rows, and the share of rows that are picture."""

    away: Floats
    even: Floats
    seen: Floats


class Strip:
    """The columns first .. last of a picture over some rows; pass the transposed picture to look at rows."""

    def __init__(self, pixels: Pixels, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        self.first, last = max(0, columns[0]), min(pixels.shape[1], columns[1])
        block = pixels[max(0, rows[0]) : rows[1], self.first : last]
        group = max(1, len(block) // ROWS)
        block = block[: len(block) // group * group]
        self.pixels: Floats = block.reshape(-1, group, *block.shape[1:]).mean(axis=1, dtype=np.float32)

    @property
    def width(self) -> int:
        """Columns in the strip."""
        return int(self.pixels.shape[1])

    @cached_property
    def colours(self) -> Floats:
        """The typical colour of each column."""
        return np.asarray(np.median(self.pixels, axis=0), dtype=np.float32)

    @cached_property
    def spread(self) -> Floats:
        """How far three quarters of a column's pixels stray from its colour at most."""
        away = np.abs(self.pixels - self.colours).max(axis=2)
        return np.asarray(np.percentile(away, 75, axis=0), dtype=np.float32)

    @cached_property
    def broken(self) -> Floats:
        """For each pair of neighbouring columns, the share of rows in which the picture jumps between
        them."""
        steps = np.abs(np.diff(self.pixels, axis=1)).max(axis=2)
        return np.asarray((steps > 7).mean(axis=0), dtype=np.float32)

    def facing(self, colour: Colour, seen: float) -> Facing:
        """The strip measured against a gutter's colour; pixels further than `seen` from it are picture."""
        distance = np.abs(self.pixels - _floats(colour)).max(axis=2)
        away = np.minimum(distance, 60).mean(axis=0)
        return Facing(
            _floats(away),
            _floats(np.percentile(distance, 75, axis=0)),
            _floats((distance > seen).mean(axis=0)),
        )

    def runs(self, widest: int) -> list[Run]:
        """Every stretch of even columns up to `widest` wide that the picture visibly begins beside."""
        found = {
            (start, end)
            for threshold in THRESHOLDS
            for start, end in self._even(threshold)
            if start > 0 and end < self.width and end - start <= widest
        }
        return [run for start, end in sorted(found) if (run := self._judged(start, end)).score > 0.05]

    def _even(self, threshold: float) -> list[tuple[int, int]]:
        even = self.spread <= threshold
        joined = even[1:] & even[:-1] & (np.abs(np.diff(self.colours, axis=0)).max(axis=1) <= COLOUR_STEP)
        starts = np.flatnonzero(even & ~np.concatenate([[False], joined]))
        ends = np.flatnonzero(even & ~np.concatenate([joined, [False]])) + 1
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _judged(self, start: int, end: int) -> Run:
        colour = _colour(np.median(self.colours[start:end], axis=0))
        uneven = float(self.spread[start:end].mean())
        reach = 3 if end - start > 2 else 2
        left, right = (self._seen(at, colour, seen_from(uneven)) for at in (start - reach, end - 1 + reach))
        score = 0.75 * min(left, right) + 0.25 * max(left, right) - uneven / 60
        return Run(self.first + start, self.first + end, colour, score, uneven)

    def _seen(self, column: int, colour: Colour, seen: float) -> float:
        column = min(max(column, 0), self.width - 1)
        return float((np.abs(self.pixels[:, column] - _floats(colour)).max(axis=1) > seen).mean())


def seen_from(uneven: float) -> float:
    """How far a pixel must be from a gutter of this unevenness to be picture and not noise."""
    return min(16.0, max(6.0, 3 * uneven))


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float32)


def _colour(values: Floats) -> Colour:
    red, green, blue = (float(v) for v in values)
    return red, green, blue


def alike(a: Colour, b: Colour, most: float) -> bool:
    """Whether two colours differ by at most `most` in every channel."""
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) <= most
