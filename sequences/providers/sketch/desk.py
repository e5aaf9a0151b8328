"""The sketch studio on disk: one folder a call, a to-do list, and locks that die with their process.

home/<request id>/request.json   what was asked; its appearance is the acceptance
                  start, end     copies of the pictures it begins with and ends on
                  progress.json  how far the drawing is
                  outcome.json   ready or refused; whoever writes it first decides, nobody changes it
                  result.*       the finished file
                  lock           flock of the one who draws; released by the system when the process dies
home/todo/<time>-<request id>    empty; there while the call waits or is being drawn
home/faults/<rule>.<n>           the n-th strike of a fault rule

Every file appears whole: it is written as `.part` and then linked or renamed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sequences.providers.base import Request, from_json


def request_id(token: str) -> str:
    """The id of the call submitted under a token; the same token is the same call."""
    return "sk_" + hashlib.sha256(token.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Tray:
    """The folder of one call."""

    home: Path
    id: str

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.home / self.id

    @property
    def start(self) -> Path:
        """The copy of its start picture."""
        return self.folder / "start"

    @property
    def end(self) -> Path:
        """The copy of the picture it ends on."""
        return self.folder / "end"

    def accepted(self) -> Mapping[str, Any] | None:
        """What was accepted: request, cost_micros, fault, at. None when there is no such call."""
        return _read(self.folder / "request.json")

    def request(self) -> Request:
        """The call itself. Raises KeyError when there is none."""
        return from_json((self.accepted() or {})["request"])

    def accept(self, data: Mapping[str, Any]) -> bool:
        """Take the call. False when it had been taken before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return _write_once(self.folder / "request.json", {**data, "at": time.time_ns()})

    def outcome(self) -> Mapping[str, Any] | None:
        """How it ended; None while it has not."""
        return _read(self.folder / "outcome.json")

    def decide(self, outcome: Mapping[str, Any]) -> bool:
        """Say how it ended. False when that had been decided before."""
        won = _write_once(self.folder / "outcome.json", {**outcome, "at": time.time_ns()})
        self.strike_off()
        return won

    def progress(self) -> Mapping[str, Any] | None:
        """The last report: progress 0..1 and a note. None before the drawing starts."""
        return _read(self.folder / "progress.json")

    def report(self, progress: float, note: str) -> None:
        """Leave a report for whoever looks."""
        part = _part(self.folder / "progress.json")
        part.write_text(json.dumps({"progress": progress, "note": note}))
        part.replace(self.folder / "progress.json")

    def note_down(self) -> None:
        """Put the call on the to-do list, at the place its acceptance gave it."""
        todo = self.home / "todo"
        todo.mkdir(parents=True, exist_ok=True)
        accepted = self.accepted()
        if accepted:
            (todo / f"{accepted['at']:020d}-{self.id}").touch()

    def strike_off(self) -> None:
        """Take it off the to-do list."""
        for entry in (self.home / "todo").glob(f"*-{self.id}"):
            entry.unlink(missing_ok=True)

    def tally(self, name: str) -> int:
        """Count one more of something about this call; returns which one it is, from 1."""
        return tally(self.folder, name)

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the call while drawing it. False when somebody else, in any process, holds it."""
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            _held.add(lock.fileno())
            try:
                yield True
            finally:
                _held.discard(lock.fileno())

    def sweep(self) -> None:
        """Remove what a killed drawing left half-written. Only for who holds the call."""
        for part in (*self.folder.glob("drawing-*"), *self.folder.glob("progress.json.*")):
            part.unlink(missing_ok=True)


_held: set[int] = set()


def _let_go() -> None:
    """A forked child shares its parent's locks and would keep them after the parent died."""
    for descriptor in _held:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


def waiting(home: Path) -> list[Tray]:
    """The calls on the to-do list, first come first."""
    with contextlib.suppress(FileNotFoundError):
        return [Tray(home, entry.name.partition("-")[2]) for entry in sorted((home / "todo").iterdir())]
    return []


def tally(folder: Path, name: str, most: int | None = None) -> int:
    """Count one more under a name, across processes; returns which it is, 0 when `most` are used up."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while most is None or number <= most:
        with contextlib.suppress(FileExistsError), (folder / f"{name}.{number}").open("x"):
            return number
        number += 1
    return 0


def copy_in(source: Path, target: Path) -> None:
    """Copy a file so that it appears whole."""
    part = _part(target)
    shutil.copyfile(source, part)
    part.replace(target)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        data: Mapping[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return data


def _write_once(path: Path, data: Mapping[str, Any]) -> bool:
    part = _part(path)
    with part.open("w") as out:
        json.dump(data, out)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True
