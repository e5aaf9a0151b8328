"""Two ways of doing one job, run in turns on the same machine: only their ratio means anything."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter

PROMISE = 1.3


def interleaved(name: str, ours: Callable[[], object], bare: Callable[[], object], runs: int = 7) -> float:
    """Run both in turns, print the medians, return ours / bare. One unmeasured run each comes first."""
    ours(), bare()
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(runs):
        pair = [("ours", ours), ("bare", bare)]
        for key, job in pair if number % 2 else reversed(pair):
            start = perf_counter()
            job()
            times[key].append(perf_counter() - start)
    mine, theirs = (statistics.median(times[key]) for key in ("ours", "bare"))
    ratio = statistics.median(a / b for a, b in zip(times["ours"], times["bare"], strict=True))
    print(f"{name}: ours {mine * 1000:.0f} ms, bare {theirs * 1000:.0f} ms, ratio {ratio:.2f} (promised {PROMISE})")
    return ratio
