"""How Setup answers: the changed parts out of band, or the page; a refusal with what was typed still there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse

from sequences import orchestration
from sequences.errors import Refusal
from sequences.forms.projects import Worded
from sequences.models import Project, Sequence
from sequences.models.plan import Role
from sequences.views.access import View, frame, page, person

from .context import Forms, context

TEMPLATE = "sequences/setup.html"
SONG = ("songpart", "rows")
ROWS = ("songmap", "rows")
MAP = ("songmap",)
OWNERS = (Role.OWNER,)
MAKERS = (Role.OWNER, Role.ARTIST)


def saved(
    request: HttpRequest,
    project: Project,
    parts: tuple[str, ...],
    *,
    anchor: str,
    undo: Sequence | None = None,
    undone: int | None = None,
    only: Iterable[str] = (),
) -> HttpResponse:
    """What changed: parts, meter and toasts for a fragment, else the page again at `anchor`.

    `only` are codes of rows that are drawn anew by themselves, so that what is typed into others stays.
    """
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        # the way back stands on top of the page
        place = f"?undo={undo.pk}" if undo else f"#{anchor}"
        response = HttpResponseRedirect(f"{reverse('project_edit', args=[project.slug])}{place}")
        response.status_code = 303
        return response
    fresh = Project.objects.select_related("song").get(pk=project.pk)
    found = {"undo": undo, "undone": undone, **context(fresh, person(request))}
    return HttpResponse(_parts(request, fresh, parts, found) + _rows(request, fresh, found, only))


def needs(*roles: Role) -> Callable[[View], View]:
    """Say who may before what is wrong with the form: the verb's own rule, asked first."""

    def outer(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, project: Project, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                orchestration.require(person(request), project, *roles)
            except Refusal as refusal:
                return told(request, project, ROWS, refusal)
            return view(request, project, *args, **kwargs)

        return inner

    return outer


def kept(
    request: HttpRequest,
    project: Project,
    parts: tuple[str, ...],
    name: str,
    form: Worded,
    refusal: Refusal | None = None,
    *,
    only: Iterable[str] = (),
) -> HttpResponse:
    """A refused form as it was filled in, with its sentences: its parts, or the whole page."""
    if refusal is not None:
        if refusal.code in ("not_allowed", "not_found"):
            return told(request, project, parts, refusal)
        form.refuse(refusal)
    forms: Forms = {name: form}
    fresh = Project.objects.select_related("song").get(pk=project.pk)
    found = context(fresh, person(request), forms)
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = page(request, fresh, TEMPLATE, found, nav="setup")
    else:
        response = HttpResponse(_parts(request, fresh, parts, found) + _rows(request, fresh, found, only))
    response.status_code = 422
    return response


def told(request: HttpRequest, project: Project, parts: tuple[str, ...], refusal: Refusal) -> HttpResponse:
    """A refusal that belongs to no field: a toast, and the parts drawn as things really are."""
    if refusal.code == "not_found":
        raise Http404(str(refusal))
    messages.error(request, str(refusal))
    response = saved(request, project, parts, anchor=parts[-1])
    if response.status_code == 200:
        response.status_code = 422
    return response


def _parts(request: HttpRequest, project: Project, parts: tuple[str, ...], found: dict[str, Any]) -> str:
    shown = {**frame(request, project), **found, "oob": True, "budget_oob": True, "toasts_oob": True}
    html = "".join(render_to_string(f"{TEMPLATE}#{part}", shown, request) for part in parts)
    html += render_to_string("_budget.html", shown, request) + render_to_string("_toasts.html", shown, request)
    if found.get("undo"):
        html += render_to_string(f"{TEMPLATE}#undone", shown, request)
    if found.get("undone"):
        html += f'<div id="undo-{found["undone"]}" hx-swap-oob="delete"></div>'
    return html


def _rows(request: HttpRequest, project: Project, found: dict[str, Any], only: Iterable[str]) -> str:
    """Rows of these codes, each by itself; outside a table the browser takes them only from a template."""
    shown = {**frame(request, project), **found, "alone": True}
    codes = set(only)
    rows = [row for row in found["rows"] if row.sequence.code in codes]
    drawn = (render_to_string(f"{TEMPLATE}#seqrow", {**shown, "row": row}, request) for row in rows)
    return "".join(f"<template>{html}</template>" for html in drawn)
