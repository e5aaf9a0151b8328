"""The song as the only sound of the cut: AAC, trimmed or filled with silence to the picture's exact
length."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer

from sequences.media.files import MediaError
from sequences.media.video.tracks import SAFE

BIT_RATE = 192_000
CHUNK = 1024  # samples in an AAC packet
USUAL = (44_100, 48_000)
Samples = np.ndarray[Any, np.dtype[np.float32]]


class Sound:
    """Feeds one song into an open MP4 as stereo AAC, in step with the picture. Raises MediaError when
    unreadable."""

    def __init__(self, song: Path, out: OutputContainer, seconds: Fraction) -> None:
        self.name = song.name
        try:
            self.source = av.open(str(song), options=dict(SAFE))
            self.rate = _usual(self.source.streams.audio[0].rate)
        except (av.FFmpegError, OSError, IndexError) as error:
            raise MediaError(f"The song {song.name} cannot be read; give the project its song again.") from error
        self.out, self.given = out, 0
        self.whole = round(seconds * self.rate)
        self.stream = out.add_stream("aac", rate=self.rate, layout="stereo")
        self.stream.bit_rate = BIT_RATE
        self.chunks = self._chunks()

    def feed(self, moment: Fraction) -> None:
        """Mux sound up to `moment` seconds and a little more, so that the tracks lie interleaved in the
        file."""
        while self.given < self.whole and self.given < (moment + Fraction(1, 2)) * self.rate:
            self._encode(next(self.chunks))

    def finish(self) -> None:
        """Mux what is left of the length and flush the encoder."""
        while self.given < self.whole:
            self._encode(next(self.chunks))
        self.out.mux(self.stream.encode(None))

    def close(self) -> None:
        """Close the song."""
        self.chunks.close()
        self.source.close()

    def _encode(self, samples: Samples) -> None:
        samples = samples[:, : self.whole - self.given]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self.rate, self.given, Fraction(1, self.rate)
        self.given += samples.shape[1]
        self.out.mux(self.stream.encode(frame))

    def _chunks(self) -> Generator[Samples, None, None]:
        """The song in pieces of 1024 samples, then silence without end."""
        rest = np.zeros((2, 0), np.float32)
        for samples in self._decoded():
            rest = np.concatenate([rest, samples], axis=1)
            whole = rest.shape[1] // CHUNK * CHUNK
            for start in range(0, whole, CHUNK):
                yield rest[:, start : start + CHUNK]
            rest = rest[:, whole:]
        yield np.pad(rest, ((0, 0), (0, CHUNK - rest.shape[1])))
        while True:
            yield np.zeros((2, CHUNK), np.float32)

    def _decoded(self) -> Iterator[Samples]:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=self.rate)
        try:
            for frame in self.source.decode(audio=0):
                for ready in resampler.resample(frame):
                    yield ready.to_ndarray().astype(np.float32, copy=False)
            for ready in resampler.resample(None):
                yield ready.to_ndarray().astype(np.float32, copy=False)
        except av.FFmpegError:
            return  # a song damaged near its end plays up to there; the rest is silence


def _usual(rate: int) -> int:
    return rate if rate in USUAL else 48_000
