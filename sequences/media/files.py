"""Files that are either whole or absent: hashing, part names, fsync and rename."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20


class MediaError(Exception):
    """A file cannot be used. `str()` is one sentence for people: what was wrong, where, what to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A picture as it lies on disk: pixels, bytes and the sha256 of those bytes (hex)."""

    width: int
    height: int
    bytes: int
    sha256: str


def sha256_of(path: Path | str) -> str:
    """sha256 of the file's bytes as 64 hex digits. Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    with Path(path).open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def part_path(final: Path | str) -> Path:
    """The unfinished name of a file: same folder, `.part` behind the whole name."""
    final = Path(final)
    return final.with_name(final.name + ".part")


def safe_replace(tmp: Path | str, final: Path | str) -> None:
    """Give a finished file its name so that a power cut leaves the old file or the new one, never half.

    fsync of the file, rename over `final`, fsync of the folder. Raises OSError.
    """
    fsync(tmp)
    os.replace(tmp, final)
    with suppress(OSError, PermissionError):  # Windows cannot open a folder for this
        fsync(Path(final).parent)


def fsync(path: Path | str) -> None:
    """Push one file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def written(final: Path | str) -> Iterator[Path]:
    """Yield the part name to write to; on success it becomes `final`, on any error it is removed."""
    part = part_path(final)
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        safe_replace(part, final)
    finally:
        part.unlink(missing_ok=True)
