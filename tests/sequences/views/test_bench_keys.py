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

from sequences.models import Shot
from sequences.orchestration import casting, prompting
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
        sequences=[Plan(prompts=(WORDS[0],), elements=("mara",))], elements=("mara", "marlin", "dog")
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
    page.keyboard.press("Alt+ArrowUp")
    expect(prompt).to_have_value(WORDS[1])
    expect(page.get_by_text("r2 of r3, Ctrl Enter saves it as r4, Esc back")).to_be_visible()
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


def test_what_the_keys_read_is_in_the_page(client: Client, shot: Shot) -> None:
    client.force_login(shot.sequence.project.members.get())
    html = client.get(reverse("sequence", args=[shot.sequence.project.slug, "SEQ01"])).content.decode()
    found = re.search(r'<script id="names" type="application/json">(.*?)</script>', html)
    names = json.loads(found[1]) if found else []
    assert [(n["key"], n["said"]) for n in names] == [
        ("mara", "Character, sent"), ("marlin", "Character"), ("dog", "Character")
    ]  # fmt: skip
    assert json.dumps([[3, WORDS[2]], [2, WORDS[1]], [1, WORDS[0]]]) in html
