"""Where files live: paths relative to the media root, as rows keep them."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from django.conf import settings

from sequences.models import Project


def root() -> Path:
    """The media root."""
    return Path(settings.MEDIA_ROOT)


def absolute(relative: str) -> Path:
    """The file a row names. Raises ValueError for a path that leaves the media root."""
    path = (root() / relative).resolve()
    if not path.is_relative_to(root().resolve()):
        raise ValueError(f"{relative} is outside the media root")
    return path


def place(project: Project, *parts: str) -> str:
    """A relative path inside the project's folder; the folder is made."""
    relative = "/".join(("projects", project.slug, *parts))
    absolute(relative).parent.mkdir(parents=True, exist_ok=True)
    return relative


def scratch(project: Project, suffix: str) -> Path:
    """A temporary name on the same filesystem as the project's files, so that a rename is atomic."""
    folder = absolute(place(project, "tmp", "x")).parent
    return folder / f"{secrets.token_hex(8)}.part{suffix}"


def tidy(older: float = 3600) -> int:
    """Remove temporary files that a killed process left more than `older` seconds ago; returns how many."""
    old = [p for p in root().glob("projects/*/tmp/*") if p.is_file() and p.stat().st_mtime < time.time() - older]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
