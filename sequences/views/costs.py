"""Costs: whether the cap holds, what an approved second costs, and the ledger."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from sequences import costs as money
from sequences import orchestration
from sequences.errors import Refusal
from sequences.forms.costs import CapsForm
from sequences.models import Event, Project
from sequences.models.plan import Role
from sequences.queries.costs import CostsReport, LedgerRow, costs_report, ledger
from sequences.queries.costs.ledger import KINDS
from sequences.templatetags.board import Look

from .access import member, page, person

TEMPLATE = "sequences/costs.html"
LOOKS: dict[str, Look] = {
    "making": Look("generating", "generating", "Being made", "Being made"),
    "waiting": Look("review", "review", "In review", "In review"),
    "approved": Look("approved", "approved", "Approved", "Approved"),
    "rejected": Look("failed", "failed", "Rejected", "Rejected"),
    "superseded": Look("draft", "draft", "Superseded", "Superseded"),
    "failed": Look("failed", "failed", "Failed", "Failed"),
}
MADE = {"video": "takes", "grid": "grids", "upscale": "enlargements"}
HEADINGS = (
    "when", "entry", "sequence", "for", "model", "request", "units", "unit price", "billed units", "estimate",
    "amount", "estimated", "held after", "spent after", "who", "why",
)  # fmt: skip
MOST_FAILED = 8
SIZE = 50


@require_safe
@member
def costs(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    return page(request, project, TEMPLATE, _context(request, project), nav="costs")


@require_http_methods(["GET", "HEAD", "POST"])
@member
def costs_cap(request: HttpRequest, project: Project) -> HttpResponse:
    """GET shows the dialog that sets the caps, POST sets them; without script the dialog stands on the page."""
    if request.method != "POST":
        return _dialog(request, project, CapsForm.of(project))
    form = CapsForm(request.POST)
    if form.is_valid():
        try:
            orchestration.set_caps(actor=person(request), project=project, **form.asked())
        except Refusal as refusal:
            if refusal.code in ("not_allowed", "not_found"):
                raise
            form.refuse(refusal)
        else:
            messages.success(request, "The caps are set; the reason is kept with them.")
            return _gone(request, reverse("costs", args=[project.slug]))
    return _dialog(request, project, form, status=422)


@require_safe
@member
def costs_ledger(request: HttpRequest, project: Project) -> HttpResponse:
    """The ledger as CSV, with the filter of the page."""
    kind, sequence = _filter(request, project)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows(_cells(row) for row in ledger(project, kind=kind, sequence=sequence, size=None).rows)
    name = f'attachment; filename="{project.slug}-ledger.csv"'
    # the mark tells spreadsheets that it is UTF-8
    return HttpResponse(
        "\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


def _cells(row: LedgerRow) -> list[str]:
    """One line of the file. Text that a spreadsheet would take for a formula gets a quote before it."""
    said = (row.kind, row.sequence, row.work, row.endpoint, row.request_id)
    counted = (row.units, row.unit_price, row.billed_units)
    sums = (row.estimate, row.amount)
    after = (row.held_after, row.spent_after)
    return [
        row.at.isoformat(timespec="seconds"),
        *map(_plain, said),
        *("" if value is None else f"{value:f}" for value in counted),
        *(str(money.amount(value)) for value in sums),
        "yes" if row.estimated else "",
        *(str(money.amount(value)) for value in after),
        _plain(row.who),
        _plain(row.why),
    ]


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def _dialog(request: HttpRequest, project: Project, form: CapsForm, status: int = 200) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        report = costs_report(project)
        found = {"project": project, "report": report, "scale": scale(report), **_caps(request, project, form)}
        response = render(request, f"{TEMPLATE}#caps", found, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    found = _context(request, project) | _caps(request, project, form)
    response = page(request, project, TEMPLATE, found, nav="costs")
    response.status_code = status
    return response


def _gone(request: HttpRequest, where: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return HttpResponse(headers={"HX-Redirect": where})
    return HttpResponseRedirect(where, status=303)


def _context(request: HttpRequest, project: Project) -> dict[str, Any]:
    report = costs_report(project)
    kind, sequence = _filter(request, project)
    found = ledger(project, kind=kind, sequence=sequence, number=_number(request.GET.get("page")), size=SIZE)
    revisions = [(row, LOOKS[row.state]) for row in report.by_revision]
    return {
        "report": report,
        "scale": scale(report),
        "most": _most(report),
        "most_model": max([*(m.spent for m in report.by_model), 1]),
        "models": [(row, MADE[row.kind]) for row in report.by_model],
        "takes": [(row, LOOKS[row.state]) for row in report.by_take],
        "most_take": max([*(t.spent for t in report.by_take), report.pictures, report.unassigned_total, 1]),
        "revisions": revisions,
        "most_revision": max([*(r.spent for r in report.by_revision), report.unassigned_total, 1]),
        "failed": report.failed[:MOST_FAILED],
        "failed_more": max(0, len(report.failed) - MOST_FAILED),
        "frozen": money.frozen(project.pk),
        "owns": _owns(request),
        "ledger": found,
        "ledger_kinds": KINDS,
        "ledger_kind": kind,
        "ledger_sequence": sequence,
        "filtered": f"kind={kind}&sequence={sequence}" if kind or sequence else "",
    }


def _caps(request: HttpRequest, project: Project, form: CapsForm) -> dict[str, Any]:
    owns = _owns(request)
    before = Event.objects.filter(project=project, subject="project").select_related("actor").order_by("-id").first()
    return {"caps_form": form if owns else form.closed(), "owns": owns, "before": before}


def _owns(request: HttpRequest) -> bool:
    """Whether the button is on; the verb asks again."""
    return getattr(request, "role", "") == Role.OWNER.value


def _filter(request: HttpRequest, project: Project) -> tuple[str, str]:
    """Kind and sequence of the ledger; what there is not is no filter."""
    kind, code = request.GET.get("kind", ""), request.GET.get("sequence", "")[:20]
    known = project.sequences.filter(code__iexact=code).first() if code else None
    return (kind if kind in KINDS else ""), (known.code if known else "")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and 0 < len(text) < 7 and int(text) else 1


def scale(report: CostsReport) -> dict[str, Any]:
    """Parts of the large meter in percent of whatever is larger, the cap or the dearest end."""
    promised = report.spent + report.held
    low, high = report.to_finish.low or 0, report.to_finish.high or 0
    whole = max(report.cap, promised + high, 1)
    return {
        "spent": _share(report.spent, whole),
        "held": _share(report.held, whole),
        "low": _share(low, whole),
        "range": _share(high - low, whole),
        "cap": _share(report.cap, whole),
        "ends_low": promised + low,
        "ends_high": promised + high,
        "short": max(0, promised + high - report.cap),
    }


def _share(micros: int, whole: int) -> float:
    return round(100 * micros / whole, 1)


def _most(report: CostsReport) -> int:
    """What the longest bar of a table stands for."""
    spent: Iterable[int] = (s.spent for s in report.by_sequence)
    return max([*spent, report.unassigned_total, 1])
