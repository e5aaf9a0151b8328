"""The fake in a test: as a process that can be killed, or as a thread that starts at once."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from tests.fakes.fal.config import Config, environment
from tests.fakes.fal.ledger import Record, read
from tests.fakes.fal.server import Fake

ROOT = Path(__file__).resolve().parents[3]
SMALL = {"duration": 0.05, "spread": 0.0, "picture_scale": 0.25, "video_edge": 320}


class ControlError(RuntimeError):
    """The fake would not do what a test asked; the text is its own sentence."""


class Handle:
    """What both kinds have in common: addresses, the ledger and the control port.

    `config` of `start` and of the constructor are the names of `Config` (concurrency=4, duration=0.2, faults="...").
    """

    config: Config
    process: subprocess.Popen[str] | None = None

    def __init__(self, data: Path | None = None, **config: Any) -> None:
        self._own = data is None
        self.data = data or Path(tempfile.mkdtemp(prefix="fake-fal-"))
        self.config = Config(data=self.data, **{**SMALL, **config})

    @property
    def url(self) -> str:
        return f"http://{self.config.host}:{self.config.port}"

    @property
    def key(self) -> str:
        return self.env()["FAL_KEY"]

    @property
    def account(self) -> str:
        return self.env()["FAL_ACCOUNT_ID"]

    @property
    def ledger_path(self) -> Path:
        return self.data / "ledger.jsonl"

    def env(self) -> dict[str, str]:
        """The settings of a studio that calls this fake."""
        return environment(self.config)

    def records(self, kind: str = "") -> list[Record]:
        """The ledger file's own lines, of one kind or all; works while the server is down too."""
        return [record for record in read(self.ledger_path) if not kind or record["kind"] == kind]

    def ledger(self) -> dict[str, Any]:
        """`post`, `accepted`, `ended`, `billed`, `cancelled`, `webhook`, `file` lists, and `totals`."""
        return self._call("_ledger")

    def control(self, **steps: Any) -> dict[str, Any]:
        """Steps of `control.STEPS`, for example control(advance=3600), control(finish="all"), control(list=True)."""
        return self._call("_control", steps)

    def fault(self, action: str, *, on: str = "", endpoint: str = "", **args: Any) -> None:
        """Add one rule: fault("answer_after", seconds=31). Compact text is taken too: fault("status(503)*0").
        nth, times and containing are parts of the rule, everything else are the action's arguments."""
        if not action.isidentifier() and action != "429":
            self.control(faults=action)
            return
        rule: dict[str, Any] = {name: args.pop(name) for name in ("nth", "times", "containing") if name in args}
        rule |= {name: value for name, value in (("on", on), ("endpoint", endpoint)) if value}
        self.control(faults={"action": action, "args": args, **rule})

    def reset(self) -> None:
        """No requests, no faults, an empty ledger, clocks as they are."""
        self.control(reset=True)

    def jobs(self) -> list[dict[str, Any]]:
        """Every request as the fake knows it, oldest first."""
        return self.control(list=True)["jobs"]

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        address = f"http://{self.config.host}:{self.config.control_port}/{path}"
        data = None if body is None else json.dumps(body).encode()
        try:
            with build_opener(ProxyHandler({})).open(Request(address, data), timeout=30) as response:
                return json.load(response)
        except HTTPError as problem:
            raise ControlError(json.load(problem)["detail"]) from None

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._own:
            shutil.rmtree(self.data, ignore_errors=True)


class FakeFal(Handle):
    """A process of its own. After `kill()` or `stop()`, `start()` takes up the same ledger on the same port."""

    def start(self) -> None:
        words = [sys.executable, "-m", "tests.fakes.fal"]
        for name in (*SMALL, "host", "port", "control_port", "data", "seed", "speed", "concurrency", "validate",
                     "listing_lag", "webhooks_to", "faults"):  # fmt: skip
            words += [f"--{name.replace('_', '-')}={getattr(self.config, name)}"]
        words += ["--check-images"] if self.config.check_images else []
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})
        self._read_ports()
        rest = {
            name: getattr(self.config, name)
            for name in ("cancel_delay", "store_default", "listing_running", "start_frames")
        }
        self.control(config=rest)

    def _read_ports(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("FAL_QUEUE_BASE_URL="):
                self.config.port = int(line.strip().split(":")[2].split("/")[0])
            if line.startswith("# control:"):
                self.config.control_port = int(line.strip().split(":")[3].split("/")[0])
                return
        raise RuntimeError("The fake ended before it listened; its own words are above.")

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None


class InProcessFal(Handle):
    """A thread with a loop of its own: starts in milliseconds; cannot be killed."""

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-fal", daemon=True)
        self._thread.start()
        self.fake = asyncio.run_coroutine_threadsafe(self._made(), self._loop).result(10)

    async def _made(self) -> Fake:
        fake = Fake(self.config)
        await fake.start()
        return fake

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stopped(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stopped(self) -> None:
        await self.fake.stop()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
