"""What edits have made stale, with its price: refresh it, say that it is right as it is, use what was set aside."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sequences import costs
from sequences.errors import Refusal
from sequences.models import Project, StartFrame, Take
from sequences.orchestration import staling
from sequences.orchestration.staling import Refresh, Report
from sequences.queries import SequenceFacts
from sequences.queries import stale as reading
from sequences.queries.board import counted

from .access import came_from, frame, member, page, person

TEMPLATE = "sequences/stale.html"
CHOICES = ("refresh", "refresh_unapproved", "save")


@dataclass(frozen=True, slots=True)
class Row:
    """The stale takes of one sequence, or its stale grids and frames: `price` in micro-dollars, `why` one line each."""

    facts: SequenceFacts
    each: tuple[Refresh, ...]

    @property
    def code(self) -> str:
        """SEQ01."""
        return self.facts.sequence.code

    @property
    def names(self) -> str:
        """T2, T3."""
        return ", ".join(r.stale.short for r in self.each)

    @property
    def standing(self) -> str:
        """The stage that the best of them gives the sequence."""
        return "approved" if any(r.stale.approved for r in self.each) else "in_review"

    @property
    def price(self) -> int | None:
        """What refreshing all of them costs; None when none of them can be."""
        known = [r.price for r in self.each if r.price is not None]
        return sum(known) if known else None

    @property
    def why(self) -> list[str]:
        """Causes, with the takes they are of when they are not of all."""
        said: dict[str, list[str]] = {}
        for row in self.each:
            for cause in row.stale.causes:
                said.setdefault(cause.sentence, []).append(row.stale.short)
        everybody = len(self.each)
        return [s if len(of) == everybody else f"{', '.join(of)}: {s}" for s, of in said.items()]

    @property
    def problems(self) -> list[str]:
        """Why some of them cannot be refreshed."""
        return [f"{r.stale.short} cannot be refreshed: {' '.join(r.problems)}" for r in self.each if r.problems]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go: how many takes are made again, for micro-dollars, and what comes of it."""

    value: str
    label: str
    count: int
    price: int
    said: str


@require_safe
@member
def stale(request: HttpRequest, project: Project) -> HttpResponse:
    """The page; for a fragment the dialog."""
    return shown(request, project)


@require_POST
@member
def stale_refresh(request: HttpRequest, project: Project) -> HttpResponse:
    """Ask again for the takes that were shown: all, those not approved, or one named by its button."""
    try:
        refresh_chosen(request, project, request.POST.get("stale", ""))
    except Refusal as refusal:
        return _told(request, project, refusal)
    return _done(request, project)


@require_POST
@member
def stale_waive(request: HttpRequest, project: Project) -> HttpResponse:
    """Say that the ticked ones are right as they are, with one reason."""
    names = request.POST.getlist("name")
    try:
        if not names:
            raise Refusal("Tick what looks right as it is first.", where="name")
        for name in names:
            staling.waive(actor=person(request), artefact=_named(project, name), why=request.POST.get("why", ""))
    except Refusal as refusal:
        return _told(request, project, refusal)
    messages.success(request, f"Waived: {', '.join(names)}. That lapses at the next change.")
    return _done(request, project)


@require_POST
@member
def stale_take_back(request: HttpRequest, project: Project) -> HttpResponse:
    """Take a waiver back."""
    artefact = _named(project, request.POST.get("name", ""))
    staling.withdraw_waiver(actor=person(request), artefact=artefact)
    messages.success(request, f"{artefact} is not waived any more.")
    return _done(request, project)


@require_POST
@member
def stale_use(request: HttpRequest, project: Project) -> HttpResponse:
    """Use a grid or take that was set aside all the same."""
    artefact = _named(project, request.POST.get("name", ""))
    if isinstance(artefact, StartFrame):
        raise Http404("Frames are not set aside.")
    staling.use_again(actor=person(request), artefact=artefact)
    messages.success(request, f"{artefact} is used again.")
    return _done(request, project)


def refresh_chosen(request: HttpRequest, project: Project, choice: str, key: str | None = None) -> None:
    """Refresh what the form shows, as `choice` says, and tell what became of each. Raises Refusal."""
    if choice == "save":
        return
    if choice not in CHOICES:
        raise Refusal("Choose which takes to refresh.", where="stale")
    seen = _seen(request)
    rows = {t.pk: t for t in Take.objects.filter(pk__in=seen, sequence__project=project).select_related("sequence")}
    takes = [rows[pk] for pk in seen if pk in rows]
    for take in takes:
        take.sequence.project = project
    chosen = [t for t in takes if choice == "refresh" or t.state != "approved"]
    done = staling.refresh(
        actor=person(request),
        project=project,
        takes=chosen,
        key=key or request.POST.get("stale_key") or None,
        shown_price=sum(seen[t.pk] for t in chosen),
    )
    made = [f"{one.take} as T{one.made.number}" for one in done if one.made]
    if made:
        messages.success(request, f"Asked for again: {', '.join(made)}.")
    for one in done:
        if one.refusal:
            messages.error(request, f"{one.take} was left as it is: {one.refusal}")


def _seen(request: HttpRequest) -> dict[int, int]:
    """Takes of the form by their ids with the price that stood beside them. Raises Refusal."""
    out: dict[int, int] = {}
    for value in request.POST.getlist("stale_take"):
        pk, _, price = value.partition(":")
        if not (pk.isdecimal() and price.isdecimal() and len(pk) < 19 and len(price) < 16):
            raise Refusal("The price that was shown is missing; open the dialog again.", code="price_changed")
        out[int(pk)] = int(price)
    return out


def shown(request: HttpRequest, project: Project) -> HttpResponse:
    """The dialog with everything stale of a project, or without script the page that holds it."""
    found = context(project)
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return page(request, project, TEMPLATE, found, nav="board")
    response = render(request, f"{TEMPLATE}#stale", {"project": project, **found})
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def context(project: Project) -> dict[str, Any]:
    """What the page and the dialog show."""
    report = staling.stale_report(project=project)
    takes = rows_of(report.takes)
    stale_keys = {r.stale.key for r in report.rows}
    aside = reading.set_aside(project)
    return {
        **offered(project, report),
        "title": f"{counted(len(report.takes), 'take').capitalize()} {_are(report)} stale"
        if report.takes
        else "No take is stale",
        "rows": takes,
        "drawn": rows_of(report.drawn),
        "waived": report.waived,
        "replaced": report.replaced,
        "aside": [(row, (_kind(row), row.pk) not in stale_keys) for row in aside],
        "nothing": not (report.rows or aside),
        "key": secrets.token_hex(12),
        "here": reverse("stale", args=[project.slug]),
        "back": reverse("board", args=[project.slug]),
    }


def _are(report: Report) -> str:
    return "is" if len(report.takes) == 1 else "are"


def _kind(row: object) -> str:
    return type(row).__name__.lower()


def offered(project: Project, report: Report) -> dict[str, Any]:
    """The ways to go with these takes, the one that is chosen already, and what each take costs."""
    choices = choices_of(report)
    refused = costs.refusal(project, report.all_micros)
    return {
        "choices": choices,
        "chosen": next((c.value for c in choices if c.value == "refresh_unapproved" and c.count), "save"),
        "priced": [(r.take.pk, r.price) for r in report.takes if r.take and r.price is not None],
        "left": costs.left_now(project),
        "refused": refused,
    }


def choices_of(report: Report) -> list[Choice]:
    """All, those not approved, none."""
    every, some = _can(report.takes), _can(report.unapproved)
    back = list(dict.fromkeys(r.stale.facts.sequence.code for r in every if r.stale.approved))
    returns = f"{_listed(back)} {'go' if len(back) > 1 else 'goes'} back to review." if back else ""
    stay = "They stay, marked stale. Stale can still be approved and exported."
    all_of = f"All {counted(len(every), 'take')}" if len(every) != 1 else f"{every[0].stale.name} again"
    out = [Choice("refresh", all_of, len(every), _sum(every), returns or _where(every))] if every else []
    if back and some:
        out.append(Choice("refresh_unapproved", "Only those not approved", len(some), _sum(some), _where(some)))
    elif some:
        out = [Choice("refresh_unapproved", all_of, len(some), _sum(some), _where(some))]
    return [*out, Choice("save", "None", 0, 0, stay)]


def _can(rows: Iterable[Refresh]) -> list[Refresh]:
    return [r for r in rows if r.price is not None]


def _sum(rows: Iterable[Refresh]) -> int:
    return sum(r.price or 0 for r in rows)


def _where(rows: Iterable[Refresh]) -> str:
    """`SEQ07, 3 takes.`; for one take what becomes of it."""
    counts: dict[str, int] = {}
    for row in rows:
        code = row.stale.facts.sequence.code
        counts[code] = counts.get(code, 0) + 1
    if sum(counts.values()) == 1:
        return "A new take beside the old one."
    if len(counts) > 4:
        return f"In {counted(len(counts), 'sequence')}."
    return ", ".join(f"{code}, {counted(n, 'take')}" for code, n in counts.items()) + "." if counts else ""


def _listed(codes: list[str]) -> str:
    shown = codes if len(codes) <= 4 else [*codes[:3], f"{len(codes) - 3} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def rows_of(each: Iterable[Refresh]) -> list[Row]:
    """One row a sequence, in song order."""
    found: dict[int, list[Refresh]] = {}
    for row in each:
        found.setdefault(row.stale.facts.sequence.pk, []).append(row)
    return [Row(rows[0].stale.facts, tuple(rows)) for rows in found.values()]


def _named(project: Project, name: str) -> reading.Artefact:
    found = reading.named(project, name)
    if found is None:
        raise Http404(f"There is no {name}.")
    found.sequence.project = project
    return found


def _told(request: HttpRequest, project: Project, refusal: Refusal) -> HttpResponse:
    """A refusal over the list as it stands now, so that a changed price is seen at once."""
    messages.error(request, str(refusal))
    response = _done(request, project)
    if response.status_code == 200:
        response.status_code = 422
    return response


def _done(request: HttpRequest, project: Project) -> HttpResponse:
    """The list again; the page behind hears that something changed."""
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = HttpResponseRedirect(came_from(request, reverse("stale", args=[project.slug])))
        response.status_code = 303
        return response
    fresh = Project.objects.get(pk=project.pk)
    answer = shown(request, fresh)
    around = {**frame(request, fresh), "budget_oob": True, "toasts_oob": True}
    for name in ("_budget.html", "_toasts.html"):
        answer.write(render(request, name, around).content)
    answer["HX-Trigger"] = "sequence-changed"
    return answer
