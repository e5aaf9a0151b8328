"""Generated grid sheets with a known truth, nasty on purpose: what models do to gutters, and what files do to pictures.

A sheet's panels lie between lines. Every cut (the lines parting columns or rows) has a place off the equal
division, a slant, and in `ragged` sheets a place of its own beside each row or column of panels. Panels may have
rounded corners and a thin frame line; both lie between panel and gutter and count as gutter.

The truth of one cell is the set of its own pixels: those that are at least `OWN` panel (anti-aliased coverage,
taken through the same rescaling as the picture). Everything else counts as gutter: gutter, border, frame line,
rounded-off corner, the neighbour's picture, and every edge pixel of which more than a tenth is one of these.
Ringing of JPEG within own pixels does not count. Bars of a letterboxed panel are own
pixels, but a cell may leave them out: nobody wants them in a start frame, and where they have the gutter's colour
or touch another panel's bars nobody can tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from itertools import product

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sequences.media.grids import Box, Layout, largest_crop
from tests.sequences.media.gridscenes import Colour, Random, colour, grained, scene

LAYOUTS = ((2, 2), (3, 3), (2, 2), (3, 3), (1, 1), (2, 3), (4, 1))
OWN = 0.9
RATIO = (16, 9)
BAR = 0.12  # of a letterboxed panel's height, above and below


@dataclass(frozen=True, slots=True)
class Line:
    """A nearly upright (or level) line: where it is at the picture's middle, and its slope."""

    at: float
    slope: float

    def over(self, along: np.ndarray) -> np.ndarray:
        return (self.at + self.slope * along).astype(np.float32)

    def moved(self, by: float) -> Line:
        return replace(self, at=self.at + by)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How one sheet is drawn. Lengths in pixels; cuts[band][index] are the gutters' middle lines."""

    seed: int
    rows: int
    cols: int
    size: tuple[int, int]
    gutter: int
    tint: str
    colours: tuple[Colour, Colour]
    borders: tuple[int, int, int, int]
    radius: float
    frame: int
    frame_colour: Colour
    across: tuple[tuple[Line, ...], ...]
    down: tuple[tuple[Line, ...], ...]
    labels: bool
    letterbox: float
    noise: float
    quality: int
    rescale: float

    @property
    def drifts(self) -> bool:
        """Whether any cut lies more than half a percent of the picture's edge from the equal division, or
        slants visibly."""
        return any(
            abs(line.at - length * (index + 1) / cells) > 0.005 * length or abs(line.slope) > 0.003
            for lines, length, cells in ((self.across, self.size[0], self.cols), (self.down, self.size[1], self.rows))
            for band in lines
            for index, line in enumerate(band)
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The picture and, for each cell, the mask of its own pixels and of those that it has to hold."""

    sheet: Sheet
    picture: Image.Image
    own: tuple[np.ndarray, ...]
    must: tuple[np.ndarray, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One found cell against its truth. `share`: its must-have pixels / those of the best box in the panel."""

    crop_clean: bool
    cell_clean: bool
    share: float
    kind: str

    @property
    def good(self) -> bool:
        return self.crop_clean and self.share >= 0.96


def make_sheet(seed: int, width: int) -> Sheet:
    """A random sheet; the same seed has the same build at any width. Gutters have 0 to 40 pixels, fewer on
    small sheets."""
    draw = np.random.default_rng([seed, 7])
    rows, cols = LAYOUTS[draw.integers(len(LAYOUTS))]
    size = (width, round(width * (9 / 16 if rows != 4 else 1.6)))
    unit = min(1.0, width / 1376)
    gutter = _gutter(draw, unit)
    tint = str(draw.choice(["white", "white", "black", "black", "grey", "coloured"]))
    frame = int(draw.choice([0, 0, 0, max(1, round(draw.uniform(1, 3) * unit))])) if gutter >= 6 else 0
    rounded = gutter >= 4 and draw.random() < 0.25
    ragged = draw.choice(["", "x", "y"])
    borders = _borders(draw, gutter, unit)
    return Sheet(
        seed, rows, cols, size, gutter, tint, _tint(draw, tint), borders,
        draw.uniform(0.01, 0.08) * min(size[0] / cols, size[1] / rows) if rounded else 0.0,
        frame, colour(draw, 0, 256),
        _cuts(draw, size, cols, rows, ragged == "x"), _cuts(draw, size[::-1], rows, cols, ragged == "y"),
        bool(draw.random() < 0.25), float(draw.choice([0, 0, 0, 0.5, 1])), float(draw.choice([0, 0, 2, 5])),
        int(draw.choice([0, draw.integers(40, 70), draw.integers(70, 96)])),
        float(draw.choice([0, 0, draw.uniform(0.55, 0.95)])),
    )  # fmt: skip


def _gutter(draw: Random, unit: float) -> int:
    kind = draw.random()
    if kind < 0.1:
        return 0
    return max(1, round((draw.uniform(1, 6) if kind < 0.22 else draw.uniform(6, 40)) * unit))


def _borders(draw: Random, gutter: int, unit: float) -> tuple[int, int, int, int]:
    """Left, right, top, bottom: none, the gutter's width, another, or one of its own each."""
    kind = int(draw.integers(4)) if gutter else 0
    widths = draw.uniform(4, 60, 4) * unit
    if kind == 3:
        left, right, top, bottom = (round(n) for n in widths)
        return left, right, top, bottom
    same = (0, gutter, round(widths[0]))[kind]
    return same, same, same, same


def _tint(draw: Random, tint: str) -> tuple[Colour, Colour]:
    """The gutter's colour at the picture's first and last corner; every third sheet has a gradient."""
    low, high = {"white": (244, 256), "black": (0, 10), "grey": (70, 200), "coloured": (0, 256)}[tint]
    first = colour(draw, low, high) if tint != "grey" else (int(draw.integers(low, high)),) * 3
    step = draw.integers(-35, 36, 3) if draw.random() < 0.33 else np.zeros(3)
    red, green, blue = (int(n) for n in np.clip(np.array(first) + step, 0, 255))
    return first, (red, green, blue)


def _cuts(draw: Random, size: tuple[int, int], cells: int, bands: int, ragged: bool) -> tuple[tuple[Line, ...], ...]:
    unequal, slant = draw.choice([0, 0.03, 0.12]), float(np.tan(np.radians(draw.choice([0, 0, 0.4, 1]))))
    parts = 1 + draw.uniform(-unequal, unequal, cells)
    middles = np.cumsum(parts / parts.sum())[:-1]
    lines = [Line(float(m) * size[0], draw.uniform(-slant, slant)) for m in middles]
    jitter = draw.uniform(-0.03, 0.03, (bands, cells)) * (size[0] / cells) * ragged
    return tuple(tuple(line.moved(float(jitter[b, i])) for i, line in enumerate(lines)) for b in range(bands))


def draw_sheet(sheet: Sheet) -> Drawn:
    """Paint the sheet, damage it, and keep the truth."""
    draw = np.random.default_rng([sheet.seed, 11])
    canvas = _gutters(sheet)
    truth = np.zeros((*canvas.shape[:2], 4), dtype=np.uint8)  # neighbours go to different channels
    barred: list[tuple[int, int] | None] = []
    boxes = []
    for row, col in product(range(sheet.rows), range(sheet.cols)):
        sides = _sides(sheet, row, col)
        box = _bounds(sheet, sides)
        inside = _inside(sheet, sides, box)
        image, bars = _painted(sheet, draw, box)
        part = canvas[box.y : box.bottom, box.x : box.right]
        if sheet.frame:
            _blend(part, np.asarray(sheet.frame_colour, dtype=np.float32), np.clip(inside + sheet.frame + 0.5, 0, 1))
        cover = np.clip(inside + 0.5, 0, 1)
        _blend(part, np.asarray(image, dtype=np.float32), cover)
        own = truth[box.y : box.bottom, box.x : box.right, row % 2 * 2 + col % 2]
        np.maximum(own, np.round(cover * 255).astype(np.uint8), out=own)
        boxes.append(box)
        barred.append(bars)
    picture, known = _damaged(sheet, draw, Image.fromarray(canvas.round().astype(np.uint8)), truth)
    own_masks = tuple(_mask(sheet, known, boxes, n) for n in range(len(boxes)))
    must = tuple(_without(mask, bars) for mask, bars in zip(own_masks, barred, strict=True))
    return Drawn(sheet, picture, own_masks, must)


def _gutters(sheet: Sheet) -> np.ndarray:
    width, height = sheet.size
    rise = np.add.outer(np.linspace(0, 0.5, height), np.linspace(0, 0.5, width)).astype(np.float32)[..., None]
    first, last = (np.asarray(c, dtype=np.float32) for c in sheet.colours)
    return first + (last - first) * rise


def _sides(sheet: Sheet, row: int, col: int) -> tuple[Line, Line, Line, Line]:
    """The panel's left, right, top and bottom lines."""
    half = sheet.gutter / 2
    (width, height), (left, right, top, bottom) = sheet.size, sheet.borders
    xs = [Line(left - half, 0), *sheet.across[row], Line(width - right + half, 0)]
    ys = [Line(top - half, 0), *sheet.down[col], Line(height - bottom + half, 0)]
    return xs[col].moved(half), xs[col + 1].moved(-half), ys[row].moved(half), ys[row + 1].moved(-half)


def _bounds(sheet: Sheet, sides: tuple[Line, Line, Line, Line]) -> Box:
    """A box round the panel and its frame."""
    (width, height), room = sheet.size, sheet.frame + 2
    slack = [abs(line.slope) * (height if n < 2 else width) / 2 + room for n, line in enumerate(sides)]
    x, y = max(0, int(sides[0].at - slack[0])), max(0, int(sides[2].at - slack[2]))
    right, bottom = min(width, int(sides[1].at + slack[1])), min(height, int(sides[3].at + slack[3]))
    return Box(x, y, right - x, bottom - y)


def _inside(sheet: Sheet, sides: tuple[Line, Line, Line, Line], box: Box) -> np.ndarray:
    """How far each pixel of the box lies inside the panel, rounded corners included; negative outside."""
    x, y = np.arange(box.x, box.right) + 0.5, np.arange(box.y, box.bottom) + 0.5
    mid_x, mid_y = x - sheet.size[0] / 2, y - sheet.size[1] / 2
    left, right = (line.over(mid_y)[:, None] for line in sides[:2])
    top, bottom = (line.over(mid_x)[None, :] for line in sides[2:])
    xs, ys = x.astype(np.float32)[None, :], y.astype(np.float32)[:, None]
    a, b = np.minimum(xs - left, right - xs), np.minimum(ys - top, bottom - ys)
    inside = np.minimum(a, b)
    if sheet.radius:
        r = np.float32(sheet.radius)
        corner = r - np.hypot(np.maximum(r - a, 0), np.maximum(r - b, 0))
        inside = np.where((a < r) & (b < r), corner, inside)
    return inside


def _painted(sheet: Sheet, draw: Random, box: Box) -> tuple[Image.Image, tuple[int, int] | None]:
    """The panel's picture; of a letterboxed one also the rows between the bars."""
    like = sheet.tint if sheet.tint in ("white", "black") else ""
    image, bars = scene(draw, box.width, box.height, like), None
    if sheet.letterbox and draw.random() < sheet.letterbox:
        bar = round(box.height * BAR)
        pen = ImageDraw.Draw(image)
        pen.rectangle([0, 0, box.width, bar - 1], fill=(2, 2, 2))
        pen.rectangle([0, box.height - bar, box.width, box.height], fill=(2, 2, 2))
        bars = (box.y + bar, box.bottom - bar)
    if sheet.labels:
        _label(draw, image)
    return image, bars


def _label(draw: Random, image: Image.Image) -> None:
    """A number in a corner, in a box or bare."""
    tall = max(9, image.height // 12)
    room = int(image.height * draw.uniform(0.02, 0.05)) + 3
    x, y = draw.choice([room, image.width - room - tall]), draw.choice([room, image.height - room - tall])
    pen = ImageDraw.Draw(image)
    if draw.random() < 0.5:
        pen.rectangle([x, y, x + tall, y + tall], fill=colour(draw, 0, 60))
    pen.text((x + tall // 4, y), str(draw.integers(1, 10)), fill=(250, 250, 250), font=ImageFont.load_default(tall))


def _blend(under: np.ndarray, over: np.ndarray, cover: np.ndarray) -> None:
    under += (over - under) * cover[..., None]


def _damaged(sheet: Sheet, draw: Random, image: Image.Image, truth: np.ndarray) -> tuple[Image.Image, np.ndarray]:
    known = Image.fromarray(truth, "CMYK")
    if sheet.rescale:
        small = tuple(round(n * sheet.rescale) for n in sheet.size)
        image, known = (
            each.resize(small, Image.Resampling.BICUBIC).resize(sheet.size, Image.Resampling.BICUBIC)
            for each in (image, known)
        )
    image = grained(draw, image, sheet.noise)
    if sheet.quality:
        file = BytesIO()
        image.save(file, "JPEG", quality=sheet.quality)
        image = Image.open(BytesIO(file.getvalue())).convert("RGB")
    return image, np.asarray(known)


def _mask(sheet: Sheet, known: np.ndarray, boxes: list[Box], number: int) -> np.ndarray:
    row, col = divmod(number, sheet.cols)
    mask = np.zeros(known.shape[:2], dtype=bool)
    box = boxes[number]
    part = known[box.y : box.bottom, box.x : box.right, row % 2 * 2 + col % 2]
    mask[box.y : box.bottom, box.x : box.right] = part >= OWN * 255
    return mask


def _without(mask: np.ndarray, rows: tuple[int, int] | None) -> np.ndarray:
    if rows is None:
        return mask
    kept = np.zeros_like(mask)
    kept[rows[0] : rows[1]] = mask[rows[0] : rows[1]]
    return kept


def judge(drawn: Drawn, layout: Layout) -> list[Judged]:
    """Every cell of a layout against the truth."""
    return [
        _judge(cell, own, must, _kind(drawn.sheet, layout, number))
        for number, (cell, own, must) in enumerate(zip(layout.cells, drawn.own, drawn.must, strict=True))
    ]


def _kind(sheet: Sheet, layout: Layout, number: int) -> str:
    """The weakest kind among the cuts round one cell."""
    row, col = divmod(number, sheet.cols)
    beside = {("x", col - 1, row), ("x", col, row), ("y", row - 1, col), ("y", row, col)}
    kinds = {cut.kind for cut in layout.cuts if (cut.axis, cut.index, cut.band) in beside}
    return next((kind for kind in ("equal", "seam") if kind in kinds), "gutter")


def _judge(cell: Box, own: np.ndarray, must: np.ndarray, kind: str) -> Judged:
    crop = largest_crop(cell, *RATIO)
    share = max(int(_part(mask, cell).sum()) / best_area(mask) for mask in (own, must))
    return Judged(bool(_part(own, crop).all()), bool(_part(own, cell).all()), share, kind)


def _part(mask: np.ndarray, box: Box) -> np.ndarray:
    return mask[box.y : box.bottom, box.x : box.right]


def best_area(mask: np.ndarray) -> int:
    """The area of the largest upright box in a mask without dents (its rows are stretches, widest in the middle)."""
    rows = np.flatnonzero(mask.any(axis=1))
    part = mask[rows[0] : rows[-1] + 1]
    left, right = part.argmax(axis=1), part.shape[1] - part[:, ::-1].argmax(axis=1)
    ends = max(1, round(len(part) * 0.12))
    top, bottom = np.arange(ends)[:, None], np.arange(len(part) - ends, len(part))[None, :]
    wide = np.minimum(right[top], right[bottom]) - np.maximum(left[top], left[bottom])
    return int((wide * (bottom - top + 1)).max())
