"""The end of every picture: weather in front, bloom, grade, vignette, grain, and eight bits."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .canvas import Canvas
from .light import glow
from .mood import Mood
from .noise import Plane, generator, resample, shrink, soften
from .scene import Scene


def rainfall(s: Scene, strength: float = 1.0) -> None:
    """Two sheets of slanting rain, the near one longer and softer."""
    slant = .10 + .12 * float(s.layout("slant").random())
    for name, count, length, width, alpha in (("far", 420, .045, .0011, .20), ("near", 90, .13, .0022, .22)):
        rng = s.chance("rain" + name)
        stencil = s.c.stencil()
        for _ in range(round(count * strength)):
            x, y, k, g = (float(v) for v in rng.random(4))
            reach = length * (.6 + .8 * k)
            stencil.line([(x * 1.2 - .1, y * 1.2 - .15), (x * 1.2 - .1 - reach * slant * s.c.ux,
                    y * 1.2 - .15 + reach * s.c.uy)], width, .35 + .65 * g)
        tone = tuple(.35 * a + .65 * b for a, b in zip(s.m.air, (.8, .86, .92), strict=True))
        stencil.add((tone[0], tone[1], tone[2]), blur=.0008 if name == "near" else 0.0,
                    alpha=alpha * (.55 + .7 * s.m.level) * strength)


def snowfall(s: Scene) -> None:
    """Flakes in three sizes; the nearest are out of focus."""
    for name, count, radius, alpha in (("far", 420, .0020, .6), ("mid", 150, .0042, .55),
                                       ("near", 26, .014, .30)):
        rng = s.chance("snow" + name)
        stencil = s.c.stencil()
        for _ in range(count):
            x, y, k, g = (float(v) for v in rng.random(4))
            stencil.disc(x, y, radius * (.5 + k), radius * (.5 + k) * 1.1, .35 + .65 * g)
        stencil.over((.92, .94, .97), blur=radius * .5, alpha=alpha * (.35 + .65 * min(1.0, s.m.level + .35)))


def lightning(s: Scene, horizon: float) -> None:
    """One bolt, and the cloud it lights."""
    rng = s.layout("bolt")
    x, y = .2 + .6 * float(rng.random()), 0.0
    points = [(x, y)]
    while y < horizon:
        x += (float(rng.random()) - .5) * .05
        y += .02 + .04 * float(rng.random())
        points.append((x, min(y, horizon)))
    glow(s.c, points[0][0], .06, .16, (.62, .70, .95), .5)
    stencil = s.c.stencil()
    stencil.line(points, .0028)
    stencil.add((.8, .85, 1.0), blur=.012, alpha=.9)
    stencil.add((1.0, 1.0, 1.0), alpha=.9)


def bloom(c: Canvas, amount: float = .5) -> None:
    """Bright places spill over their surroundings, reddish far out as film does."""
    width, height = max(4, c.w // 4), max(4, c.h // 4)
    for channel, far in enumerate((1.15, 1.0, .92)):
        small = shrink(np.clip(c.rgb[..., channel], 0, 2.2), width, height)
        hot = np.maximum(small - .62, 0)
        near, wide = soften(hot, c.unit * .010 / 4 + .6), soften(hot, c.unit * .055 / 4)
        c.rgb[..., channel] += np.float32(amount) * resample(near * .35 + wide * .75 * np.float32(far), c.w,
                                                             c.h)


def develop(c: Canvas, mood: Mood, key: str, width: int, height: int) -> Image.Image:
    """Shoulder, grade and vignette at working size, then full size and grain."""
    rgb = _shoulder(c.rgb * np.float32(mood.exposure * _metered(c, mood)))
    rgb = _grade(rgb, mood)
    rgb = _contrast(rgb, mood)
    rgb *= _vignette(c, mood)[..., None]
    rng = generator(key, "grain")
    rgb += (rng.random(rgb.shape[:2], dtype=np.float32)[..., None] - np.float32(.5)) / 180
    picture = Image.fromarray((np.clip(rgb, 0, 1) * 255 + .5).astype(np.uint8), "RGB")
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    return _grain(picture, rng)


def _metered(c: Canvas, mood: Mood) -> float:
    """A camera's meter: opens up for pictures that are darker than their hour, never closes down."""
    mean = float(np.minimum(c.rgb[::4, ::4], 1).mean()) * mood.exposure
    wanted = .19 if mood.dark else .30
    return float(np.clip((wanted / max(mean, .01)) ** .6, 1.0, 1.75))


def _shoulder(rgb: Plane) -> Plane:
    """Highlights roll off instead of clipping."""
    rgb = np.maximum(rgb, 0)
    knee = np.float32(.68)
    over = np.maximum(rgb - knee, 0)
    return np.minimum(rgb, knee) + (1 - knee) * (over / (over + (1 - knee)) * np.float32(1.02))


def _grade(rgb: Plane, mood: Mood) -> Plane:
    if mood.grade_by <= 0:
        return rgb
    light = rgb @ np.asarray((.299, .587, .114), np.float32)
    stops = np.asarray(mood.grade, np.float32)
    table = np.stack([np.interp(np.linspace(0, 1, 256), (0, .5, 1), stops[:, i]) for i in range(3)],
                     axis=-1).astype(np.float32)
    toned = table[np.clip(light * 255, 0, 255).astype(np.uint8)]
    # strong colours (a coat, a lamp) keep more of themselves than the air does
    spread = rgb.max(axis=-1) - rgb.min(axis=-1)
    by = np.float32(mood.grade_by) * (1 - (.55 if mood.grade_by < .9 else 0.0) * np.clip(spread * 1.6, 0, 1))
    graded: Plane = rgb + by[..., None] * (toned - rgb)
    return graded


def _contrast(rgb: Plane, mood: Mood) -> Plane:
    """A gentle S curve, the lift of the blacks and the saturation."""
    if mood.saturation != 1.0:
        grey = (rgb @ np.asarray((.299, .587, .114), np.float32))[..., None]
        rgb = grey + np.float32(mood.saturation) * (rgb - grey)
    curved = rgb + np.float32(.12) * (rgb - np.float32(.42)) * rgb * (1 - rgb) * 4
    lifted: Plane = curved * np.float32(1 - mood.lift) + np.float32(mood.lift + .012)
    return lifted


def _vignette(c: Canvas, mood: Mood) -> Plane:
    r2 = ((c.x - .5) * 2) ** 2 + ((c.y - .5) * 2) ** 2
    return (1 - np.float32(mood.vignette) * np.clip(r2 / 2, 0, 1) ** 1.25).astype(np.float32)


def _grain(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Film grain at full size, from one tile laid with random turns so that no pattern shows."""
    pixels = np.asarray(picture).astype(np.int16)
    height, width = pixels.shape[:2]
    strength = 2.3 + 1.7 * min(1.0, width / 1280)
    noise = (rng.standard_normal((height // 2 + 1, width), dtype=np.float32) * strength).astype(np.int16)
    sheet = np.concatenate([noise, np.roll(noise[::-1], width // 3, axis=1)])[:height]
    pixels += sheet[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")
