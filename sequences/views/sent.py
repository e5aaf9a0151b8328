"""What is sent: the JSON of each call before money is spent, and of each call of a take afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sequences.models import Project
from sequences.orchestration import quote
from sequences.orchestration.showing import call_bodies, grid_body, next_grid, next_take
from sequences.queries import load
from sequences.queries.requests import SentCall, sent_calls

from .access import member, page, sequence_or_404
from .bench.context import choice_of

TEMPLATE = "sequences/sent.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """One call on the page; `said` are remarks under its heading."""

    name: str
    path: str
    said: list[str]
    text: str
    problem: str = ""


@require_safe
@member
def take_bodies(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """The exact JSON of every call of the chosen mode, model and seed. Nothing is uploaded to show it."""
    facts = load(project, [sequence_or_404(project, code)])[0]
    choice = choice_of(request)
    asked = quote(facts, mode=choice.mode, model=choice.model)
    number = next_take(asked)
    calls = [
        Shown(f"Call {c.number}", c.path, [], text_of(c.body), c.problem)
        for c in call_bodies(asked, seed=choice.seed, number=number)
    ]
    titles = " and ".join(one.title for one in asked.endpoints)
    said = (
        f"As T{number} would be sent to {titles}. Pictures are uploaded when it is: here they are named."
    )
    return _show(request, project, code, calls, f"What T{number} will send", said)


@require_safe
@member
def take_sent(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """What was frozen for every call of a take, and what was sent."""
    sequence = sequence_or_404(project, code)
    take = sequence.takes.filter(number=number).first()
    if take is None:
        raise Http404(f"There is no take T{number} of {code}.")
    calls = [shown(call) for call in sent_calls(take.jobs.order_by("call", "id"))]
    said = "Frozen when it was asked for. Addresses of uploads are replaced by what lies there."
    return _show(request, project, code, calls, f"What T{number} sent", said)


@require_safe
@member
def grid_bodies(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """The exact JSON of the next grid, its panels' descriptions included. Nothing is uploaded to show it."""
    facts = load(project, [sequence_or_404(project, code)])[0]
    body, title = grid_body(facts, layout=request.GET.get("grid_layout") or None)
    call = Shown("Call 1", body.path, [], text_of(body.body), body.problem)
    number = next_grid(facts)
    said = f"As G{number} would be sent to {title}. Pictures are uploaded when it is: here they are named."
    return _show(request, project, code, [call], f"What G{number} will send", said)


@require_safe
@member
def grid_sent(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """What was frozen for a grid, and what was sent."""
    sequence = sequence_or_404(project, code)
    grid = sequence.grids.filter(number=number).first()
    if grid is None:
        raise Http404(f"There is no grid G{number} of {code}.")
    calls = [shown(call) for call in sent_calls(grid.jobs.order_by("call", "id"))]
    said = "Frozen when it was asked for. Addresses of uploads are replaced by what lies there."
    return _show(request, project, code, calls, f"What G{number} sent", said)


def shown(call: SentCall) -> Shown:
    """A call that was asked for."""
    said = [f"Starts from the last frame of call {call.after}."] if call.after is not None else []
    if call.sent_at is None:
        said.append("Not sent yet." if call.state == "queued" else f"Not sent: {call.state}.")
    return Shown(f"Call {call.call}", call.path, said, text_of(call.shown))


def text_of(body: dict[str, Any]) -> str:
    """JSON as people read it."""
    return json.dumps(body, ensure_ascii=False, indent=2)


def _show(request: HttpRequest, project: Project, code: str, calls: list[Shown], title: str, said: str) -> HttpResponse:
    found = {"project": project, "code": code, "calls": calls, "title": title, "said": said}
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, f"{TEMPLATE}#sent", found)
    return page(request, project, TEMPLATE, found, nav="board")
