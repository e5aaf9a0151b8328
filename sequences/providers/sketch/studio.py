"""Draws the calls on the desk: a few daemon threads a process, first come first served, one drawer a call.

A drawing that dies with its process leaves a free lock and unfinished files; the next ring of any process
starts it again. Nothing here is ever half-decided: the outcome file is the last step.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from sequences.providers.base import GridRequest, Request, UpscaleRequest, VideoRequest, from_json
from sequences.providers.sketch import enlarge, film, grid
from sequences.providers.sketch.desk import Tray, waiting
from sequences.providers.sketch.options import Fault, Options

log = logging.getLogger(__name__)

_EVERY = 0.2
_STRIKES_AT = {"crash": 0.5, "moderation": 0.1}
_FLAWS = ("black", "frozen", "short", "size")


class _Stopped(Exception):
    """Somebody decided the outcome while it was being drawn."""


class _Struck(Exception):
    """A fault rule ends the drawing here."""


@dataclass
class Studio:
    """The drawers of one desk in this process."""

    home: Path
    options: Options
    alive: int = 0
    rung: bool = False
    guard: threading.Lock = field(default_factory=threading.Lock)

    def ring(self) -> None:
        """See to it that somebody draws what waits. Returns at once."""
        with self.guard:
            self.rung = True
            if self.alive >= self.options.workers:
                return
            self.alive += 1
        threading.Thread(target=self._work, name="sketch", daemon=True).start()

    def _work(self) -> None:
        while self._stays():
            while self._draw_next():
                pass

    def _stays(self) -> bool:
        """False when nobody has rung since the last look at the list; decided together with leaving."""
        with self.guard:
            stays, self.rung = self.rung, False
            if not stays:
                self.alive -= 1
            return stays

    def _draw_next(self) -> bool:
        return any(self._tried(tray) for tray in waiting(self.home))

    def _tried(self, tray: Tray) -> bool:
        """One call that cannot even be refused (a full disk) must not stop the others."""
        try:
            return take_up(tray, self.options)
        except Exception:
            log.exception("Sketch call %s could not be taken up.", tray.id)
            return False


_studios: dict[tuple[int, Path], Studio] = {}
_studios_guard = threading.Lock()


def studio(home: Path, options: Options) -> Studio:
    """This process's studio for a desk; the options given last hold. A forked child gets its own."""
    with _studios_guard:
        found = _studios.setdefault((os.getpid(), home.resolve()), Studio(home, options))
        found.options = options
        return found


def take_up(tray: Tray, options: Options) -> bool:
    """Draw this call unless somebody does or did. True when it was drawn here."""
    if not tray.folder.is_dir():
        tray.strike_off()
        return False
    with tray.held() as mine:
        if not mine:
            return False
        accepted = tray.accepted()
        if accepted is None or tray.outcome() is not None:
            tray.strike_off()
            return False
        _draw(tray, accepted, options)
        return True


def _draw(tray: Tray, accepted: Mapping[str, Any], options: Options) -> None:
    fault = Fault(**accepted["fault"]) if accepted["fault"] else Fault("")
    tray.sweep()
    watch = _Watch(tray, fault)
    try:
        request = from_json(accepted["request"])
        watch.wait(options.slower + (fault.number(5) if fault.kind == "slow" else 0))
        part = _make(tray, request, fault, watch, options)
        _spoil(part, fault)
        _finish(tray, request, part, accepted, fault)
    except _Stopped:
        tray.sweep()
    except _Struck:
        tray.decide(_struck(fault))
        tray.sweep()
    except Exception as error:
        log.exception("Sketch call %s could not be drawn.", tray.id)
        tray.decide(refusal(f"The sketch could not be drawn: {error or type(error).__name__}.", "failed"))
        tray.sweep()


def _make(tray: Tray, request: Request, fault: Fault, watch: _Watch, options: Options) -> Path:
    flaw = fault.kind if fault.kind in _FLAWS else ""
    if isinstance(request, GridRequest):
        extension = "png" if options.picture_format == "png" else "jpg"
        part = tray.folder / f"drawing-{os.getpid()}.{extension}"
        near = _first(tray) if request.likeness else None
        grid.draw(request, part, watch, near=near, picture_format=options.picture_format, flaw=flaw)
        return part
    if isinstance(request, UpscaleRequest):
        part = tray.folder / f"drawing-{os.getpid()}.png"
        enlarge.draw(request, tray.start, part, watch, flaw=flaw)
        return part
    part = tray.folder / f"drawing-{os.getpid()}.mp4"
    film.film(request, _start(tray, request), part, watch, flaw, end=_end(tray, request))
    return part


def _start(tray: Tray, request: VideoRequest) -> Image.Image | None:
    return None if request.start is None else _first(tray)


def _end(tray: Tray, request: VideoRequest) -> Image.Image | None:
    return None if request.end is None else _picture(tray.end)


def _first(tray: Tray) -> Image.Image:
    return _picture(tray.start)


def _picture(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def _spoil(part: Path, fault: Fault) -> None:
    if fault.kind == "corrupt":
        part.write_bytes(b"<html><body>502 Bad Gateway</body></html>\n")
    if fault.kind == "truncated":
        os.truncate(part, int(part.stat().st_size * 0.6))


def _finish(tray: Tray, request: Request, part: Path, accepted: Mapping[str, Any], fault: Fault) -> None:
    result = tray.folder / f"result{part.suffix}"
    with part.open("rb") as done:
        os.fsync(done.fileno())
    size = part.stat().st_size
    part.replace(result)
    if fault.kind == "lost":
        result.unlink()
    ready = {"state": "ready", "file": result.name, "bytes": size, "cost_micros": accepted["cost_micros"]}
    if not tray.decide({**ready, "seed": request.seed}):
        result.unlink(missing_ok=True)


def refusal(message: str, code: str, *, charged: bool | None = False, where: str = "") -> dict[str, Any]:
    """An outcome that ends the call without a file."""
    return {"state": "refused", "message": message, "code": code, "charged": charged, "where": where}


def _struck(fault: Fault) -> dict[str, Any]:
    if fault.kind == "moderation":
        where = fault.detail or "prompt"
        return refusal(f"The {where} was held back by the content filter.", "moderation", where=where)
    charged = {"charged": True, "unknown": None}.get(fault.detail, False)
    return refusal("The studio broke down while drawing.", "failed", charged=charged)


class _Watch:
    """Hears of every step, reports some, and stops the drawing when it was decided or a fault strikes."""

    def __init__(self, tray: Tray, fault: Fault) -> None:
        self.tray = tray
        self.strike = _STRIKES_AT.get(fault.kind, 2.0)
        self.decided = tray.folder / "outcome.json"
        self.reported = 0.0
        self.waited = 0.0

    def __call__(self, progress: float, note: str) -> None:
        if self.decided.exists():
            raise _Stopped
        if time.monotonic() - self.reported > _EVERY:
            self.tray.report(round(self.waited + (1 - self.waited) * progress, 3), note)
            self.reported = time.monotonic()
        if progress >= self.strike:
            raise _Struck

    def wait(self, seconds: float) -> None:
        """Spend some seconds as the first half of the work."""
        began = time.monotonic()
        while (gone := time.monotonic() - began) < seconds:
            self.waited = 0.5 * gone / seconds
            self(0.0, "warming up")
            time.sleep(min(0.1, seconds - gone))
        self.waited = 0.5 if seconds > 0 else 0.0
