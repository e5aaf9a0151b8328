"""The one way this studio encodes pictures, so that everything it made can be joined by copying streams."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorTrc
from av.video.stream import VideoStream
from PIL import Image

BT709 = 1  # matrix and primaries number of ITU-T H.273
BT601 = 5
UNTOLD = 2
LIMITED = 1

Progress = Callable[[float], None]


def encoder_options(rate: Fraction | str | int, *, swift: bool = False) -> dict[str, str]:
    """libx264 options of every clip and take: crf 18, a closed group of pictures each second, no B-frames.

    `swift` looks less far and less closely for savings: larger files, and still the same parameter sets, so both
    kinds can be joined by copying.

    Without B-frames a take can end after any frame, and start at any keyframe, without being encoded again.
    """
    group = str(max(1, round(Fraction(rate))))
    options = {
        "preset": "veryfast",
        "crf": "18",
        "g": group,
        "keyint_min": "1",
        "bf": "0",
        "flags": "+cgop",
        "forced-idr": "1",
        # the parameter sets name no starting quantiser, so that films of another crf join by copying too
        "x264-params": "stitchable=1",
    }
    return {**options, "x264-params": "stitchable=1:rc-lookahead=8:subme=1"} if swift else options


def container_options(rate: Fraction | str | int) -> dict[str, str]:
    """MP4 options: the index in front, and a clock in which every frame time of this rate is a whole
    number."""
    clock = Fraction(rate).numerator
    while clock < 10_000:
        clock *= 2
    # The film's own clock cuts the sound to length, so it must be as fine as the picture's (it is 1/1000 s
    # by itself).
    return {"movflags": "+faststart", "video_track_timescale": str(clock), "movie_timescale": str(clock)}


def add_video(
    container: OutputContainer, width: int, height: int, rate: Fraction, *, swift: bool = False
) -> VideoStream:
    """A libx264 track with our settings: yuv420p, BT.709, limited range, time base 1/rate."""
    stream = container.add_stream("libx264", rate=rate, options=encoder_options(rate, swift=swift))
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    context.colorspace, context.color_range = BT709, LIMITED
    return stream


class Writer:
    """Writes one picture-only MP4 frame by frame. The caller owns the name; leaving by an error closes the
    file only.

    `with Writer(part, 1280, 720, Fraction(24)) as film: film.write(image)`. Width and height must be even; `swift` as
    in `encoder_options`.
    """

    def __init__(
        self,
        target: Path | str | BytesIO,
        width: int,
        height: int,
        rate: Fraction | str | int,
        *,
        swift: bool = False,
    ) -> None:
        self.rate = Fraction(rate)
        self.size = (width, height)
        self.frames = 0
        options = container_options(self.rate)
        if isinstance(target, BytesIO):
            del options["movflags"]  # moving the index to the front needs a file that can be opened by name
        place = target if isinstance(target, BytesIO) else str(target)
        self.container = av.open(place, "w", format="mp4", options=options)
        self.stream = add_video(self.container, width, height, self.rate, swift=swift)

    def write(self, picture: av.VideoFrame | Image.Image | np.ndarray[Any, Any], *, key: bool = False) -> None:
        """Append one frame: a PIL RGB image, an (h, w, 3) uint8 array or a frame. `key` starts a group
        here."""
        frame = picture if isinstance(picture, av.VideoFrame) else as_frame(picture)
        frame.pts, frame.time_base = self.frames, 1 / self.rate
        # A decoded frame carries its old picture type and would force it on the encoder.
        frame.pict_type = 1 if key else 0
        self.frames += 1
        self.container.mux(self.stream.encode(frame))

    def close(self) -> None:
        """Finish the file."""
        self.container.mux(self.stream.encode(None))
        self.container.close()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.container.close()


def as_frame(picture: Image.Image | np.ndarray[Any, Any]) -> av.VideoFrame:
    """RGB pixels as a yuv420p BT.709 frame."""
    pixels = np.asarray(picture.convert("RGB")) if isinstance(picture, Image.Image) else picture
    rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    frame = rgb.reformat(
        format="yuv420p",
        dst_colorspace="ITU709",
        src_color_range="JPEG",
        dst_color_range="MPEG",
        interpolation="BICUBIC",
    )
    frame.colorspace, frame.color_range = BT709, LIMITED
    return frame


def as_image(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> Image.Image:
    """A decoded frame as an RGB image, optionally scaled to (width, height)."""
    width, height = size or (frame.width, frame.height)
    rgb = frame.reformat(
        width,
        height,
        "rgb24",
        src_colorspace=matrix_of(frame),
        dst_color_range="JPEG",
        interpolation="AREA" if size else "BICUBIC",
    )
    return Image.fromarray(rgb.to_ndarray())


def matrix_of(frame: av.VideoFrame) -> str:
    """The colour matrix a frame was made with; an untold one is guessed by height, as browsers do."""
    if frame.colorspace == BT709 or (frame.colorspace == UNTOLD and frame.height >= 720):
        return "ITU709"
    return "ITU601"


@lru_cache(maxsize=32)
def own_extradata(width: int, height: int, rate: Fraction) -> bytes:
    """The parameter sets our encoder writes for this size and rate, as an MP4 carries them."""
    file = BytesIO()
    with Writer(file, width, height, rate) as film:
        film.write(np.zeros((height, width, 3), np.uint8))
    file.seek(0)
    with av.open(file) as container:
        return container.streams.video[0].codec_context.extradata or b""
