"""Cut lines: between found cells, and cells between a person's lines."""

from __future__ import annotations

import pytest

from sequences.media.grids import BadCrop, Box
from sequences.media.grids.lines import Lines, equal_lines, gutters, lines_of, recut

# 200 x 100, a border of 2, gutters 6 wide across and 4 high down, the upper one 2 to the right of the lower one
CELLS = (Box(2, 2, 97, 44), Box(105, 2, 93, 44), Box(2, 50, 95, 48), Box(103, 50, 95, 48))


def test_lines_lie_in_the_middle_of_the_gutters() -> None:
    assert lines_of(CELLS, 2, 2) == Lines((101,), (48,))
    assert gutters(CELLS, 2, 2) == (4, 6)
    assert equal_lines(200, 100, 2, 3) == Lines((67, 133), (50,))


def test_new_lines_keep_the_gutters_width_and_the_outer_edges() -> None:
    cells = recut(CELLS, 2, 2, Lines((80,), (60,)))
    assert cells == (Box(2, 2, 75, 56), Box(83, 2, 115, 56), Box(2, 62, 75, 36), Box(83, 62, 115, 36))
    assert lines_of(cells, 2, 2) == Lines((80,), (60,))


@pytest.mark.parametrize("wide", range(6))
def test_lines_that_were_cut_are_found_again(wide: int) -> None:
    found = (Box(0, 0, 100, 80), Box(100 + wide, 0, 100, 80))
    for line in (51, 52):
        assert lines_of(recut(found, 1, 2, Lines((line,), ())), 1, 2) == Lines((line,), ())


def test_a_single_cell_has_no_lines() -> None:
    only = (Box(0, 0, 200, 100),)
    assert lines_of(only, 1, 1) == Lines((), ()) and gutters(only, 1, 1) == (0, 0)
    assert recut(only, 1, 1, Lines((), ())) == only


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (Lines((80, 120), (60,)), "2 lines part the columns; this grid has 1 there."),
        (Lines((80,), ()), "0 lines part the rows; this grid has 1 there."),
        (Lines((12,), (60,)), "The lines leave a cell of 7×56 pixels; move them apart."),
        (Lines((300,), (60,)), "The lines leave a cell of -105×56 pixels; move them apart."),
    ],
)
def test_lines_that_leave_no_cell_are_refused(lines: Lines, said: str) -> None:
    with pytest.raises(BadCrop) as caught:
        recut(CELLS, 2, 2, lines)
    assert str(caught.value) == said
