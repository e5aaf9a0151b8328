"""Files below one folder, and nothing else: what is there is listed once, names are looked up in that list.

A record's name never becomes a path that is opened: it only chooses among files that were found by walking the folder
without following a symlink.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote

from .records import Notes, Place

MOST_FILES = 200_000
MOST_JSON = 32 << 20


class Unsafe(OSError):
    """A file is no plain file any more."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A plain file for reading, never through a symlink at its end. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unsafe(f"{path.name} is no plain file")
        yield file


def copied(path: Path, target: Path) -> None:
    """Copy a file's bytes to `target`; the source is opened for reading only. Raises OSError."""
    with opened(path) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def _is_text(name: str) -> bool:
    """Whether a name is text that can be kept and shown: bytes that are not UTF-8 and control characters are not."""
    return re.search("[\x00-\x1f\x7f\ud800-\udfff]", name) is None


class Places:
    """The files of one folder by their paths within it; without a folder there are none. `crowded`: there were too
    many to know them all."""

    def __init__(self, root: Path | None) -> None:
        self.root = root or Path()
        self.files: dict[str, Path] = {}
        self.links: set[str] = set()
        self.crowded, self.unnamed = False, 0
        self._names: dict[str, list[str]] = defaultdict(list)
        if root is not None:
            self._walk()

    def _walk(self) -> None:
        for folder, folders, files in os.walk(self.root, followlinks=False):
            inside = PurePosixPath(Path(folder).relative_to(self.root).as_posix())
            folders.sort()
            for name in [*folders, *sorted(files)]:
                self._note(Path(folder) / name, str(inside / name))
            if len(self.files) > MOST_FILES:
                self.crowded = True
                return

    def _note(self, path: Path, relative: str) -> None:
        if not _is_text(relative):
            self.unnamed += 1
            return
        try:
            mode = path.lstat().st_mode
        except OSError:  # gone since it was listed
            return
        if stat.S_ISLNK(mode):
            self.links.add(relative)
        elif stat.S_ISREG(mode):
            self.files[relative] = path
            self._names[path.name.lower()].append(relative)

    def below(self, folder: str) -> list[str]:
        """Paths of all files below a folder of it, sorted."""
        return sorted(f for f in self.files if f.startswith(f"{folder}/"))

    def find(self, name: str, notes: Notes, *, near: tuple[str, ...], what: str) -> Place:
        """The file a record means: by its path from one of the folders `near`, from the folder itself, by the end of an
        absolute path, or by its bare name where only one file has it. Says why when there is none."""
        said = name.strip()[:1000]
        shown = said if len(said) <= 120 else f"…{said[-110:]}"
        parts = self._parts(said)
        if ".." in parts:
            notes.say(f"{what}, {shown}, leads out of its folder with ..; it was not looked at.")
            return Place(shown, None)
        if not parts:
            notes.say(f"{what}, {shown}, is no name of a file.")
            return Place(shown, None)
        chosen, why = self._choose(parts, near)
        if chosen is None:
            notes.missing.append(shown)
            notes.say(f"{what}, {shown}, {why}.")
        return Place(shown, self.files[chosen] if chosen else None)

    @staticmethod
    def _parts(said: str) -> list[str]:
        scheme, sep, rest = said.partition("://")
        if sep:
            said = unquote(rest.partition("?")[0].partition("#")[0])
            said = said if scheme.lower() == "file" else said.rpartition("/")[2]
        return [p for p in said.replace("\\", "/").split("/") if p not in ("", ".")]

    def _choose(self, parts: list[str], near: tuple[str, ...]) -> tuple[str | None, str]:
        whole = "/".join(parts)
        tried = [f"{folder}/{whole}" if folder else whole for folder in (*near, "")]
        tried += ["/".join(parts[n:]) for n in range(1, len(parts))]
        tried += [f"{folder}/{'/'.join(parts[n:])}" for n in range(1, len(parts)) for folder in near if folder]
        for path in tried:
            if path in self.files:
                return path, ""
            if self._linked(path):
                return None, "is a symlink or lies behind one; it was not followed"
        same = self._names.get(parts[-1].lower(), [])
        if len(same) == 1:
            return same[0], ""
        if not same:
            return None, "is not there"
        close = [f for f in same if any(f.startswith(f"{folder}/") for folder in near if folder)]
        return (close[0], "") if len(close) == 1 else (None, f"could be any of {len(same)} files of that name")

    def _linked(self, path: str) -> bool:
        parts = path.split("/")
        return any("/".join(parts[:n]) in self.links for n in range(1, len(parts) + 1))

    def data(self, relative: str) -> bytes:
        """The bytes of a small file. Raises OSError, or ValueError for one that is too large."""
        with opened(self.files[relative]) as file:
            data = file.read(MOST_JSON + 1)
        if len(data) > MOST_JSON:
            raise ValueError("it has more than 32 MB")
        return data
