"""The run dialog in a real browser: choosing by keyboard keeps the focus, the price follows, one key pauses."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from sequences.models import Take
from tests import factories
from tests.e2e.studio import chromium, launch_options
from tests.factories import Plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


def test_choose_spend_pause_and_resume_by_keyboard(page: Page, live_server: LiveServer) -> None:
    factories.priced()
    project = factories.make_project(sequences=[Plan(start_frame=True)] * 3)
    client = Client()
    client.force_login(project.members.get())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/p/{project.slug}/")
    page.locator("#run-all").press("Enter")
    spend = page.locator("#spend_foot .primary")
    expect(spend).to_have_text("Spend $0.84")
    expect(spend).to_be_focused()
    page.locator("#spend-SEQ02").press("Space")
    expect(spend).to_have_text("Spend $0.56")
    expect(page.locator("#spend_title")).to_have_text("Run 2 sequences?")
    expect(page.locator("#spend-SEQ02")).to_be_focused()
    page.locator("#spend-takes").fill("1")
    page.keyboard.press("Tab")
    expect(spend).to_have_text("Spend $0.28")
    spend.press("Enter")
    link = page.get_by_role("link", name="Batch 1 running")
    expect(link).to_be_visible()
    expect(page.locator("#spend")).to_have_count(0)
    link.press("Enter")
    page.wait_for_url("**/batches/1/")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert Take.objects.count() == 2
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
