"""The same proofs on SQLite and on PostgreSQL, each in a process of its own: tests of threads need a real database."""

from __future__ import annotations

import pytest

from tests.faults import databases

EXPECTED = """\
cap: 40 presses at a cap for 5, 5 accepted
day_cap: 40 presses at a day's cap for 5, 5 accepted
two_caps: 20 presses of 2 projects at different caps, 4 and 3 accepted and settled
same_key: 40 presses of one form, 1 take
grids: 20 presses of 10 forms, grids 1 to 10
plan: 8 writers at once, 8 revisions and 8 shots in a row
approvals: 8 approvals of 2 takes, 1 approved
settling: 8 bills for one call, paid once
stepping: 4 workers at one job, sent once and collected once
loop: grid, pick, take, reject and redo, approve, export
triggers: 18 columns of 4 tables refuse
"""


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", databases.KINDS)
def test_races_loop_and_triggers(kind: str) -> None:
    with databases.KINDS[kind]() as environment:
        done = databases.python(environment, "-m", "tests.faults.on_database")
        assert done.stdout == f"on {kind}\n{EXPECTED}", done.stdout + done.stderr
        assert done.returncode == 0
        if kind == "postgresql":
            # it measures texts and refuses NUL, which SQLite does not
            files = ("tests/sequences/test_constraints.py", "tests/architecture/test_access.py")
            wanted = ("-k", "refuses or nul or long", "-q", "-p", "no:cacheprovider")
            again = databases.python(environment, "-m", "pytest", *files, *wanted)
            assert again.returncode == 0, again.stdout
