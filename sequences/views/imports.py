"""A plan from the browser: sent, shown as what it would do, and done after a yes. Nothing is written before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from sequences import orchestration
from sequences.errors import Refusal
from sequences.forms.projects import PlanForm
from sequences.models import Project
from sequences.planfile import Plan, PlanError, key_text, parse
from sequences.queries.plans import plan_changes

from . import parcels
from .access import person
from .projects import NEW, fresh, gone_to


@require_POST
def project_import(request: HttpRequest) -> HttpResponse:
    """Take a plan with its song and pictures, and show what it would do."""
    form = PlanForm(request.POST, request.FILES)
    if form.is_valid() and not form.cleaned_data["plan"]:
        form.add_error("plan", "No plan came along; choose a plan file in TOML or JSON.")
    if form.errors:
        return _said(request, {"planform": form}, status=422)
    sent = form.cleaned_data
    pictures = request.FILES.getlist("pictures")
    parcel = parcels.keep(_pk(request), plan=sent["plan"], song=sent["song"], refs=sent["refs"], pictures=pictures)
    address = reverse("project_import_check", args=[parcel.token])
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return gone_to(request, address)
    return _shown(request, parcel)


@require_http_methods(["GET", "HEAD", "POST"])
def project_import_check(request: HttpRequest, token: str) -> HttpResponse:
    """What was sent, as it would be imported; a POST imports it."""
    parcel = parcels.find(_pk(request), token)
    if parcel is None:
        raise Http404("There is nothing to import; send the plan again.")
    if request.method != "POST":
        return _shown(request, parcel)
    try:
        report = _import(request, parcel, dry_run=False)
    except Refusal:
        # something changed since the preview: shown anew it says what
        return _shown(request, parcel)
    parcels.drop(_pk(request), token)
    done = "made from" if report.created else "brought up to date with"
    messages.success(request, f"{report.project.title} is {done} {parcel.plan.name}.")
    for warning in report.warnings[:3]:
        messages.warning(request, warning)
    return gone_to(request, reverse("board", args=[report.project.slug]))


def _shown(request: HttpRequest, parcel: parcels.Parcel) -> HttpResponse:
    """The preview, or every mistake; a parcel with a mistake is thrown away."""
    try:
        report = _import(request, parcel, dry_run=True)
    except Refusal as refusal:
        parcels.drop(_pk(request), parcel.token)
        return _said(request, {"refused": refusal, "problems": _problems(refusal), "parcel": parcel}, status=422)
    changes = plan_changes(_now(request, report), parse(b"".join(parcel.plan.chunks()), str(parcel.plan.name)))
    counted = {kind: sum(c.kind == kind for c in changes) for kind in ("new", "changed", "removed")}
    return _said(request, {"report": report, "parcel": parcel, "changes": changes, "counted": counted})


def _now(request: HttpRequest, report: orchestration.ImportReport) -> Plan | None:
    if report.created:
        return None
    existing = Project.objects.get(slug=report.project.slug)
    return orchestration.export_plan(actor=person(request), project=existing)


def _problems(refusal: Refusal) -> list[dict[str, Any]]:
    if not isinstance(refusal, PlanError):
        return [{"line": 0, "key": "", "message": str(refusal)}]
    return [{"line": p.line, "key": key_text(p.path), "message": p.message} for p in refusal.problems]


def _import(request: HttpRequest, parcel: parcels.Parcel, *, dry_run: bool) -> orchestration.ImportReport:
    return orchestration.import_plan(
        actor=person(request),
        plan=parcel.plan,
        song=parcel.song,
        refs=parcel.refs,
        pictures=parcel.pictures,
        dry_run=dry_run,
    )


def _said(request: HttpRequest, found: dict[str, Any], status: int = 200) -> HttpResponse:
    """The answer as the fragment under the form, or as a whole page."""
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    context = {**fresh(), "way": "plan", **found}
    return render(request, f"{NEW}#answer" if htmx else NEW, context, status=status)


def _pk(request: HttpRequest) -> int:
    return int(person(request).pk)
