"""From a prompt to a picture: reading, light, framing, the family's painter, weather, development."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from . import city, close, deep, forest, glass, indoor, land, sea, stage, travel
from .canvas import Canvas
from .finish import bloom, develop, lightning, rainfall, snowfall
from .light import shafts
from .mood import mood_of
from .noise import generator
from .reading import Reading, read
from .scene import Scene, framing_of

PAINTERS: dict[str, Callable[[Scene], None]] = {
    "horizon": sea.horizon, "deck": sea.deck, "rain": glass.rain, "street": city.street,
    "stage": stage.stage, "desert": land.desert,
    "corridor": indoor.corridor, "forest": forest.forest, "lantern": close.lantern_scene,
    "lighthouse": sea.lighthouse_scene,
    "underwater": deep.underwater, "streaks": travel.streaks, "skyline": city.skyline, "pier": sea.pier,
    "moon": land.moon_hill,
    "shore": sea.shore, "room": indoor.room, "mountain": land.mountain, "road": travel.road,
    "field": land.field, "face": close.face,
}
_INDOORS = frozenset(("rain", "stage", "corridor", "lantern", "underwater", "streaks", "room", "face"))


def paint(prompt: str, seed: int, width: int, height: int, *, variant: int = 0) -> Image.Image:
    """One RGB still, width x height pixels.

    `variant` 0..8 is the cell of a grid: the same subject and words, another framing and light.
    Raises ValueError for a picture smaller than 16 pixels a side or a variant below 0.
    """
    return _paint(prompt, seed, width, height, variant, with_depth=False)[0]


def paint_layers(prompt: str, seed: int, width: int, height: int, *, variant: int = 0) -> tuple[Image.Image,
        Image.Image]:
    """The same still as `paint`, and its depth as an "L" picture of that size: 255 near, 0 far."""
    picture, canvas = _paint(prompt, seed, width, height, variant, with_depth=True)
    depth = canvas.depth if canvas.depth is not None else np.zeros((canvas.h, canvas.w), np.float32)
    plane = Image.fromarray((np.clip(depth, 0, 1) * 255).astype(np.uint8), "L")
    return picture, plane.resize((width, height), Image.Resampling.BILINEAR)


def _paint(prompt: str, seed: int, width: int, height: int, variant: int, *,
           with_depth: bool) -> tuple[Image.Image, Canvas]:
    if min(width, height) < 16:
        raise ValueError(f"A still of {width}x{height} pixels was asked for; give at least 16 pixels a side.")
    if variant < 0:
        raise ValueError(f"Grid cell {variant} was asked for; cells are counted from 0.")
    reading = read(prompt)
    key = f"{seed}|{' '.join(prompt.split())}"
    scene = _scene(reading, key, variant, Canvas(width, height, with_depth=with_depth))
    PAINTERS[reading.family](scene)
    _weather(scene)
    bloom(scene.c, .55)
    _spill(scene)
    return develop(scene.c, scene.m, f"{key}|{variant}", width, height), scene.c


def _scene(reading: Reading, key: str, variant: int, canvas: Canvas) -> Scene:
    chance = generator(key, "choices")
    mood = mood_of(reading, chance, variant)
    framing = framing_of(reading, chance, variant)
    return Scene(canvas, reading, mood, framing, key, variant)


def _weather(s: Scene) -> None:
    """What falls in front of everything; indoors only the air changes."""
    if s.r.family == "stage" and s.r.weather == "snow":
        snowfall(s)
    if s.r.family in _INDOORS:
        return
    if s.r.weather in ("rain", "storm"):
        rainfall(s, 1.3 if s.r.weather == "storm" else 1.0)
    if s.r.weather == "snow":
        snowfall(s)
    if s.r.weather == "storm" and s.variant % 3 == 0:
        lightning(s, s.f.horizon)
    if "beams" in s.r.lights and s.r.family not in ("forest", "lighthouse"):
        shafts(s.c, s.light_x(), -.25, s.m.key, .26 * (.4 + s.m.level), s.layout("godrays"), 22, 2.6)


def _spill(s: Scene) -> None:
    """Backlight lifts the air around the light; flicker burns one side of the picture."""
    if "backlight" in s.r.lights:
        _side_light(s, s.light_x(), .16)
    if "flicker" in s.r.lights:
        _side_light(s, float(s.chance("flicker").random()), .22)


def _side_light(s: Scene, x: float, power: float) -> None:
    gx, gy = s.c.coarse()
    fall = np.exp(-(((gx - x) / .35) ** 2 + ((gy - .4) / .6) ** 2)) * np.float32(power)
    s.c.add(s.c.full(fall.astype(np.float32)), s.m.key)
