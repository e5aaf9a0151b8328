"""The spend dialog of the board: what running sequences costs, what is left out, and the button that spends."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from sequences import costs
from sequences.errors import Refusal
from sequences.models import Project
from sequences.orchestration import making
from sequences.orchestration.making import MOST_TAKES
from sequences.queries import SequenceFacts, load, stage
from sequences.queries.board import counted

from .access import member, page, person
from .board import started
from .cards import TAKES, Bill, bill, quoted

TEMPLATE = "sequences/run.html"


@require_http_methods(["GET", "HEAD", "POST"])
@member
def board_run(request: HttpRequest, project: Project) -> HttpResponse:
    """GET shows the bill of everything ready, or of `codes`; POST spends it: all of it or nothing."""
    asked = request.POST if request.method == "POST" else request.GET
    facts, named = _chosen(project, asked)
    takes = TAKES
    try:
        takes = _takes(asked.get("takes"))
        if request.method == "POST":
            return _spent(request, project, facts, takes)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return _shown(request, project, facts, named, takes, str(refusal))
    return _shown(request, project, facts, named, takes)


def _spent(request: HttpRequest, project: Project, facts: list[SequenceFacts], takes: int) -> HttpResponse:
    """Ask for the takes and show them. Raises Refusal."""
    made = making.request_takes(
        actor=person(request),
        sequences=[f.sequence for f in facts],
        takes=takes,
        key=request.POST.get("key") or None,
        shown_price=_price(request.POST.get("shown_price")),
    )
    messages.success(request, f"{counted(len(made), 'take').capitalize()} asked for.")
    return started(request, project)


def _chosen(project: Project, asked: MultiValueDict[str, str]) -> tuple[list[SequenceFacts], bool]:
    """The sequences meant, and whether they were named."""
    codes = {c.strip().upper() for value in asked.getlist("codes") for c in value.split(",") if c.strip()}
    found = load(project)
    if not codes:
        return [f for f in found if stage(f) == "ready"], False
    known = {f.sequence.code.upper() for f in found}
    if codes - known:
        raise Refusal(f"There is no sequence {', '.join(sorted(codes - known))}.", code="not_found", where="codes")
    return [f for f in found if f.sequence.code.upper() in codes], True


def _takes(text: str | None) -> int:
    """How many takes were asked for; the usual number when it is not said. Raises Refusal."""
    if not text:
        return TAKES
    if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MOST_TAKES:
        return int(text)
    raise Refusal(f"Takes is {text[:20]}; ask for 1 to {MOST_TAKES} at a time.", where="takes")


def _price(text: str | None) -> int:
    if not text or not text.isdecimal():
        raise Refusal("The price that was shown is missing; open the dialog again.", code="price_changed")
    return int(text)


def _shown(
    request: HttpRequest, project: Project, facts: list[SequenceFacts], named: bool, takes: int, refusal: str = ""
) -> HttpResponse:
    """The dialog, or without script the page that holds it; with a refusal on top when there is one."""
    quotes = [q for f in facts if (q := quoted(f))]
    found = _context(project, bill(quotes, takes, costs.left_now(project)), named, refusal)
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = render(request, f"{TEMPLATE}#spend", found, status=422 if refusal else 200)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    response = page(request, project, TEMPLATE, found, nav="board")
    response.status_code = 422 if refusal else 200
    return response


def _context(project: Project, owed: Bill, named: bool, refusal: str) -> dict[str, Any]:
    return {
        "project": project,
        "bill": owed,
        "named": named,
        "refusal": refusal.splitlines(),
        "title": _title(owed, named),
        "most_takes": MOST_TAKES,
        "key": secrets.token_hex(12),
        "can_spend": bool(owed.quotes) and not owed.short,
        "why_short": costs.refusal(project, owed.total) if owed.short else None,
    }


def _title(owed: Bill, named: bool) -> str:
    """The question the dialog asks."""
    count = len(owed.quotes)
    if not count:
        return "Nothing to run"
    return (
        f"Generate {owed.quotes[0].facts.sequence.code}?"
        if named and count == 1
        else f"Run {counted(count, 'ready sequence')}?"
    )
