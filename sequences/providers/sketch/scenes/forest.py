"""A forest in mist: trunks in four depths, shafts of light."""

from __future__ import annotations

import numpy as np

from .canvas import Stencil
from .cast import cast
from .colour import mix, times
from .figures import brightness
from .light import glow, shafts
from .noise import fbm, shifted
from .scene import Scene
from .sky import moon, veil


def forest(s: Scene) -> None:
    c, m = s.c, s.m
    y = min(.86, s.f.horizon + .22)
    fog = mix(m.air, (.80, .84, .70), .35) if not s.r.palette else m.air
    fog = times(fog, .45 + .6 * m.level)
    c.wash([(0, times(fog, .62)), (.55, fog), (.85, times(fog, 1.04)), (1, times(fog, .5))])
    light_x = .5 + s.f.light * .22
    glow(c, light_x, .40, .40, mix(m.key, fog, .4), .34 * (.25 + m.level))
    if m.dark:
        moon(s, light_x, .20, .05, .8)
    for layer in range(4):
        _trunks(s, layer, y, fog)
        if layer < 3:
            veil(s, y - .02, .34, fog, (.34 + .35 * s.haze) * (1 - layer * .22), f"fog{layer}")
        if layer == 1:
            shafts(c, light_x, -.35, mix(m.key, fog, .35),
                   .30 * (.3 + m.level) * (1.6 if "beams" in s.r.lights
                                           else 1.0), s.layout("shafts"), 24, 3.0)
        if layer == 2:
            _forest_people(s, y)
    _undergrowth(s, y)


def _forest_people(s: Scene, y: float) -> None:
    foot = min(1.06, y + .02 + .10 * max(0.0, s.f.size - 1))
    x = s.subject_x(.18)
    tall = .30 * s.f.size ** .9
    base = s.c.stencil(0, y - .02, 1, 1)
    base.rect(-.01, y + .005, 1.01, 1.01)
    litter = fbm(s.layout("litter"), 60, 22, base.size[0], base.size[1], 4, .6)
    down = np.linspace(0, 1, base.size[1], dtype=np.float32)[:, None]
    near = np.asarray(times(mix((.05, .06, .04), s.m.air, .15), .3 + .5 * s.m.level), np.float32)
    mist = np.asarray(times(mix(s.m.air, (.10, .11, .07), .45), .30 + .45 * s.m.level), np.float32)
    ground = near + (np.clip(1 - down * 1.6, 0, 1) ** 1.5)[..., None] * (mist - near)
    s.c.over(base.mask(.010), (ground * (.55 + .9 * litter)[..., None]).astype(np.float32), base.box, .6)
    cast(s, x, foot, tall, rim=.45, fade=.20 if s.f.size < 1.2 else .05, lit=max(.5, brightness(s)))


def _trunks(s: Scene, layer: int, y: float, fog: tuple[float, float, float]) -> None:
    """One depth of trunks with broken branches: far ones pale and thin, near ones nearly black."""
    c, rng = s.c, s.layout(f"trunks{layer}")
    count, width, drop = ((26, .012, -.03), (16, .022, -.01), (9, .042, .03), (4, .085, .10))[layer]
    tone = mix(mix((.045, .055, .045), fog, .10), fog, (.74, .50, .24, .02)[layer] * (.75 + .3 * s.haze))
    stencil = c.stencil()
    zoom = .75 + .25 * min(1.6, s.f.size)
    keep_clear = s.subject_x(.18)
    for i in range(count):
        x, w, lean, b = (float(v) for v in rng.random(4))
        px = (i + x) / count + (s.f.side * .03 * layer)
        if layer == 3:
            px = (-.02, .14, .86, 1.02)[i] + (x - .5) * .09
        if layer == 2 and abs(px - keep_clear) < .05:
            px += .09 if px >= keep_clear else -.09
        wide = width * zoom * (.6 + .8 * w) * c.ux
        tilt = (lean - .5) * .035
        foot = y + drop + .02 * b
        stencil.poly([(px - wide * .5, foot), (px + wide * .5, foot), (px + tilt + wide * .34, -.02),
                      (px + tilt - wide * .34, -.02)])
        stencil.poly([(px - wide * .9, foot + .008), (px - wide * .45, foot - .05),
                      (px + wide * .45, foot - .05), (px + wide * .9, foot + .008)])
        for _ in range((5, 7, 6, 3)[layer]):
            _branch(stencil, rng, px, tilt, foot, wide)
    mask = stencil.mask(.0006 if layer < 3 else .0035)
    bark = fbm(rng, 150, 8, c.w, c.h, 3, .6)
    c.over(mask, ((.72 + .55 * bark)[..., None] * np.asarray(tone, np.float32)).astype(np.float32), None,
           .15 + .25 * layer)
    step = max(1, c.w // 400)
    side = 1 if s.f.light > 0 else -1
    rim = np.clip(mask - shifted(mask, -side * step, 0), 0, 1).astype(np.float32)
    c.add(rim * np.float32(.10 * (.4 + s.m.level) * (layer > 0)), mix(s.m.key, fog, .3))


def _branch(stencil: Stencil, rng: np.random.Generator, x: float, tilt: float, foot: float,
            wide: float) -> None:
    t, side, length, rise = (float(v) for v in rng.random(4))
    py = foot * (.08 + .62 * t)
    px = x + tilt * (1 - py / foot)
    way = -1 if side < .5 else 1
    reach = wide * (1.0 + 2.2 * length) + .014
    end = (px + way * reach, py - (.02 + .05 * rise) * stencil.canvas.uy)
    stencil.line([(px, py), ((px + end[0]) / 2, py - .006), end],
                 wide * .07 * stencil.canvas.w / stencil.canvas.unit + .0008)
    stencil.line([((px + end[0]) / 2, py - .006), (px + way * reach * .8, py + .016)], .0012)


def _undergrowth(s: Scene, y: float) -> None:
    """Ferns and grass along the bottom, dark and a little out of focus."""
    c, rng = s.c, s.layout("ferns")
    stencil = c.stencil(0, y - .10, 1, 1)
    low = max(y + .085, .93)
    stencil.rect(-.01, low + .03, 1.01, 1.01)
    for _ in range(330):
        x, h, lean, k = (float(v) for v in rng.random(4))
        high = (.02 + .06 * h * h)
        stencil.line([(x, low + .03 + .02 * k), (x + (lean - .5) * .03, low + .02 - high * .6),
                      (x + (lean - .5) * .07, low + .02 - high)], .0022)
    stencil.over(times(mix((.03, .035, .025), s.m.air, .04), .5 + .5 * s.m.level), blur=.0018, z=.95)
