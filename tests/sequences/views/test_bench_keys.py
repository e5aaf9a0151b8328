"""The keys of a prompt in a real browser: elements after @, older words with Alt and the arrows."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from sequences.models import Shot, TakeShot
from sequences.orchestration import casting, making, prompting
from sequences.orchestration import shots as shot_verbs
from tests import factories
from tests.e2e.studio import chromium, launch_options
from tests.factories import Plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
WORDS = ("a pier", "a pier at dawn", "a pier at dusk")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


@pytest.fixture
def shot() -> Shot:
    project = factories.make_project(
        sequences=[Plan(prompts=(WORDS[0],), elements=("mara",), start_frame=True)], elements=("mara", "marlin", "dog")
    )
    casting.add_pictures(actor=None, element=project.elements.get(key="mara"), uploads=[factories.picture_file()])
    shot = Shot.objects.get(sequence__project=project)
    for text in WORDS[1:]:
        prompting.revise(actor=None, shot=shot, text=text)
    return shot


@pytest.fixture
def prompt(page: Page, live_server: LiveServer, shot: Shot) -> Any:
    """The prompt's field on the open workbench, with the focus and the cursor behind its last word."""
    project = shot.sequence.project
    client = Client()
    client.force_login(project.members.get())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(live_server.url + reverse("sequence", args=[project.slug, "SEQ01"]))
    field = page.locator(f"#text-{shot.pk}")
    field.click()
    page.keyboard.press("Control+End")
    return field


def test_at_offers_elements_with_their_pictures_and_writes_their_key(page: Page, prompt: Any) -> None:
    page.keyboard.type(", @ma")
    options = page.get_by_role("listbox", name="Elements").get_by_role("option")
    expect(options).to_have_text([re.compile("Mara@mara"), re.compile("Marlin@marlin")])
    expect(options.first.locator("img")).to_have_attribute("src", re.compile("^/media/"))
    expect(prompt).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(prompt).to_have_value(f"{WORDS[2]}, @marlin ")
    expect(prompt).to_be_focused()
    expect(options).to_have_count(0)


def test_escape_closes_the_list_and_keeps_what_is_written(page: Page, prompt: Any) -> None:
    page.keyboard.type(" @d")
    page.get_by_role("listbox").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(prompt).to_have_value(f"{WORDS[2]} @d")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("@")
    page.get_by_role("listbox", name="Elements").get_by_role("option", name="Dog").click()
    expect(prompt).to_have_value(f"{WORDS[2]} @dog ")
    expect(prompt).to_be_focused()


def test_older_words_are_only_looked_at_until_they_are_saved(page: Page, prompt: Any, shot: Shot) -> None:
    making.request_takes(actor=None, sequences=[shot.sequence])
    TakeShot.objects.update(revision=shot.revisions.get(number=2))
    page.keyboard.press("Alt+ArrowUp")
    expect(prompt).to_have_value(WORDS[1])
    stepped = page.locator(".stepped")
    expect(stepped).to_contain_text("r2of 3, in T1, being made")
    expect(stepped.locator(".diff del")).to_have_text("dusk")
    expect(stepped.locator(".diff ins")).to_have_text("dawn")
    expect(stepped.get_by_role("button")).to_have_text(["Use r2 as r4 Ctrl Enter", "Back to r3 Esc"])
    page.keyboard.press("Alt+ArrowUp")
    expect(prompt).to_have_value(WORDS[0])
    page.keyboard.press("Escape")
    expect(prompt).to_have_value(WORDS[2])
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Tab")  # leaving the field saves what was written, and nothing was
    expect(prompt).to_have_value(WORDS[2])
    assert shot.revisions.count() == 3
    prompt.click()
    page.keyboard.press("Alt+ArrowUp")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Control+Enter")
    expect(page.locator(f"#rev-{shot.pk} summary .tag")).to_have_text("r4")
    assert list(shot.revisions.order_by("number").values_list("text", flat=True)) == [*WORDS, WORDS[1]]


def told(shot: Shot) -> list[str]:
    return list(shot.revisions.order_by("number").values_list("text", flat=True))


def saving(page: Page) -> Any:
    return page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/prompt/"))


def test_words_are_saved_on_leaving_and_measured_while_they_are_written(page: Page, prompt: Any, shot: Shot) -> None:
    counter = page.locator(f"#uses-{shot.pk}")
    expect(counter).to_contain_text(f"{len(WORDS[2])}/")
    page.keyboard.type(" with @mara")
    expect(counter).to_contain_text(f"{len(WORDS[2]) + len(' with Mara')}/")
    expect(counter).to_contain_text("Mara")
    assert told(shot)[-1] == WORDS[2]
    page.keyboard.press("Escape")  # the list of elements
    with saving(page):
        page.keyboard.press("Tab")
    expect(page.locator(f"#rev-{shot.pk} summary .tag")).to_have_text("r4")
    assert told(shot)[3:] == [f"{WORDS[2]} with @mara"]
    prompt.fill("x" * 30_000)
    expect(counter).to_contain_text("too many")


def test_a_failed_save_keeps_the_words_and_tries_again(page: Page, prompt: Any, shot: Shot) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    note = page.locator(".unsaved")
    page.route("**/prompt/", lambda route: route.abort())
    page.keyboard.type(" in fog")
    page.keyboard.press("Control+Enter")
    expect(note).to_contain_text("Not saved: no connection. What you wrote stays here and is tried again in 2 s.")
    page.unroute("**/prompt/")
    page.route("**/prompt/", lambda route: route.fulfill(status=500, body="no"))
    expect(note).to_contain_text("Not saved: the studio failed (500).")
    expect(prompt).to_have_value(f"{WORDS[2]} in fog")
    page.evaluate(
        "void (window.fetch = () => Promise.reject(new Error('offline')))"
    )  # what is sent on leaving fails too
    page.reload()  # the words come back with the page
    expect(prompt).to_have_value(f"{WORDS[2]} in fog")
    assert told(shot) == list(WORDS)
    page.unroute("**/prompt/")
    expect(page.locator(f"#rev-{shot.pk} summary .tag")).to_have_text("r4", timeout=15_000)
    expect(note).to_have_count(0)
    assert told(shot)[3:] == [f"{WORDS[2]} in fog"]


def test_what_is_refused_is_said_beside_the_words(page: Page, prompt: Any, shot: Shot) -> None:
    prompt.fill("a\x07bell")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".unsaved")).to_contain_text("Not saved: The prompt holds a control character; take it out.")
    expect(prompt).to_have_value("a\x07bell")
    prompt.fill("a bell")
    with saving(page):
        page.keyboard.press("Control+Enter")
    expect(page.locator(".unsaved")).to_have_count(0)
    assert told(shot)[3:] == ["a bell"]


def test_leaving_the_page_saves_what_is_being_written(page: Page, prompt: Any, shot: Shot) -> None:
    page.keyboard.type(" at noon")
    page.goto("about:blank")
    page.go_back()
    expect(page.locator(f"#text-{shot.pk}")).to_have_value(f"{WORDS[2]} at noon")
    expect(page.locator(f"#rev-{shot.pk} summary .tag")).to_have_text("r4")
    assert told(shot)[3:] == [f"{WORDS[2]} at noon"]


def test_the_second_of_two_writers_is_told_and_both_are_kept(page: Page, prompt: Any, shot: Shot) -> None:
    prompting.revise(actor=None, shot=shot, text="theirs")
    page.keyboard.type(" and mine")
    with saving(page):
        page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Shot 1 became r4 while you were writing; yours is r5.")
    assert told(shot)[3:] == ["theirs", f"{WORDS[2]} and mine"]


def test_rows_drawn_anew_keep_what_is_being_written(page: Page, prompt: Any, shot: Shot) -> None:
    """Somebody adds a shot and deletes it again while words are written that no one has saved."""
    page.keyboard.type(" half a th")
    prompt.evaluate("field => document.querySelector('.addshot').requestSubmit()")
    expect(page.locator("#shot2 .rev").first).to_contain_text("not written")
    expect(page.locator("#shot2 .uses")).to_have_count(1)
    expect(prompt).to_have_value(f"{WORDS[2]} half a th")
    expect(prompt).to_be_focused()
    page.keyboard.type("ought")
    expect(prompt).to_have_value(f"{WORDS[2]} half a thought")
    shot_verbs.delete_shot(actor=None, shot=shot.sequence.shots.get(number=2))
    with saving(page):
        page.keyboard.press("Control+Enter")
    assert told(shot)[-1] == f"{WORDS[2]} half a thought"


def test_a_shot_that_somebody_else_adds_disturbs_nothing(page: Page, prompt: Any, shot: Shot) -> None:
    """Answers speak of every shot there is; what has no row on this page is left out of them."""
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    shot_verbs.add_shot(actor=None, sequence=shot.sequence, prompt="gulls")
    page.keyboard.type(" in fog")
    with saving(page):
        page.keyboard.press("Control+Enter")
    expect(page.locator(f"#rev-{shot.pk} summary .tag")).to_have_text("r4")
    expect(page.locator("#plan")).to_contain_text("2 shots in 1 call")
    assert wrong == []


def test_style_lines_that_make_takes_stale_wait_for_an_answer(page: Page, prompt: Any, shot: Shot) -> None:
    factories.make_take(shot.sequence)
    page.locator("#style summary").first.click()
    page.locator("#style-prefix").fill("35 mm film")
    page.keyboard.press("Control+Enter")
    asking = page.locator("dialog[open]")
    expect(asking).to_contain_text("This edit makes 1 take stale")
    page.keyboard.press("Escape")
    expect(page.locator(".unsaved")).to_contain_text("Not saved yet: takes would become stale.")
    expect(page.locator("#style-prefix")).to_have_value("35 mm film")
    assert not shot.sequence.style_revisions.exists()
    page.locator(".unsaved").get_by_role("button", name="Ask again").click()
    asking.get_by_role("radio", name=re.compile("None")).check()
    asking.locator("footer .btn.primary").click()
    expect(page.locator(".unsaved")).to_have_count(0)
    assert [r.prefix for r in shot.sequence.style_revisions.all()] == ["35 mm film"]


def test_style_lines_of_the_project_save_themselves_on_setup(page: Page, prompt: Any, shot: Shot) -> None:
    project = shot.sequence.project
    page.goto(page.url.replace("/SEQ01/", "/setup/"))
    page.get_by_label("Before every prompt").fill("35 mm film")
    page.get_by_label("After every prompt").click()
    expect(page.locator("#toasts")).to_contain_text("The style lines are saved")
    page.keyboard.type("grain")
    page.keyboard.press("Tab")
    expect(page.locator("#style input[name=was_suffix]")).to_have_value("grain")
    assert [(r.prefix, r.suffix) for r in project.style_revisions.all()] == [
        ("35 mm film", ""),
        ("35 mm film", "grain"),
    ]


def test_any_two_revisions_are_compared_and_a_prompt_is_copied(page: Page, prompt: Any, shot: Shot) -> None:
    other = shot_verbs.add_shot(actor=None, sequence=shot.sequence, prompt="gulls")
    page.reload()
    page.locator(f"#rev-{shot.pk} summary").click()
    with page.expect_response("**/history/**"):
        page.locator(f"#a-{shot.pk}").select_option("r1")
    expect(page.locator(f"#change-{shot.pk} ins")).to_have_text(" at dusk")
    page.locator("#shot1 .more summary").click()
    page.locator("#shot1").get_by_role("link", name="Copy to other shots").click()
    page.locator("#copyto").get_by_role("checkbox").check()
    page.locator("#copyto").get_by_role("button", name="Copy to the ticked shots").click()
    expect(page.locator(f"#text-{other.pk}")).to_have_value(WORDS[2])
    expect(page.locator("#copyto")).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#text-{other.pk}")).to_have_value("gulls")
    assert told(other) == ["gulls", WORDS[2], "gulls"]


def test_style_lines_save_themselves_one_by_one(page: Page, prompt: Any, shot: Shot) -> None:
    page.locator("#style summary").first.click()
    page.locator("#style-prefix").fill("35 mm film")
    page.locator("#style-suffix").click()
    expect(page.locator("#plan .styleline").first).to_contain_text("35 mm film.")
    page.keyboard.type("grain")
    page.keyboard.press("Control+Enter")
    page.locator("#plan summary").first.click()
    expect(page.locator("#plan .styleline").nth(1)).to_contain_text("grain")
    assert list(shot.sequence.style_revisions.values_list("prefix", "suffix")) == [
        ("35 mm film", ""), ("35 mm film", "grain")
    ]  # fmt: skip


def test_what_the_keys_read_is_in_the_page(client: Client, shot: Shot) -> None:
    client.force_login(shot.sequence.project.members.get())
    html = client.get(reverse("sequence", args=[shot.sequence.project.slug, "SEQ01"])).content.decode()
    found = re.search(r'<script id="names" type="application/json">(.*?)</script>', html)
    names = json.loads(found[1]) if found else []
    assert [(n["key"], n["said"]) for n in names] == [
        ("mara", "Character, 1 of 3, sent"),
        ("marlin", "Character, no picture, written out"),
        ("dog", "Character, no picture, written out"),
    ]  # fmt: skip
    assert json.dumps([[3, WORDS[2]], [2, WORDS[1]], [1, WORDS[0]]]) in html
