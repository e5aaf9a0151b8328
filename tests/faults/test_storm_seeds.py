"""Schedules that once found a fault, kept. What each found is said beside it."""

from __future__ import annotations

import pytest

from tests.faults import databases

SEEDS = {
    1041: "a submit that broke off in a living process held its job for as long as that process lived",
    3178: "a call that was cancelled and billed all the same was counted as free",
    2046: "a call that was written off while it was stuck is waited for until it ends",
    200214: "what came late of a call whose result the provider never gives was waited for without end",
    100066: "a call said to have never arrived, that ended without a file and was billed, was counted by nobody",
}


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", databases.KINDS)
def test_seeds_that_found_something(database: str) -> None:
    words = ("-m", "tests.faults.storm", "--database", database, "--only", *map(str, SEEDS))
    done = databases.python({}, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{len(SEEDS)} schedules, ") and f"({database}, " in done.stdout, done.stdout
