"""What the picker commits us to: a start frame, a new grid, another try, a stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.picker import NewGridForm, PickForm, box_of
from sequences.forms.reading import posted, whole
from sequences.models import Grid, Project, Sequence, Shot, StartFrame
from sequences.orchestration import enlarging, making, picking
from sequences.queries.picker import next_open_pick
from sequences.views.access import member, person, sequence_or_404
from sequences.views.asking import told
from sequences.views.bench.spending import save_cells

from .context import context, leave_to, name_of
from .show import TEMPLATE, shown_again, words


@require_POST
@member
def pick(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Start from a cell. An empty box means the largest crop of the cell; with `shot` only that shot starts from it, or
    ends on it when `use` says so."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, PickForm)
    grid = grid_of(sequence, asked["grid"])
    shot = _shot(sequence, asked["shot"])
    use = asked["use"] or "start"
    before = sequence.start_frames.filter(shot=shot, use=use, state="approved").first()
    frame = told(
        request,
        sequence,
        lambda: picking.pick_start_frame(
            actor=person(request), grid=grid, cell=asked["cell"], box=box_of(asked), shot=shot, use=use
        ),
    )
    who = f"{sequence.code} shot {shot.number}" if shot else sequence.code
    said = f"{who} {'ends on' if use == 'end' else 'starts from'} grid {grid.number}, cell {frame.cell}"
    if (asked["up"] or 1) > 1:
        said += _enlarged(request, frame, asked)
    return _picked(request, project, sequence, said, _undo(sequence, frame, before))


def _enlarged(request: HttpRequest, frame: StartFrame, asked: dict[str, Any]) -> str:
    """Have what was picked made larger; a refusal is said, and the pick stands. What to add to what is said."""
    try:
        made = enlarging.upscale_start_frame(
            actor=person(request),
            start_frame=frame,
            factor=asked["up"],
            model=asked["up_model"] or None,
            key=asked["up_key"] or None,
            shown_price=asked["up_price"],
        )
    except Refusal as refusal:
        messages.error(request, f"F{frame.number} is picked, and not enlarged: {refusal}")
        return ""
    return f"; F{made.number} is it {asked['up']} times larger, being made"


def grid_of(sequence: Sequence, number: int) -> Grid:
    """A grid of the sequence, or 404."""
    found = sequence.grids.filter(number=number).first()
    if found is None:
        raise Http404(f"There is no grid {number} of {sequence.code}.")
    found.sequence = sequence
    return found


def _shot(sequence: Sequence, number: int | None) -> Shot | None:
    if number is None:
        return None
    found = sequence.shots.filter(number=number, deleted_at=None).first()
    if found is None:
        raise Http404(f"There is no shot {number} in {sequence.code}.")
    return found


def _undo(sequence: Sequence, frame: StartFrame, before: StartFrame | None) -> dict[str, Any] | None:
    """The way back: the frame used before, else none. None when nothing has changed."""
    if before and before.pk == frame.pk:
        return None
    name, number = ("start_frame_use", before.number) if before else ("start_frame_clear", frame.number)
    return {"url": reverse(name, args=[sequence.project.slug, sequence.code]), "frame": number}


def _picked(
    request: HttpRequest, project: Project, sequence: Sequence, said: str, undo: dict[str, Any] | None
) -> HttpResponse:
    """The dialog goes; in Dailies the next open pick takes its place. The page behind hears an event."""
    leave = leave_to(request, project, sequence)
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        messages.success(request, f"{said}.")
        return see(leave)
    toast = render_to_string(f"{TEMPLATE}#pickundo", {"said": said, "undo": undo}, request)
    response = HttpResponse(_next_dialog(request, project, sequence, leave) + toast + words(request))
    told = {"code": sequence.code}
    response["HX-Trigger"] = json.dumps({"startframe": told, "sequence-changed": told})
    return response


def _next_dialog(request: HttpRequest, project: Project, sequence: Sequence, leave: str) -> str:
    """Dailies without a take on screen goes on with the next grid; a take on screen is the next thing itself."""
    waiting = next_open_pick(project, sequence) if name_of(leave) == "dailies" else None
    if waiting is None:
        return ""
    return render_to_string(f"{TEMPLATE}#picker", context(request, project, waiting.sequence, waiting.number), request)


@require_POST
@member
def picker_explore(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Ask for a grid and show it being made."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, NewGridForm)
    save_cells(request, sequence)
    made = making.explore(
        actor=person(request),
        sequence=sequence,
        layout=asked["layout"] or None,
        seed=asked["seed"],
        prompt=asked["prompt"] or None,
        key=asked["key"] or None,
    )
    return show_on(request, project, sequence, made[0].number)


@require_POST
@member
def picker_retry(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Ask again for a grid that failed."""
    return _again(request, project, code, making.retry)


@require_POST
@member
def picker_cancel(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Stop a grid that is being made."""
    return _again(request, project, code, making.cancel)


def _again(request: HttpRequest, project: Project, code: str, verb: Callable[..., object]) -> HttpResponse:
    sequence = sequence_or_404(project, code)
    grid = grid_of(sequence, whole(request, "grid"))
    verb(actor=person(request), artefact=grid)
    return show_on(request, project, sequence, grid.number)


def show_on(request: HttpRequest, project: Project, sequence: Sequence, number: int) -> HttpResponse:
    """Go on in the picker with that grid."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return shown_again(request, project, sequence, number)
    query = {"grid": number, "back": leave_to(request, project, sequence)}
    shot = request.POST.get("shot")
    address = reverse("picker", args=[project.slug, sequence.code])
    return see(f"{address}?{urlencode(query | ({'shot': shot} if shot else {}))}")


def see(url: str) -> HttpResponse:
    """303: the answer to the POST is at another address."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
