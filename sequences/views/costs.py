"""Costs: whether the cap holds, and what an approved second costs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sequences.models import Project
from sequences.queries.costs import CostsReport, costs_report

from .access import member, page


@require_safe
@member
def costs(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    report = costs_report(project)
    context = {"report": report, "scale": scale(report), "most": _most(report)}
    return page(request, project, "sequences/costs.html", context, nav="costs")


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
    spent = [s.spent for s in report.by_sequence] + [report.unassigned_total]
    return max([*spent, 1])
