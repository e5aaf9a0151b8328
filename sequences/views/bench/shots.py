"""Verbs on shots and their prompts, from the workbench."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.reading import whole
from sequences.models import Project, Sequence, Shot
from sequences.orchestration import prompting
from sequences.orchestration import shots as verbs
from sequences.views.access import member, person, sequence_or_404
from sequences.views.asking import told

from .answers import LENGTHS, PROMPT, SHOTS, answer, undo_of


def shot_or_404(sequence: Sequence, pk: int) -> Shot:
    """A living shot of the sequence."""
    found = sequence.shots.filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise Http404(f"There is no such shot in {sequence.code}.")
    found.sequence = sequence
    return found


@require_POST
@member
def shot_add(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Add a shot at the end, or behind the one named `after`."""
    sequence = sequence_or_404(project, code)
    after = shot_or_404(sequence, whole(request, "after")) if request.POST.get("after") else None
    shot = told(request, sequence, lambda: verbs.add_shot(actor=person(request), sequence=sequence, after=after))
    number = Shot.objects.values_list("number", flat=True).get(pk=shot.pk)
    return answer(request, project, sequence, SHOTS, anchor=f"shot{number}")


@require_POST
@member
def shot_order(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Put the shots into the order of `order`: their present numbers, joined by commas."""
    sequence = sequence_or_404(project, code)
    numbers = [n.strip() for n in request.POST.get("order", "").split(",")]
    if not all(n.isdigit() for n in numbers):
        raise Refusal("The new order names something that is no shot; reload the page.", where="order")
    order = [int(n) for n in numbers]
    told(request, sequence, lambda: verbs.reorder_shots(actor=person(request), sequence=sequence, order=order))
    return answer(request, project, sequence, SHOTS, anchor="shots")


@require_POST
@member
def shot_move(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Swap a shot with its neighbour, `to` is up or down."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    order = [s.number for s in verbs.living_shots(sequence)]
    at = order.index(row.number)
    other = min(max(at + (-1 if request.POST.get("to") == "up" else 1), 0), len(order) - 1)
    order[at], order[other] = order[other], order[at]
    told(request, sequence, lambda: verbs.reorder_shots(actor=person(request), sequence=sequence, order=order))
    return answer(request, project, sequence, SHOTS, anchor=f"shot{other + 1}")


@require_POST
@member
def shot_fit(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Make the shots fit the section: `how` is trim, scale or whole (scale to whole seconds)."""
    sequence = sequence_or_404(project, code)
    how = request.POST.get("how")
    if how == "trim":
        told(request, sequence, lambda: verbs.trim_last_shot(actor=person(request), sequence=sequence))
    elif how in ("scale", "whole"):
        told(
            request, sequence, lambda: verbs.scale_shots(actor=person(request), sequence=sequence, whole=how == "whole")
        )
    else:
        raise Refusal("Say how the shots should fit: trim, scale or whole.", where="how")
    return answer(request, project, sequence, SHOTS, anchor="fit")


@require_POST
@member
def shot_prompt(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Save a prompt as the shot's next revision."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    seen, text = request.POST.get("seen", ""), request.POST.get("text", "")
    made = told(request, sequence, lambda: prompting.revise(actor=person(request), shot=row, text=text))
    if made and seen.isdecimal() and seen != str(made.number - 1):
        said = f"Shot {row.number} became r{made.number - 1} while you were writing; yours is r{made.number}."
        messages.warning(request, said)
    return answer(request, project, sequence, PROMPT, revised=row.pk, anchor=f"shot{row.number}")


@require_POST
@member
def prompt_restore(request: HttpRequest, project: Project, code: str, shot: int, revision: int) -> HttpResponse:
    """Make an earlier revision the current one, as a new one."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    made = told(request, sequence, lambda: prompting.restore(actor=person(request), shot=row, number=revision))
    again = f"Shot {row.number} says what r{revision} said"
    messages.success(request, f"{again}, as r{made.number}." if made else f"{again} already.")
    return answer(request, project, sequence, ("shots", *PROMPT), anchor=f"shot{row.number}")


@require_POST
@member
def shot_seconds(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Set a shot's length."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    seconds = request.POST.get("seconds", "").replace(",", ".")
    told(request, sequence, lambda: verbs.set_seconds(actor=person(request), shot=row, seconds=seconds))
    return answer(request, project, sequence, LENGTHS, anchor=f"shot{row.number}")


@require_POST
@member
def shot_solo(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Mark a shot as always its own call, or take the mark off."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    verbs.set_solo(actor=person(request), shot=row, solo=bool(request.POST.get("solo")))
    return answer(request, project, sequence, LENGTHS, anchor=f"shot{row.number}")


@require_POST
@member
def shot_delete(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Take a shot out, with a way back."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    number = row.number
    told(request, sequence, lambda: verbs.delete_shot(actor=person(request), shot=row))
    undo = undo_of(row, f"Shot {number} deleted.")
    return answer(request, project, sequence, SHOTS, undo=undo, anchor="shots")


@require_POST
@member
def shot_restore(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Undo a delete; `value` is the shot's id."""
    sequence = sequence_or_404(project, code)
    row = sequence.shots.select_related("sequence").filter(pk=whole(request, "value")).first()
    if row is None:
        raise Http404(f"There is no such shot in {sequence.code}.")
    row.sequence = sequence
    back = told(request, sequence, lambda: verbs.restore_shot(actor=person(request), shot=row))
    number = Shot.objects.values_list("number", flat=True).get(pk=back.pk)
    messages.success(request, f"Shot {number} is back.")
    return answer(request, project, sequence, SHOTS, undone=row.pk, anchor=f"shot{number}")
