"""Pictures of the city: street with neon, skyline from a roof, rain on glass, road with car lights, light streaks."""

from __future__ import annotations

import numpy as np

from .canvas import Point, Stencil
from .cast import bust, cast
from .colour import hue, mix, times
from .lexicon import RGB
from .light import anamorphic, beam, bokeh_field, core, glow
from .mood import CITY
from .noise import Plane, fbm, lattice, shifted, smoothstep
from .props import car_rear, lamp_post
from .scene import Scene
from .sky import hills, moon, sky, sun, veil
from .surface import cast_shadow, contact, floor


def street(s: Scene) -> None:
    y = min(.70, max(.52, s.f.horizon + .02))
    c, m = s.c, s.m
    vanish = .5 - s.f.side * .12
    lead = m.accents[0]
    sky(s, y, clouds=.3, starry=False)
    glowing = .30 + .40 * (1 - m.level)
    glow(c, vanish, y - .10, .42, mix(lead, m.key, .3), glowing)
    glow(c, vanish, y, .14, mix(lead, (1, 1, 1), .3), glowing * .7)
    signs = _facades(s, vanish, y)
    veil(s, y, .16, mix(m.air, lead, .35), .25 + .5 * s.haze)
    floor(s, y, times(mix(m.mid, lead, .15), .30), (.022, .022, .028), wet=.92 if s.r.wet or m.dark else .35, rough=1.3, name="asphalt")
    _kerbs(s, vanish, y)
    _zebra(s, vanish, y)
    for x, sy, size, colour in signs:
        glow(c, x, sy, size * 2.4, colour, .16)
    if "car" in s.r.props:
        car_rear(s, vanish - s.f.side * .26, y + .22, .34, lights=1.0)
    x = s.subject_x(.22)
    foot = min(1.10, y + .26 + .14 * max(0.0, s.f.size - 1))
    _pool(s, x, foot, lead)
    cast(s, x, foot, .44 * s.f.size ** .65, rim=.9, light=.7 if vanish > x else -.7, usual=1)


def _kerbs(s: Scene, vanish: float, y: float) -> None:
    """Foot of the houses and pavement: what keeps a wet street from looking like a canal."""
    c = s.c
    for side in (-1, 1):
        for near, reach, tone in ((.12, .06, .55), (.19, .055, .85)):
            stencil = c.stencil(0, y, 1, 1)
            stencil.poly([(vanish + side * .05, y + .05 * near), (vanish + side * 2.6, y + 2.6 * near), (vanish + side * 2.6, y - .1), (vanish + side * .05, y - .01)])
            mask = stencil.mask(.0012)
            c.scale(1 - (1 - np.float32(tone)) * mask, stencil.box)
            top = np.clip(mask - shifted(mask, 0, -max(1, round(.004 * c.unit))), 0, 1)
            c.add(top * np.float32(reach * 2), mix(s.m.accents[0], s.m.key, .5), stencil.box)


def _zebra(s: Scene, vanish: float, y: float) -> None:
    """Worn stripes of a crossing, and the dashes that lead to it."""
    c = s.c
    stencil = c.stencil(0, y, 1, 1)
    near, far = .62, .46
    for i in range(-7, 8):
        a, b = i * .26, i * .26 + .14
        stencil.poly([(vanish + a * far, y + (1 - y) * far), (vanish + b * far, y + (1 - y) * far), (vanish + b * near, y + (1 - y) * near), (vanish + a * near, y + (1 - y) * near)])
    for i in range(5):
        t, u = .05 * 1.5 ** i, .05 * 1.5 ** (i + .5)
        stencil.poly([(vanish - .008 * t, y + (1 - y) * t), (vanish + .008 * t, y + (1 - y) * t), (vanish + .010 * u, y + (1 - y) * u), (vanish - .010 * u, y + (1 - y) * u)])
    worn = fbm(s.layout("worn"), 40, 14, stencil.size[0], stencil.size[1], 4, .6)
    c.add(stencil.mask(.0014) * smoothstep(.25, .75, worn) * np.float32(.16), mix(s.m.air, mix(s.m.accents[0], (1, 1, 1), .5), .7), stencil.box)


def _pool(s: Scene, x: float, y: float, colour: RGB) -> None:
    box = s.c.box(0, y - .10, 1, 1)
    dx, dy = s.c.distance(x, y, box)
    s.c.add((np.exp(-((dx / .34) ** 2 + (dy / .10) ** 2)) * .10).astype(np.float32), colour, box)


def _facades(s: Scene, vanish: float, y: float) -> list[tuple[float, float, float, RGB]]:
    """Two rows of houses towards the vanishing point, far to near, with their signs and windows."""
    signs: list[tuple[float, float, float, RGB]] = []
    stops = [.06, .10, .16, .25, .38, .58, .90]
    for index in range(len(stops) - 1):
        for side in (-1, 1):
            signs += _house(s, vanish, y, side, stops[index], stops[index + 1], index)
    return signs


def _house(s: Scene, vanish: float, y: float, side: int, near: float, far: float, index: int) -> list[tuple[float, float, float, RGB]]:
    """One house between two distances from the vanishing point (its far end first)."""
    c, rng = s.c, s.layout(f"house{side}{index}")
    inner, outer = vanish + side * near, vanish + side * far
    tall = (.9 + 1.3 * float(rng.random())) * (1.5 if s.r.angle == "low" or s.f.horizon > .7 else 1.0)
    top_in, top_out = y - near * tall * c.aspect * .55, y - far * tall * c.aspect * .55
    low_in, low_out = y + near * .02, y + far * .02
    depth = 1 - index / 6
    tone = s.far(mix(s.m.ink, s.m.zenith, .5), depth * .8)
    tone = mix(tone, s.m.accents[index % 3], .05 + .10 * depth)
    stencil = c.stencil(min(inner, outer), min(top_in, top_out), max(inner, outer), max(low_in, low_out))
    if stencil.size[0] < 2 or stencil.size[1] < 2:
        return []
    stencil.poly([(inner, top_in), (outer, top_out), (outer, low_out), (inner, low_in)])
    mask = stencil.mask()
    ramp = np.linspace(1.5, .55, mask.shape[1], dtype=np.float32)[None, :] if side > 0 else np.linspace(.55, 1.5, mask.shape[1], dtype=np.float32)[None, :]
    rows = np.linspace(.8, 1.25, mask.shape[0], dtype=np.float32)[:, None]
    c.over(mask, (ramp * rows)[..., None] * np.asarray(tone, np.float32), stencil.box, 1 - depth * .8)

    def at(u: float, v: float) -> Point:
        x = inner + (outer - inner) * u
        top, low = top_in + (top_out - top_in) * u, low_in + (low_out - low_in) * u
        return x, low + (top - low) * v
    _windows(s, stencil.box, at, rng, depth)
    return [_sign(s, at, rng, far - near) for _ in range(2 if rng.random() < .7 else 1)]


def _windows(s: Scene, box: tuple[int, int, int, int], at: object, rng: np.random.Generator, depth: float) -> None:
    if not callable(at):
        return
    stencil = Stencil(s.c, box)
    for row in range(7):
        for col in range(4):
            if rng.random() < .20:
                u, v = .10 + col * .22, .22 + row * .11
                stencil.poly([at(u, v), at(u + .12, v), at(u + .12, v + .06), at(u, v + .06)], .35 + .65 * float(rng.random()))
    stencil.over(mix((1.0, .78, .46), s.m.accents[1], .3), alpha=(.50 - .25 * depth) * (1.1 - s.m.level))


def _sign(s: Scene, at: object, rng: np.random.Generator, size: float) -> tuple[float, float, float, RGB]:
    """One neon sign: a lit board or a frame, with its glow on the wall."""
    assert callable(at)
    c = s.c
    colour = s.m.accents[int(rng.integers(len(s.m.accents)))]
    u, v = .15 + .5 * float(rng.random()), .16 + .42 * float(rng.random())
    tall, wide = .07 + .13 * float(rng.random()), .10 + .14 * float(rng.random())
    a, b, d, e = at(u, v), at(u + wide, v), at(u + wide, v + tall), at(u, v + tall)
    x, y = (a[0] + d[0]) / 2, (a[1] + d[1]) / 2
    stencil = c.stencil(min(a[0], b[0]) - .06, min(d[1], e[1]) - .08, max(a[0], b[0]) + .06, max(a[1], b[1]) + .08)
    if stencil.size[0] > 1 and stencil.size[1] > 1:
        if rng.random() < .45:
            stencil.line([a, b, d, e, a], max(.003, size * .022))
            mid = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), ((d[0] + e[0]) / 2, (d[1] + e[1]) / 2)
            stencil.line(list(mid), max(.002, size * .012), .8)
        else:
            stencil.poly([a, b, d, e])
        stencil.add(colour, blur=.018, alpha=.9)
        stencil.over(mix(colour, (1, 1, 1), .30), alpha=.95)
        glow(c, x, y, .03 + size * .16, colour, .55)
    return x, y, size * .2, colour


def skyline(s: Scene) -> None:
    c, m = s.c, s.m
    y = min(.90, s.f.horizon + .20)
    sky(s, y, clouds=.4)
    if m.level < .3 or "moon" in s.r.props:
        moon(s, .5 - s.f.side * .55, .18, .060)
    else:
        sun(s, s.light_x(), y * .62, .05)
    glow(c, .5, y, .55, mix(m.key, m.accents[0], .25), .22)
    for layer, (top, count, far) in enumerate(((.50, 18, .95), (.40, 20, .62), (.26, 16, .25))):
        _blocks(s, layer, y, top, count, far)
        veil(s, y - .06 + .03 * layer, .22, mix(m.air, m.key, .2), .55 * (far + .1) * (.5 + s.haze), f"v{layer}")
    _roof(s, min(.97, y + .01))
    x = s.subject_x(.28)
    foot = min(1.12, y + .035 + .10 * max(0.0, s.f.size - 1.2))
    cast(s, x, foot, .34 * s.f.size ** .75, lit=.18 if s.m.level < .5 else None, rim=.7, usual=0)


def _blocks(s: Scene, layer: int, y: float, top: float, count: int, far: float) -> None:
    """One row of towers with lit windows; nearer rows are darker, sharper and more lit."""
    c, rng = s.c, s.layout(f"towers{layer}")
    stencil, panes = c.stencil(0, 0, 1, y + .03), c.stencil(0, 0, 1, y + .03)
    tints: list[tuple[float, float, float, float]] = []
    x = -.04
    while x < 1.02:
        w, h, gap, mast, step = (float(v) for v in rng.random(5))
        width = (.030 + .052 * w) * (18 / count) * (1 + .25 * layer)
        high = y - top * (.35 + .65 * h * h) * (1.15 - .3 * abs(x - .45))
        stencil.rect(x, high, x + width, y + .04)
        if h > .5:
            stencil.rect(x + width * .22, high - .02, x + width * .78, high + .01)
        if mast > .72:
            stencil.line([(x + width * .5, high), (x + width * .5, high - .04 - .03 * mast)], .0022)
        if layer:
            _panes(panes, rng, x, high, width, y, .012 if layer == 1 else .017, .0048 if layer == 1 else .0062)
        if mast > .9:
            tints.append((x + width * .5, high - .07, .004, 1.0))
        x += width * (1.02 + .25 * gap)
    tone = mix(times(mix(s.m.ink, s.m.zenith, .35), .9), s.m.air, far * (.35 + .5 * s.haze))
    mask = stencil.mask()
    rows = np.linspace(1.0, 1.0 + .45 * far, mask.shape[0], dtype=np.float32)[:, None, None]
    c.over(mask, rows * np.asarray(tone, np.float32) * np.ones((1, mask.shape[1], 1), np.float32), stencil.box, .15 + .25 * layer)
    _light_panes(s, panes, layer)
    for tx, ty, radius, gain in tints:
        core(c, tx, ty, radius, (1.0, .2, .15), gain * (1.1 - s.m.level))


def _panes(panes: Stencil, rng: np.random.Generator, x: float, high: float, width: float, y: float, step: float, size: float) -> None:
    ux, uy = panes.canvas.ux, panes.canvas.uy
    lit = .18 + .40 * float(rng.random())
    py = high + .014
    while py < y:
        px = x + .007
        while px < x + width - .007:
            if rng.random() < lit:
                panes.rect(px, py, px + size * ux, py + size * 1.2 * uy, .35 + .65 * float(rng.random()))
            px += step * ux
        py += step * 1.25 * uy


def _light_panes(s: Scene, panes: Stencil, layer: int) -> None:
    """Colour the windows: mostly warm, here and there another light."""
    if layer == 0:
        return
    mask = panes.mask()
    pick = lattice(s.layout(f"panes{layer}"), 70, 40, mask.shape[1], mask.shape[0])
    warm, other = np.asarray((1.0, .76, .44), np.float32), np.asarray(mix(s.m.accents[0], (.8, .9, 1.0), .3), np.float32)
    colour = warm + smoothstep(.58, .66, pick)[..., None] * (other - warm)
    gain = (1.15 - s.m.level) * (.55 if layer == 1 else 1.0)
    s.c.over(np.clip(mask * gain, 0, 1), colour, panes.box)
    s.c.add(mask * np.float32(.30 * gain), colour, panes.box)


def _roof(s: Scene, y: float) -> None:
    """The dark roof in front, with a parapet, a vent and a tank."""
    c, rng = s.c, s.layout("roof")
    stencil = c.stencil(0, y - .3, 1, 1)
    stencil.rect(-.01, y, 1.01, 1.01)
    side = -1 if s.f.side > 0 else 1
    tx = .5 + side * (.30 + .10 * float(rng.random()))
    w, h = .085 * c.ux, .12 * c.uy
    stencil.rect(tx - w, y - .04 * c.uy - h, tx + w, y - .04 * c.uy)
    stencil.poly([(tx - w * 1.1, y - .04 * c.uy - h), (tx + w * 1.1, y - .04 * c.uy - h), (tx, y - .10 * c.uy - h)])
    for k in (-.8, .8):
        stencil.line([(tx + k * w, y), (tx + k * w, y - .05 * c.uy)], .006)
    stencil.rect(tx - .5 * side * .30 - .03 * c.ux, y - .05 * c.uy, tx - .5 * side * .30 + .04 * c.ux, y)
    mask = stencil.mask()
    c.over(mask, mix(s.m.ink, s.m.air, .03), stencil.box, .8)
    c.add(np.clip(mask - shifted(mask, 0, 2), 0, 1) * np.float32(.22), s.m.key, stencil.box)


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
        bust(s, .5 + side * .26, .62, .42 * min(1.35, .75 + .25 * s.f.size), turn=s.f.turn if s.f.turn != "front" else "back", flip=side > 0, light=-side,
             rim=.75, lit=.10, rim_colour=mix(m.accents[0], m.key, .3))
    _drops(s)


def _drops(s: Scene) -> None:
    """Beads and runs of water on the pane: each turns the picture behind it upside down and catches a light."""
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


def road(s: Scene) -> None:
    c, m = s.c, s.m
    y = max(.42, min(.66, s.f.horizon - .02))
    vanish = .5 - s.f.side * .14
    sky(s, y)
    if m.level >= .3:
        sun(s, vanish, y * .93, .04)
    glow(c, vanish, y, .34, m.key, .26)
    hills(s, y + .01, .12, s.far((.05, .06, .07), .7), "far", 4, .25)
    veil(s, y, .12, m.air, .3 + .5 * s.haze)
    wet = .75 if s.r.wet else .28
    floor(s, y + .004, times(mix(m.mid, (.06, .06, .06), .5), .6), times((.045, .045, .05), .5 + m.level), wet=wet, rough=.6, name="tarmac")
    _verges(s, vanish, y)
    _markings(s, vanish, y)
    _poles(s, vanish, y)
    _oncoming(s, vanish, y)
    x = vanish + .5 * s.f.side * .35 + .03
    if "car" in s.r.props or not s.r.figures:
        car_x, t = vanish + .10 + .05 * s.f.size, .18 + .24 * min(1.6, s.f.size)
        contact(s, car_x, y + (1 - y) * t, .10 * s.f.size)
        car_rear(s, car_x, y + (1 - y) * t, .15 + .20 * s.f.size, lights=1.0 if m.level < .6 else .4)
    if s.r.figures:
        foot = min(1.08, y + (1 - y) * (.30 + .32 * s.f.size ** .7))
        cast(s, x, foot, .20 + .28 * s.f.size ** .8, rim=1.0, lit=.2 if m.dark else None)
        cast_shadow(s, x, foot, .30, .10, (x - vanish) * .7, .5)


def _verges(s: Scene, vanish: float, y: float) -> None:
    for side in (-1, 1):
        stencil = s.c.stencil(0, y, 1, 1)
        stencil.poly([(vanish + side * .012, y), (vanish + side * .75, 1.02), (vanish + side * 3, 1.02), (vanish + side * 3, y)])
        grass = fbm(s.layout("verge"), 90, 26, stencil.size[0], stencil.size[1], 3, .6)
        tone = np.asarray(times(mix((.07, .075, .05), s.m.air, .22), .35 + .9 * s.m.level), np.float32)
        rows = np.linspace(0, 1, stencil.size[1], dtype=np.float32)[:, None]
        body = tone * (.55 + .8 * grass)[..., None]
        body = body + ((1 - rows) ** 3 * (.3 + .6 * s.haze))[..., None] * (np.asarray(s.m.air, np.float32) - body)
        stencil.over(body, blur=.004, z=.6)


def _markings(s: Scene, vanish: float, y: float) -> None:
    c = s.c
    stencil = c.stencil(0, y, 1, 1)
    centre = vanish - .02
    for i in range(14):
        a, b = .012 * 1.45 ** i, .012 * 1.45 ** (i + .55)
        xa, xb = vanish + (centre - vanish - .10) * a, vanish + (centre - vanish - .10) * b
        stencil.poly([(xa - .014 * a, y + (1 - y) * a), (xa + .014 * a, y + (1 - y) * a), (xb + .014 * b, y + (1 - y) * b), (xb - .014 * b, y + (1 - y) * b)])
    for side in (-1, 1):
        stencil.poly([(vanish + side * .010, y), (vanish + side * .012, y), (vanish + side * .69, 1), (vanish + side * .67, 1)], .55)
    rows = np.linspace(1, .45, stencil.size[1], dtype=np.float32)[:, None]
    c.over(stencil.mask() * rows * .7, mix((.85, .82, .70), s.m.key, .4) if s.m.level > .3 else times(mix((.8, .8, .7), s.m.key, .5), .62), stencil.box)


def _poles(s: Scene, vanish: float, y: float) -> None:
    side = -1 if s.f.side < 0 else 1
    for t in (.03, .05, .085, .15, .27, .50):
        x, foot = vanish + side * (.85 * t + .015), y + (1 - y) * t
        lamp_post(s, x, foot, 1.25 * t + .02, hook=-side * .26 * t, power=(.9 if s.m.level < .4 else .1) * min(1.0, .5 + t), z=t)


def _oncoming(s: Scene, vanish: float, y: float) -> None:
    """Headlights that come towards us, paired, and tail lights that go."""
    c, rng = s.c, s.layout("traffic")
    for _ in range(9):
        t = .012 + .075 * float(rng.random()) ** 2
        x, py = vanish - .30 * t - .006, y + (1 - y) * t * .75
        for k in (-1, 1):
            core(c, x + k * .075 * t, py, .0018 + .045 * t, (1.0, .94, .82), 1.0)
            glow(c, x + k * .075 * t, py, .006 + .13 * t, (1.0, .88, .66), .30)
    anamorphic(c, vanish - .01, y + .02, mix((.7, .8, 1.0), s.m.key, .4), .35 * (1.1 - s.m.level), .55)


def streaks(s: Scene) -> None:
    c, m = s.c, s.m
    y = max(.34, min(.60, s.f.horizon - .10))
    tunnel = any(word in s.r.seen for word in ("tunnel", "hyperspace", "warp", "speed", "racing")) and "train" not in s.r.props
    if tunnel or s.variant in (3, 7):
        _tunnel(s)
        cast(s, s.subject_x(.2), .93, .46 * s.f.size ** .7, rim=1.0, lit=.1, light=-s.f.side or .5)
        return
    c.wash([(0, times(m.zenith, .9)), (.45, mix(m.zenith, m.mid, .7)), (1, times(m.zenith, .35))])
    hills(s, y + .26, .12, times(m.ink, .9), "passing", 3, .15)
    _lines(s, y)
    _window_frame(s)
    if not s.r.empty:
        side = 1 if s.f.side >= 0 else -1
        size = .44 * (.70 + .30 * min(1.8, s.f.size))
        bust(s, .5 - side * .27, .64, size, turn="side" if s.r.view != "back" else "back", flip=side < 0, light=side, rim=1.0, lit=.07, rim_colour=mix(m.accents[0], (1, 1, 1), .2))


def _lines(s: Scene, y: float) -> None:
    """Lights smeared sideways by speed, thin and hot in the middle."""
    c, rng = s.c, s.chance("lines") if s.variant else s.layout("lines")
    for _ in range(130):
        a, b, length, w, g, pick = (float(v) for v in rng.random(6))
        py = y + (b + float(rng.random()) - 1) * .27
        x0, span = a * 1.4 - .4, .14 + .70 * length * length
        box = c.box(x0, py - .02, x0 + span, py + .02)
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        colour = s.m.accents[int(pick * len(s.m.accents)) % len(s.m.accents)]
        u = (c.x[:, box[0]:box[2]] - x0) / span
        _, dy = c.distance(0, py, box)
        thick = .0018 + .0085 * w ** 3
        along = np.clip(u * 6, 0, 1) * np.clip((1 - u) * 6, 0, 1)
        body = np.exp(-(dy / thick) ** 2) + .16 * np.exp(-(dy / (thick * 3.4)) ** 2)
        c.add((along * body * (.30 + .85 * g)).astype(np.float32), mix(colour, (1, 1, 1), .35 * g), box)
    glow(c, .55, y, .36, mix(s.m.accents[0], s.m.accents[1], .4), .30, .45)


def _window_frame(s: Scene) -> None:
    c = s.c
    mask = c.stencil()
    mask.rect(-.01, -.01, 1.01, 1.01)
    mask.draw.rounded_rectangle((*mask.at(.055, .07), *mask.at(.945, .84)), radius=round(.06 * c.unit * mask.k), fill=0)
    c.over(mask.mask(.004), (.010, .011, .014), z=.9)


def _tunnel(s: Scene) -> None:
    """Rings and lines of light that rush towards a point."""
    c, m = s.c, s.m
    vx, vy = .5 - s.f.side * .10, .50
    c.wash([(0, times(m.zenith, .5)), (1, times(m.zenith, .35))])
    gx, gy = c.coarse(2)
    dx, dy = (gx - vx) / c.ux, (gy - vy) / c.uy
    r = np.sqrt(dx * dx + dy * dy) + .004
    angle = (np.arctan2(dy, dx) / (2 * np.pi)) % 1
    rays = 260
    depth = np.log(r)
    index = (angle * rays).astype(np.int32) % rays
    rng = s.layout("tunnel")
    on, offset, pick = rng.random(rays, dtype=np.float32), rng.random(rays, dtype=np.float32), rng.integers(0, len(m.accents), rays)
    within = 1 - np.abs((angle * rays) % 1 - .5) * 2
    dash = smoothstep(.35, .9, np.abs(((depth * .75 + offset[index] * 3) % 1) - .5) * 2)
    power = (on[index] > .62) * dash * smoothstep(.2, .9, within) * np.clip(r * 2.1, 0, 1) ** .7
    palette = np.asarray([mix(colour, (1, 1, 1), .22) for colour in m.accents], np.float32)
    for channel in range(3):
        c.rgb[..., channel] += c.full((power * palette[pick[index], channel]).astype(np.float32))
    glow(c, vx, vy, .12, mix(m.accents[0], (1, 1, 1), .6), .95)
    glow(c, vx, vy, .42, m.accents[0], .25)
    for i in range(6):
        beam(c, vx, vy, i * 1.05 + .3, .05, hue(.55 + .02 * i, .3), .05, 1.4)
