"""Putting the prompt's people, dog and crowd into a picture."""

from __future__ import annotations

import numpy as np

from .canvas import Point, Stencil, curve
from .colour import mix, times
from .figures import Pose, brightness, person
from .lexicon import RGB
from .noise import Plane, shifted, soften
from .reading import Figure
from .scene import Scene
from .surface import contact


def cast(s: Scene, x: float, y: float, height: float, *, lit: float | None = None, rim: float = .6,
         fade: float = 0.0,
         light: float | None = None, z: float = .8, usual: int = 0, ground: bool = True,
         view: str = "") -> bool:
    """Draw whom the prompt names, feet at x, y, `height` units tall; `usual` people when it names nobody.
    True when somebody is there.
    """
    people = s.r.figures or (() if s.r.empty else tuple(Figure("person") for _ in range(usual)))
    shine = brightness(s) if lit is None else lit
    towards = light if light is not None else float(np.sign(s.light_x() - x)) * .9
    gap = height * .40 * s.c.ux
    looks = {"back": "back", "front": "front", "side": "side"}[s.r.view or view or "back"]
    rng = s.layout("cast")
    for index, figure in enumerate(people):
        offset = (index - (len(people) - 1) / 2) * gap
        tall = height * (1 - .05 * float(rng.random())) if index else height
        pose = Pose(x + offset, y + .010 * height * index * s.c.uy, tall, light=towards, lit=shine, rim=rim,
                    fade=fade,
                    flip=(x > .55) if index == 0 else bool(index % 2), z=z, view=looks, ground=ground)
        person(s, figure, pose, f"p{index}")
    if "dog" in s.r.props and ground:
        side = -1 if x > .5 else 1
        dog(s, x + side * (gap * (len(people) / 2) + height * .30 * s.c.ux), y + .006,
            height * (.40 if people else .62), lit=shine, rim=rim,
            fade=fade, light=towards, flip=side > 0, z=z)
    return bool(people)


_DOG: list[Point] = [(.60, .80), (.585, .765), (.50, .735), (.42, .70), (.375, .60), (.345, .48), (.325, .40),
                     (.315, .22), (.315, .05), (.355, .02), (.35, .0),
                     (.265, .0), (.262, .05), (.245, .22), (.225, .37), (.10, .36), (-.06, .41), (-.14,
                             .41), (-.15, .30), (-.215, .20), (-.20, .05), (-.165, .02),
                     (-.17, .0), (-.255, .0), (-.262, .05), (-.285, .19), (-.275, .27), (-.325, .38), (-.345,
                             .50), (-.335, .58), (-.42, .68), (-.50, .83), (-.52, .93),
                     (-.475, .86), (-.40, .73), (-.29, .655), (-.10, .635), (.08, .63), (.22, .665), (.30,
                             .75), (.325, .84), (.335, .93), (.365, 1.0), (.41, .93),
                     (.455, .90), (.50, .855), (.575, .83)]
_DOG_FAR: list[list[Point]] = [[(.22, .42), (.20, .20), (.215, .02), (.16, .0), (.15, .04), (.15, .22),
                                (.13, .42)],
                               [(-.16, .42), (-.10, .30), (-.145, .18), (-.12, .02), (-.175, .0), (-.19, .04),
                                (-.21, .19), (-.26, .40)]]


def dog(s: Scene, x: float, y: float, height: float, *, lit: float = .4, rim: float = .5, fade: float = 0.0,
        light: float = .5, flip: bool = False,
        colour: RGB = (.16, .11, .08), z: float = .82) -> None:
    """A standing dog seen from the side, feet at x, y."""
    c = s.c
    tone = mix(mix(s.m.ink, times(colour, 1.1), min(1.0, lit + .2)), s.m.air, fade * (.4 + .6 * s.haze))
    contact(s, x, y, height * .42, .65 * (1 - fade))
    stencil = c.stencil(x - .7 * height * c.ux, y - 1.1 * height * c.uy, x + .7 * height * c.ux,
                        y + .1 * height * c.uy)

    def place(p: Point) -> Point:
        return x + (-p[0] if flip else p[0]) * height * c.ux, y - p[1] * height * c.uy
    for leg in _DOG_FAR:
        stencil.poly([place(p) for p in curve(leg, 4)])
    stencil.over(times(tone, .6), blur=.001, z=z)
    body = Stencil(c, stencil.box)
    body.poly([place(p) for p in curve(_DOG, 4)])
    mask = body.mask(.001)
    rows = np.linspace(1.15, .75, mask.shape[0], dtype=np.float32)[:, None, None]
    c.over(mask, np.asarray(tone, np.float32) * rows * np.ones((1, mask.shape[1], 1), np.float32), body.box,
           z)
    edge(s, mask, body.box, light, rim * (1 - fade), height * .03)


def edge(s: Scene, mask: Plane, box: tuple[int, int, int, int], light: float, power: float, width: float,
         colour: RGB | None = None) -> None:
    """A rim of light along the side of a mask; width in units."""
    if power <= 0 or mask.size < 16:
        return
    step = max(1, round(width * s.c.unit))
    side = 1 if light >= 0 else -1
    inner = np.minimum(shifted(mask, -side * step, 0), shifted(mask, 0, step) * .4 + .6)
    rim = soften(np.clip(mask - inner, 0, 1).astype(np.float32), max(.6, step * .5)) * mask
    s.c.add(rim * np.float32(power), colour or s.m.key, box)


def crowd(s: Scene, y: float, height: float, rows: int = 3, colour: RGB = (.02, .015, .02), arms: float = .3,
          rim: float = .5) -> None:
    """Heads and shoulders from side to side, with raised arms, nearer rows larger and darker."""
    c = s.c
    for row in range(rows):
        rng = s.layout(f"crowd{row}")
        near = (row + 1) / rows
        size = height * (.42 + .58 * near)
        base = y + .045 * row
        stencil = c.stencil(0, base - size * 2.6 * c.uy, 1, 1)
        x = -.02
        while x < 1.04:
            k, lift, up, lean = (float(v) for v in rng.random(4))
            top = base - size * (.15 + .35 * lift) * c.uy
            _head_and_shoulders(stencil, c.ux, c.uy, x, top, size * (.8 + .3 * k))
            if up < arms:
                _raised_arm(stencil, c.ux, c.uy, x, top, size, lean)
            x += size * (.62 + .35 * k) * c.ux
        tone = mix(colour, s.m.key, .10 * (1 - near))
        mask = stencil.mask(.0012 + .004 * max(0.0, near - .7))
        c.over(mask, tone, stencil.box, .75 + .2 * near)
        top_light = np.clip(mask - shifted(mask, 0, max(1, round(size * .05 * c.unit))), 0,
                            1).astype(np.float32)
        c.add(soften(top_light, 1.0) * np.float32(rim * (1.1 - .6 * near)), s.m.key, stencil.box)


def _head_and_shoulders(stencil: Stencil, ux: float, uy: float, x: float, top: float, size: float) -> None:
    stencil.disc(x, top, size * .19, size * .24)
    body: list[Point] = [(-.09, .15), (-.09, .28), (-.30, .38), (-.42, .62), (-.44, 3.0), (.44, 3.0),
                         (.42, .62), (.30, .38), (.09, .28), (.09, .15)]
    stencil.poly([(x + a * size * ux, top + b * size * uy) for a, b in body])


def _raised_arm(stencil: Stencil, ux: float, uy: float, x: float, top: float, size: float,
                lean: float) -> None:
    tilt = (lean - .5) * .9
    hand = (x + (.30 + tilt * .5) * size * ux, top - (.75 + .4 * lean) * size * uy)
    elbow = (x + .42 * size * ux, top - .02 * size * uy)
    stencil.line([(x + .30 * size * ux, top + .55 * size * uy), elbow], size * .19)
    stencil.disc(elbow[0], elbow[1], size * .09)
    stencil.line([elbow, hand], size * .14)
    fist = curve([(-.08, .04), (-.09, -.10), (-.05, -.20), (.0, -.12), (.05, -.22), (.09, -.10), (.08, .05)],
                 4)
    stencil.poly([(hand[0] + a * size * ux, hand[1] + b * size * uy) for a, b in fist])
