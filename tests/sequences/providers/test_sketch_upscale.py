"""The sketch studio makes a picture larger: exact size, same picture, refused in the catalogue's limits."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sequences.providers import catalogue
from sequences.providers.base import Pending, Picture, Ready, Refused, UpscaleRequest
from sequences.providers.sketch import Options, Sketch

WIDTH, HEIGHT = 96, 54


@pytest.fixture(autouse=True)
def shelf() -> Iterator[None]:
    yield
    catalogue.configure({})


@pytest.fixture
def source(tmp_path: Path) -> Picture:
    path = tmp_path / "media" / "still.png"
    path.parent.mkdir()
    Image.radial_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB").save(path)
    return Picture("still.png", hashlib.sha256(path.read_bytes()).hexdigest(), WIDTH, HEIGHT)


def studio(tmp_path: Path, *faults: str) -> Sketch:
    return Sketch(tmp_path / "home", tmp_path / "media", Options(workers=1, faults=faults))


def asked(source: Picture, factor: float = 2.0) -> UpscaleRequest:
    return UpscaleRequest("sketch/upscale", source, factor, 7, "SEQ01 F2")


def drawn(sketch: Sketch, request: UpscaleRequest) -> Ready | Refused:
    number = sketch.submit(request, token="t").request_id
    for _ in range(300):
        answer = sketch.look(number)
        if not isinstance(answer, Pending):
            return answer
        time.sleep(0.05)
    raise AssertionError("not drawn after 15 s")


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_it_is_the_same_picture_and_exactly_so_much_larger(tmp_path: Path, source: Picture, factor: int) -> None:
    sketch = studio(tmp_path)
    answer = drawn(sketch, asked(source, factor))
    assert isinstance(answer, Ready) and answer.file.content_type == "image/png"
    sketch.fetch(answer.file, tmp_path / "larger.png")
    with Image.open(tmp_path / "larger.png") as larger, Image.open(tmp_path / "media" / "still.png") as small:
        assert larger.format == "PNG" and larger.size == (WIDTH * factor, HEIGHT * factor)
        back = np.asarray(larger.resize((WIDTH, HEIGHT), Image.Resampling.BOX), np.int16)
        assert np.abs(back - np.asarray(small, np.int16)).mean() < 3


def test_it_is_paid_by_the_megapixel_of_the_result(tmp_path: Path, source: Picture) -> None:
    catalogue.override("sketch/upscale", price="1.00")
    answer = drawn(studio(tmp_path), asked(source, 2))
    assert isinstance(answer, Ready) and answer.cost_micros == 21_000  # 20,736 pixels, in thousandths rounded up


@pytest.mark.parametrize(
    ("change", "where"),
    [({"factor": 5.0}, "factor"), ({"factor": 1.0}, "factor"), ({"endpoint": "sketch/grid"}, "endpoint")],
)
def test_what_it_does_not_draw(tmp_path: Path, source: Picture, change: dict[str, object], where: str) -> None:
    with pytest.raises(Refused) as refused:
        studio(tmp_path).submit(replace(asked(source), **change), token="t")
    assert refused.value.where == where and refused.value.charged is False


def test_a_picture_that_is_gone_changed_or_would_be_too_large(tmp_path: Path, source: Picture) -> None:
    sketch = studio(tmp_path)
    for bad, where in (
        (replace(source, path="gone.png"), "source"),
        (replace(source, sha256="0" * 64), "source"),
        (replace(source, width=9000), "factor"),
    ):
        with pytest.raises(Refused) as refused:
            sketch.submit(asked(bad), token="t")
        assert refused.value.where == where


def test_it_breaks_down_where_it_is_told_to(tmp_path: Path, source: Picture) -> None:
    answer = drawn(studio(tmp_path, "crash:charged@F2"), asked(source))
    assert isinstance(answer, Refused) and answer.charged is True
