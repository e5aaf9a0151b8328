"""Heads and shoulders for close views: from behind, in profile and from the front."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .canvas import Point, Stencil, curve
from .cast import edge
from .colour import mix, times
from .figures import CLOTH, HAIR, SKIN
from .lexicon import RGB
from .noise import Plane, lattice
from .reading import Figure
from .scene import Scene

_PROFILE: list[Point] = [(.16, -.34), (.15, -.16), (.20, -.05), (.33, -.015), (.405, .03), (.415, .09),
                         (.395, .135), (.435, .17), (.428, .205), (.45, .24),
                         (.425, .285), (.50, .32), (.525, .345), (.505, .385), (.455, .48), (.432,
                                 .545), (.452, .61), (.448, .70), (.40, .84), (.27, .955),
                         (.06, 1.0), (-.17, .965), (-.34, .83), (-.415, .64), (-.405, .46), (-.335,
                                 .30), (-.29, .16), (-.275, .0), (-.29, -.18), (-.33, -.30)]
_BACK: list[Point] = [(0, 1.0), (.20, .965), (.335, .83), (.375, .63), (.35, .43), (.29, .24), (.215, .09),
                      (.20, -.06), (.23, -.20)]
_SHOULDER: list[Point] = [(.23, -.18), (.40, -.30), (.74, -.42), (.98, -.62), (1.10, -1.0), (1.16, -2.2)]


def bust(s: Scene, x: float, y: float, size: float, *, turn: str = "back", light: float = .7, rim: float = .8,
         lit: float = .12, rim_colour: RGB | None = None,
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
            stencil.poly([(x + (-px if flip else px) * size * c.ux, y - py * size * c.uy) for px,
                          py in shape])
        return stencil.mask(size * soft)
    cloth_lit = max(lit, .34 if who.coat else 0.0)
    crown = mix(s.m.ink, cloth if who.hood else hair, cloth_lit if who.hood else min(1.0, lit * 1.5))
    coat = mix(s.m.ink, cloth, cloth_lit)
    body, neck = mask([_shoulders(turn)]), mask([curve(_NECK, 6)] if turn != "side" else [])
    top = mask(_hair(who, turn, style), .008)
    skull = mask({"side": [curve(_PROFILE, 6)], "front": [_mirror(_FACE)]}.get(turn, []))
    c.over(neck, _shade(s, box, x, size, mix(s.m.ink, times(skin, .8), lit * 1.2), light, .1), box, z)
    c.over(body, _shade(s, box, x, size, coat, light, .5), box, z)
    edge(s, body, box, light, rim, size * .022, rim_colour)
    ring = mask([curve(_COLLAR_SIDE if turn == "side" else _COLLAR, 6)])
    flesh = mix(s.m.ink, skin, min(1.0, lit * 1.3))
    c.over(skull, _shade(s, box, x, size, flesh, light, .15), box, z)
    for shapes, soft, dark in {"side": _FEATURES, "front": _FRONT}.get(turn, ()):
        c.over(mask([curve(shape, 5) for shape in shapes], soft) * skull, times(flesh, dark), box)
    c.over(mask([curve(_COLLAR, 6)], .09) * np.maximum(body, ring), times(coat, .45), box, z)
    c.over(ring, times(coat, .72), box, z)
    edge(s, ring, box, light, rim * .45, size * .012, rim_colour)
    c.over(top, _shade(s, box, x, size, crown, light, .5 if who.hood else .9, strands=not who.hood), box, z)
    edge(s, np.maximum(skull, top), box, light, rim, size * .026, rim_colour)


_NECK: list[Point] = [(-.22, .30), (.20, .30), (.19, .0), (.26, -.34), (-.26, -.34), (-.20, .0)]
_COLLAR_SIDE: list[Point] = [(-.33, -.10), (-.20, -.02), (.0, -.10), (.20, -.19), (.27, -.26), (.34, -.46),
                             (.0, -.56), (-.48, -.40)]
_FACE: list[Point] = [(0, .98), (.19, .95), (.31, .82), (.345, .62), (.335, .42), (.295, .22), (.215, .075),
                      (.11, .005), (0, -.01)]
# cheeks and temple in shadow, sockets, brows, lids, nose, lips, below the lip
_FRONT: tuple[tuple[list[list[Point]], float, float], ...] = (
    ([[(-.36, .75), (-.22, .70), (-.20, .40), (-.16, .16), (-.08, .0), (-.36, -.05)]], .060, .62),
    ([[(.10, .49), (.16, .545), (.25, .53), (.26, .47), (.17, .44)],
      [(-.10, .49), (-.16, .545), (-.25, .53), (-.26, .47), (-.17, .44)]], .024, .62),
    ([[(.07, .575), (.16, .61), (.27, .575), (.16, .592)],
      [(-.07, .575), (-.16, .61), (-.27, .575), (-.16, .592)]], .007, .24),
    ([[(.09, .478), (.16, .505), (.245, .482), (.165, .490)],
      [(-.09, .478), (-.16, .505), (-.245, .482), (-.165, .490)]], .005, .12),
    ([[(.125, .492), (.165, .50), (.205, .492), (.165, .455)],
      [(-.125, .492), (-.165, .50), (-.205, .492), (-.165, .455)]], .006, .20),
    ([[(-.02, .50), (-.045, .36), (-.075, .30), (-.03, .285), (-.01, .40)]], .016, .72),
    ([[(-.06, .285), (-.025, .273), (.0, .282), (.025, .273), (.06, .285), (.02, .262), (-.02, .262)]], .008,
     .42),
    ([[(-.115, .172), (-.03, .192), (.0, .184), (.03, .192), (.115, .172), (.0, .162)]], .006, .40),
    ([[(-.085, .160), (.0, .158), (.085, .160), (.0, .118)]], .010, .66),
)
# shadow under jaw and cheek, ear, eye and brow, mouth, nostril: outlines, softness, how dark
_FEATURES: tuple[tuple[list[list[Point]], float, float], ...] = (
    ([[(.34, -.01), (.16, .05), (-.02, .16), (-.14, .30), (-.26, .10), (-.30, -.4), (.20, -.4), (.22, -.06)]],
     .030, .50),
    ([[(.06, .16), (.22, .22), (.30, .34), (.20, .40), (.06, .34)]], .050, .80),
    ([[(.30, .47), (.42, .50), (.41, .55), (.28, .53)]], .022, .55),
    ([[(-.10, .52), (-.04, .56), (.02, .53), (.01, .44), (-.03, .36), (-.08, .34), (-.11, .42)]], .012, .66),
    ([[(.325, .482), (.37, .505), (.405, .498), (.385, .485), (.35, .474)],
      [(.29, .585), (.36, .622), (.44, .612), (.36, .603)]], .006, .18),
    ([[(.36, .222), (.432, .224), (.40, .214)], [(.44, .315), (.47, .322), (.455, .33)]], .006, .38),
)
_COLLAR: list[Point] = [(-.32, -.20), (-.25, -.03), (.0, -.09), (.25, -.03), (.32, -.20), (.38, -.38),
                        (0, -.44), (-.38, -.38)]


def _shoulders(turn: str) -> list[Point]:
    if turn == "side":
        side: list[Point] = [(.20, -.24), (.36, -.40), (.55, -.62), (.66, -1.0), (.70, -2.4), (-.95, -2.4),
                             (-.90, -.95), (-.74, -.58), (-.48, -.36), (-.30, -.20)]
        return curve(side, 6)
    return [*curve(_SHOULDER, 6, False), *[(-px, py) for px, py in reversed(curve(_SHOULDER, 6, False))]]


def _mirror(right: list[Point]) -> list[Point]:
    return curve([*right, *[(-px * .985, py) for px, py in reversed(right) if px > .01]], 6)


def _round(x: float, y: float, radius: float) -> list[Point]:
    return [(x + radius * float(np.cos(a)), y + radius * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi,
            28)]


def _hair(who: Figure, turn: str, style: str) -> list[list[Point]]:
    """Hair or hood as outlines; from behind they are the whole head."""
    if turn == "front":
        return _hair_front(who, style)
    if turn == "side":
        return _hair_side(who, style)
    if who.hood:
        return [_mirror([(.02, 1.15), (.20, 1.08), (.36, .90), (.43, .64), (.41, .38), (.36, .17), (.35, .02),
                         (.42, -.16), (.34, -.30), (0, -.34)])]
    if who.kind != "woman":
        ears: list[list[Point]] = [curve([(k * .34, .56), (k * .425, .58), (k * .43, .46), (k * .37, .34),
                                          (k * .33, .38)], 5) for k in (-1, 1)]
        return [_mirror(_BACK), *ears]
    if style == "bun":
        return [_mirror([(0, 1.0), (.21, .965), (.345, .83), (.385, .63), (.36, .44), (.29, .28), (.17, .16),
                         (0, .12)]), _round(.02, 1.06, .165)]
    if style == "long":
        crown = _mirror([(0, 1.03), (.21, .995), (.36, .86), (.415, .64), (.40, .42), (.36, .22), (.37, .02), (.40, -.20), (.34, -.30), (0, -.32)])
        locks = [curve([(k - .07, -.10), (k + .07, -.10), (k + .055, -.36), (k * 1.04, -.50 - .10 * ((i * 5) % 3 - 1)), (k - .05, -.36)], 5)
                 for i, k in enumerate((-.31, -.21, -.10, .02, .12, .22, .31))]
        return [crown, *locks]
    return [_mirror([(0, 1.03), (.21, .995), (.365, .86), (.42, .64), (.41, .42), (.36, .22), (.27, .08),
                     (.14, .045), (0, .02)])]


def _both(shape: list[Point]) -> list[list[Point]]:
    return [shape, [(-px, py) for px, py in shape]]


def _hair_front(who: Figure, style: str) -> list[list[Point]]:
    if who.hood:
        outer = [(.02, 1.15), (.22, 1.08), (.39, .88), (.45, .60), (.43, .32), (.38, .10), (.40, -.10)]
        inner = [(.26, -.16), (.30, .10), (.33, .36), (.32, .62), (.22, .82), (.0, .90)]
        return [curve(half, 6) for half in _both([*outer, *inner])]
    if who.kind != "woman":
        return [_mirror([(0, 1.02), (.20, .985), (.335, .85), (.365, .64), (.345, .50), (.325, .62),
                         (.28, .74), (.14, .79), (0, .80)])]
    drop = {"bob": [(.425, .34), (.38, .16), (.30, .10)],
            "long": [(.43, .20), (.45, -.20), (.36, -.50), (.26, -.30)]}.get(style, [(.37, .52), (.34, .50)])
    outer = [(.0, 1.03), (.22, .995), (.365, .86), (.415, .62), *drop]
    inner = [(.315, .36), (.335, .58), (.27, .76), (.10, .88), (-.02, .90)]
    top = [_round(.0, 1.08, .15)] if style == "bun" else []
    return [*top, *[curve(half, 6) for half in _both([*outer, *inner])]]


def _hair_side(who: Figure, style: str) -> list[list[Point]]:
    if who.hood:
        return [curve([(.36, .92), (.20, 1.08), (-.08, 1.13), (-.36, 1.0), (-.50, .72), (-.50, .40),
                       (-.42, .08), (-.46, -.22), (.14, -.32), (.20, -.12), (.13, .10),
                       (.20, .34), (.28, .60), (.36, .80)], 6)]
    if who.kind != "woman":
        return [curve([(.44, .73), (.37, .90), (.14, 1.02), (-.16, .99), (-.36, .85), (-.43, .62),
                (-.41, .42), (-.33, .28), (-.20, .30), (-.10, .40), (-.04, .56), (.10, .70), (.28, .74)], 6)]
    if style == "bun":
        return [curve([(.43, .74), (.35, .92), (.12, 1.03), (-.18, .99), (-.38, .84), (-.43, .62),
                (-.38, .42), (-.26, .32), (-.10, .40), (.02, .56), (.22, .70)], 6), _round(-.42, .92, .17)]
    tail = [(-.44, .06), (-.47, -.28), (-.40, -.56), (-.22, -.58),
            (-.10, -.30)] if style == "long" else [(-.41, .06), (-.32, -.04), (-.12, .02)]
    return [curve([(.43, .76), (.34, .95), (.10, 1.045), (-.20, 1.01), (-.40, .86), (-.475, .62), (-.46, .34),
                   *tail, (.02, .14), (.06, .34), (.12, .54), (.28, .69)], 6)]


def _shade(s: Scene, box: tuple[int, int, int, int], x: float, size: float, colour: RGB, light: float,
           folds: float, strands: bool = False) -> Plane:
    dx, dy = s.c.distance(x, .5, box)
    width, height = box[2] - box[0], box[3] - box[1]
    grid = (90, 4) if strands else (12, 6)
    cloth = lattice(s.layout("bustfolds"), *grid, width, height) - .5
    shade = np.clip(.85 + .45 * np.clip(dx / size, -1, 1) * light + folds * .6 * cloth - .12 * dy, .1, 1.6)
    return shade[..., None] * np.asarray(colour, np.float32)
