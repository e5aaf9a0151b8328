"""Told prices: kept with date and unit, put in force, and refused in a sentence when they cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sequences import prices
from sequences.errors import Refusal
from sequences.models import Job, Price, Take
from sequences.orchestration import making
from sequences.providers import catalogue, registry
from tests import factories as make

pytestmark = pytest.mark.django_db

KLING = "fal-ai/kling-video/v3/standard/image-to-video"
BANANA = "fal-ai/nano-banana-2"
DAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    endpoint_id: str
    unit_price: Decimal
    unit: str = "seconds"
    currency: str = "USD"


def told(*rows: Row) -> None:
    prices.store(rows, source="fal", at=DAY)
    prices.sync(now=True)


def kling(price: str = "0.084", **changes: str) -> Row:
    return Row(KLING, Decimal(price), **changes)


def test_without_a_told_price_the_listed_one_counts() -> None:
    prices.sync(now=True)
    found = catalogue.endpoint(KLING)
    assert (found.price(10), found.price_source, found.price_dated) == (840_000, "listed", "2026-11-23")


def test_a_told_price_counts_from_then_on_to_the_last_digit() -> None:
    told(kling("0.089999999"))
    found = catalogue.endpoint(KLING)
    assert (found.unit_price, found.price(10)) == (Decimal("0.089999999"), 900_000)
    assert (found.price_source, found.price_dated) == ("fal", "2026-11-24")
    told(kling("0.05"))
    assert catalogue.endpoint(KLING).price(10) == 500_000
    assert Price.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (kling(unit="compute second"),
         'The price of Kling 3 standard came as 0.084 USD a “compute second”, a unit that is not known here (known for'
         ' it: second, seconds). Choose another model, or give fal-ai/kling-video/v3/standard/image-to-video a price'
         ' with price_pinned = true in CATALOGUE_FILE. Nothing was asked for.'),
        (kling(currency="EUR"), "came as 0.084 EUR a “seconds”, and budgets are in US dollars."),
        (kling("0"), "came as 0 USD a “seconds”, which cannot be right."),
        (Row("fal-ai/veo3.1/image-to-video", Decimal("0.2")), f"fal told no price of Kling 3 standard ({KLING})."),
    ],
)  # fmt: skip
def test_a_price_that_cannot_be_used_stops_spending_and_says_why(row: Row, says: str) -> None:
    registry.offer("fal", _nobody)
    project = make.make_project(sequences=[make.Plan(start_frame=True, seconds=(4,))], provider="fal", width=1280,
                                height=720)  # fmt: skip
    told(row)
    with pytest.raises(Refusal) as refused:
        making.request_takes(actor=None, sequences=[make.sequence_of(project)])
    assert refused.value.code == "no_price"
    assert says in str(refused.value)
    assert not Take.objects.exists() and not Job.objects.exists()


def _nobody() -> registry.Provider:
    raise AssertionError("Nothing may be asked of a provider in this test.")


def test_units_are_read_without_case_and_space() -> None:
    told(kling(unit=" Seconds "))
    assert catalogue.endpoint(KLING).price(1) == 84_000


def test_of_two_paths_the_dearer_one_counts_and_a_resolution_multiplies() -> None:
    told(Row(BANANA, Decimal("0.08"), "images"), Row(f"{BANANA}/edit", Decimal("0.10"), "images"))
    assert catalogue.endpoint(BANANA).price(1) == 150_000
    assert catalogue.endpoint(f"{BANANA}@4k").price(1) == 200_000
    assert catalogue.endpoint(BANANA).billed(Decimal("1.5")) == 150_000


def test_a_pinned_price_stays_whatever_is_told() -> None:
    catalogue.override(KLING, price="0.2", price_pinned=True)
    told(kling(unit="compute second"))
    assert catalogue.endpoint(KLING).price(1) == 200_000


def test_the_free_provider_is_left_alone() -> None:
    told(kling())
    assert catalogue.endpoint("sketch/clip").price(5) == 0


def test_looking_again_costs_one_query_and_soon_after_none() -> None:
    told(kling())
    with CaptureQueriesContext(
        connection,
    ) as seen:
        prices.sync()
    assert len(seen) == 0
    with CaptureQueriesContext(connection) as seen:
        prices.sync(now=True)
    assert len(seen) == 1


def test_prices_that_were_configured_anew_are_put_in_force_again() -> None:
    told(kling("0.05"))
    catalogue.configure({})
    assert catalogue.endpoint(KLING).price(1) == 84_000
    prices.sync()
    assert catalogue.endpoint(KLING).price(1) == 50_000
