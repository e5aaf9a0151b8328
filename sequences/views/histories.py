"""The page that compares any two revisions of one text, and its fragment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sequences.errors import Refusal
from sequences.models import Project
from sequences.queries.history import Changed, Written, between, one_of

from .access import page

TEMPLATE = "sequences/history.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is compared: revisions newest first and the chosen pair, older first; None while there are fewer than two.
    `kind` is prompt or style; `back` is where it belongs."""

    title: str
    kind: str
    rows: list[Written]
    pair: tuple[Written, Written] | None
    back: str
    back_name: str

    @property
    def changes(self) -> list[Changed]:
        """What differs between the pair."""
        return between(*self.pair) if self.pair else []


def asked_pair(request: HttpRequest, rows: list[Written], whose: str) -> tuple[Written, Written] | None:
    """The revisions `a` and `b` of the address, as r2 or 2; without them the newest two. Raises Refusal."""
    if len(rows) < 2:
        return None
    b = one_of(rows, _number(request.GET.get("b"), rows[0].number), whose)
    a = one_of(rows, _number(request.GET.get("a"), rows[1].number), whose)
    return a, b


def _number(word: str | None, usual: int) -> int:
    if not word:
        return usual
    digits = word.lstrip("rs")
    if not digits.isdecimal() or len(digits) > 9:
        raise Refusal(f"“{word}” names no revision; write r2 or 2.", code="not_found", where="a")
    return int(digits)


def history_page(
    request: HttpRequest, project: Project, shown: Shown, more: dict[str, Any], *, nav: str
) -> HttpResponse:
    """The whole page; for htmx the change alone, without the list."""
    found = {"project": project, "shown": shown, **more}
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        part = "revisions" if request.GET.get("list") else "change"
        return render(request, f"{TEMPLATE}#{part}", found)
    return page(request, project, TEMPLATE, found, nav=nav)
