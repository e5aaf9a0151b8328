"""The fake as a process: what it accepted outlives it, and a busy queue stays quick."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.fakes.calls import BANANA, SHEET, Caller
from tests.fakes.fal import FakeFal


@pytest.fixture
def process(tmp_path: Path) -> Iterator[FakeFal]:
    fal = FakeFal(tmp_path, duration=60)
    fal.start()
    yield fal
    fal.stop()


def test_accepted_requests_outlive_a_kill(process: FakeFal) -> None:
    done, running, waiting = (Caller(process).accepted(BANANA, SHEET) for _ in range(3))
    process.control(finish=[done["request_id"]])
    url = Caller(process).result(done).json()["images"][0]["url"]
    process.fault("accept_then_reset")
    with pytest.raises(Exception, match="reset"):
        Caller(process).submit(BANANA, SHEET)
    process.kill()
    assert len(process.records("accepted")) == 4
    process.start()
    caller = Caller(process)
    assert caller.http.get(url).content.startswith(b"\x89PNG")
    assert caller.http.get(done["response_url"]).status_code == 200
    told = [caller.http.get(one["status_url"]).json()["status"] for one in (done, running, waiting)]
    assert told == ["COMPLETED", "IN_PROGRESS", "IN_PROGRESS"]
    assert process.ledger()["totals"]["billed"] == 1


def asking(caller: Caller, link: dict[str, Any]) -> float:
    """Median seconds of one status request."""
    taken = []
    for _ in range(60):
        began = time.perf_counter()
        caller.http.get(link["status_url"])
        taken.append(time.perf_counter() - began)
    return median(taken)


def test_the_length_of_the_queue_does_not_slow_it(process: FakeFal) -> None:
    caller = Caller(process)
    first = caller.accepted()
    alone = asking(caller, first)
    links = [caller.accepted() for _ in range(1000)]
    assert caller.http.get(links[-1]["status_url"]).json()["queue_position"] == 998
    assert asking(caller, links[-1]) < 4 * alone
    assert process.ledger()["totals"]["accepted"] == 1001
