"""The proof that a project's counters are what its ledger says. Reads only; money is integer micro-dollars.

held is the sum of the holds that no settle and no release has closed; spent is the sum of what was settled and of what
was billed late. The same for every UTC day, by the day a hold counts on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sequences.costs import amount
from sequences.models import DayBudget, LedgerEntry, Project

Money = tuple[int, int]
CLOSING = ("settle", "release")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One counter that is not what the ledger says. `day` is None for the project's own."""

    project: str
    day: date | None
    counter: str
    have: int
    ledger: int

    def __str__(self) -> str:
        where = f"{self.project} on {self.day}" if self.day else self.project
        return f"{where}: {self.counter} is {_exact(self.have)}, the ledger says {_exact(self.ledger)}."


def _exact(micros: int) -> str:
    return f"${amount(micros)}"


def totals(project: Project) -> tuple[Money, dict[date, Money]]:
    """(held, spent) by the ledger, of the whole project and by UTC day. One query."""
    rows = LedgerEntry.objects.filter(project_id=project.pk).order_by()
    named = list(rows.values_list("kind", "job_id", "amount_micros", "job__held_on"))
    closed = {job for kind, job, _, _ in named if kind in CLOSING}
    days: dict[date | None, list[int]] = defaultdict(lambda: [0, 0])
    for kind, job, micros, day in named:
        if kind == "hold" and job not in closed:
            days[day][0] += micros
        elif kind in ("settle", "late"):
            days[day][1] += micros
        else:
            days[day]  # a day on which everything was given back has a row too
    whole = (sum(d[0] for d in days.values()), sum(d[1] for d in days.values()))
    return whole, {day: (held, spent) for day, (held, spent) in days.items() if day is not None}


def proof(project: Project) -> list[Wrong]:
    """Every counter that differs from the ledger: the project's first, then its days'. Three queries."""
    fresh = Project.objects.get(pk=project.pk)
    whole, days = totals(project)
    have: dict[date | None, Money] = {None: (fresh.held_micros, fresh.spent_micros)}
    for row in DayBudget.objects.filter(project_id=project.pk).order_by("day"):
        have[row.day] = (row.held_micros, row.spent_micros)
    wanted: dict[date | None, Money] = dict([(None, whole), *days.items()])
    return [
        Wrong(fresh.slug, day, counter, have.get(day, (0, 0))[index], wanted.get(day, (0, 0))[index])
        for day in [None, *sorted({d for d in (*have, *wanted) if d is not None})]
        for index, counter in enumerate(("held", "spent"))
        if have.get(day, (0, 0))[index] != wanted.get(day, (0, 0))[index]
    ]
