"""With Redis as broker, Celery's own worker and beat, and Redis losing everything: see on_redis."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import migrated
from tests.faults import databases


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_redis_may_forget_everything_and_go_away(tmp_path: Path) -> None:
    done = databases.python(
        {"DATA_DIR": str(migrated.studio(tmp_path)), "DATABASE_URL": ""}, "-m", "tests.faults.on_redis"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "finishes: a take is made",
        "flushed: FLUSHALL while it was made, it is made",
        "away: no Redis at the click, made when it is back",
        "swept: no Redis and no worker, made by the sweep",
    ]


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_redis_may_do_so_with_fifty_paid_calls_in_flight(tmp_path: Path) -> None:
    done = databases.python(
        {"DATA_DIR": str(migrated.studio(tmp_path)), "DATABASE_URL": ""},
        "-m",
        "tests.faults.on_redis_paid",
        seconds=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "flushed: FLUSHALL with 50 in flight, all are made",
        "ended: SHUTDOWN NOSAVE with 50 in flight, 5 more asked for meanwhile, all are made",
        "silent: a Redis that says nothing, the click is answered and made",
        "full: a Redis without room, the click is answered, the sweep makes all",
        "deployed: SIGTERM, then SIGKILL with 20 at work, the next worker makes all",
        "absent: no Redis and no worker for the whole run, the sweep makes 50",
        "judged: 186 asked for, as many accepted and billed, nothing held",
    ]
