"""The whole loop in a browser, as a stranger would walk it: once by mouse, once by keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, Response, expect

from sequences.media import video
from tests.e2e.pages import LONG, card, stage, until


def test_by_mouse(page: Page, files: Path) -> None:
    import_plan(page, files)
    page.goto("/p/by-mouse/")
    one = card(page, "SEQ01")
    one.get_by_role("button", name="Explore a grid").click()
    expect(one).to_have_attribute("data-status", "exploring")
    stage(page, "SEQ01", "pick")
    one.get_by_role("link", name="Pick start frame").click()
    pick_a_cell(page)
    stage(page, "SEQ01", "ready")
    one.get_by_role("link", name=re.compile("^Generate")).click()
    page.locator("#spend").get_by_role("button", name=re.compile("^Spend")).click()
    expect(one).to_have_attribute("data-status", "generating")
    stage(page, "SEQ01", "review")
    one.get_by_role("link", name=re.compile("^Review")).click()
    judge(page)
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Cut").click()
    watch_the_cut(page)
    export(page, frames=96)


def import_plan(page: Page, files: Path) -> None:
    page.goto("/new/")
    page.get_by_text("Plan file", exact=True).click()
    page.locator("#plan input[name=plan]").set_input_files(files / "plan.toml")
    page.locator("#plan input[name=song]").set_input_files(files / "song.wav")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("button", name="Make the project").click()
    expect(page).to_have_url(re.compile("/p/by-mouse/"))


def pick_a_cell(page: Page) -> None:
    """Cell 2, its crop made smaller by a corner and moved by its inside."""
    dialog = page.locator("dialog[open].picker")
    dialog.locator(".cell").nth(1).click()
    width = dialog.locator("[data-crop=w]")
    whole = int(width.input_value())
    drag(page, dialog.locator(".crop i").nth(4), -60, -40, inside=5)
    smaller = int(width.input_value())
    assert 64 < smaller < whole
    before = dialog.locator("[data-crop=x]").input_value()
    drag(page, dialog.locator(".crop"), 20, 10)
    assert dialog.locator("[data-crop=x]").input_value() != before
    assert int(width.input_value()) == smaller
    dialog.get_by_role("button", name=re.compile("Use as start frame")).click()
    expect(dialog).to_have_count(0)


def drag(page: Page, what: Locator, dx: int, dy: int, inside: int = 0) -> None:
    """From the middle of something, or so many pixels up and left of it: the part of a handle inside its cell."""
    box = what.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 - inside, box["y"] + box["height"] / 2 - inside
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


def judge(page: Page) -> None:
    """Play, seek, look at redo, approve, take it back, approve again."""
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if is_video(answer) else None)
    page.reload()
    player = page.locator("#player")
    player.get_by_role("button", name="Play", exact=True).click()
    until(page, "document.querySelector('video').currentTime > 0.1")
    scrub = player.get_by_role("slider", name="Position")
    box = scrub.bounding_box()
    assert box is not None
    scrub.click(position={"x": box["width"] * 0.75, "y": box["height"] / 2})
    expect(player.locator("[data-position]")).to_contain_text("shot 2")
    assert 206 in answers
    first = page.locator("#shot-1")
    first.get_by_text("Redo", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Reject, redo shot 1"))).to_be_visible()
    first.get_by_text("Keep", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("Reject, redo shot"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("Approve T1")).click()
    said = page.locator("#toasts").get_by_text("SEQ01 T1 approved")
    expect(said).to_be_visible()
    page.locator("#toasts").get_by_role("link", name="Undo").click()
    expect(page).to_have_title(re.compile("SEQ01 T1"))
    page.get_by_role("button", name=re.compile("Approve T1")).click()
    expect(said.last).to_be_visible()


def is_video(answer: Response) -> bool:
    return answer.request.resource_type == "media"


def watch_the_cut(page: Page) -> None:
    player = page.locator("#player")
    player.get_by_role("button", name="Play", exact=True).click()
    now = player.locator("[data-timecode]")
    expect(now).to_have_text(re.compile(r"00:00:0[1-4]:\d\d"))
    expect(page.locator("#gaps")).to_contain_text("SEQ02")


def export(page: Page, frames: int) -> None:
    """Export, download, and look into the file: every frame of the song, and the song."""
    page.get_by_role("button", name="Export MP4").click()
    link = page.locator("#exports a[download]").first
    expect(link).to_be_visible(timeout=LONG)
    with page.expect_download() as download:
        link.click()
    facts = video.probe(download.value.path())
    assert (facts.frames, facts.width, facts.height, facts.has_audio) == (frames, 640, 360, True)
