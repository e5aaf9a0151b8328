"""Pictures as video planes: BT.709 limited range, chroma at half size.

A frame is one float box of the picture, resampled plane by plane; where the box lies on whole pixels and has
the frame's size, the result is the picture itself, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps

from sequences.providers.sketch.camera import Box

Plane = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Planes:
    """Luma and both chroma planes of one picture, with even edges."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    def cut(self, box: Box, width: int, height: int) -> tuple[Plane, Plane, Plane]:
        """The part inside `box` at width x height pixels, as writable arrays."""
        x, y, w, h = box
        edges = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        half = (width // 2, height // 2)
        return (
            _sample(self.y, edges, (width, height), Image.Resampling.BICUBIC),
            _sample(self.u, edges, half, Image.Resampling.BILINEAR),
            _sample(self.v, edges, half, Image.Resampling.BILINEAR),
        )


def _sample(
    plane: Image.Image, edges: tuple[float, float, float, float], size: tuple[int, int], by: Image.Resampling
) -> Plane:
    w, h = plane.size
    left, top, right, bottom = edges
    # a hair of float error past the edge is refused by the resampler, and would undo an exact whole-pixel cut
    box = (
        max(0.0, round(left * w, 4)),
        max(0.0, round(top * h, 4)),
        min(float(w), round(right * w, 4)),
        min(float(h), round(bottom * h, 4)),
    )
    return np.array(plane.resize(size, by, box=box))


def planes(picture: Image.Image) -> Planes:
    """The planes of an RGB picture whose edges are even."""
    rgb = np.asarray(picture.convert("RGB"), np.float32)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return Planes(
        y=_plane(16 + luma * (219 / 255)),
        u=_plane(128 + _halved(b - luma) * (224 / 255 / 1.8556)),
        v=_plane(128 + _halved(r - luma) * (224 / 255 / 1.5748)),
    )


def _plane(values: npt.NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.rint(values).astype(np.uint8))


def _halved(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    h, w = values.shape
    quarters: npt.NDArray[np.float32] = values.reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3))
    return quarters


def cover(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture scaled and cropped around its middle to fill width x height; untouched when it fits."""
    rgb = picture.convert("RGB")
    if rgb.size == (width, height):
        return rgb
    return ImageOps.fit(rgb, (width, height), Image.Resampling.LANCZOS)


def surround(picture: Image.Image, margin: tuple[int, int]) -> Image.Image:
    """The picture, untouched, in a margin of (x, y) pixels to move into: its mirror, soft and dark."""
    mx, my = margin
    mirrored = Image.fromarray(np.pad(np.asarray(picture), ((my, my), (mx, mx), (0, 0)), mode="reflect"))
    soft = mirrored.filter(ImageFilter.GaussianBlur(max(1, my / 4))).point(lambda value: int(value * 0.7))
    across, down = _outside(mirrored.width, mx), _outside(mirrored.height, my)
    mask = np.maximum(across[None, :], down[:, None])
    return Image.composite(soft, mirrored, Image.fromarray((mask * 255).astype(np.uint8)))


def _outside(edge: int, margin: int) -> npt.NDArray[np.floating]:
    """0 inside, growing to 1 at both ends."""
    at = np.arange(edge)
    return np.clip(np.maximum(margin - at, at - (edge - 1 - margin)) / max(1, margin), 0, 1)
