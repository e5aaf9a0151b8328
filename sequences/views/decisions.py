"""Needs a decision: calls that only a person can settle. What is known, what it may cost, and the ways on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sequences import costs
from sequences.errors import Refusal
from sequences.execution import unsure
from sequences.execution.unsure import Holder
from sequences.models import Job, Project
from sequences.models.plan import Role
from sequences.orchestration import deciding, joining
from sequences.queries.matters import Matter, history, last_decision, lasting, matters
from sequences.queries.needs import name_of
from sequences.states import LIVE_JOBS, JobState

from .access import budget, member, page, person

TEMPLATE = "sequences/decisions.html"
ENOUGH = 3  # past cases before they are worth a word


@dataclass(frozen=True, slots=True)
class Choice:
    """One way a call can have gone. `off` says why it cannot be chosen; `price` is micro-dollars."""

    value: str
    label: str
    price: int
    small: str
    off: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A matter with its choices. `until` is when it must have shown; `silent` names a machine nobody hears of."""

    matter: Matter
    choices: tuple[Choice, ...]
    until: datetime | None
    silent: str

    @property
    def waited(self) -> str:
        """For how long a person has been waited for."""
        return lasting(self.matter.seconds)

    @property
    def chosen(self) -> str:
        """The way that is offered first: the likely one of those that can be chosen."""
        open_ones = [c.value for c in self.choices if not c.off]
        likely = {"unknown": "never", "late": "use"}.get(self.matter.need, "found")
        return likely if likely in open_ones else (open_ones[0] if open_ones else "")


@require_safe
@member
def decisions(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    return page(request, project, TEMPLATE, context(request, project), nav="decisions")


@require_safe
@member
def decisions_live(request: HttpRequest, project: Project) -> HttpResponse:
    """The list as it stands now: 304 while nothing changed."""
    found = context(request, project)
    if request.headers.get("If-None-Match") == found["etag"]:
        return HttpResponseNotModified()
    _announce(request, project, found)
    return _fragment(request, project, found)


@require_POST
@member
def decide(request: HttpRequest, project: Project, job: int) -> HttpResponse:
    """One decision on one call."""
    row = Job.objects.select_related("project", "sequence", "take", "grid", "start_frame")
    found = row.filter(project=project, pk=job).first()
    if found is None:
        raise Http404(f"There is no call {job}.")
    messages.success(request, _decided(request, found))
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        answer = HttpResponseRedirect(reverse("decisions", args=[project.slug]))
        answer.status_code = 303
        return answer
    project.refresh_from_db()
    return _fragment(request, project, context(request, project))


def _decided(request: HttpRequest, job: Job) -> str:
    """Call the verb the form names; returns what happened. Raises Refusal."""
    asked, who, sent = request.POST.get("what", ""), person(request), request.POST
    if asked == "found" and job.state == JobState.READY:
        deciding.ask_again(actor=who, job=job)
        return f"{name_of(job)} is fetched once more."
    if asked == "found":
        deciding.found(actor=who, job=job, request_id=sent.get("request_id", ""))
        return f"{name_of(job)} is followed as {job.request_id}."
    if asked == "never":
        looked, down = bool(sent.get("looked")), bool(sent.get("machine_down"))
        deciding.absent(actor=who, job=job, looked=looked, machine_down=down)
        return f"{name_of(job)} never arrived; {costs.dollars(job.estimate_micros)} was given back."
    if asked == "off":
        deciding.write_off(actor=who, job=job, why=sent.get("why", ""))
        return f"{name_of(job)} is written off; {costs.dollars(job.cost_micros)} counts as spent."
    if asked == "use":
        joining.use_late(actor=who, job=job)
        return f"What came late of {name_of(job)} joins what it was for; nothing is paid."
    if asked == "late":
        deciding.dismiss_late(actor=who, job=job)
        return f"What came late of {name_of(job)} is put away; its file stays."
    raise Refusal("Choose what happened first.", where="what")


def context(request: HttpRequest, project: Project) -> dict[str, Any]:
    """What the page and its fragment show."""
    role = getattr(request, "role", "")
    rows = [_row(m, role) for m in matters(project)]
    live = Job.objects.filter(project=project, state__in=LIVE_JOBS).exists() if not rows else True
    return {
        "project": project,
        "rows": rows,
        "held": sum(r.matter.held for r in rows),
        "likely": _likely(project) if any(r.matter.need == "unknown" for r in rows) else "",
        "last": None if rows else last_decision(project),
        "live": live,
        "shown": ".".join(str(r.matter.job.pk) for r in rows),
        "etag": _etag(rows, role, live),
    }


def _fragment(request: HttpRequest, project: Project, found: dict[str, Any]) -> HttpResponse:
    project.needs = len(found["rows"])  # type: ignore[attr-defined]  # read back by `frame` only
    parts = [
        render_to_string(f"{TEMPLATE}#matters", found, request),
        render_to_string("_budget.html", {"project": project, "budget": budget(project), "budget_oob": True}, request),
        render_to_string(
            "_needs.html", {"project": project, "needs_count": len(found["rows"]), "needs_oob": True}, request
        ),
        render_to_string("_toasts.html", {"toasts_oob": True}, request),
    ]
    response = HttpResponse("\n".join(parts))
    response["ETag"] = found["etag"]
    return response


def _announce(request: HttpRequest, project: Project, found: dict[str, Any]) -> None:
    """Say which calls settled themselves since the page was drawn."""
    now = {r.matter.job.pk for r in found["rows"]}
    before = {int(pk) for pk in request.GET.get("seen", "").split(".") if pk.isdecimal() and len(pk) < 19}
    gone = Job.objects.filter(project=project, pk__in=before - now)
    for job in gone.select_related("sequence", "take", "grid", "start_frame"):
        messages.success(request, f"{name_of(job)} needs no decision any more.")


def _row(matter: Matter, role: str) -> Row:
    job = matter.job
    held_by = unsure.holder_of(job) if job.state == JobState.UNSURE else None
    silent = deciding.last_holder(job) if held_by == "silent" else ""
    until = unsure.arrives_until(job) if job.state == JobState.UNSURE else None
    awaited = until if until is not None and until > timezone.now() else None
    return Row(matter, _choices(matter, role, held_by), awaited, silent)


def _choices(matter: Matter, role: str, held_by: Holder | None) -> tuple[Choice, ...]:
    job, cost = matter.job, matter.may_cost
    maker = "" if role in (Role.OWNER, Role.ARTIST) else "Deciding takes an owner or an artist."
    owner = maker or ("" if role == Role.OWNER else "This takes an owner.")
    if matter.need == "late":
        apart = maker or joining.use_late_objection(job)
        return (
            Choice("use", "Use it", 0, "It joins what it was for. It was paid for already.", apart),
            Choice("late", "Put it away", 0, "The file stays where it is. Nobody is asked about it again.", maker),
        )
    if matter.need == "stuck":
        off = owner or deciding.write_off_objection(job)
        return (
            Choice("found", "Fetch it once more", 0, "It is made and paid for; a download may be repeated.", maker),
            Choice("off", "Give it up", 0, "The result is lost; its price stays counted.", off),
        )
    found = (
        "It shows in the service’s own list. Its result joins what it was for."
        if matter.need == "unknown"
        else "The service’s list says finished. Ask for the result once more."
    )
    never = owner or deciding.absent_objection(job, machine_down=True, held_by=held_by)
    return (
        Choice("found", "Found it", cost, found, maker),
        Choice("never", "It never arrived", 0, "Not in the list, not on the bill. It can be sent again.", never),
        Choice(
            "off",
            "Write off",
            cost,
            "Nobody can tell. Count it as spent, stop asking.",
            owner or deciding.write_off_objection(job, held_by=held_by),
        ),
    )


def _likely(project: Project) -> str:
    """What past cases say, when there are enough of them."""
    cases, absent = history(project)
    if cases < ENOUGH:
        return ""
    return f"Of {cases} calls like this before, {absent} had never arrived."


def _etag(rows: list[Row], role: str, live: bool) -> str:
    """Changes when a call, what is known of it, or what may be chosen does; not with the minutes it waits."""
    seen = [(r.matter.job.pk, r.matter.need, r.matter.trail, r.choices, r.until, r.silent) for r in rows]
    return f'"{hashlib.sha256(repr((seen, role, live)).encode()).hexdigest()[:20]}"'
