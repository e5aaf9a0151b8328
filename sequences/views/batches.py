"""Batches of a project: the list, one batch with a result for each sequence, and pause, resume, call off, go on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sequences import orchestration
from sequences.models import Batch, Project
from sequences.queries.batches import BatchRow, batch_row, batches_of

from .access import budget, member, page, person

LIST, ONE = "sequences/batches.html", "sequences/batch.html"


@require_safe
@member
def batches(request: HttpRequest, project: Project) -> HttpResponse:
    """Every batch, the newest first."""
    return page(request, project, LIST, {"batches": list(batches_of(project))}, nav="board")


@require_safe
@member
def batch(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """One batch."""
    return page(request, project, ONE, _context(project, _found(project, number)), nav="board")


@require_safe
@member
def batch_live(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Its results as they stand; 304 while nothing changed."""
    context = _context(project, _found(project, number))
    if request.headers.get("If-None-Match") == context["etag"]:
        return HttpResponseNotModified()
    return _fragment(request, project, context)


@require_POST
@member
def batch_verb(request: HttpRequest, project: Project, number: int, verb: str) -> HttpResponse:
    """Pause, resume, call off what was not sent, or ask for what was left when it broke off."""
    row = _found(project, number)
    messages.success(request, VERBS[verb](person(request), row))
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = HttpResponseRedirect(reverse("batch", args=[project.slug, number]))
        response.status_code = 303
        return response
    fresh = Project.objects.get(pk=project.pk)
    return _fragment(request, fresh, _context(fresh, _found(fresh, number)))


def _pause(actor: AbstractBaseUser, row: Batch) -> str:
    orchestration.pause_batch(actor=actor, batch=row)
    return f"Batch {row.number} is paused. What was sent goes on; nothing more is sent."


def _resume(actor: AbstractBaseUser, row: Batch) -> str:
    orchestration.resume_batch(actor=actor, batch=row)
    return f"Batch {row.number} goes on."


def _cancel(actor: AbstractBaseUser, row: Batch) -> str:
    orchestration.cancel_batch(actor=actor, batch=row)
    return f"What was not sent of batch {row.number} is called off."


def _continue(actor: AbstractBaseUser, row: Batch) -> str:
    orchestration.continue_batch(actor=actor, batch=row)
    return f"The rest of batch {row.number} is asked for."


VERBS: dict[str, Callable[[AbstractBaseUser, Batch], str]] = {
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "continue": _continue,
}


def _found(project: Project, number: int) -> Batch:
    rows = project.batches.select_related("created_by", "paused_by")
    row = rows.filter(number=number).first() if number < 2**31 else None
    if row is None:
        raise Http404(f"There is no batch {number}.")
    row.project = project
    return row


def _context(project: Project, row: Batch) -> dict[str, Any]:
    found = batch_row(row)
    return {"project": project, "row": found, "etag": _etag(found), "try_again": _try_again(project, found)}


def _try_again(project: Project, found: BatchRow) -> str:
    """The address of a new answer over what was refused; empty when nothing was."""
    if not found.refused_codes:
        return ""
    asked = [("codes", code) for code in found.refused_codes] + [("takes", str(found.batch.takes))]
    return f"{reverse('board_run', args=[project.slug])}?{urlencode(asked)}"


def _etag(found: BatchRow) -> str:
    """Changes when anything that is shown does."""
    batch = found.batch
    items = [(i.item.pk, i.word, i.done, i.away, i.queued, i.cost, i.note) for i in found.items]
    return f'"{hashlib.sha256(repr((batch.paused_at, items)).encode()).hexdigest()[:20]}"'


def _fragment(request: HttpRequest, project: Project, context: dict[str, Any]) -> HttpResponse:
    money = {"project": project, "budget": budget(project), "budget_oob": True}
    parts = [
        render_to_string(f"{ONE}#results", context, request),
        render_to_string("_budget.html", money, request),
        render_to_string("_toasts.html", {"toasts_oob": True}, request),
    ]
    response = HttpResponse("\n".join(parts))
    response["ETag"] = context["etag"]
    return response
