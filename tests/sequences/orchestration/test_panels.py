"""What each panel of a grid shows: kept, compiled into the request, drawn, pinned, refused when too much."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.media.grids import Box
from sequences.models import Grid, Job, Project
from sequences.orchestration.panels import fitted, texts_of_shots
from sequences.providers import catalogue, sheet
from sequences.providers.base import GridRequest, from_json, to_json
from sequences.queries import load
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.make_project(sequences=[Plan()])


def explored(project: Project, *texts: str, layout: str = "2x2", seed: int = 7) -> Grid:
    sequence = factories.sequence_of(project)
    orchestration.set_cell_prompts(actor=None, sequence=sequence, texts=texts)
    with factories.small_grids():
        return orchestration.explore(actor=None, sequence=sequence, layout=layout, seed=seed)[0]


def request_of(grid: Grid) -> GridRequest:
    request = from_json(Job.objects.get(grid=grid).request)
    assert isinstance(request, GridRequest)
    return request


def test_descriptions_are_kept_without_empty_ones_at_the_end(project: Project) -> None:
    sequence = factories.sequence_of(project)
    orchestration.set_cell_prompts(actor=None, sequence=sequence, texts=["a pier ", "", "rain", "", ""])
    sequence.refresh_from_db()
    assert sequence.cell_prompts == ["a pier", "", "rain"]
    orchestration.set_cell_prompts(actor=None, sequence=sequence, texts=[])
    sequence.refresh_from_db()
    assert sequence.cell_prompts == []


@pytest.mark.parametrize(
    ("texts", "said"),
    [(["x"] * 10, "10 cell descriptions; a grid has 9"), (["", "x" * 1001], "description of cell 2 has 1001")],
)
def test_too_much_is_refused_and_nothing_written(project: Project, texts: list[str], said: str) -> None:
    sequence = factories.sequence_of(project)
    with pytest.raises(Refusal, match=said):
        orchestration.set_cell_prompts(actor=None, sequence=sequence, texts=texts)
    sequence.refresh_from_db()
    assert sequence.cell_prompts == []


def test_they_are_sent_and_pinned_and_a_smaller_layout_takes_the_first(project: Project) -> None:
    project.sequences.update(grid_prompt="the harbour")
    large = explored(project, "a", "b", "c", "d", "e", layout="3x3")
    assert request_of(large).cells == ("a", "b", "c", "d", "e", "", "", "", "") == tuple(large.cell_prompts)
    small = explored(project, "a", "b", "c", "d", "e")
    assert request_of(small).cells == ("a", "b", "c", "d") == tuple(small.cell_prompts)
    none = explored(project, "", layout="2x2")
    assert request_of(none).cells == () and none.cell_prompts == []


def test_names_in_a_description_are_spoken(project: Project) -> None:
    """Also of an element that no shot names: without a picture by its description."""
    orchestration.add_element(
        actor=None, project=project, key="zoe", kind="character", name="Zoe", description="a girl in a red coat"
    )
    grid = explored(project, "@zoe runs")
    assert request_of(grid).cells[0] == "a girl in a red coat runs" and grid.cell_prompts[0] == "@zoe runs"


def test_a_frozen_request_is_read_back_whole_also_one_from_before() -> None:
    request = GridRequest("sketch/grid", "a pier", 1, 2, 32, 18, 7, cells=("a", ""))
    assert from_json(to_json(request)) == request
    old = {key: value for key, value in to_json(request).items() if key != "cells"}
    assert from_json(old) == GridRequest("sketch/grid", "a pier", 1, 2, 32, 18, 7)


def test_models_are_told_panel_by_panel() -> None:
    endpoint = catalogue.endpoint("fal-ai/nano-banana-2")
    request = GridRequest(endpoint.id, "a pier", 2, 2, 2752, 1536, 7, cells=("dawn", "", "rain.", ""))
    said = sheet.text(endpoint, request)
    assert "Panel 1 (top left): dawn. Panel 3 (bottom left): rain." in said and "Panel 2" not in said
    assert sheet.place_of(5, 3, 3) == "middle centre" and sheet.place_of(4, 4, 1) == "row 4"


def test_the_length_that_counts_is_the_one_with_descriptions(project: Project) -> None:
    endpoint = catalogue.endpoint("fal-ai/nano-banana-2")
    bare = GridRequest(endpoint.id, "a pier", 2, 2, 2752, 1536, 7)
    told = GridRequest(endpoint.id, "a pier", 2, 2, 2752, 1536, 7, cells=("x" * 900,) * 4)
    assert len(sheet.text(endpoint, told)) > len(sheet.text(endpoint, bare)) + 3600


def test_a_panel_is_drawn_from_its_own_text(project: Project) -> None:
    project.sequences.update(grid_prompt="a pier at dawn over the sea")
    plain, told = explored(project), explored(project, "", "a face in a dark room, close up")
    factories.run(Job.objects.filter(grid__in=[plain, told]))
    pictures = []
    for grid in (plain, told):
        grid.refresh_from_db()
        with Image.open(storage.absolute(grid.file)) as picture:
            pictures.append([picture.convert("RGB").crop(Box(*cell).corners) for cell in grid.cells])
    pairs = zip(*pictures, strict=True)
    same = [ImageChops.difference(a, b.resize(a.size)).convert("L").resize((1, 1)).getpixel((0, 0)) for a, b in pairs]
    assert same[0] < 3 and same[2] < 3 and same[3] < 3 and same[1] > 6


def test_more_like_a_cell_describes_no_panels(project: Project) -> None:
    factories.sequence_of(project)
    grid = factories.make_grid_ready(factories.sequence_of(project), "2x2")
    orchestration.set_cell_prompts(actor=None, sequence=grid.sequence, texts=["a"])
    with factories.small_grids():
        near = orchestration.more_like(actor=None, grid=grid, cell=2)[0]
    assert request_of(near).cells == () and near.cell_prompts == []


def test_shots_fill_the_panels(project: Project) -> None:
    sequence = factories.sequence_of(project)
    assert texts_of_shots(sequence) == [shot.text for shot in load(project, [sequence])[0].shots]
    assert fitted(["a"], 4) == ["a", "", "", ""] and fitted(["", ""], 4) == []

