"""Rain on glass: lights out of focus behind drops."""

from __future__ import annotations

import numpy as np

from .bust import bust
from .canvas import Point
from .colour import mix, times
from .light import bokeh_field
from .mood import CITY
from .noise import Plane, fbm, smoothstep
from .scene import Scene


def rain(s: Scene) -> None:
    c, m = s.c, s.m
    base = mix(m.zenith, (.03, .035, .05), .4)
    c.wash([(0, times(base, .7)), (.5, mix(m.mid, base, .5)), (1, times(base, .6))])
    murk = fbm(s.layout("murk"), 4, 3, c.w, c.h, 4)
    c.add((smoothstep(.2, .9, murk) * .30).astype(np.float32), m.accents[1])
    rng = s.chance("bokeh") if s.variant else s.layout("bokeh")
    mid = .30 + .38 * (s.f.horizon - .4)
    k = .75 + .35 * s.f.size
    gain = .70
    bokeh_field(c, rng, m.accents, 30, mid - .42, mid + .50, .06 * k, .115 * k, gain * .50)
    bokeh_field(c, rng, (*m.accents, *CITY[:3]), 60, mid - .34, mid + .44, .03 * k, .075 * k, gain)
    bokeh_field(c, rng, (*m.accents[:2], *CITY), 46, mid - .05, mid + .24, .010 * k, .026 * k, gain * 1.15)
    who = bool(s.r.figures) or (not s.r.known) or s.variant in (0, 3, 6)
    if who and not s.r.empty:
        side = 1 if s.f.side >= 0 else -1
        bust(s, .5 + side * .26, .62, .42 * min(1.35, .75 + .25 * s.f.size),
             turn=s.f.turn if s.f.turn != "front" else "back", flip=side > 0, light=-side,
             rim=.75, lit=.10, rim_colour=mix(m.accents[0], m.key, .3))
    _drops(s)


def _drops(s: Scene) -> None:
    """Beads and runs of water on the pane: each turns the picture behind it upside down and catches a
    light.
    """
    c, rng = s.c, s.layout("drops")
    source = c.rgb[::4, ::4].copy()
    for _ in range(16):
        x, y, length, w, g = (float(v) for v in rng.random(5))
        _run(s, x, y * .8 - .1, .10 + .40 * length, .0022 + .002 * w, g)
    for i in range(370):
        x, y, k, g = (float(v) for v in rng.random(4))
        radius = .0022 + .0045 * k if i < 250 else .007 + .015 * k ** 2.5
        _bead(s, source, x, y, radius, g)


def _bead(s: Scene, source: Plane, x: float, y: float, radius: float, gain: float) -> None:
    c = s.c
    box = c.around(x, y, radius * 1.15)
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return
    dx, dy = c.distance(x, y, box)
    nx, ny = dx / radius, dy / (radius * 1.12)
    r2 = nx * nx + ny * ny
    mask = (1 - smoothstep(.8, 1.1, r2)).astype(np.float32)
    rows = np.clip(((y - ny * .16) * source.shape[0]).astype(np.int32), 0, source.shape[0] - 1)
    cols = np.clip(((x - nx * .12) * source.shape[1]).astype(np.int32), 0, source.shape[1] - 1)
    seen = source[np.broadcast_to(rows, r2.shape), np.broadcast_to(cols, r2.shape)]
    shade = (.55 + .75 * np.clip(ny * .6 + .4, 0, 1) - .45 * smoothstep(.6, 1.0, r2))[..., None]
    c.over(mask * np.float32(.92), seen * shade * 1.25 + .012, box)
    spark = np.exp(-((nx + .32) ** 2 + (ny + .42) ** 2) * 14)
    c.add((spark * mask * (.35 + .5 * gain)).astype(np.float32), (.9, .95, 1.0), box)


def _run(s: Scene, x: float, y: float, length: float, width: float, gain: float) -> None:
    """The track a drop leaves: a thin bright line that wavers."""
    points: list[Point] = []
    for i in range(12):
        t = i / 11
        points.append((x + .004 * float(np.sin(t * 9 + gain * 6)) * t, y + length * t))
    stencil = s.c.stencil(x - .02, y, x + .02, y + length + .03)
    if stencil.size[0] < 2 or stencil.size[1] < 2:
        return
    stencil.line(points, width * 1.6)
    mask = stencil.mask(.0012) * np.linspace(.1, 1, stencil.size[1], dtype=np.float32)[:, None]
    s.c.scale(1 - .35 * mask, stencil.box)
    s.c.add(mask * np.float32(.10 + .16 * gain), s.m.accents[int(gain * 7) % len(s.m.accents)], stencil.box)
    _bead(s, s.c.rgb[::4, ::4].copy(), points[-1][0], min(.99, points[-1][1]), width * 2.6, gain)
