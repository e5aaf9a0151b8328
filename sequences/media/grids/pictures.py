"""Opening pictures that people upload, cutting crops, writing small copies."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from sequences.media.files import Facts, MediaError, written
from sequences.media.grids.boxes import BadCrop, Box

MOST_PIXELS = 120_000_000
ACCEPTED = ("JPEG", "PNG", "WEBP")
ORIENTATION = 274  # the EXIF tag
SAVING: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {"compress_level": 4},
    "WEBP": {"quality": 95, "method": 4},
}

# Pillow only warns between this and twice this; `open_picture` refuses there.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class BadPicture(MediaError):
    """A file is not a picture this studio can use; the sentence says why."""


def open_picture(path: Path | str, *, what: str = "picture") -> Image.Image:
    """A picture, verified and fully decoded: RGB, upright (EXIF orientation applied).

    Accepts JPEG, PNG and WebP up to 120 megapixels. Raises BadPicture for anything else, for truncated
    files and for animations; `what` names the picture in that sentence ("start frame", "grid").
    """
    image = _opened(path, what)
    _refuse_oddities(image, what)
    try:
        image.load()
        return _rgb(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, IndexError) as error:
        raise BadPicture(f"The {what} is damaged or cut short and cannot be read to its end; send it again.") from error


def cut(source: Path | str, box: Box, target: Path | str, *, size: tuple[int, int] | None = None) -> Facts:
    """Crop `box` from the full-size picture, scale to `size` (width, height) if given, and write `target`.

    The format follows the target's suffix (.png, .jpg, .webp). Written under a part name, fsynced, renamed.
    Raises BadCrop when the box leaves the picture, BadPicture when the source cannot be read.
    """
    with _opened(source, "picture") as image:
        if image.getexif().get(ORIENTATION, 1) != 1:
            image = ImageOps.exif_transpose(image)
        if not Box(0, 0, *image.size).contains(box) or min(box.width, box.height) < 1:
            raise BadCrop(f"The crop leaves the picture of {image.width}×{image.height} pixels; move it inside.")
        try:
            crop = _rgb(image.crop(box.corners))
        except (OSError, SyntaxError) as error:
            raise BadPicture("The picture is damaged or cut short; make or send it again.") from error
    if size and crop.size != size:
        crop = crop.resize(size, Image.Resampling.LANCZOS)
    return save(crop, target)


def preview(source: Path | str, target: Path | str, long_edge: int) -> Facts:
    """A small copy for pages, at most `long_edge` pixels long, never enlarged; WebP or JPEG by suffix.

    Raises BadPicture when the source cannot be read.
    """
    with _opened(source, "picture") as image:
        image.draft("RGB", (long_edge, long_edge))
        try:
            small = _rgb(ImageOps.exif_transpose(image))
        except (OSError, SyntaxError) as error:
            raise BadPicture("The picture is damaged or cut short; make or send it again.") from error
    small.thumbnail((long_edge, long_edge), Image.Resampling.LANCZOS)
    return save(small, target, quality=82)


def save(image: Image.Image, target: Path | str, **options: Any) -> Facts:
    """Write a picture whole or not at all; format by suffix. `options` go to Pillow over the defaults
    here."""
    target = Path(target)
    kind = _format(target)
    extra = {} if kind == "JPEG" and "quality" in options else SAVING[kind]
    if kind == "PNG":
        options = {}
    with written(target) as part:
        with part.open("wb") as file:
            image.save(file, kind, **{**extra, **options})
        return _facts(image, part)


def cover(image: Image.Image, width: int, height: int) -> Image.Image:
    """The picture scaled and centre-cropped to fill width x height."""
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)


def _opened(path: Path | str, what: str) -> Image.Image:
    try:
        image = Image.open(path)
    except FileNotFoundError as error:
        raise BadPicture(f"The {what} {Path(path).name} does not exist.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(_too_large(what)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadPicture(f"The {what} is not a picture; send a PNG, JPEG or WebP file.") from error
    if image.width * image.height > MOST_PIXELS:
        raise BadPicture(_too_large(what))
    return image


def _too_large(what: str) -> str:
    return f"The {what} has more than {MOST_PIXELS // 1_000_000} megapixels; send a smaller one."


def _refuse_oddities(image: Image.Image, what: str) -> None:
    if image.format not in ACCEPTED and image.format != "MPO":  # MPO: a JPEG with a second view behind it
        raise BadPicture(f"The {what} is a {image.format} file; send a PNG, JPEG or WebP file.")
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise BadPicture(f"The {what} is an animation; send a single still picture.")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return image.convert("RGB")


def _format(target: Path) -> str:
    kinds = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
    try:
        return kinds[target.suffix.lower()]
    except KeyError:
        raise BadPicture(
            f"Pictures are written as .png, .jpg or .webp, not {target.suffix or 'without suffix'}."
        ) from None


def _facts(image: Image.Image, path: Path) -> Facts:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Facts(image.width, image.height, path.stat().st_size, digest)
