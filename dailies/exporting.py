"""Exports of the cut: ask, render, and finish what a killed process left behind.

The row first, with the cut as it stood; rendering happens outside any transaction under a renewed lease; the row last.
"""

from __future__ import annotations

import logging
import secrets
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dailies import cut as cuts
from dailies.models import Export
from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.execution.claims import holder, lease_fields, proven_dead, renewed, worker_lives
from sequences.media import files, video
from sequences.models import Project
from sequences.queries import load

log = logging.getLogger(__name__)

FORMATS = ("mp4",)


def request_export(
    *, actor: AbstractBaseUser | None, project: Project, format: str = "mp4", key: str | None = None
) -> Export:
    """Ask for the cut as it stands now as a file. The same key finds the same export.

    Raises Refusal (unknown format, no song, nothing planned).
    """
    orchestration.require(actor, project)
    if format not in FORMATS:
        raise Refusal(f"Format is {format!r}; it must be one of {', '.join(FORMATS)}.", where="format")
    cut = cuts.build(project, load(project))
    if not cut.audio:
        raise Refusal(f"{project.title} has no song yet; upload one, then export.", code="not_ready", where="song")
    key = orchestration.form_key(key)
    with transaction.atomic():
        export, _ = Export.objects.get_or_create(
            project=project,
            request_key=key,
            defaults={"format": format, "cut": cut.as_data(), "created_by_id": actor.pk if actor else None},
        )
    return export


def running(export: Export) -> bool:
    """Whether it has neither a file nor an error yet."""
    return not export.file and not export.error


def due() -> list[int]:
    """Exports that nobody works on."""
    now = timezone.now()
    open_rows = Export.objects.filter(file="", error="")
    for row in open_rows.filter(lease_until__gt=now):
        if proven_dead(row.lease_owner):
            Export.objects.filter(pk=row.pk, lease_owner=row.lease_owner).update(lease_until=None)
    return list(open_rows.filter(Q(lease_until=None) | Q(lease_until__lte=now)).values_list("pk", flat=True))


def render(export_id: int) -> None:
    """Render one export, unless somebody does or it is finished. Safe to call twice."""
    now = timezone.now()
    free = Export.objects.filter(pk=export_id, file="", error="").filter(Q(lease_until=None) | Q(lease_until__lte=now))
    if not free.update(**lease_fields()):
        return
    export = Export.objects.select_related("project").get(pk=export_id)
    mine = Export.objects.filter(pk=export_id, lease_owner=holder())
    try:
        with renewed(mine):
            done = _render(export)
    except Exception as bad:  # whatever it is, people must hear of it: left open, the sweep would ring for ever
        mine.update(error=_said(export, bad), lease_until=None, finished_at=timezone.now())
        return
    mine.update(**done, progress=1.0, lease_until=None, finished_at=timezone.now())


def _said(export: Export, bad: Exception) -> str:
    if isinstance(bad, files.MediaError):
        return str(bad)
    log.error("export %s stopped", export.pk, exc_info=bad)
    if isinstance(bad, OSError):
        return f"The file could not be written: {bad.strerror or bad}. Make room for it, then export again."
    return f"Rendering stopped at something unforeseen ({type(bad).__name__}); the log says where. Export again."


def _render(export: Export) -> dict[str, Any]:
    cut = cuts.from_data(export.cut)
    rate = Fraction(cut.rate)
    scratch = _scratch(export)
    try:
        facts = video.cut_movie(
            [_segment(s) for s in cut.segments],
            scratch,
            width=cut.width,
            height=cut.height,
            rate=rate,
            frames_total=cut.frames,
            audio=storage.absolute(cut.audio),
            progress=_teller(export.pk),
        )
        digest = files.sha256_of(scratch)
        name = f"{export.project.slug}-{export.pk:03d}-{digest[:8]}.mp4"
        place = storage.place(export.project, "exports", name)
        files.safe_replace(scratch, storage.absolute(place))
    finally:
        scratch.unlink(missing_ok=True)
    about = {
        "seconds": round(cut.seconds, 3),
        "frames": facts.frames,
        "width": facts.width,
        "height": facts.height,
        "rate": cut.rate,
        "sha256": digest,
        "bytes": facts.bytes,
        "gaps": cut.gaps,
    }
    return {"file": place, "facts": about}


def _scratch(export: Export) -> Path:
    """A name to work under; what a killed render of this export left behind goes."""
    folder = storage.scratch(export.project, "").parent
    for left in folder.glob(f"export-{export.pk}-*"):
        left.unlink(missing_ok=True)
    return folder / f"export-{export.pk}-{secrets.token_hex(4)}.mp4"


def _segment(segment: cuts.Segment) -> video.Segment:
    if segment.shown in ("approved", "take"):
        return video.Piece(storage.absolute(segment.file), 0, segment.frames)
    if segment.shown == "start_frame":
        return video.Still(storage.absolute(segment.file), segment.frames)
    return video.Slate(segment.title, segment.lines, segment.frames)


def _teller(export_id: int) -> Any:
    """Writes progress in steps of a hundredth."""
    last = [-1]

    def tell(part: float) -> None:
        step = int(part * 100)
        if step > last[0]:
            last[0] = step
            Export.objects.filter(pk=export_id).update(progress=min(1.0, part))

    return tell


def wait_for(export: Export, *, tick: Any = None) -> Export:
    """Until it is rendered: here when no worker lives, else by the worker."""
    while running(export):
        if not worker_lives():
            render(export.pk)
        else:
            time.sleep(0.3)
        export.refresh_from_db()
        if tick:
            tick(export)
    return export
