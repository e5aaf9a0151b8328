"""What other tests stand on."""

from __future__ import annotations

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def test_a_grid_is_drawn_and_waits() -> None:
    project = factories.make_project()
    grid = factories.make_grid_ready(factories.sequence_of(project), "2x2")
    assert (grid.state, len(grid.cells)) == ("waiting", 4)


@pytest.mark.parametrize("state", ["making", "waiting", "approved", "rejected", "failed"])
def test_a_take_stands_as_asked(state: str) -> None:
    project = factories.make_project()
    take = factories.make_take(factories.sequence_of(project), state)
    assert take.state == state
