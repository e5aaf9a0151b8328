"""The Cut: the whole video under the song, what is missing in it, and its exports."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dailies import exporting, tasks
from dailies.models import Export
from dailies.views.edit import edit_context, etag, exports_context
from sequences.models import Project
from sequences.views.access import member, page, person

TEMPLATE = "dailies/cut.html"


@require_safe
@member
def cut(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    return page(request, project, TEMPLATE, edit_context(project), nav="cut")


@require_safe
@member
def cut_exports(request: HttpRequest, project: Project) -> HttpResponse:
    """The exports alone, for the poll: 304 while nothing changed. `running` are those that ran when it was drawn."""
    rows = list(project.exports.all())
    if request.headers.get("If-None-Match") == etag(rows):
        return HttpResponseNotModified()
    _announce(request, rows, request.GET.get("running", ""))
    return _exports(request, project, rows)


def _announce(request: HttpRequest, rows: list[Export], ran: str) -> None:
    """A toast for each export that has ended since."""
    for row in rows:
        if str(row.pk) not in ran.split(","):
            continue
        if row.file:
            messages.success(request, "The cut is exported.")
        elif row.error:
            messages.error(request, f"The export failed. {row.error}")


def _exports(request: HttpRequest, project: Project, rows: list[Export] | None = None) -> HttpResponse:
    found = exports_context(project, rows)
    html = render_to_string(f"{TEMPLATE}#exports", found, request)
    html += render_to_string("_toasts.html", {"toasts_oob": True}, request)
    return HttpResponse(html, headers={"ETag": found["exports_etag"]})


@require_POST
@member
def cut_export(request: HttpRequest, project: Project) -> HttpResponse:
    """Ask for the cut as it is now as a file."""
    export = exporting.request_export(
        actor=person(request),
        project=project,
        format=request.POST.get("format") or "mp4",
        key=request.POST.get("key") or None,
    )
    if exporting.running(export):
        tasks.ring(export.pk)
    if getattr(request, "htmx", False):
        return _exports(request, project)
    response = HttpResponseRedirect(reverse("cut", args=[project.slug]) + "#exports")
    response.status_code = 303
    return response
