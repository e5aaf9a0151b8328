"""Projects: which film waits for you; a new one; the theme."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sequences.errors import Refusal
from sequences.forms.projects import NewProjectForm, PlanForm
from sequences.orchestration import projects as verbs
from sequences.queries.projects import project_rows

from .access import THEMES, came_from, person

YEAR = 365 * 24 * 3600
LIST, NEW = "sequences/projects.html", "sequences/project_new.html"


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """Every project of the person, the one that waits for them first."""
    rows = project_rows(request.user)
    return render(request, LIST, {**fresh(), "rows": rows, "waiting": sum(r.step.waits for r in rows)})


def fresh() -> dict[str, Any]:
    """Empty forms of both ways to a project."""
    return {"form": NewProjectForm(), "planform": PlanForm(), "way": "song"}


@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """A new project: the form, or what it was filled in with."""
    if request.method != "POST":
        way = "plan" if request.GET.get("from") == "plan" else "song"
        return render(request, NEW, {**fresh(), "way": way})
    form = NewProjectForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = _made(request, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{made.title} is made.")
            here = reverse("project_edit", args=[made.slug])
            return gone_to(request, f"{here}#song" if not form.cleaned_data["song"] else f"{here}#sequences")
    shown = f"{NEW}#newfields" if request.htmx else NEW  # type: ignore[attr-defined]  # set by django_htmx's middleware
    return render(request, shown, {**fresh(), "form": form}, status=422)


def _made(request: HttpRequest, form: NewProjectForm) -> Any:
    return verbs.new_project(
        actor=person(request),
        **form.values(),
        slug=form.cleaned_data["slug"] or None,
        budget=form.cap(),
        song=form.cleaned_data["song"],
    )


@require_safe
def project_slug(request: HttpRequest) -> HttpResponse:
    """The address a title makes, as a hint under its field."""
    title = request.GET.get("title", "").strip()[:200]
    return render(request, f"{NEW}#newslug", {"suggested": verbs.free_slug(title) if title else ""})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie for a year."""
    response = HttpResponseRedirect(came_from(request, reverse("projects")))
    response.status_code = 303
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


def gone_to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to another page, with and without script."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return HttpResponse(headers={"HX-Redirect": address})
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
