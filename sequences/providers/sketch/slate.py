"""The burn-in: one small line lower left that says which take, shot and moment one is looking at."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Plane = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.floating]

_PLATE = 0.38
_INK = 0.82
_FADE = 0.4


class Slate:
    """Writes on frames of one size.

    The line fades in and out inside each shot. A shot's first and last frame stay clean, because they are
    what a start frame is compared with and what the next call may start from.
    """

    def __init__(self, label: str, height: int) -> None:
        self.label = label
        self.size = max(7, round(height * 0.022))
        self.left = 2 * round(height * 0.014)
        self.below = 2 * round(height * 0.014)

    def write(
        self, y: Plane, u: Plane, v: Plane, *, shot: int, at: float, frame: int, frames: int, rate: float
    ) -> None:
        """Write on the `frame`-th of a shot's `frames`; `at` is seconds since the clip's start."""
        shown = visible(frame, frames, rate)
        if shown > 0:
            self._put(y, u, v, self.text(shot, at), shown)

    def text(self, shot: int, at: float) -> str:
        """`SEQ03 T2 · shot 2 · 00:03.4 · sketch`."""
        minutes, seconds = divmod(int(at * 10) / 10, 60)
        parts = [self.label, f"shot {shot}", f"{int(minutes):02d}:{seconds:04.1f}", "sketch"]
        return " · ".join(p for p in parts if p)

    def _put(self, y: Plane, u: Plane, v: Plane, text: str, shown: float) -> None:
        ink = line(text, self.size)
        h, w = ink.shape
        top = y.shape[0] - self.below - h
        width = min(w, y.shape[1] - self.left) // 2 * 2
        if top < 0 or width < 2:
            return
        area = y[top : top + h, self.left : self.left + width]
        shaded = area + (30 - area.astype(np.float32)) * (_PLATE * shown)
        area[:] = np.rint(shaded + (225 - shaded) * (ink[:, :width] * (_INK * shown)))
        for plane in (u, v):
            tint = plane[top // 2 : (top + h) // 2, self.left // 2 : (self.left + width) // 2]
            tint[:] = np.rint(tint + (128 - tint.astype(np.float32)) * (_PLATE * shown))


def visible(frame: int, frames: int, rate: float) -> float:
    """How strongly the line shows, 0..1; nothing on a shot's first and last frame."""
    edge = min(frame, frames - 1 - frame)
    return min(1.0, edge / max(1.0, _FADE * rate))


@lru_cache(maxsize=64)
def line(text: str, size: int) -> Mask:
    """The text in evenly spaced letters with a margin, 0..1; even height and width."""
    glyphs = [_glyph(c, size) for c in text]
    inner = np.concatenate(glyphs, axis=1)
    pad = max(2, size // 3)
    h, w = inner.shape
    return np.pad(inner, ((pad, pad + h % 2), (pad, pad + w % 2))).astype(np.float32)


@lru_cache(maxsize=256)
def _glyph(letter: str, size: int) -> Mask:
    font = ImageFont.load_default(size)
    advance = max(4, round(size * 0.62))
    cell = Image.new("L", (advance, round(size * 1.25)), 0)
    ImageDraw.Draw(cell).text((advance / 2, size), letter, fill=255, font=font, anchor="ms")
    return np.asarray(cell, np.float32) / 255
