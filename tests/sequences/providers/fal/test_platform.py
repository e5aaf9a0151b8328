"""The provider's list proves what was sent, never by silence about inputs; its prices and models are read in pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sequences.providers.base import Closed, Refused, TryLater, Wire
from sequences.providers.fal import Fal
from sequences.providers.fal.platform import holds
from tests.fakes.fal import InProcessFal

GRID = "fal-ai/nano-banana-2"
MINUTE = timedelta(minutes=1)


def send(fal: Fal, wire: Wire) -> str:
    return fal.submit(None, token="t", wire=wire).request_id  # type: ignore[arg-type]  # the wire says it all


def finished(fal: Fal, fake: InProcessFal, *wires: Wire) -> list[str]:
    numbers = [send(fal, wire) for wire in wires]
    fake.control(finish=numbers)
    return numbers


def around() -> dict[str, datetime]:
    return {"since": datetime.now(UTC) - MINUTE, "until": datetime.now(UTC) + MINUTE}


def variant(wire: Wire, **body: object) -> Wire:
    return Wire(wire.endpoint, {**wire.body, **body})


def test_a_lost_call_is_found_by_its_input(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    others = [variant(wire, seed=seed) for seed in (8, 9)]
    number = finished(fal, fake, others[0], wire, others[1])[1]
    (found,) = fal.find(wire, **around())
    assert found.request_id == number
    assert found.sent_at is not None and found.ended_at is not None
    assert found.sent_at.tzinfo and found.ended_at >= found.sent_at
    assert fal.find(variant(wire, seed=10), **around()) == ()
    assert fal.find(replace(wire, endpoint="fal-ai/nano-banana-pro"), **around()) == ()


def test_the_same_input_twice_is_found_twice(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    numbers = finished(fal, fake, wire, wire)
    assert {found.request_id for found in fal.find(wire, **around())} == set(numbers)


def test_calls_of_another_time_are_not_it(make: Callable[..., Fal], fake: InProcessFal, wire: Wire) -> None:
    fal = make(listing_skew=0.0)
    finished(fal, fake, wire)
    now = datetime.now(UTC)
    assert fal.find(wire, since=now + MINUTE, until=now + 2 * MINUTE) == ()
    assert fal.find(wire, since=now - 9 * MINUTE, until=now - 5 * MINUTE) == ()
    assert make(listing_skew=600.0).find(wire, since=now - 9 * MINUTE, until=now - 5 * MINUTE)


def test_a_call_that_ended_long_after_it_was_sent_is_found(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"duration": 1500})
    send(fal, wire)
    sent = datetime.now(UTC)
    fake.control(advance=1600)
    for _ in range(200):
        if fake.jobs()[0]["state"] == "COMPLETED":
            break
    assert fal.find(wire, since=sent - MINUTE, until=sent + MINUTE)


def test_all_pages_are_read(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    wires = [variant(wire, seed=seed) for seed in range(120)]
    fake.control(config={"duration": 600})
    numbers = [send(fal, one) for one in wires]
    fake.control(config={"listing_running": True})
    assert [found.request_id for found in fal.find(wires[0], **around())] == numbers[:1]
    rows = fal.platform.listing([wire.endpoint])
    assert {row.request_id for row in rows} == set(numbers)
    assert rows[0].input is None and rows[0].status_code is None and rows[0].ended_at is None


def test_a_list_that_lags_shows_nothing_yet(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"listing_lag": 600.0})
    finished(fal, fake, wire)
    assert fal.find(wire, **around()) == ()


def test_a_list_without_inputs_proves_nothing(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"store_default": False})
    finished(fal, fake, wire)
    fake.control(advance=31 * 86400)  # what was kept is not kept any more
    try:
        with pytest.raises(TryLater, match="does not show"):
            fal.find(wire, since=datetime.now(UTC) - MINUTE, until=datetime.now(UTC) + timedelta(days=40))
    finally:
        fake.control(offset=0, config={"store_default": True})


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("requests:status(500)", TryLater),
        ("requests:html(code=200)", TryLater),
        ("requests:status(403)", Closed),
        ("requests:stall", TryLater),
    ],
)
def test_a_list_that_cannot_be_read_proves_nothing(
    fal: Fal, fake: InProcessFal, wire: Wire, fault: str, kind: type[Exception]
) -> None:
    finished(fal, fake, wire)
    fake.fault(fault)
    with pytest.raises(kind):
        fal.find(wire, **around())
    assert fal.find(wire, **around())


def test_an_input_is_ours_when_all_we_sent_is_there() -> None:
    ours = {"prompt": "a", "n": 1, "shots": [{"prompt": "x", "duration": "3"}], "audio": False}
    assert holds(dict(ours), ours)
    assert holds({**ours, "cfg_scale": 0.5}, ours)
    assert holds({**ours, "shots": [{"prompt": "x", "duration": "3", "type": "customize"}]}, ours)
    assert holds('{"prompt": "a"}', {"prompt": "a"})
    assert not holds({**ours, "prompt": "b"}, ours)
    assert not holds({key: value for key, value in ours.items() if key != "n"}, ours)
    assert not holds({**ours, "shots": ours["shots"] * 2}, ours)
    assert not holds({**ours, "audio": 0}, ours)
    assert not holds({**ours, "n": True}, ours)
    assert not holds({**ours, "n": "1"}, ours)
    for nothing in (None, "", "{", [], "[]", 5):
        assert not holds(nothing, ours)


def test_the_horizon_is_latest_start_longest_run_and_the_lists_lag(make: Callable[..., Fal]) -> None:
    usual = make(listing_lag=900.0).horizon(GRID)
    assert make(listing_lag=0.0).horizon(GRID) == usual - 900
    start, longest = 60.0, usual - 900 - make(start_timeout=0.0, listing_lag=0.0).horizon(GRID)
    assert make(start_timeout=start, listing_lag=0.0).horizon(GRID) == usual - 900 - longest + start
    assert make().in_flight == 4 and make(concurrency=10).in_flight == 20
    assert not Fal.idempotent and Fal.name == "fal"


def test_prices_are_exact_and_what_has_none_is_missing(fal: Fal, fake: InProcessFal) -> None:
    fake.fault("price", endpoint=GRID, unit_price="0.0800001", unit="images")
    fake.fault("price_missing", endpoint="fal-ai/nano-banana-pro")
    rows = fal.platform.prices([GRID, "fal-ai/nano-banana-pro", "fal-ai/no-such-model", GRID])
    (row,) = rows
    assert (row.endpoint_id, row.unit_price, row.unit, row.currency) == (GRID, Decimal("0.0800001"), "images", "USD")


def test_prices_are_asked_for_in_batches(fal: Fal) -> None:
    names = [GRID, *(f"fal-ai/none-{n}" for n in range(120)), "fal-ai/nano-banana-pro"]
    assert {row.endpoint_id for row in fal.platform.prices(names)} == {GRID, "fal-ai/nano-banana-pro"}
    assert fal.platform.prices([]) == []


def test_models_and_their_schemas_can_be_read(fal: Fal) -> None:
    assert [model["endpoint_id"] for model in fal.platform.models(endpoint_ids=[GRID])] == [GRID]
    assert len(fal.platform.models()) > 5
    schema = fal.platform.schema(GRID)
    assert schema["openapi"].startswith("3.")
    with pytest.raises(Refused, match="describes no endpoint"):
        fal.platform.schema("fal-ai/no-such-model")


def test_the_platform_turns_a_wrong_key_away(make: Callable[..., Fal]) -> None:
    with pytest.raises(Closed) as caught:
        make(key="wrong-id:wrong-secret").platform.prices([GRID])
    assert "wrong-secret" not in str(caught.value)
