"""Pictures of speed: road with car lights, light streaks past a window, a tunnel of light."""

from __future__ import annotations

import numpy as np

from .bust import bust
from .cast import cast
from .colour import hue, mix, times
from .light import anamorphic, beam, core, glow
from .noise import fbm, smoothstep
from .props import car_rear, lamp_post
from .scene import Scene
from .sky import hills, sky, sun, veil
from .surface import cast_shadow, contact, floor


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
    floor(s, y + .004, times(mix(m.mid, (.06, .06, .06), .5), .6), times((.045, .045, .05), .5 + m.level),
          wet=wet, rough=.6, name="tarmac")
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
        stencil.poly([(vanish + side * .012, y), (vanish + side * .75, 1.02), (vanish + side * 3, 1.02),
                      (vanish + side * 3, y)])
        grass = fbm(s.layout("verge"), 90, 26, stencil.size[0], stencil.size[1], 3, .6)
        tone = np.asarray(times(mix((.07, .075, .05), s.m.air, .22), .35 + .9 * s.m.level), np.float32)
        rows = np.linspace(0, 1, stencil.size[1], dtype=np.float32)[:, None]
        body = tone * (.55 + .8 * grass)[..., None]
        body = body + ((1 - rows) ** 3 * (.3 + .6 * s.haze))[...,
                                                             None] * (np.asarray(s.m.air, np.float32) - body)
        stencil.over(body, blur=.004, z=.6)


def _markings(s: Scene, vanish: float, y: float) -> None:
    c = s.c
    stencil = c.stencil(0, y, 1, 1)
    centre = vanish - .02
    for i in range(14):
        a, b = .012 * 1.45 ** i, .012 * 1.45 ** (i + .55)
        xa, xb = vanish + (centre - vanish - .10) * a, vanish + (centre - vanish - .10) * b
        stencil.poly([(xa - .014 * a, y + (1 - y) * a), (xa + .014 * a, y + (1 - y) * a),
                      (xb + .014 * b, y + (1 - y) * b), (xb - .014 * b, y + (1 - y) * b)])
    for side in (-1, 1):
        stencil.poly([(vanish + side * .010, y), (vanish + side * .012, y), (vanish + side * .69, 1),
                      (vanish + side * .67, 1)], .55)
    rows = np.linspace(1, .45, stencil.size[1], dtype=np.float32)[:, None]
    c.over(stencil.mask() * rows * .7, mix((.85, .82, .70), s.m.key,
            .4) if s.m.level > .3 else times(mix((.8, .8, .7), s.m.key, .5), .62), stencil.box)


def _poles(s: Scene, vanish: float, y: float) -> None:
    side = -1 if s.f.side < 0 else 1
    for t in (.03, .05, .085, .15, .27, .50):
        x, foot = vanish + side * (.85 * t + .015), y + (1 - y) * t
        lamp_post(s, x, foot, 1.25 * t + .02, hook=-side * .26 * t,
                  power=(.9 if s.m.level < .4 else .1) * min(1.0, .5 + t), z=t)


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
    beside = s.r.view == "side" or bool(s.r.props & {"train"}) or any(w in s.r.seen for w in ("window", "carriage", "compartment"))
    words = ("tunnel", "hyperspace", "warp", "speed", "racing")
    tunnel = any(word in s.r.seen for word in words) and not beside
    if tunnel or (s.variant in (3, 7) and not beside):
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
        bust(s, .5 - side * .27, .64, size, turn="side" if s.r.view != "back" else "back", flip=side < 0,
             light=side, rim=1.0, lit=.07, rim_colour=mix(m.accents[0], (1, 1, 1), .2))


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
    mask.draw.rounded_rectangle((*mask.at(.055, .07), *mask.at(.945, .84)),
                                radius=round(.06 * c.unit * mask.k), fill=0)
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
    on, offset, pick = rng.random(rays, dtype=np.float32), rng.random(rays, dtype=np.float32), rng.integers(0,
            len(m.accents), rays)
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
