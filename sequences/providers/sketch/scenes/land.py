"""Pictures of the land: desert, moon over a hill, mountains, field."""

from __future__ import annotations

import numpy as np

from .canvas import Point, curve
from .cast import cast
from .colour import mix, times
from .light import glow
from .noise import fbm, lattice, shifted, smoothstep
from .props import bare_tree, house
from .scene import Scene
from .sky import birds, hills, moon, sky, sun, veil
from .surface import cast_shadow, water


def desert(s: Scene) -> None:
    m = s.m
    y = max(.42, s.f.horizon - .04)
    sky(s, y + .04, clouds=.18 if s.r.weather in ("", "clear") else None)
    light_x = s.light_x()
    if m.dark:
        moon(s, light_x, y * .4, .06)
    else:
        sun(s, light_x, y - .06 if m.time != "day" else y * .4, .055)
    veil(s, y, .10, m.air, .3 + .5 * s.haze)
    sand = mix((.72, .45, .27), m.low, .22)
    crests = []
    for i, (rise, height, tone) in enumerate(((.0, .05, .9), (.06, .07, .66), (.16, .12, .40),
                                              (.30, .20, .12))):
        crests.append(_dune(s, y + rise, height * (.8 + .25 * s.f.size),
                mix(times(sand, .16 + .84 * m.level), m.air, tone * (.35 + .5 * s.haze)), i, light_x))
    x = s.subject_x(.30)
    row = crests[2 if s.f.size < 1.2 else 3]
    foot = float(np.interp(x, [p[0] for p in row], [p[1] for p in row])) + .006
    tall = .15 * s.f.size ** 1.15
    if s.f.size > 1.5:
        foot, tall = min(1.1, foot + .22), .52 * (s.f.size / 1.75)
    if cast(s, x, foot, tall, usual=1, rim=.8, fade=.15 if s.f.size < 1.2 else 0):
        cast_shadow(s, x, foot, tall * .75, tall * .16, (x - light_x) * 1.3 * tall / .3, .42)


def _dune(s: Scene, base: float, height: float, tone: tuple[float, float, float], index: int,
          light_x: float) -> list[Point]:
    """One dune: a smooth crest, a lit and a shaded flank, wind ripples on the near ones."""
    c, rng = s.c, s.layout(f"dune{index}")
    line = lattice(rng, 2 + index % 2, 1, 60, 4)[0]
    line = (line - line.min()) / max(1e-6, float(line.max() - line.min()))
    ridge = [(i / 59 * 1.04 - .02, base + height * (.6 - float(v))) for i, v in enumerate(line)]
    smooth = curve(ridge, 3, False)
    stencil = c.stencil(0, base - height, 1, 1)
    stencil.poly([*smooth, (1.03, 1.02), (-.03, 1.02)])
    mask = stencil.mask()
    xs = c.x[0]
    crest = np.interp(xs, [p[0] for p in smooth], [p[1] for p in smooth]).astype(np.float32)
    slope = np.gradient(crest, xs)
    towards = np.tanh((light_x - xs) * 7) * slope
    lit = .80 - .55 * np.clip(towards * 1.6, -1, 1)
    rows = c.y[stencil.box[1]:stencil.box[3]]
    down = np.clip((rows - crest[None, :]) / max(.05, height * 2.2), 0, 1)
    flank = fbm(rng, 5, 3, mask.shape[1], mask.shape[0], 3)
    shade = lit[None, :] * (1.12 - .5 * down) * (.86 + .28 * flank)
    if index >= 2:
        wind = np.sin(rows * 900 / (1 + index) + flank * 34 + xs[None, :] * 40)
        shade = shade * (1 + .045 * wind * smoothstep(.02, .5, down))
    c.over(mask, (shade[..., None] * np.asarray(tone, np.float32)).astype(np.float32), stencil.box,
           .2 + .22 * index)
    rim = np.clip(mask - shifted(mask, 0, 2), 0, 1) * np.clip(-towards * 2 + .4, 0, 1)[None, :]
    c.add(rim.astype(np.float32) * np.float32(.22), s.m.key, stencil.box)
    return smooth


def moon_hill(s: Scene) -> None:
    c, m = s.c, s.m
    y = min(.84, s.f.horizon + .16)
    sky(s, y + .08, clouds=.75)
    crescent = "crescent" in s.r.seen
    size = (.15 + .085 * s.f.size) * (.6 if s.r.size == "wide" else 1.0)
    x = .5 + s.f.side * .18
    my = y - size * c.uy * .78
    glow(c, x, my, size * 3.2, mix(m.low, (.75, .86, .86), .25), .42)
    moon(s, x, my, size, 1.02)
    if crescent:
        _eclipse(s, x, my, size)
    _cloud_bars(s, x, my, size)
    birds(s, x - .18, my - .06, 4, .014, times(m.ink, 1.2))
    hills(s, y + .05, .12, s.far((.04, .05, .055), .62), "back", 3, .12, .2)
    veil(s, y + .02, .10, m.air, .3 + .5 * s.haze)
    ridge = hills(s, y + .10, .13, s.far((.02, .026, .028), .22), "mid", 2, .08, .4, lit=.12)
    px = x + .02 * s.f.side
    foot = float(np.interp(px, [p[0] for p in ridge], [p[1] for p in ridge])) + .008
    if "tree" in s.r.props or "lone tree" in s.r.seen:
        bare_tree(s, px + .16, foot + .02, .34, mix(m.ink, m.air, .05), "tree")
    if "house" in s.r.props:
        house(s, px - .2, foot + .02, .11)
    cast(s, px, foot, .19 * s.f.size ** .55 + .03, lit=.14, rim=.5, light=.6,
         usual=0 if s.r.known and not s.r.figures else 1)
    _near_grass(s, y + .13)


def _eclipse(s: Scene, x: float, y: float, size: float) -> None:
    box = s.c.around(x, y, size * 1.2)
    dx, dy = s.c.distance(x + size * .42 * s.c.ux, y - size * .12 * s.c.uy, box)
    shadow = 1 - smoothstep(.96, 1.02, np.sqrt(dx * dx + dy * dy) / np.float32(size))
    s.c.over((shadow * .95).astype(np.float32), mix(s.m.zenith, s.m.mid, .5), box)


def _cloud_bars(s: Scene, x: float, y: float, size: float) -> None:
    """Thin clouds that cross the moon."""
    c = s.c
    box = c.box(0, y - size * .4, 1, y + size * 1.1)
    if box[3] - box[1] < 4:
        return
    bars = fbm(s.layout("bars"), max(2, round(1.6 * c.aspect)), 9, box[2] - box[0], box[3] - box[1], 4, .55)
    fade = np.sin(np.linspace(0, np.pi, bars.shape[0], dtype=np.float32))[:, None]
    c.over((smoothstep(.52, .82, bars) * fade * .62).astype(np.float32), mix(s.m.mid, s.m.low, .3), box)


def _near_grass(s: Scene, y: float) -> None:
    c, rng = s.c, s.layout("grass")
    ridge = lattice(rng, 3, 1, 50, 4)[0]
    stencil = c.stencil(0, y - .10, 1, 1)
    points = [(i / 49, y + .02 - .05 * float(v)) for i, v in enumerate(ridge)]
    stencil.poly([(-.01, 1.02), *points, (1.01, 1.02)])
    for _ in range(420):
        x, h, lean = (float(v) for v in rng.random(3))
        base = float(np.interp(x, [p[0] for p in points], [p[1] for p in points])) + .004
        stencil.line([(x, base), (x + (lean - .5) * .012, base - .006 - .020 * h * h)], .0014)
    stencil.over(mix(s.m.ink, s.m.air, .015), blur=.0006, z=.9)


def mountain(s: Scene) -> None:
    m = s.m
    y = min(.80, s.f.horizon + .08)
    sky(s, y)
    light_x = s.light_x()
    if m.level > .3 and s.r.weather != "snow":
        sun(s, light_x, y * .40, .035, .8)
    elif m.dark:
        moon(s, light_x, .18, .045)
    zoom = .8 + .25 * min(1.8, s.f.size)
    for i, (height, far, white) in enumerate(((.34, .80, .9), (.46, .50, 1.0), (.24, .22, .8))):
        _range(s, y + .02 * i, height * zoom, far, white, i, light_x)
        veil(s, y - .02, .16, m.air, .42 * (.5 + s.haze), f"valley{i}")
    if any(word in s.r.seen for word in ("lake", "fjord", "water")):
        water(s, y + .02, light_x=light_x)
    else:
        _snowfield(s, y + .02, light_x)
        _firs(s, y + .05)
    x = s.subject_x(.26)
    foot = min(1.06, y + .14 + .08 * s.f.size)
    if cast(s, x, foot, .20 * s.f.size ** .95, rim=.6):
        cast_shadow(s, x, foot, .10 * s.f.size, .035 * s.f.size, (x - light_x) * .4, .3)


def _range(s: Scene, base: float, height: float, far: float, white: float, index: int,
           light_x: float) -> None:
    """A range of peaks, one flank in light and one in shade, snow above a ragged line."""
    c, rng = s.c, s.layout(f"range{index}")
    count = 220
    rough = lattice(rng, 30, 1, count, 4)[0] * .22 + lattice(rng, 80, 1, count, 4)[0] * .08
    peaks = np.zeros(count, np.float32)
    xs = np.linspace(-.02, 1.02, count, dtype=np.float32)
    for _ in range(5 + index):
        px, ph, pw = (float(v) for v in rng.random(3))
        peaks = np.maximum(peaks, (.45 + .55 * ph) * (1 - np.abs(xs - px) / (.14 + .22 * pw)))
    peaks = np.clip(peaks, .06, None)
    line = peaks * .82 + rough * (.3 + peaks)
    ridge = base - height * line
    stencil = c.stencil(0, max(0.0, base - height * 1.25), 1, min(1.0, base + .06))
    if stencil.size[1] < 3:
        return
    stencil.poly([*[(float(a), float(b)) for a, b in zip(xs, ridge, strict=True)], (1.02, base + .06),
                  (-.02, base + .06)])
    crest = np.interp(c.x[0], xs, ridge).astype(np.float32)
    rows = c.y[stencil.box[1]:stencil.box[3]]
    depth = np.clip((rows - crest[None, :]) / max(.02, height), 0, 1)
    crag = fbm(rng, 26, 14, c.w, rows.shape[0], 5, .62)
    slope = np.gradient(np.convolve(np.pad(ridge, 6, mode="edge"), np.hanning(15)[1:-1] / 7, "valid"),
                        xs).astype(np.float32)
    facing = slope * np.tanh((light_x - xs) * 7)
    seen = np.clip((c.x + (crag - .5) * .16 * (.25 + depth) + .02) / 1.04, 0, 1)
    lit = smoothstep(-.30, .50, .12 - facing[(seen * (count - 1)).astype(np.int32)] * .42 + (crag - .5) * 1.9
                     * (.3 + depth))
    snow = smoothstep(.62, .30, depth + (crag - .5) * .9 + .55 * (1
            - white)) if s.r.weather != "desert" else lit * 0
    level = .14 + .86 * s.m.level
    shadow_snow, bright_snow = np.asarray(times(mix((.44, .52, .66), s.m.zenith, .3), level),
            np.float32), np.asarray(times(mix((.98, .96, .95), s.m.key, .4), level), np.float32)
    rock = np.asarray(times(mix((.13, .14, .17), s.m.zenith, .25), level), np.float32)
    body = rock * (.6 + .8 * lit)[..., None]
    body = body + snow[..., None] * (shadow_snow + lit[..., None] * (bright_snow - shadow_snow) - body)
    air = np.asarray(s.m.air, np.float32)
    mist = (far * (.35 + .45 * s.haze) + .45 * depth ** 1.5 * (.4 + .5 * s.haze))[..., None]
    stencil.over((body + np.clip(mist, 0, 1) * (air - body)).astype(np.float32), z=.1 + .15 * index)


def _snowfield(s: Scene, y: float, light_x: float) -> None:
    c = s.c
    box = c.box(0, y, 1, 1)
    rows = box[3] - box[1]
    drift = fbm(s.layout("drift"), 4, 7, c.w, rows, 5, .5)
    near = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    level = .16 + .80 * s.m.level
    slope = np.gradient(drift, axis=0) * rows * .016
    shade = np.clip(.86 + slope - .12 * near + .18 * (drift - .5), .35, 1.1)
    cool, warm = np.asarray(times(mix((.60, .68, .80), s.m.mid, .35), level),
            np.float32), np.asarray(times(mix((.98, .97, .96), s.m.key, .35), level), np.float32)
    body = cool + np.clip(shade, 0, 1)[..., None] * (warm - cool)
    body = body * (.45 + .55 * shade)[..., None]
    edge = smoothstep(0, .06, near)
    c.over((edge * np.ones((1, c.w), np.float32)).astype(np.float32), body.astype(np.float32), box, .7)
    dx, _ = c.distance(light_x, y, box)
    c.add((np.exp(-(dx / .35) ** 2) * .08 * (1 - near)).astype(np.float32), s.m.key, box)


def _firs(s: Scene, y: float) -> None:
    """A few fir trees, dark, with snow on them when it is bright."""
    c, rng = s.c, s.layout("firs")
    for group in range(24):
        x, h, k, off = (float(v) for v in rng.random(4))
        side = -1 if group % 2 else 1
        px = .5 + side * (.16 + .42 * x)
        tall = (.05 + .10 * h) * (.8 + .3 * s.f.size)
        foot = y + .02 + .05 * k
        stencil = c.stencil(px - .4 * tall * c.ux, foot - tall * 1.05 * c.uy, px + .4 * tall * c.ux,
                            foot + .01)
        if stencil.size[0] < 2 or stencil.size[1] < 2:
            continue
        for tier in range(6):
            t = tier / 6
            w = tall * (.24 - .20 * t) * c.ux
            top, low = foot - tall * (t + .30) * c.uy, foot - tall * (t * .9 + .04) * c.uy
            stencil.poly([(px, max(top, foot - tall * c.uy)), (px + w, low), (px, low - .008),
                          (px - w, low + .004 * off)])
        stencil.over(s.far(mix((.03, .045, .05), s.m.zenith, .12), .35 + .3 * k), z=.5)


def field(s: Scene) -> None:
    c, m = s.c, s.m
    y = max(.44, s.f.horizon)
    sky(s, y)
    light_x = s.light_x()
    if m.dark:
        moon(s, light_x, y * .35, .05)
    else:
        sun(s, light_x, y * (.90 if m.time != "day" else .35), .045)
    hills(s, y + .01, .06, s.far((.10, .12, .11), .75), "far", 3, .2)
    veil(s, y, .10, m.air, .3 + .45 * s.haze)
    _grain_field(s, y, light_x)
    if s.r.known and ("tree" in s.r.props or s.variant % 2 == 0):
        bare_tree(s, .5 - s.f.side * .5, y + .03, .38 * (.7 + .3 * s.f.size),
                  mix(times(m.ink, 1.2), m.air, .18 + .2 * s.haze), "tree")
    if "house" in s.r.props or "farm" in s.r.seen:
        house(s, .5 - s.f.side * .25, y + .015, .10)
    x = s.subject_x(.28)
    foot = min(1.12, y + .20 + .14 * s.f.size)
    cast(s, x, foot, .26 * s.f.size ** .85 + .04, rim=.9, ground=True)
    _stalks(s, min(.97, y + .34), light_x)
    glow(c, light_x, y, .5, m.key, .14 * m.level)


def _grain_field(s: Scene, y: float, light_x: float) -> None:
    """Standing grain in perspective, moved by the wind, brighter under the light."""
    c, m = s.c, s.m
    box = c.box(0, y, 1, 1)
    rows = box[3] - box[1]
    near = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    texture = fbm(s.layout("ears"), 120, 40, 1024, 512, 3, .65)
    u = ((c.x - .5) * 620 / (.25 + near) + 512).astype(np.int32) % 1024
    v = np.broadcast_to((np.log(near + .04) * 330).astype(np.int32) % 512, u.shape)
    ears = texture[v, u]
    wind = fbm(s.layout("wind"), 3, 6, c.w, rows, 3)
    green = any(w in s.r.seen for w in ("meadow", "grass", "garden", "countryside"))
    tone = mix((.24, .30, .13) if green else (.62, .44, .20), m.low, .25)
    body = np.asarray(times(tone, .12 + .85 * m.level), np.float32) * (.35 + .85 * ears + .5 * (wind
            - .5))[..., None] * (1.05 - .5 * near)[..., None]
    body = body + ((1 - near) ** 4 * (.3 + .5 * s.haze))[..., None] * (np.asarray(m.air, np.float32) - body)
    c.over(np.ones((rows, c.w), np.float32), np.clip(body, 0, 2).astype(np.float32), box)
    if c.depth is not None:
        c.depth[box[1]:box[3]] = .1 + .8 * near
    dx, _ = c.distance(light_x, y, box)
    c.add((np.exp(-(dx / (.18 + .5 * near)) ** 2) * smoothstep(.5, .9,
            ears) * .26 * (1 - .6 * near)).astype(np.float32), m.key, box)


def _stalks(s: Scene, y: float, light_x: float) -> None:
    c, rng = s.c, s.layout("stalks")
    stencil = c.stencil(0, y - .16, 1, 1)
    for _ in range(260):
        x, h, lean, k = (float(v) for v in rng.random(4))
        top = (x + (lean - .5) * .05, y - .02 - .10 * h * h)
        stencil.line([(x, 1.02), (x + (lean - .5) * .015, y + .05), top], .0024)
        stencil.disc(top[0], top[1], .0035, .010 + .006 * k)
    mask = stencil.mask(.0018)
    c.over(mask, times(mix((.10, .07, .03), s.m.air, .06), .35 + .7 * s.m.level), stencil.box, .95)
    dx, _ = c.distance(light_x, y, stencil.box)
    top = np.clip(mask - shifted(mask, 0, 2), 0, 1) * np.exp(-(dx / .5) ** 2)
    c.add(top.astype(np.float32) * np.float32(.35), s.m.key, stencil.box)
