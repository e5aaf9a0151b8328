"""Money: estimate, hold, settle, release. Integer micro-dollars; the ledger is append-only.

The hold is one conditional UPDATE under the cap, in the transaction that creates the job; a replay of settle or release
is a no-op because the ledger takes each kind once a job.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F

from sequences.errors import Refusal
from sequences.models import Job, LedgerEntry, Project

MICROS = 1_000_000


def dollars(micros: int | None) -> str:
    """`$4.48`; tenths of a cent and below are shown only under one cent; `unknown` for None."""
    if micros is None:
        return "unknown"
    value = Decimal(micros) / MICROS
    return f"${value:.4f}" if 0 < value < Decimal("0.01") else f"${value:.2f}"


def amount(micros: int | None) -> str | None:
    """Dollars as a string with at most 6 decimals, as the JSON documents carry it; None stays None."""
    if micros is None:
        return None
    text = f"{Decimal(micros) / MICROS:.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"


def hold(job: Job) -> None:
    """Reserve the job's estimate under the project's cap. Call it in the transaction that created the job.

    Raises Refusal(over_budget) when the cap would be passed.
    """
    total = F("held_micros") + F("spent_micros") + job.estimate_micros
    free = Project.objects.alias(would=total).filter(pk=job.project_id, would__lte=F("cap_micros"))
    if not free.update(held_micros=F("held_micros") + job.estimate_micros):
        raise over_budget(job.project_id, job.estimate_micros)
    LedgerEntry.objects.create(
        project_id=job.project_id, job=job, kind="hold", amount_micros=job.estimate_micros
    )


def over_budget(project_id: int, asked: int) -> Refusal:
    """The sentence for a spend the cap does not allow."""
    project = Project.objects.get(pk=project_id)
    return Refusal(
        f"This costs {dollars(asked)} and {dollars(project.left_micros)} of the {dollars(project.cap_micros)} budget is"
        f" left. Ask for less, or have an owner raise the budget.",
        code="over_budget",
        where="budget",
    )


def settle(job: Job, actual: int | None) -> int:
    """Turn the hold into what was billed; an unknown bill settles at the estimate. Returns what was settled."""
    billed = job.estimate_micros if actual is None else actual
    if _close(job, "settle", billed):
        Project.objects.filter(pk=job.project_id).update(
            held_micros=F("held_micros") - job.estimate_micros, spent_micros=F("spent_micros") + billed
        )
    return billed


def release(job: Job) -> None:
    """Give the hold back: nothing was charged."""
    if _close(job, "release", job.estimate_micros):
        Project.objects.filter(pk=job.project_id).update(held_micros=F("held_micros") - job.estimate_micros)


def _close(job: Job, kind: str, micros: int) -> bool:
    if LedgerEntry.objects.filter(job=job, kind__in=["settle", "release"]).exists():
        return False
    try:
        with transaction.atomic():
            LedgerEntry.objects.create(
                project_id=job.project_id, job=job, kind=kind, amount_micros=micros
            )
    except IntegrityError:
        return False
    return True
