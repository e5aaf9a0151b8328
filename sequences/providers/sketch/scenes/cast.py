"""Putting the prompt's people, dog and crowd into a picture, and heads and shoulders for close views."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .canvas import Point, Stencil, curve
from .colour import mix, times
from .figures import CLOTH, HAIR, SKIN, Pose, brightness, person
from .lexicon import RGB
from .noise import Plane, lattice, shifted, soften
from .reading import Figure
from .scene import Scene
from .surface import contact


def cast(s: Scene, x: float, y: float, height: float, *, lit: float | None = None, rim: float = .6, fade: float = 0.0,
         light: float | None = None, z: float = .8, usual: int = 0, ground: bool = True, view: str = "") -> bool:
    """Draw whom the prompt names, feet at x, y, `height` units tall; `usual` people when it names nobody. True when somebody is there."""
    people = s.r.figures or (() if s.r.empty else tuple(Figure("person") for _ in range(usual)))
    shine = brightness(s) if lit is None else lit
    towards = light if light is not None else float(np.sign(s.light_x() - x)) * .9
    gap = height * .40 * s.c.ux
    looks = {"back": "back", "front": "front", "side": "side"}[s.r.view or view or "back"]
    rng = s.layout("cast")
    for index, figure in enumerate(people):
        offset = (index - (len(people) - 1) / 2) * gap
        tall = height * (1 - .05 * float(rng.random())) if index else height
        pose = Pose(x + offset, y + .010 * height * index * s.c.uy, tall, light=towards, lit=shine, rim=rim, fade=fade,
                    flip=(x > .55) if index == 0 else bool(index % 2), z=z, view=looks, ground=ground)
        person(s, figure, pose, f"p{index}")
    if "dog" in s.r.props and ground:
        side = -1 if x > .5 else 1
        dog(s, x + side * (gap * (len(people) / 2) + height * .30 * s.c.ux), y + .006, height * (.40 if people else .62), lit=shine, rim=rim,
            fade=fade, light=towards, flip=side > 0, z=z)
    return bool(people)


_DOG: list[Point] = [(.60, .80), (.585, .765), (.50, .735), (.42, .70), (.375, .60), (.345, .48), (.325, .40), (.315, .22), (.315, .05), (.355, .02), (.35, .0),
                     (.265, .0), (.262, .05), (.245, .22), (.225, .37), (.10, .36), (-.06, .41), (-.14, .41), (-.15, .30), (-.215, .20), (-.20, .05), (-.165, .02),
                     (-.17, .0), (-.255, .0), (-.262, .05), (-.285, .19), (-.275, .27), (-.325, .38), (-.345, .50), (-.335, .58), (-.42, .68), (-.50, .83), (-.52, .93),
                     (-.475, .86), (-.40, .73), (-.29, .655), (-.10, .635), (.08, .63), (.22, .665), (.30, .75), (.325, .84), (.335, .93), (.365, 1.0), (.41, .93),
                     (.455, .90), (.50, .855), (.575, .83)]
_DOG_FAR: list[list[Point]] = [[(.22, .42), (.20, .20), (.215, .02), (.16, .0), (.15, .04), (.15, .22), (.13, .42)],
                               [(-.16, .42), (-.10, .30), (-.145, .18), (-.12, .02), (-.175, .0), (-.19, .04), (-.21, .19), (-.26, .40)]]


def dog(s: Scene, x: float, y: float, height: float, *, lit: float = .4, rim: float = .5, fade: float = 0.0, light: float = .5, flip: bool = False,
        colour: RGB = (.16, .11, .08), z: float = .82) -> None:
    """A standing dog seen from the side, feet at x, y."""
    c = s.c
    tone = mix(mix(s.m.ink, times(colour, 1.1), min(1.0, lit + .2)), s.m.air, fade * (.4 + .6 * s.haze))
    contact(s, x, y, height * .42, .65 * (1 - fade))
    stencil = c.stencil(x - .7 * height * c.ux, y - 1.1 * height * c.uy, x + .7 * height * c.ux, y + .1 * height * c.uy)

    def place(p: Point) -> Point:
        return x + (-p[0] if flip else p[0]) * height * c.ux, y - p[1] * height * c.uy
    for leg in _DOG_FAR:
        stencil.poly([place(p) for p in curve(leg, 4)])
    stencil.over(times(tone, .6), blur=.001, z=z)
    body = Stencil(c, stencil.box)
    body.poly([place(p) for p in curve(_DOG, 4)])
    mask = body.mask(.001)
    rows = np.linspace(1.15, .75, mask.shape[0], dtype=np.float32)[:, None, None]
    c.over(mask, np.asarray(tone, np.float32) * rows * np.ones((1, mask.shape[1], 1), np.float32), body.box, z)
    edge(s, mask, body.box, light, rim * (1 - fade), height * .03)


def edge(s: Scene, mask: Plane, box: tuple[int, int, int, int], light: float, power: float, width: float, colour: RGB | None = None) -> None:
    """A rim of light along the side of a mask; width in units."""
    if power <= 0 or mask.size < 16:
        return
    step = max(1, round(width * s.c.unit))
    side = 1 if light >= 0 else -1
    inner = np.minimum(shifted(mask, -side * step, 0), shifted(mask, 0, step) * .4 + .6)
    rim = soften(np.clip(mask - inner, 0, 1).astype(np.float32), max(.6, step * .5)) * mask
    s.c.add(rim * np.float32(power), colour or s.m.key, box)


def crowd(s: Scene, y: float, height: float, rows: int = 3, colour: RGB = (.02, .015, .02), arms: float = .3, rim: float = .5) -> None:
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
        top_light = np.clip(mask - shifted(mask, 0, max(1, round(size * .05 * c.unit))), 0, 1).astype(np.float32)
        c.add(soften(top_light, 1.0) * np.float32(rim * (1.1 - .6 * near)), s.m.key, stencil.box)


def _head_and_shoulders(stencil: Stencil, ux: float, uy: float, x: float, top: float, size: float) -> None:
    stencil.disc(x, top, size * .19, size * .24)
    body: list[Point] = [(-.09, .15), (-.09, .28), (-.30, .38), (-.42, .62), (-.44, 3.0), (.44, 3.0), (.42, .62), (.30, .38), (.09, .28), (.09, .15)]
    stencil.poly([(x + a * size * ux, top + b * size * uy) for a, b in body])


def _raised_arm(stencil: Stencil, ux: float, uy: float, x: float, top: float, size: float, lean: float) -> None:
    tilt = (lean - .5) * .9
    hand = (x + (.30 + tilt * .5) * size * ux, top - (.75 + .4 * lean) * size * uy)
    elbow = (x + .42 * size * ux, top - .02 * size * uy)
    stencil.line([(x + .30 * size * ux, top + .55 * size * uy), elbow], size * .19)
    stencil.disc(elbow[0], elbow[1], size * .09)
    stencil.line([elbow, hand], size * .14)
    fist = curve([(-.08, .04), (-.09, -.10), (-.05, -.20), (.0, -.12), (.05, -.22), (.09, -.10), (.08, .05)], 4)
    stencil.poly([(hand[0] + a * size * ux, hand[1] + b * size * uy) for a, b in fist])


_PROFILE: list[Point] = [(.16, -.34), (.15, -.16), (.20, -.05), (.33, -.015), (.405, .03), (.415, .09), (.395, .135), (.435, .17), (.428, .205), (.45, .24),
                         (.425, .285), (.50, .32), (.525, .345), (.505, .385), (.455, .48), (.432, .545), (.452, .61), (.448, .70), (.40, .84), (.27, .955),
                         (.06, 1.0), (-.17, .965), (-.34, .83), (-.415, .64), (-.405, .46), (-.335, .30), (-.29, .16), (-.275, .0), (-.29, -.18), (-.33, -.30)]
_BACK: list[Point] = [(0, 1.0), (.20, .965), (.335, .83), (.375, .63), (.35, .43), (.29, .24), (.215, .09), (.20, -.06), (.23, -.20)]
_SHOULDER: list[Point] = [(.23, -.18), (.40, -.30), (.74, -.42), (.98, -.62), (1.10, -1.0), (1.16, -2.2)]


def bust(s: Scene, x: float, y: float, size: float, *, turn: str = "back", light: float = .7, rim: float = .8, lit: float = .12, rim_colour: RGB | None = None,
         figure: Figure | None = None, flip: bool = False, z: float = .95) -> None:
    """Head and shoulders with the chin at x, y; `size` is the head's height in units."""
    c, who = s.c, figure or (s.r.figures[0] if s.r.figures else Figure("person"))
    rng = s.layout("bust")
    cloth = who.coat or CLOTH[int(rng.integers(len(CLOTH)))]
    hair, skin = HAIR[int(rng.integers(len(HAIR)))], SKIN[int(rng.integers(len(SKIN)))]
    style = ("bob", "bun", "long")[int(rng.integers(3))] if "short" not in s.r.seen else "bob"
    box = c.box(x - 1.4 * size * c.ux, y - 1.3 * size * c.uy, x + 1.4 * size * c.ux, 1)
    if box[2] <= box[0] or box[3] <= box[1]:
        return

    def mask(shapes: Sequence[Sequence[Point]], soft: float = .006) -> Plane:
        stencil = Stencil(c, box)
        for shape in shapes:
            stencil.poly([(x + (-px if flip else px) * size * c.ux, y - py * size * c.uy) for px, py in shape])
        return stencil.mask(size * soft)
    cloth_lit = max(lit, .34 if who.coat else 0.0)
    crown = mix(s.m.ink, cloth if who.hood else hair, cloth_lit if who.hood else min(1.0, lit * 1.5))
    coat = mix(s.m.ink, cloth, cloth_lit)
    body, neck = mask([_shoulders(turn)]), mask([curve(_NECK, 6)] if turn != "side" else [])
    top = mask(_hair(who, turn, style), .008)
    skull = mask([curve(_PROFILE, 6)] if turn == "side" else [])
    c.over(neck, _shade(s, box, x, size, mix(s.m.ink, times(skin, .8), lit * 1.2), light, .1), box, z)
    c.over(body, _shade(s, box, x, size, coat, light, .5), box, z)
    edge(s, body, box, light, rim, size * .022, rim_colour)
    ring = mask([curve(_COLLAR_SIDE if turn == "side" else _COLLAR, 6)])
    flesh = mix(s.m.ink, skin, min(1.0, lit * 1.3))
    c.over(skull, _shade(s, box, x, size, flesh, light, .15), box, z)
    if turn == "side":
        for shapes, soft, dark in _FEATURES:
            c.over(mask([curve(shape, 5) for shape in shapes], soft) * skull, times(flesh, dark), box)
    c.over(ring, times(coat, .72), box, z)
    edge(s, ring, box, light, rim * .45, size * .012, rim_colour)
    c.over(top, _shade(s, box, x, size, crown, light, .5 if who.hood else .9, strands=not who.hood), box, z)
    edge(s, np.maximum(skull, top), box, light, rim, size * .026, rim_colour)


_NECK: list[Point] = [(-.22, .30), (.20, .30), (.19, .0), (.26, -.34), (-.26, -.34), (-.20, .0)]
_COLLAR_SIDE: list[Point] = [(-.33, -.10), (-.20, -.02), (.0, -.10), (.20, -.19), (.27, -.26), (.34, -.46), (.0, -.56), (-.48, -.40)]
# shadow under jaw and cheek, ear, eye and brow, mouth, nostril: outlines, softness, how dark
_FEATURES: tuple[tuple[list[list[Point]], float, float], ...] = (
    ([[(.34, -.01), (.16, .05), (-.02, .16), (-.14, .30), (-.26, .10), (-.30, -.4), (.20, -.4), (.22, -.06)]], .030, .50),
    ([[(.06, .16), (.22, .22), (.30, .34), (.20, .40), (.06, .34)]], .050, .80),
    ([[(.30, .47), (.42, .50), (.41, .55), (.28, .53)]], .022, .55),
    ([[(-.10, .52), (-.04, .56), (.02, .53), (.01, .44), (-.03, .36), (-.08, .34), (-.11, .42)]], .012, .66),
    ([[(.325, .482), (.37, .505), (.405, .498), (.385, .485), (.35, .474)], [(.29, .585), (.36, .622), (.44, .612), (.36, .603)]], .006, .18),
    ([[(.36, .222), (.432, .224), (.40, .214)], [(.44, .315), (.47, .322), (.455, .33)]], .006, .38),
)
_COLLAR: list[Point] = [(-.32, -.20), (-.25, -.03), (.0, -.09), (.25, -.03), (.32, -.20), (.38, -.38), (0, -.44), (-.38, -.38)]


def _shoulders(turn: str) -> list[Point]:
    if turn == "side":
        side: list[Point] = [(.20, -.24), (.36, -.40), (.55, -.62), (.66, -1.0), (.70, -2.4), (-.95, -2.4), (-.90, -.95), (-.74, -.58), (-.48, -.36), (-.30, -.20)]
        return curve(side, 6)
    return [*curve(_SHOULDER, 6, False), *[(-px, py) for px, py in reversed(curve(_SHOULDER, 6, False))]]


def _mirror(right: list[Point]) -> list[Point]:
    return curve([*right, *[(-px * .985, py) for px, py in reversed(right) if px > .01]], 6)


def _round(x: float, y: float, radius: float) -> list[Point]:
    return [(x + radius * float(np.cos(a)), y + radius * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 28)]


def _hair(who: Figure, turn: str, style: str) -> list[list[Point]]:
    """Hair or hood as outlines; from behind they are the whole head."""
    if turn == "side":
        return _hair_side(who, style)
    if who.hood:
        return [_mirror([(.02, 1.15), (.20, 1.08), (.36, .90), (.43, .64), (.41, .38), (.36, .17), (.35, .02), (.42, -.16), (.34, -.30), (0, -.34)])]
    if who.kind != "woman":
        ears: list[list[Point]] = [curve([(k * .34, .56), (k * .425, .58), (k * .43, .46), (k * .37, .34), (k * .33, .38)], 5) for k in (-1, 1)]
        return [_mirror(_BACK), *ears]
    if style == "bun":
        return [_mirror([(0, 1.0), (.21, .965), (.345, .83), (.385, .63), (.36, .44), (.29, .28), (.17, .16), (0, .12)]), _round(.02, 1.06, .165)]
    if style == "long":
        return [_mirror([(0, 1.03), (.21, .995), (.36, .86), (.41, .64), (.40, .40), (.41, .10), (.43, -.22), (.38, -.52), (.24, -.66), (.10, -.62), (0, -.68)])]
    return [_mirror([(0, 1.03), (.21, .995), (.365, .86), (.42, .64), (.41, .42), (.36, .22), (.27, .08), (.14, .045), (0, .02)])]


def _hair_side(who: Figure, style: str) -> list[list[Point]]:
    if who.hood:
        return [curve([(.36, .92), (.20, 1.08), (-.08, 1.13), (-.36, 1.0), (-.50, .72), (-.50, .40), (-.42, .08), (-.46, -.22), (.14, -.32), (.20, -.12), (.13, .10),
                       (.20, .34), (.28, .60), (.36, .80)], 6)]
    if who.kind != "woman":
        return [curve([(.44, .73), (.37, .90), (.14, 1.02), (-.16, .99), (-.36, .85), (-.43, .62), (-.41, .42), (-.33, .28), (-.20, .30), (-.10, .40), (-.04, .56), (.10, .70), (.28, .74)], 6)]
    if style == "bun":
        return [curve([(.43, .74), (.35, .92), (.12, 1.03), (-.18, .99), (-.38, .84), (-.43, .62), (-.38, .42), (-.26, .32), (-.10, .40), (.02, .56), (.22, .70)], 6), _round(-.42, .92, .17)]
    tail = [(-.44, .06), (-.47, -.28), (-.40, -.56), (-.22, -.58), (-.10, -.30)] if style == "long" else [(-.41, .06), (-.32, -.04), (-.12, .02)]
    return [curve([(.43, .76), (.34, .95), (.10, 1.045), (-.20, 1.01), (-.40, .86), (-.475, .62), (-.46, .34), *tail, (.02, .14), (.06, .34), (.12, .54), (.28, .69)], 6)]


def _shade(s: Scene, box: tuple[int, int, int, int], x: float, size: float, colour: RGB, light: float, folds: float, strands: bool = False) -> Plane:
    dx, dy = s.c.distance(x, .5, box)
    width, height = box[2] - box[0], box[3] - box[1]
    grid = (90, 4) if strands else (12, 6)
    cloth = lattice(s.layout("bustfolds"), *grid, width, height) - .5
    shade = np.clip(.85 + .45 * np.clip(dx / size, -1, 1) * light + folds * .6 * cloth - .12 * dy, .1, 1.6)
    return shade[..., None] * np.asarray(colour, np.float32)
