"""Ground and water: mirrors, ripples, glitter, wet floors, shadows on the ground."""

from __future__ import annotations

import numpy as np

from .colour import mix, times
from .lexicon import RGB
from .noise import Plane, lattice, smoothstep, tile
from .scene import Scene


def ripples(s: Scene, top: int, height: int, scale: float = 1.0, name: str = "water") -> Plane:
    """Waves in perspective, -0.5..0.5: fine at the horizon, broad in front."""
    c = s.c
    texture = tile(s.layout(name), 512, 4, 10, 22)
    near = ((np.arange(height, dtype=np.float32) + .5) / max(1, c.h - top))[:, None]
    across = (c.x - .5) * c.aspect / (near * .9 + .07) * (70 * scale)
    along = np.log(near + .025) * (210 * scale)
    u = (across + along * .35).astype(np.int32) % 512
    v = np.broadcast_to((along * 1.7).astype(np.int32) % 512, u.shape)
    return texture[v, u] - np.float32(.5)


def mirror(s: Scene, y: float, bottom: float = 1.0, *, tint: RGB = (.8, .85, .9), body: RGB | None = None,
           strength: float = .8,
           rough: float = 1.0, stretch: float = 1.0, name: str = "water", z: bool = True) -> Plane:
    """Fill below a height with the reflection of what is above it, broken by ripples. Gives back the
    waves.
    """
    c = s.c
    top, end = round(y * c.h), round(bottom * c.h)
    height = end - top
    if height < 2 or top < 2:
        return np.zeros((1, c.w), np.float32)
    wave = ripples(s, top, height, name=name)
    i = np.arange(height, dtype=np.float32)[:, None]
    near = i / max(1, c.h - top)
    total = np.zeros((height, c.w, 3), np.float32)
    columns = np.broadcast_to(np.arange(c.w, dtype=np.float32), (height, c.w))
    for reach, weight in ((.25, .40), (1.0, .35), (2.4, .25)):
        swing = wave * np.float32(rough * reach * c.unit * .22) * (.12 + near)
        row = np.clip(top - 1 - i * stretch - swing, 0, top - 1).astype(np.int32)
        col = np.clip(columns + swing * .22, 0, c.w - 1).astype(np.int32)
        total += np.float32(weight) * c.rgb[row, col]
    deep = np.asarray(body if body is not None else times(s.m.zenith, .5), np.float32)
    fresnel = np.clip(strength * (1.06 - .42 * near) + wave * .25 * rough, 0, 1)[..., None]
    c.rgb[top:end] = total * np.asarray(tint, np.float32) * fresnel + deep * (1 - fresnel)
    if c.depth is not None and z:
        c.depth[top:end] = .05 + .95 * near
    return wave


def water(s: Scene, y: float, bottom: float = 1.0, rough: float = 1.0, light_x: float | None = None) -> None:
    """Open water below a height: reflection, dark troughs, and glitter under the light."""
    c, m = s.c, s.m
    storm = 1.8 if s.r.weather == "storm" else 1.0
    wave = mirror(s, y, bottom, tint=(.82, .86, .90), body=times(mix(m.zenith, m.mid, .4), .42), strength=.82,
                  rough=rough * storm)
    top, end = round(y * c.h), round(bottom * c.h)
    if end - top < 2:
        return
    near = ((np.arange(end - top, dtype=np.float32) + .5) / max(1, c.h - top))[:, None]
    c.scale((1 + wave * (.34 + .5 * near) * rough).astype(np.float32), (0, top, c.w, end))
    if light_x is not None:
        spread = .035 + .16 * near
        column = np.exp(-(((c.x - light_x) / c.ux) / spread) ** 2)
        sparks = smoothstep(.06, .30, wave) * (.5 + .8 * (1 - near))
        c.add((column * sparks * .75).astype(np.float32), m.key, (0, top, c.w, end))
        c.add((column * .10 * (1 - .6 * near)).astype(np.float32), m.key, (0, top, c.w, end))
    line = c.box(0, y - .004, 1, y + .004)
    c.over(np.full((line[3] - line[1], c.w), .25 + .4 * s.haze, np.float32), m.air, line)


def floor(s: Scene, y: float, colour: RGB, near: RGB, *, wet: float = .5, rough: float = .8,
          name: str = "floor") -> None:
    """A street or floor from a height down: its own colour, and as much mirror as it is wet."""
    c = s.c
    top = round(y * c.h)
    if c.h - top < 2:
        return
    wave = mirror(s, y, 1.0, tint=(.92, .92, .95), body=(0, 0, 0), strength=1.0, rough=rough, name=name)
    shine = c.rgb[top:].copy()
    down = np.linspace(0, 1, c.h - top, dtype=np.float32)[:, None, None]
    c.rgb[top:] = np.asarray(colour, np.float32) * (1 - down) + np.asarray(near, np.float32) * down
    patch = lattice(s.layout(name + "patch"), max(3, round(4 * c.aspect)), 7, c.w, c.h - top)
    gloss = np.clip(wet * (.45 + .9 * patch), 0, 1)[..., None]
    c.rgb[top:] = c.rgb[top:] * (1 + .35 * wave[..., None]) * (1 - .5 * gloss) + shine * gloss


def contact(s: Scene, x: float, y: float, width: float, strength: float = .75) -> None:
    """The dark patch under feet and wheels; width in units."""
    c = s.c
    box = c.box(x - width * 1.6 * c.ux, y - width * .35 * c.uy, x + width * 1.6 * c.ux,
                y + width * .45 * c.uy)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    dx, dy = c.distance(x, y, box)
    c.scale((1 - np.float32(strength) * np.exp(-((dx / width) ** 2 + (dy / (width
            * .16)) ** 2))).astype(np.float32), box)


def cast_shadow(s: Scene, x: float, y: float, length: float, width: float, slant: float,
                strength: float = .5) -> None:
    """A long shadow towards the viewer from feet at x, y; slant moves its far end sideways (units)."""
    c = s.c
    tip = (x + slant * c.ux, y + length * c.uy)
    stencil = c.stencil(min(x, tip[0]) - width * c.ux * 2, y - .01, max(x, tip[0]) + width * c.ux * 2,
                        tip[1] + .01)
    w = width * c.ux
    stencil.poly([(x - w * .5, y), (x + w * .5, y), (tip[0] + w, tip[1]), (tip[0] - w, tip[1])])
    mask = stencil.mask(width * .25)
    rows = np.linspace(1, .15, mask.shape[0], dtype=np.float32)[:, None]
    c.scale(1 - np.float32(strength) * mask * rows, stencil.box)
