"""Verbs on the sequence itself, from the workbench: name, stretch, split, merge, delete, restore."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.bench import SectionForm
from sequences.forms.reading import moment, posted
from sequences.models import Project
from sequences.orchestration import planning
from sequences.queries.bench import song_order
from sequences.views.access import member, person, sequence_or_404
from sequences.views.asking import edited, told

from .answers import home, leave


@require_POST
@member
def sequence_edit(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Change name, stretch of the song, mode and grid prompt."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, SectionForm)
    start, end = moment(asked["start"], "start"), moment(asked["end"], "end")
    changed = edited(
        request,
        sequence,
        lambda: planning.edit_sequence(
            actor=person(request),
            sequence=sequence,
            section=asked["section"],
            mode=asked["section_mode"],
            grid_prompt=asked["section_grid_prompt"],
            start=start,
            end=end,
        ),
    )
    if isinstance(changed, HttpResponse):
        return changed
    messages.success(request, f"{changed.code} is saved.")
    return leave(request, home(project, changed))


@require_POST
@member
def sequence_split(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Cut the sequence in two at a time of the song."""
    sequence = sequence_or_404(project, code)
    at = moment(request.POST.get("at", ""), "at")
    left, right = told(
        request, sequence, lambda: planning.split_sequence(actor=person(request), sequence=sequence, at=at)
    )
    messages.success(request, f"{left.code} ends where {right.code} begins; later shots went along.")
    return leave(request, home(project, left))


@require_POST
@member
def sequence_merge(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Join the sequence with the next one in the song."""
    sequence = sequence_or_404(project, code)
    order = song_order(project)
    place = next(n for n, s in enumerate(order) if s.pk == sequence.pk)
    if place + 1 == len(order):
        raise Refusal(f"{sequence.code} is the last one; there is nothing to join it with.", where=sequence.code)
    second = sequence_or_404(project, order[place + 1].code)
    kept = told(
        request, sequence, lambda: planning.merge_sequences(actor=person(request), first=sequence, second=second)
    )
    messages.success(request, f"{second.code} was joined to {kept.code}; its takes stay known.")
    return leave(request, home(project, kept))


@require_POST
@member
def sequence_delete(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Take the sequence out of the plan; the page that follows brings it back."""
    sequence = sequence_or_404(project, code)
    planning.delete_sequence(actor=person(request), sequence=sequence)
    return leave(request, home(project, sequence))


@require_POST
@member
def sequence_restore(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Undo a delete."""
    row = project.sequences.filter(code__iexact=code, deleted_at__isnull=False).order_by("-deleted_at").first()
    if row is None:
        raise Http404(f"There is no deleted sequence {code}.")
    row.project = project
    back = planning.restore_sequence(actor=person(request), sequence=row)
    messages.success(request, f"{back.code} is back.")
    return leave(request, reverse("sequence", args=[project.slug, back.code]))
