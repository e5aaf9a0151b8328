"""Reference pictures of an element: added from files, cells and frames, cropped, ordered, taken off and put back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from sequences.errors import Refusal
from sequences.forms.pictures import CellForm, CropForm, TakeFrameForm
from sequences.forms.reading import posted
from sequences.models import Element, ElementImage, Grid, Project, Take
from sequences.orchestration import casting, pictures
from sequences.orchestration.whereused import SMALL
from sequences.queries import sources

from . import waysback
from .access import member, page, person, sequence_or_404
from .asking import edited, told
from .elements import answer, element_or_404, moved

TEMPLATE = "sequences/picture.html"
TABS = (("file", "Files"), ("grid", "A grid cell"), ("take", "A frame of a take"))
SIDES = (("x", "X"), ("y", "Y"), ("w", "Width"), ("h", "Height"))


@require_safe
@member
def picture(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """The dialog that adds a picture: upload, a cell of a grid, a frame of a take; without script a page of its own.

    `from` is file, grid or take, `grid` and `take` name one like SEQ01/G2; `crop` is the id of a picture to crop.
    """
    element = element_or_404(project, key)
    found = {"element": element, "project": project, "small": SMALL, "tabs": TABS, "sides": SIDES}
    found |= _chosen(request, project, element)
    found["usable"] = found["tab"] in ("file", "crop") or found["chosen"] is not None
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, f"{TEMPLATE}#addpic", found)
    return page(request, project, TEMPLATE, {**found, "whole": True}, nav="elements")


def _chosen(request: HttpRequest, project: Project, element: Element) -> dict[str, Any]:
    crop = request.GET.get("crop", "")
    if crop:
        return {"tab": "crop", "image": _picture(element, int(crop) if crop.isdigit() else 0)}
    tab = request.GET.get("from", "file")
    if tab == "grid":
        return {"tab": tab, **_one(sources.grids_of(project), request.GET.get("grid", ""), "grid")}
    if tab == "take":
        found = _one(sources.takes_of(project), request.GET.get("take", ""), "take")
        return {"tab": tab, **found, "last_frame": found["chosen"].frames - 1 if found["chosen"] else 0}
    return {"tab": "file"}


def _one(rows: list[Any], named: str, what: str) -> dict[str, Any]:
    """The rows to choose from and the one that is chosen: as named, else the first."""
    chosen = next((row for row in rows if str(row).lower() == named.lower()), None)
    if named and chosen is None:
        raise Http404(f"There is no {what} {named}.")
    return {"choices": rows, "chosen": chosen or (rows[0] if rows else None)}


def _picture(element: Element, pk: int) -> ElementImage:
    found = element.images.filter(pk=pk).first() if pk < 2**62 else None
    if found is None:
        raise Http404(f"@{element.key} has no such picture.")
    found.element = element
    return found


@require_POST
@member
def picture_add(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Add reference pictures from files behind those there are, or before them."""
    sent = request.FILES.getlist("pictures")
    if not sent:
        raise Refusal("No picture came along; choose PNG, JPEG or WebP files.", where="pictures")
    element = element_or_404(project, key)
    made = told(
        request,
        project,
        lambda: casting.add_pictures(actor=person(request), element=element, uploads=sent, front=_front(request)),
    )
    known = len(sent) - len(made)
    there = f" {known} of them {'was' if known == 1 else 'were'} there already." if known else ""
    messages.success(request, f"{len(made)} picture{'s' if len(made) != 1 else ''} of @{key} added.{there}")
    return answer(request, project, anchor=f"el-{key}")


@require_POST
@member
def picture_crop(request: HttpRequest, project: Project, key: str, picture: int) -> HttpResponse:
    """Cut a new picture out of one."""
    image, asked = _picture(element_or_404(project, key), picture), posted(request, CropForm)
    if not asked["box"]:
        raise Refusal("Say what to cut: x, y, width and height in pixels.", where="box")
    made = told(
        request,
        project,
        lambda: pictures.crop_picture(
            actor=person(request), image=image, box=asked["box"], replace=asked["replace"], front=_front(request)
        ),
    )
    undo = (
        waysback.of_picture(image, f"{image.name} gave way to its crop.")
        if asked["replace"] and made.pk != image.pk
        else None
    )
    return _added(request, project, made, undo=undo)


@require_POST
@member
def picture_cell(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Make a cell of a grid, or a part of it, a picture of the element."""
    element, asked = element_or_404(project, key), posted(request, CellForm)
    code, _, number = asked["grid"].partition("/G")
    grid: Grid | None = sequence_or_404(project, code).grids.filter(number=_number(number)).first()
    if grid is None:
        raise Http404(f"There is no grid {asked['grid']}.")
    made = told(
        request,
        project,
        lambda: pictures.picture_from_cell(
            actor=person(request), element=element, grid=grid, cell=asked["cell"], box=asked["box"],
            front=_front(request),
        ),
    )  # fmt: skip
    return _added(request, project, made)


@require_POST
@member
def picture_frame(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Make a frame of a take, or a part of it, a picture of the element."""
    element, asked = element_or_404(project, key), posted(request, TakeFrameForm)
    code, _, number = asked["take"].partition("/T")
    take: Take | None = sequence_or_404(project, code).takes.filter(number=_number(number)).first()
    if take is None:
        raise Http404(f"There is no take {asked['take']}.")
    made = told(
        request,
        project,
        lambda: pictures.picture_from_take(
            actor=person(request), element=element, take=take, frame=asked["frame"], box=asked["box"],
            front=_front(request),
        ),
    )  # fmt: skip
    return _added(request, project, made)


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 7 else 0


def _front(request: HttpRequest) -> bool:
    return request.POST.get("as") == "front"


def _added(
    request: HttpRequest, project: Project, made: ElementImage, undo: dict[str, Any] | None = None
) -> HttpResponse:
    """Say what was made; the dialog goes, the page behind it shows the picture."""
    key = made.element.key
    messages.success(request, f"{made.name}, {made.width} × {made.height}, is a picture of @{key}.")
    return answer(request, project, anchor=f"el-{key}", undo=undo)


@require_POST
@member
def picture_move(request: HttpRequest, project: Project, key: str, picture: int) -> HttpResponse:
    """Move a picture left, right, or to the front."""
    element = element_or_404(project, key)
    ids = [image.pk for image in element.images.all()]
    pk, to = _picture(element, picture).pk, request.POST.get("to")
    order = [pk, *(i for i in ids if i != pk)] if to == "front" else moved(ids, pk, to == "left")
    return _ordered(request, project, element, order)


def _ordered(request: HttpRequest, project: Project, element: Element, ids: list[int]) -> HttpResponse:
    done = edited(request, project, lambda: casting.order_pictures(actor=person(request), element=element, ids=ids))
    if isinstance(done, HttpResponse):
        if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
            done.write(answer(request, project).content)  # what was dragged lies where it was until it is saved
        return done
    return answer(request, project, anchor=f"el-{element.key}")


@require_POST
@member
def picture_order(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Put the pictures into the posted order; the first becomes the front."""
    words = request.POST.get("order", "").split(",")
    if not all(word.isdigit() for word in words):
        raise Refusal("The order must be the numbers of the pictures, joined by commas.", where="order")
    return _ordered(request, project, element_or_404(project, key), [int(word) for word in words])


@require_POST
@member
def picture_remove(request: HttpRequest, project: Project, key: str, picture: int) -> HttpResponse:
    """Take a picture off its element, with a way back."""
    image = _picture(element_or_404(project, key), picture)
    done = edited(request, project, lambda: casting.remove_picture(actor=person(request), image=image))
    if done is not None:
        return done
    said = f"{image.name} is off @{key}; takes that used it keep it."
    return answer(request, project, anchor=f"el-{key}", undo=waysback.of_picture(image, said))


@require_POST
@member
def picture_restore(request: HttpRequest, project: Project) -> HttpResponse:
    """Undo a removal; `value` is what the way back was given."""
    gone = waysback.taken_off(request.POST.get("value", ""))
    element = element_or_404(project, str(gone.get("key", "")))
    back = told(
        request,
        project,
        lambda: pictures.restore_picture(
            actor=person(request), element=element, sha256=str(gone["sha256"]), name=str(gone["name"]),
            source=str(gone["source"]), position=int(gone["position"]),
        ),
    )  # fmt: skip
    messages.success(request, f"{back.name} is back.")
    return answer(request, project, anchor=f"el-{element.key}", undone=str(gone["sha256"])[:12])
