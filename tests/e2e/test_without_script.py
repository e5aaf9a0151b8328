"""JavaScript switched off: every page opens, and the loop goes by plain forms and links."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import pages
from tests.e2e.pages import card
from tests.e2e.studio import Studio

PAGES = ("", "run/", "dailies/", "cut/", "elements/", "setup/", "costs/", "SEQ01/", "SEQ03/pick/", "dailies/SEQ02/T1/")


@pytest.fixture
def plain(browser: Browser, studio: Studio, storage: Any) -> Iterator[Page]:
    context = pages.new_context(browser, studio, storage, java_script_enabled=False)
    with pages.listening(context) as page:
        yield page
        context.close()


def test_every_page_opens(plain: Page, mixed: str) -> None:
    for path in ("/", "/new/", *(f"/p/{mixed}/{path}" for path in PAGES)):
        answer = plain.goto(path)
        assert answer is not None and answer.status == 200, path
        expect(plain.locator("main")).to_be_visible()


def test_the_loop(plain: Page, studio: Studio, tmp_path: Path) -> None:
    slug = "by-forms"
    studio.manage("import_plan", str(pages.write_plan(tmp_path, slug)))
    plain.goto(f"/p/{slug}/SEQ02/")
    plain.get_by_label("Prompt of shot 1").fill("a pier at dawn, tilt up")
    plain.get_by_role("button", name="Save shot 1").click()
    expect(plain.get_by_label("Prompt of shot 1")).to_have_value("a pier at dawn, tilt up")
    expect(plain.locator("#shot1 .rev").first).to_contain_text("r2")
    plain.goto(f"/p/{slug}/")
    card(plain, "SEQ02").get_by_role("button", name="Explore a grid").click()
    expect(plain).to_have_url(re.compile(f"/p/{slug}/"))
    reload_until(plain, f"/p/{slug}/", "pick")
    card(plain, "SEQ02").get_by_role("link", name="Pick start frame").click()
    plain.get_by_role("radio", name="Cell 3 of grid 1").check()
    plain.get_by_role("button", name="Use as start frame").click()
    reload_until(plain, f"/p/{slug}/", "ready")
    card(plain, "SEQ02").get_by_role("link", name=re.compile("^Generate")).click()
    plain.get_by_role("button", name=re.compile("^Spend")).click()
    reload_until(plain, f"/p/{slug}/", "review")
    card(plain, "SEQ02").get_by_role("link", name=re.compile("^Review")).click()
    plain.get_by_role("button", name=re.compile("^Approve T")).click()
    expect(plain.locator("#toasts")).to_contain_text(re.compile(r"SEQ02 T\d approved"))
    plain.goto(f"/p/{slug}/cut/")
    expect(plain.locator("#cutlist")).to_contain_text("1 of 2 approved")


def reload_until(page: Page, path: str, status: str, patience: float = 90) -> None:
    end = time.monotonic() + patience
    while True:
        page.goto(path)
        if card(page, "SEQ02").get_attribute("data-status") == status:
            return
        assert time.monotonic() < end, f"never {status}"
        page.wait_for_timeout(500)
