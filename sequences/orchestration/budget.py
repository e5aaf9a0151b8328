"""The money a project may take: its cap, its daily cap, and the proof that its figures are what the ledger says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences import costs
from sequences.errors import Refusal
from sequences.models import DayBudget, Event, Project
from sequences.planfile import money_text
from sequences.queries.proof import Wrong, proof, totals

from . import _checks as checks
from ._rules import OWNERS, locked, require
from .projects import plan_values

Actor = AbstractBaseUser | None
Dollars = Decimal | str | int
WHY = "Say why the cap changes; the reason is kept with it."


@dataclass(frozen=True, slots=True)
class Keep:
    """In place of a daily cap: leave it as it is. None means that there shall be none."""


KEEP = Keep()


def set_budget(*, actor: Actor, project: Project, cap: Dollars, why: str = "") -> Project:
    """Set the cap in dollars; an owner's act, with its reason. Raises Refusal: no reason, below what is spent or held.

    The same cap again changes nothing and needs no reason.
    """
    return set_caps(actor=actor, project=project, cap=cap, why=why)


def set_day_cap(*, actor: Actor, project: Project, cap: Dollars | None, why: str = "") -> Project:
    """Set or (None) take away what one UTC day may take, today included; an owner's act, with its reason.

    Raises Refusal: no reason, below what today has spent or promised.
    """
    return set_caps(actor=actor, project=project, day=cap, why=why)


def set_caps(
    *,
    actor: Actor,
    project: Project,
    cap: Dollars | None = None,
    day: Dollars | Keep | None = KEEP,
    why: str = "",
) -> Project:
    """Set the cap, the daily cap or both, in dollars, or neither. Raises Refusal; then both stay as they were."""
    require(actor, project, *OWNERS)
    reason = checks.text(why, "reason", most=300)
    with transaction.atomic():
        row = locked(project)
        if cap is not None:
            wanted = checks.project_values(asdict(plan_values(row)) | {"budget": cap}).budget
            change_cap(actor, row, wanted, reason)
        if not isinstance(day, Keep):
            _change_day_cap(actor, row, None if day is None else checks.micros(_day_dollars(row, day)), reason)
        row.save(update_fields=["cap_micros", "day_cap_micros", "overrun_micros"])
    return row


def _day_dollars(row: Project, day: Dollars) -> Decimal:
    """What was typed, by the rules of a budget. Raises Refusal."""
    try:
        return checks.project_values(asdict(plan_values(row)) | {"budget": day}).budget
    except Refusal as refusal:
        said = str(refusal).replace("Budget", "Daily cap", 1)
        raise Refusal(said, code=refusal.code, where="day") from None


def change_cap(actor: Actor, row: Project, wanted: Decimal, why: str) -> None:
    """Put another cap on a locked row, unsaved, with what is over it and the event.

    Raises Refusal without a reason, and below what is spent or promised.
    """
    cap = checks.micros(wanted)
    if cap == row.cap_micros:
        return
    if wrong := too_small(row, wanted):
        raise Refusal(wrong, code="below_spent", where="cap")
    _reasoned(why)
    was, row.cap_micros = row.cap_micros, cap
    row.overrun_micros = max(0, row.held_micros + row.spent_micros - cap)
    _say(actor, row, "project", _text(was), _text(cap), why)


def _change_day_cap(actor: Actor, row: Project, cap: int | None, why: str) -> None:
    if cap == row.day_cap_micros:
        return
    _reasoned(why)
    today = DayBudget.objects.select_for_update().filter(project=row, day=costs.today()).first()
    promised = today.held_micros + today.spent_micros if today else 0
    if cap is not None and cap < promised:
        raise Refusal(
            f"${_text(cap)} is below ${_text(promised)}, which is spent or promised today; set at least that.",
            code="below_spent",
            where="day",
        )
    was, row.day_cap_micros = row.day_cap_micros, cap
    if today:
        today.cap_micros, today.overrun_micros = cap, 0
        today.save(update_fields=["cap_micros", "overrun_micros"])
    _say(actor, row, "day cap", _text(was), _text(cap), why)


def _reasoned(why: str) -> None:
    if not why:
        raise Refusal(WHY, code="no_reason", where="why")


def too_small(project: Project, budget: Decimal) -> str:
    """The sentence that refuses a budget below what is spent or promised, or an empty text. The one it has may stay."""
    bound = project.spent_micros + project.held_micros
    if checks.micros(budget) >= bound or checks.micros(budget) == project.cap_micros:
        return ""
    return (
        f"${money_text(budget)} is below ${money_text(Decimal(bound) / checks.MICRO)}, "
        "which is spent or promised already; set at least that."
    )


def prove(*, actor: Actor, project: Project) -> list[Wrong]:
    """Hold the project's counters against its ledger. When they differ its money is frozen: nothing more is held.

    Returns what differs, in words; empty when all adds up. Raises Refusal for strangers.
    """
    require(actor, project)
    with transaction.atomic():
        row = locked(project)
        wrong = proof(row)
        if wrong and not costs.frozen(row.pk):
            _say(actor, row, costs.MONEY, "", costs.FROZEN, " ".join(map(str, wrong))[:300])
    return wrong


def recount(*, actor: Actor, project: Project) -> list[Wrong]:
    """Write the counters anew from the ledger, which is never changed, and let the project spend again.

    An owner's act. What is then over a cap counts as overrun. Returns what was wrong. Raises Refusal.
    """
    require(actor, project, *OWNERS)
    with transaction.atomic():
        row = locked(project)
        wrong = proof(row)
        if wrong:
            _write_totals(row)
        if wrong or costs.frozen(row.pk):
            told = " ".join(map(str, wrong)) or "counted anew"
            _say(actor, row, costs.MONEY, costs.FROZEN, "open", told[:300])
    return wrong


def _write_totals(row: Project) -> None:
    whole, days = totals(row)
    row.held_micros, row.spent_micros = whole
    row.overrun_micros = max(0, sum(whole) - row.cap_micros)
    row.save(update_fields=["held_micros", "spent_micros", "overrun_micros"])
    for day in {*days, *DayBudget.objects.filter(project=row).values_list("day", flat=True)}:
        found, _ = DayBudget.objects.get_or_create(project=row, day=day)
        found.held_micros, found.spent_micros = days.get(day, (0, 0))
        over = found.held_micros + found.spent_micros - (found.cap_micros or 0)
        found.overrun_micros = 0 if found.cap_micros is None else max(0, over)
        found.save()


def _text(micros: int | None) -> str:
    return "none" if micros is None else money_text(Decimal(micros) / checks.MICRO)


def _say(actor: Actor, row: Project, subject: str, was: str, now: str, why: str) -> None:
    Event.objects.create(
        project=row, subject=subject, subject_id=row.pk, was=was[:12], now=now[:12],
        actor_id=actor.pk if actor else None, why=why[:300],
    )  # fmt: skip
