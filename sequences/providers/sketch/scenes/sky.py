"""Skies: gradients, clouds, sun, moon, birds, far hills."""

from __future__ import annotations

import numpy as np

from .canvas import curve
from .colour import mix, saturate, times
from .lexicon import RGB
from .light import core, disc, glow, stars
from .noise import fbm, lattice, shifted, smoothstep
from .scene import Scene


def sky(s: Scene, horizon: float, *, clouds: float | None = None, starry: bool | None = None) -> None:
    """The whole sky down to the horizon, with clouds and stars as hour and weather have them."""
    m = s.m
    s.c.wash([(0, m.zenith), (.55, m.mid), (.86, mix(m.mid, m.low, .7)), (1, m.low)], 0, horizon)
    cover = clouds if clouds is not None else {"clear": .1, "cloud": .9, "storm": 1.0, "fog": .25, "rain": .7,
                                               "snow": .5}.get(s.r.weather, .55)
    night = m.level < .3
    if (night if starry is None else starry) and s.r.weather not in ("fog", "rain", "storm", "snow", "cloud"):
        stars(s.c, s.layout("stars"), 150, horizon * .96, (.92, .95, 1.0), .8)
    if cover > .05:
        _clouds(s, horizon, cover)


def _clouds(s: Scene, horizon: float, cover: float) -> None:
    """Two decks of streaky cloud, lit from below near the horizon, as perspective lays them."""
    c, m, rng = s.c, s.m, s.layout("clouds")
    height = max(8, round(c.h * horizon))
    rows = (np.arange(height, dtype=np.float32) / height)[:, None]
    wide = max(2, round(2.4 * c.aspect))
    body = fbm(rng, wide, 9, c.w, height, 5, .58)
    wisp = fbm(rng, max(1, wide // 2), 22, c.w, height, 4, .6)
    shape = smoothstep(.62 - .30 * cover, .86 - .18 * cover, body * .62 + wisp * .42)
    lit = mix(m.low, m.key, .4)
    shade = times(m.mid, .62 if m.level > .3 else .55)
    edge = smoothstep(.35, .8, wisp) * (.25 + .75 * rows)
    colour = np.asarray(shade, np.float32) + edge[..., None] * (np.asarray(lit,
            np.float32) * (.55 + .45 * m.level) - np.asarray(shade, np.float32))
    alpha = shape * (.75 * cover + .05) * (1 - .55 * smoothstep(.75, 1.0, rows))
    c.over(alpha.astype(np.float32), colour, (0, 0, c.w, height))


def sun(s: Scene, x: float, y: float, radius: float = .045, power: float = 1.0) -> None:
    """A low sun with the haze it lights."""
    warm = saturate(s.m.key, 1.25)
    veiled = s.r.weather in ("fog", "rain", "storm", "cloud", "snow")
    gain = power * (.45 if veiled else 1.0)
    glow(s.c, x, y, radius * 6, warm, .30 * gain)
    glow(s.c, x, y, radius * 1.9, warm, .55 * gain)
    if not veiled:
        disc(s.c, x, y, radius, mix(s.m.key, (1, 1, 1), .6), .05)
        core(s.c, x, y, radius, mix(s.m.key, (1, 1, 1), .5), .5)


def moon(s: Scene, x: float, y: float, radius: float, power: float = 1.0) -> None:
    """A full moon with its seas and a halo."""
    c = s.c
    tone = mix(mix((.93, .95, .93), s.m.key, .18), s.m.air, .12)
    glow(c, x, y, radius * 1.5, times(mix(tone, s.m.low, .3), .42 * power))
    box = c.around(x, y, radius * 1.2)
    width, height = box[2] - box[0], box[3] - box[1]
    if width < 2 or height < 2:
        return
    dx, dy = c.distance(x, y, box)
    r = np.sqrt(dx * dx + dy * dy) / np.float32(radius)
    seas = fbm(s.layout("moon"), 4, 4, width, height, 4, .6)
    face = (.80 + .26 * seas) * (1.03 - .20 * r * r) * np.float32(power)
    c.over((1 - smoothstep(.975, 1.02, r)).astype(np.float32), face[..., None] * np.asarray(tone, np.float32),
           box)


def veil(s: Scene, y: float, height: float, colour: RGB, amount: float, name: str = "veil") -> None:
    """A bank of mist around a height, thick in the middle, torn by noise; height in shares of the frame."""
    c = s.c
    box = c.box(0, y - height, 1, y + height)
    if box[3] - box[1] < 2:
        return
    torn = fbm(s.layout(name), max(2, round(3 * c.aspect)), 3, box[2] - box[0], box[3] - box[1], 4, .55)
    band = np.clip(1 - np.abs(c.y[box[1]:box[3]] - y) / height, 0, 1)
    c.over((np.float32(amount) * smoothstep(0, 1, band) * (.55 + .75 * (torn - .1))).clip(0, 1), colour, box)


def hills(s: Scene, base: float, height: float, colour: RGB, name: str, bumps: int = 4, rough: float = .35,
          z: float = .1,
          lit: float = 0.0) -> list[tuple[float, float]]:
    """A line of hills from side to side; gives back its ridge. Heights are shares of the frame."""
    rng = s.layout(name)
    count = 140
    line = lattice(rng, bumps, 1, count, 4)[0] + rough * lattice(rng, bumps * 5, 1, count,
            4)[0] + rough * .3 * lattice(rng, bumps * 18, 1, count, 4)[0]
    line = (line - line.min()) / max(1e-6, float(line.max() - line.min()))
    ridge = [(i / (count - 1) * 1.02 - .01, base - height * float(v)) for i, v in enumerate(line)]
    stencil = s.c.stencil(0, base - height * 1.05, 1, 1)
    stencil.poly([*ridge, (1.02, 1.02), (-.02, 1.02)])
    mask = stencil.mask()
    s.c.over(mask, colour, stencil.box, z)
    if lit:
        top = shifted(mask, 0, 3)
        s.c.add(np.clip(mask - top, 0, 1) * np.float32(lit), s.m.key, stencil.box)
    return ridge


def birds(s: Scene, x: float, y: float, count: int = 5, size: float = .022,
          colour: RGB | None = None) -> None:
    rng = s.layout("birds")
    stencil = s.c.stencil()
    for _ in range(count):
        a, b, k, lift = (float(v) for v in rng.random(4))
        cx, cy, w = x + (a - .5) * .26, y + (b - .5) * .14, size * (.5 + .8 * k)
        ux, uy = w * s.c.ux, w * s.c.uy
        wing = curve([(cx - ux, cy - uy * .1 * lift), (cx - ux * .45, cy - uy * .42), (cx, cy),
                      (cx + ux * .45, cy - uy * .42), (cx + ux, cy - uy * .1)], 5, False)
        stencil.line(wing, .0030)
    stencil.over(colour or times(s.m.air, .35), alpha=.85)
