"""The light of one picture: sky colours, key light, air and grade, from the reading and the grid cell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .colour import luma, mix, ramp, saturate, times
from .lexicon import PALETTES, RGB
from .reading import Reading

Ramp = tuple[RGB, RGB, RGB]


@dataclass(frozen=True, slots=True)
class Mood:
    """Colours are sRGB 0..1. `level` is how bright the air is, `haze` how thick; `grade` is laid over the
    end by `grade_by`.
    """

    time: str
    zenith: RGB
    mid: RGB
    low: RGB
    key: RGB
    ink: RGB
    level: float
    haze: float
    accents: tuple[RGB, ...]
    grade: Ramp
    grade_by: float
    exposure: float = 1.0
    lift: float = 0.0
    saturation: float = 1.0
    vignette: float = 0.45

    @property
    def air(self) -> RGB:
        """The colour that distance fades into."""
        return mix(self.mid, self.low, 0.55)

    @property
    def dark(self) -> bool:
        return self.level < 0.3


# time -> zenith, mid, low, key, level
_HOURS: dict[str, tuple[RGB, RGB, RGB, RGB, float]] = {
    "dawn": ((.36, .44, .56), (.70, .63, .64), (1.0, .80, .60), (1.0, .84, .62), .62),
    "day": ((.30, .47, .64), (.56, .69, .77), (.84, .88, .87), (1.0, .97, .90), .85),
    "golden": ((.27, .27, .36), (.66, .45, .34), (1.0, .70, .38), (1.0, .76, .42), .58),
    "dusk": ((.11, .13, .24), (.40, .27, .33), (.96, .52, .29), (1.0, .62, .34), .36),
    "night": ((.026, .040, .072), (.060, .084, .130), (.150, .172, .215), (1.0, .80, .52), .14),
    "blue": ((.045, .100, .22), (.12, .23, .39), (.36, .48, .60), (1.0, .80, .54), .26),
}
_USUAL: dict[str, tuple[str, ...]] = {
    "horizon": ("dusk", "golden", "dawn"), "deck": ("night",
            "blue"), "rain": ("night",), "street": ("night",), "stage": ("night",),
    "desert": ("golden", "day"), "corridor": ("night",), "forest": ("dawn",
            "day"), "lantern": ("night",), "lighthouse": ("night",),
    "underwater": ("day",), "streaks": ("night",), "skyline": ("night", "dusk"), "pier": ("dawn", "day",
            "dusk"), "moon": ("night", "blue"),
    "shore": ("dawn",), "room": ("blue", "dawn", "golden"), "mountain": ("blue", "day",
            "dawn"), "road": ("night", "blue"),
    "field": ("golden", "dawn"), "face": ("night", "dusk"),
}
NEON: tuple[RGB, ...] = ((1.0, .18, .62), (.16, .86, .90), (.58, .28, 1.0), (1.0, .40, .18), (.24, .48, 1.0),
                         (1.0, .78, .22), (.18, .92, .60))
CITY: tuple[RGB, ...] = ((1.0, .74, .40), (1.0, .86, .66), (.96, .46, .24), (.50, .84, .88), (1.0, .62, .30),
                         (.90, .90, .84))
# how the nine cells of a grid differ in light when the prompt leaves it open
_CELL_GRADES: tuple[tuple[str, float], ...] = (("", 0), ("amber", .34), ("teal", .30), ("bleach", .34),
                                               ("green", .26), ("violet", .24),
                                               ("warm", .34), ("blue", .28), ("cold", .34))
_CELL_EXPOSURE = (1.0, 1.04, .94, 1.08, .96, 1.0, .9, .92, 1.06)
_WEATHER_HAZE = {"fog": .85, "haze": .55, "rain": .38, "storm": .42, "snow": .45, "clear": .05, "cloud": .3,
                 "wet": .25}


def mood_of(reading: Reading, rng: np.random.Generator, variant: int) -> Mood:
    """`rng` decides what the prompt leaves open for all cells alike; the cell then shifts the light a
    little.
    """
    usual = _USUAL[reading.family]
    chosen = usual[int(rng.integers(len(usual)))]
    hour = reading.time or chosen
    zenith, mid, low, key, level = _HOURS[hour]
    if not reading.palette and "candle" in reading.lights:
        reading = replace(reading, palette="amber")
    mood = Mood(time=hour, zenith=zenith, mid=mid, low=low, key=key, ink=(.022, .022, .028), level=level,
                haze=_WEATHER_HAZE.get(reading.weather, .22), accents=_accents(reading, rng),
                grade=((0, 0, 0), (.5, .5, .5), (1, 1, 1)), grade_by=0.0)
    mood = _cell(_palette(_weather(mood, reading), reading), reading, variant)
    return _lights(mood, reading)


def _accents(reading: Reading, rng: np.random.Generator) -> tuple[RGB, ...]:
    source = NEON if reading.family in ("street", "rain", "streaks",
                                        "stage") or "neon" in reading.lights else CITY
    if reading.palette in PALETTES:
        tri = PALETTES[reading.palette]
        lead = saturate(tri[1], 1.5)
        share = .25 if "neon" in reading.lights and reading.palette != "mono" else .6
        source = (lead, mix(lead, tri[2], .5), *(mix(c, lead, share) for c in source[:4]))
    turn = int(rng.integers(len(source)))
    return source[turn:] + source[:turn]


def _weather(mood: Mood, reading: Reading) -> Mood:
    if reading.weather not in ("fog", "haze", "rain", "storm", "cloud", "snow"):
        return mood
    grey = luma(mood.mid)
    veil = {"fog": .72, "storm": .66, "rain": .55, "cloud": .5, "snow": .5, "haze": .3}[reading.weather]
    tone: RGB = (grey * .96, grey, grey * 1.03) if reading.weather != "haze" else mix(mood.low,
            (grey, grey, grey), .4)
    dim = {"storm": .55, "rain": .78}.get(reading.weather, 1.0)
    return replace(mood, zenith=times(mix(mood.zenith, tone, veil), dim),
                   mid=times(mix(mood.mid, tone, veil), dim),
                   low=times(mix(mood.low, mix(tone, mood.key, .25), veil * .8),
                             dim), level=mood.level * (dim + 1) / 2)


def _palette(mood: Mood, reading: Reading) -> Mood:
    if not reading.palette:
        return mood
    tri = PALETTES[reading.palette]

    def lay(colour: RGB, by: float = .72) -> RGB:
        return mix(colour, ramp(luma(colour), tri), by)
    full = reading.palette in ("mono", "sepia")
    mood = replace(mood, zenith=lay(mood.zenith), mid=lay(mood.mid), low=lay(mood.low), key=lay(mood.key, .5),
                   grade=tri,
                   grade_by=.97 if full else .42, saturation=.75 if reading.palette == "bleach" else 1.0)
    if reading.palette == "pastel":
        mood = replace(mood, lift=.12, vignette=.2, exposure=.98, grade_by=.34)
    return mood


def _cell(mood: Mood, reading: Reading, variant: int) -> Mood:
    exposure = mood.exposure * _CELL_EXPOSURE[variant % 9]
    name, by = _CELL_GRADES[variant % 9]
    if reading.palette or not name:
        return replace(mood, exposure=exposure)
    tri = PALETTES[name]

    def lay(colour: RGB) -> RGB:
        return mix(colour, ramp(luma(colour), tri), by)
    return replace(mood, exposure=exposure, zenith=lay(mood.zenith), mid=lay(mood.mid), low=lay(mood.low),
                   key=mix(mood.key, tri[2], by * .6),
                   grade=tri, grade_by=by * .7)


def _lights(mood: Mood, reading: Reading) -> Mood:
    for light in reading.lights:
        if light == "low":
            mood = replace(mood, exposure=mood.exposure * .78, vignette=.7)
        elif light == "high":
            mood = replace(mood, exposure=mood.exposure * 1.14, lift=mood.lift + .05, vignette=.2)
        elif light == "candle":
            mood = replace(mood, key=(1.0, .64, .26), exposure=mood.exposure * .96, vignette=.6)
        elif light == "neon":
            mood = replace(mood, key=mood.accents[0])
        elif light == "soft":
            mood = replace(mood, lift=mood.lift + .04, haze=min(.95, mood.haze + .15), vignette=.3)
        elif light == "glow":
            mood = replace(mood, haze=min(.95, mood.haze + .1))
    return mood
