"""Bills that are not what was held (M5), with the paid provider's own count of units. The other cases of group M are in
tests of the budget and in `tests/faults/on_database`."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sequences.models import DayBudget, LedgerEntry
from tests.paid import GRID_PRICE, Bench, fresh, money

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("units", "billed"), [("0.5", 40_000), ("1.5", GRID_PRICE), ("1.50001", 120_001)])
def test_what_was_billed_is_what_counts(fal: Bench, units: str, billed: int) -> None:
    """M5: to the micro-dollar, rounded up."""
    fal.fal.fault("bill", units=units)
    job = fal.grid()
    fal.work()
    assert (fresh(job).cost_micros, fresh(job).billed_units) == (billed, Decimal(units).quantize(Decimal("0.0001")))
    assert money(job.project) == (0, billed)


def test_a_bill_above_the_cap_is_counted_as_overrun(fal: Bench) -> None:
    """M5: it is owed, so it is shown; nothing more is asked for."""
    sequence = fal.sequence(budget="0.12")
    fal.fal.fault("bill", units="5")
    fal.grid(sequence)
    fal.work()
    project = sequence.project
    assert money(project) == (0, 400_000)
    assert (project.cap_micros, project.overrun_micros) == (120_000, 280_000)
    assert DayBudget.objects.get().spent_micros == 400_000
    with pytest.raises(Exception, match="budget is left"):
        fal.grid(sequence)
    assert fal.posts == 1


def test_a_bill_nobody_told_counts_as_what_was_held(fal: Bench) -> None:
    """M5."""
    fal.fal.fault("no_units_header")
    job = fal.grid()
    fal.work()
    assert (fresh(job).state, fresh(job).cost_micros) == ("done", GRID_PRICE)
    assert list(LedgerEntry.objects.values_list("kind", "amount_micros")) == [
        ("hold", GRID_PRICE),
        ("settle", GRID_PRICE),
    ]
    fal.settled(job.project)
