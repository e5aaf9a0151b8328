"""Strips of a picture in which a gutter is looked for, and straight, slightly slanted lines through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Floats = np.ndarray[Any, np.dtype[np.float32]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Colour = tuple[float, float, float]

SLOPES = tuple(float(n) for n in np.linspace(-0.0185, 0.0185, 11))  # a little more than one degree either way
SEGMENTS = 6  # a strip is cut into so many lengths when nothing is known yet: a slanted gutter is straight in each
COLOUR_STEP = 10.0  # neighbouring gutter columns differ less than this
EVENNESS = (2.0, 4.0, 8.0)  # mean distance of a gutter column's pixels from its colour


@dataclass(frozen=True, slots=True)
class Line:
    """A nearly upright line: its column at the picture's middle row, and columns a row."""

    at: float
    slope: float = 0.0

    def over(self, along: Floats | float) -> Any:
        """The column at rows counted from the picture's middle."""
        return self.at + self.slope * along

    def moved(self, by: float) -> Line:
        """The parallel line `by` columns further right."""
        return Line(self.at + by, self.slope)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring columns [start, end) of one colour in one segment of a strip."""

    start: int
    end: int
    colour: Colour
    uneven: float


class Strip:
    """The columns first .. last of a picture over some rows, rows averaged into at most about `groups`.

    Pass the transposed picture to look at rows. `along` holds each averaged row's place, from the picture's middle.
    """

    def __init__(self, pixels: Pixels, rows: tuple[int, int], columns: tuple[int, int], groups: int) -> None:
        self.first, last = max(0, columns[0]), min(pixels.shape[1], columns[1])
        top = max(0, rows[0])
        block = pixels[top : rows[1], self.first : last]
        group = max(1, len(block) // groups)
        count = len(block) // group
        block = block[: count * group]
        self.pixels: Floats = block.reshape(count, group, *block.shape[1:]).mean(axis=1, dtype=np.float32)
        self._shifts: dict[float, np.ndarray[Any, np.dtype[np.intp]]] = {}
        self.along: Floats = floats(top + (np.arange(count) + 0.5) * group - pixels.shape[0] / 2)

    @property
    def width(self) -> int:
        """Columns in the strip."""
        return int(self.pixels.shape[1])

    @cached_property
    def middle(self) -> float:
        """The strip's middle row, from the picture's middle."""
        return float(self.along.mean())

    def column(self, line: Line) -> float:
        """Where a line crosses the strip's middle row, in columns of the strip."""
        return float(line.over(self.middle)) - self.first

    def line(self, column: float, slope: float) -> Line:
        """The line of this slope through a column of the strip, at its middle row."""
        return Line(self.first + column - slope * self.middle, slope)

    def upright(self, values: Any, slope: float) -> Any:
        """The strip's values moved row by row so that lines of this slope stand upright; ends are repeated."""
        if not slope:
            return values
        at = self._shifts.get(slope)
        if at is None:
            shift = np.rint(slope * (self.along - self.middle)).astype(np.intp)
            columns = np.clip(np.arange(self.width) + shift[:, None], 0, self.width - 1)
            at = self._shifts[slope] = columns + np.arange(len(shift))[:, None] * self.width
        return values.reshape(-1, *values.shape[2:]).take(at, axis=0)

    def distance(self, colour: Colour) -> Floats:
        """How far each pixel is from a colour, in the channel that differs most."""
        return most_of(np.abs(self.pixels - floats(colour)))

    @cached_property
    def steps(self) -> Floats:
        """How much each pixel differs from the one left of it."""
        return np.pad(most_of(np.abs(np.diff(self.pixels, axis=1))), ((0, 0), (1, 0)))

    def stretches(self, widest: int) -> Iterator[Stretch]:
        """Every stretch of even columns, up to `widest` wide, in each segment of the strip."""
        seen = set()
        for rows in np.array_split(self.pixels, min(SEGMENTS, len(self.pixels))):
            colours = rows.mean(axis=0)
            uneven = most_of(np.abs(rows - colours).mean(axis=0))
            for limit in EVENNESS:
                for start, end in even_stretches(colours, uneven <= limit):
                    if start > 0 and end < self.width and end - start <= widest:
                        red, green, blue = (float(n) for n in colours[start:end].mean(axis=0))
                        key = (start, end, round(red))
                        if key not in seen:
                            seen.add(key)
                            yield Stretch(start, end, (red, green, blue), float(uneven[start:end].mean()))


def even_stretches(colours: Floats, even: Flags) -> list[tuple[int, int]]:
    """Where neighbouring columns are even and of nearly one colour: [start, end) of each stretch."""
    joined = even[1:] & even[:-1] & (most_of(np.abs(np.diff(colours, axis=0))) <= COLOUR_STEP)
    starts = np.flatnonzero(even & ~np.concatenate([[False], joined]))
    ends = np.flatnonzero(even & ~np.concatenate([joined, [False]])) + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def floats(values: Any) -> Floats:
    """The values as 32 bit floats."""
    return np.asarray(values, dtype=np.float32)


def most_of(values: Floats) -> Floats:
    """The largest of the three channels; much faster than numpy's own maximum over so short an axis."""
    return np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])


def alike(a: Colour, b: Colour, most: float) -> bool:
    """Whether two colours differ by at most `most` in every channel."""
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) <= most


def length(flags: Any) -> int:
    """How many flags from the first on are set."""
    return len(flags) if flags.all() else int(np.argmin(flags))
