"""The sketch studio draws towards an end frame: the clip's last frame is that picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sequences.providers import catalogue
from sequences.providers.base import Picture, Refused, ShotAsk
from sequences.providers.sketch.desk import Tray
from tests.sequences.providers.test_sketch import CLIP, frames, jumps, made, picture, sketch


@pytest.fixture(autouse=True)
def _small_start_pictures_are_enough() -> Iterator[None]:
    catalogue.configure({"sketch/clip": {"min_start_edge": 64}})
    yield
    catalogue.configure({})


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    return tmp_path / "media"


def test_the_last_half_second_fades_into_the_end_picture(media: Path) -> None:
    end = picture(media)
    seen = frames(made(sketch(media), replace(CLIP, end=end, slate=False)))
    given = np.asarray(Image.open(media / "start.png").convert("RGB"), np.int16)
    away = [float(np.abs(frame - given).mean()) for frame in seen]
    assert away[-1] < 5
    assert min(away[:12]) > 15
    assert away[12:] == sorted(away[12:], reverse=True)
    assert max(jumps(seen)) < 12, "it fades and does not cut"


def test_the_end_picture_is_kept_with_the_call_and_checked(media: Path) -> None:
    end, desk = picture(media), sketch(media)
    call = desk.submit(replace(CLIP, end=end), token="one")
    assert Tray(desk.home, call.request_id).end.read_bytes() == (media / "start.png").read_bytes()
    gone = Picture("other.png", end.sha256, end.width, end.height)
    with pytest.raises(Refused, match=r"^The end picture other\.png could not be read\.$"):
        desk.submit(replace(CLIP, end=gone), token="two")
    two = replace(CLIP, end=end, shots=(*CLIP.shots, ShotAsk(2, "rain", 1)))
    with pytest.raises(Refused, match=r"^sketch/clip takes an end frame with a single shot only\.$"):
        desk.submit(two, token="three")
