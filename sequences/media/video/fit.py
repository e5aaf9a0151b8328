"""Decoded frames brought to the project's size and pixel format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av
from av.filter import Graph

from sequences.media.video.encode import BT709, LIMITED, matrix_of

# Up to this much of the picture may be cropped away to fill the frame; a shape further off gets bars instead.
MOST_CROPPED = 0.06


def fitted(frames: Iterable[av.VideoFrame], width: int, height: int) -> Iterator[av.VideoFrame]:
    """The frames as width x height yuv420p BT.709: filled when the shape nearly agrees, else with black
    bars."""
    graph: Graph | None = None
    for frame in frames:
        if _fits(frame, width, height):
            yield frame
            continue
        graph = graph or _graph(frame, width, height)
        graph.push(frame)
        ready = graph.pull()
        assert isinstance(ready, av.VideoFrame)
        ready.colorspace, ready.color_range = BT709, LIMITED
        yield ready


def crops(width: int, height: int, to_width: int, to_height: int) -> bool:
    """Whether a picture of this size is cropped to fill the frame (True) or shown whole with bars (False)."""
    shapes = sorted((width / height, to_width / to_height))
    return 1 - shapes[0] / shapes[1] <= MOST_CROPPED


def _fits(frame: av.VideoFrame, width: int, height: int) -> bool:
    told = frame.color_range in (0, LIMITED) and matrix_of(frame) == "ITU709"
    return told and (frame.width, frame.height, frame.format.name) == (width, height, "yuv420p")


def _graph(frame: av.VideoFrame, width: int, height: int) -> Graph:
    graph = Graph()
    matrix = "bt709" if matrix_of(frame) == "ITU709" else "bt601"
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    if crops(frame.width, frame.height, width, height):
        aspect, frame_it = "increase", ("crop", f"{width}:{height}")
    else:
        aspect, frame_it = "decrease", ("pad", f"{width}:{height}:-1:-1")
    scale = (
        f"{width}:{height}:force_original_aspect_ratio={aspect}:force_divisible_by=2:flags=bicubic"
        f":in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
    )
    steps = [("scale", scale), ("format", "yuv420p"), frame_it, ("setsar", "1"), ("buffersink", None)]
    nodes = [source, *(graph.add(name, args) for name, args in steps)]
    graph.link_nodes(*nodes).configure()
    return graph
