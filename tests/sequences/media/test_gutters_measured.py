"""The gutter finder measured on generated sheets; tests/bench/gutters.py prints the same figures as a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sequences.media.grids import Box, find_cells, largest_crop
from tests.bench.gutters import Measured, measure, share
from tests.sequences.media.gridmaker import draw_sheet, judge, make_sheet

WIDTH = 960


def _cells(measured: list[Measured], *, least_gutter: int) -> float:
    cells = [cell for each in measured if each.sheet.gutter >= least_gutter for cell in each.cells]
    return share(cells, lambda cell: cell.good)


def _drifting_by_equal_division(measured: list[Measured]) -> list[int]:
    """Sheets with gutters off the equal division of which some cell still was cut by it."""
    drifting = [each for each in measured if each.sheet.drifts and each.sheet.gutter]
    return [each.sheet.seed for each in drifting if any(cell.kind == "equal" for cell in each.cells)]


def test_the_truth_of_a_sheet_is_its_panels() -> None:
    """The judge itself: panels do not overlap, and a cell grown over its panel's edge is found out."""
    sheet = next(s for s in (make_sheet(n, 640) for n in range(50)) if s.gutter > 8 and not s.radius)
    drawn = draw_sheet(sheet)
    mask = drawn.own[0]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert mask.sum() <= len(rows) * len(columns)
    assert not any((mask & other).any() for other in drawn.own[1:])
    layout = find_cells(drawn.picture, sheet.rows, sheet.cols)
    whole = replace(layout, cells=(Box(0, 0, *sheet.size),) * len(layout.cells))
    assert not any(each.good or each.cell_clean for each in judge(drawn, whole))


def test_most_cells_hold_no_gutter_and_nearly_all_of_their_panel() -> None:
    measured = [measure(seed, WIDTH) for seed in range(9000, 9016)]
    assert _cells(measured, least_gutter=1) >= 0.92
    assert _cells(measured, least_gutter=0) >= 0.9
    assert _drifting_by_equal_division(measured) == []


@pytest.mark.bench
def test_on_200_sheets() -> None:
    measured = [measure(seed, WIDTH) for seed in range(1000, 1200)]
    assert _cells(measured, least_gutter=1) >= 0.91
    assert _cells(measured, least_gutter=0) >= 0.9
    assert _drifting_by_equal_division(measured) == []


def test_a_slanted_gutter_leaves_the_default_crop_clean() -> None:
    seeds = [n for n in range(200) if any(abs(line.slope) > 0.01 for line in make_sheet(n, 960).across[0])][:4]
    for seed in seeds:
        drawn = draw_sheet(make_sheet(seed, WIDTH))
        layout = find_cells(drawn.picture, drawn.sheet.rows, drawn.sheet.cols)
        assert layout.kind != "equal"
        for cell in layout.cells:
            assert cell.contains(largest_crop(cell, 16, 9))
