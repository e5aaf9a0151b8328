from __future__ import annotations

import hashlib
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sequences.media.video import Writer
from sequences.song.decode import BadSong, read_song, wave_path

RATE = 44_100
KINDS = {"mp3": ("libmp3lame", "mp3"), "wav": ("pcm_s16le", "wav"), "flac": ("flac", "flac"), "m4a": ("aac", "mp4"),
         "ogg": ("vorbis", "ogg"), "opus": ("libopus", "ogg")}  # fmt: skip


def write(path: Path, kind: str, seconds: float = 3.0, rate: int = RATE, channels: int = 2) -> Path:
    """A tone that is loud in its second half only."""
    codec, container = KINDS[kind]
    count = round(seconds * rate)
    tone = 0.8 * np.sin(np.arange(count) * 2 * np.pi * 440 / rate) * np.where(np.arange(count) < count // 2, 0.25, 1)
    with av.open(str(path), "w", format=container) as out:
        told = {"strict": "experimental"} if codec == "vorbis" else {}
        stream = out.add_stream(codec, rate=rate, layout="stereo" if channels == 2 else "mono", options=told)
        size = stream.codec_context.frame_size or 1024
        kind_of = av.AudioResampler(format=stream.codec_context.format, layout=stream.codec_context.layout, rate=rate,
                                    frame_size=size)  # fmt: skip
        samples = np.tile(tone.astype(np.float32), (channels, 1))
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo" if channels == 2 else "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for ready in [*kind_of.resample(frame), *kind_of.resample(None)]:
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_whatever_it_is_called(tmp_path: Path, kind: str) -> None:
    rate = 48_000 if kind == "opus" else RATE
    path = write(tmp_path / "song.bin", kind, rate=rate)
    facts = read_song(path, points=200)
    assert facts.seconds == pytest.approx(3.0, abs=0.06 if kind in ("mp3", "ogg", "opus") else 1e-3)
    assert facts.seconds == facts.samples / facts.sample_rate
    assert (facts.sample_rate, facts.channels) == (rate, 2)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(facts.peaks) == 200 and max(facts.peaks) == 100
    assert np.median(facts.peaks[10:90]) == pytest.approx(25, abs=4)
    assert np.median(facts.peaks[110:190]) >= 90


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_the_length_is_exact_to_the_sample(tmp_path: Path, kind: str) -> None:
    facts = read_song(write(tmp_path / "a", kind, seconds=2.34567, channels=1))
    assert (facts.samples, facts.channels) == (round(2.34567 * RATE), 1)


def test_silence_has_flat_peaks(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        out.mux([*stream.encode(frame), *stream.encode(None)])
    assert read_song(tmp_path / "a.wav", points=50).peaks == (0,) * 50


def _refused(path: Path) -> str:
    with pytest.raises(BadSong) as refusal:
        read_song(path)
    return str(refusal.value)


def test_refusals_say_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("words, not music " * 99)
    (tmp_path / "b.mp3").touch()
    with Writer(tmp_path / "c.mp4", 64, 64, 24) as film:
        for _ in range(30):
            film.write(np.zeros((64, 64, 3), np.uint8))
    ask = "send an mp3, wav, flac, m4a or ogg file."
    assert _refused(tmp_path / "a.mp3") == f"a.mp3 is not a song this studio can read, or it is damaged; {ask}"
    assert _refused(tmp_path / "b.mp3") == f"b.mp3 is empty; {ask}"
    assert _refused(tmp_path / "c.mp4") == f"c.mp4 has no sound in it; {ask}"
    assert _refused(tmp_path / "d.mp3") == "The song d.mp3 does not exist."


def test_too_short_and_too_long_are_refused(tmp_path: Path) -> None:
    assert _refused(write(tmp_path / "a.wav", "wav", seconds=0.5)).startswith("a.wav is shorter than one second")
    long = tmp_path / "b.wav"
    with av.open(str(long), "w") as out:
        stream = out.add_stream("pcm_u8", rate=1000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.full((1, 1_850_000), 128, np.uint8), format="u8", layout="mono")
        frame.sample_rate = 1000
        out.mux([*stream.encode(frame), *stream.encode(None)])
    assert _refused(long) == "b.wav is longer than 30 minutes; send a shorter song."


@pytest.mark.parametrize("kind", ["flac", "wav", "m4a"])
def test_a_song_cut_short_is_refused(tmp_path: Path, kind: str) -> None:
    whole = write(tmp_path / f"whole.{kind}", kind, seconds=6)
    half = tmp_path / f"half.{kind}"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert re.search(r"half\.\w+ (is cut short: \d\.\d of 6\.0 seconds|is not a song)", _refused(half))


def test_a_playlist_cannot_reach_other_files(tmp_path: Path) -> None:
    song = write(tmp_path / "a.wav", "wav")
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:3,\n{song}\n#EXT-X-ENDLIST\n")
    assert "is not a song" in _refused(tmp_path / "list.m3u8")


def test_the_wave_is_bars_around_the_middle() -> None:
    peaks = [0] * 50 + [100] * 50
    assert wave_path(peaks, 10, 0, 1) == "M1.2 49v2M3.8 49v2M6.2 49v2M8.8 49v2"
    assert wave_path(peaks, 10, 9, 99) == "M91.2 2v96M93.8 2v96M96.2 2v96M98.8 2v96"


def test_neighbouring_stretches_share_no_bar_and_lose_none() -> None:
    peaks = list(range(100))
    edges = [0, 1.37, 1.5, 4.126, 10]
    parts = [wave_path(peaks, 10, a, b) for a, b in zip(edges, edges[1:], strict=False)]
    assert "".join(parts) == wave_path(peaks, 10, 0, 10)
    assert wave_path([], 10, 0, 1) == ""
