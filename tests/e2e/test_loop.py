"""The whole loop in a browser, as a stranger would walk it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sequences.media import video

LONG = 60_000


def import_plan(page: Page, files: Path) -> None:
    page.goto("/new/")
    page.get_by_text("Plan file", exact=True).click()
    page.locator("#plan input[name=plan]").set_input_files(files / "plan.toml")
    page.locator("#plan input[name=song]").set_input_files(files / "song.wav")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("button", name="Make the project").click()
    expect(page).to_have_url(re.compile("/p/by-mouse/"))


def stage(page: Page, code: str, status: str) -> None:
    """Wait on the board, without reloading, until a sequence stands there."""
    expect(page.locator(f"#{code.lower()}")).to_have_attribute("data-status", status, timeout=LONG)


def test_the_loop_by_mouse(page: Page, files: Path) -> None:
    import_plan(page, files)
    page.goto("/p/by-mouse/")
    card = page.locator("#seq01")
    card.get_by_role("button", name="Explore a grid").click()
    expect(card).to_have_attribute("data-status", "exploring", timeout=2_000)
    stage(page, "SEQ01", "pick")
    card.get_by_text("Pick start frame").last.click()
    dialog = page.locator("dialog[open].picker")
    dialog.locator(".cell").nth(1).click()
    before = dialog.locator("[data-crop=w]").input_value()
    dialog.get_by_role("button", name=re.compile("Use as start frame")).click()
    expect(dialog).to_have_count(0)
    assert int(before) > 600
    stage(page, "SEQ01", "ready")
    card.get_by_text(re.compile("Generate")).click()
    spend = page.locator("dialog[open]")
    spend.locator(".primary").click()
    expect(card).to_have_attribute("data-status", "generating", timeout=2_000)
    stage(page, "SEQ01", "review")
    card.get_by_text(re.compile("Review")).click()
    judge(page)
    page.goto("/p/by-mouse/cut/")
    page.get_by_role("button", name="Export MP4").click()
    link = page.locator("#exports a[href*=download]").first
    expect(link).to_be_visible(timeout=LONG)
    with page.expect_download() as download:
        link.click()
    facts = video.probe(download.value.path())
    assert (facts.frames, facts.width, facts.has_audio) == (96, 640, True)


def until(page: Page, truth: str, seconds: float = 15) -> None:
    """Wait for a truth of the page; Playwright's own waiting needs eval, which the pages forbid."""
    end = time.monotonic() + seconds
    while not page.evaluate(truth):
        assert time.monotonic() < end, truth
        page.wait_for_timeout(50)


def judge(page: Page) -> None:
    player = page.locator("video")
    expect(player).to_be_visible()
    page.get_by_role("button", name=re.compile("^Play")).first.click()
    until(page, "document.querySelector('video').currentTime > 0.2")
    page.get_by_text("Redo", exact=True).first.click()
    expect(page.get_by_role("button", name=re.compile("Reject, redo shot 1"))).to_be_visible()
    page.get_by_text("Keep", exact=True).first.click()
    page.get_by_role("button", name=re.compile("Approve T1")).click()
    expect(page.get_by_text(re.compile("SEQ01 T1 approved"))).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_but_the_pages_own_words(page: Page, theme: str) -> None:
    page.goto("/")
    page.context.add_cookies([{"name": "theme", "value": theme, "url": page.url}])
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
