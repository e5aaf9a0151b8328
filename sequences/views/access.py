"""What every page shares: who may come in, what the frame of the page shows, and how a refusal is said."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from sequences import costs
from sequences.errors import Refusal
from sequences.models import Project, Sequence
from sequences.models.plan import Role
from sequences.queries import projects_of, waiting_count
from sequences.queries.accounts import counting_trouble, troubled
from sequences.queries.needs import counting_needs, needs_count
from sequences.templatetags.board import tc
from sequences.transitions import MoveError

THEMES = ("dark", "light", "system")
MAKERS = (Role.OWNER.value, Role.ARTIST.value)
View = Callable[..., HttpResponse]


def member(view: View) -> View:
    """Give the view the project named by `slug`, for members only; a stranger gets 404.

    One query brings the person's projects with their role in each, for the page and for the menu. A Refusal raised
    inside, or a move that somebody else was faster with, is answered by `refused`.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        known = counting_trouble(counting_needs(projects_of(request.user).annotate(role=F("memberships__role"))))
        mine = list(known.select_related("song").order_by("-created_at", "-id"))
        project = next((p for p in mine if p.slug == slug), None)
        if project is None:
            raise Http404(f"There is no project {slug}.")
        request.menu = mine  # type: ignore[attr-defined]  # read back by `frame` only
        request.role = project.role  # type: ignore[attr-defined]  # annotated above, read back by `rights` only
        try:
            _refuse_nul(request)
            return view(request, project, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal, fallback=f"/p/{slug}/")
        except MoveError as moved:  # somebody was faster
            return refused(request, Refusal(str(moved), code="stale"), fallback=f"/p/{slug}/")

    return inner


def _refuse_nul(request: HttpRequest) -> None:
    """No text of ours holds a NUL, and PostgreSQL cannot store one. Raises Refusal that names the field."""
    for field, values in (*request.GET.lists(), *request.POST.lists()):
        if "\0" in field or any("\0" in str(value) for value in values):
            named = field.replace("\0", "")[:40]
            raise Refusal(f'The field "{named}" holds a NUL character; remove it and send it again.', where=named)


def person(request: HttpRequest) -> AbstractBaseUser:
    """Who asks. Pages are closed to strangers before any view runs, so this is somebody."""
    return cast(AbstractBaseUser, request.user)


def sequence_or_404(project: Project, code: str) -> Sequence:
    """A living sequence of the project by its code."""
    found = project.sequences.filter(code__iexact=code, deleted_at=None).first()
    if found is None:
        raise Http404(f"There is no sequence {code}.")
    found.project = project
    return found


def refused(request: HttpRequest, refusal: Refusal, *, fallback: str = "/") -> HttpResponse:
    """Say a refusal: a toast for a fragment (422, nothing is swapped), else a message on the page one came from."""
    if refusal.code == "not_found":
        raise Http404(str(refusal))
    messages.error(request, str(refusal))
    if getattr(request, "htmx", False):
        response = render(request, "_toasts.html", {"toasts_oob": True}, status=422)
        response["HX-Reswap"] = "none"
        return response
    return HttpResponseRedirect(came_from(request, fallback))


def came_from(request: HttpRequest, fallback: str) -> str:
    """The page of ours one came from (form field `next`, else Referer), else `fallback`."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
            return url
    return fallback


def page(
    request: HttpRequest,
    project: Project,
    template: str,
    context: dict[str, Any],
    *,
    nav: str,
    waiting: int | None = None,
) -> HttpResponse:
    """A whole page in the frame of its project. `nav` is the current entry: board, dailies, cut, elements, setup.

    `waiting` is the count beside Dailies; without it one query counts.
    """
    return render(request, template, {**frame(request, project, waiting), "nav_current": nav, **context})


def frame(request: HttpRequest, project: Project, waiting: int | None = None) -> dict[str, Any]:
    """What base.html needs of a project. `waiting` as in `page`."""
    menu = [
        {"slug": p.slug, "title": p.title, "client": p.client, "length": _length(p)}
        for p in getattr(request, "menu", [project])
    ]
    count = waiting_count(project) if waiting is None else waiting
    return {
        "project": project,
        "projects_menu": menu,
        "budget": budget(project),
        "waiting_count": count,
        "needs_count": needing_of(project),
        "account_trouble": troubled(project) if getattr(project, "account_trouble", True) else [],
        "may_open": getattr(request, "role", "") == Role.OWNER.value or request.user.is_superuser,
    }


def needing_of(project: Project) -> int:
    """How many calls need a decision: as `member` has counted, else one query."""
    counted: int | None = getattr(project, "needs", None)
    return needs_count(project) if counted is None else counted


def _length(project: Project) -> str:
    song = getattr(project, "song", None)
    return tc(float(song.seconds)) if song else ""


def budget(project: Project, asked: int = 0) -> dict[str, Any]:
    """The figures of the budget meter, formatted; `asked` is hatched. With a daily cap one query more."""
    cap = max(project.cap_micros, 1)
    day_left = costs.day_left(project)
    over = project.spent_micros + project.held_micros - project.cap_micros
    return {
        "spent": costs.dollars(project.spent_micros),
        "held": costs.dollars(project.held_micros),
        "cap": costs.dollars(project.cap_micros),
        "left": costs.dollars(project.left_micros),
        "spent_pct": round(100 * project.spent_micros / cap, 1),
        "held_pct": round(100 * project.held_micros / cap, 1),
        "day_left": "" if day_left is None else costs.dollars(day_left),
        "overrun": costs.dollars(over) if over > 0 else "",
        "asked": costs.dollars(asked),
        "asked_pct": round(100 * asked / cap, 1) if asked else 0,
    }


def rights(request: HttpRequest) -> dict[str, bool]:
    """Context processor, so that pages and fragments agree: `may_make` is whether buttons that change or spend are on.

    Only what is shown depends on it; the verbs ask again.
    """
    return {"may_make": getattr(request, "role", "") in MAKERS}


def theme(request: HttpRequest) -> dict[str, str]:
    """Context processor: the person's theme, kept in a cookie."""
    chosen = request.COOKIES.get("theme", "dark")
    return {"theme": chosen if chosen in THEMES else "dark"}
