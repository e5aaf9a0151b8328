"""What was sent for an import, kept between the preview and the yes: a folder a person and parcel, gone after a day."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

DAY = 24 * 3600
BLOCK = 1 << 20
_TOKEN = re.compile(r"[0-9a-f]{24}")


@dataclass(slots=True)
class KeptFile:
    """A file of a parcel, read like one that was just sent."""

    name: str | None
    path: Path

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, block by block."""
        with self.path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block


@dataclass(frozen=True, slots=True)
class Parcel:
    """A plan with all that came along."""

    token: str
    plan: KeptFile
    song: KeptFile | None = None
    refs: KeptFile | None = None
    pictures: list[KeptFile] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        """Names of what came along, for people."""
        alone = [str(file.name) for file in (self.plan, self.song, self.refs) if file]
        many = [f"{len(self.pictures)} picture{'' if len(self.pictures) == 1 else 's'}"] if self.pictures else []
        return alone + many


def keep(
    person: int,
    *,
    plan: UploadedFile,
    song: UploadedFile | None,
    refs: UploadedFile | None,
    pictures: Iterable[UploadedFile],
) -> Parcel:
    """Put what a person sent aside; parcels older than a day are thrown away."""
    _sweep()
    token = secrets.token_hex(12)
    folder = _folder(person, token)
    parts = {"plan": [plan], "song": [song] if song else [], "refs": [refs] if refs else [], "pictures": [*pictures]}
    for part, files in parts.items():
        for number, file in enumerate(files):
            _write(folder / part / str(number), file)
    return _read(folder, token)


def find(person: int, token: str) -> Parcel | None:
    """The parcel of that person, while it is there."""
    folder = _folder(person, token)
    return _read(folder, token) if _TOKEN.fullmatch(token) and folder.is_dir() else None


def drop(person: int, token: str) -> None:
    """Throw a parcel away."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_folder(person, token), ignore_errors=True)


def _home() -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())


def _folder(person: int, token: str) -> Path:
    return _home() / f"import-{person}-{token}"


def _write(folder: Path, file: UploadedFile) -> None:
    folder.mkdir(parents=True)
    # its own name is kept: pictures belong to the element their name begins with
    with (folder / Path(file.name or "file").name).open("wb") as target:
        for block in file.chunks():
            target.write(block)


def _read(folder: Path, token: str) -> Parcel:
    def files(part: str) -> list[KeptFile]:
        slots = sorted((folder / part).glob("*"), key=lambda slot: int(slot.name))
        return [KeptFile(path.name, path) for slot in slots for path in slot.iterdir()]

    def one(part: str) -> KeptFile | None:
        return next(iter(files(part)), None)

    return Parcel(token, files("plan")[0], one("song"), one("refs"), files("pictures"))


def _sweep() -> None:
    for folder in _home().glob("import-*-*"):
        if folder.is_dir() and time.time() - folder.stat().st_mtime > DAY:
            shutil.rmtree(folder, ignore_errors=True)
