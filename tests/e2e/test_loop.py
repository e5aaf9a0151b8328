"""The whole loop in a browser, as a stranger would walk it: once by mouse, once by keyboard alone."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, TimeoutError, expect

from sequences.media import video
from tests.e2e.pages import LONG, card, stage, until

pytestmark = pytest.mark.slow


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


def test_by_keyboard_alone(page: Page, files: Path) -> None:
    page.goto("/new/")
    fill_in_the_form(page, files / "song.wav")
    arrive(page, "/p/by-keys/")
    add_sequences(page)
    press(page, "Escape", "g", "b")  # Esc leaves the field that was written in
    arrive(page, "/p/by-keys/$")
    tab_to(page, card(page, "SEQ01").locator("h2 a"))
    page.keyboard.press("Enter")
    write_shots(page)
    press(page, "g", "b")
    arrive(page, "/p/by-keys/$")
    make_a_take(page)
    press(page, "g", "d")
    arrive(page, "/p/by-keys/dailies/")
    shuttle(page)
    give_verdicts(page)
    press(page, "g", "c")
    arrive(page, "/p/by-keys/cut/")
    page.keyboard.press("Space")
    expect(page.locator("#player [data-timecode]")).to_have_text(re.compile(r"00:00:0[1-4]:\d\d"))


def arrive(page: Page, address: str) -> None:
    """The page is there, and its scripts with it."""
    expect(page).to_have_url(re.compile(address))
    page.wait_for_load_state()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, what: Locator, most: int = 90, hidden: bool = False) -> None:
    """Press Tab until it has the focus; `hidden` is what lies unseen under its label."""
    expect(what).to_have_count(1) if hidden else expect(what).to_be_visible()
    for _ in range(most):
        if what.evaluate("el => el === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} tabs do not reach {what}")


def write_in(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True).last)
    press(page, "Control+A")
    page.keyboard.type(text)


def fill_in_the_form(page: Page, song: Path) -> None:
    tab_to(page, page.locator("#new input[name=song]").first, hidden=True)
    for patience in (5_000, 10_000, 20_000):  # a busy browser may let the press fall
        with suppress(TimeoutError), page.expect_file_chooser(timeout=patience) as chooser:
            page.keyboard.press("Space")
        if chooser.is_done():
            break
    chooser.value.set_files(song)
    write_in(page, "Title", "By keys")
    expect(page.locator("#newslug")).to_contain_text("by-keys")
    write_in(page, "Budget cap, $", "20")
    tab_to(page, page.get_by_label("Frame", exact=True))
    page.keyboard.type("Own")
    write_in(page, "Width", "640")
    write_in(page, "Height", "360")
    press(page, "Enter")


def add_sequences(page: Page) -> None:
    tab_to(page, page.get_by_role("navigation", name="Project").get_by_role("link", name="Setup"))
    press(page, "Enter")
    arrive(page, "/setup/")
    for number, (section, end) in enumerate((("Intro", "0:02"), ("Outro", "0:04")), start=1):
        write_in(page, "Section", section)
        write_in(page, "End", end)
        press(page, "Enter")
        expect(page.locator(f"#row-seq{number:02d}")).to_be_visible()


def write_shots(page: Page) -> None:
    """Two shots of a second; a prompt is saved by Ctrl+Enter, and Esc takes back what is not."""
    arrive(page, "/SEQ01/")
    for number, prompt in enumerate(("a ferry at dusk, push in", "neon street in rain, pan left"), start=1):
        tab_to(page, page.get_by_role("button", name="Add shot"))
        press(page, "Enter")
        tab_to(page, page.get_by_label(f"Prompt of shot {number}"))
        page.keyboard.type(prompt)
        press(page, "Control+Enter")
        expect(page.locator(f"#shot{number} .rev").first).to_contain_text("r1")
        tab_to(page, page.get_by_label(f"Seconds of shot {number}"))
        press(page, "Control+A")
        page.keyboard.type("1")
        press(page, "Enter")
        expect(page.locator("#fit")).to_contain_text(f"{number}.0 s in 2.0 s")
    expect(page.locator("#fit")).to_contain_text("The shots fill the section exactly")
    last = page.get_by_label("Prompt of shot 2")
    tab_to(page, last)
    page.keyboard.type(" and this is not meant")
    press(page, "Escape")
    expect(last).to_have_value("neon street in rain, pan left")
    press(page, "Escape")


def make_a_take(page: Page) -> None:
    """Explore, pick, generate: N points at the next thing to do, Enter does it."""
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#keys")).to_be_hidden()
    press(page, "n", "Enter")
    stage(page, "SEQ01", "pick")
    press(page, "n", "Enter")
    dialog = page.locator("dialog[open].picker")
    expect(dialog.locator("canvas")).to_be_visible()
    press(page, "2")
    whole = dialog.locator("[data-crop-size]").inner_text()
    press(page, "-", "-", "+")
    expect(dialog.locator("[data-crop-size]")).not_to_have_text(whole)
    before = dialog.locator("[data-crop=x]").input_value()
    press(page, "ArrowLeft", "ArrowUp")
    expect(dialog.locator("[data-crop=x]")).to_have_value(str(int(before) - 1))
    press(page, "Enter")
    stage(page, "SEQ01", "ready")
    expect(dialog).to_have_count(0)
    press(page, "n", "Enter")
    spend = page.locator("#spend").get_by_role("button", name=re.compile("^Spend"))
    expect(spend).to_be_focused()
    press(page, "Enter")
    stage(page, "SEQ01", "review")


def shuttle(page: Page) -> None:
    where = page.locator("#player [data-position]")
    expect(where).to_contain_text("shot 1")
    press(page, "]")
    expect(where).to_contain_text("shot 2")
    press(page, "[")
    expect(where).to_contain_text("frame 0")
    press(page, "ArrowRight")
    expect(where).to_contain_text("frame 1 ")
    press(page, "l")
    until(page, "document.querySelector('video').currentTime > 0.2")
    press(page, "k")
    until(page, "document.querySelector('video').paused")
    press(page, "j")
    expect(where).to_contain_text("frame 0")


def give_verdicts(page: Page) -> None:
    """Reject with a reason, take it back, approve."""
    press(page, "r", "1")
    said = page.locator("#toasts")
    expect(said.get_by_text("T1 rejected").last).to_be_visible()
    press(page, "u")
    expect(said.get_by_text("waits for a verdict again").last).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Approve T1"))).to_be_visible()
    press(page, "a")
    expect(said.get_by_text("T1 approved").last).to_be_visible()
