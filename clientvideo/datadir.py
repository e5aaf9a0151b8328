"""The folder that holds everything an installation writes: its parts, and the key made on first use. No Django here."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

PARTS = ("media", "broker/queue", "broker/control", "logs", "tmp", "sign-in")


def make(folder: Path) -> Path:
    """Make `folder` with its parts where they are missing; returns it as an absolute path.

    Raises SystemExit with one sentence when it cannot be written, because nothing works without it.
    """
    folder = folder.expanduser().resolve()
    try:
        for part in PARTS:
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"Cannot write to DATA_DIR {folder}: {error.strerror}. Set DATA_DIR to a folder you own."
        raise SystemExit(sentence) from None
    return folder


def secret_key(folder: Path) -> str:
    """The key in `folder`/secret_key, made (mode 0600) when there is none.

    Two processes that start together agree: the first link wins and the other one reads it.
    """
    path = folder / "secret_key"
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".secret_key-")
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text().strip()
