"""The page, and the plan file it gives out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sequences import orchestration
from sequences.models import Project
from sequences.views.access import member, page, person

from .answers import TEMPLATE
from .context import context

TYPES = {"toml": "application/toml", "json": "application/json"}


@require_safe
@member
def project_edit(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    found = context(project, person(request))
    undo = request.GET.get("undo", "")
    if undo.isdigit():
        found["undo"] = project.sequences.filter(pk=int(undo), deleted_at__isnull=False).first()
    return page(request, project, TEMPLATE, found, nav="setup")


@require_safe
@member
def plan_download(request: HttpRequest, project: Project, kind: str) -> HttpResponse:
    """The plan as a file, TOML or JSON; for any member."""
    plan = orchestration.export_plan(actor=person(request), project=project)
    text = orchestration.plan_text(plan, as_json=kind == "json")
    response = HttpResponse(text, content_type=f"{TYPES[kind]}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{project.slug}.{kind}"'
    return response
