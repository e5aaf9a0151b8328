"""Kills, freezes and crowds on a database file, in processes of their own: see on_file, kills and crowds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import migrated
from tests.faults import databases

CROWDS = {
    "webhooks_at_once": "one webhook on 10 connections, taken once, one move",
    "bells_at_once": "50 bells, one submit; 8 while it was fetched, one file",
    "sweeps_at_once": "4 sweeps at once, 6 calls sent once and taken in once",
    "clicks_of_two_browsers": "40 clicks in two browsers, one take, paid once",
    "cancels_against_ends": "200 races,",
}
KILLS = {
    "submit_killed": "killed at",
    "submit_killed_in_the_post": "accepted, its sender killed, found and made once",
    "collect_killed": "killed at",
    "deadly_result": "three killed, put aside, shown; taken in when it kills no more",
    "frozen_before_the_check": "asleep for a moment it gave its claim back",
    "frozen_before_the_post": "three hours asleep, every decision refused, sent once",
}


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("proofs", [CROWDS, KILLS], ids=["crowds", "kills"])
def test_it_holds_on_a_database_file(tmp_path: Path, proofs: dict[str, str]) -> None:
    environment = {"DATA_DIR": str(migrated.studio(tmp_path)), "DATABASE_URL": ""}
    done = databases.python(environment, "-m", "tests.sequences.execution.paid.on_file", *proofs)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == list(proofs)
    assert all(line.startswith(f"{name}: {said}") for line, (name, said) in zip(lines, proofs.items(), strict=True))
