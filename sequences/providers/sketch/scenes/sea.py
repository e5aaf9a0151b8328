"""Pictures of the sea: horizon with a ship, deck at the rail, pier, lighthouse, shore."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .canvas import Point, Stencil, curve
from .cast import cast
from .colour import mix, times
from .light import anamorphic, beam, beam_texture, bokeh, core, glow
from .mood import CITY
from .noise import fbm, lattice, shifted, smoothstep
from .props import ferry, house, lamp_post, lighthouse, rail
from .scene import Scene
from .sky import birds, hills, moon, sky, sun, veil
from .surface import cast_shadow, floor, water


def horizon(s: Scene) -> None:
    y = min(.72, s.f.horizon + .02)
    light_x = s.subject_x(.30) if s.f.size > 1.3 else s.light_x()
    sky(s, y)
    _body_of_light(s, light_x, y)
    if float(s.layout("coast").random()) < .5:
        hills(s, y + .002, .045, s.far((.05, .06, .08), .85), "coast", 3, .2)
    veil(s, y, .10, s.m.air, .55 * s.haze + .1)
    boat_x = .5 - s.f.side * .40 if s.f.size < 1.9 else .42
    size = .40 * s.f.size ** .8
    if "lighthouse" not in s.r.props:
        ferry(s, boat_x, y + .006 + .02 * s.f.size * s.c.uy, size, fade=.25 + .5 * s.haze,
              lights=.35 + .9 * (1 - s.m.level), flip=s.f.side > 0)
    if "city" in s.r.props:
        far_lights(s, y)
    water(s, y + .008 + .02 * s.f.size * s.c.uy, rough=.9, light_x=light_x)
    if "birds" in s.r.props or s.m.level > .4:
        birds(s, .5 + s.f.side * .2, y * .45)
    if s.r.figures:
        ground = 1.0 + .10 * s.f.size
        cast(s, s.subject_x(.30), min(1.02, ground), .40 * s.f.size ** .6, rim=.8, ground=False)
        rail(s, 1.05, .22)


def _body_of_light(s: Scene, x: float, y: float) -> None:
    """Sun by day, moon by night, nothing in thick weather but its glow."""
    if s.m.dark and s.m.time != "dusk":
        moon(s, x, y * .38, .055, .9)
    else:
        high = {"day": .50, "golden": .86, "dawn": .90, "dusk": .97}.get(s.m.time, .92)
        sun(s, x, y * high, .040)


def far_lights(s: Scene, y: float, strength: float = 1.0) -> None:
    """A city across the water, out of focus."""
    c, rng = s.c, s.layout("farlights")
    glow(c, .5, y, .22, (1.0, .66, .36), .16 * strength, .5)
    for _ in range(130):
        x, k, g, hue, up = (float(v) for v in rng.random(5))
        colour = mix(s.m.accents[int(hue * len(s.m.accents)) % len(s.m.accents)], CITY[int(g * 6) % 6], .55)
        bokeh(c, x * 1.04 - .02, y - (.004 + .085 * up * up) * s.c.uy, .0045 + .0185 * k ** 3, colour,
              (.25 + .75 * g) * .85 * strength)


def deck(s: Scene) -> None:
    y = max(.40, min(.62, s.f.horizon - .06))
    sky(s, y, clouds=.4)
    if "moon" in s.r.props:
        moon(s, .5 - s.f.side * .55, y * .4, .05)
    hills(s, y + .002, .035, s.far((.02, .025, .04), .6), "coast", 4, .3)
    far_lights(s, y, .55 + .6 * (1 - s.m.level))
    veil(s, y, .10, s.m.air, .5 * s.haze)
    water(s, y, rough=.8, light_x=s.light_x() if not s.m.dark else None)
    foot = min(.93, y + .34)
    planks = y + .22
    lamp_x = .5 + (.30 if s.f.side <= 0 else -.30)
    _planks(s, planks, lamp_x)
    rail(s, planks + .012, .205 * (1 + .25 * (s.f.size > 1.5)), posts=9 if s.f.size < 1.5 else 6, lit=.35)
    tall = .60 * s.f.size ** .55
    lamp_post(s, lamp_x, planks + .02, .56 * (1 + .15 * s.f.size), power=.8 if s.m.level < .5 else .25)
    x = s.subject_x(.26)
    low = min(1.25, foot + max(0.0, tall - .62) * .8)
    if cast(s, x, low, tall, light=1.0 if lamp_x > x else -1.0, rim=.9, usual=1):
        cast_shadow(s, x, low, .30, .09, (x - lamp_x) * .5, .5)


def _planks(s: Scene, y: float, lamp_x: float) -> None:
    """A ship's or quay's floor in perspective, lit by a lamp."""
    c = s.c
    wet = .55 if s.r.wet else .22
    floor(s, y, times(mix(s.m.mid, (.10, .08, .07), .6), .8), times((.075, .06, .05), .35 + s.m.level),
          wet=wet, rough=.5, name="deckfloor")
    seams = Stencil(c, c.box(0, y, 1, 1))
    for i in range(-24, 25):
        seams.line([(.5 + i * .035, y), (.5 + i * .16, 1.0)], .0022, .8)
    lines = seams.mask()
    c.over(lines * .6, (0.01, .01, .012), seams.box)
    dx, dy = c.distance(lamp_x, y + .03, seams.box)
    pool = np.exp(-((dx / .55) ** 2 + ((dy - .05) / .20) ** 2)) * (.14 + .20 * (1 - s.m.level)) * (1 - .55
            * lines)
    c.add((pool * (.85 + .3 * lattice(s.layout("pool"), 220, 14, c.w, pool.shape[0]))).astype(np.float32),
          s.m.key, seams.box)


def pier(s: Scene) -> None:
    y = max(.36, s.f.horizon - .12)
    c = s.c
    sky(s, y, clouds=.45)
    vanish = .5 - s.f.side * .16
    sun(s, vanish + .06, y * .97, .035, .7 * s.m.level) if s.m.time in ("dawn", "golden", "dusk") else None
    if "moon" in s.r.props or s.m.time == "night":
        moon(s, .5 + s.f.side * .30, y * .42, .06)
    hills(s, y + .004, .05, s.far((.07, .08, .09), .9), "coast", 3, .15)
    veil(s, y, .16, s.m.air, .35 + .6 * s.haze)
    if "city" in s.r.props or "neon" in s.r.lights:
        far_lights(s, y, .5 + .6 * (1 - s.m.level))
    water(s, y, rough=1.0, light_x=vanish if s.m.level > .3 else None)
    veil(s, y, .10, s.m.air, .35 + .5 * s.haze, "veil2")
    _walkway(s, vanish, y)
    t = .16 + .42 * s.f.size ** 1.1
    foot = y + (1 - y) * t
    x = vanish + (.5 + s.f.side * .10 - vanish) * min(1.0, t) + s.f.side * .24 * t
    if s.variant in (2, 3, 5, 7) or "lamp" in s.r.props or s.m.dark:
        k = t * .55
        lx, ly = lamp_post(s, vanish + .62 * k * (1 if s.f.side < 0 else -1), y + (1 - y) * k * .9,
                           .62 * (k + .12), hook=-.07 if s.f.side < 0 else .07, power=.9)
        glow(c, lx, ly, .5, s.m.key, .16)
    cast(s, x, foot, .74 * t + .06, rim=.35, fade=max(0.0, .55 - t),
         usual=0 if s.r.known and not s.r.figures else 1, ground=True)
    veil(s, y + .03, .16, s.m.air, .32 * s.haze, "veil3")


def _walkway(s: Scene, vanish: float, y: float) -> None:
    """Planks, posts and ropes that run to a point on the horizon."""
    c = s.c
    box = c.box(0, y, 1, 1)
    t = np.clip((c.y[box[1]:box[3]] - y) / (1 - y), 0, 1)
    edge = .62 * c.unit / c.h * (c.h / c.w) * 1.9
    half = edge * t + .010
    centre = vanish + (.5 - vanish) * t
    inside = 1 - smoothstep(1 - .004, 1.004, np.abs(c.x - centre) / half)
    depth = 1 / (t + .05)
    plank = np.abs((depth * 5.2) % 1 - .5) * 2
    texture = lattice(s.layout("planks"), 3, 60, 64, 512)
    across = np.clip(np.abs(c.x - centre) / half * 63, 0, 63).astype(np.int32)
    shade = .72 + .5 * (texture[(depth * 25).astype(np.int32) % 512, across] - .3)
    reach = np.clip((plank - .02) / (.14 + .25 * (1 - t)), 0, 1)
    seam = reach * reach * (3 - 2 * reach)
    wood = times(mix((.20, .15, .12), s.m.air, .28), .30 + .9 * s.m.level)
    wet = .5 if s.r.wet or s.haze > .5 else .25
    sheen = np.asarray(s.m.air, np.float32) * ((1 - t) * .55 + wet * .25)[..., None] * seam[..., None]
    body = np.asarray(wood, np.float32) * (shade * (.45 + .55 * seam))[..., None] + sheen * .75
    fog = (np.clip(1 - t * 1.5, 0, 1) * (.35 + .6 * s.haze))[..., None]
    body = body + fog * (np.asarray(s.m.air, np.float32) - body)
    c.over(inside.astype(np.float32), body.astype(np.float32), box)
    for side in (-1, 1):
        _rope_side(s, vanish, y, edge, side)


def _rope_side(s: Scene, vanish: float, y: float, edge: float, side: int) -> None:
    c = s.c
    stops = [.045, .075, .115, .17, .25, .36, .52, .75, 1.05]
    tops: list[Point] = []
    for t in stops:
        x = vanish + (.5 - vanish) * t + side * (edge * t + .010)
        foot = y + (1 - y) * t
        top = foot - .30 * t * (1 - y) * 1.6
        tops.append((x, top))
        stencil = c.stencil(x - .03, top - .01, x + .03, min(1, foot + .02))
        if stencil.size[0] > 1 and stencil.size[1] > 1:
            stencil.line([(x, top), (x, foot + .05 * t)], .030 * t + .002)
            stencil.over(s.far(mix(s.m.ink, (.05, .04, .035), .6), max(0.0, .85 - t * 1.4)), z=t)
    for a, b in pairwise(tops):
        sag = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + (b[1] - a[1]) * .08 + .004)
        near = (b[1] - y) / (1 - y)
        stencil = c.stencil(min(a[0], b[0]) - .01, min(a[1], b[1]) - .02, max(a[0], b[0]) + .01,
                            max(a[1], b[1]) + .04)
        if stencil.size[0] > 1 and stencil.size[1] > 1:
            stencil.line(curve([a, sag, b], 6, False), max(.002, .010 * near))
            stencil.over(s.far(s.m.ink, max(0.0, .8 - near)), z=near)


def lighthouse_scene(s: Scene) -> None:
    y = max(.56, s.f.horizon + .06)
    c = s.c
    right = s.f.side >= 0
    sky(s, y, clouds=.45 if s.r.weather != "clear" else .1)
    x = .5 + (.26 if right else -.26) * (1 if s.f.size < 1.6 else .5)
    tall = .26 + .10 * s.f.size
    base = y - .055 - .05 * min(1.4, s.f.size)
    veil(s, y, .10, s.m.air, .5 * s.haze)
    top = base - tall * .868 * c.uy
    texture = beam_texture(c, s.key + "beam")
    power = .35 + .65 * (1 - s.m.level)
    for angle, gain, spread in ((np.pi + .16, 1.0, .105), (.07, .75, .085)) if right else ((-.16, 1.0, .105),
            (np.pi - .07, .75, .085)):
        beam(c, x, top, angle + .10 * s.f.light, spread, (1.0, .95, .82), 1.25 * power * gain, 2.4, .016,
             texture)
    water(s, y, rough=1.0, light_x=x if s.m.dark else s.light_x())
    _headland(s, x, base, y, right)
    place = lighthouse(s, x, base + .012, tall)
    house(s, x + (.085 if right else -.085) * (1 + .4 * s.f.size) * c.ux * 1.6, base + .022,
          .075 * (.6 + .5 * s.f.size))
    if "dog" in s.r.props or s.r.figures:
        cast(s, x - (.11 if right else -.11) * s.f.size ** .5, base + .030, .075 + .075 * s.f.size, rim=.5)
    glow(c, *place, .10 * (.5 + .5 * s.f.size), (1.0, .90, .68), .75 * power)
    glow(c, *place, .30, (1.0, .86, .62), .18 * power)
    core(c, *place, .014 * (.5 + .5 * s.f.size), (1.0, .97, .88), 1.8)
    anamorphic(c, *place, (1.0, .9, .7), .30 * power, .6)


def _headland(s: Scene, x: float, base: float, sea: float, right: bool) -> None:
    rng = s.layout("rock")
    side = 1 if right else -1
    points: list[Point] = []
    for i in range(40):
        t = i / 39
        px = x - side * (.24 - t * 1.0)
        ramp = min(1.0, t / .24)
        rise = ramp * ramp * (3 - 2 * ramp) * (.90 + .16 * float(np.sin(t * 5)))
        points.append((px, sea + .012 - (sea + .012 - base - .012) * rise + .010
                       * (float(rng.random()) - .5)))
    stencil = s.c.stencil(0, base - .05, 1, 1)
    stencil.poly([*points, (x + side * .9, sea + .06), (x + side * .2, sea + .035),
                  (x - side * .24, sea + .012)])
    mask = stencil.mask(.001)
    s.c.over(mask, mix(times(s.m.ink, 1.2), s.m.air, .10 + .12 * s.haze), stencil.box, .5)
    top = np.clip(mask - shifted(mask, 0, 2), 0, 1)
    s.c.add(top * np.float32(.16), s.m.key, stencil.box)


def shore(s: Scene) -> None:
    y = max(.46, s.f.horizon - .04)
    light_x = s.light_x()
    sky(s, y)
    _body_of_light(s, light_x, y)
    hills(s, y + .003, .07, s.far((.12, .13, .16), .75), "headland", 2, .12)
    veil(s, y, .09, s.m.air, .35 + .4 * s.haze)
    if "ferry" in s.r.props:
        ferry(s, .5 - s.f.side * .45, y + .004, .17 + .05 * s.f.size, fade=.6, lights=.3 + .6 * (1 - s.m.level))
    water(s, y, rough=.8, light_x=light_x)
    _beach(s, y, light_x)
    birds(s, .5 - s.f.side * .25, y * .5, 6)
    low = min(1.15, .90 + .12 * max(0.0, s.f.size - 1.2))
    x = s.subject_x(.28)
    tall = .42 * s.f.size ** .75
    if cast(s, x, low, tall, rim=.8):
        cast_shadow(s, x, low, .16, .06, (x - light_x) * .5, .35)


def _beach(s: Scene, y: float, light_x: float) -> None:
    """Wet sand with the last thin wave on it."""
    c = s.c
    top = y + (1 - y) * .56
    box = c.box(0, top - .04, 1, 1)
    rows = box[3] - box[1]
    line = top + .05 * (lattice(s.layout("tide"), 4, 1, c.w, 4)[0] - .5)[None, :]
    sand = smoothstep(-.004, .004, c.y[box[1]:box[3]] - line)
    tone = times(mix((.42, .34, .27), s.m.mid, .35), .22 + .75 * s.m.level)
    grains = fbm(s.layout("sand"), 60, 26, c.w, rows, 4, .6)
    wet = np.clip(1 - (c.y[box[1]:box[3]] - line) / .16, 0, 1)
    mirror_tone = np.asarray(mix(s.m.low, s.m.mid, .5), np.float32)
    body = np.asarray(tone, np.float32) * (.72 + .5 * grains)[..., None]
    body = body + (.62 * wet ** 1.5)[..., None] * (mirror_tone * (.55 + .3 * s.m.level) - body)
    c.over(sand.astype(np.float32), body.astype(np.float32), box, .9)
    foam = np.exp(-((c.y[box[1]:box[3]] - line) / .006) ** 2) * (.4 + .8 * fbm(s.layout("foam"), 40, 3, c.w,
            rows, 3))
    c.over((np.clip(foam, 0, 1) * .75).astype(np.float32), mix((.95, .95, .95), s.m.low, .4), box)
