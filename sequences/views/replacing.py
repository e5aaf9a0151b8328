"""Search and replace in every prompt of a project: preview, the change as one step, its undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from sequences.errors import Refusal
from sequences.forms.reading import read
from sequences.forms.replacing import SearchForm
from sequences.models import Project
from sequences.orchestration import replacing
from sequences.orchestration.replacing import Hit, Replaced, Search
from sequences.queries.board import counted

from .access import member, page, person
from .asking import told

TEMPLATE = "sequences/replace.html"


@require_http_methods(["GET", "HEAD", "POST"])
@member
def prompts_replace(request: HttpRequest, project: Project) -> HttpResponse:
    """GET shows every change a search would make; POST makes those that are ticked and shows what was done."""
    if request.method == "POST":
        search = Search(**read(SearchForm(request.POST)))
        done = told(
            request,
            project,
            lambda: replacing.replace_prompts(
                actor=person(request), project=project, search=search, only=request.POST.getlist("only")
            ),
        )
        return page(request, project, TEMPLATE, _context(project, search, done=done), nav="setup")
    form = SearchForm(request.GET)
    search = Search(**{"find": "", "put": "", **form.cleaned_data}) if form.is_valid() else Search("", "")
    found = _context(project, search)
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, f"{TEMPLATE}#hits", found)
    return page(request, project, TEMPLATE, found, nav="setup")


@require_POST
@member
def prompts_replace_undo(request: HttpRequest, project: Project) -> HttpResponse:
    """Take one replacement back as a whole."""
    back, left = replacing.undo_replace(actor=person(request), project=project, undo=request.POST.get("undo", ""))
    rest = f" {counted(left, 'text').capitalize()} changed since and stay." if left else ""
    messages.success(request, f"Taken back in {counted(back, 'text')}.{rest}")
    response = HttpResponseRedirect(reverse("prompts_replace", args=[project.slug]))
    response.status_code = 303
    return response


def _context(project: Project, search: Search, done: Replaced | None = None) -> dict[str, Any]:
    found, refusal = _found(project, search) if done is None else ([], "")
    return {
        "project": project,
        "search": search,
        "hits": found,
        "places": sum(hit.count for hit in found),
        "texts": len(found),
        "sequences": len({hit.code for hit in found if hit.code}),
        "refusal": refusal,
        "done": done,
    }


def _found(project: Project, search: Search) -> tuple[list[Hit], str]:
    if not search.find:
        return [], ""
    try:
        return replacing.hits(project=project, search=search), ""
    except Refusal as refusal:
        return [], str(refusal)
