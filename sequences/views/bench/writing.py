"""Prompts and style lines beyond saving: how long a draft would be, any two revisions compared, copies, style lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Project, Sequence, Shot
from sequences.orchestration import prompting, replacing
from sequences.orchestration.quoting import quote
from sequences.queries.bench import Extras
from sequences.queries.board import counted
from sequences.queries.facts import load_inputs, with_draft
from sequences.queries.history import Written, prompt_history, style_history
from sequences.views.access import member, page, person, sequence_or_404
from sequences.views.asking import edited, told
from sequences.views.histories import Shown, asked_pair, history_page
from sequences.views.styles import changed_lines, told_of_others

from .answers import PLANNED, TEMPLATE, answer, home
from .context import choice_of
from .rows import shot_rows
from .shots import shot_or_404

COPY = "sequences/copy.html"
STYLED = ("head", "stylerev", "gridhint", *PLANNED)


@require_POST
@member
def prompt_measure(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Who would go along with what is being written, and its length as it would be sent. Nothing is saved."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    facts = load_inputs(project, [sequence])[0]
    with_draft(facts, row.pk, request.POST.get("text", "").strip())
    choice = choice_of(request)
    try:
        asked = quote(facts, mode=choice.mode, model=choice.model)
    except Refusal:  # a model that is not there is said where it is chosen
        asked = quote(facts)
    shown = next(r for r in shot_rows(facts, Extras(), asked) if r.id == row.pk)
    return render(request, f"{TEMPLATE}#uses", {"shot": shown, "endpoint": asked.endpoint})


@require_safe
@member
def prompt_revisions(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """Every revision of a prompt, with the change between any two: `a` and `b`; a fragment for htmx."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    rows = prompt_history(row)
    shown = Shown(
        f"{sequence.code} shot {row.number}", "prompt", rows, asked_pair(request, rows, str(row)),
        back=home(project, sequence, f"shot{row.number}"), back_name=sequence.code,
    )  # fmt: skip
    return history_page(request, project, shown, {"sequence": sequence, "shot": row}, nav="board")


@dataclass(frozen=True, slots=True)
class Target:
    """A shot that a prompt can be copied to, with the words it has now."""

    id: int
    number: int
    text: str
    same: bool


@require_http_methods(["GET", "HEAD", "POST"])
@member
def prompt_copy(request: HttpRequest, project: Project, code: str, shot: int) -> HttpResponse:
    """GET offers every other shot of the project; POST gives the prompt to those in `shots`, with a way back."""
    sequence = sequence_or_404(project, code)
    row = shot_or_404(sequence, shot)
    if request.method == "POST":
        return _copied(request, project, sequence, row)
    text = prompting.current_text(row)
    groups = [
        (facts.sequence, [Target(s.shot.pk, s.number, s.text, s.text == text) for s in others])
        for facts in load_inputs(project)
        if (others := [s for s in facts.shots if s.shot.pk != row.pk])
    ]
    found = {"project": project, "sequence": sequence, "shot": row, "text": text, "groups": groups}
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, f"{COPY}#copy", found)
    return page(request, project, COPY, found, nav="board")


def _copied(request: HttpRequest, project: Project, sequence: Sequence, row: Shot) -> HttpResponse:
    asked = [int(pk) for pk in request.POST.getlist("shots") if pk.isdecimal() and len(pk) < 19]
    targets = list(
        Shot.objects.filter(
            pk__in=asked, deleted_at=None, sequence__project=project, sequence__deleted_at=None
        ).select_related("sequence__project")
    )
    if not asked or len(targets) != len(set(asked)):
        gone = "a shot that is not there any more; look again" if asked else "no shot; tick at least one"
        raise Refusal(f"You chose {gone}.", where="shots")
    made = told(request, project, lambda: prompting.copy_prompt(actor=person(request), from_shot=row, to_shots=targets))
    said = f"The prompt of shot {row.number} was copied to {counted(len(made), 'shot')}."
    if not made:
        messages.info(request, "Those shots say the same already; nothing was copied.")
    undo = None
    if made and request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        word = replacing.undo_word(project, prompting.copied_steps(made))
        undo = {"value": row.pk, "said": said, "url": "prompt_copy_undo", "code": sequence.code, "word": word}
    elif made:
        messages.success(request, f"{said} Each has a new revision; its history restores the one before.")
    response = answer(request, project, sequence, _COPIED, undo=undo, anchor=f"shot{row.number}")
    response.content += render_to_string(f"{TEMPLATE}#nospend", {}, request).encode() if request.htmx else b""  # type: ignore[attr-defined]  # set by django_htmx's middleware
    return response


_COPIED = ("head", "shots", "over", "gridhint", "plan", "bill", "cast")


@require_POST
@member
def prompt_copy_undo(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Take copies of a prompt back; `value` is the shot they came from, `undo` the word that tells what they were."""
    sequence = sequence_or_404(project, code)
    back, left = replacing.undo_replace(actor=person(request), project=project, undo=request.POST.get("undo", ""))
    rest = f" {counted(left, 'shot').capitalize()} changed since and stay." if left else ""
    messages.success(request, f"Taken back in {counted(back, 'shot')}.{rest}")
    value = request.POST.get("value", "")
    undone = int(value) if value.isdecimal() and len(value) < 19 else None
    return answer(request, project, sequence, _COPIED, undone=undone, anchor="shots")


@require_POST
@member
def sequence_style(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Save the style lines of the sequence that were changed on the page."""
    sequence = sequence_or_404(project, code)
    changed = changed_lines(request)
    others = told_of_others(request, sequence, changed)
    made = edited(
        request,
        sequence,
        lambda: orchestration.set_style(actor=person(request), project=project, sequence=sequence, **changed),
    )
    if isinstance(made, HttpResponse):
        return made
    if made and others:
        messages.warning(request, f"{others} Yours is s{made.number}; both are kept.")
    return answer(request, project, sequence, STYLED, anchor="style")


@require_safe
@member
def sequence_style_revisions(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Every revision of the sequence's own style lines, with the change between any two."""
    sequence = sequence_or_404(project, code)
    rows: list[Written] = style_history(sequence)
    shown = Shown(
        f"Style lines of {sequence.code}", "style", rows, asked_pair(request, rows, sequence.code),
        back=home(project, sequence, "style"), back_name=sequence.code,
    )  # fmt: skip
    return history_page(request, project, shown, {"sequence": sequence}, nav="board")


@require_POST
@member
def sequence_style_restore(request: HttpRequest, project: Project, code: str, revision: int) -> HttpResponse:
    """Put earlier style lines of the sequence in force, as a new revision."""
    sequence = sequence_or_404(project, code)
    made = told(
        request,
        sequence,
        lambda: orchestration.restore_style(actor=person(request), project=project, sequence=sequence, number=revision),
    )
    again = f"The style lines of {sequence.code} say what s{revision} said"
    messages.success(request, f"{again}, as s{made.number}." if made else f"{again} already.")
    parts: tuple[Any, ...] = ("style", *(p for p in STYLED if p != "stylerev"))
    return answer(request, project, sequence, parts, anchor="style")
