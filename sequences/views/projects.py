"""Projects: which film waits for you; a new one; the theme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from .access import THEMES, came_from

YEAR = 365 * 24 * 3600


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """Every project of the person, the one that waits first."""
    return render(request, "sequences/projects.html", {})


@require_safe
def project_new(request: HttpRequest) -> HttpResponse:
    """A new project, from a song or a plan."""
    return render(request, "sequences/project_new.html", {})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie for a year."""
    response = HttpResponseRedirect(came_from(request, "/"))
    response.status_code = 303
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
