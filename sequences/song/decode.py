"""Reading a song: exact length, waveform peaks, and a plain refusal of everything that is not one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from sequences.media.files import MediaError, sha256_of

SHORTEST, LONGEST = 1.0, 30 * 60.0  # seconds
WHOLE = 0.97  # of the length a file declares; less than this decoded means it is cut short
BLOCK = 64  # samples behind one fine peak
# Decided by content: what FFmpeg recognises must be one of these, whatever the file is called.
SAFE = {"protocol_whitelist": "file", "format_whitelist": "mp3,wav,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2"}
WANTED = "send an mp3, wav, flac, m4a or ogg file"
Floats = np.ndarray[Any, np.dtype[np.float32]]


class BadSong(MediaError):
    """A file is not a song this studio can use; the sentence says why."""


@dataclass(frozen=True, slots=True)
class SongFacts:
    """A song as decoded: seconds = samples / sample_rate; peaks are 0..100, the loudest bucket being 100."""

    seconds: float
    samples: int
    sample_rate: int
    channels: int
    codec: str
    peaks: tuple[int, ...]
    sha256: str


def read_song(path: Path | str, *, points: int = 2000) -> SongFacts:
    """Decode a whole song and measure it; `points` peaks over its length.

    Accepts mp3, wav, flac, m4a and ogg by content. Raises BadSong for anything else, for videos, for less
    than a second or more than 30 minutes, and for files cut short.
    """
    path = Path(path)
    with _opened(path) as container:
        stream = _stream(container, path)
        fine, samples, damaged = _decode(container, stream)
        declared = max(_declared(container, stream), _told_by_riff(path, samples))
        context = stream.codec_context
        samples = _without_padding(container, samples, declared)
        rate, channels, codec = context.sample_rate, context.channels, context.name
    _refuse_length(path, samples / rate if rate else 0.0, declared / rate if rate else 0.0, damaged)
    peaks = _reduced(fine[: -(-samples // BLOCK)], points)
    return SongFacts(samples / rate, samples, rate, channels, codec, peaks, sha256_of(path))


def wave_path(
    peaks: Sequence[int],
    dur: float,
    start: float,
    end: float,
    width_per_second: float = 10,
    step: float = 2.5,
) -> str:
    """SVG path data of the bars between `start` and `end` seconds of a song `dur` seconds long.

    One upright bar every `step` units, `width_per_second` units a second from the song's beginning, 100 units
    high, centred on 50.
    """
    if not peaks or dur <= 0:
        return ""
    first = max(0, int(np.ceil(start * width_per_second / step - 0.5)))
    bars = []
    while (middle := (first + 0.5) * step) < min(end, dur) * width_per_second:
        tall = max(2.0, 0.96 * _loudest(peaks, dur, middle / width_per_second, step / width_per_second))
        bars.append(f"M{middle:.1f} {round(50 - tall / 2)}v{round(tall)}")
        first += 1
    return "".join(bars)


def _loudest(peaks: Sequence[int], dur: float, moment: float, width: float) -> int:
    scale = len(peaks) / dur
    low = min(len(peaks) - 1, max(0, int((moment - width / 2) * scale)))
    high = max(low + 1, int((moment + width / 2) * scale))
    return max(peaks[low:high])


def _opened(path: Path) -> InputContainer:
    if path.is_file() and not path.stat().st_size:
        raise BadSong(f"{path.name} is empty; {WANTED}.")
    try:
        return av.open(str(path), options=dict(SAFE))
    except FileNotFoundError as error:
        raise BadSong(f"The song {path.name} does not exist.") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadSong(f"{path.name} is not a song this studio can read, or it is damaged; {WANTED}.") from error


def _stream(container: InputContainer, path: Path) -> AudioStream:
    pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not container.streams.audio:
        raise BadSong(f"{path.name} has no sound in it; {WANTED}.")
    if pictures:
        raise BadSong(f"{path.name} is a video, not a song; {WANTED}.")
    return container.streams.audio[0]


def _decode(container: InputContainer, stream: AudioStream) -> tuple[Floats, int, bool]:
    """Fine peaks (one per 64 samples), samples decoded, and whether decoding stopped at an error."""
    peaks: list[Floats] = []
    samples, damaged = 0, False
    try:
        for block in _blocks(container, stream):
            samples += block.shape[1]
            peaks.append(_fine(block))
            if samples > (LONGEST + 60) * stream.codec_context.sample_rate:
                break
    except (av.FFmpegError, ValueError):
        damaged = True
    return np.concatenate(peaks) if peaks else np.zeros(0, np.float32), samples, damaged


def _blocks(container: InputContainer, stream: AudioStream) -> Iterator[Floats]:
    resampler = av.AudioResampler(format="fltp", frame_size=BLOCK * 512)
    for frame in container.decode(stream):
        yield from (ready.to_ndarray().astype(np.float32, copy=False) for ready in resampler.resample(frame))
    yield from (ready.to_ndarray().astype(np.float32, copy=False) for ready in resampler.resample(None))


def _fine(block: Floats) -> Floats:
    loud = np.abs(block).max(axis=0)
    blocks = np.pad(loud, (0, -len(loud) % BLOCK)).reshape(-1, BLOCK)
    return np.asarray(blocks.max(axis=1), dtype=np.float32)


def _declared(container: InputContainer, stream: AudioStream) -> int:
    """The length in samples that the file says it has; 0 when it does not say."""
    rate = stream.codec_context.sample_rate
    if stream.duration and stream.time_base:
        return round(stream.duration * stream.time_base * rate)
    return round((container.duration or 0) / av.time_base * rate)


def _told_by_riff(path: Path, samples: int) -> int:
    """The length a wav file's head promises, for FFmpeg takes the length of what is there; 0 for other files."""
    with path.open("rb") as file:
        head = file.read(12)
    promised = int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or promised in (0, 0xFFFF_FFFF):  # written to a pipe: the length was not known
        return 0
    return round(samples * (promised + 8) / path.stat().st_size)


def _without_padding(container: InputContainer, samples: int, declared: int) -> int:
    """MP4 says where the sound really ends; decoding gives whole packets of 1024 or 2048."""
    padded = "mp4" in container.format.name and 0 < samples - declared <= 4096
    return declared if padded and declared else samples


def _refuse_length(path: Path, seconds: float, declared: float, damaged: bool) -> None:
    if seconds > LONGEST or declared > LONGEST + 60:
        raise BadSong(f"{path.name} is longer than 30 minutes; send a shorter song.")
    if seconds < declared * WHOLE or (damaged and not seconds):
        raise BadSong(f"{path.name} is cut short: {seconds:.1f} of {declared:.1f} seconds are there; send it again.")
    if seconds < SHORTEST:
        raise BadSong(f"{path.name} is shorter than one second; send the whole song.")


def _reduced(fine: Floats, points: int) -> tuple[int, ...]:
    edges = np.arange(points) * len(fine) // points
    peaks = np.maximum.reduceat(fine, edges)
    top = float(peaks.max())
    return tuple(int(n) for n in np.rint(np.nan_to_num(peaks / top * 100))) if top > 0 else (0,) * points
