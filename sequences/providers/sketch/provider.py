"""The sketch provider: a studio that behaves like a remote one and lives in a folder.

It is free, offline and patient: submitting leaves a note on the desk, looking makes sure that somebody in
this process draws it. Killing any process at any moment costs only the drawing in hand.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sequences.providers import fitness
from sequences.providers.base import (
    Pending,
    Picture,
    Ready,
    Refused,
    RemoteFile,
    Request,
    Submitted,
    TryLater,
    Unsure,
    UpscaleRequest,
    VideoRequest,
    Wire,
    fingerprint,
    to_json,
)
from sequences.providers.catalogue import Endpoint
from sequences.providers.sketch import limits
from sequences.providers.sketch.desk import Tray, copy_in, request_id, tally, waiting
from sequences.providers.sketch.options import LATER_FAULTS, SUBMIT_FAULTS, Fault, Options
from sequences.providers.sketch.studio import refusal, studio

LOOK_AGAIN = 0.7

_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png"}


class Sketch:
    """Draws grids and films clips on this machine.

    `home` is the studio's own folder, made when needed; `media` the root that start pictures are relative to.
    """

    name = "sketch"
    idempotent = True
    in_flight = None

    def __init__(self, home: Path, media: Path, options: Options | None = None) -> None:
        self.home, self.media, self.options = home, media, options or Options()

    def prepare(self, request: Request) -> Wire:
        """Nothing goes anywhere: the request itself is what is taken."""
        return Wire()

    def submit(self, request: Request, *, token: str, wire: Wire | None = None) -> Submitted:
        """Accept the call and return at once; the same token again is the same call, answered the same."""
        tray, frozen = Tray(self.home, request_id(token)), to_json(request)
        if tray.accepted() is None:
            endpoint = limits.check(request, self.media)
            fault = self._strike(SUBMIT_FAULTS, request)
            _turn_away(fault)
            self._accept(tray, request, frozen, endpoint)
            if fault and fault.kind == "unsure":
                raise Unsure("The studio did not answer; the call may have been accepted.")
        return _submitted(tray, fingerprint(frozen))

    def look(self, request_id: str, *, endpoint: str = "") -> Pending | Ready | Refused:
        """How the call stands; while it is not finished, this makes sure that it is being drawn."""
        tray = Tray(self.home, request_id)
        accepted = tray.accepted()
        if accepted is None:
            return Refused(f"The studio has no call {request_id}.", code="unknown", charged=False)
        fault = Fault(**accepted["fault"]) if accepted["fault"] else Fault("")
        if fault.kind == "away" and tally(tray.folder, "away", int(fault.number(1))):
            raise TryLater("The studio cannot be asked right now.", after=LOOK_AGAIN)
        outcome = tray.outcome()
        if outcome is not None:
            return _ended(tray, outcome)
        if fault.kind == "stuck":
            return Pending(0.4, "drawing", LOOK_AGAIN)
        tray.note_down()
        studio(self.home, self.options).ring()
        return self._pending(tray)

    def fetch(self, file: RemoteFile, target: Path) -> int:
        """Copy the result to `target`; its size in bytes."""
        source = self._inside(file.ref)
        tray = Tray(self.home, source.parent.name)
        fault = (tray.accepted() or {}).get("fault") or {}
        if fault.get("kind") == "refetch" and tally(tray.folder, "refetch", int(Fault(**fault).number(1))):
            raise TryLater("The download broke off.", after=LOOK_AGAIN)
        if not source.is_file():
            raise Refused(f"The result {file.ref} is no longer there.", code="lost", charged=True)
        shutil.copyfile(source, target)
        (tray.folder / "collected").touch()
        return target.stat().st_size

    def cancel(self, request_id: str, *, endpoint: str = "") -> bool:
        """Stop the call, also between two frames of its drawing. False when it was already finished."""
        tray = Tray(self.home, request_id)
        if tray.accepted() is None:
            return False
        if tray.decide(refusal("Cancelled.", "cancelled")):
            return True
        return (tray.outcome() or {}).get("state") == "refused"

    def purge(self, older_than: float) -> int:
        """Remove the big files of calls collected more than so many seconds ago; returns how many calls."""
        before, purged = time.time() - older_than, 0
        for marker in self.home.glob("sk_*/collected"):
            if marker.stat().st_mtime <= before:
                for big in (*marker.parent.glob("result.*"), marker.parent / "start", marker.parent / "end", marker):
                    big.unlink(missing_ok=True)
                purged += 1
        return purged

    def _strike(self, kinds: tuple[str, ...], request: Request) -> Fault | None:
        """The first rule of these kinds that fits and is not used up, counted."""
        text = _text(request)
        for fault in self.options.rules:
            if fault.kind in kinds and fault.fits(text):
                name = hashlib.sha256(repr(fault).encode()).hexdigest()[:16]
                if fault.times is None or tally(self.home / "faults", name, fault.times):
                    return fault
        return None

    def _accept(self, tray: Tray, request: Request, frozen: Mapping[str, Any], endpoint: Endpoint) -> None:
        tray.folder.mkdir(parents=True, exist_ok=True)
        if first := _first_picture(request):
            copy_in(self.media / first.path, tray.start)
        if isinstance(request, VideoRequest) and request.end is not None:
            copy_in(self.media / request.end.path, tray.end)
        fault = self._strike(LATER_FAULTS, request)
        tray.accept(
            {
                "request": frozen,
                "fingerprint": fingerprint(frozen),
                "cost_micros": endpoint.price(fitness.units(request)),
                "fault": asdict(fault) if fault else None,
            }
        )
        if fault is None or fault.kind != "stuck":
            tray.note_down()

    def _pending(self, tray: Tray) -> Pending:
        report = tray.progress()
        if report:
            return Pending(report["progress"], report["note"], LOOK_AGAIN)
        before = [other.id for other in waiting(self.home)]
        ahead = before.index(tray.id) if tray.id in before else 0
        note = f"waiting, {ahead} before it" if ahead else "waiting for a free hand"
        return Pending(0.0, note, LOOK_AGAIN, started=False)

    def _inside(self, ref: str) -> Path:
        path = (self.home / ref).resolve()
        if not path.is_relative_to(self.home.resolve()):
            raise Refused(f"{ref} is no result of this studio.", code="lost", charged=None)
        return path


def _submitted(tray: Tray, asked: str) -> Submitted:
    accepted = tray.accepted() or {}
    if accepted["fingerprint"] != asked:
        raise Refused("This token was used for another call.", code="token", where="token")
    raw = {
        "request_id": tray.id,
        "at": accepted["at"],
        "fingerprint": asked,
        "cost_micros": accepted["cost_micros"],
    }
    return Submitted(tray.id, raw)


def _turn_away(fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.kind == "refused":
        where = fault.detail or "prompt"
        raise Refused(f"The {where} is not valid.", code="invalid", charged=False, where=where)
    if fault.kind == "later":
        raise TryLater("The studio is busy; nothing was accepted.", after=fault.number(1))
    if fault.kind == "unsent":
        raise Unsure("The studio did not answer; the call may have been accepted.")


def _ended(tray: Tray, outcome: Mapping[str, Any]) -> Ready | Refused:
    if outcome["state"] == "refused":
        return Refused(outcome["message"], code=outcome["code"], charged=outcome["charged"], where=outcome["where"])
    name = outcome["file"]
    file = RemoteFile(f"{tray.id}/{name}", _TYPES[Path(name).suffix], outcome["bytes"])
    return Ready(file, outcome["cost_micros"], outcome["seed"], {"request_id": tray.id, **outcome})


def _first_picture(request: Request) -> Picture | None:
    if isinstance(request, UpscaleRequest):
        return request.source
    return request.start if isinstance(request, VideoRequest) else request.likeness


def _text(request: Request) -> str:
    """What a fault rule is matched against."""
    if isinstance(request, UpscaleRequest):
        return request.label
    if isinstance(request, VideoRequest):
        return "\n".join([request.label, *(f"shot {s.number}: {s.prompt}" for s in request.shots)])
    return f"{request.label}\n{request.prompt}"
