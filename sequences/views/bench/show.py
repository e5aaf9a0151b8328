"""The workbench page, the call plan of other choices, and the poll while something is being made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sequences.errors import Refusal
from sequences.models import Project
from sequences.queries import stage
from sequences.queries.bench import deleted_shot
from sequences.states import ArtefactState
from sequences.views.access import member, page, sequence_or_404

from .answers import FRAMES, PLANNED, TEMPLATE, drawn, extra, undo_of
from .context import context, etag, live, moving


@require_safe
@member
def sequence(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """The workbench. A sequence that was deleted can be brought back from here."""
    try:
        row = sequence_or_404(project, code)
    except Http404:
        return _gone(request, project, code)
    found = context(request, project, row)
    wanted = request.GET.get("undo", "")
    if wanted.isdigit() and (shot := deleted_shot(row, int(wanted))):
        found["undo"] = undo_of(shot, "The shot was deleted.")
    return page(request, project, TEMPLATE, found, nav="board")


def _gone(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    row = project.sequences.filter(code__iexact=code, deleted_at__isnull=False).order_by("-deleted_at").first()
    if row is None:
        raise Http404(f"There is no sequence {code}.")
    response = page(request, project, "sequences/sequence_gone.html", {"sequence": row}, nav="board")
    response.status_code = 410
    return response


@require_safe
@member
def take_plan(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """The call plan of the chosen mode, model and number of takes; without script the page with them."""
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return sequence(request, project.slug, code)
    found = context(request, project, sequence_or_404(project, code))
    return HttpResponse("".join(drawn(request, part, found) for part in PLANNED))


@require_safe
@member
def bench_live(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """What changed of the works that are watched: 304 when nothing did. `all` draws what the picker changes, once."""
    row = sequence_or_404(project, code)
    if request.GET.get("all"):
        found = context(request, project, row)
        html = "".join(drawn(request, part, found) for part in ("live", *FRAMES))
        return HttpResponse(html + extra(request, project, money=True))
    found = moving(project, row)
    tag = etag(found["takes"], found["grids"], found["enlarging"])
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    response = HttpResponse(_moved(request, project, code, found))
    response["ETag"] = tag
    return response


def _moved(request: HttpRequest, project: Project, code: str, found: dict[str, Any]) -> str:
    """Cards with a bar, one by one, while all of them run; everything that may have changed once one has ended."""
    now = live(found["takes"], found["grids"], found["enlarging"])
    asked = {name: request.GET.get(name, "") for name in ("takes", "grids", "frames", "seen")}
    if now is None or any(now[name] != asked[name] for name in asked):
        _announce(request, found["takes"], asked["takes"], "T{}", "is made and waits for a look.")
        _announce(request, found["grids"], asked["grids"], "Grid {}", "is drawn; pick a frame of it.")
        whole = context(request, project, sequence_or_404(project, code))
        _announce_frames(request, whole, asked["frames"])
        parts = ("live", "head", "takes", "grids", "own", "ownrow", "startframe", *PLANNED)
        return "".join(drawn(request, part, whole) for part in parts) + extra(request, project, money=True)
    found |= {"live": now, "project": project, "sequence": found["facts"].sequence, "stage": stage(found["facts"])}
    out = drawn(request, "live", found)
    out += "".join(drawn(request, "takework", {**found, "row": t}) for t in found["takes"] if t.work.live)
    out += "".join(drawn(request, "gridwork", {**found, "row": g}) for g in found["grids"] if g.work.live)
    return out + "".join(drawn(request, "largerwork", {**found, "row": f}) for f in found["enlarging"] if f.work.live)


def _announce(request: HttpRequest, rows: list[Any], watched: str, name: str, made: str) -> None:
    """Say how each watched work has ended."""
    for row in rows:
        if str(row.work.number) not in watched.split(",") or row.work.live:
            continue
        named = name.format(row.work.number)
        if row.work.state == ArtefactState.FAILED:
            messages.error(request, f"{named} failed. {row.work.said} {row.work.money}")
        else:
            messages.success(request, f"{named} {made}")


def _announce_frames(request: HttpRequest, found: dict[str, Any], watched: str) -> None:
    """Say how each frame that was being made larger has ended."""
    running = {str(row.work.number) for row in found["enlarging"] if row.work.live}
    ended = [int(n) for n in watched.split(",") if n.isdecimal() and len(n) < 8 and n not in running]
    money = {row.work.number: row.work.money for row in found["enlarging"]}
    for frame in found["sequence"].start_frames.filter(number__in=ended) if ended else ():
        if frame.state == ArtefactState.FAILED:
            messages.error(request, f"F{frame.number} failed. {frame.error} {money.get(frame.number, '')}")
        else:
            used = " and in use" if frame.state == ArtefactState.APPROVED else "; it waits among the earlier frames"
            messages.success(request, f"F{frame.number} is made, {frame.width} × {frame.height}{used}.")


def spend_dialog(request: HttpRequest, project: Project, found: dict[str, Any]) -> HttpResponse:
    """What is about to be spent, to be confirmed: a dialog, without script the page with it open."""
    if found["bill"].problems:
        raise Refusal(" ".join(found["bill"].problems), code="not_ready", where="sequence")
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return page(request, project, TEMPLATE, {**found, "spend": True}, nav="board")
    response = render(request, f"{TEMPLATE}#spend", {**found, "spend": True})
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
