"""What commands say of batches: the answer before one is asked for, and what became of it."""

from __future__ import annotations

from typing import Any

from sequences.costs import amount, dollars
from sequences.management.output import VerbCommand
from sequences.management.tables import show, table
from sequences.models import Batch, Take
from sequences.orchestration import Admission


def admission_document(found: Admission) -> dict[str, Any]:
    """The answer as --json carries it. `total` is null while one price is unknown."""
    return {
        "verdict": found.verdict,
        "ask_first": amount(found.limit),
        "total": amount(found.total),
        "tiers": [
            {
                "endpoint": tier.endpoint,
                "size": tier.size,
                "seconds": tier.seconds,
                "calls": tier.calls,
                "sequences": list(tier.codes),
                "price": amount(tier.estimate),
            }
            for tier in found.tiers
        ],
        "skipped": [{"sequence": a.code, "reasons": list(a.reasons)} for a in found.skipped],
        "blocked": [{"sequence": a.code, "reasons": list(a.reasons)} for a in found.blocked],
    }


def tell_admission(command: VerbCommand, found: Admission) -> None:
    """The answer for people: the price by tier, then what is left out and why."""
    if command.as_json:
        return
    rows = [
        (t.title, t.size, f"{t.calls} × {t.seconds:g} s", ", ".join(t.codes), dollars(t.estimate)) for t in found.tiers
    ]
    show(command.stdout, table(["model", "size", "calls", "sequences", "price>"], rows))
    command.show(found.sentence)
    for answer in (*found.skipped, *found.blocked):
        command.show(f"{answer.code} is left out: {' '.join(answer.reasons)}")


def takes_of(batch: Batch) -> list[Take]:
    """The takes a batch got, in song order."""
    rows = Take.objects.filter(batch_items__batch=batch).select_related("sequence__project")
    return list(rows.order_by("sequence__start", "number"))


def refusals_of(batch: Batch) -> list[str]:
    """One sentence for each item that got none."""
    rows = batch.items.exclude(refusal="").select_related("sequence").order_by("sequence__start", "nth")
    return [f"{item.sequence.code} got no take: {item.refusal}" for item in rows]
