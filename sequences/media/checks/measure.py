"""One decoding pass over a take: black, frozen, cuts, and its first frame against the start frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.filter import Graph
from PIL import Image

from sequences.media.grids.pictures import cover, open_picture
from sequences.media.video.encode import as_image
from sequences.media.video.frames import stretch
from sequences.media.video.tracks import Track

Span = tuple[int, int]
Floats = np.ndarray[Any, np.dtype[np.float64]]

SHORTEST = 2  # frames; shorter black or frozen moments are not measured
WIDTH = 480  # pixels wide the take is looked at
SSIM_SIZE = (320, 180)


@dataclass
class Seen:
    """What one pass found. Spans are (first, last) frame numbers; `scores`: scene change, 0..100, a frame."""

    frames: int = 0
    black: list[Span] = field(default_factory=list)
    frozen: list[Span] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    first: Image.Image | None = None


def watch(track: Track) -> Seen:
    """Decode the take once. Raises BadVideo when it cannot be decoded to its end.

    FFmpeg's blackdetect, freezedetect and scdet write what they find into each frame's metadata. What lasts to the end
    of the take has no end there and is closed here; entirely black stretches are not reported as frozen again.
    """
    seen = Seen()
    marks: dict[str, list[int]] = {"black_start": [], "black_end": [], "freeze_start": [], "freeze_end": []}
    for frame in _filtered(track, seen):
        for key, moment in _moments(frame.metadata):
            marks[key].append(round(moment * float(track.rate)))
        seen.scores.append(float(frame.metadata.get("lavfi.scd.score", 0)))
    seen.frames = len(seen.scores)
    seen.black = _spans(marks["black_start"], marks["black_end"], seen.frames)
    frozen = _merged(_spans(marks["freeze_start"], marks["freeze_end"], seen.frames))
    seen.frozen = [span for span in frozen if not any(_inside(span, black) for black in seen.black)]
    return seen


def likeness(first: Image.Image, start: Path | str) -> float:
    """How alike two pictures are: the mean of windowed structural similarity at 320x180, 1.0 for the same picture.

    The start picture is cropped to the video's shape first. Raises BadPicture when it cannot be read.
    """
    wanted = cover(open_picture(start, what="start frame"), *first.size)
    return ssim(_grey(first), _grey(wanted))


def ssim(a: Floats, b: Floats, window: int = 8) -> float:
    """Mean structural similarity of two grey pictures (0..255) over all windows of `window` x `window` pixels."""
    mean_a, mean_b = _boxed(a, window), _boxed(b, window)
    var_a = _boxed(a * a, window) - mean_a**2
    var_b = _boxed(b * b, window) - mean_b**2
    both = _boxed(a * b, window) - mean_a * mean_b
    small, smaller = (0.03 * 255) ** 2, (0.01 * 255) ** 2
    light = (2 * mean_a * mean_b + smaller) / (mean_a**2 + mean_b**2 + smaller)
    return float((light * (2 * both + small) / (var_a + var_b + small)).mean())


def _boxed(values: Floats, window: int) -> Floats:
    """The mean over every window, by running sums."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    total = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
    return np.asarray(total / window**2)


def _grey(image: Image.Image) -> Floats:
    return np.asarray(image.convert("L").resize(SSIM_SIZE, Image.Resampling.BOX), dtype=np.float64)


def _filtered(track: Track, seen: Seen) -> Iterator[av.VideoFrame]:
    graph: Graph | None = None
    for number, frame in enumerate(stretch(track, 0, track.frames)):
        if graph is None:
            seen.first = as_image(frame)
            graph = _graph(frame, track)
        frame.pts, frame.time_base = number, 1 / track.rate
        graph.push(frame)
        yield _pulled(graph)


def _pulled(graph: Graph) -> av.VideoFrame:
    frame = graph.pull()
    assert isinstance(frame, av.VideoFrame)
    return frame


def _graph(frame: av.VideoFrame, track: Track) -> Graph:
    graph = Graph()
    shortest = float((SHORTEST - 0.5) / track.rate)
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=1 / track.rate)
    width = min(WIDTH, frame.width) // 2 * 2
    steps = [
        ("scale", f"{width}:-2:flags=area"),
        ("format", "yuv420p"),
        ("blackdetect", f"d={shortest}:pic_th=0.98:pix_th=0.06"),
        ("freezedetect", f"n=-60dB:d={shortest}"),
        ("scdet", "t=10"),
        ("buffersink", None),
    ]
    graph.link_nodes(source, *(graph.add(name, args) for name, args in steps)).configure()
    return graph


def _moments(metadata: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for name, value in metadata.items():
        key = name.rsplit(".", 1)[-1]
        if key in ("black_start", "black_end", "freeze_start", "freeze_end"):
            yield key, float(value)


def _spans(starts: list[int], ends: list[int], frames: int) -> list[Span]:
    closed = [*ends, *[frames] * (len(starts) - len(ends))]
    return [(start, end - 1) for start, end in zip(starts, closed, strict=False) if end > start]


def _merged(spans: list[Span]) -> list[Span]:
    """A keyframe redraws a still picture a little differently: stretches it alone parts are one."""
    joined: list[Span] = []
    for span in spans:
        if joined and span[0] - joined[-1][1] <= 2:
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined


def _inside(span: Span, black: Span) -> bool:
    """Whether a frozen stretch is no more than a black one, give or take the two frames of its edges."""
    return black[0] - 2 <= span[0] and span[1] <= black[1] + 2
