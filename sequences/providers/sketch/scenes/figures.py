"""People, seen whole: coat, legs, head or hood, umbrella, lantern; lit from one side, with a rim and a
shadow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .canvas import Point, Stencil, curve
from .colour import luma, mix, times
from .lexicon import RGB
from .light import core, glow
from .noise import Plane, lattice, shifted, soften
from .reading import Figure
from .scene import Scene
from .surface import contact

HAIR: tuple[RGB, ...] = ((.06, .045, .04), (.10, .06, .04), (.05, .05, .06), (.22, .13, .07))
SKIN: tuple[RGB, ...] = ((.62, .44, .35), (.45, .30, .22), (.74, .56, .46))
CLOTH: tuple[RGB, ...] = ((.07, .08, .11), (.10, .08, .08), (.05, .09, .10), (.12, .10, .08))


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a figure stands: feet at x, y (shares of the frame), height in units; light comes from -1 left
    .. 1 right.

    `lit` is how much of its own colour shows (0 a silhouette), `rim` the strength of the edge light, `fade`
    how far away in air.
    """

    x: float
    y: float
    height: float
    light: float = .5
    lit: float = .6
    rim: float = .7
    fade: float = 0.0
    flip: bool = False
    z: float = .8
    view: str = "back"
    ground: bool = True


class Doll:
    """One figure's own patch of the canvas, with its outline gathered for the rim light."""

    def __init__(self, s: Scene, pose: Pose, name: str) -> None:
        c, reach = s.c, pose.height
        self.s, self.p, self.name = s, pose, name
        self.box = c.box(pose.x - .6 * reach * c.ux, pose.y - 1.5 * reach * c.uy, pose.x + .6 * reach * c.ux,
                         pose.y + .08 * reach * c.uy)
        self.shape: Plane = np.zeros((max(1, self.box[3] - self.box[1]), max(1, self.box[2] - self.box[0])),
                                     np.float32)

    def place(self, point: Point) -> Point:
        c, p = self.s.c, self.p
        return (p.x + (-point[0] if p.flip else point[0]) * p.height * c.ux, p.y - point[1] * p.height * c.uy)

    def part(self, shapes: Sequence[Sequence[Point]], colour: RGB, *, smooth: bool = True, folds: float = 0.0,
             soft: float = .0007,
             rim: bool = True) -> None:
        """Draw outlines in body space as one part of one colour, shaded by the light's side."""
        if self.box[2] - self.box[0] < 2 or self.box[3] - self.box[1] < 2:
            return
        c = self.s.c
        stencil = Stencil(c, self.box)
        for shape in shapes:
            stencil.poly([self.place(q) for q in (curve(shape, 5) if smooth else shape)])
        mask = stencil.mask(max(soft, self.p.height * soft))
        c.over(mask, self._shaded(colour, folds), self.box, self.p.z)
        if rim:
            self.shape = np.maximum(self.shape, mask)

    def _shaded(self, colour: RGB, folds: float) -> Plane:
        p, c = self.p, self.s.c
        dx, dy = c.distance(p.x, p.y, self.box)
        across = np.clip(dx / (p.height * .17), -1.2, 1.2) * p.light
        down = np.clip(1 + dy / p.height, 0, 1)
        shade = .74 + .34 * across - .22 * down
        if folds:
            height, width = self.shape.shape
            shade = shade + folds * (lattice(self.s.layout(self.name + "folds"), 15, 3, width, height) - .5)
        ink = np.asarray(colour, np.float32)
        return np.clip(shade, .1, 1.4)[..., None] * ink

    def edge_light(self) -> None:
        """Light along the edge that faces the light, and a little on the crown."""
        p, c = self.p, self.s.c
        if p.rim <= 0 or self.shape.size < 9:
            return
        step = max(1, round(p.height * c.unit * .010))
        side = 1 if p.light >= 0 else -1
        inner = np.minimum(shifted(self.shape, -side * step, 0), shifted(self.shape, 0, step) * .5 + .5)
        rim = soften(np.clip(self.shape - inner, 0, 1).astype(np.float32), max(.5, step * .45))
        rows = np.linspace(1.0, .55, rim.shape[0], dtype=np.float32)[:, None]
        c.add(rim * rows * np.float32(p.rim * (.35 + .65 * abs(p.light)) * (1 - p.fade)), self.s.m.key,
              self.box)


def person(s: Scene, figure: Figure, pose: Pose, name: str = "lead") -> None:
    """Draw one person with feet at the pose's place."""
    if pose.height * s.c.unit < 3:
        return
    rng = s.layout("person" + name)
    cloth = figure.coat or CLOTH[int(rng.integers(len(CLOTH)))]
    hair, skin = HAIR[int(rng.integers(len(HAIR)))], SKIN[int(rng.integers(len(SKIN)))]
    scale = .68 if figure.kind == "child" else .95 if figure.kind == "woman" else 1.0
    pose = replace(pose, height=pose.height * scale)
    doll = Doll(s, pose, name)
    if pose.ground:
        contact(s, pose.x, pose.y, pose.height * .14, .7 * (1 - pose.fade))
    _legs(doll, figure, _tone(s, (.055, .055, .065), pose, False))
    _coat(doll, figure, _tone(s, cloth, pose, figure.coat is not None), rng)
    _head(doll, figure, _tone(s, cloth if figure.hood else hair, pose,
                              figure.hood and figure.coat is not None), _tone(s, skin, pose, False))
    if figure.umbrella:
        _umbrella(doll, _tone(s, s.r.umbrella or (.05, .05, .06), pose, s.r.umbrella is not None))
    doll.edge_light()
    if figure.lantern:
        _hand_lantern(doll)


def _tone(s: Scene, colour: RGB, pose: Pose, named: bool) -> RGB:
    """A colour under this light: named colours keep enough of themselves to be recognised."""
    lit = max(pose.lit, .50 if named else 0.0)
    key = mix((1, 1, 1), s.m.key, .45)
    shown = (colour[0] * key[0] * lit, colour[1] * key[1] * lit, colour[2] * key[2] * lit)
    base = mix(s.m.ink, shown, .92 if named else min(1.0, lit + .15))
    return mix(base, s.m.air, pose.fade * (.8 if named else 1.0) * (.4 + .6 * s.haze))


def _mirrored(right: Sequence[Point], wobble: float = 0.0) -> list[Point]:
    """A closed outline from its right half, the left half a little different so that it does not look
    stamped.
    """
    return [*right, *[(-x * (1 - wobble), y - wobble * .06) for x, y in reversed(right) if x > .002]]


def _coat(doll: Doll, figure: Figure, colour: RGB, rng: np.random.Generator) -> None:
    woman = figure.kind == "woman"
    shoulder, flare = (.092, .122) if woman else (.112, .104)
    hem = .33 if woman or figure.hood or figure.coat else .42
    wobble = .03 + .05 * float(rng.random())
    arm = figure.pose in ("reach", "point") or figure.lantern or figure.umbrella
    right: list[Point] = [(.0, .868), (.026, .866), (.052, .850), (shoulder - .012, .832),
                          (shoulder + .008, .806), (shoulder + .017, .74), (shoulder + .020, .65),
                          (shoulder + .026, .57), (shoulder + .022, .50), (shoulder + .012,
                                  .462), (shoulder - .006, .47), (shoulder - .010, .51), (shoulder - .014,
                                          .545),
                          (.5 * shoulder + .5 * flare - .010, .48), (flare, hem + .02), (flare - .004,
                                  hem), (.06, hem - .010), (0, hem - .005)]
    outline = _mirrored(right, wobble)
    doll.part([outline], colour, folds=.34)
    dark = times(colour, .62)
    seams: list[list[Point]] = [[(shoulder - .016, .77), (shoulder - .010, .77), (shoulder + .004, .50),
                                 (shoulder - .006, .50)],
                                [(-shoulder + .016, .77), (-shoulder + .010, .77), (-shoulder - .004, .50),
                                 (-shoulder + .006, .50)]]
    if doll.p.view == "front":
        seams.append([(-.003, .85), (.003, .85), (.005, hem), (-.002, hem)])
    else:
        seams.append([(-.002, .55), (.002, .55), (.006, hem), (-.006, hem)])
    doll.part(seams, dark, smooth=False, soft=.004, rim=False)
    collar: list[Point] = [(-.046, .858), (-.034, .885), (.034, .885), (.046, .858), (.0, .846)]
    if not figure.hood:
        doll.part([collar], times(colour, .86))
    if arm:
        _arm(doll, figure, colour, shoulder)


def _arm(doll: Doll, figure: Figure, colour: RGB, shoulder: float) -> None:
    if figure.umbrella:
        bent: list[Point] = [(shoulder - .02, .82), (shoulder + .03, .76), (shoulder + .045, .64),
                             (shoulder - .02, .70), (.045, .72), (.04, .69), (shoulder - .02, .62),
                             (shoulder + .03, .58), (shoulder + .062, .63), (shoulder + .045, .76)]
        doll.part([bent], times(colour, .9))
        return
    if figure.pose == "reach":
        path: list[Point] = [(shoulder - .05, .80), (shoulder - .02, .85), (.150, .93), (.172, 1.05),
                (.176, 1.13), (.200, 1.14), (.212, 1.06), (.200, .91), (shoulder + .03, .77), (shoulder - .01,
                        .72)]
    elif figure.lantern:
        path = [(shoulder - .03, .82), (shoulder + .02, .80), (.185, .69), (.245, .655), (.245, .635),
                (.175, .655), (shoulder - .005, .73)]
    else:
        path = [(shoulder - .04, .81), (shoulder + .01, .825), (.20, .79), (.31, .765), (.32, .745),
                (.31, .73), (.19, .735), (shoulder - .005, .73)]
    doll.part([path], times(colour, .95))


def _legs(doll: Doll, figure: Figure, colour: RGB) -> None:
    if figure.pose == "walk":
        legs: list[list[Point]] = [[(-.005, .42), (.06, .42), (.075, .22), (.098, .04), (.070, .03),
                                    (.035, .20)],
                                   [(-.06, .42), (.01, .42), (-.012, .22), (-.068, .06), (-.094, .075),
                                    (-.055, .23)]]
        feet: list[list[Point]] = [[(.065, .045), (.10, .045), (.135, .014), (.132, .0), (.066, .0)],
                                   [(-.098, .085), (-.066, .06), (-.046, .018), (-.062, .006), (-.105, .06)]]
    else:
        legs = [[(.004, .46), (.072, .46), (.068, .23), (.060, .03), (.022, .03), (.018, .23)],
                [(-.004, .46), (-.072, .46), (-.074, .23), (-.072, .03), (-.034, .03), (-.024, .23)]]
        feet = [[(.018, .04), (.060, .04), (.072, .014), (.068, .0), (.018, .0)],
                [(-.030, .04), (-.072, .04), (-.090, .014), (-.086, .0), (-.032, .0)]]
    doll.part(legs, colour, folds=.2)
    doll.part(feet, times(colour, .7))


def _ellipse(x: float, y: float, rx: float, ry: float, count: int = 14) -> list[Point]:
    angles = [2 * np.pi * i / count for i in range(count)]
    return [(x + rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in angles]


def _head(doll: Doll, figure: Figure, top: RGB, skin: RGB) -> None:
    if figure.hood:
        right: list[Point] = [(.006, 1.012), (.034, 1.0), (.058, .955), (.062, .91), (.056, .872),
                              (.074, .846), (.05, .82), (0, .815)]
        fold: list[Point] = [(-.070, .842), (-.03, .860), (.03, .860), (.070, .842), (.045, .815), (-.045, .815)]
        doll.part([fold], times(top, .45), soft=.012, rim=False)
        doll.part([_mirrored(right, .04)], top, folds=.15)
        if doll.p.view != "back":
            doll.part([_ellipse(.012, .925, .030, .040)], times(skin, .25))
        return
    turn = {"side": .012, "front": 0.0}.get(doll.p.view, 0.0)
    doll.part([[(-.026, .86), (-.022, .91), (.022, .91), (.026, .86)]], times(skin, .7), smooth=False)
    doll.part([_ellipse(turn, .930, .045, .058)], skin if doll.p.view != "back" else top)
    if figure.kind == "woman":
        bob: list[Point] = [(0, 1.0), (.034, .990), (.053, .955), (.055, .915), (.046, .884), (.026, .876),
                            (0, .880)]
        if doll.p.view == "back":
            doll.part([_mirrored(bob, .05)], top, folds=.2)
        else:
            doll.part([[(.0, 1.0), (.040, .985), (.055, .94), (.050, .89), (.038, .90), (.036, .945),
                    (.0, .968), (-.036, .945), (-.038, .90), (-.050, .89), (-.055, .94), (-.040, .985)]], top)
    else:
        doll.part([[(0, .997), (.036, .984), (.050, .945), (.046, .925),
                (.0, .945 if doll.p.view != "back" else .90), (-.046, .925), (-.050, .945), (-.036,
                        .984)]], top)


def _umbrella(doll: Doll, colour: RGB) -> None:
    mid = .045
    dome: list[Point] = []
    for i in range(15):
        a = np.pi * i / 14
        dome.append((mid + .33 * float(np.cos(a)), 1.045 + .225 * float(np.sin(a)) ** .8))
    scallop: list[Point] = []
    for i in range(24):
        t = i / 23
        scallop.append((mid - .33 + .66 * t, 1.045 + .018 * abs(float(np.sin(np.pi * t * 5)))))
    doll.part([[(mid - .003, 1.10), (mid + .003, 1.10), (mid + .022, .60), (mid + .014, .60)]],
              (.03, .03, .035), smooth=False)
    doll.part([[*dome, *scallop]], colour, smooth=False)
    ribs: list[list[Point]] = [[(mid + .004, 1.268), (mid + k * .9 + .003, 1.07 + .10 * (1 - abs(k) / .3)),
                                (mid + k, 1.06), (mid - .001, 1.262)] for k in (-.2, -.07, .07, .2)]
    doll.part(ribs, times(colour, .66), smooth=False, rim=False)
    doll.part([[(mid - .004, 1.265), (mid + .004, 1.265), (mid + .002, 1.30), (mid - .002, 1.30)]],
              (.03, .03, .035), smooth=False)


def _hand_lantern(doll: Doll) -> None:
    s, h = doll.s, doll.p.height
    doll.part([[(.228, .63), (.262, .63), (.266, .615), (.224, .615)],
               [(.226, .545), (.264, .545), (.268, .53), (.222, .53)],
               [(.226, .62), (.230, .62), (.230, .54), (.226, .54)], [(.260, .62), (.264, .62), (.264, .54),
                       (.260, .54)]], (.04, .03, .02), smooth=False, rim=False)
    x, y = doll.place((.245, .58))
    glow(s.c, x, y, h * .22, (1.0, .62, .24), .42)
    glow(s.c, x, y, h * .06, (1.0, .72, .34), .9)
    core(s.c, x, y, h * .018, (1.0, .9, .6), 1.4)


def brightness(s: Scene) -> float:
    """How much of a figure's own colour the air's light shows."""
    lit = .22 + .62 * s.m.level + .12 * s.haze
    return min(.95, lit * (.45 if "backlight" in s.r.lights else 1.0)) * (.9 + .1 * luma(s.m.key))
