"""The element list in a real browser: order by drag and by keys, crop by keys and mouse, find, drop."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from sequences.models import Element, Project
from sequences.orchestration import casting
from tests import factories
from tests.e2e.studio import chromium, launch_options
from tests.factories import Plan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
KEYS = ("mara", "dog", "ferry")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


@pytest.fixture
def project() -> Project:
    project = factories.make_project(sequences=[Plan(elements=KEYS)], elements=KEYS, song=False)
    mara = project.elements.get(key="mara")
    files = [factories.picture_file(100 + n, 80) for n in range(3)]
    casting.add_pictures(actor=None, element=mara, uploads=files)
    return project


@pytest.fixture
def at(page: Page, live_server: LiveServer, project: Project) -> Any:
    """Opens a page of the project, signed in."""
    client = Client()
    client.force_login(project.members.get())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return lambda name, *more: page.goto(live_server.url + reverse(name, args=[project.slug, *more]))


def posted(page: Page, act: Any) -> None:
    """Do what sends a form, and wait until the answer is on the page."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        act()


def drag(page: Page, source: Locator, target: Locator) -> None:
    source.hover()
    box = target.bounding_box()
    assert box
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2, steps=3)
    page.mouse.up()


def sizes(project: Project) -> list[int]:
    return [image.width for image in Element.objects.get(project=project, key="mara").images.order_by("position")]


def test_pictures_are_ordered_by_keys_and_by_drag(page: Page, at: Any, project: Project) -> None:
    at("elements")
    pictures = page.get_by_role("list", name="Pictures of Mara").locator("button.ref")
    pictures.nth(2).focus()
    posted(page, lambda: page.keyboard.press("Alt+ArrowLeft"))
    expect(pictures.nth(1)).to_be_focused()
    assert sizes(project) == [100, 102, 101]
    posted(page, lambda: drag(page, pictures.nth(2), pictures.nth(0)))
    expect(pictures.first).to_have_attribute("aria-label", re.compile("101 by 80"))
    assert sizes(project) == [101, 100, 102]
    pictures.nth(1).focus()
    posted(page, lambda: page.keyboard.press("Delete"))
    expect(pictures).to_have_count(2)
    posted(page, page.get_by_role("button", name="Undo").click)
    expect(pictures).to_have_count(3)
    assert sizes(project) == [101, 100, 102]


def test_a_picture_is_cropped_by_keys(page: Page, at: Any, project: Project) -> None:
    at("elements")
    page.locator("button.ref").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Crop").click()
    crop = page.get_by_role("group", name=re.compile("^Crop, "))
    expect(crop).to_be_focused()
    expect(crop).to_have_attribute("aria-label", "Crop, 80 by 80 pixels at 10, 0")  # the largest square
    for key in ("-", "-", "Shift+ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(crop).to_have_attribute("aria-label", "Crop, 76 by 76 pixels at 22, 4")
    page.keyboard.press("q")
    page.keyboard.press("Control+ArrowUp")
    expect(crop).to_have_attribute("aria-label", "Crop, 76 by 75 pixels at 22, 4")
    expect(page.get_by_text("76 × 75, under 512. Likeness may suffer.")).to_be_visible()
    page.locator("#cw").fill("50")
    page.locator("#cw").press("Enter")
    expect(crop).to_have_attribute("aria-label", "Crop, 50 by 75 pixels at 22, 4")
    crop.focus()
    posted(page, lambda: page.keyboard.press("Enter"))
    expect(page.locator("#addpic")).to_have_count(0)
    expect(page.get_by_role("list", name="Pictures of Mara").locator("button.ref")).to_have_count(4)
    assert sizes(project) == [100, 50, 101, 102]


def test_a_crop_is_drawn_by_mouse(page: Page, at: Any, project: Project) -> None:
    image = project.elements.get(key="mara").images.all()[0]
    at("elements")
    page.locator("button.ref").first.click()
    page.get_by_role("link", name="Crop").click()
    stage = page.locator(".cropper").bounding_box()
    assert stage
    scale = stage["width"] / image.width
    page.mouse.move(stage["x"] + 50 * scale, stage["y"] + 40 * scale)
    page.mouse.down()
    page.mouse.move(stage["x"] + 45 * scale, stage["y"] + 40 * scale, steps=4)
    page.mouse.up()
    crop = page.get_by_role("group", name=re.compile("^Crop, "))
    expect(crop).to_have_attribute("aria-label", "Crop, 80 by 80 pixels at 5, 0")
    corner = crop.locator("i").nth(4).bounding_box()
    assert corner
    x, y = corner["x"] + corner["width"] / 2 - 5, corner["y"] + corner["height"] / 2 - 5
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40 * scale, y - 40 * scale, steps=4)
    page.mouse.up()
    expect(crop).to_have_attribute("aria-label", re.compile(r"^Crop, (39|40|41) by (39|40|41) pixels at 5, 0$"))


def test_the_default_order_and_that_of_a_sequence(page: Page, at: Any, project: Project) -> None:
    at("elements")
    page.locator("#grip-ferry").focus()
    posted(page, lambda: page.keyboard.press("Alt+ArrowUp"))
    expect(page.locator("#grip-ferry")).to_be_focused()
    assert casting.cast_keys(factories.sequence_of(project)) == ["mara", "ferry", "dog"]
    posted(page, lambda: drag(page, page.locator("#grip-dog"), page.locator("#grip-mara")))
    expect(page.locator("#order [data-item]").first).to_have_attribute("data-item", "dog")
    at("sequence", "SEQ01")
    posted(page, lambda: drag(page, page.locator("#grip-ferry"), page.locator("#grip-dog")))
    expect(page.locator("#cast [data-item]").first).to_have_attribute("data-item", "ferry")
    page.locator("#grip-ferry").focus()
    posted(page, lambda: page.keyboard.press("Alt+ArrowDown"))
    expect(page.locator("#grip-ferry")).to_be_focused()
    assert casting.cast_keys(factories.sequence_of(project)) == ["dog", "ferry", "mara"]


def test_finding_and_dropping(page: Page, at: Any, project: Project, tmp_path: Path) -> None:
    at("elements")
    page.keyboard.press("/")
    page.keyboard.type("DOG")
    expect(page.locator("#el-mara")).to_be_hidden()
    expect(page.locator("#el-dog")).to_be_visible()
    page.keyboard.type("x")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    content = list(factories.picture_file(120, 64).read_bytes())
    carried = page.evaluate_handle(
        "bytes => { const all = new DataTransfer(); "
        "all.items.add(new File([new Uint8Array(bytes)], 'side.png')); return all; }",
        content,
    )
    posted(page, lambda: page.locator("#el-dog").dispatch_event("drop", {"dataTransfer": carried}))
    expect(page.get_by_role("list", name="Pictures of Dog").locator("button.ref")).to_have_count(1)
