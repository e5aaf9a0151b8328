"""One fake in a thread for the tests of the fake itself, emptied before each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.calls import Caller
from tests.fakes.fal import Handle, InProcessFal


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    data: Path = tmp_path_factory.mktemp("fal")
    with InProcessFal(data, duration=0.01) as fal:
        yield fal


@pytest.fixture
def fal(running: Handle) -> Handle:
    running.control(reset=True, offset=0, speed=1, config={
        "concurrency": 2, "duration": 0.01, "validate": "submit", "listing_lag": 0, "listing_running": False,
        "store_default": True, "cancel_delay": 0.01, "webhooks_to": "",
    })  # fmt: skip
    return running


@pytest.fixture
def caller(fal: Handle) -> Iterator[Caller]:
    made = Caller(fal)
    with made.http:
        yield made
