"""Every page with axe-core: dark and light, wide and on a phone; nothing on the console, nothing too wide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import pages
from tests.e2e.pages import card
from tests.e2e.studio import Studio

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = "(only) => axe.run(document, {resultTypes: ['violations'], ...(only && {runOnly: only})})"
SIZES = ((1440, 1000), (390, 844))


@pytest.fixture(scope="package")
def empty(studio: Studio) -> str:
    """The slug of a project without song and sequences."""
    studio.manage("new_project", "empty", "--title", "Empty", "--budget", "1.00")
    return "empty"


def violations(page: Page, only: list[str] | None = None) -> list[str]:
    """What axe finds, one line a rule: its name, how often, and the first element."""
    found: dict[str, Any] = page.evaluate(RUN, only)
    return [
        f"{rule['id']} x{len(rule['nodes'])}: {rule['nodes'][0]['target']} {rule['nodes'][0]['html'][:200]} "
        f"{rule['nodes'][0].get('failureSummary', '')}"
        for rule in found["violations"]
    ]


def look(page: Page) -> None:
    """Hold the page as it stands against the rules in both themes and sizes; light differs from dark by its colours."""
    wrong: list[str] = []
    page.evaluate(AXE)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for theme, only in (("dark", None), ("light", ["color-contrast"])):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            page.wait_for_timeout(250)  # colours fade from one theme to the other
            wrong += [f"{theme} at {width}: {line}" for line in violations(page, only)]
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        wrong += [f"{width}: {over} px too wide"] if over > 0 else []
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def show_the_run_dialog(page: Page) -> None:
    page.locator("#run-all").click()
    expect(page.locator("#spend")).to_be_visible()


def show_the_picker(page: Page) -> None:
    card(page, "SEQ03").get_by_role("link", name="Pick start frame").click()
    expect(page.locator("dialog[open].picker canvas")).to_be_visible()


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


def keyboard_help(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def plan_file(page: Page) -> None:
    page.get_by_text("Plan file", exact=True).click()


def mark_a_redo(page: Page) -> None:
    page.locator("#shot-1").get_by_text("Redo", exact=True).click()
    expect(page.get_by_role("button", name="Reject, redo shot 1")).to_be_visible()


PAGES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "projects": ("/", None),
    "new": ("/new/", open_all),
    "new from a plan": ("/new/", plan_file),
    "board": ("/p/mixed/", None),
    "run dialog": ("/p/mixed/", show_the_run_dialog),
    "run page": ("/p/mixed/run/", None),
    "picker dialog": ("/p/mixed/", show_the_picker),
    "keyboard help": ("/p/mixed/", keyboard_help),
    "workbench": ("/p/mixed/SEQ01/", open_all),
    "workbench, failed grid": ("/p/mixed/SEQ04/", open_all),
    "picker": ("/p/mixed/SEQ03/pick/", open_all),
    "elements": ("/p/mixed/elements/", open_all),
    "dailies": ("/p/mixed/dailies/SEQ02/T1/", None),
    "dailies, redo": ("/p/mixed/dailies/SEQ02/T1/", mark_a_redo),
    "dailies, judged": ("/p/mixed/dailies/SEQ01/T1/", None),
    "cut": ("/p/mixed/cut/", None),
    "setup": ("/p/mixed/setup/", open_all),
    "costs": ("/p/mixed/costs/", open_all),
    "decisions, none": ("/p/mixed/decisions/", None),
    "empty board": ("/p/empty/", None),
    "empty dailies": ("/p/empty/dailies/", None),
    "empty cut": ("/p/empty/cut/", None),
    "empty elements": ("/p/empty/elements/", open_all),
    "empty setup": ("/p/empty/setup/", open_all),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page(page: Page, mixed: str, empty: str, name: str) -> None:
    path, act = PAGES[name]
    page.goto(path)
    if act:
        act(page)
    look(page)


@pytest.mark.parametrize("path", ["/p/mixed/nowhere/", "/p/nobody/"])
def test_what_is_not_there(browser: Browser, studio: Studio, storage: Any, mixed: str, path: str) -> None:
    context = pages.new_context(browser, studio, storage)
    with pages.listening(context, allowed="status of 404") as page:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        look(page)
    context.close()


def test_the_door(browser: Browser, studio: Studio) -> None:
    context = pages.new_context(browser, studio, None)
    with pages.listening(context) as page:
        page.goto("/login/")
        look(page)
    context.close()
