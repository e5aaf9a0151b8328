"""Every test writes below a folder of its own run, rings no real bell, and asks no network."""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
from tests import migrated  # noqa: E402  # found by the path set above

migrated.begin()
if "clientvideo.settings" not in sys.modules:
    # One folder a process: with xdist every worker has its own.
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="sequence-board-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
    os.environ["CELERY_BROKER_URL"] = "memory://"
    os.environ["STATIC_MANIFEST"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientvideo.settings")
    # The browser driver runs an event loop in the thread that tests use the database from.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    import django
    from django.conf import settings as live_settings

    django.setup()
    live_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow


def _own_machine(address: Any) -> bool:
    """Whether a socket address is a file or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """A connection that leaves this machine is an error in the test that made it."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if not _own_machine(address):
            raise RuntimeError(f"A test tried to reach {address!r}; tests use no network.")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The test database begins as a copy of the one that was migrated for this run; Django finds nothing left to do."""
    from django.db import connection

    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("POSTGRES_MIGRATED")
        yield
        return
    kept = migrated.in_memory(connection.creation._get_test_db_name())
    yield
    kept.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every process its share of the slow tests first: one that begins at the end keeps all the others waiting.

    What uses the studio of the browser tests stays together, with the first process: each further studio would draw the
    same project again and look for work until the end of the run.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    studio = [item for item in items if "studio" in getattr(item, "fixturenames", ()) and "e2e" in item.path.parts]
    slow = [item for item in items if item.get_closest_marker("slow") and item not in studio]
    quick = [item for item in items if not item.get_closest_marker("slow") and item not in studio]
    share = -(-len(items) // processes)
    ordered: list[pytest.Item] = []
    for number in range(processes):
        mine = _dealt(studio, slow, number, processes)
        room = max(0, share - len(mine))
        ordered += mine + quick[:room]
        quick = quick[room:]
    items[:] = ordered + quick


def _dealt(studio: list[pytest.Item], slow: list[pytest.Item], number: int, processes: int) -> list[pytest.Item]:
    """What one process begins with; the first one has the studio, and slow tests only when it is alone."""
    if processes == 1:
        return studio + slow
    return studio if number == 0 else slow[number - 1 :: processes - 1]


def _skipped(reporter: Any) -> list[str]:
    """The tests left out of a run that may leave none out: in CI everything they need is installed."""
    if os.environ.get("CI", "").lower() != "true":
        return []
    return [f"{report.nodeid}: {report.longrepr[2]}" for report in reporter.stats.get("skipped", [])]


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _skipped(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in _skipped(terminalreporter):
        terminalreporter.write_line(f"SKIPPED, which CI does not allow: {line}", red=True)


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run's own data folder: what tests draw, upload and cut stays there, whatever the environment says."""
    from django.conf import settings

    from clientvideo import datadir

    folder = datadir.make(tmp_path_factory.mktemp("data"))
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = folder / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(folder / "tmp")
    yield folder


@pytest.fixture(autouse=True)
def catalogue_as_installed() -> Iterator[None]:
    """A price or limit that a test changes does not reach the next one."""
    yield
    from sequences import offers

    offers.install()
