"""A stage: truss, beams in smoke, players, crowd."""

from __future__ import annotations

import numpy as np

from .canvas import Point, Stencil
from .cast import crowd
from .colour import mix, saturate, times
from .figures import Pose, person
from .lexicon import RGB
from .light import beam, beam_texture, core, glow
from .noise import fbm, shifted
from .reading import Figure
from .scene import Scene
from .sky import veil
from .surface import floor


def stage(s: Scene) -> None:
    c = s.c
    y = min(.84, max(.70, s.f.horizon + .14))
    lead, second = _stage_colours(s)
    c.wash([(0, times(lead, .20)), (.6, times(lead, .50)), (.85, times(mix(lead, second, .4), .42)),
            (1, times(lead, .10))])
    smoke = fbm(s.layout("smoke"), 4, 3, c.w, c.h, 4)
    c.scale((.62 + .7 * smoke).astype(np.float32))
    glow(c, .5, y - .12, .42, mix(lead, second, .5), .34)
    _rig(s, lead, second, y)
    _boards(s, y, lead)
    _players(s, y)
    veil(s, y - .03, .14, lead, .22 + .25 * s.haze)
    if (not s.r.empty and s.variant != 6) or s.r.crowd:
        crowd(s, .90 + .03 * (s.f.size < 1), .17 * (.75 + .45 * min(1.6, s.f.size)), 3, times(lead, .04), .30,
              .42)


def _stage_colours(s: Scene) -> tuple[RGB, RGB]:
    pairs: tuple[tuple[RGB, RGB], ...] = (((.86, .22, .14), (1.0, .55, .34)),
            ((.90, .52, .12), (1.0, .80, .42)), ((.16, .34, .86), (.52, .30, .96)),
                                          ((.62, .14, .66), (1.0, .34, .50)), ((.08, .50, .58),
                                                  (.42, .86, .80)))
    if s.r.palette or "neon" in s.r.lights:
        lead = saturate(mix(s.m.grade[1], s.m.accents[0], .5), 1.3)
        return lead, mix(lead, s.m.grade[2], .55)
    start = int(s.layout("stage").integers(len(pairs)))
    return pairs[(start + (0, 1, 0, 2, 0, 1, 0, 3, 2)[s.variant % 9]) % len(pairs)]


def _rig(s: Scene, lead: RGB, second: RGB, y: float) -> None:
    """The truss with its lamps and the cones of light in smoke."""
    c, rng = s.c, s.chance("rig")
    texture = beam_texture(c, s.key + "smoke")
    count = 7
    aim = s.subject_x(.16)
    spots = [(.07 + .86 * i / (count - 1)) for i in range(count)]
    for i, x in enumerate(spots):
        target = aim + (x - .5) * (.25 + .9 * float(rng.random())) * (-1 if s.variant % 3 == 1 else 1)
        angle = float(np.arctan2((y + .08 - .03) / c.uy, (target - x) / c.ux))
        colour = (lead, second, mix(second, (1, 1, 1), .5))[i % 3]
        beam(c, x, .035, angle, .17 + .08 * float(rng.random()), mix(colour, (1, 1, 1), .22), .85, 2.3, .03,
             texture)
    truss = c.stencil(0, 0, 1, .06)
    truss.line([(-.01, .006), (1.01, .006)], .005)
    truss.line([(-.01, .040), (1.01, .040)], .005)
    zig: list[Point] = [(i / 60, .006 if i % 2 else .040) for i in range(-1, 63)]
    truss.line(zig, .003)
    truss.over(times(lead, .05), z=.6)
    for x in spots:
        glow(c, x, .035, .035, mix(second, (1, 1, 1), .6), .9)
        core(c, x, .035, .012, (1, 1, 1), 1.6)


def _boards(s: Scene, y: float, lead: RGB) -> None:
    c = s.c
    floor(s, y, times(lead, .35), times(lead, .06), wet=.55, rough=.35, name="boards")
    boxes = c.stencil(0, y - .25, 1, y + .03)
    for x, w, h in ((.5 - .30 * c.ux * 1.6, .075, .125), (.5 + .30 * c.ux * 1.6, .075, .125),
                    (.5 - .44 * c.ux * 1.6, .06, .20), (.5 + .44 * c.ux * 1.6, .06, .20)):
        boxes.rect(x - w * c.ux, y + .006 - h * c.uy, x + w * c.ux, y + .008)
    mask = boxes.mask()
    c.over(mask, times(lead, .05), boxes.box, .6)
    c.add(np.clip(mask - shifted(mask, 0, 2), 0, 1) * np.float32(.3), lead, boxes.box)


def _players(s: Scene, y: float) -> None:
    """Those the prompt names; with a band or nobody named, a singer between two players."""
    if s.r.empty:
        return
    named = s.r.figures
    x, tall = s.subject_x(.16), .36 * s.f.size ** .72
    foot = y + .02 + .05 * max(0.0, s.f.size - 1)
    lead = named[0] if named else Figure("person", pose="reach")
    if named and lead.pose == "stand" and s.variant % 2 == 0:
        lead = Figure(lead.kind, lead.coat, lead.hood, lead.umbrella, lead.lantern,
                      "reach" if s.variant % 4 == 0 else "point")
    others = list(named[1:]) if len(named) > 1 else ([Figure("man"),
            Figure("person", pose="point")] if s.f.size < 1.6 else [])
    for i, other in enumerate(others):
        side = -1 if i % 2 else 1
        px = x + side * (.36 + .18 * (i // 2)) * max(.8, s.f.size ** .5) * .55 * s.c.ux * 1.6
        person(s, other, Pose(px, foot - .012, tall * .88, light=.3 * side, lit=.10, rim=.75, z=.7,
                              view="front", flip=side < 0), f"player{i}")
    person(s, lead, Pose(x, foot, tall, light=.5, lit=.12, rim=.9, z=.8, view="front"), "singer")
    stand = Stencil(s.c, s.c.around(x, foot - tall * .5, tall * .8))
    mx = x + .09 * tall * s.c.ux
    stand.line([(mx, foot), (mx, foot - tall * .80 * s.c.uy),
                (x + .02 * tall * s.c.ux, foot - tall * .87 * s.c.uy)], max(.0022, tall * .010))
    stand.line([(mx - .06 * tall * s.c.ux, foot), (mx + .06 * tall * s.c.ux, foot)], max(.0022, tall * .012))
    stand.over(s.m.ink)
