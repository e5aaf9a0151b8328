"""Files that come in: a path, or what a browser sent, brought to a path and kept under the media root."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from sequences import storage
from sequences.media.files import safe_replace
from sequences.models import Project


class Sent(Protocol):
    """A file as Django's forms give it."""

    name: str | None

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, block by block."""
        ...


Upload = Path | Sent
"""A file on this machine, or one that a browser sent."""


def name_of(upload: Upload) -> str:
    """The last part of its name: what people called it, without folders."""
    return Path((upload.name or "file").replace("\\", "/")).name


@contextmanager
def on_disk(upload: Upload) -> Iterator[Path]:
    """The file as a path while the block lasts."""
    if isinstance(upload, Path):
        yield upload
        return
    waiting = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    waiting.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=waiting) as folder:
        # under its own name: sentences of refusal repeat it
        path = Path(folder) / name_of(upload)
        with path.open("wb") as file:
            for block in upload.chunks():
                file.write(block)
        yield path


def keep(source: Path, project: Project, *parts: str) -> str:
    """Copy a file to its place in the project, whole or not at all, and give that place.

    Names carry the hash of the content, so a file that is already there is the same one.
    """
    relative = storage.place(project, *parts)
    target = storage.absolute(relative)
    if not target.exists():
        part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        try:
            shutil.copyfile(source, part)
            safe_replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    return relative
