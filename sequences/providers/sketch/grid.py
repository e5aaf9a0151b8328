"""Draws one grid: candidate frames of one prompt, with the thin, uneven gutters that paid models draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from sequences.providers.base import GridRequest
from sequences.providers.sketch import nearness
from sequences.providers.sketch.likeness import spoken
from sequences.providers.sketch.scenes import paint

Watch = Callable[[float, str], None]
Span = tuple[int, int]

_DRIFT = 0.012
_LINES = ((9, 9, 11), (236, 235, 231), (22, 24, 30), (250, 250, 250))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cells lie (first pixel, pixel after the last), and the colour of the gutters."""

    columns: tuple[Span, ...]
    rows: tuple[Span, ...]
    line: tuple[int, int, int]


def layout(request: GridRequest) -> Layout:
    """Gutters of a few pixels, each off equal division by up to 1.2 % of the edge; none for a single cell."""
    if request.rows == request.cols == 1:
        return Layout(((0, request.width),), ((0, request.height),), _LINES[0])
    rng = np.random.default_rng([request.seed, 0x6A1D])
    scale = max(request.width, request.height) / 2752
    thick = max(2, round(float(rng.uniform(5, 14)) * scale))
    border = thick if rng.random() < 0.3 else 0
    line = _LINES[int(rng.integers(len(_LINES)))]
    return Layout(
        _spans(rng, request.width, request.cols, thick, border),
        _spans(rng, request.height, request.rows, thick, border),
        line,
    )


def _spans(rng: np.random.Generator, edge: int, count: int, thick: int, border: int) -> tuple[Span, ...]:
    spans, first = [], border
    for gap in range(1, count):
        middle = edge * gap / count + float(rng.uniform(-_DRIFT, _DRIFT)) * edge
        width = thick + int(rng.integers(-1, 2)) * (thick > 3)
        last = round(middle - width / 2)
        spans.append((first, last))
        first = last + width
    return (*spans, (first, edge - border))


def draw(
    request: GridRequest,
    target: Path,
    watch: Watch,
    *,
    near: Image.Image | None = None,
    picture_format: str = "jpeg",
    flaw: str = "",
) -> None:
    """Write the picture to `target`; `watch` may raise to stop. `flaw` goes wrong: `black` or `size`.

    All cells stay near the picture `near`: its framing, as far as a prompt's scene has it, and its colours.
    """
    where = layout(request)
    sheet = Image.new("RGB", (request.width, request.height), where.line)
    prompt = spoken(request.prompt, request.elements)
    cells = [(row, column) for row in where.rows for column in where.columns]
    variants = _variants(prompt, request.seed, len(cells), near)
    told = [_told(request, n) or prompt for n in range(len(cells))]
    for number, ((top, bottom), (left, right)) in enumerate(cells):
        watch(number / len(cells), f"drawing cell {number + 1} of {len(cells)}")
        if flaw != "black":
            cell = paint(told[number], request.seed, right - left, bottom - top, variant=variants[number])
            sheet.paste(nearness.coloured(cell, near) if near else cell, (left, top))
    if flaw == "black":
        sheet = Image.new("RGB", sheet.size)
    if flaw == "size":
        sheet = sheet.resize((max(1, sheet.width // 2), max(1, sheet.height // 2)))
    watch(1.0, "saving")
    _save(sheet, target, picture_format)


def _told(request: GridRequest, number: int) -> str:
    """What a panel shows of its own; empty when it shows what all do."""
    text = request.cells[number] if number < len(request.cells) else ""
    return spoken(text, request.elements) if text.strip() else ""


def _variants(prompt: str, seed: int, count: int, near: Image.Image | None) -> list[int]:
    return nearness.ranked(near, prompt, seed)[:count] if near else list(range(count))


def _save(sheet: Image.Image, target: Path, picture_format: str) -> None:
    if picture_format == "png":
        sheet.save(target, "PNG", compress_level=3)
    else:
        sheet.save(target, "JPEG", quality=92, subsampling=0)
