"""A small round of the killing; the long one is `python -m tests.faults.kill_studio`."""

from __future__ import annotations

import pytest

from tests.faults import databases


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_three_kills_lose_nothing_and_pay_nothing_twice() -> None:
    words = ("--kills", "3", "--takes", "3", "--longest", "5", "--patience", "60")
    done = databases.python({"DATABASE_URL": "", "CELERY_BROKER_URL": "filesystem://localhost/"},
                            "-m", "tests.faults.kill_studio", *words)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("3 kills, ") and done.stdout.rstrip().endswith(" takes, 0 wrong")
