"""Pictures under water."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Point, Stencil, curve
from .cast import edge
from .colour import mix, times
from .lexicon import RGB
from .light import bokeh, core, glow, shafts
from .noise import fbm
from .props import lantern
from .reading import Figure
from .scene import Scene


def underwater(s: Scene) -> None:
    c, m = s.c, s.m
    night = m.dark
    # warm light under water is a lamp's, the water stays water
    own = s.r.palette in ("", "warm", "amber", "sepia")
    bright: RGB = (.46, .80, .80) if own else m.low
    deep: RGB = (.02, .10, .14) if own else times(m.zenith, .45)
    k = .45 if night else 1.0
    c.wash([(0, times(mix(bright, (1, 1, 1), .25), k)), (.10, times(bright, .80 * k)),
            (.45, times(mix(bright, deep, .55), k)), (1, times(deep, k))])
    gx = fbm(s.layout("murk"), 4, 3, c.w, c.h, 4)
    c.scale((.82 + .36 * gx).astype(np.float32))
    x = .5 + s.f.light * .32
    _surface(s, bright, k)
    shafts(c, x, -.22, mix(bright, (1, 1, 1), .4), .62 * k, s.chance("shafts"), 30, 2.6)
    glow(c, x, -.04, .34, (1, 1, 1), .34 * k)
    if "lantern" in s.r.props and not s.r.figures:
        lantern(s, s.subject_x(.2), .56, .16 + .12 * s.f.size, power=.9)
    else:
        _swimmer(s)
    _motes(s, bright, k)


def _surface(s: Scene, bright: RGB, k: float) -> None:
    """The underside of the waves, seen from below."""
    c = s.c
    rows = max(4, round(c.h * .17))
    near = ((np.arange(rows, dtype=np.float32) + .5) / rows)[:, None]
    texture = fbm(s.layout("surface"), 9, 9, 512, 256, 4, .6)
    u = ((c.x - .5) * 90 / (1.15 - near) + 256).astype(np.int32) % 512
    v = np.broadcast_to((near * 210).astype(np.int32) % 256, u.shape)
    web = 1 - np.abs(texture[v, u] - .5) * 6
    c.add((np.clip(web, 0, 1) * .50 * k * (1 - near) ** .7).astype(np.float32), mix(bright, (1, 1, 1), .6),
          (0, 0, c.w, rows))


# body of a swimmer, upright: x right, y up, the waist at 0,0; which tone each part takes
_BODY: tuple[tuple[str, list[Point]], ...] = (
    ("legs", [(-.045, -.10), (.0, -.12), (-.012, -.32), (-.040, -.52), (-.075, -.62), (-.098, -.64),
              (-.085, -.58), (-.066, -.50), (-.062, -.30)]),
    ("legs", [(.0, -.12), (.05, -.10), (.068, -.28), (.118, -.42), (.165, -.50), (.180, -.535), (.150, -.525),
              (.10, -.455), (.045, -.32), (.018, -.28)]),
    ("coat", [(-.088, .385), (-.14, .40), (-.235, .49), (-.315, .60), (-.345, .645), (-.325, .65),
              (-.295, .62), (-.205, .53), (-.10, .45)]),
    ("coat", [(.088, .385), (.14, .355), (.25, .33), (.345, .365), (.395, .40), (.395, .42), (.335, .40),
              (.25, .375), (.13, .425)]),
    ("coat", [(-.03, .445), (-.088, .425), (-.118, .385), (-.105, .26), (-.078, .12), (-.105, -.02),
              (-.155, -.16), (-.09, -.215), (-.02, -.19), (.05, -.225),
              (.14, -.18), (.105, -.02), (.078, .12), (.105, .26), (.118, .385), (.088, .425), (.03, .445)]),
    ("skin", [(-.022, .43), (.022, .43), (.026, .48), (-.026, .48)]),
    ("head", [(0, .605), (.038, .592), (.050, .545), (.040, .495), (0, .465), (-.040, .495), (-.050, .545),
              (-.038, .592)]),
)


def _swimmer(s: Scene) -> None:
    """A body that floats: legs trailing, arms spread, seen dark against the light."""
    if s.r.empty or "whale" in s.r.seen:
        return
    c = s.c
    who = s.r.figures[0] if s.r.figures else Figure("person")
    x, y, size = s.subject_x(.24), .56, .46 * s.f.size ** .65
    tilt = (-.5 if s.f.side > 0 else .5) + .3 * (float(s.chance("tilt").random()) - .5)
    water = s.m.air if s.r.palette else (.16, .40, .43)
    tones: dict[str, RGB] = {"legs": (.015, .03, .035), "skin": mix((.10, .12, .12), water, .2),
                             "head": (.02, .03, .035),
                             "coat": mix(mix((.015, .05, .06), who.coat or (.02, .06, .07),
                                             .70 if who.coat else 1.0), water, .12)}

    def place(px: float, py: float) -> Point:
        qx, qy = px * np.cos(tilt) - py * np.sin(tilt), px * np.sin(tilt) + py * np.cos(tilt)
        return float(x + qx * size * c.ux), float(y - qy * size * c.uy)
    box = c.around(x, y, size * .95)
    whole = np.zeros((box[3] - box[1], box[2] - box[0]), np.float32)
    if who.kind != "man":
        strands = Stencil(c, box)
        _loose_hair(s, strands, place, size)
        strands.over(tones["head"], blur=.0008, z=.7)
    for part, shape in _BODY:
        stencil = Stencil(c, box)
        stencil.poly([place(*p) for p in curve(shape, 6)])
        mask = stencil.mask(.0012)
        c.over(mask, tones[part], box, .7)
        whole = np.maximum(whole, mask)
    edge(s, whole, box, s.f.light, .30, size * .010, mix(water, (1, 1, 1), .35))


def _loose_hair(s: Scene, strands: Stencil, place: Callable[[float, float], Point], size: float) -> None:
    """Hair that rises and spreads as it does in water."""
    rng = s.layout("hair")
    count = 130
    drift = (float(rng.random()) - .5) * .10
    for i in range(count):
        length, sway, bend = (float(v) for v in rng.random(3))
        k = i / (count - 1)
        root = (-.046 + .092 * k, .545 + .05 * float(np.sin(np.pi * k)))
        reach = (.05 + .13 * float(np.sin(np.pi * k)) ** .5) * (.55 + .6 * length)
        lean = (k - .5) * .12 + drift
        mid = (root[0] + lean * .35, root[1] + reach * .55)
        tip = (root[0] + lean * 1.3 + drift + (bend - .5) * .035, root[1] + reach * (.85 + .2 * sway))
        strands.line([place(*p) for p in curve([root, mid, tip], 6, False)], size * .0042)


def _motes(s: Scene, bright: RGB, k: float) -> None:
    """Bubbles that rise and specks that hang in the water."""
    c, rng = s.c, s.chance("bubbles")
    bx, by = s.subject_x(.24) + .04, .5
    for i in range(70):
        a, b, r, g = (float(v) for v in rng.random(4))
        if i < 26:
            x, y = bx + (a - .5) * .10, by - .42 * b ** 1.3
        else:
            x, y = a, b
        if i < 26:
            bokeh(c, x, y, .003 + .008 * r * r, mix(bright, (1, 1, 1), .5), .20 * k * (.4 + g), 1.2)
        else:
            core(c, x, y, .0012 + .0022 * r, mix(bright, (1, 1, 1), .4), .35 * g * k)
