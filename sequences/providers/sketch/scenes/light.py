"""Light: glows, beams, shafts, bokeh, stars, bloom."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, sin

import numpy as np

from .canvas import Canvas
from .colour import mix, times
from .lexicon import RGB
from .noise import Plane, fbm, generator, lattice, smoothstep


def glow(c: Canvas, x: float, y: float, radius: float, colour: RGB, power: float = 1.0,
         squash: float = 1.0) -> None:
    """A soft light around a point that falls off like air lit by a lamp; radius in units."""
    reach = radius * 7
    box = c.box(x - reach * c.ux, y - reach * c.uy * squash, x + reach * c.ux, y + reach * c.uy * squash)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    dx, dy = c.distance(x, y, box)
    r2 = (dx * dx + (dy / squash) ** 2) / np.float32(radius * radius)
    edge = np.clip(1 - r2 / 49, 0, 1)
    c.add(np.float32(power) * edge * edge / (1 + r2), colour, box)


def core(c: Canvas, x: float, y: float, radius: float, colour: RGB, power: float = 1.0) -> None:
    """A small bright body: hot middle, soft rim."""
    box = c.around(x, y, radius * 2.5)
    dx, dy = c.distance(x, y, box)
    r2 = (dx * dx + dy * dy) / np.float32(radius * radius)
    c.add(np.float32(power) * np.exp(-r2 * r2), colour, box)


def disc(c: Canvas, x: float, y: float, radius: float, colour: RGB | Plane, soft: float = .06,
         alpha: float = 1.0, z: float | None = None) -> None:
    """A round body with a slightly soft edge."""
    box = c.around(x, y, radius * 1.2)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    dx, dy = c.distance(x, y, box)
    r = np.sqrt(dx * dx + dy * dy) / np.float32(radius)
    c.over(np.float32(alpha) * (1 - smoothstep(1 - soft, 1 + soft, r)), colour, box, z)


def beam(c: Canvas, x: float, y: float, angle: float, spread: float, colour: RGB, power: float,
         length: float = 1.6,
         start: float = .012, texture: Plane | None = None) -> None:
    """A cone of light from a place; angle in radians (0 right, pi/2 down), spread is its half width a unit
    of length.
    """
    gx, gy = c.coarse()
    dx, dy = (gx - x) / c.ux, (gy - y) / c.uy
    along = dx * np.float32(cos(angle)) + dy * np.float32(sin(angle))
    across = dy * np.float32(cos(angle)) - dx * np.float32(sin(angle))
    width = start + np.maximum(along, 0) * spread
    body = np.exp(-((across / width) ** 2) * 1.6) * smoothstep(-.01, .03, along)
    fade = np.clip(1 - along / length, 0, 1) ** 1.3 * (start / width) ** .35
    light = np.float32(power) * body * fade
    if texture is not None:
        light = light * (.70 + .6 * texture)
    c.add(c.full(light.astype(np.float32)), colour)


def beam_texture(c: Canvas, seed: str) -> Plane:
    """Smoke for beams, on the coarse grid."""
    gx, gy = c.coarse()
    return fbm(generator(seed), max(3, round(5 * c.aspect)), 4, gx.shape[1], gy.shape[0], 4)


def shafts(c: Canvas, x: float, y: float, colour: RGB, power: float, rng: np.random.Generator,
           count: int = 26, focus: float = 2.0) -> None:
    """Rays that fan out from a place, as light does through leaves or waves."""
    gx, gy = c.coarse(2)
    dx, dy = (gx - x) / c.ux, (gy - y) / c.uy
    angle = np.arctan2(dx, np.maximum(dy, 1e-3))
    strip = lattice(rng, count, 1, 1024, 2)[0] ** focus
    fine = lattice(rng, count * 3, 1, 1024, 2)[0]
    index = np.clip((angle / np.pi + .5) * 1023, 0, 1023).astype(np.int32)
    rays = (strip * (.7 + .6 * fine))[index]
    far = np.sqrt(dx * dx + dy * dy)
    light = np.float32(power) * rays * np.clip(1.25 - far / 1.5, 0, 1) * smoothstep(-.02, .12, dy)
    c.add(c.full(light.astype(np.float32)), colour)


def bokeh(c: Canvas, x: float, y: float, radius: float, colour: RGB, power: float, rim: float = .35) -> None:
    """One out-of-focus light: a flat disc with a brighter rim."""
    box = c.around(x, y, radius * 1.15)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    dx, dy = c.distance(x, y, box)
    r = np.sqrt(dx * dx + dy * dy) / np.float32(radius)
    face = (1 - smoothstep(.92, 1.05, r)) * (.72 + rim * smoothstep(.55, .96, r))
    c.add(np.float32(power) * face, colour, box)


def bokeh_field(c: Canvas, rng: np.random.Generator, colours: Sequence[RGB], count: int, top: float,
                bottom: float,
                smallest: float, largest: float, power: float = .5) -> None:
    """Many of them, most small, brighter near the middle line of their band."""
    for _ in range(count):
        x, t, s, hue, gain = (float(v) for v in rng.random(5))
        y = top + (bottom - top) * (.5 + (t - .5) * (.4 + .6 * float(rng.random())))
        colour = colours[int(hue * len(colours)) % len(colours)]
        colour = mix(colour, (1, 1, 1), .25 * gain)
        bokeh(c, x * 1.1 - .05, y, smallest + (largest - smallest) * s * s, colour, power * (.35 + .8 * gain))


def stars(c: Canvas, rng: np.random.Generator, count: int, bottom: float, colour: RGB,
          power: float = 1.0) -> None:
    """Points of light, denser at the top."""
    for _ in range(count):
        x, y, size, gain = (float(v) for v in rng.random(4))
        y = bottom * y ** 1.2
        fade = 1 - (y / max(.01, bottom)) ** 3
        radius = .0011 + .0016 * size ** 6
        core(c, x, y, max(radius, .55 / c.unit), times(colour, fade), power * (.15 + .85 * gain ** 3))


def anamorphic(c: Canvas, x: float, y: float, colour: RGB, power: float, length: float = .5) -> None:
    """The thin level flare of a wide lens."""
    box = c.box(x - length * c.ux, y - .012 * c.uy, x + length * c.ux, y + .012 * c.uy)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    dx, dy = c.distance(x, y, box)
    c.add(np.float32(power) * np.exp(-(dy / .0028) ** 2) * np.clip(1 - np.abs(dx) / length, 0, 1) ** 3,
          colour, box)
