"""Taking in clips and joining them, against bare PyAV doing the same work. `python -m tests.bench.bench_join`.

The work: read and hash every clip, count its frames, write one MP4 with the index in front, count its frames, sync it
to the disk. Once with packets copied, once with every frame encoded (veryfast, crf 18).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sequences.media.files import sha256_of
from sequences.media.video import Piece, Writer, join, probe, tracks
from tests.bench.ratio import PROMISE, interleaved

SIZE, RATE, FRAMES, CLIPS = (1280, 720), Fraction(24), 120, 3


def film(folder: Path, number: int, size: tuple[int, int] = SIZE) -> Path:
    """Five seconds of sliding patches."""
    random = np.random.default_rng(number)
    patches = np.kron(random.integers(30, 230, (20, 60, 3)), np.ones((54, 54, 1))).astype(np.uint8)
    path = folder / f"clip{number}_{size[1]}.mp4"
    with Writer(path, *size, RATE) as clip:
        for step in range(FRAMES):
            clip.write(patches[: size[1], step * 4 : step * 4 + size[0]])
    return path


def ours(clips: list[Path], target: Path) -> None:
    tracks._read.cache_clear()  # every run meets its clips for the first time
    for clip in clips:
        sha256_of(clip)
        probe(clip)
    join([Piece(clip, 0, FRAMES) for clip in clips], target, width=SIZE[0], height=SIZE[1], rate=RATE)


def taken_in(clip: Path) -> int:
    hashlib.sha256(clip.read_bytes()).hexdigest()
    return counted(clip)


def counted(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def bare_copy(clips: list[Path], target: Path) -> None:
    offset = 0
    for clip in clips:
        taken_in(clip)
    with av.open(str(clips[0])) as pattern, av.open(str(target), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream_from_template(pattern.streams.video[0])
        for clip in clips:
            with av.open(str(clip)) as container:
                for packet in container.demux(video=0):
                    if packet.size:
                        packet.stream, packet.time_base = video, 1 / RATE
                        packet.pts = packet.dts = offset
                        packet.duration = 1
                        out.mux(packet)
                        offset += 1
    finished(target)


def bare_encode(clips: list[Path], target: Path) -> None:
    for clip in clips:
        taken_in(clip)
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "18", "g": "24", "bf": "0"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        count = 0
        for clip in clips:
            with av.open(str(clip)) as container:
                container.streams.video[0].thread_type = "AUTO"
                for frame in container.decode(video=0):
                    ready = frame.reformat(*SIZE, "yuv420p", interpolation="BICUBIC")
                    ready.pts, ready.time_base, ready.pict_type = count, 1 / RATE, 0
                    out.mux(video.encode(ready))
                    count += 1
        out.mux(video.encode(None))
    finished(target)


def finished(target: Path) -> None:
    assert counted(target) == CLIPS * FRAMES
    with target.open("rb") as file:
        os.fsync(file.fileno())


def measure(folder: Path) -> dict[str, float]:
    same = [film(folder, number) for number in range(CLIPS)]
    larger = [film(folder, number, (1920, 1080)) for number in range(CLIPS)]
    a, b = folder / "ours.mp4", folder / "bare.mp4"
    return {
        "copy": interleaved("join by copying", lambda: ours(same, a), lambda: bare_copy(same, b), runs=15),
        "encode": interleaved("join by encoding", lambda: ours(larger, a), lambda: bare_encode(larger, b), runs=5),
    }


@pytest.mark.bench
def test_a_join_costs_little_more_than_bare_pyav(tmp_path: Path) -> None:
    assert max(measure(tmp_path).values()) <= PROMISE


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place))
