"""Verbs on the call plan, from the workbench: divide, join, move, fill, a model for a call, a proposed split, undo."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.forms.reading import whole
from sequences.models import Project, Sequence
from sequences.orchestration import dividing
from sequences.orchestration.dividing import Marks, Replanned
from sequences.views.access import member, person, sequence_or_404

from .answers import PLANNED, answer
from .context import choice_of
from .shots import shot_or_404

PLAN = ("head", *PLANNED)
MARKED = ("shots", *PLAN)


@require_POST
@member
def plan_divide(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Let a call begin at `shot`, by its id."""
    sequence = sequence_or_404(project, code)
    shot = shot_or_404(sequence, whole(request, "shot"))
    done = dividing.divide(actor=person(request), shot=shot, **_looked_at(request))
    return _replanned(request, project, sequence, done)


@require_POST
@member
def plan_join(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Take the divider before `shot` away, by its id."""
    sequence = sequence_or_404(project, code)
    shot = shot_or_404(sequence, whole(request, "shot"))
    done = dividing.join(actor=person(request), shot=shot, **_looked_at(request))
    return _replanned(request, project, sequence, done)


@require_POST
@member
def plan_move(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Move the divider before shot `at` so that it stands before shot `to`; both are numbers."""
    sequence = sequence_or_404(project, code)
    done = dividing.move_divider(
        actor=person(request),
        sequence=sequence,
        at=whole(request, "at"),
        to=whole(request, "to"),
        **_looked_at(request),
    )
    return _replanned(request, project, sequence, done)


@require_POST
@member
def plan_fill(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Take every divider away."""
    sequence = sequence_or_404(project, code)
    return _replanned(request, project, sequence, dividing.fill_calls(actor=person(request), sequence=sequence))


@require_POST
@member
def plan_model(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Make the shots of a call, their ids in `shots`, on the model `call_model`; an empty one is the take's."""
    sequence = sequence_or_404(project, code)
    ids = [pk for pk in request.POST.get("shots", "").split(",") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    shots = [shot_or_404(sequence, int(pk)) for pk in ids]
    done = dividing.set_model(actor=person(request), shots=shots, model=request.POST.get("call_model", ""))
    return _replanned(request, project, sequence, done)


@require_POST
@member
def plan_split(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Do what the plan proposes for the dropped `element`."""
    sequence = sequence_or_404(project, code)
    key = request.POST.get("element", "")
    done = dividing.apply_split(actor=person(request), sequence=sequence, key=key, **_looked_at(request))
    return _replanned(request, project, sequence, done, MARKED)


@require_POST
@member
def plan_undo(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Bring dividers, solo marks and models back to what `marks` say they were."""
    sequence = sequence_or_404(project, code)
    marks = Marks.read(request.POST.get("marks", ""))
    done = dividing.put_marks(actor=person(request), sequence=sequence, marks=marks)
    messages.success(request, done.said)
    return answer(request, project, sequence, MARKED, anchor="plan")


def _replanned(
    request: HttpRequest, project: Project, sequence: Sequence, done: Replanned, parts: tuple[str, ...] = PLAN
) -> HttpResponse:
    messages.success(request, done.said)
    return answer(request, project, sequence, parts, anchor="plan", marks=done.before.text)


def _looked_at(request: HttpRequest) -> dict[str, str | None]:
    """Mode and model of the plan that was looked at: what Generate has chosen."""
    choice = choice_of(request)
    return {"mode": choice.mode, "model": choice.model}
