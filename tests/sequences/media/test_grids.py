from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from sequences.media.grids import (
    BadCrop,
    BadPicture,
    Box,
    check_crop,
    clamp_crop,
    cut,
    find_cells,
    largest_crop,
    open_picture,
    preview,
)

COLOURS = {"white": (250, 250, 250), "black": (3, 3, 3), "grey": (128, 128, 130), "cream": (236, 230, 214)}


@dataclass(frozen=True)
class Drawn:
    """How one test grid is drawn; the share of the picture its lines drift, the pixels of gutter and border."""

    seed: int
    rows: int
    cols: int
    size: tuple[int, int]
    colour: str
    gutter: int
    border: int
    drift: float
    ragged: float
    noise: float
    quality: int
    blur: float

    @classmethod
    def random(cls, seed: int) -> Drawn:
        draw = np.random.default_rng(seed)
        rows, cols = ((2, 2), (3, 3), (2, 3))[draw.integers(3)]
        size = ((1376, 768), (1180, 660))[draw.integers(2)]
        gutter = int(draw.integers(7, 18))
        return cls(
            seed, rows, cols, size, list(COLOURS)[seed % 4], gutter, int(draw.choice([0, 0, gutter])),
            float(draw.choice([0, 0.02, 0.05])), float(draw.choice([0, 0.01])), float(draw.choice([0, 3])),
            int(draw.choice([0, 70, 88])), float(draw.choice([0, 0.6])),
        )  # fmt: skip

    def picture(self) -> tuple[Image.Image, list[Box]]:
        """The grid picture and its panels' true boxes."""
        draw = np.random.default_rng(self.seed + 1000)
        width, height = self.size
        image = Image.new("RGB", self.size, COLOURS[self.colour])
        ys = _lines(draw, height, self.rows, self.border, self.drift)
        even = _lines(draw, width, self.cols, self.border, self.drift)
        panels = []
        for top, bottom in zip(ys, ys[1:], strict=False):
            inner = [x + draw.uniform(-self.ragged, self.ragged) * width for x in even[1:-1]]
            xs = [even[0], *inner, even[-1]]
            for left, right in zip(xs, xs[1:], strict=False):
                box = self._panel(left, top, right, bottom)
                image.paste(scene(draw, box.width, box.height), (box.x, box.y))
                panels.append(box)
        return self._damaged(image, draw), panels

    def _panel(self, left: float, top: float, right: float, bottom: float) -> Box:
        width, height = self.size
        half = self.gutter / 2
        x0 = self.border if left <= self.border else int(np.ceil(left + half))
        y0 = self.border if top <= self.border else int(np.ceil(top + half))
        x1 = width - self.border if right >= width - self.border else int(right - half)
        y1 = height - self.border if bottom >= height - self.border else int(bottom - half)
        return Box(x0, y0, x1 - x0, y1 - y0)

    def _damaged(self, image: Image.Image, draw: np.random.Generator) -> Image.Image:
        if self.blur:
            image = image.filter(ImageFilter.GaussianBlur(self.blur))
        if self.noise:
            noisy = np.asarray(image) + draw.normal(0, self.noise, (*self.size[::-1], 3))
            image = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
        if self.quality:
            file = BytesIO()
            image.save(file, "JPEG", quality=self.quality)
            image = Image.open(file).convert("RGB")
        return image


def _lines(draw: np.random.Generator, length: int, cells: int, border: int, drift: float) -> list[float]:
    step = (length - 2 * border) / cells
    inner = [border + n * step + draw.uniform(-drift, drift) * length for n in range(1, cells)]
    return [border, *inner, length - border]


def scene(draw: np.random.Generator, width: int, height: int) -> Image.Image:
    """A landscape of a kind: a graded sky, a ground of another colour, shapes before it, fine grain over all."""
    sky, ground = draw.integers(40, 220, 3), draw.integers(20, 200, 3)
    rise = np.linspace(0, 1, height)[:, None, None]
    pixels = np.broadcast_to(sky * (1 - rise) + ground * rise, (height, width, 3))
    image = Image.fromarray(pixels.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        x, y, size = (int(draw.integers(0, n)) for n in (width, height, width // 4))
        fill = tuple(int(n) for n in draw.integers(0, 256, 3))
        pen.polygon([(x, y), (x + size, y + size // 2), (x - size // 3, y + size)], fill=fill)
        pen.ellipse([y, x, y + size, x + size // 2], fill=fill[::-1])
    grain = draw.normal(0, 4, (height, width, 1)) + np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)))
    return Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", range(60))
def test_cells_hold_no_gutter_and_nearly_the_whole_panel(seed: int) -> None:
    image, panels = (drawn := Drawn.random(seed)).picture()
    layout = find_cells(image, drawn.rows, drawn.cols)
    assert len(layout.cells) == drawn.rows * drawn.cols
    for cell, panel in zip(layout.cells, panels, strict=True):
        assert panel.contains(cell), drawn
        assert cell.width * cell.height >= 0.96 * panel.width * panel.height, drawn
    assert layout.found


def test_a_border_is_trimmed_where_pictures_have_its_colour() -> None:
    drawn = Drawn(5, 2, 2, (1376, 768), "black", 8, 8, 0, 0, 0, 0, 0)
    image, panels = drawn.picture()
    image.paste(COLOURS["black"], (0, 700, 1376, 768))
    for cell, panel in zip(find_cells(image, 2, 2).cells, panels, strict=True):
        assert panel.contains(cell)


def test_a_dark_edge_without_a_border_stays() -> None:
    drawn = Drawn(5, 2, 2, (1376, 768), "black", 8, 0, 0, 0, 0, 0, 0)
    image, panels = drawn.picture()
    image.paste(COLOURS["black"], (0, 0, 500, 30))
    for cell, panel in zip(find_cells(image, 2, 2).cells, panels, strict=True):
        assert panel.contains(cell)
        assert cell.width * cell.height >= 0.96 * panel.width * panel.height


def test_a_gutter_is_measured() -> None:
    drawn = Drawn(5, 2, 2, (1376, 768), "white", 12, 0, 0, 0, 0, 0, 0)
    layout = find_cells(drawn.picture()[0], 2, 2)
    for found in layout.cuts:
        assert found.found
        assert 12 <= found.end - found.start <= 16
    assert {(c.axis, c.index, c.band) for c in layout.cuts} == {
        (axis, 0, band) for axis in ("x", "y") for band in (0, 1)
    }


def test_touching_pictures_are_parted_at_their_seam() -> None:
    draw = np.random.default_rng(3)
    image = Image.new("RGB", (1200, 680))
    for x, y, w, h in ((0, 0, 570, 350), (570, 0, 630, 350), (0, 350, 570, 330), (570, 350, 630, 330)):
        image.paste(scene(draw, w, h), (x, y))
    layout = find_cells(image, 2, 2)
    assert not layout.found
    assert {found.kind for found in layout.cuts} == {"seam"}
    assert Box(0, 0, 570, 350).contains(layout.cells[0])
    assert Box(570, 350, 630, 330).contains(layout.cells[3])
    assert layout.cells[0].width * layout.cells[0].height > 0.96 * 570 * 350


def test_one_smooth_picture_is_divided_evenly() -> None:
    row = np.linspace(30, 220, 900)[None, :, None]
    image = Image.fromarray(np.broadcast_to(row, (600, 900, 3)).astype(np.uint8))
    layout = find_cells(image, 2, 3)
    assert not layout.found
    for number, cell in enumerate(layout.cells):
        assert Box(number % 3 * 300, number // 3 * 300, 300, 300).contains(cell)
        assert cell.width > 290 and cell.height > 290


def test_a_single_keyframe_is_one_whole_cell() -> None:
    image = scene(np.random.default_rng(8), 640, 360)
    layout = find_cells(image, 1, 1)
    assert layout.cells == (Box(0, 0, 640, 360),)
    assert layout.found


@pytest.mark.parametrize(("cell", "expected"), [
    (Box(10, 20, 1600, 900), Box(10, 20, 1600, 900)),
    (Box(0, 0, 1000, 900), Box(0, 169, 1000, 562)),
    (Box(5, 0, 1703, 901), Box(56, 0, 1600, 900)),
])  # fmt: skip
def test_the_largest_crop_is_centred_and_even(cell: Box, expected: Box) -> None:
    crop = largest_crop(cell, 16, 9)
    assert crop == expected
    check_crop(crop, (4000, 4000), (16, 9))


def test_a_crop_is_moved_and_shrunk_into_its_cell() -> None:
    cell = Box(100, 100, 400, 300)
    assert clamp_crop(Box(450, 90, 320, 180), cell, (16, 9)) == Box(180, 100, 320, 180)
    shrunk = clamp_crop(Box(0, 0, 1600, 900), cell, (16, 9))
    assert cell.contains(shrunk)
    check_crop(shrunk, (800, 800), (16, 9))


@pytest.mark.parametrize(("box", "sentence"), [
    (Box(900, 0, 160, 90), "leaves the picture of 1000×600 pixels; move it inside."),
    (Box(-1, 0, 160, 90), "leaves the picture of 1000×600 pixels; move it inside."),
    (Box(0, 0, 0, 90), "The crop has no area; draw a rectangle on the picture."),
    (Box(0, 0, 160, 96), "is not 16:9; at that width it must be 90 pixels high."),
    (Box(0, 0, 16, 9), "is too small; its short edge needs 16 pixels."),
])  # fmt: skip
def test_a_bad_crop_is_refused(box: Box, sentence: str) -> None:
    with pytest.raises(BadCrop) as refusal:
        check_crop(box, (1000, 600), (16, 9), 0)
    assert str(refusal.value).endswith(sentence)


def test_a_cut_has_exactly_the_source_pixels(tmp_path: Path) -> None:
    image = scene(np.random.default_rng(1), 300, 200)
    image.save(tmp_path / "grid.png")
    facts = cut(tmp_path / "grid.png", Box(40, 30, 160, 90), tmp_path / "cell.png")
    assert Image.open(tmp_path / "cell.png").tobytes() == image.crop((40, 30, 200, 120)).tobytes()
    assert (facts.width, facts.height) == (160, 90)
    assert facts.bytes == (tmp_path / "cell.png").stat().st_size
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cell.png", "grid.png"]


def test_a_cut_is_scaled_when_asked(tmp_path: Path) -> None:
    scene(np.random.default_rng(1), 300, 200).save(tmp_path / "grid.jpg")
    facts = cut(tmp_path / "grid.jpg", Box(0, 0, 160, 90), tmp_path / "cell.jpg", size=(320, 180))
    assert Image.open(tmp_path / "cell.jpg").size == (facts.width, facts.height) == (320, 180)


def test_a_cut_outside_leaves_no_file(tmp_path: Path) -> None:
    scene(np.random.default_rng(1), 300, 200).save(tmp_path / "grid.png")
    with pytest.raises(BadCrop, match="leaves the picture of 300×200 pixels"):
        cut(tmp_path / "grid.png", Box(200, 0, 160, 90), tmp_path / "cell.png")
    assert [p.name for p in tmp_path.iterdir()] == ["grid.png"]


def test_an_upright_picture_comes_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (80, 40), "red").save(tmp_path / "phone.jpg", exif=exif)
    assert open_picture(tmp_path / "phone.jpg").size == (40, 80)
    assert preview(tmp_path / "phone.jpg", tmp_path / "small.webp", 20).height == 20


def test_a_preview_is_never_enlarged(tmp_path: Path) -> None:
    Image.new("RGB", (80, 40), "red").save(tmp_path / "a.png")
    facts = preview(tmp_path / "a.png", tmp_path / "b.jpg", 400)
    assert (facts.width, facts.height) == (80, 40)


def test_transparency_lies_on_black(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "a.png")
    picture = open_picture(tmp_path / "a.png")
    assert picture.mode == "RGB" and picture.getpixel((5, 5)) == (0, 0, 0)


def _refused(path: Path) -> str:
    with pytest.raises(BadPicture) as refusal:
        open_picture(path, what="start frame")
    return str(refusal.value)


def test_refusals_say_what_is_wrong(tmp_path: Path) -> None:
    text = tmp_path / "a.png"
    text.write_text("not a picture at all")
    assert _refused(text) == "The start frame is not a picture; send a PNG, JPEG or WebP file."
    assert _refused(tmp_path / "none.png") == "The start frame none.png does not exist."


def test_a_truncated_picture_is_refused(tmp_path: Path) -> None:
    for suffix in ("jpg", "png", "webp"):
        whole = tmp_path / f"whole.{suffix}"
        scene(np.random.default_rng(1), 200, 200).save(whole)
        half = tmp_path / f"half.{suffix}"
        half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        assert _refused(half).endswith(("send it again.", "send a PNG, JPEG or WebP file."))


def test_an_animation_and_another_format_are_refused(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), c) for c in ("red", "blue")]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "b.gif")
    assert _refused(tmp_path / "a.webp") == "The start frame is an animation; send a single still picture."
    assert _refused(tmp_path / "b.gif") == "The start frame is a GIF file; send a PNG, JPEG or WebP file."


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    Image.new("1", (13_000, 10_000)).save(tmp_path / "a.png")
    assert _refused(tmp_path / "a.png") == "The start frame has more than 120 megapixels; send a smaller one."
