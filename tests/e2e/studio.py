"""A real studio for browser tests: web server, worker and sketch on a data folder of their own."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/\S+")


def chromium() -> str | None:
    """The browser of this machine, if there is one."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Studio:
    """`with Studio(folder) as studio:` starts it; `studio.link()` is a fresh sign-in address.

    `kill()` ends it as a power cut would, `start()` brings it back on the same port and data.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def __enter__(self) -> Studio:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.port = port
        self.environment = {**os.environ, "DATA_DIR": str(self.folder), **self.settings}
        # what the test run sets for itself is not the studio's
        for name in ("CELERY_BROKER_URL", "STATIC_MANIFEST", "DJANGO_SETTINGS_MODULE"):
            self.environment.pop(name, None)
        migrated.studio(self.folder)
        self.start()
        return self

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "studio", "--port", str(self.port), "--no-demo"],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        self._first = self._read_link()

    def kill(self) -> None:
        """SIGKILL to the studio and all that runs in its group; its children are its own sessions and must notice."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def _read_link(self) -> str:
        lines: queue.Queue[str] = queue.Queue()
        assert self.process.stdout is not None
        threading.Thread(target=lambda: [lines.put(line) for line in self.process.stdout or []], daemon=True).start()
        said, end = "", time.monotonic() + 90
        while time.monotonic() < end:
            try:
                said += lines.get(timeout=1)
            except queue.Empty:
                continue
            if found := LINK.search(said):
                return found[0]
        raise RuntimeError(f"The studio did not start:\n{said}")

    def link(self) -> str:
        """A sign-in address that was not used yet."""
        first, self._first = self._first, ""
        return first or self.manage("sign_in_link").strip().split()[-1].replace("http://127.0.0.1:8000", self.address)

    def manage(self, *words: str) -> str:
        """One management command on the studio's data; its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=900,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def manage_all(self, *commands: tuple[str, ...]) -> None:
        """Several management commands in one process, which spares the start of each."""
        calls = "; ".join(f"call_command(*{words!r})" for words in commands)
        self.manage("shell", "-v", "0", "-c", f"from django.core.management import call_command; {calls}")

    def __exit__(self, *raised: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()


def launch_options() -> dict[str, Any]:
    """How the browser is started."""
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": chromium(), "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]}
