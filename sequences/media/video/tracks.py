"""What lies in a video file, packet by packet: exact frame counts, keyframes, and whether it can be
copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from sequences.media.files import MediaError

# A playlist or a concat script is a "media file" to FFmpeg that opens other files: only real containers may
# be read.
SAFE = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,flac,ogg,aac",
}
Ints = np.ndarray[Any, np.dtype[np.int64]]


class BadVideo(MediaError):
    """A file is not a video this studio can use; the sentence says why."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """A video file as measured: pixels, frames a second, frames counted by packets, seconds = frames /
    rate."""

    width: int
    height: int
    rate: Fraction
    frames: int
    seconds: float
    codec: str
    pix_fmt: str
    has_audio: bool
    bytes: int


@dataclass(frozen=True)
class Track:
    """The picture track of one file. `stamps` are the packets' times in decode order, in `time_base`
    units."""

    path: Path
    codec: str
    pix_fmt: str
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    extradata: bytes
    stamps: Ints
    keys: np.ndarray[Any, np.dtype[np.bool_]]
    has_audio: bool
    bytes: int

    @property
    def frames(self) -> int:
        """Pictures in the track."""
        return len(self.stamps)

    @cached_property
    def shown(self) -> Ints:
        """Times of the frames in the order they are shown."""
        return np.sort(self.stamps)

    @cached_property
    def ranks(self) -> Ints:
        """For each packet in decode order, the number of the frame it holds in the order shown."""
        return np.searchsorted(self.shown, self.stamps).astype(np.int64)

    @cached_property
    def entries(self) -> Ints:
        """Frame numbers at which decoding can start with nothing before: keyframes without leading
        pictures."""
        least_after = np.minimum.accumulate(self.ranks[::-1])[::-1]
        starts: Ints = self.ranks[self.keys & (least_after == self.ranks)]
        return starts

    @cached_property
    def exits(self) -> Ints:
        """Frame numbers before which the track can end: everything earlier needs nothing later."""
        most_before = np.maximum.accumulate(self.ranks)
        return np.flatnonzero(most_before == np.arange(self.frames)) + 1

    @cached_property
    def steady(self) -> bool:
        """Whether the frames come at a constant rate (within a quarter of a frame)."""
        ideal = np.arange(self.frames) / float(self.rate * self.time_base)
        return bool(np.abs(self.shown - self.shown[0] - ideal).max() <= 0.25 / float(self.rate * self.time_base))

    def entry_before(self, frame: int) -> int:
        """The last place at or before `frame` where decoding can start."""
        before = self.entries[self.entries <= frame]
        return int(before[-1]) if len(before) else 0

    def facts(self) -> VideoFacts:
        """The public facts."""
        seconds = self.frames / self.rate if self.steady else self._span()
        return VideoFacts(
            self.width,
            self.height,
            self.rate,
            self.frames,
            float(seconds),
            self.codec,
            self.pix_fmt,
            self.has_audio,
            self.bytes,
        )

    def _span(self) -> Fraction:
        return int(self.shown[-1] - self.shown[0]) * self.time_base + 1 / self.rate


def opened(path: Path | str, what: str = "video") -> InputContainer:
    """Open a media file for reading. Raises BadVideo when it is missing or no container we know."""
    try:
        return av.open(str(path), options=dict(SAFE))
    except FileNotFoundError as error:
        raise BadVideo(f"The {what} {Path(path).name} does not exist.") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadVideo(
            f"The {what} {Path(path).name} is not a video file, or it is cut short; fetch or make it again."
        ) from error


def probe(path: Path | str) -> VideoFacts:
    """Measure a video file by reading all its packets (nothing is decoded).

    Raises BadVideo when the file is no video, is truncated, has no picture track or not a single frame.
    """
    return read_track(path).facts()


def same_shape(paths: Sequence[Path | str]) -> bool:
    """Whether all files have equal codec parameters, parameter sets, time base and rate: streams can be
    copied."""
    shapes = {_shape(read_track(path)) for path in paths}
    return len(shapes) <= 1


def read_track(path: Path | str) -> Track:
    """The picture track of a file. Raises BadVideo like `probe`.

    Files last read are remembered by place, inode, size and time of change: taking in a clip and joining it read its
    packets once.
    """
    path = Path(path)
    try:
        stat = path.stat()
    except OSError as error:
        raise BadVideo(f"The video {path.name} does not exist.") from error
    return _read(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=64)
def _read(path: Path, identity: tuple[int, int, int]) -> Track:
    with opened(path) as container:
        if not container.streams.video:
            raise BadVideo(f"{path.name} has no picture track; send a video file.")
        stream = container.streams.video[0]
        stamps, keys = _packets(container, stream, path)
        rate = _rate(stream, np.sort(stamps))
        context = stream.codec_context
        return Track(
            path,
            context.name,
            context.pix_fmt or "",
            context.width,
            context.height,
            rate,
            _time_base(stream),
            context.extradata or b"",
            stamps,
            keys,
            bool(container.streams.audio),
            identity[1],
        )


def _packets(
    container: InputContainer, stream: VideoStream, path: Path
) -> tuple[Ints, np.ndarray[Any, np.dtype[np.bool_]]]:
    stamps: list[int] = []
    keys: list[bool] = []
    damaged = False
    try:
        for packet in container.demux(stream):
            damaged = damaged or packet.is_corrupt
            if packet.pts is not None and packet.size and not packet.is_discard:
                stamps.append(packet.pts)
                keys.append(packet.is_keyframe)
    except (av.FFmpegError, OSError):
        damaged = True
    if damaged or len(stamps) < stream.frames:
        told = f"; {len(stamps)} of {stream.frames} frames are there" if stream.frames else ""
        raise BadVideo(f"{path.name} is cut short{told}; fetch or make it again.")
    if not stamps:
        raise BadVideo(f"{path.name} holds no frame; fetch or make it again.")
    if not stream.codec_context.width:
        raise BadVideo(f"{path.name} has a picture track that cannot be read; fetch or make it again.")
    return np.array(stamps, dtype=np.int64), np.array(keys, dtype=bool)


def _rate(stream: VideoStream, shown: Ints) -> Fraction:
    steps = np.diff(shown)
    if len(steps) and steps.min() == steps.max() > 0:
        return 1 / (int(steps[0]) * _time_base(stream))
    return Fraction(stream.average_rate or stream.guessed_rate or stream.base_rate or 24)


def _time_base(stream: VideoStream) -> Fraction:
    return stream.time_base or Fraction(1, 1000)


def _shape(track: Track) -> tuple[Any, ...]:
    size = (track.codec, track.pix_fmt, track.width, track.height)
    return (*size, track.rate, track.time_base, track.extradata)
