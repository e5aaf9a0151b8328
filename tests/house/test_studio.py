"""The embedded studio as a whole, started as a program on a free port with a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "PYTHONPYCACHEPREFIX")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(true: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())


def processes_of(data: Path) -> dict[int, str]:
    """The live processes that were started with this data folder, by their number."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"DATA_DIR={data}\0".encode() in (folder / "environ").read_bytes() + b"\0":
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if command:  # a zombie has none
                    found[int(folder.name)] = command
        except OSError:
            continue
    return found


class Studio:
    """One data folder, and the studio started on it."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.output = data.parent / "studio.out"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key in KEPT}
        return {**kept, "DATA_DIR": str(self.data)}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *words]

    def start(self) -> Studio:
        self.output.write_bytes(b"")
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                self.command("studio", "--no-demo", "--port", str(self.port)),
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        assert wait_for(lambda: "Ctrl-C" in self.said, 60), self.said
        return self

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def link(self) -> str:
        found = re.search(r"http://\S+/sign-in/\S+/", self.said)
        assert found, self.said
        return found[0]

    def end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio that its tests leave running; it begins with nothing at all, as a first start does."""
    yield from started(tmp_path_factory.mktemp("running") / "data")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A studio that a test may end."""
    yield from started(migrated.studio(tmp_path / "data"))


def started(data: Path) -> Iterator[Studio]:
    one = Studio(data)
    yield one.start()
    if one.process is not None and one.process.poll() is None:
        one.end(signal.SIGTERM)
    for pid in processes_of(one.data):
        os.kill(pid, signal.SIGKILL)


def visit(address: str, **headers: str) -> tuple[int, str, str]:
    """Status, where we ended up, and the cookies' names; follows redirects with a fresh jar."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return answer.status, answer.url, " ".join(cookie.name for cookie in jar)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.url, " ".join(cookie.name for cookie in jar)


def test_the_printed_link_signs_in_once(running: Studio) -> None:
    studio = running
    link = studio.link
    assert link.startswith(f"http://127.0.0.1:{studio.port}/")
    token = link.rstrip("/").rpartition("/")[2]
    assert token.encode() not in b"".join(f.read_bytes() for f in (studio.data / "sign-in").iterdir())

    assert visit(link, **{"Sec-Purpose": "prefetch"})[0] == 204
    status, where, cookies = visit(link)
    assert "sequence_board_session" in cookies
    assert "/sign-in/" not in where and "/login/" not in where
    status, _, cookies = visit(link)
    assert status == 403 and "session" not in cookies

    made = subprocess.run(
        studio.command("sign_in_link"), env=studio.environment, capture_output=True, text=True, timeout=30
    )
    assert made.stdout.startswith(f"http://127.0.0.1:{studio.port}/sign-in/")
    assert "sequence_board_session" in visit(made.stdout.strip())[2]


def test_a_second_start_says_where_the_first_one_is(running: Studio) -> None:
    studio = running
    here = f"is already running at http://127.0.0.1:{studio.port}"
    elsewhere = studio.command("studio", "--no-demo", "--port", str(free_port()))
    launcher = [sys.executable, str(ROOT / "run"), "studio", "--port", str(studio.port)]
    for command in (elsewhere, launcher):
        again = subprocess.run(command, env=studio.environment, capture_output=True, text=True, timeout=30)
        assert again.returncode == 1
        assert here in again.stderr


def test_ctrl_c_ends_everything_within_five_seconds(studio: Studio) -> None:
    assert len(processes_of(studio.data)) >= 3
    started = time.monotonic()
    assert studio.end(signal.SIGINT) == 0
    assert time.monotonic() - started < 6
    assert wait_for(lambda: not processes_of(studio.data), 1), processes_of(studio.data)
    assert "Traceback" not in studio.said


def test_a_kill_leaves_nothing_running_and_the_next_start_works(
    studio: Studio, record_property: Callable[[str, object], None]
) -> None:
    assert studio.process is not None
    studio.process.kill()
    studio.process.wait()
    assert wait_for(lambda: not processes_of(studio.data), 5), processes_of(studio.data)

    started = time.monotonic()
    studio.start()
    seconds = time.monotonic() - started
    record_property("second_start_seconds", round(seconds, 2))
    print(f"second start: {seconds:.2f} s")
    assert "Database ready" not in studio.said, "an up-to-date database is not migrated again"
    assert visit(f"http://127.0.0.1:{studio.port}/up/")[0] == 200


def test_a_fallen_worker_is_started_again(running: Studio) -> None:
    studio = running

    def workers() -> set[int]:
        return {pid for pid, command in processes_of(studio.data).items() if "studio_worker" in command}

    assert wait_for(workers, 10)
    (old,) = workers()
    os.kill(old, signal.SIGKILL)
    assert wait_for(lambda: workers() - {old}, 15), studio.said
    assert "The worker stopped (SIGKILL); starting it again" in studio.said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": "x" * 60}, "say by which name people come"),
        ({"SECRET_KEY": "x" * 60, "PUBLIC_BASE_URL": "http://board.example"}, "no administrator has a password yet"),
    ],
)
def test_other_machines_are_not_let_in_by_accident(tmp_path: Path, more: dict[str, str], words: str) -> None:
    closed = Studio(tmp_path / "data")
    done = subprocess.run(
        closed.command("studio", "--no-demo", "--host", "0.0.0.0", "--port", str(closed.port)),
        env={**closed.environment, **more},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert not processes_of(closed.data)
