"""What views ask before an edit makes takes stale, and what they say when it has."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from sequences.errors import Refusal
from sequences.models import Project
from sequences.models import Sequence as SequenceRow
from sequences.orchestration import staling
from sequences.orchestration.stale_words import sentence
from sequences.orchestration.staling import Report
from sequences.queries.board import counted

from .access import came_from, page
from .stale import CHOICES, offered, refresh_chosen, rows_of

TEMPLATE = "sequences/stale_ask.html"
OURS = ("csrfmiddlewaretoken", "stale", "stale_take", "stale_key")
T = TypeVar("T")


def edited(
    request: HttpRequest,
    of: Project | SequenceRow,
    edit: Callable[[], T],
    *,
    sequences: Sequence[SequenceRow] | None = None,
    swap: str = "none",
) -> T | HttpResponse:
    """Do an edit and return what it returns, or the dialog that asks first: it would make takes stale.

    The dialog posts the same fields to the same address again, with `stale` as `save`, `refresh` or
    `refresh_unapproved`; then the edit is done and those takes are refreshed. `edit` is a verb that writes no files and
    works on rows it reads itself, since it is tried first and taken back. It can touch only the sequence it is `of`, or
    those named in `sequences`, else all of the project. `swap` is the hx-swap of the form that was sent. Raises what
    the edit raises.
    """
    project, sequences = _scope(of, sequences)
    choice = request.POST.get("stale", "")
    if choice in CHOICES:
        value = edit()
        _refresh(request, project, choice)
        return value
    report = staling.preview(project=project, edit=edit, sequences=sequences)
    if report.takes:
        return _ask(request, project, report, swap)
    value = edit()
    say(request, project, report)
    return value


def told(request: HttpRequest, of: Project | SequenceRow, edit: Callable[[], T]) -> T:
    """Do an edit that nobody is asked about, such as an autosave, and say in a toast what it has made stale and what
    refreshing that costs. It can touch only what it is `of`. Raises what the edit raises."""
    project, sequences = _scope(of, None)
    done = staling.noticing(project=project, edit=edit, sequences=sequences)
    say(request, project, done.report)
    return done.value


def _scope(
    of: Project | SequenceRow, sequences: Sequence[SequenceRow] | None
) -> tuple[Project, Sequence[SequenceRow] | None]:
    return (of, sequences) if isinstance(of, Project) else (of.project, [of])


def say(request: HttpRequest, project: Project, report: Report) -> None:
    """One toast with a way to the list; nothing when nothing became stale."""
    if not report.rows:
        return
    url = reverse("stale", args=[project.slug])
    see = format_html('<a href="{0}" hx-get="{0}" hx-target="#dialog">See</a>', url)
    messages.warning(request, format_html("{} {}", sentence(report), see))


def _refresh(request: HttpRequest, project: Project, choice: str) -> None:
    """The edit is saved already, so a refusal here is no error of it."""
    try:
        refresh_chosen(request, project, choice)
    except Refusal as refusal:
        messages.warning(request, f"The edit is saved. Nothing was refreshed: {refusal}")


def _ask(request: HttpRequest, project: Project, report: Report, swap: str) -> HttpResponse:
    again = [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values]
    found = {
        "project": project,
        **offered(project, report),
        "title": f"This edit makes {counted(len(report.takes), 'take')} stale",
        "rows": rows_of(report.takes),
        "drawn": rows_of(report.drawn),
        "again": again,
        "key": secrets.token_hex(12),
        "here": request.path,
        "back": came_from(request, reverse("board", args=[project.slug])),
        "swap": swap,
    }
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return page(request, project, TEMPLATE, found, nav="")
    response = render(request, f"{TEMPLATE}#ask", found)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
