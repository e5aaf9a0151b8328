"""Reference pictures of elements: a character, prop or place on a plain ground with studio light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from .bust import bust
from .canvas import Canvas
from .cast import dog
from .colour import times
from .figures import Pose, person
from .finish import bloom, develop
from .lexicon import RGB
from .light import glow
from .mood import Mood
from .noise import fbm, generator
from .painter import paint
from .props import car_rear, ferry, lantern, lighthouse
from .reading import Reading, read
from .scene import Framing, Scene
from .sky import hills
from .surface import mirror

_GROUNDS: tuple[RGB, ...] = ((.47, .52, .53), (.50, .46, .42), (.46, .47, .42), (.42, .45, .50),
                             (.53, .50, .47), (.40, .46, .46))
_PROPS = ("lantern", "ferry", "boat", "car", "lighthouse", "dog")


def portrait(description: str, seed: int, size: int) -> Image.Image:
    """A square RGB reference picture of what the description names: a person, a prop, else the place it
    describes.

    Other seeds show the same thing from another distance and side. Raises ValueError below 16 pixels.
    """
    if size < 16:
        raise ValueError(f"A reference picture of {size} pixels was asked for; give at least 16.")
    reading = read(description)
    prop = next((p for p in _PROPS if p in reading.props), "")
    if not reading.figures and not prop:
        return paint(description, seed, size, size)
    scene = _studio(reading, description, seed, size)
    if reading.figures:
        _character(scene)
    else:
        _prop(scene, prop)
    bloom(scene.c, .4)
    return develop(scene.c, scene.m, f"{seed}|{description}", size, size)


def _studio(reading: Reading, description: str, seed: int, size: int) -> Scene:
    key = f"portrait|{' '.join(description.split())}"
    rng = generator(key, seed)
    ground = _GROUNDS[int(generator(key).integers(len(_GROUNDS)))]
    glowing = not reading.figures and "lantern" in reading.props
    if glowing:
        ground = (.42, .23, .07)
    mood = Mood(time="day", zenith=times(ground, .7), mid=ground, low=times(ground, 1.25),
                key=(1.0, .95, .86), ink=(.03, .03, .035), level=.75, haze=.1,
                accents=((1.0, .8, .5), (.6, .8, 1.0)), grade=((.02, .03, .04), (.5, .5, .49),
                                                               (1.0, .98, .94)), grade_by=.2, vignette=.35)
    framing = Framing(size=(1.9, 1.0, 1.7)[seed % 3], side=float(rng.random()) - .5, horizon=.8,
                      light=.7 if rng.random() < .5 else -.7, air=0.0, turn="back")
    scene = Scene(Canvas(size, size), reading, mood, framing, key, seed % 9)
    _backdrop(scene, ground)
    return scene


def _backdrop(s: Scene, ground: RGB) -> None:
    """Seamless paper: a wall that turns into a floor, lit from one side."""
    c = s.c
    c.wash([(0, times(ground, .72)), (.62, times(ground, 1.02)), (.80, times(ground, 1.10)),
            (1, times(ground, .82))])
    glow(c, .5 + s.f.light * .35, .35, .40, times(ground, .6), .34)
    c.scale((.94 + .12 * fbm(s.layout("paper"), 4, 4, c.w, c.h, 4)).astype(np.float32))


def _character(s: Scene) -> None:
    figure = replace(s.r.figures[0], umbrella="umbrella" in s.r.props, lantern="lantern" in s.r.props)
    x = .5 + s.f.side * .14
    if s.f.size > 1.5:
        bust(s, x, .58, .36, turn="front" if s.f.size > 1.8 else "side", light=s.f.light, rim=.45, lit=.75,
             figure=figure, flip=s.f.light < 0)
        return
    tall = .74 if not figure.umbrella else .62
    _studio_shadow(s, x, .90, tall)
    person(s, figure, Pose(x, .90, tall / s.c.uy * 1.0, light=s.f.light, lit=.82, rim=.35, view="front",
                           z=.8), "lead")


def _studio_shadow(s: Scene, x: float, y: float, tall: float) -> None:
    c = s.c
    dx, dy = c.distance(x - s.f.light * .12 * tall, y + .012)
    c.scale((1 - .38 * np.exp(-((dx / (.30 * tall)) ** 2 + (dy / (.045 * tall)) ** 2))).astype(np.float32))


def _prop(s: Scene, prop: str) -> None:
    k = 1 / s.c.uy
    if prop == "dog":
        _studio_shadow(s, .5, .80, .9)
        dog(s, .5, .80, .56 * k, lit=.75, rim=.3, light=s.f.light, flip=s.f.light < 0)
    elif prop == "lantern":
        lantern(s, .5, .55, .62 * k * (.9 if s.f.size < 1.5 else 1.25))
    elif prop == "car":
        _studio_shadow(s, .5, .72, 1.2)
        car_rear(s, .5, .72, .74 * k, colour=(.18, .18, .2), lights=.4)
    elif prop == "lighthouse":
        hills(s, .97, .12, times(s.m.mid, .28), "rock", 2, .5)
        lighthouse(s, .5, .90, .74 * k, 0.0)
    else:
        _sea_piece(s, k)


def _sea_piece(s: Scene, k: float) -> None:
    s.c.wash([(0, (.16, .17, .22)), (.6, (.44, .36, .34)), (1, (.78, .58, .44))], 0, .62)
    ferry(s, .5, .625, .82 * k, fade=.15, lights=1.0)
    mirror(s, .625, 1.0, tint=(.8, .82, .86), body=(.10, .10, .13), strength=.85)
