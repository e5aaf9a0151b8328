"""star, candidates, explore --like: documents and refusals."""

from __future__ import annotations

import pytest

from sequences import orchestration
from sequences.models import Grid
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, make_grid_ready, make_project, make_take, make_user, sequence_of, small_grids

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")


@pytest.fixture
def grid() -> Grid:
    return make_grid_ready(sequence_of(make_project(sequences=[Plan(), Plan()])), "2x2")


def test_a_cell_is_starred_listed_and_let_go(grid: Grid) -> None:
    kept = document("star", "SEQ01/G1", *IN, "--cell", 2)["candidates"]
    assert kept == [
        {"grid": grid.pk, "sequence": "SEQ01", "name": "SEQ01/G1", "cell": 2, "box": grid.cells[1], "takes": []}
    ]
    orchestration.pick_start_frame(actor=None, grid=grid, cell=2)
    make_take(grid.sequence)
    assert [c["takes"] for c in document("candidates", *IN)["candidates"]] == [[1]]
    assert document("candidates", "SEQ02", *IN)["candidates"] == []
    assert ran("candidates", *IN)[1].split()[-4:] == [str(grid.pk), "SEQ01/G1", "2", "T1"]
    assert document("star", grid.pk, "--cell", 2, "--off") == {"candidates": []}
    assert "Nothing is starred." in ran("candidates", *IN)[1]


def test_more_like_a_cell(grid: Grid) -> None:
    said = ran("explore", "--like", "SEQ01/G1", "--cell", 3, *IN, "--dry-run", "--count", 2)[1]
    assert said.startswith("2 by Sketch grid: $0.00")
    with small_grids():
        made = document("explore", "--like", "SEQ01/G1", "--cell", 3, *IN, "--wait")["grids"]
    row = Grid.objects.get(pk=made[0]["id"])
    assert (row.like, row.like_cell, made[0]["state"]) == (grid, 3, "waiting")


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("explore", *IN, "--like", "SEQ01/G1", "--cell", 7), "cell"),
        (("star", "SEQ01/G1", *IN, "--cell", 7), "cell"),
    ],
)
def test_a_cell_that_is_not_there_is_refused(grid: Grid, words: tuple[object, ...], where: str) -> None:
    assert refused(*words)["where"] == where
    assert Grid.objects.count() == 1


@pytest.mark.parametrize(
    "words",
    [
        ("SEQ01", "--cell", "2"),
        ("--like", "SEQ01/G1"),
        ("SEQ01", "--like", "SEQ01/G1", "--cell", "2"),
        ("--like", "SEQ01/G1", "--cell", "2", "--seed", "4"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(grid: Grid, words: tuple[str, ...]) -> None:
    assert typed("explore", *IN, *words) == 2
    assert Grid.objects.count() == 1


def test_strangers_find_nothing(grid: Grid) -> None:
    make_user("stranger")
    for words in (("star", grid.pk, "--cell", 1), ("candidates", *IN)):
        assert refused(*words, "--user", "stranger")["code"] == "not_found"
