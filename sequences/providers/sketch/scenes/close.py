"""Close pictures: a lantern or candle, a face."""

from __future__ import annotations

import numpy as np

from .bust import bust
from .canvas import Point, curve
from .colour import mix, saturate, times
from .lexicon import RGB
from .light import anamorphic, beam, beam_texture, bokeh_field, glow
from .noise import fbm, shifted
from .props import lantern
from .reading import Figure
from .scene import Scene


def lantern_scene(s: Scene) -> None:
    c, m = s.c, s.m
    colour: RGB = (1.0, .60, .20) if not s.r.palette else mix((1.0, .60, .20), saturate(m.grade[1], 1.4), .55)
    base = times(colour, .20)
    c.wash([(0, times(base, .55)), (.5, base), (1, times(base, .45))])
    c.scale((.7 + .6 * fbm(s.layout("wall"), 4, 3, c.w, c.h, 4)).astype(np.float32))
    x = .5 + s.f.side * .26
    size = .25 + .21 * min(1.9, s.f.size)
    y = .52 + .04 * (s.f.horizon - .6)
    glow(c, x, y, .60, colour, .50)
    bokeh_field(c, s.layout("sparks"), (colour, mix(colour, (1, .9, .7), .5)), 16, .15, .85, .012, .05, .10)
    side = -1 if x > .5 else 1
    candle = "candle" in s.r.props and "lantern" not in s.r.props
    if not s.r.empty:
        bust(s, x + side * (.16 + .40 * size), .60, .20 + .44 * size,
             turn="back" if s.f.turn == "front" else s.f.turn, flip=side > 0, light=-side * 1.0, rim=.85,
             lit=.10,
             rim_colour=mix(colour, (1, .85, .6), .3), figure=s.r.figures[0] if s.r.figures else Figure("man",
                     hood=True), z=.6)
    if candle:
        _candle(s, x, y + .10, size, colour)
        return
    lantern(s, x, y, size, colour)
    _hand(s, x, y - .66 * size * c.uy, size, -side)


def _candle(s: Scene, x: float, y: float, size: float, colour: RGB) -> None:
    c = s.c
    stick = c.stencil(x - .1, y - .05, x + .1, 1)
    stick.rect(x - .055 * size * c.ux, y, x + .055 * size * c.ux, 1.0)
    rows = np.linspace(1.25, .12, stick.size[1], dtype=np.float32)[:, None, None]
    stick.over(rows * np.asarray(mix((.95, .85, .66), colour, .3),
                                 np.float32) * np.ones((1, stick.size[0], 1), np.float32), blur=.002, z=.9)
    flame = c.stencil(x - .1, y - .35, x + .1, y + .03)
    px, py = size * c.ux, size * c.uy
    flame.poly(curve([(x, y - .30 * py), (x + .040 * px, y - .13 * py), (x + .030 * px, y - .03 * py),
                      (x, y - .012 * py), (x - .030 * px, y - .03 * py), (x - .038 * px, y - .12 * py)], 6))
    glow(c, x, y - .12 * py, size * .22, colour, .9)
    flame.add(colour, blur=.012, alpha=.9)
    flame.add((1.0, .92, .70), blur=.004, alpha=.9)


def _hand(s: Scene, x: float, y: float, size: float, side: int) -> None:
    """The hand that holds the lantern up, and the sleeve it comes from."""
    c = s.c
    k = size * .9
    stencil = c.stencil(x - .5, y - .35, x + .5, y + .12)

    def place(px: float, py: float) -> Point:
        return x + side * px * k * c.ux, y - py * k * c.uy
    arm: list[Point] = [(.04, -.02), (.20, .035), (.42, .10), (.90, .38), (.90, .14), (.46, -.08),
                        (.22, -.09), (.06, -.085)]
    stencil.poly([place(*p) for p in curve(arm, 6)])
    for i in range(4):
        px, py = place(-.055 + .046 * i, -.055 - .006 * (i % 2))
        stencil.disc(px, py, k * .034, k * .050)
    stencil.poly([place(*p) for p in curve([(-.10, -.01), (-.07, .035), (.06, .04), (.12, -.02), (.06, -.07),
                                            (-.06, -.06)], 6)])
    mask = stencil.mask(.0025)
    c.over(mask, times((.10, .055, .025), .6), stencil.box, .9)
    low = np.clip(mask - shifted(mask, 0, -max(2, round(.006 * c.unit))), 0, 1)
    c.add(low.astype(np.float32) * np.float32(.55), (1.0, .66, .28), stencil.box)


def face(s: Scene) -> None:
    """Head and shoulders against soft lights: what a close-up is when no place is named."""
    c, m = s.c, s.m
    back = mix(m.mid, m.zenith, .5)
    c.wash([(0, times(back, .8)), (.6, mix(back, m.low, .25)), (1, times(back, .5))])
    side = 1 if s.f.side >= 0 else -1
    light_x = .5 - side * .30
    glow(c, light_x, .42, .42, mix(m.key, m.accents[0], .35), .42)
    c.scale((.75 + .5 * fbm(s.layout("air"), 3, 3, c.w, c.h, 4)).astype(np.float32))
    rng = s.chance("lights")
    k = .8 + .3 * s.f.size
    bokeh_field(c, rng, m.accents, 16, .05, .85, .05 * k, .10 * k, .22)
    bokeh_field(c, rng, m.accents, 26, .25, .70, .015 * k, .05 * k, .34)
    if "beams" in s.r.lights:
        beam(c, light_x, -.1, 1.3, .16, m.key, .5, 1.8, .03, beam_texture(c, s.key))
    anamorphic(c, light_x, .40, m.accents[0], .30, .6)
    turn = s.r.view or {"back": "front"}.get(s.f.turn, "side")
    size = .44 * (.66 + .34 * min(1.7, max(.7, s.f.size)))
    if not s.r.empty:
        bust(s, .5 + side * .10, min(.74, .56 + size * .22), size, turn=turn, flip=side > 0, light=-side,
             rim=1.0, lit=.30 + .35 * m.level, rim_colour=mix(m.key, m.accents[0], .35))
