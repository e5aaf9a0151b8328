"""Chance and texture. All noise comes from fixed lattices, so that a scene looks the same at every size."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[Any]
"""Float32 picture: (height, width) for one channel, (height, width, 3) for colour, values about 0..1."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, right and bottom excluded."""


def generator(*parts: object) -> np.random.Generator:
    """A generator seeded by sha256 of the parts: the same on every machine and in every process."""
    text = "\x1f".join(str(part) for part in parts)
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16],
                                                              "big")))


def resample(plane: Plane, width: int, height: int, box: tuple[float, float, float,
                                                               float] | None = None) -> Plane:
    """Scale one channel smoothly; `box` is the part of the source in its own pixels."""
    picture = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC, box=box), dtype=np.float32)


def shrink(plane: Plane, width: int, height: int) -> Plane:
    """Scale one channel down by averaging."""
    picture = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(picture.resize((max(1, width), max(1, height)), Image.Resampling.BOX), dtype=np.float32)


def lattice(rng: np.random.Generator, cols: int, rows: int, width: int, height: int) -> Plane:
    """Smooth noise with about cols x rows bumps, 0..1."""
    grid = rng.random((rows + 4, cols + 4), dtype=np.float32)
    return np.clip(resample(grid, width, height, (2.0, 2.0, cols + 2.0, rows + 2.0)), 0, 1)


def fbm(rng: np.random.Generator, cols: int, rows: int, width: int, height: int, octaves: int = 4,
        gain: float = 0.5) -> Plane:
    """Fractal noise, 0..1 with a mean near one half. Drawn at no more than 480 px and scaled, since it is
    soft.
    """
    scale = min(1.0, 480.0 / max(width, height))
    small = (max(2, round(width * scale)), max(2, round(height * scale)))
    total = np.zeros((small[1], small[0]), np.float32)
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        total += weight * lattice(rng, cols << octave, rows << octave, *small)
        norm += weight
        weight *= gain
    total = np.asarray(np.clip((total / norm - 0.5) * 1.5 + 0.5, 0, 1), np.float32)
    return total if small == (width, height) else resample(total, width, height)


def tile(rng: np.random.Generator, size: int = 512, octaves: int = 4, cols: int = 16,
         rows: int = 16) -> Plane:
    """A texture that repeats in both directions, size x size, 0..1."""
    total = np.zeros((size, size), np.float32)
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        grid = rng.random((rows << octave, cols << octave), dtype=np.float32)
        total += weight * resample(np.pad(grid, 3, mode="wrap"), size, size,
                                   (3.0, 3.0, grid.shape[1] + 3.0, grid.shape[0] + 3.0))
        norm += weight
        weight *= 0.55
    return np.asarray(np.clip((total / norm - 0.5) * 1.6 + 0.5, 0, 1), np.float32)


def soften(plane: Plane, radius: float) -> Plane:
    """Blur one channel by about `radius` pixels. Float all the way, so that wide blurs do not band."""
    if radius < 0.4:
        return plane
    height, width = plane.shape
    factor = max(1.0, radius / 1.6)
    small = shrink(plane, round(width / factor), round(height / factor)) if factor > 1 else plane
    return resample(_five_taps(small, radius / factor), width, height)


def _five_taps(plane: Plane, sigma: float) -> Plane:
    reach = np.arange(-3, 4, dtype=np.float32)
    taps = np.exp(-0.5 * (reach / max(0.3, sigma)) ** 2)
    taps /= taps.sum()
    for axis in (0, 1):
        pad = [(3, 3) if axis == a else (0, 0) for a in (0, 1)]
        wide = np.pad(plane, pad, mode="edge")
        size = plane.shape[axis]
        cut = [wide[i:i + size] if axis == 0 else wide[:, i:i + size] for i in range(7)]
        plane = sum((tap * part for tap, part in zip(taps, cut, strict=True)), np.zeros_like(plane))
    return plane


def shifted(plane: Plane, dx: int, dy: int) -> Plane:
    """The plane moved by whole pixels; what comes in at an edge repeats that edge."""
    pad = max(abs(dx), abs(dy))
    wide = np.pad(plane, pad, mode="edge")
    return wide[pad - dy:pad - dy + plane.shape[0], pad - dx:pad - dx + plane.shape[1]]


def smoothstep(low: float, high: float, value: Plane) -> Plane:
    t: Plane = np.clip((value - low) / (high - low), 0, 1)
    smooth: Plane = t * t * (3 - 2 * t)
    return smooth
