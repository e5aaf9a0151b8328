"""More like one picture: the artist's framings by how near they are to it, and its colours over a new drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sequences.providers.sketch.scenes import paint

VARIANTS = 9
_SMALL = (48, 27)
_STRENGTH = 0.75
_STEEPEST = 1.8  # contrast is never raised more than this: flat new scenes would fall apart


def ranked(near: Image.Image, prompt: str, seed: int) -> list[int]:
    """The variants of a prompt's scene, the one whose small copy is nearest to the picture first."""
    wanted = _small(near)
    apart = [float(np.abs(_small(paint(prompt, seed, *_SMALL, variant=v)) - wanted).mean()) for v in range(VARIANTS)]
    return [int(v) for v in np.argsort(apart, kind="stable")]


def coloured(picture: Image.Image, near: Image.Image) -> Image.Image:
    """The picture with most of the mean and spread of the other's channels."""
    have, want = _floats(picture), _small(near)
    middle, spread = have.mean((0, 1)), have.std((0, 1)) + 1
    steep = np.minimum(want.std((0, 1)) / spread, _STEEPEST)
    moved = (have - middle) * steep + want.mean((0, 1))
    mixed = have + (moved - have) * _STRENGTH
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _small(picture: Image.Image) -> NDArray[np.float32]:
    return _floats(picture.convert("RGB").resize(_SMALL, Image.Resampling.BOX))


def _floats(picture: Image.Image) -> NDArray[np.float32]:
    return np.asarray(picture, np.float32)
