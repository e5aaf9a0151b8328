"""How soon the page says what happened: from the click, and from the row."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from playwright.sync_api import Locator, Page, expect

from tests.e2e.studio import Studio

# From the click until the element says otherwise; the browser's own clock, in milliseconds.
CLICK = """
(button, {watched, wanted}) => new Promise((done) => {
  let clicked = 0;
  const look = () => {
    if (document.querySelector(watched)?.dataset.status !== wanted) return;
    observer.disconnect();
    done(performance.now() - clicked);
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, {subtree: true, childList: true, attributes: true});
  clicked = performance.now();
  button.click();
})
"""
# Notes when the element says it, in milliseconds since the epoch.
NOTE = """
({watched, wanted}) => {
  const look = () => {
    if (document.querySelector(watched)?.dataset.status === wanted) window.shownAt ??= Date.now();
  };
  window.shownAt = undefined;
  window.noting?.disconnect();
  window.noting = new MutationObserver(look);
  window.noting.observe(document.body, {subtree: true, childList: true, attributes: true});
  look();
}
"""


def click_to(button: Locator, code: str, status: str) -> float:
    """Milliseconds from the click until the card of a sequence shows a status."""
    expect(button).to_be_visible()
    return float(button.evaluate(CLICK, {"watched": f"#{code.lower()}", "wanted": status}))


def watch(page: Page, code: str, status: str) -> None:
    """From now on the page notes when the card shows a status; `shown_at` reads it."""
    page.evaluate(NOTE, {"watched": f"#{code.lower()}", "wanted": status})


def shown_at(page: Page, patience: float = 60) -> float:
    """When it did, in seconds since the epoch."""
    end = time.monotonic() + patience
    while not (shown := page.evaluate("window.shownAt")):
        assert time.monotonic() < end, "the page never showed it"
        page.wait_for_timeout(50)
    return float(shown) / 1000


def ended_at(studio: Studio, slug: str, code: str, table: str = "grid", patience: float = 90) -> float:
    """When the first grid or take of a sequence has left `making`, read from the database beside the studio."""
    sql = (
        f"SELECT 1 FROM sequences_{table} a JOIN sequences_sequence s ON s.id = a.sequence_id "
        "JOIN sequences_project p ON p.id = s.project_id WHERE p.slug = ? AND s.code = ? AND a.state <> 'making'"
    )
    with closing(sqlite3.connect(f"file:{studio.folder / 'studio.sqlite3'}?mode=ro", uri=True)) as database:
        end = time.monotonic() + patience
        while not database.execute(sql, (slug, code)).fetchone():
            assert time.monotonic() < end, f"{code} is still being made"
            time.sleep(0.02)
        return time.time()
