"""One studio, ended after the last of these tests, a signed-in page a test, and no word on the browser's console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import pages
from tests.e2e.studio import Studio, chromium, launch_options

# Prompts with these words meet these faults; all others go well.
FAULTS = "crash@falls apart,slow:6@takes its time"


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


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with Studio(tmp_path_factory.mktemp("studio"), {"SKETCH_FAULTS": FAULTS}) as running:
        yield running


@pytest.fixture(scope="package")
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
    context = pages.new_context(browser, studio, storage)
    with pages.listening(context) as page:
        yield page
        context.close()


@pytest.fixture(scope="package")
def mixed(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The slug of a project whose board has one of each: approved, in review, pick, failed, draft, ready."""
    slug = "mixed"
    shots = (
        ("a ferry at dusk, @mara at the rail", "neon street in rain, pan left"),
        ("a pier at dawn, static",),
        ("gulls over the bow",),
        ("a lamp that falls apart",),
        ("an empty deck",),
        ("a hand on a cold rail",),
    )
    path = pages.write_plan(tmp_path_factory.mktemp("mixed"), slug, shots)
    here = ("--project", slug)
    studio.manage_all(
        ("import_plan", str(path)),
        ("explore", *here, "SEQ04"),
        ("explore", *here, "SEQ01", "SEQ02", "SEQ03", "SEQ06", "--wait"),
        ("pick_start_frame", *here, "SEQ01/G1", "--cell", "2"),
        ("pick_start_frame", *here, "SEQ02/G1", "--cell", "1"),
        ("pick_start_frame", *here, "SEQ06/G1", "--cell", "4"),
        ("request_takes", *here, "SEQ01", "SEQ02", "--yes", "--wait"),
        ("review", *here, "SEQ01/T1", "approve"),
    )
    return slug


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with `plan.toml` of two short sequences and its `song.wav`."""
    pages.write_plan(tmp_path, "by-mouse")
    return tmp_path
