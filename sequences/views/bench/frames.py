"""Verbs on start frames, from the workbench."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.bench import EnlargeForm, FrameForm
from sequences.forms.reading import posted, whole
from sequences.models import Project, Sequence, Shot, StartFrame
from sequences.orchestration import enlarging, picking
from sequences.views.access import member, person, sequence_or_404
from sequences.views.asking import told

from .answers import FRAMES, answer
from .shots import shot_or_404


def _for_shot(request: HttpRequest, sequence: Sequence) -> Shot | None:
    """The shot the frame is for; None for the whole sequence."""
    return shot_or_404(sequence, whole(request, "shot")) if request.POST.get("shot") else None


def _listed(sequence: Sequence, asked: dict[str, Any]) -> tuple[Shot | None, str]:
    """Shot and use of a frame, where a list gives both as one value: `12 end`."""
    pk, _, use = asked["shot"].partition(" ")
    if pk and not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Refusal(f'Shot is "{pk}"; choose one of the list.', where="shot")
    return shot_or_404(sequence, int(pk)) if pk else None, asked["use"] or use or "start"


def _frame(sequence: Sequence, number: int) -> StartFrame:
    found = sequence.start_frames.filter(number=number).select_related("shot").first()
    if found is None:
        raise Http404(f"There is no start frame F{number} in {sequence.code}.")
    found.sequence = sequence
    return found


@require_POST
@member
def start_frame_upload(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Start from a picture of one's own; with `shot` only that shot does, or ends on it when `use` is `end`."""
    sequence = sequence_or_404(project, code)
    sent = request.FILES.get("picture")
    if not isinstance(sent, UploadedFile):
        raise Refusal("No picture came along; choose a PNG, JPEG or WebP file.", where="picture")
    shot, use = _for_shot(request, sequence), request.POST.get("use") or "start"
    told(
        request,
        sequence,
        lambda: picking.upload_start_frame(actor=person(request), sequence=sequence, upload=sent, shot=shot, use=use),
    )
    messages.success(request, f"{_whose(sequence, shot)} {_does(use)} {sent.name}.")
    return answer(request, project, sequence, FRAMES, anchor="startframe")


@require_POST
@member
def start_frame_take(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Start from a frame of one of the sequence's takes."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, FrameForm)
    take = sequence.takes.filter(number=asked["take"]).first()
    if take is None:
        raise Http404(f"There is no take T{asked['take']} of {sequence.code}.")
    take.sequence = sequence
    shot, use = _listed(sequence, asked)
    told(
        request,
        sequence,
        lambda: picking.take_start_frame(actor=person(request), take=take, frame=asked["frame"], shot=shot, use=use),
    )
    messages.success(request, f"{_whose(sequence, shot)} {_does(use)} frame {asked['frame']} of T{take.number}.")
    return answer(request, project, sequence, FRAMES, anchor="startframe")


@require_POST
@member
def start_frame_use(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Go back to an earlier start frame, by its number."""
    sequence = sequence_or_404(project, code)
    chosen = _frame(sequence, whole(request, "frame"))
    frame = told(request, sequence, lambda: picking.use_start_frame(actor=person(request), start_frame=chosen))
    messages.success(request, f"{_whose(sequence, frame.shot)} {_does(frame.use)} F{frame.number} again.")
    return answer(request, project, sequence, FRAMES, anchor="startframe")


@require_POST
@member
def start_frame_clear(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Stop starting from a frame, by its number; it stays among the earlier ones."""
    sequence = sequence_or_404(project, code)
    chosen = _frame(sequence, whole(request, "frame"))
    frame = told(request, sequence, lambda: picking.clear_start_frame(actor=person(request), start_frame=chosen))
    messages.success(request, f"F{frame.number} is cleared; it stays among the earlier frames.")
    return answer(request, project, sequence, FRAMES, anchor="startframe")


@require_POST
@member
def start_frame_enlarge(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Have a start frame made larger, by its number."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, EnlargeForm)
    made = enlarging.upscale_start_frame(
        actor=person(request),
        start_frame=_frame(sequence, asked["frame"]),
        factor=asked["factor"],
        model=asked["model"] or None,
        key=asked["key"] or None,
        shown_price=asked["shown_price"],
    )
    messages.success(request, f"F{made.number} asked for: F{asked['frame']}, {asked['factor']} times larger.")
    return answer(request, project, sequence, (*FRAMES, "live"), anchor="startframe", money=True)


def _does(use: str) -> str:
    return "ends on" if use == "end" else "starts from"


def _whose(sequence: Sequence, shot: Shot | None) -> str:
    return f"Shot {shot.number}" if shot else sequence.code
