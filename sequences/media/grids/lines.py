"""Cut lines of a grid: where they lie between found cells, and the cells a person's own lines give. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sequences.media.grids.boxes import SMALLEST, BadCrop, Box

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Lines:
    """The middle of each gutter in pixels of the whole picture: x between columns, y between rows."""

    cols: tuple[int, ...]
    rows: tuple[int, ...]


def lines_of(cells: Sequence[Box], rows: int, cols: int) -> Lines:
    """The lines between found cells, which come left to right, top to bottom."""
    across, down = _gaps(cells, rows, cols)
    return Lines(tuple(_middle(gap) for gap in across), tuple(_middle(gap) for gap in down))


def equal_lines(width: int, height: int, rows: int, cols: int) -> Lines:
    """The lines of equal division."""
    return Lines(
        tuple(round(width * n / cols) for n in range(1, cols)),
        tuple(round(height * n / rows) for n in range(1, rows)),
    )


def gutters(cells: Sequence[Box], rows: int, cols: int) -> tuple[int, int]:
    """The narrowest and the widest gutter in pixels; zeros for a single cell."""
    across, down = _gaps(cells, rows, cols)
    wide = [max(0, b - a) for gap in across + down for a, b in gap]
    return (min(wide), max(wide)) if wide else (0, 0)


def recut(found: Sequence[Box], rows: int, cols: int, lines: Lines) -> tuple[Box, ...]:
    """The cells that lie between `lines`: each gutter keeps the width it was found with, the outer edges stay.

    Raises BadCrop when the number of lines is wrong, or a cell would be less than 16 pixels wide or high.
    """
    across, down = _gaps(found, rows, cols)
    _counted("columns", lines.cols, cols - 1)
    _counted("rows", lines.rows, rows - 1)
    x_edges = [_edges(line, gap) for line, gap in zip(lines.cols, across, strict=True)]
    y_edges = [_edges(line, gap) for line, gap in zip(lines.rows, down, strict=True)]
    return tuple(_cell(cell, n % cols, n // cols, x_edges, y_edges) for n, cell in enumerate(found))


def _gaps(cells: Sequence[Box], rows: int, cols: int) -> tuple[list[Spans], list[Spans]]:
    """For every cut the stretch between the two cells beside it, one a row (column) of cells."""
    at = [[cells[row * cols + col] for col in range(cols)] for row in range(rows)]
    across = [[(at[r][c].right, at[r][c + 1].x) for r in range(rows)] for c in range(cols - 1)]
    down = [[(at[r][c].bottom, at[r + 1][c].y) for c in range(cols)] for r in range(rows - 1)]
    return across, down


def _middle(gap: Spans) -> int:
    # rounded down as `_edges` does, so that lines cut and found again are the same lines
    return int(median((first + last) / 2 for first, last in gap))


def _edges(line: int, gap: Spans) -> tuple[int, int]:
    """Where the cell before ends and the one after begins."""
    wide = max(0, round(median(last - first for first, last in gap)))
    first = line - wide // 2
    return first, first + wide


def _counted(what: str, lines: Sequence[int], wanted: int) -> None:
    if len(lines) != wanted:
        raise BadCrop(f"{len(lines)} lines part the {what}; this grid has {wanted} there.")


def _cell(cell: Box, col: int, row: int, x_edges: Spans, y_edges: Spans) -> Box:
    left = x_edges[col - 1][1] if col else cell.x
    right = x_edges[col][0] if col < len(x_edges) else cell.right
    top = y_edges[row - 1][1] if row else cell.y
    bottom = y_edges[row][0] if row < len(y_edges) else cell.bottom
    if min(right - left, bottom - top) < SMALLEST:
        raise BadCrop(f"The lines leave a cell of {right - left}×{bottom - top} pixels; move them apart.")
    return Box(left, top, right - left, bottom - top)
