"""Who is in a sequence and who goes first, from the workbench."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.models import Project
from sequences.orchestration import casting
from sequences.views.access import member, person, sequence_or_404
from sequences.views.asking import told

from .answers import PLANNED, answer


@require_POST
@member
def cast_add(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """List an element of the project in the sequence."""
    sequence = sequence_or_404(project, code)
    key = request.POST.get("element", "")
    told(request, sequence, lambda: casting.list_element(actor=person(request), sequence=sequence, key=key))
    return answer(request, project, sequence, PLANNED, anchor="cast")


@require_POST
@member
def cast_remove(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Take an element off the sequence's list; prompts that name it go on naming it."""
    sequence = sequence_or_404(project, code)
    key = request.POST.get("element", "")
    keys = [k for k in casting.cast_keys(sequence) if k != key]
    told(request, sequence, lambda: casting.set_sequence_elements(actor=person(request), sequence=sequence, keys=keys))
    return answer(request, project, sequence, PLANNED, anchor="cast")


@require_POST
@member
def cast_move(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Give an element one step more or less priority, `to` is up or down."""
    sequence = sequence_or_404(project, code)
    key, up = request.POST.get("element", ""), request.POST.get("to") == "up"
    told(request, sequence, lambda: casting.move_element(actor=person(request), sequence=sequence, key=key, up=up))
    return answer(request, project, sequence, PLANNED, anchor="cast")


@require_POST
@member
def cast_order(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Put the list into the posted order of keys; with none into the project's."""
    sequence = sequence_or_404(project, code)
    order = request.POST.get("order", "")
    keys = order.split(",") if order else None
    told(request, sequence, lambda: casting.order_cast(actor=person(request), sequence=sequence, keys=keys))
    return answer(request, project, sequence, PLANNED, anchor="cast")
