"""What lies in a refs folder: characters/<id>/, props/<id>/ and places/<id>/ with their pictures. Only read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ._sources import FOLDERS, MOST_FILES, PICTURES

KINDS = {folder: kind for kind, folder in FOLDERS.items()}
SETTLED = 2.0
"""Seconds a file must have been left alone: one that is younger may still be being written."""
OTHER_PICTURES = (".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif", ".psd", ".exr", ".svg")


@dataclass(slots=True)
class RefFolder:
    """One element's folder: its kind, the key and name made of the folder's name, its pictures by name."""

    kind: str
    folder: str
    key: str
    pictures: list[Path] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What people call it: brass_lantern becomes Brass lantern."""
        said = re.sub(r"[-_\s]+", " ", self.folder.split("/")[-1]).strip()
        return (said[:1].upper() + said[1:])[:120] or self.key


@dataclass(slots=True)
class Found:
    """Everything in a refs folder, and what cannot be used with the reason. `waiting` are still being written."""

    folders: list[RefFolder] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def base_of(folder: Path) -> Path | None:
    """Where characters, props and places lie: in the folder, in its refs, or beside it when it is one of them."""
    for base in (folder, folder / "refs"):
        if any((base / name).is_dir() for name in KINDS):
            return base
    return folder.parent if folder.name in KINDS and folder.is_dir() else None


def look(folder: Path, *, settled: bool = False) -> Found:
    """Read a refs folder. With `settled` files of the last two seconds wait for the next look."""
    found, base = Found(), base_of(folder)
    if base is None:
        return found
    only = folder.name if base == folder.parent and folder.name in KINDS else None
    for name in KINDS:
        if only in (None, name) and (base / name).is_dir():
            _kind(base / name, name, found, settled)
    _once(found)
    return found


def _kind(folder: Path, name: str, found: Found, settled: bool) -> None:
    for entry in _entries(folder, found):
        place = f"{name}/{entry.name}"
        if not entry.is_dir():
            if entry.suffix.lower() in (*PICTURES, *OTHER_PICTURES):
                found.problems.append(f"{place} lies in no element's folder; put it into {name}/{entry.stem}/.")
            continue
        key = re.sub(r"[^a-z0-9_-]+", "-", entry.name.lower()).strip("-_")[:40]
        if not key:
            found.problems.append(f"{place} has no letter or digit in its name; rename it.")
            continue
        row = RefFolder(KINDS[name], place, key)
        _pictures(entry, row, found, settled)
        found.folders.append(row)


def _pictures(folder: Path, row: RefFolder, found: Found, settled: bool) -> None:
    for entry in _entries(folder, found):
        place = f"{row.folder}/{entry.name}"
        suffix = entry.suffix.lower()
        if suffix in OTHER_PICTURES:
            found.problems.append(f"{place} is left out: send a PNG, JPEG or WebP file.")
        elif suffix in PICTURES and entry.is_file():
            if settled and _fresh(entry):
                found.waiting.append(place)
            else:
                row.pictures.append(entry)


def _entries(folder: Path, found: Found) -> list[Path]:
    try:
        return sorted((p for p in folder.iterdir() if not p.name.startswith(".")), key=lambda p: p.name)[:MOST_FILES]
    except OSError as error:
        found.problems.append(f"{folder.name} cannot be read: {error.strerror}.")
        return []


def _fresh(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < SETTLED
    except OSError:
        return True


def _once(found: Found) -> None:
    """Each key once: two folders that make the same one are told."""
    kept: dict[str, RefFolder] = {}
    for row in found.folders:
        if row.key in kept:
            found.problems.append(f"{row.folder} is the second @{row.key} beside {kept[row.key].folder}; rename it.")
        else:
            kept[row.key] = row
    found.folders = list(kept.values())


def signature(folder: Path) -> str:
    """Another text whenever a file below the folder came, went or changed; no file is opened."""
    count, size, newest = 0, 0, 0
    for entry in _walk(str(folder), depth=4):
        try:
            facts = entry.stat()
        except OSError:
            continue
        count, size, newest = count + 1, size + facts.st_size, max(newest, facts.st_mtime_ns, facts.st_ctime_ns)
    return f"{count} {size} {newest}"


def _walk(folder: str, depth: int) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        yield entry
        if depth > 1 and entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, depth - 1)
