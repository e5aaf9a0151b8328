from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sequences.media.checks import FIELDS, Asked, BadLimits, Finding, Limits, run
from sequences.media.checks.measure import ssim
from sequences.media.video import BadVideo
from tests.sequences.media.conftest import Clips

SIZE = (320, 180)


def moving(scene: int, step: int) -> np.ndarray:
    """A patchwork that slides to the left."""
    draw = np.random.default_rng(scene)
    patches = np.kron(draw.integers(40, 230, (6, 24, 3)), np.ones((30, 30, 1)))
    return patches[:180, step * 2 : step * 2 + 320].astype(np.uint8)


def scripted(number: int) -> np.ndarray:
    """Scene 1, black, scene 2, standing still from 60 to 89, a cut at 100, black from 112 to the end."""
    if 30 <= number < 45 or number >= 112:
        return np.zeros((180, 320, 3), np.uint8)
    if number < 30:
        return moving(1, number)
    return moving(2, number - 45 if number < 60 else max(15, number - 74)) if number < 100 else moving(3, number - 100)


def two_shots(number: int) -> np.ndarray:
    return moving(1, number) if number < 24 else moving(2, number - 24)


def gates(path: Path, asked: Asked, limits: Limits | None = None) -> dict[str, Finding]:
    return {finding.name: finding for finding in run(path, asked, limits)}


def asked(frames: int, cuts: tuple[int, ...] = (), rate: str = "24", **more: object) -> Asked:
    return Asked(frames, *SIZE, Fraction(rate), cuts, **more)  # type: ignore[arg-type]  # passed through as given


@pytest.mark.parametrize("rate", ["24", "25", "30000/1001"])
def test_trouble_is_measured_and_placed(clips: Clips, rate: str) -> None:
    path = clips.make(f"trouble{rate.replace('/', '_')}", 120, rate, size=SIZE, draw=scripted)
    found = gates(path, asked(120, (100,), rate))
    assert found["black"].result == "fail"
    assert found["black"].spans == ((30, 44), (112, 119))
    assert found["black"].figure == pytest.approx(15 / Fraction(rate))
    assert found["frozen"].result == "fail"
    ((first, last),) = found["frozen"].spans
    assert abs(first - 60) <= 1 and abs(last - 89) <= 1
    assert found["cuts"].result == "pass", found["cuts"]
    assert found["duration"].result == found["size"].result == found["rate"].result == "pass"


def test_an_entirely_black_take_is_black_and_not_frozen(clips: Clips) -> None:
    path = clips.make("black", 48, size=SIZE, draw=lambda n: np.zeros((180, 320, 3), np.uint8))
    found = gates(path, asked(48))
    assert found["black"].spans == ((0, 47),)
    assert found["frozen"].measured == "none"


def test_a_take_that_stands_still_to_its_end_is_frozen(clips: Clips) -> None:
    path = clips.make("stops", 60, size=SIZE, draw=lambda n: moving(4, min(n, 20)))
    ((first, last),) = gates(path, asked(60))["frozen"].spans
    assert abs(first - 20) <= 1 and last == 59


def test_planned_cuts_are_found_and_others_reported(clips: Clips) -> None:
    path = clips.make("two_shots", 48, size=SIZE, draw=two_shots)
    assert gates(path, asked(48, (25,)))["cuts"].measured == "1 of 1 planned"
    unplanned = gates(path, asked(48))["cuts"]
    assert (unplanned.result, unplanned.spans) == ("fail", ((24, 24),))
    assert unplanned.measured == "0 of 0 planned; 1 unplanned at frame 24"
    missing = gates(path, asked(48, (12, 24)))["cuts"]
    assert (missing.result, missing.spans) == ("warn", ((12, 12),))
    assert gates(path, asked(48, (12, 24)), Limits(missing_cuts=0))["cuts"].result == "fail"


def test_shape_is_compared_with_what_was_asked(clips: Clips) -> None:
    path = clips.make("two_shots", 48, size=SIZE, draw=two_shots)
    found = gates(path, Asked(45, 640, 360, Fraction(25)))
    assert (found["duration"].result, found["duration"].figure) == ("fail", 3)
    assert found["duration"].measured == "48 frames, +3"
    assert found["duration"].spans == ((45, 47),)
    assert (found["size"].result, found["size"].measured, found["size"].limit) == ("fail", "320×180", "640×360")
    assert (found["rate"].result, found["rate"].measured) == ("fail", "24 fps")
    assert gates(path, asked(47))["duration"].result == "pass"


def test_the_first_frame_is_held_against_the_start_frame(clips: Clips, tmp_path: Path) -> None:
    path = clips.make("two_shots", 48, size=SIZE, draw=two_shots)
    Image.fromarray(moving(1, 0)).resize((1280, 720)).save(tmp_path / "same.png")
    Image.fromarray(moving(9, 0)).save(tmp_path / "other.png")
    same = gates(path, asked(48, start=tmp_path / "same.png"))["start_frame"]
    assert same.result == "pass" and same.figure > 0.95
    other = gates(path, asked(48, start=tmp_path / "other.png"))["start_frame"]
    assert (other.result, other.spans) == ("fail", ((0, 0),))
    loose = gates(path, asked(48, start=tmp_path / "other.png", start_exact=False))["start_frame"]
    assert loose.result == "warn"


def test_likeness_of_a_picture_with_itself_is_one() -> None:
    picture = np.random.default_rng(1).uniform(0, 255, (180, 320))
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(picture, picture[::-1]) < 0.2


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("nothing")
    with pytest.raises(BadVideo, match="is not a video file"):
        run(tmp_path / "a.mp4", asked(10))


def test_limits_go_to_plain_values_and_back() -> None:
    limits = Limits.from_dict({"black_seconds": "0.5", "extra_cuts": "2"})
    assert (limits.black_seconds, limits.extra_cuts, limits.frozen_seconds) == (0.5, 2, 0.75)
    assert Limits.from_dict(limits.to_dict()) == limits
    assert {field.name for field in FIELDS} == set(limits.to_dict())


@pytest.mark.parametrize(("data", "sentence"), [
    ({"black_seconds": "soon"}, "“Longest black” must be a number, not 'soon'."),
    ({"frozen_seconds": float("nan")}, "“Longest frozen” must be between 0 and 60, not nan."),
    ({"duration_frames": -1}, "“Length off by” must be between 0 and 240, not -1."),
    ({"extra_cuts": 1.5}, "“Unplanned cuts” must be a whole number, not 1.5."),
    ({"start_match": 0.5}, "“Start frame, warn from” must not be higher than “Start frame likeness”."),
])  # fmt: skip
def test_bad_limits_are_named(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadLimits) as refusal:
        Limits.from_dict(data)
    assert str(refusal.value) == sentence


def test_an_unknown_limit_is_named() -> None:
    with pytest.raises(BadLimits, match="There is no limit “blak”; the limits are duration_frames, "):
        Limits.from_dict({"blak": 1})
