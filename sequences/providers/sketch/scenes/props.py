"""Things: ship, lamp post, rail, lantern, lighthouse, car, tree, houses, piano."""

from __future__ import annotations

import numpy as np

from .canvas import Point, Stencil, curve
from .colour import mix, times
from .lexicon import RGB
from .light import core, glow
from .noise import Plane, lattice, shifted, smoothstep
from .scene import Scene

LAMP: RGB = (1.0, .74, .40)


def ferry(s: Scene, x: float, y: float, length: float, *, fade: float = .35, lights: float = 1.0,
          flip: bool = False) -> None:
    """A small passenger ship seen from the side, water line at y, `length` units long."""
    c = s.c
    tone = mix(times(s.m.ink, 1.0), s.m.air, fade * .55)
    stencil = c.stencil(x - .6 * length * c.ux, y - .5 * length * c.uy, x + .6 * length * c.ux, y + .02)

    def place(px: float, py: float) -> Point:
        return x + (-px if flip else px) * length * c.ux, y - py * length * c.uy

    def block(left: float, low: float, right: float, high: float, rake: float = 0.0) -> None:
        stencil.poly([place(left, low), place(right, low), place(right - rake, high),
                      place(left + rake * .5, high)])
    hull: list[Point] = [(-.47, .085), (-.43, .0), (.38, .0), (.455, .05), (.50, .105), (.30, .090)]
    stencil.poly([place(*p) for p in hull])
    block(-.38, .08, .33, .135, .012)
    block(-.31, .135, .25, .185, .016)
    block(-.10, .185, .17, .225, .02)
    stencil.poly([place(-.19, .18), place(-.10, .18), place(-.125, .30), place(-.205, .30)])
    stencil.line([place(.10, .22), place(.09, .36)], .0032)
    stencil.line([place(-.36, .13), place(-.37, .24)], .0025)
    stencil.line([place(.09, .345), place(.50, .105)], .0012, .6)
    stencil.over(tone, z=.25)
    windows = Stencil(c, stencil.box)
    rng = s.layout("ferrylights")
    for low, high, left, right, step in ((.098, .118, -.34, .28, .034), (.150, .168, -.27, .20, .034),
                                         (.198, .213, -.06, .14, .03)):
        at = left
        while at < right:
            if rng.random() < .86:
                a, b = place(at, high), place(at + step * .56, low)
                windows.rect(min(a[0], b[0]), a[1], max(a[0], b[0]), b[1], .75 + .25 * float(rng.random()))
            at += step
    windows.over(times((1.0, .80, .46), .95), alpha=.95 * min(1.0, lights))
    windows.add((1.0, .66, .30), blur=.006, alpha=.8 * lights)
    glow(c, *place(.03, .14), length * .24, (1.0, .62, .30), .16 * lights)
    core(c, *place(.09, .36), .0035, (1.0, .85, .7), 1.2 * lights)
    _smoke(s, *place(-.165, .31), length, fade)


def _smoke(s: Scene, x: float, y: float, length: float, fade: float) -> None:
    c = s.c
    for i in range(9):
        t = i / 8
        px, py = x - (.02 + .34 * t) * length * c.ux, y - (.01 + .10 * t) * length * c.uy
        box = c.around(px, py, length * (.03 + .10 * t))
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        dx, dy = c.distance(px, py, box)
        radius = length * (.016 + .05 * t)
        c.over((np.exp(-(dx * dx + dy * dy) / radius**2) * .26 * (1 - t)).astype(np.float32),
               mix(s.m.ink, s.m.air, .4 + .4 * fade), box)


def lamp_post(s: Scene, x: float, y: float, height: float, *, power: float = 1.0, colour: RGB = LAMP,
              hook: float = 0.0, z: float = .7) -> Point:
    """A street lamp, foot at x, y; gives back where its light is. `hook` bends its head sideways (units)."""
    c = s.c
    stencil = c.stencil(x - (.06 + abs(hook)) * c.ux, y - height * 1.1 * c.uy, x + (.06 + abs(hook)) * c.ux,
                        y + .01)
    top = y - height * c.uy
    stencil.line([(x, y), (x, top)], max(.005, height * .013))
    stencil.rect(x - height * .014 * c.ux, y - height * .10 * c.uy, x + height * .014 * c.ux, y)
    lx, ly = x + hook * c.ux, top
    if hook:
        stencil.line(curve([(x, top + .04 * height * c.uy), (x + hook * .3 * c.ux, top - .005),
                            (lx, top - .004)], 6, False), max(.004, height * .010))
    k = height * .045
    stencil.poly([(lx - k * c.ux, ly), (lx + k * c.ux, ly), (lx + k * .5 * c.ux, ly - k * .8 * c.uy),
                  (lx - k * .5 * c.ux, ly - k * .8 * c.uy)])
    stencil.over(mix(s.m.ink, s.m.air, .08), z=z)
    bulb = ly + k * .30 * c.uy
    glow(c, lx, bulb, .16 * height + .05, colour, .42 * power)
    glow(c, lx, bulb, .035 * height + .01, colour, .9 * power)
    core(c, lx, bulb, max(.009, k * .42), (1.0, .95, .82), 1.6 * power)
    return lx, bulb


def rail(s: Scene, y: float, height: float, *, tilt: float = 0.0, posts: int = 9, z: float = .85,
         lit: float = .25) -> None:
    """A ship's or quay's rail across the frame; y is its foot, height in units."""
    c = s.c
    stencil = c.stencil(0, y - height * 1.3 * c.uy - abs(tilt), 1, min(1, y + .02 + abs(tilt)))

    def level(x: float, k: float) -> Point:
        return x, y + tilt * (x - .5) - height * k * c.uy
    for i in range(posts + 1):
        x = (i + .5) / posts
        stencil.line([level(x, 1.02), level(x, 0)], height * .050)
        stencil.disc(*level(x, 1.02), height * .034)
    stencil.line([level(-.02, 1), level(1.02, 1)], height * .066)
    for k in (.66, .34):
        stencil.line([level(-.02, k), level(1.02, k)], height * .030)
    mask = stencil.mask()
    c.over(mask, mix(s.m.ink, s.m.air, .05), stencil.box, z)
    top = np.clip(mask - shifted(mask, 0, max(1, round(height * .018 * c.unit))), 0, 1)
    c.add(top.astype(np.float32) * np.float32(lit), s.m.key, stencil.box)


def lantern(s: Scene, x: float, y: float, height: float, colour: RGB = (1.0, .66, .24),
            power: float = 1.0) -> None:
    """A storm lantern, large; x, y is its middle."""
    c = s.c
    w = height * .27
    glow(c, x, y, height * .75, colour, .42 * power)
    glow(c, x, y + .05 * height * c.uy, height * .26, mix(colour, (1, .9, .6), .3), .85 * power)
    box = c.box(x - w * 1.6 * c.ux, y - height * .8 * c.uy, x + w * 1.6 * c.ux, y + height * .6 * c.uy)
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    glass = Stencil(c, box)
    px, py = w * c.ux, height * c.uy
    glass.poly([(x - px * .86, y - py * .30), (x + px * .86, y - py * .30), (x + px, y + py * .34),
                (x - px, y + py * .34)])
    dx, dy = c.distance(x, y + .10 * height * c.uy, box)
    heat = np.exp(-((dx / (w * .55)) ** 2 + (dy / (height * .26)) ** 2))
    inside = np.asarray(times(colour, .62), np.float32) + heat[..., None] * np.asarray((1.0, .86, .55),
            np.float32)
    c.over(glass.mask() * .93, inside, box, .9)
    flame = curve([(x, y - py * .12), (x + px * .16, y + py * .06), (x + px * .13, y + py * .20),
                   (x, y + py * .25), (x - px * .13, y + py * .20), (x - px * .15, y + py * .08)], 6)
    fire = Stencil(c, box)
    fire.poly(flame)
    fire.add((1.0, .93, .72), blur=height * .012, alpha=1.2)
    _lantern_frame(s, x, y, px, py, height, box)


def _lantern_frame(s: Scene, x: float, y: float, px: float, py: float, height: float,
                   box: tuple[int, int, int, int]) -> None:
    frame = Stencil(s.c, box)
    for k in (-1, -.34, .34, 1):
        frame.line([(x + px * k * .86, y - py * .30), (x + px * k, y + py * .34)],
                   height * (.016 if abs(k) == 1 else .009))
    frame.line([(x - px * .93, y + py * .02), (x + px * .93, y + py * .02)], height * .012)
    frame.rect(x - px * 1.12, y + py * .34, x + px * 1.12, y + py * .42)
    frame.rect(x - px * .98, y + py * .41, x + px * .98, y + py * .455)
    frame.rect(x - px * 1.0, y - py * .34, x + px * 1.0, y - py * .295)
    frame.poly([(x - px * .98, y - py * .34), (x + px * .98, y - py * .34), (x + px * .42, y - py * .50),
                (x - px * .42, y - py * .50)])
    frame.rect(x - px * .30, y - py * .56, x + px * .30, y - py * .49)
    handle = [(x + px * .55 * float(np.cos(a)), y - py * .50 - py * .15 * float(np.sin(a)))
              for a in np.linspace(0, np.pi, 15)]
    frame.line(handle, height * .014)
    mask = frame.mask()
    s.c.over(mask, (.045, .030, .020), box, .95)
    inner = np.clip(mask - shifted(mask, 0, -2), 0, 1)
    s.c.add(inner.astype(np.float32) * np.float32(.22), (1.0, .62, .25), box)


def lighthouse(s: Scene, x: float, y: float, height: float, fade: float = .15) -> Point:
    """A lighthouse, foot at x, y; gives back the place of its light."""
    c = s.c
    w = height * .085
    stencil = c.stencil(x - 3 * w * c.ux, y - 1.15 * height * c.uy, x + 3 * w * c.ux, y + .03)

    def place(px: float, py: float) -> Point:
        return x + px * w * c.ux, y - py * height * c.uy
    stencil.poly([place(-1.0, -.02), place(1.0, -.02), place(.60, .80), place(-.60, .80)])
    stencil.poly([place(-.95, .80), place(.95, .80), place(.95, .825), place(-.95, .825)])
    mask = stencil.mask()
    width, rows = mask.shape[1], mask.shape[0]
    dx, _ = c.distance(x, y, stencil.box)
    day = .16 + .6 * s.m.level
    stripe = (np.sin(np.linspace(0, 1, rows, dtype=np.float32) * 21) > .15).astype(np.float32)[:, None]
    white, red = np.asarray((.80, .78, .74), np.float32), np.asarray((.55, .13, .10), np.float32)
    shade = (.62 - .42 * np.clip(dx / w, -1, 1) * s.f.light)[..., None] * day
    tower = (white * stripe[..., None] + red * (1 - stripe[..., None])) * shade * np.ones((1, width, 1),
            np.float32)
    c.over(mask, mix_plane(tower, s.m.air, fade * s.haze), stencil.box, .5)
    cap = Stencil(c, stencil.box)
    for k in (-.52, 0, .52):
        cap.line([place(k, .82), place(k, .91)], w * .10)
    cap.poly([place(-.80, .91), place(.80, .91), place(0, 1.0)])
    cap.line([place(-.95, .86), place(.95, .86)], w * .06)
    cap.line([place(0, .99), place(0, 1.04)], w * .08)
    cap.over(mix((.03, .03, .035), s.m.air, fade * .5), z=.5)
    return place(0, .868)


def mix_plane(plane: Plane, colour: RGB, t: float) -> Plane:
    mixed: Plane = plane + np.float32(t) * (np.asarray(colour, np.float32) - plane)
    return mixed


def house(s: Scene, x: float, y: float, size: float, window: bool = True) -> None:
    """A small gabled house with a lit window."""
    c = s.c
    ux, uy = size * c.ux, size * c.uy
    stencil = c.stencil(x - ux, y - 1.4 * uy, x + ux, y + .02)
    stencil.rect(x - .5 * ux, y - .55 * uy, x + .5 * ux, y + .04 * uy)
    stencil.poly([(x - .62 * ux, y - .52 * uy), (x + .62 * ux, y - .52 * uy), (x + .05 * ux, y - uy),
                  (x - .05 * ux, y - uy)])
    stencil.rect(x + .22 * ux, y - 1.05 * uy, x + .34 * ux, y - .7 * uy)
    stencil.over(mix(s.m.ink, s.m.air, .06), z=.5)
    if window:
        lit = Stencil(c, stencil.box)
        lit.rect(x - .14 * ux, y - .40 * uy, x + .10 * ux, y - .14 * uy)
        lit.over((1.0, .72, .34))
        glow(c, x - .02 * ux, y - .27 * uy, size * .35, LAMP, .38)


def car_rear(s: Scene, x: float, y: float, width: float, *, lights: float = 1.0,
             colour: RGB = (.04, .04, .05)) -> None:
    """A car from behind; wheels on y, width in units."""
    c = s.c
    ux, uy = width * c.ux, width * c.uy
    stencil = c.stencil(x - .7 * ux, y - .75 * uy, x + .7 * ux, y + .03)
    shape: list[Point] = [(-.48, .06), (-.50, .30), (-.47, .38), (-.38, .41), (-.29, .60), (-.22, .64),
                          (.22, .64), (.29, .60), (.38, .41), (.47, .38), (.50, .30), (.48, .06)]
    stencil.poly([(x + a * ux, y - b * uy) for a, b in curve(shape, 3)])
    stencil.rect(x - .46 * ux, y - .12 * uy, x - .31 * ux, y)
    stencil.rect(x + .31 * ux, y - .12 * uy, x + .46 * ux, y)
    mask = stencil.mask(width * .004)
    c.over(mask, mix(colour, s.m.air, .05), stencil.box, .8)
    top = np.clip(mask - shifted(mask, 0, max(1, round(width * .012 * c.unit))), 0, 1).astype(np.float32)
    c.add(top * np.float32(.35), s.m.key, stencil.box)
    glass = Stencil(c, stencil.box)
    glass.poly([(x - .30 * ux, y - .42 * uy), (x + .30 * ux, y - .42 * uy), (x + .22 * ux, y - .59 * uy),
                (x - .22 * ux, y - .59 * uy)])
    glass.over(mix(s.m.air, (.02, .02, .03), .72), blur=width * .006, alpha=.8)
    for side in (-1, 1):
        px, py = x + side * .40 * ux, y - .31 * uy
        lamp = Stencil(c, stencil.box)
        lamp.rect(px - .065 * ux, py - .030 * uy, px + .065 * ux, py + .030 * uy)
        lamp.over((1.0, .10, .06), alpha=min(1.0, lights))
        lamp.add((1.0, .20, .12), blur=width * .02, alpha=.9 * lights)
        glow(c, px, py, width * .16, (1.0, .10, .07), .55 * lights)


def bare_tree(s: Scene, x: float, y: float, height: float, colour: RGB, name: str, z: float = .5) -> None:
    """A tree with a trunk, forking branches and a thin crown."""
    c, rng = s.c, s.layout(name)
    stencil = c.stencil(x - .8 * height * c.ux, y - 1.25 * height * c.uy, x + .8 * height * c.ux, y + .01)
    crown = Stencil(c, stencil.box)
    stack = [(0.0, 0.0, np.pi / 2, height * .30, height * .035, 0)]
    while stack:
        px, py, angle, length, width, depth = stack.pop()
        qx, qy = px + length * float(np.cos(angle)), py + length * float(np.sin(angle))
        stencil.line([(x + px * c.ux, y - py * c.uy), (x + qx * c.ux, y - qy * c.uy)], width)
        if depth >= 5:
            crown.disc(x + qx * c.ux, y - qy * c.uy, height * .045 * (.6 + float(rng.random())), value=.55)
            continue
        for turn in (-.42, .40, .03)[: 3 if depth % 2 else 2]:
            stack.append((qx, qy, angle + turn + .35 * (float(rng.random()) - .5),
                          length * (.70 + .16 * float(rng.random())), width * .62, depth + 1))
    leaf = lattice(rng, 60, 60, max(1, stencil.size[0]), max(1, stencil.size[1]))
    c.over((crown.mask(.004) * smoothstep(.25, .7, leaf)).astype(np.float32) * .8, colour, stencil.box, z)
    stencil.over(colour, z=z)
