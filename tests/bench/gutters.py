"""How many cells the gutter finder gets right on generated sheets.

`python -m tests.bench.gutters --grids 200 --seed 1` prints a table. Sheets whose panels touch have no gutter to find:
they are in "all", not in "all with a gutter".
A cell is right when its default crop (16:9) holds no gutter pixel and the cell holds at least 96 % of what the best
box in its panel holds; tests/sequences/media/gridmaker.py says exactly what counts.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from time import process_time

from sequences.media.grids import find_cells
from tests.sequences.media.gridmaker import Judged, Sheet, draw_sheet, judge, make_sheet


@dataclass(frozen=True, slots=True)
class Measured:
    """One sheet, its cells judged, and the seconds of CPU the finder took."""

    sheet: Sheet
    cells: list[Judged]
    seconds: float


def measure(seed: int, width: int) -> Measured:
    """Draw the sheet of this seed, find its cells, judge them."""
    drawn = draw_sheet(make_sheet(seed, width))
    start = process_time()
    layout = find_cells(drawn.picture, drawn.sheet.rows, drawn.sheet.cols)
    return Measured(drawn.sheet, judge(drawn, layout), process_time() - start)


def groups(sheet: Sheet) -> Iterator[str]:
    """The lines of the table that a sheet belongs to."""
    yield "all"
    if sheet.gutter:
        yield "all with a gutter"
    yield f"{sheet.rows}×{sheet.cols}"
    yield f"tint {sheet.tint}"
    gutter = "none" if not sheet.gutter else "1-5 px" if sheet.gutter < 6 else "6 px and more"
    yield f"gutter {gutter}"
    flags = {
        "drifting": sheet.drifts, "rounded": sheet.radius, "frame line": sheet.frame, "labels": sheet.labels,
        "letterboxed": sheet.letterbox, "noise": sheet.noise, "JPEG below 70": 0 < sheet.quality < 70,
        "rescaled": sheet.rescale, "gradient": sheet.colours[0] != sheet.colours[1], "border": any(sheet.borders),
    }  # fmt: skip
    yield from (name for name, is_so in flags.items() if is_so)


def table(measured: Iterable[Measured]) -> str:
    """Cells, right cells, clean crops, clean cells, large enough cells and cells beside an equal division, a group."""
    cells: dict[str, list[Judged]] = defaultdict(list)
    for each in measured:
        for name in groups(each.sheet):
            cells[name].extend(each.cells)
    head = f"{'':22}{'cells':>7}{'right':>9}{'crop':>9}{'cell':>9}{'96 %':>9}{'equal':>7}"
    return "\n".join([head, *(_row(name, cells[name]) for name in sorted(cells))])


def share(cells: list[Judged], right: Callable[[Judged], bool]) -> float:
    """The share of cells that are right, 0..1."""
    return sum(map(right, cells)) / max(1, len(cells))


def _row(name: str, cells: list[Judged]) -> str:
    tests: tuple[Callable[[Judged], bool], ...] = (
        lambda c: c.good, lambda c: c.crop_clean, lambda c: c.cell_clean, lambda c: c.share >= 0.96,
    )  # fmt: skip
    figures = "".join(f"{share(cells, test):>9.1%}" for test in tests)
    return f"{name:22}{len(cells):>7}{figures}{sum(c.kind == 'equal' for c in cells):>7}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=5504)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--bad", action="store_true", help="list the sheets with wrong cells")
    options = parser.parse_args()
    seeds = range(options.seed * 1000, options.seed * 1000 + options.grids)
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(pool.map(measure, seeds, [options.width] * len(seeds)))
    for each in found if options.bad else ():
        if wrong := [(n, c) for n, c in enumerate(each.cells) if not c.good]:
            print(each.sheet.seed, each.sheet.tint, each.sheet.gutter, wrong)
    print(table(found))
    seconds = sorted(each.seconds for each in found)
    print(f"seconds of CPU a sheet: median {seconds[len(seconds) // 2]:.3f}, longest {seconds[-1]:.3f}")


if __name__ == "__main__":
    main()
