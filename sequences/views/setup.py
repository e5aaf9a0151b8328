"""Setup: song, sequences on it, project, style, budget, check limits, members, plan file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sequences.models import Project

from .access import member, page


@require_safe
@member
def project_edit(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    return page(request, project, "sequences/setup.html", {}, nav="setup")
