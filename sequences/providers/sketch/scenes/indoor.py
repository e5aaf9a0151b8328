"""Pictures indoors: corridor or car deck, room with a window."""

from __future__ import annotations

import numpy as np

from .bust import bust
from .canvas import curve
from .cast import cast
from .colour import mix, times
from .lexicon import RGB
from .light import bokeh, core, glow
from .noise import fbm, lattice, shifted
from .props import LAMP, car_rear
from .scene import Scene
from .sky import veil
from .surface import cast_shadow, contact, floor


def corridor(s: Scene) -> None:
    c, m = s.c, s.m
    vx, vy = .5 - s.f.side * .10, max(.42, min(.60, s.f.horizon - .06))
    tone = mix(m.air if m.level > .3 else mix(m.mid, m.key, .30),
               (.34, .27, .17) if not s.r.palette else m.grade[1], .55)
    cars = any(w in s.r.seen for w in ("car deck", "garage", "car park", "parking",
                                       "ferry")) or "car" in s.r.props
    _shell(s, vx, vy, tone)
    lamp: RGB = mix(m.key, (1, 1, 1), .45)
    glow(c, vx, vy + .03, .30, lamp, .55)
    glow(c, vx, vy + .03, .09, (1, 1, 1), .55)
    _ceiling_lamps(s, vx, vy, lamp)
    _wall_lamps(s, vx, vy)
    floor(s, vy + .17 if cars else vy + .13, times(tone, .35), times(tone, .07), wet=.78, rough=.55,
          name="concrete")
    _floor_edges(s, vx, vy)
    if cars:
        _cars(s, vx, vy)
    foot = min(1.08, vy + .26 + .12 * max(0.0, s.f.size - .6))
    x = vx + (s.subject_x(.14) - vx) * .6
    if cast(s, x, foot, .36 * s.f.size ** .85, lit=.20, rim=.8, light=.35 * s.f.side or .4, usual=1):
        cast_shadow(s, x, foot, .34, .10, (x - vx) * .8, .55)
    veil(s, vy + .12, .10, lamp, .10 + .25 * s.haze)


def _shell(s: Scene, vx: float, vy: float, tone: RGB) -> None:
    """Walls, ceiling and floor as nested frames that get lighter towards the far end."""
    c = s.c
    dx, dy = np.abs((c.x - vx) / c.ux) / 1.30, np.abs((c.y - vy) / c.uy) / np.where(c.y < vy, 1.0, .95)
    r = np.maximum(dx, dy) + .01
    depth = 1 / r
    ribs = np.exp(-(((np.log2(depth) * 2.1) % 1 - .5) / .07) ** 2) * np.clip(r * 1.8, 0, 1)
    panel = ((np.log2(depth) * 2.1) % 1)
    shade = .16 + .62 * np.exp(-r * 2.1) + .05 * panel - .07 * ribs
    side = (dx > dy).astype(np.float32)
    stain = fbm(s.layout("stain"), 7, 5, c.w, c.h, 4)
    shade = shade * (.80 + .36 * stain) * (1 - .12 * side)
    c.rgb[:] = shade[..., None] * np.asarray(tone, np.float32) * 1.55
    if c.depth is not None:
        c.depth[:] = np.clip(r, 0, 1)


def _ceiling_lamps(s: Scene, vx: float, vy: float, lamp: RGB) -> None:
    """Two rows of tubes overhead that run to the far end."""
    c, rng = s.c, s.layout("tubes")
    rows = (-.30, .30) if s.variant not in (4, 7) else (0.0,)
    bars = c.stencil(0, 0, 1, vy)
    for i in range(11):
        t, u = .92 * .70 ** i, .92 * .70 ** (i + .30)
        for row in rows:
            if "flicker" in s.r.lights and rng.random() < .35:
                continue
            wide = .16 if len(rows) > 1 else .22
            quad = [(vx + (row - wide) * c.ux * t * 1.2, vy - t * .62),
                    (vx + (row + wide) * c.ux * t * 1.2, vy - t * .62),
                    (vx + (row + wide) * c.ux * u * 1.2, vy - u * .62), (vx + (row - wide) * c.ux * u * 1.2,
                            vy - u * .62)]
            bars.poly(quad)
            glow(c, vx + row * c.ux * t * 1.2, vy - t * .60, .09 * t + .008, lamp, .30)
    bars.add(lamp, blur=.012, alpha=.7)
    bars.over(mix(lamp, (1, 1, 1), .6))


def _wall_lamps(s: Scene, vx: float, vy: float) -> None:
    c = s.c
    colour = mix((1.0, .24, .14), s.m.accents[0], .5 if s.r.palette else .12)
    for i in range(10):
        t = .80 * .76 ** i
        for side in (-1, 1):
            x = vx + side * 1.25 * t * c.ux
            marks = c.stencil(x - .03, vy - .06 - .03 * t, x + .03, vy + .06)
            if marks.size[0] < 2 or marks.size[1] < 2:
                continue
            marks.rect(x - .012 * t * c.ux, vy - .045 * t, x + .012 * t * c.ux, vy + .045 * t)
            marks.over(mix(colour, (1, .9, .8), .25))
            glow(c, x, vy, .035 * t, colour, .55)


def _floor_edges(s: Scene, vx: float, vy: float) -> None:
    c = s.c
    lines = c.stencil(0, vy, 1, 1)
    for k in (-.62, -.2, .2, .62):
        lines.line([(vx + k * .2 * c.ux, vy + .15), (vx + k * 2.0 * c.ux, 1.02)], .004, .7)
    rows = np.linspace(.0, .6, lines.size[1], dtype=np.float32)[:, None]
    c.over(lines.mask(.001) * rows, mix((.8, .62, .2), s.m.key, .3), lines.box)


def _cars(s: Scene, vx: float, vy: float) -> None:
    """Parked cars to both sides, near ones dark shapes with red lights."""
    for t in (.26, .44, .80):
        for side in (-1, 1):
            car_rear(s, vx + side * .78 * t * s.c.ux * 1.15, vy + .10 + .46 * t, .56 * t,
                     lights=.9 if t > .6 else .5, colour=(.03, .028, .026))


def room(s: Scene) -> None:
    c, m = s.c, s.m
    right = s.f.side < 0
    wall = mix(times(mix(m.mid, (.30, .27, .25), .5), .55 + .40 * m.level), m.key, .06)
    c.wash([(0, times(wall, .45)), (.55, wall), (.80, times(wall, .8)), (1, times(wall, .35))])
    c.scale((.80 + .4 * fbm(s.layout("plaster"), 6, 4, c.w, c.h, 4)).astype(np.float32))
    zoom = .72 + .28 * min(1.8, s.f.size)
    wx = .5 + (.17 if right else -.17)
    w, top, low = .155 * zoom * max(1.0, 1.7 / c.aspect) ** .6, .5 - .34 * zoom ** .8, min(.74,
            .5 + .18 * zoom ** .5)
    _view(s, wx, w, top, low)
    _window_light(s, wx, w, low, right)
    _curtains(s, wx, w, top, low)
    _furniture(s, wx, low, right)
    if "candle" in s.r.lights or "candle" in s.r.props:
        _sill_candle(s, wx - .05 * c.ux, low)
    if s.r.figures and s.r.figures[0].pose == "sit":
        _seated(s, wx, w, right)
        return
    x = wx + (.20 if right else -.20) * (-1 if s.variant % 2 else 1) * .8
    foot = min(1.15, .93 + .12 * max(0.0, s.f.size - 1))
    if cast(s, x, foot, .62 * s.f.size ** .45, lit=.20 + .25 * m.level, rim=1.0,
            light=1.0 if wx > x else -1.0):
        cast_shadow(s, x, foot, .2, .1, (x - wx) * .8, .5)


def _seated(s: Scene, x: float, w: float, right: bool) -> None:
    """Somebody who sits by the window, in profile behind a table's edge."""
    c, side = s.c, -1 if right else 1
    size = .17 + .07 * min(1.8, s.f.size)
    px = x + side * w * .55
    bust(s, px, .60, size, turn="side", flip=side > 0, light=-float(side), rim=.9, lit=.30 + .30 * s.m.level)
    table = c.stencil(0, .80, 1, 1)
    left, right_end = sorted((px + side * .22, px - side * .42))
    table.rect(left, .885, right_end, .915)
    table.rect(left + .02, .91, right_end - .02, 1.01, .8)
    mask = table.mask(.0015)
    c.over(mask, mix(s.m.ink, (.12, .08, .05), .35 + .4 * s.m.level), table.box, .97)
    shine = np.clip(mask - shifted(mask, 0, max(1, round(.006 * c.unit))), 0, 1)
    c.add(shine * np.float32(.45), mix(s.m.low, s.m.key, .5), table.box)


def _sill_candle(s: Scene, x: float, y: float) -> None:
    """A candle on the window sill."""
    c = s.c
    stick = c.stencil(x - .03, y - .08, x + .03, y)
    stick.rect(x - .008 * c.ux, y - .055 * c.uy, x + .008 * c.ux, y)
    stick.over((.85, .72, .50))
    glow(c, x, y - .07 * c.uy, .16, (1.0, .62, .26), .55)
    glow(c, x, y - .07 * c.uy, .03, (1.0, .72, .36), .8)
    core(c, x, y - .068 * c.uy, .009, (1.0, .92, .7), 1.4)


def _view(s: Scene, x: float, w: float, top: float, low: float) -> None:
    """What the window shows: sky, far lights at night, rain on the pane."""
    c, m = s.c, s.m
    box = c.box(x - w, top, x + w, low)
    if box[2] - box[0] < 4 or box[3] - box[1] < 4:
        return
    rows = np.linspace(0, 1, box[3] - box[1], dtype=np.float32)[:, None, None]
    up, down = np.asarray(mix(m.mid, m.zenith, .5), np.float32) * 1.1, np.asarray(m.low, np.float32) * 1.25
    c.rgb[box[1]:box[3], box[0]:box[2]] = up + rows * (down - up)
    if m.level < .35:
        rng = s.layout("outside")
        for _ in range(38):
            a, b, k, g = (float(v) for v in rng.random(4))
            bokeh(c, x - w * .9 + 1.8 * w * a, low - (low - top) * (.05 + .40 * b), .007 + .022 * k * k,
                  m.accents[int(g * 7) % len(m.accents)], .16 + .28 * g)
    if any(word in s.r.seen for word in _AFLOAT):
        _sea_outside(s, x, w, low - (low - top) * .34, low)
    else:
        _roofs_outside(s, x, w, low - (low - top) * .18, low)
    frame = c.stencil(x - w - .03, top - .05, x + w + .03, low + .05)
    t = .012
    frame.rect(x - w - t * c.ux, top - t, x - w + t * c.ux, low + t)
    frame.rect(x + w - t * c.ux, top - t, x + w + t * c.ux, low + t)
    frame.rect(x - w, top - t, x + w, top + t * .8)
    frame.rect(x - w * 1.06, low - t * .6, x + w * 1.06, low + t * 1.6)
    frame.line([(x, top), (x, low)], .014)
    frame.line([(x - w, top + (low - top) * .40), (x + w, top + (low - top) * .40)], .012)
    frame.over(times(m.ink, 1.1), z=.3)
    glow(c, x, (top + low) / 2, .40, mix(m.low, m.key, .2), .30 + .20 * m.level)


_AFLOAT = ("sea", "ferry", "ship", "cabin", "wheelhouse", "porthole", "ocean", "boat")


def _roofs_outside(s: Scene, x: float, w: float, y: float, low: float) -> None:
    roofs, rng = s.c.stencil(x - w, y - .1, x + w, low), s.layout("roofs")
    px = x - w
    while px < x + w:
        a, b = (float(v) for v in rng.random(2))
        roofs.rect(px, y - .07 * b, px + .02 + .04 * a, low + .01)
        px += .022 + .04 * a
    roofs.over(mix(times(s.m.mid, .5), s.m.air, .25), blur=.004)


def _sea_outside(s: Scene, x: float, w: float, y: float, low: float) -> None:
    box = s.c.box(x - w, y, x + w, low)
    width, rows = box[2] - box[0], box[3] - box[1]
    if width < 4 or rows < 4:
        return
    waves = fbm(s.layout("sea"), 3, 26, width, rows, 4)
    tone = mix(times(s.m.zenith, .8), s.m.low, .25)
    body = np.asarray(tone, np.float32) * (.65 + .9 * waves)[..., None]
    s.c.over(np.full((rows, width), .92, np.float32), body.astype(np.float32), box)


def _window_light(s: Scene, x: float, w: float, low: float, right: bool) -> None:
    """The window's light: a slanting patch on the floor and a soft shaft in the air."""
    c, m = s.c, s.m
    y = .80
    ground = c.box(0, y, 1, 1)
    rows = np.linspace(1, .5, ground[3] - ground[1], dtype=np.float32)[:, None]
    board = lattice(s.layout("boards"), 40, 3, c.w, rows.shape[0])
    tone = np.asarray(times(mix((.16, .10, .07), m.mid, .25), .25 + .6 * m.level), np.float32)
    c.over(np.ones((rows.shape[0], c.w), np.float32), (rows * (.7 + .5 * board))[..., None] * tone, ground,
           .6)
    slant = -.22 if right else .22
    patch = c.stencil(0, y, 1, 1)
    for k in (-1, 1):
        a, b = x + k * w * .06 + (0 if k > 0 else -w * .92), x + k * w * .06 + (w * .92 if k > 0 else 0)
        patch.poly([(a + slant * .3, y + .03), (b + slant * .3, y + .03), (b + slant * 1.2, .99),
                    (a + slant * 1.2, .99)])
    patch.add(mix(m.low, m.key, .5), blur=.012, alpha=.24 + .36 * m.level)
    shaft = c.stencil()
    shaft.poly([(x - w, .2), (x + w, .2), (x + w + slant * 1.1, 1.0), (x - w + slant * 1.1, 1.0)])
    smoke = fbm(s.layout("dust"), 4, 4, c.w, c.h, 3)
    c.add(shaft.mask(.05) * (.05 + .13 * s.haze) * (.5 + smoke) * (.35 + m.level), mix(m.low, m.key, .5))


def _furniture(s: Scene, x: float, low: float, right: bool) -> None:
    c = s.c
    side = 1 if right else -1
    base = min(.93, low + .20)
    stencil = c.stencil(0, low - .3, 1, 1)
    px = x - side * .40

    def rect(a: float, b: float, d: float, e: float) -> None:
        stencil.rect(px + a * c.ux, base - e * c.uy, px + d * c.ux, base - b * c.uy)
    if "piano" in s.r.props:
        rect(-.24, .0, .24, .12)
        rect(-.27, .12, .27, .19)
        rect(-.22, .19, .22, .46)
    elif "bed" in s.r.props or (not s.r.props & {"chair"} and float(s.layout("furniture").random()) < .4):
        rect(-.44, -.02, -.41, .30)
        rect(.42, -.02, .45, .22)
        rect(-.42, .05, .43, .15)
        stencil.poly(curve([(px - .41 * c.ux, base - .14 * c.uy), (px - .40 * c.ux, base - .22 * c.uy),
                            (px - .30 * c.ux, base - .235 * c.uy), (px - .22 * c.ux, base - .17 * c.uy)], 6))
        stencil.poly(curve([(px - .24 * c.ux, base - .12 * c.uy), (px - .20 * c.ux, base - .18 * c.uy),
                            (px, base - .195 * c.uy), (px + .3 * c.ux, base - .18 * c.uy),
                            (px + .44 * c.ux, base - .15 * c.uy), (px + .45 * c.ux,
                                    base - .04 * c.uy), (px - .1 * c.ux, base - .07 * c.uy)], 6))
    else:
        stencil.poly(curve([(px - .13 * c.ux, base - .02 * c.uy), (px - .15 * c.ux, base - .42 * c.uy),
                            (px - .06 * c.ux, base - .48 * c.uy), (px - .02 * c.ux, base - .22 * c.uy),
                            (px + .14 * c.ux, base - .20 * c.uy), (px + .16 * c.ux, base - .02 * c.uy)], 6))
        rect(-.13, -.05, -.10, .02)
        rect(.12, -.05, .15, .02)
    mask = stencil.mask(.002)
    c.over(mask, mix(s.m.ink, (.08, .06, .05), .5), stencil.box, .7)
    c.add(np.clip(mask - shifted(mask, 0, 2), 0, 1) * np.float32(.35), mix(s.m.low, s.m.key, .4), stencil.box)
    if s.m.level < .35 or "lamp" in s.r.props:
        lx = x + side * .38
        contact(s, lx, base, .06)
        glow(c, lx, base - .34, .20, LAMP, .38)
        shade = c.stencil(lx - .1, base - .5, lx + .1, base + .02)
        shade.line([(lx, base), (lx, base - .28 * c.uy)], .010)
        shade.over(s.m.ink)
        cone = c.stencil(lx - .1, base - .5, lx + .1, base)
        cone.poly([(lx - .07 * c.ux, base - .27 * c.uy), (lx + .07 * c.ux, base - .27 * c.uy),
                   (lx + .04 * c.ux, base - .40 * c.uy), (lx - .04 * c.ux, base - .40 * c.uy)])
        cone.over((1.0, .76, .44), blur=.002)


def _curtains(s: Scene, x: float, w: float, top: float, low: float) -> None:
    """Thin curtains at both sides, lit through."""
    c = s.c
    for side in (-1, 1):
        edge = x + side * w
        stencil = c.stencil(edge - .09, top - .06, edge + .09, low + .16)
        if stencil.size[0] < 2:
            continue
        stencil.poly(curve([(edge - side * .035, top - .04), (edge + side * .055, top - .04),
                (edge + side * .070, low + .13), (edge - side * .015, low + .14), (edge - side * .028,
                        (top + low) / 2)], 6))
        folds = lattice(s.layout(f"curtain{side}"), 12, 1, stencil.size[0], stencil.size[1])
        colour = np.asarray(mix(times(mix(s.m.low, (.9, .85, .8), .4), .30 + .5 * s.m.level), s.m.ink, .15),
                            np.float32)
        stencil.over(((.35 + .9 * folds)[..., None] * colour).astype(np.float32), blur=.002, alpha=.86, z=.4)
    rod = c.stencil(x - w - .1, top - .07, x + w + .1, top)
    rod.line([(x - w - .075, top - .045), (x + w + .075, top - .045)], .008)
    rod.over(s.m.ink)
