"""Small sums with colours: sRGB triples 0..1."""

from __future__ import annotations

import colorsys

from .lexicon import RGB


def mix(a: RGB, b: RGB, t: float) -> RGB:
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def times(a: RGB, k: float) -> RGB:
    return (a[0] * k, a[1] * k, a[2] * k)


def multiply(a: RGB, b: RGB) -> RGB:
    return (a[0] * b[0], a[1] * b[1], a[2] * b[2])


def luma(a: RGB) -> float:
    return 0.299 * a[0] + 0.587 * a[1] + 0.114 * a[2]


def saturate(a: RGB, k: float) -> RGB:
    grey = luma(a)
    return mix((grey, grey, grey), a, k)


def hue(h: float, s: float = 0.85, v: float = 1.0) -> RGB:
    return colorsys.hsv_to_rgb(h % 1.0, s, v)


def ramp(value: float, stops: tuple[RGB, RGB, RGB]) -> RGB:
    """The colour of a brightness on a shadow, middle, highlight ramp."""
    t = min(1.0, max(0.0, value))
    return mix(stops[0], stops[1], t * 2) if t < 0.5 else mix(stops[1], stops[2], t * 2 - 1)
