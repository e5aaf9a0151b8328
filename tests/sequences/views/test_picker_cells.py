"""Cells in the picker before a pick: stars, more like one, cut lines, what became of them; and their keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from sequences import orchestration
from sequences.models import Candidate, Grid, Job, Sequence
from tests import factories
from tests.e2e.studio import chromium, launch_options
from tests.factories import Plan

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}
needs_browser = pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_options()


@pytest.fixture
def sequence(client: Client) -> Sequence:
    owner = factories.make_user()
    client.force_login(owner)
    return factories.sequence_of(factories.make_project(owner, [Plan(section="Verse 1")], song=False))


@pytest.fixture
def grid(sequence: Sequence) -> Grid:
    return factories.make_grid_ready(sequence, "2x2")


@pytest.fixture
def post(client: Client, sequence: Sequence) -> Callable[..., Any]:
    def send(name: str, htmx: bool = True, **data: object) -> Any:
        url = reverse(name, args=[sequence.project.slug, sequence.code])
        with factories.small_grids():
            return client.post(url, {"grid": 1, **data}, headers=HTMX if htmx else None)

    return send


def picker(client: Client, sequence: Sequence, **query: object) -> str:
    url = reverse("picker", args=[sequence.project.slug, sequence.code])
    return client.get(url, query).content.decode()


def test_a_star_changes_the_star_and_what_is_kept_and_never_the_picture(grid: Grid, post: Callable[..., Any]) -> None:
    html = post("picker_star", cell=2).content.decode()
    assert [c.cell for c in Candidate.objects.all()] == [2]
    assert 'id="pickstars" hx-swap-oob="true"' in html and 'id="pickstage"' not in html
    assert "Starred, 1 of 4" in html and "4 cells, 1 starred, 0 picked." in html
    assert html.count('aria-pressed="true"') == 1
    html = post("picker_star", cell=2, off="1").content.decode()
    assert not Candidate.objects.exists() and "Nothing starred yet" in html


def test_without_script_a_star_leads_back_to_its_grid(grid: Grid, post: Callable[..., Any]) -> None:
    answer = post("picker_star", htmx=False, cell=3)
    assert answer.status_code == 303 and answer["Location"].split("?")[1].startswith("grid=1&back=")


@pytest.mark.parametrize("name", ["picker_star", "picker_like"])
def test_a_cell_that_is_not_there_is_refused(grid: Grid, post: Callable[..., Any], name: str) -> None:
    assert post(name, cell=9).status_code == 422
    assert post(name, cell=1, grid=7).status_code == 404
    assert "none was chosen" in post(name).content.decode()


def test_kept_cells_of_other_grids_lead_to_them(client: Client, sequence: Sequence, grid: Grid) -> None:
    factories.make_grid_ready(sequence, "1x1")
    orchestration.star(actor=None, grid=grid, cell=4)
    html = picker(client, sequence)
    link = re.search(r'href="([^"]*\?grid=1&amp;cell=4[^"]*)"', html)
    assert link and "Starred, 1 of 5" in html
    chosen = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'name="cell"[^>]* value="4"[^>]* checked', chosen)


def test_more_like_a_cell_is_asked_for_once_and_says_what_it_is_like(
    client: Client, sequence: Sequence, grid: Grid, post: Callable[..., Any]
) -> None:
    assert re.search(r"More like <span data-like-cell>the cell</span> \(\$0\.00\)", picker(client, sequence))
    for _ in range(2):
        assert "Grid 2" in post("picker_like", cell=3, like_key="one-form").content.decode()
    made = Grid.objects.get(number=2)
    assert (made.like, made.like_cell) == (grid, 3)
    factories.run(Job.objects.filter(grid=made))
    assert re.search(r"More like <a[^>]*>grid 1, cell 3</a>", picker(client, sequence, grid=2))
    assert post("picker_like", htmx=False, cell=1, like_key="another").status_code == 303


def test_lines_are_cut_equally_at_pixels_and_as_found(
    client: Client, sequence: Sequence, grid: Grid, post: Callable[..., Any]
) -> None:
    found = grid.cells
    assert "Cut at the gutters found" in picker(client, sequence)
    html = post("picker_cuts", how="equal").content.decode()
    grid.refresh_from_db()
    assert grid.cuts == {"cols": [(grid.width or 0) // 2], "rows": [(grid.height or 0) // 2]}
    assert "Cut at lines of your own." in html and 'id="pickstage"' in html
    assert post("picker_cuts", how="lines", cols="300", rows="150").status_code == 200
    grid.refresh_from_db()
    assert grid.cuts == {"cols": [300], "rows": [150]}
    refused = post("picker_cuts", how="lines", cols="wide", rows="150")
    assert refused.status_code == 422 and "write whole pixels with commas" in refused.content.decode()
    assert post("picker_cuts", htmx=False, how="found").status_code == 303
    grid.refresh_from_db()
    assert (grid.cells, grid.cuts) == (found, None)


def test_a_crop_that_no_longer_lies_in_its_cell_starts_anew(client: Client, sequence: Sequence, grid: Grid) -> None:
    x, y, _, _ = grid.cells[0]
    orchestration.pick_start_frame(actor=None, grid=grid, cell=1, box=(x, y, 160, 90))
    kept = re.compile(r'name="w" form="pickform" value="160"')
    assert kept.search(picker(client, sequence))
    orchestration.set_cuts(actor=None, grid=grid, cols=[120], rows=[150])
    assert not kept.search(picker(client, sequence))


def test_a_cell_tells_its_takes_and_a_take_its_cell(client: Client, sequence: Sequence, grid: Grid) -> None:
    orchestration.pick_start_frame(actor=None, grid=grid, cell=2)
    take = factories.make_take(sequence)
    html = picker(client, sequence)
    address = reverse("dailies_take", args=[sequence.project.slug, sequence.code, take.number])
    back = "?grid=1&amp;cell=2"
    for page_ in (address, reverse("sequence", args=[sequence.project.slug, sequence.code])):
        seen = client.get(page_).content.decode()
        assert re.search(re.escape(back) + r'"[^>]*>Grid 1, cell 2</a> &rarr; F1', seen), page_
    assert f'Cell 2 &rarr; F1 &rarr; <a href="{address}">T1</a>' in html


def test_a_reviewer_sees_what_is_kept_and_changes_nothing(client: Client, sequence: Sequence, grid: Grid) -> None:
    orchestration.star(actor=None, grid=grid, cell=1)
    client.force_login(factories.add_member(sequence.project, "reviewer"))  # type: ignore[arg-type]
    html = picker(client, sequence)
    assert "Starred, 1 of 4" in html
    assert "star-go-1" not in html and "data-gut" not in html and "picker_like" not in html


@needs_browser
def test_star_two_large_swap_and_a_cut_line_by_keys(
    page: Page, live_server: LiveServer, client: Client, sequence: Sequence, grid: Grid
) -> None:
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.goto(live_server.url + reverse("picker", args=[sequence.project.slug, sequence.code]))
    page.keyboard.press("2")
    expect(page.locator("#like-go [data-like-cell]")).to_have_text("2")
    page.keyboard.press("s")
    expect(page.locator("#star-go-2")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#kept")).to_contain_text("Starred, 1 of 4")
    page.keyboard.press("Alt+3")
    page.keyboard.press("v")
    expect(page.locator("#pickstage")).to_be_hidden()
    expect(page.locator("[data-side=a] [data-side-cell]")).to_have_text("Cell 2")
    expect(page.locator("[data-side=b] [data-side-cell]")).to_have_text("Cell 3")
    page.keyboard.press("x")
    expect(page.locator("[data-side=a] [data-side-cell]")).to_have_text("Cell 3")
    expect(page.locator("[data-side=b] [data-side-star]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("v")
    line = page.locator("#gut-x1")
    before = int(line.get_attribute("data-at") or 0)
    line.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#cutlines")).to_contain_text("Cut at lines of your own.")
    expect(page.locator("#gut-x1")).to_be_focused()
    grid.refresh_from_db()
    assert grid.cuts and grid.cuts["cols"] == [before + 9]
    box = page.locator("#gut-y1").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2 - 30, steps=3)
    with page.expect_response(re.compile("/pick/cuts/")):
        page.mouse.up()
    rows = grid.cuts["rows"]
    grid.refresh_from_db()
    assert grid.cuts["rows"][0] < rows[0] and grid.cuts["cols"] == [before + 9]
    page.locator(".cell").nth(1).click(position={"x": 40, "y": 60})
    page.keyboard.press("v")
    with factories.small_grids():
        page.keyboard.press("l")
        expect(page.locator("#grid-link-2")).to_be_visible()
    assert Grid.objects.get(number=2).like_cell == 2
