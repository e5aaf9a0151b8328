"""What the end of an upscale call means for the start frame it was for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from sequences import storage
from sequences.media import files, grids
from sequences.models import Job, Sequence, StartFrame
from sequences.providers.base import Refused
from sequences.states import ArtefactState, JobState
from sequences.transitions import move

SLACK = 16  # pixels an edge may differ: models that work in blocks of 8 or 16 round to them
SUFFIXES = {"image/png": ".png", "image/webp": ".webp"}


def ingest(job: Job, scratch: Path, done: dict[str, Any]) -> None:
    """Keep the larger picture byte for byte and start from it, where its parent is still in use.

    `done` is written on the job with its last move. Raises MediaError for what is no picture, Refused for one of
    another size.
    """
    frame = StartFrame.objects.select_related("sequence").get(jobs=job)
    picture = grids.open_picture(scratch, what="larger picture")
    _right_size(frame, picture.size)
    digest = files.sha256_of(scratch)
    suffix = SUFFIXES.get((job.result_ref or {}).get("content_type", ""), ".jpg")
    name = f"f{frame.number}-{digest[:12]}{suffix}"
    place = storage.place(job.project, frame.sequence.code.lower(), "frames", name)
    files.safe_replace(scratch, storage.absolute(place))
    with transaction.atomic():
        Sequence.objects.select_for_update().get(pk=frame.sequence_id)
        move(job, JobState.DONE, epoch=job.epoch, **done)
        width, height = picture.size
        move(frame, ArtefactState.WAITING, file=place, sha256=digest, width=width, height=height, error="")
        _put_in_place(frame)


def _right_size(frame: StartFrame, size: tuple[int, int]) -> None:
    if abs(size[0] - frame.width) > SLACK or abs(size[1] - frame.height) > SLACK:
        raise Refused(
            f"What came back is {size[0]} × {size[1]} pixels, and {frame.width} × {frame.height} was asked for.",
            charged=True,
        )


def _put_in_place(frame: StartFrame) -> None:
    """The larger frame takes the place of its parent; when another was chosen meanwhile it waits among the earlier."""
    parent = frame.parent
    assert parent is not None, "the row's constraint says so"
    if parent.state == ArtefactState.APPROVED and parent.shot_id == frame.shot_id:
        move(parent, ArtefactState.SUPERSEDED, why=f"enlarged as F{frame.number}")
        move(frame, ArtefactState.APPROVED, why=f"F{parent.number} made larger")
    else:
        move(frame, ArtefactState.SUPERSEDED, why=f"F{parent.number} was no longer in use")


def fail(job: Job, message: str) -> None:
    """The start frame brought nothing; the one it was to be made from is untouched."""
    frame = StartFrame.objects.get(jobs=job)
    if frame.state == ArtefactState.MAKING:
        move(frame, ArtefactState.FAILED, why=message, error=message)
