"""The card that stands where a sequence has no picture yet. Set with Pillow's own scalable font."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from sequences.media.video.plan import Slate

GROUND = (16, 15, 14)
TITLE = (238, 232, 222)
TEXT = (166, 159, 149)
RULE = (72, 68, 63)
NO_SHAPE = "\U000f0000"  # a private code point no font draws
REPLACED = {"…": "...", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "×": "x", "·": "-", "→": ">"}
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_slate(slate: Slate, width: int, height: int) -> Image.Image:
    """The slate as an RGB image: title, a thin rule, lines below; left-set, a little above the middle."""
    image = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(image)
    unit = max(2.0, min(width / 16, height / 9))
    left, room = round(unit * 1.6), round(width - unit * 3.2)
    title = _wrapped(slate.title, _font(unit * 0.92), room, most=2)
    lines = [part for line in slate.lines for part in _wrapped(line, _font(unit * 0.4), room, most=2)][:6]
    tall = len(title) * unit * 1.12 + (unit * 0.62 if lines else 0) + len(lines) * unit * 0.62
    y = (height - tall) * 0.46
    for line in title:
        draw.text((left, y), line, font=_font(unit * 0.92), fill=TITLE)
        y += unit * 1.12
    if lines:
        y += unit * 0.22
        draw.line([(left, y), (left + unit * 1.4, y)], fill=RULE, width=max(1, round(unit * 0.03)))
        y += unit * 0.4
    for line in lines:
        draw.text((left, y), line, font=_font(unit * 0.4), fill=TEXT)
        y += unit * 0.62
    return image


@lru_cache(maxsize=16)
def _sized(size: int) -> Font:
    return ImageFont.load_default(size)


def _font(size: float) -> Font:
    return _sized(max(6, round(size)))


def _wrapped(text: str, font: Font, room: int, *, most: int) -> list[str]:
    """The text in lines no wider than `room` pixels, at most `most`; what does not fit ends in an
    ellipsis."""
    lines = [""]
    for word in _drawable(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] += "..."
    return [_shortened(line, font, room) for line in kept if line]


def _shortened(line: str, font: Font, room: int) -> str:
    if font.getlength(line) <= room:
        return line
    line = line.rstrip(". ")
    while line and font.getlength(line + "...") > room:
        line = line[:-1]
    return line.rstrip() + "..."


def _drawable(text: str) -> str:
    """The text with characters the built-in font has no shape for replaced by their nearest plain ones."""
    return "".join(char if _has_shape(char) else _plain(char) for char in text)


def _plain(char: str) -> str:
    if char in REPLACED:
        return REPLACED[char]
    if unicodedata.category(char) == "Pd":
        return "-"
    return "".join(c for c in unicodedata.normalize("NFKD", char) if _has_shape(c))


@lru_cache(maxsize=512)
def _has_shape(char: str) -> bool:
    if char.isspace() or char < "\x7f":
        return True
    return bytes(_sized(24).getmask(char)) != bytes(_sized(24).getmask(NO_SHAPE))
