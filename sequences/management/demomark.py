"""What this installation remembers of its demo: a small file below DATA_DIR, so that a start need not ask anybody."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    """Where the demo's plan, song and reference pictures are laid out."""
    return Path(settings.DATA_DIR) / "demo"


def slug() -> str | None:
    """The slug of the project that is this installation's demo; None when none was ever begun."""
    return _read().get("slug")


def unfinished() -> bool:
    """Whether a demo was begun and its first round has not come to its end."""
    kept = _read()
    return bool(kept) and not kept.get("finished")


def write(slug: str, *, finished: bool) -> None:
    """Remember the demo. Written before its project is, so that a killed one is known as the demo's."""
    folder().mkdir(parents=True, exist_ok=True)
    draft = _file().with_suffix(".part")
    draft.write_text(json.dumps({"slug": slug, "finished": finished}))
    os.replace(draft, _file())


def _file() -> Path:
    return folder() / "demo.json"


def _read() -> dict[str, str]:
    try:
        kept = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
