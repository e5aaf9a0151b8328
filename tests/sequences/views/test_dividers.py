"""Dividers of the call plan in a browser: dragged by mouse, moved by arrow keys, over a limit, filled and undone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from sequences import orchestration as verbs
from sequences.models import Sequence
from tests import factories
from tests.e2e.studio import chromium, launch_options
from tests.factories import Plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
SHOTS = Plan(
    section="Final chorus",
    prompts=tuple(f"shot {n} of a stage" for n in range(1, 9)),
    seconds=(3, 2, 3, 2, 3, 5, 3, 3),
    start_frame=True,
)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


@pytest.fixture
def sequence(client: Client) -> Sequence:
    owner = factories.make_user()
    client.force_login(owner)
    made = factories.sequence_of(factories.make_project(owner, [SHOTS], song=False))
    verbs.divide(actor=None, shot=made.shots.select_related("sequence__project").get(number=6))
    return made


@pytest.fixture
def bench(page: Page, live_server: LiveServer, client: Client, sequence: Sequence) -> Page:
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(live_server.url + reverse("sequence", args=[sequence.project.slug, sequence.code]))
    return page


def divided(sequence: Sequence) -> list[int]:
    return [s.number for s in sequence.shots.filter(divided=True, deleted_at=None)]


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_divider_is_dragged_over_a_limit_and_undone(bench: Page, sequence: Sequence) -> None:
    divider, shot = bench.locator("#divider-1"), bench.locator("#call-1 [data-shot='2']")
    divider.scroll_into_view_if_needed()
    box = shot.bounding_box()
    assert box is not None
    bench.mouse.move(*middle(divider))
    bench.mouse.down()
    bench.mouse.move(box["x"] + box["width"], box["y"] + 30, steps=4)
    expect(divider).to_have_attribute("aria-valuenow", "2")
    expect(bench.locator("#call-2 .caps .over")).to_contain_text("19 of 15, 4 too long")
    expect(bench.locator("#call-1 .said")).to_have_text("Letting go here splits after shot 6 by itself.")
    assert divided(sequence) == [6], "nothing is asked before the button is let go"
    with bench.expect_response(re.compile("/plan/move/")):
        bench.mouse.up()
    expect(bench.locator("#plan")).to_contain_text("8 shots in 3 calls")
    assert divided(sequence) == [3]
    expect(bench.locator("#toasts")).to_contain_text("The limits split after shot 6 by themselves.")
    bench.get_by_role("button", name="Undo split").click()
    expect(bench.locator("#plan")).to_contain_text("8 shots in 2 calls")
    assert divided(sequence) == [6]


def test_arrow_keys_move_a_divider_and_escape_takes_it_back(bench: Page, sequence: Sequence) -> None:
    divider = bench.get_by_role("separator", name="End of call 1")
    divider.focus()
    bench.keyboard.press("ArrowLeft")
    bench.keyboard.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "3")
    expect(divider).to_have_attribute(
        "aria-valuetext",
        "after shot 3: 3 shots in 8 s and 5 shots in 16 s; seconds 16 of 15, 1 too long."
        " Letting go here splits after shot 7 by itself.",
    )
    bench.keyboard.press("Escape")
    expect(divider).to_have_attribute("aria-valuenow", "5")
    expect(bench.locator("#call-1 .caps")).to_contain_text("13 of 15")
    expect(bench.locator("#call-1 .said")).to_be_hidden()
    bench.keyboard.press("ArrowLeft")
    with bench.expect_response(re.compile("/plan/move/")):
        bench.keyboard.press("Enter")
    expect(divider).to_have_attribute("aria-valuenow", "4")
    expect(divider).to_be_focused()
    assert divided(sequence) == [5]


def test_split_join_and_fill_by_their_buttons(bench: Page, sequence: Sequence) -> None:
    bench.get_by_role("button", name="Split after shot 1").click()
    expect(bench.locator("#plan")).to_contain_text("8 shots in 3 calls")
    bench.get_by_role("button", name="Join with call 2").click()
    expect(bench.locator("#plan")).to_contain_text("8 shots in 2 calls")
    assert divided(sequence) == [6]
    bench.get_by_role("button", name="Fill calls").click()
    expect(bench.get_by_role("button", name="Fill calls")).to_have_count(0)
    assert divided(sequence) == []
    bench.get_by_role("button", name="Undo split").click()
    expect(bench.get_by_role("button", name="Fill calls")).to_be_visible()
    assert divided(sequence) == [6]
