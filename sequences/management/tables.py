"""Tables for people on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 400  # columns where stdout is no terminal and has no width of its own: paths stay whole


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; a column whose name ends with `>` is set to the right."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        made.add_column(name.removesuffix(">"), justify="right" if name.endswith(">") else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def console_of(stream: Any) -> Console:
    """A console on a command's stdout or stderr."""
    # Django's wrapper ends every write with a new line, which would tear tables and bars apart
    return Console(file=getattr(stream, "_out", stream), markup=False, highlight=False)


def show(stream: Any, made: Table) -> None:
    """Print it on a command's stdout."""
    console = console_of(stream)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(made)
