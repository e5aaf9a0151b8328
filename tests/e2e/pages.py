"""What the browser tests share: plans to import, and steps of the loop as a person takes them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.e2e.studio import Studio

LONG = 90_000  # ms; two cores that also run everything else
expect.set_options(timeout=15_000)
HEAD = """
format = 1
[project]
slug = "{slug}"
title = "{title}"
client = "Halogen Coast"
width = 640
height = 360
rate = "24"
budget = "20.00"
grid = "2x2"
[song]
file = "song.wav"
[[elements]]
key = "mara"
kind = "character"
name = "Mara"
description = "a woman of thirty in a yellow raincoat"
"""
ONE = """
[[sequences]]
code = "SEQ{number:02d}"
section = "Part {number}"
start = "0:{start:02d}"
end = "0:{end:02d}"
"""
SHOT = """
  [[sequences.shots]]
  prompt = "{prompt}"
  seconds = {seconds:g}
"""
TWO = (("a ferry at dusk, @mara at the rail, push in", "neon street in rain, pan left"), ("a pier at dawn, static",))


def plan(slug: str, sequences: tuple[tuple[str, ...], ...] = TWO) -> str:
    """A plan in TOML: every sequence is two seconds of the song, shared by its prompts."""
    text = HEAD.format(slug=slug, title=slug.replace("-", " ").capitalize())
    for number, prompts in enumerate(sequences, start=1):
        text += ONE.format(number=number, start=2 * number - 2, end=2 * number)
        text += "".join(SHOT.format(prompt=prompt, seconds=2 / len(prompts)) for prompt in prompts)
    return text


def write_plan(folder: Path, slug: str, sequences: tuple[tuple[str, ...], ...] = TWO) -> Path:
    """The plan and its song in a folder; returns the plan's path."""
    from tests import factories

    (folder / "song.wav").write_bytes(factories.song_file(2 * len(sequences)).read_bytes())
    (folder / "plan.toml").write_text(plan(slug, sequences))
    return folder / "plan.toml"


@contextmanager
def listening(context: BrowserContext, allowed: str = "") -> Iterator[Page]:
    """A page of the context; an error on its console fails at the end, unless it matches `allowed`.

    htmx writes an error when one request takes the place of another, which is how a start gives up the poll.
    """
    allowed = f"^htmx:(sendAbort|afterRequest),{f'|{allowed}' if allowed else ''}"
    page = context.new_page()
    page.set_default_timeout(20_000)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(allowed, message.text):
            said.append(f"{page.url}: {message.text} {message.location.get('url', '')}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    yield page
    assert not said, "\n".join(said)


def new_context(browser: Browser, studio: Studio, storage: Any, **more: Any) -> BrowserContext:
    """A window of a signed-in person, 1440 x 1000."""
    size = {"width": 1440, "height": 1000}
    return browser.new_context(**{"storage_state": storage, "base_url": studio.address, "viewport": size, **more})


def until(page: Page, truth: str, seconds: float = 15, **arguments: Any) -> None:
    """Wait for a truth of the page; Playwright's own waiting needs eval, which the pages forbid."""
    end = time.monotonic() + seconds
    while not page.evaluate(truth, arguments or None):
        assert time.monotonic() < end, truth
        page.wait_for_timeout(50)


def card(page: Page, code: str) -> Locator:
    return page.locator(f"#{code.lower()}")


def stage(page: Page, code: str, status: str) -> None:
    """Wait on the board, without reloading, until a sequence stands there."""
    expect(card(page, code)).to_have_attribute("data-status", status, timeout=LONG)


def is_focused(locator: Locator) -> bool:
    return bool(locator.evaluate("el => el === document.activeElement"))
