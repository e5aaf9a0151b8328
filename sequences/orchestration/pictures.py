"""Reference pictures made of what is there: cropped, out of a grid's cell, a frame of a take, put back after a removal.

The picture is cut and written before the transaction, whole or not at all; what it was made of stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from PIL import Image

from sequences import storage
from sequences.errors import Refusal
from sequences.media import files, grids, video
from sequences.models import Element, ElementImage, Grid, Take

from ._rules import MAKERS, require
from ._uploads import keep
from .casting import KeptPicture, living_element, picture_on_disk, put_in_order, write_pictures

Actor = AbstractBaseUser | None
Box = tuple[int, int, int, int]
LEAST = 32
"""The shortest edge of a crop in pixels; below that nothing of a likeness is left."""


def crop_picture(
    *, actor: Actor, image: ElementImage, box: Box, replace: bool = False, front: bool = False
) -> ElementImage:
    """Cut a new picture out of one; it stands behind the old one, with `front` before all, with `replace` in the place
    of the old one, which `restore_picture` brings back. `box` is x, y, width, height in pixels. Raises Refusal.
    """
    element = image.element
    require(actor, element.project, *MAKERS)
    _check_box(box, (image.width, image.height), f"{image.name}")
    with _scratch(element) as path:
        _cut(storage.absolute(image.file), box, path)
        kept = _keep(element, path, f"{Path(image.name).stem[:180]}, cropped.png")
    with transaction.atomic():
        row = living_element(element)
        there = list(row.images.values_list("pk", flat=True))
        at = there.index(image.pk) + 1 if image.pk in there else None
        if replace:
            row.images.filter(pk=image.pk).exclude(sha256=kept.sha256).delete()
            at = None if at is None else at - 1
        return _written(row, kept, f"crop of {image.name}", front=front, at=at)


def picture_from_cell(
    *, actor: Actor, element: Element, grid: Grid, cell: int, box: Box | None = None, front: bool = False
) -> ElementImage:
    """Make a cell of a grid, or `box` of the whole grid picture in pixels, a picture of the element. Raises Refusal."""
    require(actor, element.project, *MAKERS)
    _same_project(element, grid)
    if not grid.file:
        raise Refusal(f"{grid} has no picture yet; wait for it.", code="not_allowed", where=str(grid))
    if not 1 <= cell <= len(grid.cells):
        raise Refusal(f"Cell is {cell}; {grid} has cells 1 to {len(grid.cells)}.", where="cell")
    x, y, w, h = grid.cells[cell - 1]
    box = box or (x, y, w, h)
    _check_box(box, (grid.width or 0, grid.height or 0), str(grid))
    with _scratch(element) as path:
        _cut(storage.absolute(grid.file), box, path)
        kept = _keep(element, path, f"{_plain(grid)}-cell-{cell}.png")
    with transaction.atomic():
        return _written(living_element(element), kept, f"cell {cell} of {grid}", front=front)


def picture_from_take(
    *, actor: Actor, element: Element, take: Take, frame: int, box: Box | None = None, front: bool = False
) -> ElementImage:
    """Make a frame of a take, counted from 0, or `box` of it in pixels, a picture of the element. Raises Refusal."""
    require(actor, element.project, *MAKERS)
    _same_project(element, take)
    if not take.file or not take.frames:
        raise Refusal(f"{take} has no picture yet; wait for it.", code="not_allowed", where=str(take))
    if not 0 <= frame < take.frames:
        raise Refusal(f"Frame is {frame}; {take} has frames 0 to {take.frames - 1}.", where="frame")
    if box is not None:
        _check_box(box, (take.width, take.height), str(take))
    with _scratch(element) as path:
        _save(video.frame_at(storage.absolute(take.file), frame), box, path)
        kept = _keep(element, path, f"{_plain(take)}-frame-{frame}.png")
    with transaction.atomic():
        return _written(living_element(element), kept, f"frame {frame} of {take}", front=front)


def restore_picture(
    *,
    actor: Actor,
    element: Element,
    sha256: str,
    name: str = "",
    source: str = "",
    position: int | None = None,
) -> ElementImage:
    """Put a picture back that was taken off the element, by its hash (its first digits do), at place `position` from 0.

    Its file was kept. Raises Refusal `not_found` when the element never had such a picture.
    """
    require(actor, element.project, *MAKERS)
    path = _kept_file(element, sha256)
    with picture_on_disk(path) as (_, found):
        kept = KeptPicture(
            name[-200:] or path.name, storage.place(element.project, "elements", element.key, path.name),
            found.sha256, found.width, found.height,
        )  # fmt: skip
    with transaction.atomic():
        return _written(living_element(element), kept, source, front=False, at=position)


def _kept_file(element: Element, sha256: str) -> Path:
    there = storage.absolute(storage.place(element.project, "elements", element.key, "x")).parent
    wanted = sha256.lower() if len(sha256) >= 8 and sha256.isalnum() else "-"
    found = [p for p in there.iterdir() if p.name.startswith(wanted) and p.suffix != ".part"]
    if len(found) != 1:
        raise Refusal(
            f"@{element.key} never had a picture {sha256[:12]}; `elements --json` names those it has.",
            code="not_found",
            where="picture",
        )
    return found[0]


def _written(element: Element, kept: KeptPicture, source: str, *, front: bool, at: int | None = None) -> ElementImage:
    """The row of a stored picture, or that of the same picture when the element has it already."""
    made = write_pictures(element, [kept], source=source, at=0 if front else at)
    row = made[0] if made else element.images.get(sha256=kept.sha256)
    if front and not made:
        put_in_order([row, *element.images.exclude(pk=row.pk)])
    return row


def _same_project(element: Element, made: Grid | Take) -> None:
    if made.sequence.project_id != element.project_id:
        raise Refusal(f"{made} belongs to another project.", code="not_found", where=str(made))


def _check_box(box: Box, size: tuple[int, int], what: str) -> None:
    x, y, width, height = box
    if min(width, height) < LEAST:
        raise Refusal(
            f"A crop of {width} × {height} pixels is too small; {LEAST} is the least.", code="bad_crop", where="box"
        )
    if x < 0 or y < 0 or x + width > size[0] or y + height > size[1]:
        raise Refusal(
            f"The crop leaves {what} of {size[0]} × {size[1]} pixels; move it inside.", code="bad_crop", where="box"
        )


@contextmanager
def _scratch(element: Element) -> Iterator[Path]:
    path = storage.scratch(element.project, ".png")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _cut(source: Path, box: Box, path: Path) -> None:
    try:
        grids.cut(source, grids.Box(*box), path)
    except files.MediaError as error:
        raise Refusal(str(error), code="bad_picture", where="picture") from error


def _save(image: Image.Image, box: Box | None, path: Path) -> None:
    if box is not None:
        x, y, width, height = box
        image = image.crop((x, y, x + width, y + height))
    image.save(path, "PNG")


def _keep(element: Element, path: Path, name: str) -> KeptPicture:
    with picture_on_disk(path) as (_, found):
        file = keep(path, element.project, "elements", element.key, f"{found.sha256}.png")
        return KeptPicture(name, file, found.sha256, found.width, found.height)


def _plain(made: Grid | Take) -> str:
    return str(made).replace("/", "-")
