"""A thousand random schedules, half on SQLite and half on PostgreSQL, each chunk with a database of its own."""

from __future__ import annotations

import re

import pytest

from tests.faults import databases
from tests.faults.storm import schedule

CHUNK = 250
CHUNKS = [("sqlite", 1), ("postgresql", 251), ("sqlite", 501), ("postgresql", 751)]
SUMMARY = re.compile(
    r"(\d+) schedules, ([\d,]+) calls accepted, 0 double payments, 0 invisible, 0 over the cap \((\w+), "
)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("database", "seed"), CHUNKS, ids=lambda value: str(value))
def test_nothing_is_paid_twice_or_lost(database: str, seed: int) -> None:
    words = ("-m", "tests.faults.storm", "--database", database, "--schedules", str(CHUNK), "--seed", str(seed))
    done = databases.python({}, *words, seconds=580)
    assert done.returncode == 0, done.stdout + done.stderr
    said = SUMMARY.search(done.stdout)
    assert said, done.stdout
    assert said[3] == database
    assert int(said[1]) == CHUNK and int(said[2].replace(",", "")) > CHUNK, done.stdout


def test_a_seed_is_always_the_same_schedule() -> None:
    assert schedule.made(5) == schedule.made(5)
    assert schedule.made(5).words().startswith("seed 5: 2 sequences, a cap for 1 grids, grids\n   1. press what=grid")


def test_schedules_reach_everything() -> None:
    seen = [op for seed in range(1, 1001) for op in schedule.made(seed).ops]
    names = {op.name for op in seen}
    assert {"press", "work", "fault", "jump", "hook", "cancel", "retry", "thaw", "unplug", "reap"} <= names
    assert {"absent", "write_off", "found", "ask_again", "put_away", "reopen"} <= names
    ways = {(op.args["how"], op.args.get("moment", "")) for op in seen if op.name == "work"}
    assert {(how, moment) for how in ("killed", "frozen") for moment in ("asked", "accepted", "answered", "")} <= ways
    assert all(schedule.LEAST <= len(schedule.made(seed).ops) <= schedule.MOST for seed in range(1, 200))


@pytest.mark.faults
@pytest.mark.slow
def test_a_storm_notices_when_a_rule_is_gone() -> None:
    words = ("-m", "tests.faults.storm", "--schedules", "60", "--most", "1", "--seed", "2", "--without", "one post")
    done = databases.python({}, *words)
    assert done.returncode == 1 and "1 double payments" in done.stdout, done.stdout + done.stderr
    assert "was accepted 2 times" in done.stdout and "FAILED seed " in done.stdout
