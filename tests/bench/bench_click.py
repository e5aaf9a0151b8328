"""From a click to what the board says of it: explore and generate, ten times each, in a real browser and studio.

`./run bench tests/bench/bench_click.py`. The promise is 300 ms on a machine that does nothing else, and 3 s from
the row to the card for the end.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.e2e import pages, stopwatch
from tests.e2e.studio import Studio, chromium, launch_options

CLICKS = 10
PROMISE_MS = 300
PROMISE_SECONDS = 3


@pytest.fixture
def page(tmp_path: Path) -> Iterator[tuple[Page, Studio]]:
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    with Studio(tmp_path / "data") as studio, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        tab = browser.new_page()
        tab.goto(studio.link())
        yield tab, studio
        browser.close()


def figures(name: str, times: list[float], unit: str) -> None:
    print(f"{name}: median {statistics.median(times):.2f} {unit}, max {max(times):.2f} {unit}, {len(times)} times")


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_a_click_is_answered(page: tuple[Page, Studio], tmp_path: Path) -> None:
    tab, studio = page
    slug = "clicks"
    sequences = tuple((f"a pier at dawn, number {number}",) for number in range(CLICKS))
    studio.manage("import_plan", str(pages.write_plan(tmp_path, slug, sequences)))
    codes = [f"SEQ{number:02d}" for number in range(1, CLICKS + 1)]
    tab.goto(f"{studio.address}/p/{slug}/")
    explore, ends = [], []
    for code in codes:
        explore.append(stopwatch.click_to(tab.locator(f"#act-{code.lower()}"), code, "exploring"))
        ends.append(until_shown(tab, studio, slug, code, "grid", "pick"))
    for code in codes:
        studio.manage("pick_start_frame", "--project", slug, f"{code}/G1", "--cell", "1")
    tab.reload()
    generate = []
    for code in codes:
        tab.locator(f"#act-{code.lower()}").click()
        spend = tab.locator("#spend").get_by_role("button", name=re.compile("^Spend"))
        generate.append(stopwatch.click_to(spend, code, "generating"))
        ends.append(until_shown(tab, studio, slug, code, "take", "review"))
    figures("explore, click to card", explore, "ms")
    figures("generate, click to card", generate, "ms")
    figures("end, row to card", ends, "s")
    assert statistics.median(explore) <= PROMISE_MS
    assert statistics.median(generate) <= PROMISE_MS
    assert max(ends) <= PROMISE_SECONDS


def until_shown(tab: Page, studio: Studio, slug: str, code: str, table: str, status: str) -> float:
    stopwatch.watch(tab, code, status)
    ended = stopwatch.ended_at(studio, slug, code, table)
    return stopwatch.shown_at(tab) - ended
