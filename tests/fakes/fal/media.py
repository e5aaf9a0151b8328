"""Real small pictures and films, drawn and encoded here; every one is kept for the next call that wants the same."""

from __future__ import annotations

import colorsys
import struct
import zlib
from fractions import Fraction
from functools import lru_cache
from io import BytesIO

import av
import numpy as np
from PIL import Image, ImageDraw

RATE = 24
GUTTER = 0.008  # of the longer edge
SOUND = 44100


def colour(step: int, light: float = 0.5) -> tuple[int, int, int]:
    """A colour a step: neighbours are far apart, ninety are different."""
    red, green, blue = colorsys.hls_to_rgb((step * 0.381966) % 1, light, 0.55)
    return round(red * 255), round(green * 255), round(blue * 255)


def cell(width: int, height: int, step: int) -> Image.Image:
    """One candidate frame: a sky, a ground, a sun and a figure, all in the colours of `step`."""
    image = Image.new("RGB", (width, height), colour(step, 0.68))
    draw = ImageDraw.Draw(image)
    horizon = height * (5 + step % 3) // 8
    draw.rectangle((0, horizon, width, height), fill=colour(step, 0.32))
    size, left = height // 5, width * (1 + step % 5) // 7
    draw.ellipse((left, height // 8, left + size, height // 8 + size), fill=colour(step + 2, 0.85))
    foot = width * (1 + (step * 3) % 5) // 6
    draw.polygon([(foot, height // 3), (foot - size // 2, height - size // 2), (foot + size // 2, height - size // 2)],
                 fill=colour(step + 1, 0.2))  # fmt: skip
    return image


def sheet(width: int, height: int, rows: int, cols: int, step: int) -> Image.Image:
    """rows x cols cells with plain white gutters between them and none at the outer edge."""
    image = Image.new("RGB", (width, height), "white")
    half = 0 if rows * cols == 1 else max(1, round(max(width, height) * GUTTER / 2))
    for place in range(rows * cols):
        row, col = divmod(place, cols)
        left = round(col * width / cols) + (half if col else 0)
        top = round(row * height / rows) + (half if row else 0)
        right = round((col + 1) * width / cols) - (half if col < cols - 1 else 0)
        bottom = round((row + 1) * height / rows) - (half if row < rows - 1 else 0)
        image.paste(cell(right - left, bottom - top, step * 9 + place), (left, top))
    return image


def encoded(image: Image.Image, form: str) -> bytes:
    out = BytesIO()
    options = {"PNG": {"compress_level": 1}, "JPEG": {"quality": 90}}.get(form, {})
    image.save(out, form, **options)
    return out.getvalue()


@lru_cache(maxsize=64)
def picture(width: int, height: int, rows: int, cols: int, step: int, form: str) -> bytes:
    """An encoded sheet; `form` is PNG, JPEG or WEBP."""
    return encoded(sheet(width, height, rows, cols, step), form)


@lru_cache(maxsize=16)
def enlarged(source: bytes, factor: float, form: str) -> bytes:
    with Image.open(BytesIO(source)) as image:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        return encoded(image.convert("RGB").resize(size, Image.Resampling.LANCZOS), form)


def measured(source: bytes) -> tuple[int, int] | None:
    """Width and height of a picture, None when it cannot be read."""
    try:
        with Image.open(BytesIO(source)) as image:
            return image.size
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=64)
def clip(shots: tuple[int, ...], width: int, height: int, step: int, start: bytes | None, sound: bool) -> bytes:
    """An MP4 of exactly sum(shots) seconds at 24 frames a second with a hard cut between shots.

    The first frame is `start` resized, when there is one; each shot drifts sideways, so that nothing stands still.
    `sound` adds a silent track.
    """
    out = BytesIO()
    with av.open(out, "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "30", "g": str(RATE)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        track = film.add_stream("aac", rate=SOUND, layout="mono") if sound else None
        place = 0
        for number, seconds in enumerate(shots):
            wide = padded(shot_image(start if number == 0 else None, width, height, step * 7 + number))
            for moment in range(seconds * RATE):
                shift = min(moment, width // 2)
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, shift : shift + width]), format="rgb24")
                frame.pts, frame.time_base = place, Fraction(1, RATE)
                film.mux(stream.encode(frame))
                place += 1
        film.mux(stream.encode(None))
        if track is not None:
            add_silence(film, track, sum(shots))
    return out.getvalue()


def shot_image(start: bytes | None, width: int, height: int, step: int) -> np.ndarray:
    if start is not None:
        with Image.open(BytesIO(start)) as image:
            return np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR))
    return np.asarray(cell(width, height, step))


def padded(image: np.ndarray) -> np.ndarray:
    """Mirrored to the right, for a camera that drifts there."""
    return np.concatenate([image, image[:, ::-1]], axis=1)


def add_silence(film: av.container.OutputContainer, track: av.AudioStream, seconds: int) -> None:
    for place in range(0, seconds * SOUND, 1024):
        count = min(1024, seconds * SOUND - place)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, count), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND, place, Fraction(1, SOUND)
        film.mux(track.encode(frame))
    film.mux(track.encode(None))


def stamped(data: bytes, text: str) -> bytes:
    """The same picture or film with `text` inside it, so that no two results are the same bytes."""
    note = text.encode("ascii")
    if data.startswith(b"\x89PNG"):
        chunk = b"tEXt" + b"Comment\0" + note
        inside = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return data[:-12] + inside + data[-12:]
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + data[2:]
    if data[4:8] == b"ftyp":
        return data + struct.pack(">I", len(note) + 8) + b"free" + note
    return data
