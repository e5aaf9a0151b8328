"""The canvas: a float picture drawn in normalised places, so that a scene does not know its size in pixels.

x and y run 0..1 across the frame, y downwards. Lengths are in units: one unit is the frame's height, less in
narrow frames so
that things keep fitting. `depth` (1 near, 0 far) is kept only when a caller asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from .lexicon import RGB
from .noise import Box, Plane, resample, soften

Point = tuple[float, float]
WORK_LONG_SIDE = 1080
"""Longest side drawn. Larger pictures are scaled up after the light is done; grain is added at full size."""


class Canvas:
    def __init__(self, width: int, height: int, *, with_depth: bool = False) -> None:
        scale = min(1.0, WORK_LONG_SIDE / max(width, height))
        self.w, self.h = max(8, round(width * scale)), max(8, round(height * scale))
        self.aspect = width / height
        self.unit = self.h * min(1.0, (self.aspect / 1.35) ** 0.7)
        self.rgb: Plane = np.zeros((self.h, self.w, 3), np.float32)
        self.depth: Plane | None = np.zeros((self.h, self.w), np.float32) if with_depth else None
        self.x: Plane = ((np.arange(self.w, dtype=np.float32) + 0.5) / self.w)[None, :]
        self.y: Plane = ((np.arange(self.h, dtype=np.float32) + 0.5) / self.h)[:, None]

    # ---- places and lengths

    @property
    def ux(self) -> float:
        """One unit as a share of the width."""
        return float(self.unit / self.w)

    @property
    def uy(self) -> float:
        """One unit as a share of the height."""
        return float(self.unit / self.h)

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A box in pixels, cut to the frame; may be empty."""
        def clip(value: float, limit: int) -> int:
            return int(min(limit, max(0, round(value))))
        return (clip(left * self.w - 1, self.w), clip(top * self.h - 1, self.h),
                clip(right * self.w + 1, self.w), clip(bottom * self.h + 1, self.h))

    def around(self, x: float, y: float, radius: float) -> Box:
        return self.box(x - radius * self.ux, y - radius * self.uy, x + radius * self.ux,
                        y + radius * self.uy)

    def distance(self, x: float, y: float, box: Box | None = None) -> tuple[Plane, Plane]:
        """Offsets in units from a place, as two broadcastable planes."""
        left, top, right, bottom = box or (0, 0, self.w, self.h)
        return (self.x[:, left:right] - x) / self.ux, (self.y[top:bottom] - y) / self.uy

    # ---- putting colour down

    def wash(self, stops: Sequence[tuple[float, RGB]], top: float = 0.0, bottom: float = 1.0,
             z: float | None = 0.0) -> None:
        """A vertical gradient between two heights; stops are (place 0..1, colour)."""
        box = self.box(0, top, 1, bottom)
        rows = self.y[box[1]:box[3], 0]
        places = [top + (bottom - top) * place for place, _ in stops]
        column = np.stack([np.interp(rows, places, [c[i] for _, c in stops]) for i in range(3)], axis=-1)
        self.rgb[box[1]:box[3]] = column[:, None, :].astype(np.float32)
        if self.depth is not None and z is not None:
            self.depth[box[1]:box[3]] = z

    def over(self, mask: Plane, colour: RGB | Plane, box: Box | None = None, z: float | None = None) -> None:
        """Lay a colour over the picture where the mask (0..1) says."""
        left, top, right, bottom = box or (0, 0, self.w, self.h)
        if right <= left or bottom <= top:
            return
        view = self.rgb[top:bottom, left:right]
        ink = np.asarray(colour, np.float32)
        view += mask[..., None] * (ink - view)
        if self.depth is not None and z is not None:
            cut = self.depth[top:bottom, left:right]
            cut += mask * (np.float32(z) - cut)

    def add(self, mask: Plane, colour: RGB | Plane, box: Box | None = None) -> None:
        """Add light."""
        left, top, right, bottom = box or (0, 0, self.w, self.h)
        if right > left and bottom > top:
            self.rgb[top:bottom, left:right] += mask[..., None] * np.asarray(colour, np.float32)

    def scale(self, mask: Plane, box: Box | None = None) -> None:
        """Multiply the picture by a plane."""
        left, top, right, bottom = box or (0, 0, self.w, self.h)
        if right > left and bottom > top:
            self.rgb[top:bottom, left:right] *= mask[..., None]

    def full(self, low: Plane) -> Plane:
        """A plane drawn small, at the size of the canvas."""
        return low if low.shape == (self.h, self.w) else resample(low, self.w, self.h)

    def coarse(self, factor: int = 3) -> tuple[Plane, Plane]:
        """Places x and y of a smaller grid, for soft light that is costly to work out; bring it back with
        full().
        """
        width, height = max(4, self.w // factor), max(4, self.h // factor)
        x = ((np.arange(width, dtype=np.float32) + 0.5) / width)[None, :]
        y = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
        return x, y

    def stencil(self, left: float = 0.0, top: float = 0.0, right: float = 1.0,
                bottom: float = 1.0) -> Stencil:
        return Stencil(self, self.box(left, top, right, bottom))


class Stencil:
    """A mask to draw shapes on, twice the canvas's resolution inside one box, so that edges come out
    smooth.
    """

    def __init__(self, canvas: Canvas, box: Box, over: int = 2) -> None:
        self.canvas, self.box, self.k = canvas, box, over
        self.size = (max(1, box[2] - box[0]), max(1, box[3] - box[1]))
        self.image = Image.new("L", (self.size[0] * over, self.size[1] * over), 0)
        self.draw = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> Point:
        return (x * self.canvas.w - self.box[0]) * self.k, (y * self.canvas.h - self.box[1]) * self.k

    def poly(self, points: Sequence[Point], value: float = 1.0) -> None:
        self.draw.polygon([self.at(x, y) for x, y in points], fill=round(255 * value))

    def rect(self, left: float, top: float, right: float, bottom: float, value: float = 1.0) -> None:
        a, b = self.at(left, top), self.at(right, bottom)
        if b[0] - a[0] >= 0.5 and b[1] - a[1] >= 0.5:
            self.draw.rectangle((a[0], a[1], max(a[0], b[0] - 1), max(a[1], b[1] - 1)),
                                fill=round(255 * value))

    def disc(self, x: float, y: float, rx: float, ry: float | None = None, value: float = 1.0) -> None:
        """An ellipse; radii in units."""
        cx, cy = self.at(x, y)
        px = rx * self.canvas.unit * self.k
        py = (rx if ry is None else ry) * self.canvas.unit * self.k
        self.draw.ellipse((cx - px, cy - py, cx + px, cy + py), fill=round(255 * value))

    def line(self, points: Sequence[Point], width: float, value: float = 1.0) -> None:
        """A line; width in units, never thinner than can be seen."""
        thick = width * self.canvas.unit * self.k
        shade = round(255 * value * min(1.0, max(0.25, thick)))
        self.draw.line([self.at(x, y) for x, y in points], fill=shade, width=max(1, round(thick)),
                       joint="curve")

    def mask(self, blur: float = 0.0) -> Plane:
        """The drawn mask, 0..1; blur in units."""
        small = self.image.reduce(self.k) if self.k > 1 else self.image
        plane = np.asarray(small, np.float32) / 255
        return soften(plane, blur * self.canvas.unit) if blur else plane

    def over(self, colour: RGB | Plane, *, blur: float = 0.0, alpha: float = 1.0,
             z: float | None = None) -> None:
        self.canvas.over(self.mask(blur) * np.float32(alpha), colour, self.box, z)

    def add(self, colour: RGB | Plane, *, blur: float = 0.0, alpha: float = 1.0) -> None:
        self.canvas.add(self.mask(blur) * np.float32(alpha), colour, self.box)


def curve(points: Sequence[Point], steps: int = 6, closed: bool = True) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    count = len(points)
    smooth: list[Point] = []
    for i in range(count if closed else count - 1):
        p = [np.asarray(points[_index(i + k, count, closed)], np.float64) for k in (-1, 0, 1, 2)]
        for step in range(steps):
            t = step / steps
            q = 0.5 * (2 * p[1] + (p[2] - p[0]) * t + (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]) * t**2
                       + (3 * p[1] - p[0] - 3 * p[2] + p[3]) * t**3)
            smooth.append((float(q[0]), float(q[1])))
    return smooth if closed else [*smooth, points[-1]]


def _index(i: int, count: int, closed: bool) -> int:
    return i % count if closed else min(count - 1, max(0, i))
