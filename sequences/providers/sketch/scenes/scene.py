"""What a family's painter is given: canvas, reading, mood, framing and its two sources of chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .colour import mix
from .lexicon import RGB
from .mood import Mood
from .noise import generator
from .reading import Reading


@dataclass(frozen=True, slots=True)
class Framing:
    """`size` scales the subject (1 is medium), `side` puts it left (-1) to right (1), `horizon` is its
    height (0 top, 1 bottom),
    `light` is where the light comes from (-1..1), `turn` shows a head from "back" or "side"."""

    size: float
    side: float
    horizon: float
    light: float
    air: float
    turn: str


# size, side, horizon, light, extra haze: one row a grid cell
_CELLS: tuple[tuple[float, float, float, float, float], ...] = (
    (1.00, .34, .60, -.45, .00), (.55, -.20, .68, .50, .08), (1.75, -.42, .54, .40, .00), (.62, .44, .44,
            -.30, .10),
    (1.40, .18, .74, .55, .02), (.85, -.55, .62, -.60, .22), (2.10, .30, .58, -.25, .00), (1.05, .00, .56,
            .05, .12),
    (.38, -.34, .64, -.40, .28),
)
_SIZES = {"wide": (.42, .95), "close": (1.5, 2.3), "medium": (.95, 1.45)}
_HORIZONS = {"low": (.70, .80), "high": (.36, .46)}


def framing_of(reading: Reading, rng: np.random.Generator, variant: int) -> Framing:
    """The cell's own framing, kept inside what the prompt's framing words allow."""
    size, side, horizon, light, air = _CELLS[variant % len(_CELLS)]
    if reading.size:
        low, high = _SIZES[reading.size]
        size = low + (high - low) * (size - .38) / (2.10 - .38)
    if reading.angle:
        low, high = _HORIZONS[reading.angle]
        horizon = low + (high - low) * (horizon - .44) / .30
    flip = 1.0 if rng.random() < .5 else -1.0
    turn = reading.view or ("back", "side")[(variant + int(rng.integers(2))) % 2]
    return Framing(size=size, side=side * flip, horizon=horizon, light=light * flip, air=air, turn=turn)


@dataclass(frozen=True, slots=True)
class Scene:
    """`layout` makes what all cells of a grid share (which houses, which hills); `chance` is this cell's
    own.
    """

    c: Canvas
    r: Reading
    m: Mood
    f: Framing
    key: str
    variant: int

    def layout(self, name: str) -> np.random.Generator:
        return generator(self.key, "layout", name)

    def chance(self, name: str) -> np.random.Generator:
        return generator(self.key, "cell", self.variant, name)

    @property
    def haze(self) -> float:
        return min(.96, self.m.haze + self.f.air)

    def far(self, colour: RGB, distance: float) -> RGB:
        """A colour seen through air: distance 0 (here) to 1 (on the horizon)."""
        return mix(colour, self.m.air, min(1.0, distance * (.35 + .65 * self.haze)))

    def subject_x(self, reach: float = .28) -> float:
        """Where the subject stands, as a share of the width."""
        return .5 + self.f.side * reach

    def light_x(self) -> float:
        return .5 + self.f.light * .42
