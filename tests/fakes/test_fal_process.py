"""The fake as a process: what it accepted outlives it, and a busy queue stays quick."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.conftest import BANANA, SHEET, Caller
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


def test_a_thousand_waiting_do_not_slow_it(process: FakeFal) -> None:
    caller = Caller(process)
    links = [caller.accepted() for _ in range(1000)]
    before = time.process_time()
    assert caller.http.get(links[-1]["status_url"]).json()["queue_position"] == 997
    for link in links[::5]:
        caller.http.get(link["status_url"])
    assert time.process_time() - before < 5
    assert process.ledger()["totals"]["accepted"] == 1000
