"""The picker itself, and the poll of its strip while a grid is being made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from sequences.models import Project, Sequence
from sequences.views.access import budget, member, page, sequence_or_404
from sequences.views.bench.context import etag

from .context import context, name_of, number_of

TEMPLATE = "sequences/picker.html"
CHANGED = (
    "pickstage", "twolarge", "cutlines", "picked", "figures", "kept", "strip", "newgo", "usepick", "gridcount",
    "largers",
)  # fmt: skip
"""What differs when another grid is shown large; never what somebody may be writing in."""


@require_safe
@member
def picker(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """The dialog; inside it the parts of another grid; without script a whole page."""
    found = _asked(request, project, code)
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return page(request, project, TEMPLATE, {**found, "whole": True}, nav="board")
    if request.htmx.target == "pickstage":  # type: ignore[attr-defined]  # as above
        return HttpResponse(parts(request, found))
    return render(request, f"{TEMPLATE}#picker", found)


@require_safe
@member
def picker_live(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """The strip with its bars: 304 when nothing moved. A shown grid that waits comes along, and its picture when done.

    A finished grid that is being cropped is never touched.
    """
    found = _asked(request, project, code)
    tag = etag(found["grids"], found["larger"])
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    waited = request.GET.get("waits") == "1"
    _ended(request, found, request.GET.get("making", ""))
    names = CHANGED if waited and not found["shown"].work.live else ("strip", "gridwait") if waited else ("strip",)
    html = parts(request, found, (*names, "largers"))
    response = HttpResponse(html + words(request) + (money(request, project) if found["ended"] else ""))
    response["ETag"] = tag
    return response


def _asked(request: HttpRequest, project: Project, code: str) -> dict[str, Any]:
    sequence = sequence_or_404(project, code)
    return context(request, project, sequence, number_of(request), request.GET.get("shot", ""))


def parts(request: HttpRequest, found: dict[str, Any], names: tuple[str, ...] = CHANGED) -> str:
    """Parts of the dialog, out of band."""
    return "".join(render_to_string(f"{TEMPLATE}#{name}", {**found, "oob": True}, request) for name in names)


def words(request: HttpRequest) -> str:
    """What was said, as toasts."""
    return render_to_string("_toasts.html", {"toasts_oob": True}, request)


def money(request: HttpRequest, project: Project) -> str:
    """The budget meter."""
    project.refresh_from_db(fields=["spent_micros", "held_micros", "cap_micros"])
    shown = {"project": project, "budget": budget(project), "budget_oob": True}
    return render_to_string("_budget.html", shown, request)


def _ended(request: HttpRequest, found: dict[str, Any], before: str) -> None:
    """Say how each grid ended that was in flight when the dialog last looked, unless the page behind says so itself."""
    watched = set(before.split(","))
    found["ended"] = [g for g in found["grids"] if str(g.work.number) in watched and not g.work.live]
    if name_of(request.headers.get("HX-Current-URL", "")) in ("board", "sequence"):
        return
    for row in found["ended"]:
        name = f"{found['sequence'].code} grid {row.work.number}"
        if row.work.state == "failed":
            messages.error(request, f"{name} failed: {row.work.said}")
        else:
            messages.success(request, f"{name} is ready to pick from.")


def shown_again(request: HttpRequest, project: Project, sequence: Sequence, number: int) -> HttpResponse:
    """The dialog after a verb on grids, with that grid large."""
    found = context(request, project, sequence, number, request.POST.get("shot", ""))
    html = parts(request, found, (*CHANGED, "pickkey")) + words(request) + money(request, project)
    response = HttpResponse(html)
    response["HX-Trigger"] = "sequence-changed"
    return response
