"""The question before an edit and the list of what is stale, by keyboard and by mouse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import pages
from tests.e2e.studio import Studio

SLUG = "stale-after-an-edit"
SHOTS = os.environ.get("STALE_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def taken(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project whose SEQ01 has a take with @mara and whose SEQ02 has one without."""
    shots = (("a ferry at dusk, @mara at the rail",), ("a pier at dawn, static",))
    path = pages.write_plan(tmp_path_factory.mktemp(SLUG), SLUG, shots)
    here = ("--project", SLUG)
    studio.manage_all(
        ("import_plan", str(path)),
        ("explore", *here, "SEQ01", "SEQ02", "--layout", "2x2", "--wait"),
        ("pick_start_frame", *here, "SEQ01/G1", "--cell", "1"),
        ("pick_start_frame", *here, "SEQ02/G1", "--cell", "1"),
        ("request_takes", *here, "SEQ01", "SEQ02", "--yes", "--wait"),
    )
    return SLUG


def look(page: Page, name: str) -> None:
    """Keep a picture of the page at three widths when asked to."""
    for width in (1440, 1024, 390) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 1000})
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"))
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_the_question_and_the_list(page: Page, taken: str) -> None:
    page.goto(f"/p/{taken}/stale/")
    expect(page.get_by_text("No take is stale")).to_be_visible()
    look(page, "empty")

    # by keyboard: discard, then save without a refresh
    page.goto(f"/p/{taken}/elements/")
    field = page.locator("#d-mara")
    field.fill("a woman of sixty in a red coat")
    page.keyboard.press("Control+Enter")
    dialog = page.locator("dialog#stale")
    expect(dialog).to_contain_text("This edit makes 1 take stale")
    expect(dialog.locator("input[name=stale]:checked")).to_be_focused()  # it has opened
    look(page, "ask")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Not saved yet: takes would become stale.")).to_be_visible()
    page.get_by_role("button", name="Ask again").click()
    dialog.get_by_role("button", name="Discard the edit").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(field).to_have_value("a woman of thirty in a yellow raincoat")
    page.reload()
    expect(field).to_have_value("a woman of thirty in a yellow raincoat")
    field.fill("a woman of sixty in a red coat")
    page.keyboard.press("Control+Enter")
    expect(dialog.locator("input[name=stale]:checked")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("input[value=save]")).to_be_checked()
    expect(dialog.get_by_role("button", name="Save, refresh none")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Mara is saved.")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    expect(field).to_have_value("a woman of sixty in a red coat")

    # by mouse: from the mark on the board to a waiver and back, then a refresh
    page.goto(f"/p/{taken}/")
    mark = pages.card(page, "SEQ01").get_by_role("link", name="SEQ01/T1: @mara")
    expect(mark).to_be_visible()
    expect(pages.card(page, "SEQ02").locator(".stale")).to_have_count(0)
    look(page, "board")
    mark.click()
    expect(dialog).to_contain_text("@mara is described in other words now.")
    look(page, "list")
    dialog.get_by_role("checkbox", name="SEQ01 T1").check()
    dialog.get_by_label("Why the ticked ones").fill("the coat is out of frame")
    dialog.get_by_role("button", name="Waive").click()
    expect(dialog).to_contain_text("No take is stale")
    dialog.get_by_text("Waived (1)").click()
    look(page, "waived")
    dialog.get_by_role("button", name="Take the waiver back").click()
    expect(dialog).to_contain_text("1 take is stale")
    dialog.get_by_role("button", name="Refresh 1 take").click()
    expect(dialog).to_contain_text("T2 comes in its place")
    look(page, "replaced")
    dialog.get_by_role("button", name="Close").last.click()
    pages.stage(page, "SEQ01", "review")
    page.goto(f"/p/{taken}/seq01/")
    expect(page.locator("#mark-take-1")).to_contain_text("Stale, T2 instead")
    look(page, "workbench")
    page.goto(f"/p/{taken}/dailies/SEQ01/T1/")
    look(page, "dailies")
    page.goto(f"/p/{taken}/cut/")
    look(page, "cut")
