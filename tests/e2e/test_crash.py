"""The studio is killed under an open page while a take is being made, and started again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import pages
from tests.e2e.pages import card, stage
from tests.e2e.studio import Studio

pytestmark = pytest.mark.slow

# The browser itself says that nobody answers; htmx says so too.
REFUSED = "net::ERR_|htmx:sendError"


@pytest.mark.faults
def test_a_killed_studio_goes_on_where_it_was(browser: Browser, tmp_path: Path) -> None:
    with Studio(tmp_path / "data", {"SKETCH_FAULTS": "slow:6@takes its time"}) as studio:
        slug = "crash"
        shots = (("a tide that takes its time",),)
        studio.manage("import_plan", str(pages.write_plan(tmp_path, slug, shots)))
        context = pages.new_context(browser, studio, None)
        with pages.listening(context, allowed=REFUSED) as page:
            page.goto(studio.link())
            page.goto(f"/p/{slug}/")
            card(page, "SEQ01").get_by_role("button", name="Explore a grid").click()
            stage(page, "SEQ01", "pick")
            studio.manage("pick_start_frame", "--project", slug, "SEQ01/G1", "--cell", "1")
            page.reload()
            card(page, "SEQ01").get_by_role("link", name=re.compile("^Generate")).click()
            page.locator("#spend").get_by_role("button", name=re.compile("^Spend")).click()
            expect(card(page, "SEQ01")).to_have_attribute("data-status", "generating")
            page.evaluate("window.stays = true")
            page.wait_for_timeout(1_000)
            studio.kill()
            expect(page.get_by_text("Connection lost")).to_be_visible()
            studio.start()
            expect(page.get_by_text("Connection lost")).to_be_hidden()
            stage(page, "SEQ01", "review")
            assert page.evaluate("window.stays") is True
            page.reload()
            stage(page, "SEQ01", "review")
            assert page.url.endswith(f"/p/{slug}/")
        context.close()
