"""The machine: Python, SQLite's version, disk, encoders, picture formats."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from django.conf import settings
from PIL import features

from sequences.media import video

from .finding import Check, Finding

LEAST_PYTHON = (3, 11)
LEAST_BYTES, FEW_BYTES = 200_000_000, 5_000_000_000
Version = tuple[int, ...]
# Versions with the race that can damage a WAL file when it is reset: https://www.sqlite.org/wal.html#walresetbug
BAD_FROM, GOOD_FROM = (3, 7, 0), (3, 51, 3)
BACKPORTS: tuple[Version, ...] = ((3, 44, 6), (3, 50, 7))


def python() -> Finding:
    """Python 3.11 or newer."""
    have = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= LEAST_PYTHON:
        return Finding(True, f"Python {have}.")
    return Finding(False, f"Python {have} is too old.", "Install Python 3.11 or newer and run ./run studio with it.")


def sqlite() -> Finding:
    """A version without the known race, where SQLite is the database."""
    have = sqlite3.sqlite_version
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return Finding(True, f"SQLite {have}, not used: DATABASE_URL names another database.")
    if not resets_badly(sqlite3.sqlite_version_info):
        return Finding(True, f"SQLite {have}.")
    return Finding(
        True,
        f"SQLite {have} has a rare race that can damage a busy database file.",
        "Use a Python with SQLite 3.51.3 or newer (or 3.50.7, 3.44.6), or set DATABASE_URL; keep copies of DATA_DIR.",
    )


def resets_badly(version: Version) -> bool:
    """Whether this SQLite has the WAL-reset race."""
    if any(version[:2] == fixed[:2] and version >= fixed for fixed in BACKPORTS):
        return False
    return BAD_FROM <= version < GOOD_FROM


def data_dir() -> Finding:
    """DATA_DIR can be written, and files in it renamed."""
    folder = Path(settings.DATA_DIR)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".doctor-") as inside:
            (Path(inside) / "a").write_bytes(b"x")
            os.replace(Path(inside) / "a", Path(inside) / "b")
    except OSError as error:
        mend = "Give this account the right to write there, or set DATA_DIR to another folder."
        return Finding(False, f"{folder} cannot be written: {error.strerror}.", mend)
    return Finding(True, f"{folder} can be written.")


def disk() -> Finding:
    """Room for more clips."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    told = f"{free / 1e9:.1f} GB free for {settings.DATA_DIR}."
    if free >= FEW_BYTES:
        return Finding(True, told)
    return Finding(free >= LEAST_BYTES, told, "Free some space, or move DATA_DIR to a larger disk.")


def encoders() -> Finding:
    """H.264 and AAC, by making half a second of film."""
    missing = [name for name in ("libx264", "aac", "flac") if name not in av.codecs_available]
    if missing:
        mend = "Install PyAV from its wheel: ./run lock and a fresh .venv bring it."
        return Finding(False, f"PyAV {av.__version__} has no {', '.join(missing)}.", mend)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".doctor-") as inside:
        film = Path(inside) / "film.mp4"
        with video.Writer(film, 64, 36, Fraction(24)) as writer:
            for grey in range(12):
                writer.write(np.full((36, 64, 3), grey * 20, np.uint8))
        frames = video.probe(film).frames
    good = frames == 12
    return Finding(good, f"PyAV {av.__version__} wrote {frames} of 12 frames.", "" if good else "Install PyAV anew.")


def pictures() -> Finding:
    """JPEG, PNG and WebP."""
    codecs = {"JPEG": "jpg", "PNG": "zlib", "WebP": "webp"}
    missing = [name for name, codec in codecs.items() if not features.check(codec)]
    if missing:
        return Finding(False, f"Pillow cannot read {', '.join(missing)}.", "Install Pillow from its wheel.")
    return Finding(True, "JPEG, PNG and WebP can be read and written.")


MACHINE: dict[str, Check] = {
    "python": python,
    "sqlite": sqlite,
    "data_dir": data_dir,
    "disk": disk,
    "encoders": encoders,
    "pictures": pictures,
}
