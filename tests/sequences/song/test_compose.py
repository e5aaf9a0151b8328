from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sequences.song.compose import BAR, compose, sections
from sequences.song.decode import read_song


@pytest.mark.parametrize("suffix", ["flac", "m4a"])
def test_the_song_is_exactly_as_long_as_asked(tmp_path: Path, suffix: str) -> None:
    compose(7.123, 1, tmp_path / f"a.{suffix}")
    facts = read_song(tmp_path / f"a.{suffix}")
    assert (facts.samples, facts.sample_rate, facts.channels) == (round(7.123 * 44_100), 44_100, 2)
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{suffix}"]


def test_the_seed_decides_the_song(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        compose(12, seed, tmp_path / f"{name}.flac")
    a, b, c = (read_song(tmp_path / f"{name}.flac").sha256 for name in "abc")
    assert a == b != c


def test_choruses_are_louder_than_the_intro_and_the_end_fades(tmp_path: Path) -> None:
    compose(90, 3, tmp_path / "a.flac")
    peaks = np.array(read_song(tmp_path / "a.flac", points=900).peaks)
    starts = dict(sections(90))
    chorus = round(starts["chorus"] * 10)
    assert np.mean(peaks[chorus : chorus + 60]) > 1.4 * np.mean(peaks[:50])
    assert peaks[-3:].max() < 10


def test_sections_start_on_bars() -> None:
    found = sections(178)
    assert found[0] == ("intro", 0)
    assert {kind for kind, _ in found} == {"intro", "verse", "pre", "chorus", "bridge", "outro"}
    assert all(start / BAR == pytest.approx(round(start / BAR)) for _, start in found)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.flac or \.m4a"):
        compose(5, 1, tmp_path / "a.mp3")
