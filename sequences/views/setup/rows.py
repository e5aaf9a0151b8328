"""Sequences laid on the song: add, edit, split, merge, move a boundary, reorder, delete, restore."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.projects import AddForm, RowForm
from sequences.forms.reading import moment
from sequences.models import Project, Sequence
from sequences.orchestration import planning
from sequences.queries.bench import song_order
from sequences.views import asking
from sequences.views.access import member, person, sequence_or_404

from .answers import MAKERS, MAP, ROWS, kept, needs, saved, told


@require_POST
@member
@needs(*MAKERS)
def rows_add(request: HttpRequest, project: Project) -> HttpResponse:
    """Add a sequence; without times it follows the last one."""
    form = AddForm(request.POST)
    try:
        form.is_valid()
        asked = form.cleaned_data
        made = planning.add_sequence(
            actor=person(request),
            project=project,
            start=_time(asked, "start"),
            end=_time(asked, "end"),
            section=asked.get("section", ""),
            mode=asked.get("mode") or "multi_shot",
            code=asked.get("code") or None,
        )
    except Refusal as refusal:
        return kept(request, project, ROWS, "add", form, refusal)
    messages.success(request, f"{made} is added.")
    return saved(request, project, ROWS, anchor=f"row-{made.code.lower()}")


@require_POST
@member
@needs(*MAKERS)
def row_edit(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Change code, section, times and mode of a sequence."""
    sequence = sequence_or_404(project, code)
    prefix = f"row-{sequence.code.lower()}"
    form = RowForm(request.POST, auto_id=f"{prefix}-%s")
    order = [s.code for s in song_order(project)]
    try:
        form.is_valid()
        changed = _changed(request, sequence, form.cleaned_data)
    except Refusal as refusal:
        return kept(request, project, MAP, prefix, form, refusal, only=[sequence.code])
    if isinstance(changed, HttpResponse):
        return changed
    messages.success(request, f"{changed} is saved.")
    anchor = f"row-{changed.code.lower()}"
    if order == [s.code for s in song_order(project)]:
        return saved(request, project, MAP, anchor=anchor, only=[changed.code])
    return saved(request, project, ROWS, anchor=anchor)


def _changed(request: HttpRequest, sequence: Sequence, asked: dict[str, Any]) -> Sequence | HttpResponse:
    """The changed row, or the question that comes first because takes would become stale. Raises Refusal."""
    values: dict[str, Any] = {
        "code": asked.get("code") or None,
        "section": asked.get("section"),
        "mode": asked.get("mode") or None,
        "start": _time(asked, "start"),
        "end": _time(asked, "end"),
    }
    return asking.edited(
        request, sequence, lambda: planning.edit_sequence(actor=person(request), sequence=sequence, **values)
    )


def _time(asked: dict[str, Any], name: str) -> Decimal | None:
    text = asked.get(name, "")
    return moment(text, name) if text else None


@require_POST
@member
@needs(*MAKERS)
def row_split(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Cut a sequence in two at a time of the song."""
    sequence = sequence_or_404(project, code)
    try:
        at = moment(request.POST.get("at", ""), "at")
        left, right = asking.told(
            request, sequence, lambda: planning.split_sequence(actor=person(request), sequence=sequence, at=at)
        )
    except Refusal as refusal:
        return told(request, project, ROWS, refusal)
    messages.success(request, f"{left.code} ends where {right.code} begins; later shots went along.")
    return saved(request, project, ROWS, anchor=f"row-{right.code.lower()}")


@require_POST
@member
@needs(*MAKERS)
def row_merge(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Join a sequence with the next one in the song."""
    sequence = sequence_or_404(project, code)
    try:
        order = [s.code for s in song_order(project)]
        following = order[order.index(sequence.code) + 1 :]
        if not following:
            raise Refusal(f"{sequence.code} is the last one; there is nothing to join it with.", where=sequence.code)
        second = sequence_or_404(project, following[0])
        left = asking.told(
            request, sequence, lambda: planning.merge_sequences(actor=person(request), first=sequence, second=second)
        )
    except Refusal as refusal:
        return told(request, project, ROWS, refusal)
    messages.success(request, f"{second.code} was joined to {left.code}; its takes stay known.")
    return saved(request, project, ROWS, anchor=f"row-{left.code.lower()}")


@require_POST
@member
@needs(*MAKERS)
def boundary_move(request: HttpRequest, project: Project) -> HttpResponse:
    """Move a border: `left` ends and `right` begins at `at`; one of them may be empty."""
    left, right = (
        sequence_or_404(project, request.POST[side]) if request.POST.get(side) else None for side in ("left", "right")
    )
    both = [s for s in (left, right) if s]
    try:
        at = moment(request.POST.get("at", ""), "at")
        moved = asking.edited(
            request,
            project,
            lambda: planning.move_boundary(actor=person(request), left=left, right=right, to=at),
            sequences=both,
        )
    except Refusal as refusal:
        return told(request, project, ROWS, refusal)
    answer = saved(request, project, MAP, anchor="songmap", only=[s.code for s in both])
    if isinstance(moved, HttpResponse):
        if answer.status_code == 200:  # a fragment: the border lies where it was until the move is saved
            moved.write(answer.content)
        return moved
    return answer


@require_POST
@member
@needs(*MAKERS)
def row_move(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Change places with the neighbour before (`to` is up) or after; lengths stay, times follow."""
    codes = [s.code for s in song_order(project)]
    at = codes.index(sequence_or_404(project, code).code)
    other = at + (-1 if request.POST.get("to") == "up" else 1)
    if 0 <= other < len(codes):
        codes[at], codes[other] = codes[other], codes[at]
    try:
        planning.reorder_sequences(actor=person(request), project=project, codes=codes)
    except Refusal as refusal:
        return told(request, project, ROWS, refusal)
    return saved(request, project, ROWS, anchor=f"row-{code.lower()}")


@require_POST
@member
@needs(*MAKERS)
def row_delete(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Take a sequence out of the plan, with a way back."""
    sequence = sequence_or_404(project, code)
    try:
        gone = planning.delete_sequence(actor=person(request), sequence=sequence)
    except Refusal as refusal:
        return told(request, project, ROWS, refusal)
    return saved(request, project, ROWS, anchor="sequences", undo=gone)


@require_POST
@member
@needs(*MAKERS)
def row_restore(request: HttpRequest, project: Project) -> HttpResponse:
    """Undo a delete; `value` is the sequence's id."""
    value = request.POST.get("value", "")
    row = project.sequences.filter(pk=int(value)).first() if value.isdigit() else None
    if row is None:
        raise Http404("There is no such sequence.")
    row.project = project
    try:
        back = planning.restore_sequence(actor=person(request), sequence=row)
    except Refusal as refusal:
        return told(request, project, ROWS, refusal)
    messages.success(request, f"{back.code} is back.")
    return saved(request, project, ROWS, anchor=f"row-{back.code.lower()}", undone=back.pk)
