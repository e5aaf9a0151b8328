"""`explore --cell` and `--cells-from-shots`, `set_cuts`, `lineage`: documents and refusals."""

from __future__ import annotations

import pytest

from sequences import orchestration
from sequences.models import Grid
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, make_grid_ready, make_project, make_take, sequence_of, small_grids

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")


@pytest.fixture
def grid() -> Grid:
    return make_grid_ready(sequence_of(make_project(sequences=[Plan()])), "2x2")


def test_cells_are_described_while_exploring(grid: Grid) -> None:
    with small_grids():
        document("explore", "SEQ01", *IN, "--layout", "2x2", "--yes", "--cell", "1=a pier", "--cell", "3=rain")
        document("explore", "SEQ01", *IN, "--layout", "2x2", "--yes", "--cells-from-shots")
    second, third = Grid.objects.order_by("number")[1:]
    assert second.cell_prompts == ["a pier", "", "rain", ""]
    assert third.cell_prompts[0] and third.cell_prompts != second.cell_prompts


def test_cells_that_cannot_be_described_are_refused(grid: Grid) -> None:
    assert refused("explore", "SEQ01", *IN, "--yes", "--cell", "10=a pier")["where"] == "--cell"
    for words in (("--cell", "pier"), ("--cell", "1=a", "--cells-from-shots")):
        assert typed("explore", "SEQ01", *IN, "--yes", *words) == 2
    assert Grid.objects.count() == 1


def test_cut_lines_are_set_and_cleared(grid: Grid) -> None:
    found = grid.cells
    cols, rows = grid.width // 2 + 6, grid.height // 2 - 4  # type: ignore[operator]
    cut = document("set_cuts", "SEQ01/G1", *IN, "--cols", cols, "--rows", rows)
    assert cut["cuts"] == {"cols": [cols], "rows": [rows]} and cut["cells"] != found
    assert "lines of its own" in ran("set_cuts", grid.pk, "--cols", cols, "--rows", rows)[1]
    assert document("set_cuts", "SEQ01/G1", *IN, "--clear") == {"grid": grid.pk, "cuts": None, "cells": found}


def test_lines_that_cut_nothing_are_refused(grid: Grid) -> None:
    assert refused("set_cuts", "SEQ01/G1", *IN, "--cols", "3,9", "--rows", "20")["where"] == "cuts"
    for words in ((), ("--clear", "--cols", "9"), ("--cols", "left")):
        assert typed("set_cuts", "SEQ01/G1", *IN, *words) == 2


def test_lineage_goes_back_to_cells_and_forward_to_takes(grid: Grid) -> None:
    assert "Nothing came of SEQ01/G1 yet." in ran("lineage", "SEQ01/G1", *IN)[1]
    with small_grids():
        document("explore", "--like", "SEQ01/G1", "--cell", 3, *IN, "--wait")
    near = Grid.objects.get(number=2)
    orchestration.pick_start_frame(actor=None, grid=near, cell=2)
    take = make_take(grid.sequence)
    back = document("lineage", f"SEQ01/T{take.number}", *IN)["frames"]
    assert back[0] == {
        "shot": None, "use": "start", "frame": 1, "grid": 2, "cell": 2, "like": [{"grid": 1, "cell": 3}],
    }  # fmt: skip
    assert "F1 ← G2 cell 2 ← more like G1 cell 3" in ran("lineage", f"SEQ01/T{take.number}", *IN)[1]
    assert document("lineage", "SEQ01/G1", *IN)["cells"] == [{"cell": 3, "frames": [], "takes": [], "likes": [2]}]
    assert document("lineage", "SEQ01/G2", *IN)["cells"] == [{"cell": 2, "frames": [1], "takes": [1], "likes": []}]
    assert "cell 2: F1, T1" in ran("lineage", "SEQ01/G2", *IN)[1]


def test_a_start_frame_has_no_lineage_of_its_own(grid: Grid) -> None:
    orchestration.pick_start_frame(actor=None, grid=grid, cell=1)
    assert refused("lineage", "SEQ01/F1", *IN)["where"] == "WHAT"
