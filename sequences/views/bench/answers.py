"""How the workbench answers a POST: the components that changed, out of band; without script the page again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sequences.models import Project, Sequence, Shot
from sequences.views.access import budget

from .context import context

TEMPLATE = "sequences/sequence.html"
# parts that exist once for every shot
PER_SHOT = ("rev", "uses", "over", "own", "ownrow")
PLANNED = ("plan", "bill", "cast", "uses")
PROMPT = ("head", "over", "gridhint", *PLANNED)
SHOTS = ("head", "fit", "shots", "plan", "bill", "cast", "startframe", "gridhint")
LENGTHS = ("head", "fit", "over", *PLANNED)
FRAMES = ("head", "startframe", "grids", "own", "ownrow", *PLANNED)
TAKES = ("head", "takes", "bill", "live")
GRIDS = ("head", "grids", "bill", "live")


def home(project: Project, sequence: Sequence, anchor: str = "", **query: object) -> str:
    """The address of the workbench."""
    url = reverse("sequence", args=[project.slug, sequence.code])
    return f"{url}{'?' + urlencode(query) if query else ''}{'#' + anchor if anchor else ''}"


def answer(
    request: HttpRequest,
    project: Project,
    sequence: Sequence,
    parts: tuple[str, ...],
    *,
    revised: int | None = None,
    undo: dict[str, Any] | None = None,
    undone: int | None = None,
    anchor: str = "",
    money: bool = False,
    marks: str = "",
) -> HttpResponse:
    """What a verb answers. `revised` is the id of a shot whose revisions changed; `undo` a toast with a way back,
    `undone` the id of what such a toast has brought back; `marks` the calls as they were, for Undo in the call plan.
    """
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        query = ({"undo": undo["value"]} if undo else {}) | ({"marks": marks} if marks else {})
        return _see(_told(request) or home(project, sequence, anchor, **query))
    if money:
        project.refresh_from_db(fields=["spent_micros", "held_micros", "cap_micros"])
    if not _on_workbench(request, project, sequence):
        response = HttpResponse(extra(request, project, undo=undo, money=money))
        response["HX-Trigger"] = "sequence-changed"
        return response
    found = context(request, project, sequence) | {"marks": marks}
    html = [drawn(request, part, found, revised) for part in parts]
    html.append(render_to_string("sequences/_stale_marks.html", found, request))
    if revised is not None:
        html.append(drawn(request, "rev", found, revised))
    if undone is not None:
        html.append(f'<div id="undo-{undone}" hx-swap-oob="delete"></div>')
    return HttpResponse("".join(html) + extra(request, project, undo=undo, money=money))


def _told(request: HttpRequest) -> str:
    """The page of ours to go back to that the form named; empty when it named none."""
    url = request.POST.get("back", "")
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else ""


def _on_workbench(request: HttpRequest, project: Project, sequence: Sequence) -> bool:
    """Whether the workbench is on screen; Board and Dailies have no such parts and only hear that something changed."""
    page = request.htmx.current_url_abs_path  # type: ignore[attr-defined]  # set by django_htmx's middleware
    return not page or urlsplit(page).path == home(project, sequence)


def drawn(request: HttpRequest, part: str, found: dict[str, Any], shot: int | None = None) -> str:
    """One part out of band; parts of shots once for each, `rev` only for the named one."""
    oob = {**found, "oob": True}
    if part not in PER_SHOT:
        return render_to_string(f"{TEMPLATE}#{part}", oob, request)
    rows = [r for r in found["shots"] if part != "rev" or r.id == shot]
    return "".join(render_to_string(f"{TEMPLATE}#{part}", {**oob, "shot": row}, request) for row in rows)


def extra(request: HttpRequest, project: Project, *, undo: dict[str, Any] | None = None, money: bool = False) -> str:
    """Budget and toasts beside the components."""
    out = render_to_string("_toasts.html", {"toasts_oob": True}, request)
    if undo:
        out += render_to_string(f"{TEMPLATE}#undone", {"project": project, "undo": undo, "oob": True}, request)
    if money:
        out += render_to_string(
            "_budget.html", {"project": project, "budget": budget(project), "budget_oob": True}, request
        )
    return out


def undo_of(shot: Shot, said: str) -> dict[str, Any]:
    """What the toast of a deleted shot needs to bring it back."""
    return {"value": shot.pk, "said": said, "url": "shot_restore", "code": shot.sequence.code}


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Go to another page, from a fragment too."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return _see(url)


def _see(url: str) -> HttpResponse:
    """303: the answer to the POST is at another address."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
