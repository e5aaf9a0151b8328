"""Stars, more like a cell, a person's cut lines: what is kept, what is asked for, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.media.grids import Box
from sequences.media.grids.lines import lines_of
from sequences.models import Candidate, Grid, Job, Project
from sequences.providers.base import GridRequest, from_json
from sequences.queries.candidates import figures, frames_of_cells, starred, takes_of_cells
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.make_project(sequences=[Plan()])


@pytest.fixture
def grid(project: Project) -> Grid:
    return factories.make_grid_ready(factories.sequence_of(project), "2x2")


def more(grid: Grid, cell: int = 2, **asked: object) -> list[Grid]:
    with factories.small_grids():
        made = orchestration.more_like(actor=None, grid=grid, cell=cell, **asked)  # type: ignore[arg-type]
    factories.run(Job.objects.filter(grid__in=made))
    return list(Grid.objects.filter(pk__in=[g.pk for g in made]))


def test_a_star_is_kept_once_and_taken_back(grid: Grid) -> None:
    owner = factories.make_user()
    grid.sequence.project.memberships.create(user=owner, role="owner")
    first = orchestration.star(actor=owner, grid=grid, cell=2)
    assert orchestration.star(actor=None, grid=grid, cell=2) == first and first.starred_by == owner
    orchestration.star(actor=None, grid=grid, cell=4)
    assert [c.cell for c in starred([grid.sequence])] == [2, 4]
    orchestration.unstar(actor=None, grid=grid, cell=2)
    orchestration.unstar(actor=None, grid=grid, cell=2)
    assert [c.cell for c in starred([grid.sequence])] == [4]


@pytest.mark.parametrize("cell", [0, 5])
@pytest.mark.parametrize("verb", ["star", "unstar", "more_like"])
def test_a_cell_that_is_not_there_is_refused(grid: Grid, verb: str, cell: int) -> None:
    with pytest.raises(Refusal, match=rf"^Cell is {cell}; SEQ01/G1 has cells 1 to 4\.$"):
        getattr(orchestration, verb)(actor=None, grid=grid, cell=cell)
    assert not Candidate.objects.exists() and Grid.objects.count() == 1


def test_a_grid_without_a_picture_is_refused(project: Project) -> None:
    waiting = orchestration.explore(actor=None, sequence=factories.sequence_of(project))[0]
    for verb in (orchestration.star, orchestration.more_like):
        with pytest.raises(Refusal, match="has no picture yet; wait for it"):
            verb(actor=None, grid=waiting, cell=1)  # type: ignore[operator]
    with pytest.raises(Refusal, match="has no picture yet; wait for it"):
        orchestration.set_cuts(actor=None, grid=waiting, cols=[1], rows=[1])


def test_more_like_sends_the_cell_along_and_remembers_it(grid: Grid) -> None:
    (made,) = more(grid, 2)
    assert (made.like, made.like_cell, made.prompt, made.rows, made.cols) == (grid, 2, grid.prompt, 2, 2)
    assert made.seed != grid.seed
    request = from_json(Job.objects.get(grid=made).request)
    assert isinstance(request, GridRequest) and request.likeness is not None
    sent = Image.open(storage.absolute(request.likeness.path))
    cell = Box(*grid.cells[1])
    assert sent.size == (request.likeness.width, request.likeness.height)
    assert abs(sent.width / sent.height - 16 / 9) < 0.05 and sent.width <= cell.width


def test_what_sketch_draws_is_nearer_to_the_cell_than_the_other_cells_are(grid: Grid) -> None:
    def mean(of: Grid, box: list[int]) -> np.ndarray:
        x, y, w, h = box
        return np.asarray(Image.open(storage.absolute(of.file)).crop((x, y, x + w, y + h))).mean((0, 1))

    (made,) = more(grid, 2)
    wanted = mean(grid, grid.cells[1])
    others = [np.abs(mean(grid, c) - wanted).mean() for n, c in enumerate(grid.cells) if n != 1]
    assert max(np.abs(mean(made, c) - wanted).mean() for c in made.cells) < max(others)


def test_more_like_twice_with_one_key_is_asked_for_once(grid: Grid) -> None:
    assert more(grid, 1, key="form", count=2, layout="1x1") == more(grid, 1, key="form", count=2, layout="1x1")
    assert [g.like_cell for g in Grid.objects.filter(like=grid)] == [1, 1]


def test_lines_of_ones_own_replace_the_cells_and_can_be_taken_back(grid: Grid) -> None:
    found = [list(cell) for cell in grid.cells]
    lines = lines_of([Box(*c) for c in found], 2, 2)
    cols, rows = [lines.cols[0] + 10], [lines.rows[0] - 6]
    orchestration.set_cuts(actor=None, grid=grid, cols=cols, rows=rows)
    grid.refresh_from_db()
    assert grid.cuts == {"cols": cols, "rows": rows} and grid.found_cells == found
    now = lines_of([Box(*c) for c in grid.cells], 2, 2)
    assert (list(now.cols), list(now.rows)) == (cols, rows)
    frame = orchestration.pick_start_frame(actor=None, grid=grid, cell=1)
    assert frame.box and Box(*grid.cells[0]).contains(Box(*frame.box))
    orchestration.set_cuts(actor=None, grid=grid, cols=[cols[0] + 4], rows=rows)
    orchestration.clear_cuts(actor=None, grid=grid)
    grid.refresh_from_db()
    assert (grid.cuts, grid.found_cells, grid.cells) == (None, None, found)
    frame.refresh_from_db()
    assert frame.state == "approved"


def test_lines_that_cannot_be_cut_change_nothing(grid: Grid) -> None:
    found = grid.cells
    with pytest.raises(Refusal, match="move them apart"):
        orchestration.set_cuts(actor=None, grid=grid, cols=[3], rows=[90])
    with pytest.raises(Refusal, match="2 lines part the columns"):
        orchestration.set_cuts(actor=None, grid=grid, cols=[100, 200], rows=[90])
    grid.refresh_from_db()
    assert (grid.cells, grid.cuts) == (found, None)


def test_a_single_cell_has_nothing_to_cut(project: Project) -> None:
    only = factories.make_grid_ready(factories.sequence_of(project))
    with pytest.raises(Refusal, match=r"^SEQ01/G1 is a single cell; there is nothing to cut\.$"):
        orchestration.set_cuts(actor=None, grid=only, cols=[], rows=[])


def test_from_a_cell_forward_to_its_takes_and_figures_of_its_prompt(grid: Grid) -> None:
    sequence = grid.sequence
    orchestration.star(actor=None, grid=grid, cell=1)
    frame = orchestration.pick_start_frame(actor=None, grid=grid, cell=3)
    take = factories.make_take(sequence)
    assert takes_of_cells(sequence) == {(grid.pk, 3): [take]}
    assert {place: list(rows) for place, rows in frames_of_cells(sequence).items()} == {(grid.pk, 3): [frame]}
    of = figures([grid], starred([sequence]), frames_of_cells(sequence))[grid.prompt]
    assert (of.grids, of.cells, of.starred, of.picked) == (1, 4, 1, 1)
