"""`costs --json` and `budget --json`. Keys stay; more may be added. Money is dollars as text."""

from __future__ import annotations

from typing import Any

from sequences.costs import Day, amount, day_of
from sequences.models import Project
from sequences.queries.documents import moment, number

from .ledger import LedgerRow
from .report import CostsReport

Document = dict[str, Any]


def costs_document(report: CostsReport) -> Document:
    """Where the money went. `by_sequence` and `unassigned` add up to `spent`; so do `by_take`, `pictures` and
    `unassigned`, and `by_revision`, `unshared`, `exploration` and `unassigned`."""
    return {
        "cap": amount(report.cap),
        "spent": amount(report.spent),
        "held": amount(report.held),
        "left": amount(report.left),
        "overrun": amount(report.overrun),
        "day": day_document(report.day),
        "by_sequence": [
            {
                "sequence": s.code, "section": s.section, "stage": s.stage, "takes": s.takes,
                "spent": amount(s.spent), "held": amount(s.held), "approved_seconds": number(s.approved_seconds),
                "per_approved_second": amount(s.per_second), "exploration": amount(s.exploration),
                "estimated": amount(s.estimated), "failed": s.failed, "failed_spent": amount(s.lost),
            }
            for s in report.by_sequence
        ],
        "by_take": [
            {
                "id": t.id, "sequence": t.sequence, "take": t.number, "state": t.state, "model": t.endpoint,
                "seconds": number(t.seconds), "calls": t.calls, "failed": t.failed, "spent": amount(t.spent),
                "held": amount(t.held), "estimated": amount(t.estimated),
            }
            for t in report.by_take
        ],
        "by_model": [
            {
                "model": m.endpoint, "kind": m.kind, "calls": m.calls, "kept": m.kept, "spent": amount(m.spent),
                "failed": m.failed, "per_kept_second": amount(m.per_kept_second),
            }
            for m in report.by_model
        ],
        "by_revision": [
            {
                "sequence": r.sequence, "shot": r.shot, "revision": r.revision, "takes": list(r.takes),
                "state": r.state, "spent": amount(r.spent), "pictures": amount(r.pictures),
            }
            for r in report.by_revision
        ],
        "pictures": amount(report.pictures),
        "exploration": amount(report.exploration),
        "unshared": amount(report.unshared),
        "estimated": amount(report.estimated),
        "per_approved_second": amount(report.per_approved_second),
        "to_finish": _to_finish(report),
        "unassigned": amount(report.unassigned_total),
        "unassigned_calls": [
            {"sequence": u.sequence, "work": u.work, "error": u.error, "spent": amount(u.spent)}
            for u in report.unassigned
        ],
        "failed": {
            "calls": len(report.failed),
            "spent": amount(report.failed_total),
            "attempts": [
                {
                    "job": f.job, "sequence": f.sequence, "work": f.work, "state": f.state, "error": f.error,
                    "outcome": f.outcome, "spent": amount(f.spent),
                }
                for f in report.failed
            ],
        },
    }  # fmt: skip


def _to_finish(report: CostsReport) -> Document:
    found = report.to_finish
    return {
        "low": amount(found.low),
        "high": amount(found.high),
        "open": found.open,
        "approved": found.approved,
        "takes_an_approval": [round(rate, 2) for rate in found.takes],
        "grids_a_pick": [round(rate, 2) for rate in found.grids],
        "wide": found.wide,
    }


def day_document(day: Day) -> Document:
    """Money of one UTC day; `cap` and `left` are null without a daily cap."""
    return {
        "date": day.day.isoformat(),
        "cap": amount(day.cap),
        "spent": amount(day.spent),
        "held": amount(day.held),
        "left": amount(day.left),
        "overrun": amount(day.overrun),
    }


def budget_document(project: Project) -> Document:
    """The caps of a project and what is left of them."""
    return {
        "cap": amount(project.cap_micros),
        "spent": amount(project.spent_micros),
        "held": amount(project.held_micros),
        "left": amount(project.left_micros),
        "overrun": amount(project.overrun_micros),
        "day": day_document(day_of(project)),
    }


def ledger_document(row: LedgerRow) -> Document:
    """One entry; `units` and `billed_units` are numbers as text, null where nobody said."""
    return {
        "id": row.id,
        "at": moment(row.at),
        "kind": row.kind,
        "sequence": row.sequence,
        "work": row.work,
        "model": row.endpoint,
        "request_id": row.request_id,
        "estimate": amount(row.estimate),
        "amount": amount(row.amount),
        "estimated": row.estimated,
        "units": _text(row.units),
        "unit_price": _text(row.unit_price),
        "billed_units": _text(row.billed_units),
        "held_after": amount(row.held_after),
        "spent_after": amount(row.spent_after),
        "who": row.who,
        "why": row.why,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
