"""`python -m tests.e2e.screenshots [--out docs/img]`: the README's pictures, of the demo project in a real studio."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.studio import Studio, chromium, launch_options

SIZE = {"width": 1440, "height": 940}
QUALITY = 82
MOST_BYTES = 350_000
FRAME = 60  # of the take that Dailies shows, counted from 0
# What the board shows under way stays so while its picture is taken.
STEADY = {"SKETCH_FAULTS": "slow:20@seq06,slow:20@seq12"}


def main() -> int:
    """Make the demo in a folder of its own, take the pictures, say where they are."""
    parser = argparse.ArgumentParser(prog="shots", description="Take the pictures in the README again.")
    parser.add_argument("--out", type=Path, default=Path("docs/img"), help="folder of the pictures (default docs/img)")
    out: Path = parser.parse_args().out
    if chromium() is None:
        parser.exit(1, "There is no Chromium on this machine: install it, or name it with CHROMIUM=/path/to/it.\n")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sequence-board-shots-") as folder, Studio(Path(folder), STEADY) as studio:
        print("Making the demo project; this takes some minutes.", flush=True)
        studio.manage("make_demo", "--live", "-v", "0")
        with browser_page(studio) as page:
            board(page, studio)
            save(page, out / "board.jpg")
            dailies(page)
            save(page, out / "dailies.jpg")
    return 0


@contextmanager
def browser_page(studio: Studio) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]  # the driver's own type of two numbers
        page.goto(studio.link())
        yield page
        browser.close()


def board(page: Page, studio: Studio) -> None:
    """Every stage at once: to what the demo leaves standing, a grid and takes under way."""
    page.goto(f"{studio.address}/p/night-ferry/")
    page.locator("#seq12").get_by_role("button", name="Explore a grid").click()
    page.locator("#seq12[data-status=exploring]").wait_for()
    page.locator("#act-seq06").click()
    page.locator("#spend").get_by_role("button", name="Spend").click()
    page.locator("#seq06[data-status=generating]").wait_for()
    page.locator("#toasts").get_by_role("button", name="Put away").click()
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(4_000)  # two polls: bars have moved, pictures are there


def dailies(page: Page) -> None:
    """The first take that waits, some frames in."""
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Dailies").click()
    page.locator("video").wait_for()
    for _ in range(FRAME):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1_000)  # the frame is decoded and drawn


def save(page: Page, path: Path) -> None:
    page.mouse.move(0, 0)
    page.screenshot(path=path, type="jpeg", quality=QUALITY)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes; a picture of the README has {MOST_BYTES} at most.")
    print(f"{path}: {size // 1000} kB")


if __name__ == "__main__":
    raise SystemExit(main())
