"""Verbs on start frames: pick a cell, upload a picture, take a frame of a take, use an earlier one, clear.

The picture is cut and written before the transaction; a start frame is approved by the act of choosing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences import storage
from sequences.errors import Refusal
from sequences.media import files, grids, video
from sequences.models import Grid, Sequence, Shot, StartFrame, Take
from sequences.models.artefacts import Use
from sequences.states import ArtefactState
from sequences.transitions import allowed, born, move

from ._jobs import next_number
from ._rules import MAKERS, require
from ._uploads import Upload, name_of, on_disk

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture on disk, ready for its row."""

    file: str
    sha256: str
    width: int
    height: int


def pick_start_frame(
    *,
    actor: AbstractBaseUser | None,
    grid: Grid,
    cell: int,
    box: Box | None = None,
    shot: Shot | None = None,
    use: str = Use.START.value,
) -> StartFrame:
    """Cut a cell out of the full-size grid and start from it; with `shot` only that shot does, or ends on it when `use`
    is `end`.

    `cell` counts from 1, left to right, top to bottom. `box` is in pixels of the whole grid picture; without it the
    largest crop of the project's ratio that holds no gutter is taken. Raises Refusal.
    """
    sequence = grid.sequence
    require(actor, sequence.project, *MAKERS)
    check_use(use, shot)
    if not grid.file:
        raise Refusal(f"{grid} has no picture yet; wait for it.", code="not_allowed", where=str(grid))
    cells = grid.rows * grid.cols
    if not 1 <= cell <= cells:
        raise Refusal(f"Cell is {cell}; {grid} has cells 1 to {cells}.", where="cell")
    box = _checked_box(grid, cell, box)
    same = StartFrame.objects.filter(
        grid=grid, cell=cell, box=list(box), shot=shot, use=use, state=ArtefactState.APPROVED.value
    ).first()
    if same:
        return same
    cut = _cut(sequence, storage.absolute(grid.file), box)
    return put_in_use(actor, sequence, shot, cut, "picked", use=use, source="grid", grid=grid, cell=cell, box=list(box))


def _checked_box(grid: Grid, cell: int, box: Box | None) -> Box:
    project = grid.sequence.project
    size = (grid.width or 0, grid.height or 0)
    if box is None:
        found = grids.largest_crop(grids.Box(*grid.cells[cell - 1]), project.width, project.height)
        return (found.x, found.y, found.width, found.height)
    try:
        grids.check_crop(grids.Box(*box), size, (project.width, project.height))
    except grids.BadCrop as bad:
        raise Refusal(str(bad), code="bad_crop", where="box") from None
    return box


def _cut(sequence: Sequence, source: Path, box: Box) -> Cut:
    name = "-".join(map(str, box))
    relative = storage.place(sequence.project, sequence.code.lower(), "frames", f"{source.stem}-{name}.png")
    facts = grids.cut(source, grids.Box(*box), storage.absolute(relative))
    return Cut(relative, facts.sha256, facts.width, facts.height)


def upload_start_frame(
    *,
    actor: AbstractBaseUser | None,
    sequence: Sequence,
    upload: Upload,
    shot: Shot | None = None,
    use: str = Use.START.value,
) -> StartFrame:
    """Start from a picture of one's own, or end on it; the largest centred crop of the project's ratio is taken. Raises
    Refusal."""
    require(actor, sequence.project, *MAKERS)
    check_use(use, shot)
    name = name_of(upload)
    with on_disk(upload) as path:
        cut = cropped(sequence, path, name)
    return put_in_use(actor, sequence, shot, cut, f"uploaded {name}", use=use, source="upload")


def cropped(sequence: Sequence, path: Path, name: str) -> Cut:
    """The middle of a picture from outside, kept under the hash of the whole one. Raises Refusal."""
    try:
        picture = grids.open_picture(path, what=name)
    except files.MediaError as bad:
        raise Refusal(str(bad), code="bad_picture", where=name) from None
    project = sequence.project
    crop = grids.largest_crop(grids.Box(0, 0, picture.width, picture.height), project.width, project.height)
    sha = files.sha256_of(path)
    relative = storage.place(project, sequence.code.lower(), "frames", f"upload-{sha[:16]}.png")
    target = storage.absolute(relative)
    part = files.part_path(target)
    picture.crop((crop.x, crop.y, crop.x + crop.width, crop.y + crop.height)).save(part, "PNG")
    files.safe_replace(part, target)
    return Cut(relative, files.sha256_of(target), crop.width, crop.height)


def take_start_frame(
    *,
    actor: AbstractBaseUser | None,
    take: Take,
    frame: int,
    shot: Shot | None = None,
    sequence: Sequence | None = None,
    use: str = Use.START.value,
) -> StartFrame:
    """Start from a frame of a take, counted from 0, or end on it; also one of another sequence of the project. Raises
    Refusal."""
    sequence = sequence or take.sequence
    require(actor, take.sequence.project, *MAKERS)
    check_use(use, shot)
    if not take.file or not take.frames:
        raise Refusal(f"{take} has no picture yet; wait for it.", code="not_allowed", where=str(take))
    if not 0 <= frame < take.frames:
        raise Refusal(f"Frame is {frame}; {take} has frames 0 to {take.frames - 1}.", where="frame")
    if sequence.project_id != take.sequence.project_id:
        raise Refusal(f"{take} belongs to another project.", code="not_found", where=str(take))
    relative = storage.place(sequence.project, sequence.code.lower(), "frames", f"{take.sha256[:12]}-f{frame}.png")
    target = storage.absolute(relative)
    part = files.part_path(target)
    video.frame_at(storage.absolute(take.file), frame).save(part, "PNG")
    files.safe_replace(part, target)
    cut = Cut(relative, files.sha256_of(target), take.width, take.height)
    why = f"frame {frame} of {take}"
    return put_in_use(actor, sequence, shot, cut, why, use=use, source="take", take=take, take_frame=frame)


def use_start_frame(*, actor: AbstractBaseUser | None, start_frame: StartFrame) -> StartFrame:
    """Go back to an earlier start frame. Raises Refusal when it cannot be used."""
    require(actor, start_frame.sequence.project, *MAKERS)
    if start_frame.state == ArtefactState.APPROVED:
        return start_frame
    if not allowed(start_frame, ArtefactState.APPROVED):
        raise Refusal(f"{start_frame} is {start_frame.state}; pick another one.", code="not_allowed")
    with transaction.atomic():
        _retire(start_frame.sequence, start_frame.shot, actor, start_frame.use)
        move(start_frame, ArtefactState.APPROVED, actor=actor, why="used again")
    return start_frame


def clear_start_frame(*, actor: AbstractBaseUser | None, start_frame: StartFrame) -> StartFrame:
    """Stop starting from this frame; it stays among the earlier ones, and its grid waits for a pick again.

    Raises Refusal when it is not in use.
    """
    require(actor, start_frame.sequence.project, *MAKERS)
    if start_frame.state != ArtefactState.APPROVED:
        raise Refusal(f"{start_frame} is not in use.", code="not_allowed", where=str(start_frame))
    with transaction.atomic():
        move(start_frame, ArtefactState.SUPERSEDED, actor=actor, why="cleared")
        _reopen(actor, start_frame.grid)
    return start_frame


def _reopen(actor: AbstractBaseUser | None, grid: Grid | None) -> None:
    """A picked grid nothing starts from any more is open again."""
    if grid is None or grid.state != ArtefactState.APPROVED:
        return
    if not grid.start_frames.filter(state=ArtefactState.APPROVED.value).exists():
        move(grid, ArtefactState.WAITING, actor=actor, why="its start frame was cleared")


def check_use(use: str, shot: Shot | None) -> None:
    """Whether a frame may be used so. Raises Refusal."""
    if use not in Use.values:
        raise Refusal(f'Use is "{use}"; it must be start or end.', where="use")
    if use == Use.END and shot is None:
        raise Refusal("Only a shot has an end frame; name the shot.", where="shot")


def put_in_use(
    actor: AbstractBaseUser | None,
    sequence: Sequence,
    shot: Shot | None,
    cut: Cut,
    why: str,
    *,
    use: str = Use.START.value,
    **origin: Any,
) -> StartFrame:
    """The row of a cut picture, approved; the frame in use so far becomes an earlier one. Raises Refusal."""
    if shot is not None and shot.sequence_id != sequence.pk:
        raise Refusal(f"{shot} is not a shot of {sequence.code}.", code="not_found", where="shot")
    grid: Grid | None = origin.get("grid")
    with transaction.atomic():
        Sequence.objects.select_for_update().get(pk=sequence.pk)
        _retire(sequence, shot, actor, use)
        frame = StartFrame.objects.create(
            sequence=sequence,
            shot=shot,
            use=use,
            number=next_number(sequence.start_frames),
            file=cut.file,
            sha256=cut.sha256,
            width=cut.width,
            height=cut.height,
            created_by_id=actor.pk if actor else None,
            **origin,
        )
        born(frame, actor=actor, why=why)
        move(frame, ArtefactState.WAITING, actor=actor)
        move(frame, ArtefactState.APPROVED, actor=actor, why=why)
        if grid is not None:
            _settle_grids(actor, sequence, grid)
    return frame


def _retire(sequence: Sequence, shot: Shot | None, actor: AbstractBaseUser | None, use: str) -> None:
    """The frame in use so far for the same end becomes an earlier one."""
    for old in sequence.start_frames.filter(shot=shot, use=use, state=ArtefactState.APPROVED.value):
        move(old, ArtefactState.SUPERSEDED, actor=actor, why="another was chosen")


def _settle_grids(actor: AbstractBaseUser | None, sequence: Sequence, picked: Grid) -> None:
    """The picked grid is approved; others that were open or picked before are superseded."""
    for grid in sequence.grids.exclude(pk=picked.pk).filter(state__in=["waiting", "approved"]):
        move(grid, ArtefactState.SUPERSEDED, actor=actor, why=f"{picked} was picked")
    picked.refresh_from_db()
    if allowed(picked, ArtefactState.APPROVED):
        move(picked, ArtefactState.APPROVED, actor=actor, why="a cell was picked")
