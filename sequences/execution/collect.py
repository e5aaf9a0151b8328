"""Bring a paid result home: temporary name, hash, probe, fsync, rename, then the row."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from sequences import storage
from sequences.media import files, grids, video
from sequences.models import Attempt, Clip, Grid, Job, TakeShot
from sequences.providers import registry
from sequences.providers.base import Refused, RemoteFile, TryLater
from sequences.states import ArtefactState, JobState
from sequences.transitions import Stale, move

from . import frames, pace
from .claims import claim, close_attempt, held, open_attempt
from .outcomes import after_end, fail, why_aside
from .wake import Wake

log = logging.getLogger(__name__)

MOST_DOWNLOADS = 5
MOST_KILLED = 3


def collect(job: Job) -> list[Wake]:
    """Download a ready result and put it in its place. A download may be repeated; the call may not."""
    if not claim(job):
        return []
    if _kills(job):
        return _again(job, "Whoever took it in was killed by it, several times in a row.", 1800, patient=True)
    open_attempt(job, "collect")
    scratch = storage.scratch(job.project, ".mp4" if job.kind == "video" else ".jpg")
    try:
        with held(job):
            _fetch(job, scratch)
            INGEST[job.kind](job, scratch)
    except TryLater as later:
        return _again(job, str(later), later.after, patient=True)
    except Refused as gone:
        # an address that must not be fetched may be allowed by then; what is gone stays gone
        return _again(job, str(gone), 600, patient=True) if gone.code == "blocked" else _lost(job, str(gone))
    except files.MediaError as bad:
        return _again(job, f"What came back cannot be used: {bad}", 2)
    except Stale:
        return []
    except OSError as error:
        return _again(job, f"It could not be stored: {error}", 10, patient=True)
    finally:
        scratch.unlink(missing_ok=True)
    close_attempt(job, "collected")
    return after_end(job)


def _kills(job: Job) -> bool:
    """Whether a paid result has killed those who took it in, as one that does not fit into memory does. It is then
    tried seldom and shown to a person, so that everybody else's results come home."""
    dead = Attempt.objects.filter(job=job, step="collect", ended_at__isnull=True)
    if registry.get(job.provider).idempotent or dead.count() < MOST_KILLED:
        return False
    dead.update(ended_at=timezone.now(), outcome="its process was killed")
    job.tries = max(job.tries, MOST_DOWNLOADS - 1)
    return True


def _fetch(job: Job, target: Path) -> None:
    if job.result_ref and "kept" in job.result_ref:
        _take_kept(job.result_ref, target)
        return
    ref = RemoteFile(**(job.result_ref or {}))
    size = registry.get(job.provider).fetch(ref, target)
    if size == 0 or target.stat().st_size != size:
        raise TryLater("The download was cut short.", after=1)


def _take_kept(ref: dict[str, Any], target: Path) -> None:
    """A result that came late was fetched already: it lies in the media folder."""
    kept = storage.absolute(ref["kept"])
    if not kept.exists() or files.sha256_of(kept) != ref["sha256"]:
        raise Refused("The file that was kept is gone or damaged.", code="gone")
    shutil.copyfile(kept, target)


def _again(job: Job, message: str, after: float, *, patient: bool = False) -> list[Wake]:
    """Try the download again later. Where nobody keeps the result for long there are few tries; a paid result is tried
    for, seldom and more seldom, for as long as its provider keeps it, and somebody is told meanwhile."""
    close_attempt(job, message)
    tries = job.tries + 1
    if patient and not registry.get(job.provider).idempotent:
        over = job.deadline is not None and job.deadline < timezone.now()
        after = pace.back_off(job.tries, least=after, most=1800)
    else:
        over = tries >= MOST_DOWNLOADS
    if over:
        return _lost(job, message)
    Job.objects.filter(pk=job.pk, epoch=job.epoch, state=job.state).update(
        tries=tries,
        note=message[:200],
        lease_until=None,
        look_again_at=timezone.now() + timedelta(seconds=after),
    )
    return []


def _lost(job: Job, message: str) -> list[Wake]:
    text = f"{message} It was made and charged, but the result is lost."
    try:
        return fail(job, text, code="lost", to=JobState.LOST, charged=True, epoch=job.epoch)
    except Stale:
        return []


def _ingest_grid(job: Job, scratch: Path) -> None:
    """Keep the grid byte for byte, find its cells, make a small preview."""
    grid = Grid.objects.select_related("sequence__project").get(jobs=job)
    picture = grids.open_picture(scratch, what="The grid")
    layout = grids.find_cells(picture, grid.rows, grid.cols)
    digest = files.sha256_of(scratch)
    suffix = ".png" if (job.result_ref or {}).get("content_type") == "image/png" else ".jpg"
    folder = (grid.sequence.code.lower(), "grids")
    place = storage.place(job.project, *folder, f"g{grid.number}-{digest[:12]}{suffix}")
    preview = storage.place(job.project, *folder, f"g{grid.number}-{digest[:12]}-preview.jpg")
    grids.preview(scratch, storage.absolute(preview), 1440)
    files.safe_replace(scratch, storage.absolute(place))
    aside = why_aside(grid)
    with transaction.atomic():
        _done(job)
        move(
            grid,
            ArtefactState.WAITING,
            file=place,
            preview=preview,
            sha256=digest,
            width=picture.width,
            height=picture.height,
            cells=[[b.x, b.y, b.width, b.height] for b in layout.cells],
            set_aside=aside,
            error="",
        )


def _ingest_clip(job: Job, scratch: Path) -> None:
    """Bring the clip to the project's size and rate, keep its last used frame for the call after it."""
    take, rate = job.take, Fraction(job.request["rate"])
    assert take is not None, "the row's constraint says so"
    source = files.sha256_of(scratch)
    even = scratch.with_name(scratch.name.replace(".part", ".even"))
    try:
        facts = video.probe(scratch)
        changed = video.normalise(scratch, even, width=take.width, height=take.height, rate=rate)
        ready = even if changed else scratch
        facts = video.probe(ready) if changed else facts
        digest = files.sha256_of(ready) if changed else source
        folder = (take.sequence.code.lower(), f"t{take.number}")
        place = storage.place(job.project, *folder, f"call{job.call}-{digest[:12]}.mp4")
        files.safe_replace(ready, storage.absolute(place))
    finally:
        even.unlink(missing_ok=True)
    last, last_sha = _last_used_frame(job, place, facts.frames)
    with transaction.atomic():
        _done(job)
        clip = Clip.objects.create(
            take=take,
            job=job,
            file=place,
            sha256=digest,
            source_sha256=source,
            frames=facts.frames,
            width=facts.width,
            height=facts.height,
            bytes=facts.bytes,
            last_frame=last,
            last_frame_sha256=last_sha,
        )
        TakeShot.objects.filter(take=take, call=job.call).update(clip=clip)


def _last_used_frame(job: Job, place: str, frames: int) -> tuple[str, str]:
    """The frame the next call starts from: the last one that is kept, not the last one that was made."""
    piece = TakeShot.objects.filter(take=job.take, call=job.call).order_by("at").last()
    index = frames - 1 if piece is None else min(frames, piece.first + piece.frames) - 1
    target = place.removesuffix(".mp4") + "-last.png"
    part = storage.absolute(target + ".part")
    video.frame_at(storage.absolute(place), index).save(part, "PNG")
    files.safe_replace(part, storage.absolute(target))
    return target, files.sha256_of(storage.absolute(target))


def _ingest_larger(job: Job, scratch: Path) -> None:
    frames.ingest(job, scratch, _done_fields())


def _done(job: Job) -> None:
    move(job, JobState.DONE, epoch=job.epoch, **_done_fields())


def _done_fields() -> dict[str, Any]:
    return {"finished_at": timezone.now(), "lease_until": None, "note": "", "progress": 1.0}


INGEST: dict[str, Callable[[Job, Path], None]] = {
    "grid": _ingest_grid,
    "video": _ingest_clip,
    "upscale": _ingest_larger,
}
