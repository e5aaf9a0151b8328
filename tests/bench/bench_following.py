"""A thousand calls in flight, held by one worker, and beside it what one would write first: a blocked task a call.

`pytest -m bench tests/bench/bench_following.py -s` takes about a quarter of an hour, since the runs last as long as
real ones (one to three minutes). `BENCH_JOBS=5000` asks for more. What runs is `tests/bench/following.py`; the calls
are grids of one cell, asked for by `explore`, so that taking a result in is cheap. Ratios are asserted, times are said.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

import pytest

from tests.faults import databases

JOBS = int(os.environ.get("BENCH_JOBS", "1000"))
MOST_POLLS = 15
PROMISED = "promised: under 15 % of a core, under 120 MB above idle"


def run(*words: str) -> dict[str, Any]:
    """One run in a data folder of its own; its figures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {"DATA_DIR": folder, "DATABASE_URL": ""}
        done = databases.python(environment, "-m", "tests.bench.following", *words, seconds=7200)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{' '.join(words)}: {json.dumps(found)}")
    return found


def once_each(found: dict[str, Any]) -> None:
    """Every call that was accepted is done, and none was sent twice."""
    assert found["states"] == {"done": JOBS}
    assert found["posts"] == found["accepted"] == JOBS


@pytest.mark.bench
@pytest.mark.timeout(0)
def test_one_worker_holds_what_would_block_a_thousand() -> None:
    held = run("ours", "--hold", "--jobs", str(JOBS))
    ours = run("ours", "--jobs", str(JOBS))
    hooked = run("ours", "--webhooks", "--jobs", str(JOBS))
    naive = run("naive", "--jobs", "50")
    following = held["steady"]["cpu_share"] * 120 / JOBS
    print(
        f"following {JOBS}: {held['steady']['cpu_share']:.1%} of a core, {held['memory_above_idle_mb']} MB above idle"
        f" ({PROMISED}); to follow a call for two minutes {following * 1000:.1f} ms of processor, the blocked task"
        f" {naive['cpu_seconds_a_job'] * 1000:.1f} ms; looks a call {ours['polls_a_job']}, with webhooks"
        f" {hooked['polls_a_job']}, the blocked task {naive['polls_a_job']}"
    )
    once_each(ours)
    once_each(hooked)
    assert ours["polls_a_job"] < MOST_POLLS and hooked["polls_a_job"] < ours["polls_a_job"]
    assert ours["jobs_a_minute"] > naive["jobs_a_minute"]
    assert following < naive["cpu_seconds_a_job"]
