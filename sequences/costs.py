"""Money: estimate, hold, settle, release. Integer micro-dollars; the ledger is append-only.

The hold is one conditional UPDATE a cap, project before day, in the transaction that creates the job; a replay of
settle or release is a no-op because the ledger takes each kind once a job. What a bill takes beyond a cap, because it
came out higher than what was held for it, is counted as overrun: held + spent never pass cap + overrun, which the
database checks.

When the ledger and a project's counters were found to differ, the project is frozen: nothing is held for it until the
counters have been made anew. The newest event of the subject `money` says which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from sequences.errors import Refusal
from sequences.models import DayBudget, Event, Job, LedgerEntry, Project

MICROS = 1_000_000
MONEY = "money"
FROZEN = "frozen"


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


def today() -> date:
    """The day that money counts on: days of the daily cap are UTC days."""
    return timezone.now().astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Day:
    """Money of a project on one UTC day, in micro-dollars; `cap` None: there is no daily cap."""

    day: date
    cap: int | None
    spent: int
    held: int
    overrun: int

    @property
    def left(self) -> int | None:
        """What may still be promised today; never below zero; None without a cap."""
        return None if self.cap is None else max(0, self.cap - self.spent - self.held)


def day_of(project: Project) -> Day:
    """Today's money of a project, whether or not anything was promised today. One query."""
    when = today()
    row = DayBudget.objects.filter(project_id=project.pk, day=when).first()
    if row is None:
        return Day(when, project.day_cap_micros, 0, 0, 0)
    return Day(when, row.cap_micros, row.spent_micros, row.held_micros, row.overrun_micros)


def day_left(project: Project) -> int | None:
    """What is left of today's cap; None without one, which takes no query."""
    return None if project.day_cap_micros is None else day_of(project).left


def left_now(project: Project) -> int:
    """What may be promised at this moment: what is left of the cap, or of today's when that is less."""
    left = day_left(project)
    return project.left_micros if left is None else min(left, project.left_micros)


def refusal(project: Project, asked: int) -> Refusal | None:
    """What `hold` would say to `asked` micro-dollars now, before anything is written; None when it would agree."""
    if frozen(project.pk):
        return frozen_refusal(project)
    if asked and asked > project.left_micros:
        return over_budget(project.pk, asked)
    if project.day_cap_micros is None:
        return None
    found = day_of(project)
    return over_day_cap(found, asked) if asked and found.left is not None and asked > found.left else None


def frozen(project_id: int) -> bool:
    """Whether the project's money was found wrong and not mended since."""
    newest = Event.objects.filter(subject=MONEY, subject_id=project_id).order_by("-id")
    return newest.values_list("now", flat=True).first() == FROZEN


def frozen_refusal(project: Project) -> Refusal:
    """The sentence for a spend while the project's money is frozen."""
    return Refusal(
        f"The ledger of {project.title} does not add up, so nothing is asked for. An owner can have its figures counted"
        f" anew: costs --project {project.slug} --mend.",
        code="frozen",
        where="budget",
    )


def hold(job: Job) -> None:
    """Reserve the job's estimate under the project's cap and the day's, in the transaction that created the job.

    Raises Refusal(over_budget, over_day_cap) when a cap would be passed, Refusal(frozen) while the figures are wrong.
    """
    if frozen(job.project_id):
        raise frozen_refusal(job.project)
    _hold_project(job)
    _hold_day(job)
    LedgerEntry.objects.create(project_id=job.project_id, job=job, kind="hold", amount_micros=job.estimate_micros)


def _hold_project(job: Job) -> None:
    total = F("held_micros") + F("spent_micros") + job.estimate_micros
    free = Project.objects.alias(would=total).filter(pk=job.project_id)
    if job.estimate_micros:  # what is free may always be asked for, also past a cap
        free = free.filter(would__lte=F("cap_micros"))
    if not free.update(held_micros=F("held_micros") + job.estimate_micros):
        raise over_budget(job.project_id, job.estimate_micros)


def _hold_day(job: Job) -> None:
    job.held_on = today()
    Job.objects.filter(pk=job.pk).update(held_on=job.held_on)
    # read now, while the project's row is ours: the instance may be older than a change of the daily cap
    cap = Project.objects.values_list("day_cap_micros", flat=True).get(pk=job.project_id)
    row, _ = DayBudget.objects.get_or_create(project_id=job.project_id, day=job.held_on, defaults={"cap_micros": cap})
    total = F("held_micros") + F("spent_micros") + job.estimate_micros
    free = DayBudget.objects.alias(would=total).filter(pk=row.pk)
    if job.estimate_micros:
        free = free.filter(Q(cap_micros__isnull=True) | Q(would__lte=F("cap_micros")))
    if not free.update(held_micros=F("held_micros") + job.estimate_micros):
        raise over_day_cap(day_of(job.project), job.estimate_micros)


def over_budget(project_id: int, asked: int) -> Refusal:
    """The sentence for a spend the cap does not allow."""
    project = Project.objects.get(pk=project_id)
    return Refusal(
        f"This costs {dollars(asked)} and {dollars(project.left_micros)} of the {dollars(project.cap_micros)} budget is"
        f" left. Ask for less, or have an owner raise the budget.",
        code="over_budget",
        where="budget",
    )


def over_day_cap(found: Day, asked: int) -> Refusal:
    """The sentence for a spend the day's cap does not allow."""
    return Refusal(
        f"This costs {dollars(asked)} and {dollars(found.left)} of today's {dollars(found.cap)} is left. Ask for less,"
        f" wait for the next day (UTC), or have an owner raise the daily cap.",
        code="over_day_cap",
        where="budget",
    )


def settle(job: Job, actual: int | None, *, actor: AbstractBaseUser | None = None, why: str = "") -> int:
    """Turn the hold into what was billed; an unknown bill settles at the estimate. Returns what was settled."""
    billed = job.estimate_micros if actual is None else actual
    if _close(job, "settle", billed, actor, why):
        _book(job, held=-job.estimate_micros, spent=billed)
    return billed


def release(job: Job, *, actor: AbstractBaseUser | None = None, why: str = "") -> None:
    """Give the hold back: nothing was charged."""
    if _close(job, "release", job.estimate_micros, actor, why):
        _book(job, held=-job.estimate_micros, spent=0)


def bill_late(job: Job, billed: int) -> bool:
    """Count what was billed for a call whose hold had been released; once, and never on top of a settlement."""
    if not LedgerEntry.objects.filter(job=job, kind="release").exists():
        return False
    if not _enter(job, "late", billed, None, "its result came after all"):
        return False
    _book(job, held=0, spent=billed)
    return True


def _book(job: Job, *, held: int, spent: int) -> None:
    """Move money on the project and on the day the hold counts on; what passes a cap is overrun."""
    total = F("held_micros") + F("spent_micros") + held + spent
    change = {"held_micros": F("held_micros") + held, "spent_micros": F("spent_micros") + spent}
    over = Greatest(F("overrun_micros"), total - F("cap_micros"))
    Project.objects.filter(pk=job.project_id).update(**change, overrun_micros=over)
    capped = Case(When(cap_micros__isnull=True, then=Value(0)), default=over, output_field=BigIntegerField())
    days = DayBudget.objects.filter(project_id=job.project_id)
    if job.held_on:  # a hold from before days were counted is on none of them
        days.filter(day=job.held_on).update(**change, overrun_micros=capped)


def _close(job: Job, kind: str, micros: int, actor: AbstractBaseUser | None, why: str) -> bool:
    if LedgerEntry.objects.filter(job=job, kind__in=["settle", "release"]).exists():
        return False
    return _enter(job, kind, micros, actor, why)


def _enter(job: Job, kind: str, micros: int, actor: AbstractBaseUser | None, why: str) -> bool:
    try:
        with transaction.atomic():
            LedgerEntry.objects.create(
                project_id=job.project_id,
                job=job,
                kind=kind,
                amount_micros=micros,
                actor_id=actor.pk if actor else None,
                why=why[:300],
            )
    except IntegrityError:
        return False
    return True
