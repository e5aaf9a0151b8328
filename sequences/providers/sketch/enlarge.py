"""Makes a picture larger: Lanczos, then a mild sharpening; nothing is invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageFilter

from sequences.providers.base import UpscaleRequest

Watch = Callable[[float, str], None]

_SHARPEN = ImageFilter.UnsharpMask(radius=1.6, percent=60, threshold=2)


def size(request: UpscaleRequest) -> tuple[int, int]:
    """Width and height of the result: the source times the factor, rounded."""
    source = request.source
    return round(source.width * request.factor), round(source.height * request.factor)


def draw(request: UpscaleRequest, source: Path, target: Path, watch: Watch, *, flaw: str = "") -> None:
    """Write the larger picture to `target` as PNG; `watch` may raise to stop. `flaw` goes wrong: `black` or `size`."""
    watch(0.0, "enlarging")
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    width, height = size(request)
    if flaw == "size":
        width, height = max(1, width // 2), max(1, height // 2)
    larger = picture.resize((width, height), Image.Resampling.LANCZOS)
    watch(0.5, "sharpening")
    larger = Image.new("RGB", larger.size) if flaw == "black" else larger.filter(_SHARPEN)
    watch(1.0, "saving")
    larger.save(target, "PNG", compress_level=3)
