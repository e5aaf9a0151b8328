"""Pictures of the city: street with neon, skyline from a roof."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Point, Stencil
from .cast import cast
from .colour import mix, times
from .lexicon import RGB
from .light import core, glow
from .noise import Box, fbm, lattice, shifted, smoothstep
from .props import car_rear, ferry
from .scene import Scene
from .sky import moon, sky, sun, veil
from .surface import floor, water

# which of the accents fills a cell's air
_LEADS = (0, 0, 1, 2, 0, 3, 1, 0, 2)


def street(s: Scene) -> None:
    y = min(.70, max(.52, s.f.horizon + .02))
    c, m = s.c, s.m
    vanish = .5 - s.f.side * .12
    lead = m.accents[_LEADS[s.variant % 9] % len(m.accents)]
    sky(s, y, clouds=.3, starry=False)
    glowing = .30 + .40 * (1 - m.level)
    glow(c, vanish, y - .10, .42, mix(lead, m.key, .3), glowing)
    glow(c, vanish, y, .14, mix(lead, (1, 1, 1), .3), glowing * .7)
    signs = _facades(s, vanish, y)
    veil(s, y, .16, mix(m.air, lead, .35), .25 + .5 * s.haze)
    floor(s, y, times(mix(m.mid, lead, .15), .30), (.022, .022, .028), wet=.92 if s.r.wet or m.dark else .35,
          rough=1.3, name="asphalt")
    _kerbs(s, vanish, y)
    _zebra(s, vanish, y)
    for x, sy, size, colour in signs:
        glow(c, x, sy, size * 2.4, colour, .16 * min(1.0, 1.2 - m.level))
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
            stencil.poly([(vanish + side * .05, y + .05 * near), (vanish + side * 2.6, y + 2.6 * near),
                          (vanish + side * 2.6, y - .1), (vanish + side * .05, y - .01)])
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
        stencil.poly([(vanish + a * far, y + (1 - y) * far), (vanish + b * far, y + (1 - y) * far),
                      (vanish + b * near, y + (1 - y) * near), (vanish + a * near, y + (1 - y) * near)])
    for i in range(5):
        t, u = .05 * 1.5 ** i, .05 * 1.5 ** (i + .5)
        stencil.poly([(vanish - .008 * t, y + (1 - y) * t), (vanish + .008 * t, y + (1 - y) * t),
                      (vanish + .010 * u, y + (1 - y) * u), (vanish - .010 * u, y + (1 - y) * u)])
    worn = fbm(s.layout("worn"), 40, 14, stencil.size[0], stencil.size[1], 4, .6)
    c.add(stencil.mask(.0014) * smoothstep(.25, .75, worn) * np.float32(.16),
          mix(s.m.air, mix(s.m.accents[0], (1, 1, 1), .5), .7), stencil.box)


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


Place = Callable[[float, float], Point]


def _house(s: Scene, vanish: float, y: float, side: int, near: float, far: float,
           index: int) -> list[tuple[float, float, float, RGB]]:
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
    ramp = np.linspace(1.5, .55, mask.shape[1], dtype=np.float32)[None, :] if side > 0 else np.linspace(.55,
            1.5, mask.shape[1], dtype=np.float32)[None, :]
    rows = np.linspace(.8, 1.25, mask.shape[0], dtype=np.float32)[:, None]
    c.over(mask, (ramp * rows)[..., None] * np.asarray(tone, np.float32), stencil.box, 1 - depth * .8)

    def at(u: float, v: float) -> Point:
        x = inner + (outer - inner) * u
        top, low = top_in + (top_out - top_in) * u, low_in + (low_out - low_in) * u
        return x, low + (top - low) * v
    _storeys(s, stencil.box, at, depth)
    _windows(s, stencil.box, at, rng, depth)
    _shop(s, stencil.box, at, rng, far - near)
    return [_sign(s, at, rng, far - near) for _ in range(2 if rng.random() < .7 else 1)]


def _storeys(s: Scene, box: Box, at: Place, depth: float) -> None:
    """Ledges between the floors and a drain pipe: enough to read a wall as a house."""
    lines = Stencil(s.c, box)
    for v in (.165, .30, .47, .64, .81, .985):
        lines.line([at(0, v), at(1, v)], .0035 * (1.1 - depth))
    lines.line([at(.965, 0), at(.965, 1)], .004 * (1.1 - depth))
    lines.over(s.m.ink, alpha=.42 - .2 * depth)


def _shop(s: Scene, box: Box, at: Place, rng: np.random.Generator, size: float) -> None:
    """A lit shop front with posts and an awning; its light falls on the pavement."""
    if rng.random() > .72:
        return
    colour = mix((1.0, .80, .52), s.m.accents[int(rng.integers(len(s.m.accents)))], .45 * float(rng.random()) + .1)
    front = Stencil(s.c, box)
    front.poly([at(.10, .012), at(.88, .012), at(.88, .115), at(.10, .115)])
    mask = front.mask(.002)
    glowing = .55 + .45 * lattice(s.layout("goods"), 40, 14, mask.shape[1], mask.shape[0])
    night = .30 + .70 * (1 - s.m.level)
    s.c.over(mask * .85, (glowing * night)[..., None] * np.asarray(colour, np.float32), box)
    posts = Stencil(s.c, box)
    for u in (.10, .30, .49, .68, .88):
        posts.line([at(u, .012), at(u, .115)], max(.0018, size * .014))
    posts.poly([at(.06, .112), at(.92, .112), at(.92, .140), at(.06, .140)])
    posts.over(times(s.m.ink, 1.2), alpha=.9)
    x, y = at(.49, .05)
    glow(s.c, x, y, .02 + size * .20, colour, .42 * night)


def _windows(s: Scene, box: Box, at: Place, rng: np.random.Generator,
             depth: float) -> None:
    stencil = Stencil(s.c, box)
    for row in range(7):
        for col in range(4):
            if rng.random() < .20:
                u, v = .10 + col * .22, .22 + row * .11
                stencil.poly([at(u, v), at(u + .12, v), at(u + .12, v + .06), at(u, v + .06)],
                             .35 + .65 * float(rng.random()))
    stencil.over(mix((1.0, .78, .46), s.m.accents[1], .3), alpha=(.50 - .25 * depth) * (1.1 - s.m.level))


def _sign(s: Scene, at: Place, rng: np.random.Generator, size: float) -> tuple[float, float, float, RGB]:
    """One neon sign: a lit board or a frame, with its glow on the wall."""
    c = s.c
    colour = s.m.accents[int(rng.integers(len(s.m.accents)))]
    u, v = .15 + .5 * float(rng.random()), .16 + .42 * float(rng.random())
    tall, wide = .07 + .13 * float(rng.random()), .10 + .14 * float(rng.random())
    a, b, d, e = at(u, v), at(u + wide, v), at(u + wide, v + tall), at(u, v + tall)
    x, y = (a[0] + d[0]) / 2, (a[1] + d[1]) / 2
    stencil = c.stencil(min(a[0], b[0]) - .06, min(d[1], e[1]) - .08, max(a[0], b[0]) + .06,
                        max(a[1], b[1]) + .08)
    if stencil.size[0] > 1 and stencil.size[1] > 1:
        if rng.random() < .45:
            stencil.line([a, b, d, e, a], max(.003, size * .022))
            mid = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), ((d[0] + e[0]) / 2, (d[1] + e[1]) / 2)
            stencil.line(list(mid), max(.002, size * .012), .8)
        else:
            stencil.poly([a, b, d, e])
        power = min(1.0, 1.25 - s.m.level)
        stencil.add(colour, blur=.018, alpha=.9 * power)
        stencil.over(mix(colour, (1, 1, 1), .30), alpha=.95)
        glow(c, x, y, .03 + size * .16, colour, .55 * power)
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
        veil(s, y - .06 + .03 * layer, .22, mix(m.air, m.key, .2), .55 * (far + .1) * (.5 + s.haze),
             f"v{layer}")
    x = s.subject_x(.28)
    if _by_water(s):
        _waterfront(s, y - .04)
        return
    _roof(s, min(.97, y + .01))
    foot = min(1.12, y + .035 + .10 * max(0.0, s.f.size - 1.2))
    cast(s, x, foot, .34 * s.f.size ** .75, lit=.18 if s.m.level < .5 else None, rim=.7, usual=0)


def _by_water(s: Scene) -> bool:
    roof = any(word in s.r.seen for word in ("rooftop", "roof"))
    return not roof and (bool(s.r.props & {"ferry", "boat"}) or any(w in s.r.seen for w in ("water", "sea", "harbour", "bay")))


def _waterfront(s: Scene, y: float) -> None:
    """The city mirrored in a harbour, with a ferry or people in front of it."""
    glow(s.c, .5, y, .30, mix(s.m.key, s.m.accents[0], .3), .25)
    water(s, y, rough=1.1)
    if "ferry" in s.r.props or not s.r.figures:
        low = y + .03 + .05 * s.f.size
        ferry(s, .5 - s.f.side * .40, low, .28 * s.f.size ** .7, fade=.1, lights=1.0)
    cast(s, s.subject_x(.28), min(1.10, .97 + .08 * s.f.size), .36 * s.f.size ** .6, rim=.8, ground=False)


def _blocks(s: Scene, layer: int, y: float, top: float, count: int, far: float) -> None:
    """One row of towers with lit windows; nearer rows are darker, sharper and more lit."""
    c, rng = s.c, s.layout(f"towers{layer}")
    stencil, panes = c.stencil(0, 0, 1, y + .03), c.stencil(0, 0, 1, y + .03)
    tints: list[tuple[float, float, float, float]] = []
    x = -.04
    while x < 1.02:
        w, h, gap, mast = (float(v) for v in rng.random(5)[:4])
        width = (.030 + .052 * w) * (18 / count) * (1 + .25 * layer)
        high = y - top * (.35 + .65 * h * h) * (1.15 - .3 * abs(x - .45))
        stencil.rect(x, high, x + width, y + .04)
        if h > .5:
            stencil.rect(x + width * .22, high - .02, x + width * .78, high + .01)
        if mast > .72:
            stencil.line([(x + width * .5, high), (x + width * .5, high - .04 - .03 * mast)], .0022)
        if layer:
            _panes(panes, rng, x, high, width, y, .012 if layer == 1 else .017,
                   .0048 if layer == 1 else .0062)
        if mast > .9:
            tints.append((x + width * .5, high - .07, .004, 1.0))
        x += width * (1.02 + .25 * gap)
    tone = mix(times(mix(s.m.ink, s.m.zenith, .35), .9), s.m.air, far * (.35 + .5 * s.haze))
    mask = stencil.mask()
    rows = np.linspace(1.0, 1.0 + .45 * far, mask.shape[0], dtype=np.float32)[:, None, None]
    c.over(mask, rows * np.asarray(tone, np.float32) * np.ones((1, mask.shape[1], 1), np.float32),
           stencil.box, .15 + .25 * layer)
    _light_panes(s, panes, layer)
    for tx, ty, radius, gain in tints:
        core(c, tx, ty, radius, (1.0, .2, .15), gain * (1.1 - s.m.level))


def _panes(panes: Stencil, rng: np.random.Generator, x: float, high: float, width: float, y: float,
           step: float, size: float) -> None:
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
    warm, other = np.asarray((1.0, .76, .44), np.float32), np.asarray(mix(s.m.accents[0], (.8, .9, 1.0), .3),
                                                                      np.float32)
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
    stencil.poly([(tx - w * 1.1, y - .04 * c.uy - h), (tx + w * 1.1, y - .04 * c.uy - h),
                  (tx, y - .10 * c.uy - h)])
    for k in (-.8, .8):
        stencil.line([(tx + k * w, y), (tx + k * w, y - .05 * c.uy)], .006)
    stencil.rect(tx - .5 * side * .30 - .03 * c.ux, y - .05 * c.uy, tx - .5 * side * .30 + .04 * c.ux, y)
    mask = stencil.mask()
    c.over(mask, mix(s.m.ink, s.m.air, .03), stencil.box, .8)
    c.add(np.clip(mask - shifted(mask, 0, 2), 0, 1) * np.float32(.22), s.m.key, stencil.box)
