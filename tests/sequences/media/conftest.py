"""Tiny media, made once a run: numbered clips whose every frame can be told apart, and grid pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sequences.media.video import Writer

WIDTH, HEIGHT = 160, 96
BITS = 9


def numbered(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A picture that carries a number as bright and dark squares, over a shade that changes with it."""
    pixels = np.full((height, width, 3), (40, 60, 80 + number % 60), np.uint8)
    cell = width // (BITS + 1)
    for bit in range(BITS):
        pixels[height // 4 : height // 4 + cell, cell // 2 + bit * cell : cell // 2 + (bit + 1) * cell - 2] = (
            230 if number >> bit & 1 else 20
        )
    return pixels


def number_in(image: Image.Image) -> int:
    """The number that `numbered` drew."""
    pixels = np.asarray(image.resize((WIDTH, HEIGHT)).convert("L"))
    cell = WIDTH // (BITS + 1)
    row = HEIGHT // 4 + cell // 2
    return sum(1 << bit for bit in range(BITS) if pixels[row, cell // 2 + bit * cell + cell // 2 - 1] > 120)


@dataclass(frozen=True)
class Clips:
    folder: Path

    def make(
        self,
        name: str,
        frames: int,
        rate: str = "24",
        first: int = 0,
        size: tuple[int, int] = (WIDTH, HEIGHT),
        draw: Callable[[int], np.ndarray] | None = None,
    ) -> Path:
        path = self.folder / f"{name}.mp4"
        if not path.exists():
            with Writer(path, *size, Fraction(rate)) as film:
                for number in range(frames):
                    film.write(draw(number) if draw else numbered(first + number, *size))
        return path


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))
