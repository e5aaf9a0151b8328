"""Files of a project that is not there yet: unpacked out of sight, given their folder in one rename, and gone without a
trace when its rows never come.

A folder that has its name and no rows yet carries a mark; whoever imports under that name next clears it away. The row
of the project, written first and not yet committed, keeps two imports under one name apart.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sequences import storage
from sequences.errors import Refusal
from sequences.media.files import fsync
from sequences.models import Project

HOME, MARK = ".arriving", ".arriving"
DAY = 24 * 3600


class Arrival:
    """A folder that becomes `projects/<slug>/`."""

    def __init__(self, slug: str) -> None:
        self.folder = storage.root() / HOME / secrets.token_hex(8)
        self.final = storage.root() / "projects" / slug
        self.placed = False

    def path(self, name: str) -> Path:
        """Where a file of the project is to be written; its folder is made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def place(self) -> None:
        """Give the folder its name, inside the transaction that has written the project's row. Raises Refusal."""
        self._clear()
        self.final.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.folder.rename(self.final)
        except OSError as error:
            raise Refusal(
                f"The folder {self.final.name} cannot be made: {error.strerror or error}.", code="not_written"
            ) from error
        self.placed = True
        with suppress(OSError):
            fsync(self.final.parent)

    def _clear(self) -> None:
        """Make room: what a killed import left, or folders without a file."""
        if not self.final.exists():
            return
        left = (self.final / MARK).exists() or not any(p.is_file() for p in self.final.rglob("*"))
        if not left:
            raise Refusal(
                f"There are files of an earlier project {self.final.name}; choose another slug.",
                code="slug_taken",
                where="slug",
            )
        shutil.rmtree(self.final)


@contextmanager
def arriving(slug: str) -> Iterator[Arrival]:
    """A folder to fill; it is removed, wherever it is by then, unless a project of that slug is there at the end."""
    tidy()
    arrival = Arrival(slug)
    arrival.folder.mkdir(parents=True)
    (arrival.folder / MARK).write_text("The rows of this project were not written yet.\n")
    try:
        yield arrival
    except BaseException:
        if arrival.placed and not Project.objects.filter(slug=slug).exists():
            shutil.rmtree(arrival.final, ignore_errors=True)
        raise
    else:
        (arrival.final / MARK).unlink(missing_ok=True)
    finally:
        shutil.rmtree(arrival.folder, ignore_errors=True)


def tidy(older: float = DAY) -> int:
    """Remove what imports that were killed more than `older` seconds ago left out of sight; returns how many."""
    found = [p for p in (storage.root() / HOME).glob("*") if time.time() - p.stat().st_mtime > older]
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)
