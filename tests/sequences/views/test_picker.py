"""The grid picker through the front door: its states, the pick by pixels, other grids, new ones, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from sequences import storage
from sequences.models import Grid, Job, Project, Sequence, StartFrame
from sequences.models.plan import Role
from sequences.orchestration import making
from sequences.queries import load, stage
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
DIALOG = {**HTMX, "HX-Target": "dialog"}
INSIDE = {**HTMX, "HX-Target": "pickstage"}
BOARD = {"HX-Current-URL": "http://testserver/p/night-ferry/"}
DAILIES = {"HX-Current-URL": "http://testserver/p/night-ferry/dailies/"}


@pytest.fixture
def project(client: Client) -> Project:
    owner = factories.make_user()
    client.force_login(owner)
    plans = [Plan(section="Verse 1", start_frame=True), Plan(section="Verse 2"), Plan(section="Chorus")]
    return factories.make_project(owner, plans, song=False)


@pytest.fixture
def sequence(project: Project) -> Sequence:
    return factories.sequence_of(project, "SEQ02")


@pytest.fixture
def url(sequence: Sequence) -> Callable[..., str]:
    def build(name: str = "picker", code: str = "SEQ02") -> str:
        return reverse(name, args=[sequence.project.slug, code])

    return build


@pytest.fixture
def grid(sequence: Sequence) -> Grid:
    return drawn(asked(sequence, seed=5))


def asked(sequence: Sequence, layout: str = "2x2", **options: Any) -> Grid:
    with factories.small_grids(400 if layout == "2x2" else 640):
        return making.explore(actor=None, sequence=sequence, layout=layout, **options)[0]


def drawn(grid: Grid) -> Grid:
    factories.run(Job.objects.filter(grid=grid))
    grid.refresh_from_db()
    return grid


def in_use(sequence: Sequence) -> StartFrame | None:
    return sequence.start_frames.filter(state="approved", shot=None).first()


def text_of(response: Any) -> str:
    return response.content.decode()


# The dialog and the page


def test_without_a_grid_it_asks_for_one(client: Client, url: Callable[..., str]) -> None:
    html = text_of(client.get(url(), headers=DIALOG))
    assert "No grid yet" in html and 'data-key="m"' in html
    assert re.search(r'id="usepick"[^>]* disabled', html)
    assert "hx-trigger" not in html and "measured" not in html


def test_the_dialog_carries_the_measured_cells(client: Client, url: Callable[..., str], grid: Grid) -> None:
    html = text_of(client.get(url(), headers=DIALOG))
    assert html.count("<dialog") == 1 and "data-open" in html and "<html" not in html
    assert f'data-grid-w="{grid.width}"' in html and 'data-want-w="160"' in html
    for number, (x, y, w, h) in enumerate(grid.cells, start=1):
        assert f'data-key="{number}" data-x="{x}" data-y="{y}" data-w="{w}" data-h="{h}"' in html
    assert "checked" not in html.split('class="cells')[1].split("</figure>")[0]


def test_without_script_it_is_a_page_with_radio_buttons(client: Client, url: Callable[..., str], grid: Grid) -> None:
    html = text_of(client.get(url()))
    assert html.count('type="radio" name="cell"') == 4 and "<dialog class" not in html.split("</main>")[0]
    assert f'form id="pickform" method="post" action="{url("pick")}" hidden' in html
    assert '<main class="page" id="main">' in html


def test_a_single_picture_is_chosen_from_the_start(client: Client, url: Callable[..., str], sequence: Sequence) -> None:
    factories.make_grid_ready(sequence, "1x1")
    html = text_of(client.get(url(), headers=DIALOG))
    assert re.search(r'name="cell"[^>]* checked', html)


def test_neighbours_stand_beside_the_crop(client: Client, url: Callable[..., str], grid: Grid) -> None:
    html = text_of(client.get(url(), headers=DIALOG))
    start = in_use(factories.sequence_of(grid.sequence.project, "SEQ01"))
    assert start and start.file in html
    assert "Before:" in html and "After:" in html and html.count("No frame yet") == 1


def test_the_crop_in_use_is_adjusted_again(client: Client, url: Callable[..., str], grid: Grid) -> None:
    x, y, w, _ = grid.cells[2]
    box = {"x": x + 4, "y": y + 2, "w": 160, "h": 90}
    client.post(url("pick"), {"grid": 1, "cell": 3, **box}, headers=HTMX)
    html = text_of(client.get(url(), headers=DIALOG))
    for name, value in box.items():
        assert f'name="{name}" form="pickform" value="{value}"' in html
    assert re.search(r'value="3" required[^>]* checked', html)


def test_while_a_grid_is_made_the_strip_polls_and_the_other_can_be_cropped(
    client: Client, url: Callable[..., str], grid: Grid
) -> None:
    coming = asked(grid.sequence)
    html = text_of(client.get(url(), headers=DIALOG))
    assert "measured" in html and 'aria-label="Grid 2, 2 × 2, being made"' in html
    strip = html.split('id="strip"')[1].split(">")[0]
    assert 'hx-trigger="every 2s"' in strip and "grid=1&amp;making=2" in strip and "waits" not in strip
    drawn(coming)
    poll = client.get(url("picker_live"), {"grid": 1, "making": 2}, headers=HTMX)
    assert "measured" not in text_of(poll) and 'id="picked"' not in text_of(poll)
    assert f'href="{url()}?grid=2&amp;' in text_of(poll)
    assert 'id="strip" hx-swap-oob="true"' in text_of(poll) and "SEQ02 grid 2 is ready to pick from." in text_of(poll)
    assert "every 2s" not in text_of(poll)


def test_a_shown_grid_comes_with_its_progress_and_then_its_picture(
    client: Client, url: Callable[..., str], sequence: Sequence
) -> None:
    coming = asked(sequence)
    html = text_of(client.get(url(), headers=DIALOG))
    assert 'id="gridwait"' in html and "Stop grid 1" in html and "waits=1" in html
    first = client.get(url("picker_live"), {"grid": 1, "making": 1, "waits": 1}, headers=HTMX)
    assert 'id="gridwait"' in text_of(first) and 'id="pickstage"' not in text_of(first)
    again = client.get(url("picker_live"), {"grid": 1, "waits": 1}, headers={**HTMX, "If-None-Match": first["ETag"]})
    assert again.status_code == 304
    drawn(coming)
    last = text_of(client.get(url("picker_live"), {"grid": 1, "making": 1, "waits": 1}, headers=HTMX))
    assert "measured" in last and 'id="usepick"' in last and 'id="gp"' not in last


def test_a_page_behind_that_watches_announces_the_end_itself(
    client: Client, url: Callable[..., str], grid: Grid
) -> None:
    bench = {"HX-Current-URL": f"http://testserver{url('sequence')}"}
    for behind, says in ((BOARD, False), (bench, False), (DAILIES, True)):
        poll = client.get(url("picker_live"), {"grid": 1, "making": 1, "waits": 1}, headers={**HTMX, **behind})
        assert ("is ready to pick from" in text_of(poll)) is says, behind


def test_a_failed_grid_says_why_whether_it_was_charged_and_offers_a_retry(
    client: Client, url: Callable[..., str], sequence: Sequence
) -> None:
    factories.priced(picture="0.04")
    with factories.faults("moderation"):
        failed = drawn(asked(sequence))
    assert failed.state == "failed"
    html = text_of(client.get(url(), headers=DIALOG))
    assert failed.error in html and "Nothing was charged" in html and "$0.04" in html
    answer = client.post(url("picker_retry"), {"grid": 1}, headers=HTMX)
    assert 'id="gridwait"' in text_of(answer) and 'id="budget"' in text_of(answer)
    assert drawn(failed).state == "waiting", failed.error


def test_a_grid_of_the_strip_takes_the_large_place(client: Client, url: Callable[..., str], grid: Grid) -> None:
    factories.make_grid_ready(grid.sequence, "3x3")
    html = text_of(client.get(url(), {"grid": 1}, headers=INSIDE))
    assert html.count('class="cell"') == 4 and "<dialog" not in html and 'id="gp"' not in html
    assert re.search(r'id="grid-link-1"[^>]*aria-current="true"', html)
    assert text_of(client.get(url(), headers=DIALOG)).count('class="cell"') == 9


def test_the_number_of_queries_does_not_grow_with_grids(
    client: Client, url: Callable[..., str], grid: Grid, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(QUERIES):
        client.get(url(), headers=DIALOG)
    for _ in range(3):
        factories.make_grid_ready(grid.sequence)
    with django_assert_num_queries(QUERIES):
        client.get(url(), headers=DIALOG)


QUERIES = 23


# The pick


@pytest.mark.parametrize("layout", ["2x2", "3x3"])
def test_no_gutter_is_in_any_picked_cell(
    client: Client, url: Callable[..., str], sequence: Sequence, layout: str
) -> None:
    grid = drawn(asked(sequence, layout, seed=5))
    whole = pixels(grid.file)
    rows, columns = gutters(whole), gutters(whole.transpose(1, 0, 2))
    assert rows.any() and columns.any()
    for cell in range(1, len(grid.cells) + 1):
        client.post(url("pick"), {"grid": 1, "cell": cell}, headers=HTMX)
        frame = in_use(sequence)
        assert frame is not None and frame.cell == cell and frame.box
        x, y, w, h = frame.box
        assert np.array_equal(pixels(frame.file), whole[y : y + h, x : x + w])
        assert not rows[y : y + h].any() and not columns[x : x + w].any(), cell


def pixels(file: str) -> np.ndarray:
    """Rows x columns x RGB."""
    return np.asarray(Image.open(storage.absolute(file)).convert("RGB"), dtype=int)


def gutters(picture: np.ndarray) -> np.ndarray:
    """Which rows are of one colour from edge to edge, through every cell."""
    middle = np.median(picture, axis=1, keepdims=True)
    return (abs(picture - middle) <= 14).all(axis=(1, 2))


def test_a_box_is_cut_from_the_full_size_grid(client: Client, url: Callable[..., str], grid: Grid) -> None:
    x, y, w, h = grid.cells[1]
    box = (x + 10, y + 6, 160, 90)
    sent = dict(zip("xywh", box, strict=True))
    client.post(url("pick"), {"grid": 1, "cell": 2, **sent}, headers=HTMX)
    frame = in_use(grid.sequence)
    assert frame is not None and frame.box == list(box) and (frame.width, frame.height) == (160, 90)
    whole = Image.open(storage.absolute(grid.file)).convert("RGB")
    expected = whole.crop((box[0], box[1], box[0] + 160, box[1] + 90))
    assert Image.open(storage.absolute(frame.file)).convert("RGB").tobytes() == expected.tobytes()
    grid.refresh_from_db()
    assert grid.state == "approved"


def test_a_pick_in_the_dialog_closes_it_tells_the_page_and_can_be_undone(
    client: Client, url: Callable[..., str], grid: Grid
) -> None:
    answer = client.post(url("pick"), {"grid": 1, "cell": 2}, headers={**HTMX, **BOARD})
    html = text_of(answer)
    assert "SEQ02 starts from grid 1, cell 2" in html and "<dialog" not in html
    assert set(json.loads(answer["HX-Trigger"])) == {"startframe", "sequence-changed"}
    undo = html.split("<form")[1]
    assert f'action="{url("start_frame_clear")}"' in undo and 'name="frame" value="1"' in undo
    assert client.post(url("start_frame_clear"), {"frame": 1}, headers={**HTMX, **BOARD}).status_code == 200
    grid.refresh_from_db()
    assert in_use(grid.sequence) is None and grid.state == "waiting"
    assert stage(load(grid.sequence.project, [grid.sequence])[0]) == "pick_start_frame"


def test_undo_of_a_second_pick_goes_back_to_the_first(client: Client, url: Callable[..., str], grid: Grid) -> None:
    client.post(url("pick"), {"grid": 1, "cell": 1}, headers=HTMX)
    undo = text_of(client.post(url("pick"), {"grid": 1, "cell": 4}, headers=HTMX)).split("<form")[1]
    assert f'action="{url("start_frame_use")}"' in undo and 'name="frame" value="1"' in undo
    client.post(url("start_frame_use"), {"frame": 1}, headers=HTMX)
    frame = in_use(grid.sequence)
    assert frame is not None and frame.cell == 1


def test_without_script_a_pick_leads_back_to_where_one_came_from(
    client: Client, url: Callable[..., str], grid: Grid
) -> None:
    back = f"{reverse('board', args=[grid.sequence.project.slug])}?only=pick"
    page = text_of(client.get(url(), headers={"Referer": f"http://testserver{back}"}))
    assert f'name="back" value="{back}"' in page
    answer = client.post(url("pick"), {"grid": 1, "cell": 1, "back": back})
    assert answer.status_code == 303 and answer["Location"] == back
    assert "SEQ02 starts from grid 1, cell 1." in text_of(client.get(back))


def test_a_foreign_address_is_not_gone_back_to(client: Client, url: Callable[..., str], grid: Grid) -> None:
    answer = client.post(url("pick"), {"grid": 1, "cell": 1, "back": "https://elsewhere.example/"})
    assert answer["Location"] == url("sequence")


def test_a_shot_gets_its_own_frame(client: Client, url: Callable[..., str], grid: Grid) -> None:
    html = text_of(client.get(url(), {"shot": 1}, headers=DIALOG))
    assert "Verse 2, shot 1" in html and 'name="shot" value="1"' in html
    client.post(url("pick"), {"grid": 1, "cell": 2, "shot": 1}, headers=HTMX)
    frame = StartFrame.objects.get(sequence=grid.sequence)
    assert frame.shot is not None and frame.shot.number == 1 and in_use(grid.sequence) is None


def test_from_dailies_the_next_open_pick_comes_up(client: Client, url: Callable[..., str], grid: Grid) -> None:
    factories.make_grid_ready(factories.sequence_of(grid.sequence.project, "SEQ03"), "1x1")
    html = text_of(client.post(url("pick"), {"grid": 1, "cell": 1}, headers={**HTMX, **DAILIES}))
    assert html.count("<dialog") == 1 and f'action="{url("pick", "SEQ03")}"' in html
    assert "SEQ02 starts from grid 1, cell 1" in html
    html = text_of(client.post(url("pick", "SEQ03"), {"grid": 1, "cell": 1}, headers={**HTMX, **DAILIES}))
    assert "<dialog" not in html


# Refusals


def boxed(**changed: int) -> dict[str, int]:
    return {"grid": 1, "cell": 1, "x": 10, "y": 10, "w": 160, "h": 90} | changed


WRONG: list[tuple[dict[str, Any], str]] = [
    (boxed(x=5000), "leaves the picture"),
    (boxed(x=-4), "leaves the picture"),
    (boxed(h=160), "is not 160:90; at that width it must be 90 pixels high."),
    (boxed(w=16, h=9), "its short edge needs 16 pixels"),
    (boxed(w=0), "has no area"),
    ({"grid": 1, "cell": 1, "x": 10, "y": 10}, "The crop lacks w, h; send x, y, w and h, or none of them."),
    (boxed(cell=9), "has cells 1 to 4"),
    ({"grid": 1}, "Cell: none was chosen; choose one of the pictures first."),
    ({"grid": 1, "cell": "two"}, "Cell: Enter a whole number."),
]


def test_a_wrong_pick_is_refused_in_one_sentence(client: Client, url: Callable[..., str], grid: Grid) -> None:
    for sent, said in WRONG:
        answer = client.post(url("pick"), sent, headers=HTMX)
        assert answer.status_code == 422 and said in text_of(answer), sent
        plain = client.post(url("pick"), sent, headers={"Referer": f"http://testserver{url()}?grid=1"}, follow=True)
        assert said in text_of(plain) and 'id="pickstage"' in text_of(plain), sent
    assert not grid.sequence.start_frames.exists()


def test_a_grid_without_a_picture_cannot_be_picked_from(
    client: Client, url: Callable[..., str], sequence: Sequence
) -> None:
    asked(sequence)
    answer = client.post(url("pick"), {"grid": 1, "cell": 1}, headers=HTMX)
    assert answer.status_code == 422 and "has no picture yet" in text_of(answer)


def test_what_is_not_there_is_not_found(client: Client, url: Callable[..., str], grid: Grid) -> None:
    for query in ({"grid": 7}, {"grid": "one"}, {"shot": 9}):
        assert client.get(url(), query).status_code == 404, query
    for sent in ({"grid": 7, "cell": 1}, {"grid": 1, "cell": 1, "shot": 9}):
        assert client.post(url("pick"), sent, headers=HTMX).status_code == 404, sent
    assert not grid.sequence.start_frames.exists()


def test_the_grid_of_another_sequence_is_not_found(client: Client, url: Callable[..., str], grid: Grid) -> None:
    assert client.post(url("pick", "SEQ03"), {"grid": 1, "cell": 1}, headers=HTMX).status_code == 404


def test_a_reviewer_may_look_but_not_pick(client: Client, url: Callable[..., str], grid: Grid) -> None:
    client.force_login(factories.add_member(grid.sequence.project, Role.REVIEWER))
    html = text_of(client.get(url(), headers=DIALOG))
    assert "picking takes an owner or an artist" in html and re.search(r'id="usepick"[^>]* disabled', html)
    for name in ("pick", "picker_explore"):
        answer = client.post(url(name), {"grid": 1, "cell": 1}, headers=HTMX)
        assert answer.status_code == 422 and "You are a reviewer of Night Ferry" in text_of(answer)
    assert not grid.sequence.start_frames.exists()


def test_a_stranger_finds_nothing(client: Client, url: Callable[..., str], grid: Grid) -> None:
    client.force_login(factories.make_user())
    for name in ("picker", "picker_live"):
        assert client.get(url(name), {"grid": 1}).status_code == 404, name
    for name in ("pick", "picker_explore", "picker_retry", "picker_cancel"):
        assert client.post(url(name), {"grid": 1, "cell": 1}, headers=HTMX).status_code == 404, name


# New grids


def test_a_new_grid_is_shown_being_made(client: Client, url: Callable[..., str], grid: Grid) -> None:
    factories.priced(picture="0.04")
    assert "New grid ($0.04)" in text_of(client.get(url(), headers=DIALOG))
    sent = {"prompt": "a lighthouse", "layout": "3x3", "key": "once"}
    answer = client.post(url("picker_explore"), sent, headers=HTMX)
    html = text_of(answer)
    assert 'id="gridwait"' in html and "--rows:3" in html and 'id="budget"' in html and 'id="gp"' not in html
    assert answer["HX-Trigger"] == "sequence-changed"
    made = grid.sequence.grids.get(number=2)
    assert (made.prompt, made.rows, made.state) == ("a lighthouse", 3, "making")
    client.post(url("picker_explore"), sent, headers=HTMX)
    assert grid.sequence.grids.count() == 2


def test_without_script_a_new_grid_leads_to_its_page(client: Client, url: Callable[..., str], grid: Grid) -> None:
    answer = client.post(url("picker_explore"), {"prompt": "a lighthouse", "layout": "2x2", "back": "/p/night-ferry/"})
    assert answer.status_code == 303 and answer["Location"] == f"{url()}?grid=2&back=%2Fp%2Fnight-ferry%2F"
    page = text_of(client.get(answer["Location"]))
    assert 'id="gridwait"' in page and 'name="back" value="/p/night-ferry/"' in page


def test_a_new_grid_without_words_or_with_a_strange_layout_is_refused(
    client: Client, url: Callable[..., str], grid: Grid
) -> None:
    answer = client.post(url("picker_explore"), {"prompt": "sea", "layout": "5x5"}, headers=HTMX)
    assert answer.status_code == 422 and "it must be one of 1x1, 2x2, 3x3" in text_of(answer)


def test_a_grid_being_made_can_be_stopped(client: Client, url: Callable[..., str], sequence: Sequence) -> None:
    coming = asked(sequence)
    answer = client.post(url("picker_cancel"), {"grid": 1}, headers=HTMX)
    assert answer.status_code == 200 and 'id="pickstage"' in text_of(answer)
    assert drawn(coming).state == "failed"


# Uploads and earlier frames, by the workbench's verbs


def test_an_upload_from_the_board_closes_the_dialog_and_tells_the_page(
    client: Client, url: Callable[..., str], sequence: Sequence
) -> None:
    picture = SimpleUploadedFile("still.png", factories.picture_file().read_bytes(), "image/png")
    answer = client.post(url("start_frame_upload"), {"picture": picture}, headers={**HTMX, **BOARD})
    assert answer["HX-Trigger"] == "sequence-changed" and "SEQ02 starts from still.png." in text_of(answer)
    assert 'id="startframe"' not in text_of(answer)
    frame = in_use(sequence)
    assert frame is not None and frame.source == "upload"


def test_earlier_frames_can_be_used_again(client: Client, url: Callable[..., str], grid: Grid) -> None:
    for cell in (1, 2):
        client.post(url("pick"), {"grid": 1, "cell": cell}, headers=HTMX)
    html = text_of(client.get(url(), headers=DIALOG))
    assert "Use F1 again: Grid 1, cell 1" in html and "Clear F2" in html and "Use F2 again" not in html
    back = reverse("board", args=[grid.sequence.project.slug])
    answer = client.post(url("start_frame_use"), {"frame": 1, "back": back})
    assert answer["Location"] == back
    frame = in_use(grid.sequence)
    assert frame is not None and frame.number == 1
