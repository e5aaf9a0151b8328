"""One studio a data folder: a file lock that the system lets go when its process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from django.conf import settings


class Running(Exception):
    """Another studio works on this data folder; the text is its address."""


def _path() -> Path:
    return Path(settings.DATA_DIR) / "studio.lock"


def take(address: str) -> TextIO:
    """Hold the lock until the returned file is closed; raises Running when another process holds it."""
    file = os.fdopen(os.open(_path(), os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        where = file.read().strip()
        file.close()
        raise Running(where or "another address") from None
    file.truncate()
    file.write(address)
    file.flush()
    return file


def address() -> str | None:
    """Where the studio of this data folder answers, or None when none runs."""
    try:
        with _path().open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return file.read().strip() or None
    except OSError:
        pass
    return None
