"""What waits for a person is counted in one query, whatever there is."""

from __future__ import annotations

import pytest

from sequences import orchestration
from sequences.orchestration import picking
from sequences.queries import load, open_picks, waiting_count
from sequences.queries.stages import pick_is_open
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


def test_takes_and_open_picks_are_counted_once(django_assert_num_queries: object) -> None:
    project = factories.make_project(sequences=[Plan(), Plan(), Plan()])
    first, second, third = (factories.sequence_of(project, f"SEQ0{n}") for n in (1, 2, 3))
    assert waiting_count(project) == 0
    factories.make_take(first)
    factories.make_take(first, "rejected")
    factories.make_grid_ready(second)
    factories.make_grid_ready(second)
    factories.make_take(third)
    with django_assert_num_queries(1):  # type: ignore[operator]  # a pytest-django fixture
        assert waiting_count(project) == 3
    orchestration.delete_sequence(actor=None, sequence=third)
    assert waiting_count(project) == 2


def test_a_pick_is_closed_by_picking_and_by_generating() -> None:
    project = factories.make_project(sequences=[Plan(), Plan(start_frame=True)])
    first, second = (factories.sequence_of(project, f"SEQ0{n}") for n in (1, 2))
    grid = factories.make_grid_ready(first)
    other = factories.make_grid_ready(second)
    assert set(open_picks(project)) == {grid, other}
    picking.pick_start_frame(actor=None, grid=grid, cell=1)
    assert list(open_picks(project)) == [other]
    factories.make_take(second, "making")
    assert waiting_count(project) == 0


def test_another_project_does_not_count() -> None:
    factories.make_take(factories.sequence_of(factories.make_project(title="Other")))
    assert waiting_count(factories.make_project(title="Mine")) == 0


def test_the_count_agrees_with_the_facts_the_board_counts() -> None:
    project = factories.make_project(sequences=[Plan(), Plan(start_frame=True), Plan()])
    first, second, third = (factories.sequence_of(project, f"SEQ0{n}") for n in (1, 2, 3))
    factories.make_grid_ready(first)
    factories.make_take(second, "approved")
    factories.make_grid_ready(second)
    factories.make_take(third)
    facts = load(project)
    assert waiting_count(project) == sum(len(f.waiting_takes) + pick_is_open(f) for f in facts) == 3
