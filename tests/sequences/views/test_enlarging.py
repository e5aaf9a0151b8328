"""Enlarging a small start frame on the Sequence page: the offer with its price, progress, failure, the way on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sequences.models import Job, Project, Sequence, StartFrame
from sequences.orchestration import picking
from sequences.providers import catalogue
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def project() -> Project:
    """Its start frame has 320 × 180 pixels and the model takes none under 300."""
    project = factories.make_project(factories.make_user("ada"), [factories.Plan()], song=False, width=640, height=360)
    catalogue.override("sketch/clip", min_start_edge=300)
    small = factories.picture_file(320, 180)
    picking.upload_start_frame(actor=None, sequence=factories.sequence_of(project), upload=small)
    return project


@pytest.fixture
def sequence(project: Project) -> Sequence:
    return factories.sequence_of(project)


@pytest.fixture
def maker(client: Client, project: Project) -> Client:
    client.force_login(project.memberships.get().user)
    return client


def at(sequence: Sequence, name: str = "sequence") -> str:
    return reverse(name, args=[sequence.project.slug, sequence.code])


def shown(client: Client, sequence: Sequence) -> str:
    return re.sub(r"\s+", " ", client.get(at(sequence)).content.decode())


def asked(client: Client, sequence: Sequence, **fields: Any) -> Any:
    form = {"frame": "1", "factor": "2", "shown_price": "0", "key": "k1", **fields}
    return client.post(at(sequence, "start_frame_enlarge"), form, headers=HTMX)


def larger(sequence: Sequence) -> StartFrame:
    return sequence.start_frames.get(source="upscale")


def finish(sequence: Sequence) -> None:
    factories.run(Job.objects.filter(sequence=sequence))


def test_a_frame_the_model_refuses_is_offered_larger_with_the_price_on_the_button(
    maker: Client, sequence: Sequence
) -> None:
    page = shown(maker, sequence)
    assert "<b>Too small to start from.</b> F1 is 320 × 180 and Sketch animatic takes none under 300 pixels." in page
    assert re.search(r'class="btn next" id="enlarge-1-2"[^>]*>Enlarge 2&times;.*?<span class="price">free</span>', page)
    catalogue.override("sketch/upscale", price="0.10")
    assert re.search(r'id="enlarge-1-2".*?<span class="price">\$0.02</span>', shown(maker, sequence))


def test_without_a_known_price_it_cannot_be_pressed(maker: Client, sequence: Sequence) -> None:
    catalogue.override("sketch/upscale", price=None)
    assert re.search(r'id="enlarge-1-2"[^>]* disabled>', shown(maker, sequence))


def test_a_frame_that_is_large_enough_is_left_alone(maker: Client, sequence: Sequence) -> None:
    picking.upload_start_frame(actor=None, sequence=sequence, upload=factories.picture_file())
    assert 'id="enlarge-' not in shown(maker, sequence)


def test_it_is_asked_for_once_and_shown_while_it_is_made(maker: Client, sequence: Sequence) -> None:
    for _ in range(2):
        answer = asked(maker, sequence)
        assert answer.status_code == 200
    body = answer.content.decode()
    assert "F2 asked for: F1, 2 times larger." in body and 'id="larger-2"' in body and "data-poll" in body
    assert sequence.start_frames.count() == 2
    assert 'id="enlarge-1"' not in body and "Being made" in body


def test_the_poll_brings_the_larger_frame_in_once_it_is_made(maker: Client, sequence: Sequence) -> None:
    asked(maker, sequence)
    watched = {"takes": "", "grids": "", "frames": "2", "seen": "0,0"}
    first = maker.get(at(sequence, "bench_live"), watched)
    assert 'id="larger-2"' in first.content.decode()
    again = maker.get(at(sequence, "bench_live"), watched, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    finish(sequence)
    body = maker.get(at(sequence, "bench_live"), watched).content.decode()
    assert "F2 is made, 640 × 360 and in use." in body and "F1, 2× larger" in body
    assert 'id="larger-2"' not in body and "data-poll" not in body


def test_a_failure_says_why_whether_it_was_charged_and_the_way_on(maker: Client, sequence: Sequence) -> None:
    with factories.faults("moderation*1"):
        asked(maker, sequence)
        finish(sequence)
        page = shown(maker, sequence)
        assert "was held back by the content filter" in page and "Nothing was charged for what failed." in page
        assert 'id="retry-frame-2"' in page and 'id="enlarge-1-2"' not in page
        answer = maker.post(at(sequence, "retry"), {"kind": "frame", "number": "2"}, headers=HTMX)
        assert "F2 is tried again." in answer.content.decode()
        finish(sequence)
    assert larger(sequence).state == "approved"


def test_it_can_be_stopped(maker: Client, sequence: Sequence) -> None:
    with factories.faults("stuck"):
        asked(maker, sequence)
        assert 'id="cancel-frame-2"' in shown(maker, sequence)
        maker.post(at(sequence, "cancel"), {"kind": "frame", "number": "2"})
        finish(sequence)
    assert larger(sequence).state == "failed"


def test_without_script_the_page_comes_back(maker: Client, sequence: Sequence) -> None:
    answer = maker.post(at(sequence, "start_frame_enlarge"), {"frame": "1", "factor": "2"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("#startframe")


def test_a_price_that_changed_since_is_refused(maker: Client, sequence: Sequence) -> None:
    catalogue.override("sketch/upscale", price="0.10")
    answer = asked(maker, sequence)
    assert answer.status_code == 422 and "The price is $0.02 now, not $0.00" in answer.content.decode()
    assert sequence.start_frames.count() == 1


@pytest.mark.parametrize(("fields", "status"), [({"frame": "9"}, 404), ({"factor": "7"}, 422), ({"frame": "x"}, 422)])
def test_what_is_not_there_or_no_number(maker: Client, sequence: Sequence, fields: dict[str, str], status: int) -> None:
    assert asked(maker, sequence, **fields).status_code == status
    assert sequence.start_frames.count() == 1


def test_the_board_says_that_it_is_being_made_and_how_it_ended(maker: Client, sequence: Sequence) -> None:
    asked(maker, sequence)
    board = reverse("board", args=[sequence.project.slug])
    page = maker.get(board).content.decode()
    assert "Start frame F2, larger" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    finish(sequence)
    assert seen is not None
    live = maker.get(reverse("board_live", args=[sequence.project.slug]), {"seen": seen[1]}).content.decode()
    assert "SEQ01 start frame F2 is made larger." in live


# in the picker


def picked(client: Client, sequence: Sequence, **up: Any) -> Any:
    grid = factories.make_grid_ready(sequence)
    return client.post(at(sequence, "pick"), {"grid": grid.number, "cell": "1", **up}, headers=HTMX)


def test_the_picker_offers_sizes_at_the_price_of_a_megapixel(maker: Client, sequence: Sequence) -> None:
    factories.make_grid_ready(sequence)
    catalogue.override("sketch/upscale", price="0.025")
    page = re.sub(r"\s+", " ", maker.get(at(sequence, "picker")).content.decode())
    assert re.search(r'data-sizes data-micros="25000" data-longest="8192" hidden', page)
    assert re.findall(r'name="up" value="(\d)"', page) == ["1", "2", "3", "4"]


def test_a_pick_is_enlarged_when_that_was_chosen(maker: Client, sequence: Sequence) -> None:
    answer = picked(maker, sequence, up="2", up_price="0", up_model="sketch/upscale", up_key="a-up")
    assert "SEQ01 starts from grid 1, cell 1; F3 is it 2 times larger, being made" in answer.content.decode()
    finish(sequence)
    used = sequence.start_frames.get(state="approved")
    assert used.source == "upscale" and used.parent is not None and used.width == 2 * used.parent.width


def test_without_a_choice_it_is_used_as_it_is(maker: Client, sequence: Sequence) -> None:
    picked(maker, sequence, up="1")
    assert not sequence.start_frames.filter(source="upscale").exists()


def test_a_pick_stands_when_its_enlargement_is_refused(maker: Client, sequence: Sequence) -> None:
    catalogue.override("sketch/upscale", price="0.50")
    body = picked(maker, sequence, up="2", up_price="0").content.decode()
    assert "F2 is picked, and not enlarged: The price is $" in body
    assert sequence.start_frames.get(state="approved").source == "grid"


def test_the_picker_shows_how_far_it_is_while_it_runs(maker: Client, sequence: Sequence) -> None:
    assert 'id="largers"></ul>' in maker.get(at(sequence, "picker")).content.decode()
    asked(maker, sequence)
    html = maker.get(at(sequence, "picker")).content.decode()
    assert "F1 larger" in html and "data-poll" in html
    finish(sequence)
    moved = maker.get(at(sequence, "picker_live"), headers=HTMX).content.decode()
    assert "F1 larger" not in moved and 'id="largers"' in moved
