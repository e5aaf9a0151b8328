"""A studio a worker process, a signed-in page a test, and no word on the browser's console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.e2e.studio import Studio, chromium, launch_options


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker("e2e")
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    return launch_options()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with Studio(tmp_path_factory.mktemp("studio")) as running:
        yield running


@pytest.fixture(scope="session")
def storage(browser: Browser, studio: Studio) -> Any:
    """The session of whoever followed the sign-in address."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(studio.link())
    assert page.url.rstrip("/") == studio.address
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(browser: Browser, studio: Studio, storage: Any) -> Iterator[Page]:
    """A page of the studio at 1440 x 1000; errors on its console fail the test."""
    context = browser.new_context(storage_state=storage, base_url=studio.address, accept_downloads=True,
                                  viewport={"width": 1440, "height": 1000})  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(15_000)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A plan of two short sequences and its song."""
    from tests import factories

    (tmp_path / "song.wav").write_bytes(factories.song_file(4).read_bytes())
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


PLAN = """
format = 1
[project]
slug = "by-mouse"
title = "By mouse"
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
[[sequences]]
code = "SEQ01"
section = "Intro"
start = "0:00"
end = "0:02"
  [[sequences.shots]]
  prompt = "a ferry at dusk, @mara at the rail, push in"
  seconds = 1
  [[sequences.shots]]
  prompt = "neon street in rain, pan left"
  seconds = 1
[[sequences]]
code = "SEQ02"
section = "Outro"
start = "0:02"
end = "0:04"
  [[sequences.shots]]
  prompt = "a pier at dawn, static"
  seconds = 2
"""
