"""Films one clip: shots in order with hard cuts, each a camera move over one picture, as an H.264 file.

The file is H.264 in MP4: yuv420p, BT.709 limited range, one key frame a second and at every cut, header
first, no sound. One encoder thread and seeded noise make it the same bytes for the same request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from PIL import Image

from sequences.media.video.encode import add_video, container_options, encoder_options
from sequences.providers.base import VideoRequest
from sequences.providers.sketch import camera
from sequences.providers.sketch.air import Air
from sequences.providers.sketch.likeness import spoken
from sequences.providers.sketch.planes import Plane, Planes, cover, planes, surround
from sequences.providers.sketch.scenes import paint
from sequences.providers.sketch.slate import Slate

Watch = Callable[[float, str], None]
"""Told the progress 0..1 and a note after every step; raises to stop the drawing."""

Frame = npt.NDArray[np.uint8]

# Our own takes' settings, so that a clip is joined by copying; a third less time than plain veryfast for 0.3 dB, and
# without macroblock tree, whose look at frames that are no multiple of 16 high differs from run to run.
# Crf 24 without it is as good as 21 with it: an animatic with grain need not be larger.
_SWIFT = {"crf": "24", "x264-params": "stitchable=1:rc-lookahead=8:subme=1:mbtree=0"}
_ROOM = 1.25
_MARGIN = 0.06
_FADE = 0.5  # seconds into the picture a clip ends on


@dataclass(frozen=True, slots=True)
class Plan:
    """Which frames belong to which shot: `ends[i]` is the first frame after shot i."""

    rate: Fraction
    ends: tuple[int, ...]

    @property
    def frames(self) -> int:
        """Of the whole clip."""
        return self.ends[-1]

    def spans(self) -> Iterator[tuple[int, int]]:
        """First frame and frame count of each shot."""
        first = 0
        for end in self.ends:
            yield first, end - first
            first = end


def plan(request: VideoRequest) -> Plan:
    """The clip's frames: each cut lies at round(seconds so far x rate)."""
    rate = Fraction(request.rate)
    total, ends = Fraction(0), []
    for shot in request.shots:
        total += Fraction(str(shot.seconds))
        ends.append(round(total * rate))
    return Plan(rate, tuple(ends))


def film(
    request: VideoRequest,
    start: Image.Image | None,
    target: Path,
    watch: Watch,
    flaw: str = "",
    *,
    end: Image.Image | None = None,
) -> None:
    """Write the clip to `target`. `start` is the given start picture; without one the first shot is painted. The last
    half second fades into `end`, and the last frame is that picture.

    `flaw` goes wrong on purpose: `black`, `frozen`, `short` or `size`; empty for a good clip.
    """
    todo = plan(request)
    scale = 2 if flaw == "size" else 1
    width, height = request.width // scale // 2 * 2, request.height // scale // 2 * 2
    last = int(todo.frames * 0.6) if flaw == "short" else todo.frames
    with av.open(str(target), "w", format="mp4", options=container_options(todo.rate)) as out:
        stream = _stream(out, todo.rate, width, height)
        cuts = {first for first, _ in todo.spans()}
        for number, image in enumerate(_frames(request, (start, end), todo, (width, height), flaw, watch)):
            if number >= max(1, last):
                break
            frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
            frame.pts, frame.time_base = number, 1 / todo.rate
            if number in cuts:
                frame.pict_type = PictureType.I
            out.mux(stream.encode(frame))
            watch((number + 1) / todo.frames, f"frame {number + 1} of {todo.frames}")
        out.mux(stream.encode(None))


def _stream(out: av.container.OutputContainer, rate: Fraction, width: int, height: int) -> av.video.stream.VideoStream:
    stream = add_video(out, width, height, rate, swift=True)
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {**encoder_options(rate), **_SWIFT}
    return stream


def _frames(
    request: VideoRequest,
    given: tuple[Image.Image | None, Image.Image | None],
    todo: Plan,
    size: tuple[int, int],
    flaw: str,
    watch: Watch,
) -> Iterator[Frame]:
    slate = Slate(request.label, size[1]) if request.slate else None
    for index, (first, count) in enumerate(todo.spans()):
        start = given[0] if index == 0 else None
        end = given[1] if index == len(todo.ends) - 1 else None
        if count > 0:
            watch(first / todo.frames, f"painting shot {index + 1} of {len(todo.ends)}")
            scene = _Scene(request, index, start, size, first, count, todo.rate, end)
            yield from scene.frames(slate, flaw)


class _Scene:
    """One shot being filmed."""

    def __init__(
        self,
        request: VideoRequest,
        index: int,
        given: Image.Image | None,
        size: tuple[int, int],
        first: int,
        count: int,
        rate: Fraction,
        end: Image.Image | None = None,
    ) -> None:
        self.width, self.height = size
        self.first, self.count, self.rate = first, count, float(rate)
        shot = request.shots[index]
        self.number = shot.number
        seed = request.seed + 7919 * shot.number
        self.source, home = (
            _given(given, size) if given else _painted(spoken(shot.prompt, request.elements), seed, size)
        )
        self.air = Air(shot.prompt, seed, *size, first=given is not None)
        move = camera.read(shot.prompt)
        self.path = camera.Path(move, home, given is not None, count / self.rate, self.air.phase)
        self.end = planes(cover(end, *size)) if end else None
        self.fade = min(count, max(1, round(self.rate * _FADE)))

    def frames(self, slate: Slate | None, flaw: str) -> Iterator[Frame]:
        still = None
        for frame in range(self.count):
            if still is None:
                image = self.frame(frame, slate if flaw != "frozen" else None)
                still = image if flaw == "frozen" else None
            if flaw == "black":
                image[: self.height], image[self.height :] = 16, 128
            yield image

    def frame(self, frame: int, slate: Slate | None) -> Frame:
        x, y, w, h = self.path.at(frame / max(1, self.count - 1))
        dx, dy = self.air.weave(frame)
        box = (min(max(x + dx * w, w / 2), 1 - w / 2), min(max(y + dy * h, h / 2), 1 - h / 2), w, h)
        luma, u, v = self.source.cut(box, self.width, self.height)
        luma = self.air.breathe(luma, frame, self.rate)
        if self.end and (near := frame - (self.count - self.fade) + 1) > 0:
            ended = self.end.cut((0.5, 0.5, 1, 1), self.width, self.height)
            luma, u, v = (_blend(*pair, near / self.fade) for pair in zip((luma, u, v), ended, strict=True))
        if slate:
            slate.write(
                luma, u, v,
                shot=self.number,
                at=(self.first + frame) / self.rate,
                frame=frame,
                frames=self.count,
                rate=self.rate,
            )  # fmt: skip
        flat = (luma.reshape(-1), u.reshape(-1), v.reshape(-1))
        return np.concatenate(flat).reshape(self.height * 3 // 2, self.width)


def _blend(one: Plane, other: Plane, share: float) -> Plane:
    """`share` of the other plane over the one: 1 is the other."""
    return np.rint(one * (1 - share) + other * share).astype(np.uint8)


def _given(picture: Image.Image, size: tuple[int, int]) -> tuple[Planes, tuple[float, float]]:
    """A start picture fills the frame; mirrored edges give a move a little room."""
    width, height = size
    # even margins keep the first frame on whole pixels of every plane
    mx, my = 2 * round(width * _MARGIN / 2), 2 * round(height * _MARGIN / 2)
    room = surround(cover(picture, width, height), (mx, my))
    return planes(room), (width / room.width, height / room.height)


def _painted(prompt: str, seed: int, size: tuple[int, int]) -> tuple[Planes, tuple[float, float]]:
    width, height = (2 * round(edge * _ROOM / 2) for edge in size)
    return planes(paint(prompt, seed, width, height).convert("RGB")), (size[0] / width, size[1] / height)
