"""The player of the Cut in a real browser: the song is the clock, and the right picture is on air."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from dailies import exporting
from dailies.models import Export
from sequences.models import Project
from tests import factories
from tests.e2e.studio import chromium, launch_options
from tests.factories import Plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

NOW = """() => {
  const on = document.querySelector(".onair > .is-on");
  const song = document.querySelector("audio");
  const [h, m, s, frames] = document.querySelector("[data-timecode]").textContent.split(":").map(Number);
  return {
    frame: ((h * 60 + m) * 60 + s) * 24 + frames,
    tag: document.querySelector("[data-onair-tag]").textContent,
    kind: on?.tagName, picture: on?.currentTime, song: song?.currentTime, still: song?.paused,
    row: document.querySelector(".cutlist [aria-current]").dataset.code,
  };
}"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[LiveServer]:
    """Our own view serves the media, with Range: Django's test server would serve them itself, without, and no song
    could be sought."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.test.testcases._MediaFilesHandler", lambda application: application)
        running = LiveServer("127.0.0.1")
        yield running
        running.stop()


def opened(page: Page, server: LiveServer, project: Project, ending: str = "") -> None:
    client = Client()
    client.force_login(project.members.get())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
    page.set_viewport_size(ViewportSize(width=1280, height=900))
    page.goto(server.url + reverse("cut", args=[project.slug]) + ending)
    page.wait_for_selector(".onair > .is-on")


def press(page: Page, key: str) -> dict[str, Any]:
    page.keyboard.press(key)
    page.wait_for_timeout(150)
    return page.evaluate(NOW)


def test_the_song_leads_and_the_keys_reach_every_frame(page: Page, server: LiveServer) -> None:
    project = factories.make_project(sequences=[Plan("Verse", length=1.5), Plan("Chorus"), Plan("Outro")])
    factories.make_take(factories.sequence_of(project), "approved")
    factories.make_take(factories.sequence_of(project, "SEQ02"))
    opened(page, server, project)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('audio').currentTime > .6")
    playing = page.evaluate(NOW)
    assert not playing["still"] and playing["tag"] == "SEQ01 T1"
    assert abs(playing["frame"] / 24 - playing["song"]) < 0.1
    assert abs(playing["picture"] - playing["song"]) < 0.2
    page.evaluate("document.querySelector('audio').currentTime = 1.1")  # where the song goes, the picture goes
    page.wait_for_function(
        "() => document.querySelector('[data-onair-tag]').textContent == 'SEQ01 T1, last picture held'"
    )
    page.wait_for_function("() => document.querySelector('[data-onair-tag]').textContent == 'SEQ02 T1, not approved'")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 1.7")
    there = press(page, "k")
    assert there["still"] and there["row"] == "SEQ02" and there["kind"] == "VIDEO"
    assert there["frame"] == int(there["song"] * 24 + 0.001)

    assert press(page, "ArrowLeft")["frame"] == there["frame"] - 1
    assert press(page, "ArrowRight")["frame"] == there["frame"]
    assert press(page, "[")["frame"] == 36
    slate = press(page, "]")
    assert (slate["frame"], slate["tag"], slate["kind"], slate["row"]) == (60, "SEQ03, slate", "DIV", "SEQ03")
    assert press(page, "j")["frame"] < 60 and press(page, "k")["still"]
    assert (press(page, "End")["frame"], press(page, "Home")["frame"]) == (95, 0)


def test_play_in_cut_starts_at_its_sequence(page: Page, server: LiveServer) -> None:
    opened(page, server, factories.make_project(sequences=3), "#seq03")
    assert page.evaluate(NOW)["frame"] == 48
    page.click(".cutlist [data-code=SEQ02] a")
    assert page.evaluate(NOW)["frame"] == 24 and "/cut/" in page.url


def test_without_a_song_the_clock_leads(page: Page, server: LiveServer) -> None:
    opened(page, server, factories.make_project(sequences=1, song=False))
    page.click("[data-do=play]")
    page.wait_for_function("() => document.querySelector('[data-timecode]').textContent == '00:00:00:23'")
    page.wait_for_selector("[data-do=play][aria-label=Play]")


def test_a_finished_export_leaves_the_playing_film_alone(page: Page, server: LiveServer) -> None:
    opened(page, server, factories.make_project(sequences=4))
    page.keyboard.press("Space")
    page.click("#export-mp4")
    page.wait_for_selector("#exports li[aria-busy=true]")
    exporting.render(Export.objects.get().pk)
    page.wait_for_selector("#exports >> text=Download")
    assert not page.evaluate(NOW)["still"] and page.get_attribute("#exports", "hx-trigger") is None
