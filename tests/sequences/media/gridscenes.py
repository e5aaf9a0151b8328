"""Panel contents that make gutters hard to see: night, white skies, bands, bars, window frames, flat walls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

Random = np.random.Generator
Colour = tuple[int, int, int]
Painter = Callable[[Random, int, int], Image.Image]


def colour(draw: Random, low: int, high: int) -> Colour:
    red, green, blue = (int(n) for n in draw.integers(low, high, 3))
    return red, green, blue


def graded(draw: Random, size: tuple[int, int], low: int, high: int) -> Image.Image:
    """A soft picture of a few random colours."""
    seeds = draw.integers(low, high, (int(draw.integers(2, 5)), int(draw.integers(2, 5)), 3)).astype(np.uint8)
    return Image.fromarray(seeds).resize(size, Image.Resampling.BICUBIC)


def shapes(draw: Random, image: Image.Image, count: int, low: int, high: int, large: float = 0.3) -> Image.Image:
    """Polygons and ellipses anywhere, also across the edges."""
    pen, (width, height) = ImageDraw.Draw(image), image.size
    for _ in range(count):
        x, y = int(draw.integers(-width // 8, width)), int(draw.integers(-height // 8, height))
        w, h = (max(2, int(n * draw.uniform(0.03, large))) for n in image.size)
        if draw.random() < 0.5:
            pen.polygon([(x, y), (x + w, y + h // 2), (x - w // 3, y + h)], fill=colour(draw, low, high))
        else:
            pen.ellipse([x, y, x + w, y + h], fill=colour(draw, low, high))
    return image


def landscape(draw: Random, width: int, height: int) -> Image.Image:
    image = graded(draw, (width, height), 60, 230)
    ground = int(height * draw.uniform(0.45, 0.8))
    image.paste(graded(draw, (width, height - ground), 20, 190), (0, ground))
    return shapes(draw, image, 14, 0, 256)


def night(draw: Random, width: int, height: int) -> Image.Image:
    """Nearly black all over, a few lamps and a moonlit thing or two."""
    image = graded(draw, (width, height), 2, 24)
    return shapes(draw, shapes(draw, image, 8, 4, 60, 0.5), 5, 60, 256, 0.12)


def white_sky(draw: Random, width: int, height: int) -> Image.Image:
    image = graded(draw, (width, height), 238, 256)
    ground = int(height * draw.uniform(0.35, 0.75))
    image.paste(graded(draw, (width, height - ground), 40, 200), (0, ground))
    return shapes(draw, image, 9, 0, 256)


def bands(draw: Random, width: int, height: int) -> Image.Image:
    """Horizontal stripes of flat colour; some lie close to the edge."""
    image = Image.new("RGB", (width, height), colour(draw, 0, 256))
    pen = ImageDraw.Draw(image)
    for y in sorted((draw.beta(0.6, 0.6, int(draw.integers(4, 9))) * height).astype(int).tolist()):
        pen.rectangle([0, y, width, y + height * draw.uniform(0.01, 0.3)], fill=colour(draw, 0, 256))
    return shapes(draw, image, 4, 0, 256)


def pillars(draw: Random, width: int, height: int) -> Image.Image:
    return bands(draw, height, width).transpose(Image.Transpose.TRANSPOSE)


def window(draw: Random, width: int, height: int) -> Image.Image:
    """A frame of straight lines just inside the edge, as of a door or a window."""
    image = landscape(draw, width, height)
    inset = int(min(width, height) * draw.uniform(0.02, 0.09))
    line = max(1, int(min(width, height) * draw.uniform(0.005, 0.03)))
    box = [inset, inset, width - inset, height - inset]
    ImageDraw.Draw(image).rectangle(box, outline=colour(draw, 0, 256), width=line)
    return image


def wall(draw: Random, width: int, height: int) -> Image.Image:
    """One flat colour, a subject in the middle."""
    image = Image.new("RGB", (width, height), colour(draw, 10, 250))
    head = [int(width * 0.35), int(height * 0.2), int(width * 0.6), int(height * 1.1)]
    ImageDraw.Draw(image).ellipse(head, fill=colour(draw, 0, 256))
    return shapes(draw, image, int(draw.integers(1, 6)), 0, 256, 0.15)


def portrait(draw: Random, width: int, height: int) -> Image.Image:
    image = graded(draw, (width, height), 30, 200)
    pen = ImageDraw.Draw(image)
    middle = int(width * draw.uniform(0.3, 0.7))
    pen.ellipse([middle - width // 3, height // 2, middle + width // 3, height * 2], fill=colour(draw, 0, 120))
    pen.ellipse([middle - width // 8, height // 6, middle + width // 8, height * 2 // 3], fill=colour(draw, 120, 240))
    return shapes(draw, image, 3, 0, 256, 0.2)


SCENES: tuple[Painter, ...] = (landscape, night, white_sky, bands, pillars, window, wall, portrait)


def scene(draw: Random, width: int, height: int, like: str = "") -> Image.Image:
    """Any scene, with grain; `like` "black" or "white" makes those likelier that have the gutter's colour."""
    painter = SCENES[int(draw.integers(len(SCENES)))]
    if like and draw.random() < 0.35:
        painter = night if like == "black" else white_sky
    return grained(draw, painter(draw, width, height), float(draw.choice([0, 1.5, 4])))


def grained(draw: Random, image: Image.Image, strength: float) -> Image.Image:
    """Film grain: one random tile laid over the whole picture."""
    if not strength:
        return image
    width, height = image.size
    tile = draw.normal(0, strength, (min(height, 256), min(width, 256), 1)).round().astype(np.int16)
    grain = np.tile(tile, (-(-height // tile.shape[0]), -(-width // tile.shape[1]), 1))[:height, :width]
    return Image.fromarray(np.clip(np.asarray(image, dtype=np.int16) + grain, 0, 255).astype(np.uint8))
