"""Draft to final: the dialog with its one price, for one take and for all approved drafts of a project."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sequences import costs
from sequences.errors import Refusal
from sequences.forms.bench import FinalForm
from sequences.forms.reading import posted
from sequences.models import Project, Take
from sequences.orchestration import finals
from sequences.orchestration.finals import Final
from sequences.queries.board import counted

from .access import member, page, person, sequence_or_404
from .bench.answers import TAKES, answer
from .board import started

TEMPLATE = "sequences/final.html"


@require_http_methods(["GET", "HEAD", "POST"])
@member
def board_final(request: HttpRequest, project: Project) -> HttpResponse:
    """GET shows what making every approved draft final costs; POST asks for it, with a result for each."""
    if request.method == "POST":
        return _batch(request, project)
    model = request.GET.get("model") or None
    endpoint = finals.final_model(project, model)
    rows = finals.finals(project=project, model=endpoint.id)
    ready = sum(not row.problems for row in rows)
    title = f"Make {counted(ready, 'draft')} final?" if ready else "Nothing to make final"
    here, back = reverse("board_final", args=[project.slug]), reverse("board", args=[project.slug])
    return _dialog(request, project, rows, endpoint.id, title=title, here=here, back=back)


def _batch(request: HttpRequest, project: Project) -> HttpResponse:
    asked = posted(request, FinalForm)
    done = finals.finalise(
        actor=person(request),
        project=project,
        model=asked["model"] or None,
        key=asked["key"] or None,
        shown_price=asked["shown_price"],
    )
    made = [str(one.made) for one in done if one.made]
    if made:
        messages.success(request, f"{counted(len(made), 'final').capitalize()} asked for: {', '.join(made)}.")
    for one in done:
        if one.refusal:
            messages.error(request, f"{one.draft} was left out: {one.refusal}")
    return started(request, project)


@require_http_methods(["GET", "HEAD", "POST"])
@member
def take_final(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """GET shows what making one take again on another model costs; POST asks for it."""
    sequence = sequence_or_404(project, code)
    take = sequence.takes.select_related("start_frame").filter(number=number).first()
    if take is None:
        raise Http404(f"There is no take T{number} of {code}.")
    take.sequence = sequence
    sequence.project = project
    if request.method == "POST":
        return _one(request, project, take)
    endpoint = finals.final_model(project, request.GET.get("model") or None)
    row = finals.final(take=take, endpoint=endpoint)
    here = reverse("take_final", args=[project.slug, code, number])
    back = reverse("sequence", args=[project.slug, code])
    return _dialog(
        request, project, [row], endpoint.id, title=f"Make {code} T{number} final?", here=here, back=back, single=True
    )


def _one(request: HttpRequest, project: Project, take: Take) -> HttpResponse:
    asked = posted(request, FinalForm)
    if asked["shown_price"] is None:
        raise Refusal("The price that was shown is missing; open the dialog again.", code="price_changed")
    made = finals.remake(
        actor=person(request),
        take=take,
        model=asked["model"] or finals.final_model(project).id,
        key=asked["key"] or None,
        shown_price=asked["shown_price"],
    )
    messages.success(request, f"T{made.number} is asked for, made from T{take.number}.")
    response = answer(request, project, take.sequence, TAKES, anchor="takes", money=True)
    if response.status_code == 200:
        response.write('<div id="dialog" hx-swap-oob="innerHTML"></div>')
    return response


def _dialog(
    request: HttpRequest,
    project: Project,
    rows: list[Final],
    model: str,
    *,
    title: str,
    here: str,
    back: str,
    single: bool = False,
) -> HttpResponse:
    """The dialog, or without script the page that holds it."""
    total, left = finals.total(rows), costs.left_now(project)
    found: dict[str, Any] = {
        "project": project,
        "rows": rows,
        "ready": [row for row in rows if not row.problems],
        "blocked": [row for row in rows if row.problems],
        "model": model,
        "models": finals.final_models(project),
        "title": title,
        "here": here,
        "back": back,
        "single": single,
        "total": total,
        "seconds": sum(row.quote.plan.seconds for row in rows if row.quote and not row.problems),
        "left": left,
        "after": left - total,
        "refused": costs.refusal(project, total),
        "key": secrets.token_hex(12),
    }
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = render(request, f"{TEMPLATE}#final", found)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    return page(request, project, TEMPLATE, found, nav="board")
