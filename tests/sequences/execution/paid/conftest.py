"""One fake a run, emptied before each test; a studio that calls it, without and with webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import paid
from tests.fakes.fal import InProcessFal


@pytest.fixture(scope="session")
def running_fal() -> Iterator[InProcessFal]:
    with paid.calm() as fake:
        assert isinstance(fake, InProcessFal)
        yield fake


@pytest.fixture
def fal(running_fal: InProcessFal) -> Iterator[paid.Bench]:
    """The provider without webhooks."""
    with paid.bench(running_fal) as bench:
        yield bench


@pytest.fixture
def hooked(running_fal: InProcessFal) -> Iterator[paid.Bench]:
    """The provider with a public address nobody answers at: webhooks go through `Bench.hook`."""
    with paid.bench(running_fal, paid.PUBLIC) as bench:
        bench.fal.control(config={"webhooks_to": "http://127.0.0.1:9"})
        yield bench
