"""A bundle from elsewhere, read with suspicion: names, sizes and hashes are checked before anything is written."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from sequences.media.files import BLOCK

from . import manifest as listing
from .manifest import DATA, MEDIA, Manifest, refusal
from .rows import Row
from .tables import tables

MOST_MANIFEST = 64 << 20
MOST_LINE = 64 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class Archive:
    """An open bundle whose names and sizes are checked; bytes are held against their hash as they are read."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self.zip = opened
        self.entries = _entries(opened)
        self.manifest = listing.read(self._manifest())
        _agree(self.manifest, self.entries)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table has; a table that the bundle is too old to know has none."""
        return {label: self.manifest.counts.get(label, 0) for label in tables()}

    def _manifest(self) -> bytes:
        info = self.entries.get(listing.NAME)
        if info is None:
            raise refusal(f"It has no {listing.NAME}.")
        if info.file_size > MOST_MANIFEST:
            raise refusal(f"Its {listing.NAME} is larger than {MOST_MANIFEST >> 20} MB.")
        with self.zip.open(info) as file:
            return file.read(MOST_MANIFEST + 1)[: MOST_MANIFEST + 1]

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of an entry. Raises Refusal at their end when they are not what the manifest says, or too many."""
        wanted, digest, size = self.manifest.files[name], hashlib.sha256(), 0
        with self._open(name) as file:
            while block := file.read(BLOCK):
                size += len(block)
                if size > wanted.size:
                    raise refusal(f"{name} is larger than its {listing.NAME} says.")
                digest.update(block)
                yield block
        if size != wanted.size or digest.hexdigest() != wanted.sha256:
            raise refusal(f"{name} is damaged: its hash is not that of the {listing.NAME}.")

    def rows(self, label: str) -> Iterator[Row]:
        """The rows of a table, numbered from 1. Raises Refusal for lines that are none."""
        name = f"{DATA}{label}.json"
        if name not in self.manifest.files:
            return
        number = 0
        with self._open(name) as file:
            for number, line in enumerate(_lines(file, name), start=1):
                row = _row(line, name, number)
                if row.get("id") != number:
                    raise refusal(f"Row {number} of {name} is numbered {str(row.get('id'))[:40]}.")
                yield row
        if number != self.counts[label]:
            raise refusal(f"{name} has {number} rows, and its {listing.NAME} says {self.counts[label]}.")

    def unpack(self, path: Callable[[str], Path]) -> None:
        """Write every file of the media to `path(name)`, each held against its hash and pushed to the disk."""
        for name in self.manifest.files:
            if name.startswith(MEDIA):
                self._write(name, path(name.removeprefix(MEDIA)))

    def _write(self, name: str, target: Path) -> None:
        with target.open("xb") as file:
            for block in self.blocks(name):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self.zip.open(self.entries[name]) as file:
                yield file
        except BROKEN as error:
            raise refusal(f"{name} cannot be unpacked: {error}.") from None


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A bundle whose names and sizes are right. Raises Refusal, also for what breaks while it is read."""
    try:
        file = path.open("rb")
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror).lower()
        raise refusal(f"{path.name} cannot be read: {reason}.", code="not_found") from None
    with file:
        try:
            found = Archive(zipfile.ZipFile(file))
        except BROKEN as error:
            raise refusal(f"{path.name} is no whole zip file: {error}.") from None
        yield found


def _entries(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Entries by name. Raises Refusal for too many, for names that lead elsewhere, and for what is no plain file."""
    infos = opened.infolist()
    if len(infos) > settings.BUNDLE_MAX_FILES:
        raise refusal(f"It holds {len(infos)} files, and BUNDLE_MAX_FILES allows {settings.BUNDLE_MAX_FILES}.")
    total = sum(info.file_size for info in infos)
    if total > settings.BUNDLE_MAX_GB * 10**9:
        raise refusal(f"Unpacked it is {total / 1e9:.1f} GB, and BUNDLE_MAX_GB allows {settings.BUNDLE_MAX_GB}.")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if problem := _problem(info):
            raise refusal(f"{info.orig_filename[:120]!r} {problem}.")
        if info.filename in found:
            raise refusal(f"{info.filename} is in it twice.")
        found[info.filename] = info
    return found


def _problem(info: zipfile.ZipInfo) -> str:
    """What is wrong with an entry; empty when it is a plain file of a known kind in its place."""
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or info.is_dir():
        return "is a link, a folder or a device; a bundle holds plain files only"
    if name != info.filename or name.startswith("/") or ".." in name.split("/") or "\\" in name:
        return "leads out of the bundle"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that bundles do not use"
    if name.startswith(MEDIA) and not harmless(name):
        return "is neither picture nor film nor sound"
    return ""


def harmless(name: str) -> bool:
    """Whether a browser would only show or play it: nothing that carries script is served under our address."""
    kind = mimetypes.guess_type(name)[0]
    return kind is None or (kind.startswith(("image/", "video/", "audio/")) and "svg" not in kind)


def _agree(manifest: Manifest, entries: dict[str, zipfile.ZipInfo]) -> None:
    """Raises Refusal unless archive and manifest name the same files at the same sizes, and tables we know."""
    there = entries.keys() - {listing.NAME}
    if unknown := there - manifest.files.keys():
        raise refusal(f"{min(unknown)} is in it and not in its {listing.NAME}.")
    if lacking := manifest.files.keys() - there:
        raise refusal(f"{min(lacking)} is in its {listing.NAME} and not in it.")
    for name, wanted in manifest.files.items():
        if entries[name].file_size != wanted.size:
            raise refusal(f"{name} has {entries[name].file_size} bytes, and its {listing.NAME} says {wanted.size}.")
    labels = {n.removeprefix(DATA).removesuffix(".json") for n in manifest.files if n.startswith(DATA)}
    strange = (labels | {label for label, n in manifest.counts.items() if n}) - tables().keys()
    if strange:
        raise refusal(f"It holds the table {min(strange)[:60]}, which this studio does not know.")
    if any(n for label, n in manifest.counts.items() if label not in labels):
        raise refusal(f"Its {listing.NAME} counts rows of tables that it does not hold.")


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    """The rows of a table as they stand: one a line inside `[` and `]`."""
    ended = file.readline(16) != b"[\n"
    while line := file.readline(MOST_LINE):
        if ended or not line.endswith(b"\n"):
            raise refusal(f"{name} is not a list with a row a line.")
        if line == b"]\n":
            ended = True
        elif line.strip():
            yield line.rstrip(b"\n").removesuffix(b",")
    if not ended:
        raise refusal(f"{name} ends too early.")


def _row(line: bytes, name: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_constant=_no_number)
        text = json.dumps(row, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError) as error:  # a lone half of a character is a ValueError too
        raise refusal(f"Row {number} of {name} cannot be read: {str(error)[:120]}.") from None
    if not isinstance(row, dict):
        raise refusal(f"Row {number} of {name} is no object.")
    if "\\u0000" in text and _holds_nul(row):
        raise refusal(f"Row {number} of {name} holds a NUL character.")
    return row


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\0" in key or _holds_nul(inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value
