"""What moves besides the camera: grain, drifting light, a flicker, falling rain or snow.

Everything is added to the luma plane as small signed steps; luma of limited range (16..235) leaves room for
them, so plain unsigned addition cannot wrap.
"""

from __future__ import annotations

import math
import re

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.uint8]

# A locked-off shot must not be taken for a frozen picture after encoding, dark or small: light drifts, the
# exposure steps and the film slips a hair in its gate. Light twice (now and at the start) and grain together
# stay within the 16 steps below black.
_GRAIN = 1.4
_LIGHT = 5.0
_SWEEP = 0.9
_FLICKER = 0.012
_FLAME = 0.02
_LIFT = 1.5
_PULSE = 3.3
_STEPS = 3
_SLIP = 0.6 / 1280
_SLIP_PIXELS = 0.2
_FALL = 30
_INSIDE = r"window|glass|inside|indoors|interior|room\b|corridor|hallway|cabin|stage|underwater|kitchen|bar\b"


class Air:
    """The air of one shot at one size. `first` shots start clear, so that frame 0 equals its picture."""

    def __init__(self, prompt: str, seed: int, width: int, height: int, *, first: bool) -> None:
        self.width, self.height, self.first = width, height, first
        rng = np.random.default_rng(seed)
        self.phase = float(rng.uniform(0, math.tau))
        self.jumps = rng.integers(0, 64, size=(997, 2))
        self.steps = np.cumsum(rng.integers(1, 3, size=len(self.jumps))) % _STEPS
        self.slips = rng.uniform(-1, 1, size=self.jumps.shape)
        self.grain = _tile(rng, width, height)
        self.light = _drift(rng, width, height)
        self.flicker = _FLAME if _said("candle|fire|flame|lantern|torch|neon|tv|lightning", prompt) else _FLICKER
        self.fall = _falling(rng, prompt, width, height)

    def breathe(self, luma: Plane, frame: int, rate: float) -> Plane:
        """The plane with this frame's light, grain and weather; `frame` counts from the shot's first."""
        if frame == 0 and self.first:
            return luma
        t = frame / rate
        out = _gain(luma, 1 + self.flicker * self._flutter(t), self._lift(frame, t))
        out += self._light_at(t).view(np.uint8)
        dy, dx = self.jumps[frame % len(self.jumps)]
        out += self.grain[dy : dy + self.height, dx : dx + self.width].view(np.uint8)
        return self._rain(out, frame, t)

    def weave(self, frame: int) -> tuple[float, float]:
        """How far the film has slipped in its gate, as fractions of the frame's edges; nothing on frame 0."""
        if frame == 0:
            return 0.0, 0.0
        x, y = self.slips[frame % len(self.slips)]
        most_x, most_y = (max(_SLIP, _SLIP_PIXELS / edge) for edge in (self.width, self.height))
        return float(x) * most_x, float(y) * most_y

    def _lift(self, frame: int, t: float) -> float:
        """A slow swell and a step of the exposure that no two neighbours share."""
        return _LIFT * (1 - math.cos(_PULSE * t)) + float(self.steps[frame % len(self.steps)])

    def _flutter(self, t: float) -> float:
        """Zero at the start, then an uneven wave."""

        def wave(at: float) -> float:
            return 0.6 * math.sin(2.3 * at + self.phase) + 0.4 * math.sin(7.1 * at + 2 * self.phase)

        return wave(t) - wave(0)

    def _light_at(self, t: float) -> npt.NDArray[np.int8]:
        room = self.light.shape[1] - self.width
        shift = int(room * (0.5 - 0.5 * math.cos(_SWEEP * t)))
        now, start = self.light[:, shift : shift + self.width], self.light[:, : self.width]
        return np.subtract(now, start, dtype=np.int8)

    def _rain(self, luma: Plane, frame: int, t: float) -> Plane:
        if self.fall is None:
            return luma
        tile, speed = self.fall
        rows = np.arange(self.height) - int(speed * self.height * t)
        layer = tile[rows % len(tile)]
        if self.first and frame < 12:
            layer = (layer * (frame / 12)).astype(np.uint8)
        luma += np.minimum(layer, 250 - luma)
        return luma


def _said(words: str, prompt: str) -> bool:
    return re.search(rf"\b(?:{words})", prompt.lower()) is not None


def _gain(luma: Plane, by: float, lift: float) -> Plane:
    table = np.clip(np.rint((np.arange(256) - 16) * by + 16 + lift), 16, 235).astype(np.uint8)
    return np.array(Image.fromarray(luma).point(table.tolist()))


def _tile(rng: np.random.Generator, width: int, height: int) -> npt.NDArray[np.int8]:
    noise = rng.normal(0, _GRAIN, size=(height + 64, width + 64))
    return np.clip(np.rint(noise), -4, 4).astype(np.int8)


def _drift(rng: np.random.Generator, width: int, height: int) -> npt.NDArray[np.int8]:
    small = rng.normal(0, 1, size=(4, 7)).astype(np.float32)
    wide = Image.fromarray(small).resize((width * 2, height), Image.Resampling.BICUBIC)
    soft = np.asarray(wide)
    dither = rng.uniform(-0.5, 0.5, size=soft.shape)
    steps = np.clip(np.rint(soft / np.abs(soft).max() * _LIGHT + dither), -_LIGHT, _LIGHT)
    return np.asarray(steps, np.int8)


def _falling(rng: np.random.Generator, prompt: str, width: int, height: int) -> tuple[Plane, float] | None:
    if _said("snow|blizzard", prompt) and not _said(_INSIDE, prompt):
        return _specks(rng, width, height, length=0.004, count=260), 0.22
    if _said(r"rain\b|raining|rainy|storm|downpour|drizzle", prompt) and not _said(_INSIDE, prompt):
        return _specks(rng, width, height, length=0.06, count=170), 1.9
    return None


def _specks(rng: np.random.Generator, width: int, height: int, *, length: float, count: int) -> Plane:
    tall = height * 2
    layer = np.zeros((tall, width), np.float32)
    for x, y, near in zip(
        rng.integers(0, width, count), rng.integers(0, tall, count), rng.uniform(0.3, 1, count), strict=True
    ):
        rows = (y + np.arange(max(1, int(length * height * near)))) % tall
        fade = np.sin(np.linspace(0.3, math.pi - 0.3, len(rows)))
        thick = max(1, round(height / 720 * (1 + near)))
        for column in range(x, min(width, x + thick)):
            layer[rows, column] = np.maximum(layer[rows, column], fade * near * _FALL)
    return layer.astype(np.uint8)
