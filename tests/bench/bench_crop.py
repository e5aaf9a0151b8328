"""Cropping one cell of a 5504x3072 grid, against bare Pillow: open, crop, save. `python -m tests.bench.bench_crop`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from sequences.media.grids import Box, cut
from tests.bench.ratio import PROMISE, interleaved

SIZE = (5504, 3072)
CELL = Box(1840, 1030, 1824, 1026)


def draw() -> Image.Image:
    """A picture with shapes and fine grain, so that it is about as hard to pack as a real one."""
    random = np.random.default_rng(1)
    shapes = Image.fromarray(random.integers(20, 230, (96, 172, 3), dtype=np.uint8))
    smooth = np.asarray(shapes.resize(SIZE, Image.Resampling.BICUBIC).filter(ImageFilter.BoxBlur(6)), dtype=np.int16)
    grain = random.integers(-4, 5, (SIZE[1], SIZE[0], 1), dtype=np.int16)
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def bare(source: Path, target: Path) -> None:
    with Image.open(source) as image:
        image.crop(CELL.corners).save(target)


def measure(folder: Path) -> dict[str, float]:
    picture = draw()
    found = {}
    for suffix, options in (("jpg", {"quality": 92}), ("png", {"compress_level": 1})):
        source = folder / f"grid.{suffix}"
        picture.save(source, **options)
        for to in ("png", "jpg"):
            ours_to, bare_to = folder / f"ours.{to}", folder / f"bare.{to}"
            found[f"{suffix} to {to}"] = interleaved(
                f"one cell of a {suffix} grid to {to}",
                lambda a=source, b=ours_to: cut(a, CELL, b),
                lambda a=source, b=bare_to: bare(a, b),
            )
    return found


@pytest.mark.bench
def test_a_crop_costs_little_more_than_bare_pillow(tmp_path: Path) -> None:
    assert max(measure(tmp_path).values()) <= PROMISE


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place))
