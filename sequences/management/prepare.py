"""What must be in place before the embedded studio answers, and quick ways to see that it already is.

A stamp in `DATA_DIR/stamps.json` remembers what the last migrate and collectstatic were made from, because asking
Django costs seconds at every start and looking at file names costs milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

LOG_BYTES = 5_000_000


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join([django.__version__, *lines]).encode()).hexdigest()


def _stamps() -> dict[str, str]:
    try:
        kept = json.loads(_stamp_file().read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _stamp_file() -> Path:
    return Path(settings.DATA_DIR) / "stamps.json"


def _stamp(name: str, value: str) -> None:
    draft = _stamp_file().with_suffix(".part")
    draft.write_text(json.dumps({**_stamps(), name: value}))
    os.replace(draft, _stamp_file())


def _migrations() -> Iterable[str]:
    for config in apps.get_app_configs():
        for file in sorted((Path(config.path) / "migrations").glob("[0-9]*.py")):
            yield f"{config.label}/{file.name}"


def database() -> bool:
    """Bring the tables up to date; False when the stamp says that they are.

    The stamp speaks for the SQLite file of this folder only; a database elsewhere is always asked.
    """
    here = settings.DATABASES["default"]
    own_file = str(here["ENGINE"]).endswith("sqlite3") and Path(here["NAME"])
    made_from = _digest([str(here["NAME"]), *_migrations()])
    if own_file and own_file.exists() and _stamps().get("database") == made_from:
        return False
    call_command("migrate", interactive=False, verbosity=0)
    _stamp("database", made_from)
    return True


def _static_sources() -> Iterable[str]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            facts = path.stat()
            yield f"{path} {facts.st_size} {facts.st_mtime_ns}"


def static_files() -> bool:
    """Collect the static files under their hashed names; False when nothing changed since the last time."""
    if not settings.STATIC_MANIFEST:
        return False
    made_from = _digest([str(settings.STORAGES["staticfiles"]), *_static_sources()])
    collected = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    if collected and _stamps().get("static") == made_from:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    _stamp("static", made_from)
    return True


def logs() -> None:
    """Put a long log aside, once, as `.1`. Only while no process writes to it."""
    log = Path(settings.DATA_DIR) / "logs" / "studio.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        os.replace(log, log.with_suffix(".log.1"))
