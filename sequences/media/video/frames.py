"""Single frames out of a video, exact by number: start frames, posters and filmstrips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from sequences.media.files import Facts
from sequences.media.grids.pictures import save
from sequences.media.video.encode import as_image
from sequences.media.video.tracks import BadVideo, Track, opened, read_track


@dataclass(frozen=True, slots=True)
class StripFacts:
    """A sprite: `cells` frames side by side, each cell_width x cell_height pixels."""

    cells: int
    cell_width: int
    cell_height: int


def frame_at(path: Path | str, index: int) -> Image.Image:
    """Frame number `index` (from 0) as an RGB image. Raises BadVideo when there is no such frame."""
    return _one(read_track(path), index)


def last_frame(path: Path | str) -> Image.Image:
    """The very last frame as an RGB image. Raises BadVideo."""
    track = read_track(path)
    return _one(track, track.frames - 1)


def poster(path: Path | str, index: int, target: Path | str, long_edge: int) -> Facts:
    """Write frame `index`, at most `long_edge` pixels long, as WebP, JPEG or PNG by suffix."""
    image = frame_at(path, index)
    image.thumbnail((long_edge, long_edge), Image.Resampling.LANCZOS)
    return save(image, target, quality=82)


def filmstrip(path: Path | str, target: Path | str, columns: int, cell_width: int) -> StripFacts:
    """Write one sprite of `columns` evenly spaced frames (the middles of equal stretches), left to right.

    A video with fewer frames than columns shows some twice, so the sprite always has `columns` cells.
    """
    track = read_track(path)
    height = max(2, round(cell_width * track.height / track.width))
    wanted = [(2 * column + 1) * track.frames // (2 * columns) for column in range(columns)]
    strip = Image.new("RGB", (columns * cell_width, height))
    frames = pick(track, wanted)
    for column, frame in enumerate(frames):
        strip.paste(as_image(frame, (cell_width, height)), (column * cell_width, 0))
    save(strip, target, quality=78)
    return StripFacts(columns, cell_width, height)


def pick(track: Track, wanted: Sequence[int]) -> Iterator[av.VideoFrame]:
    """The frames with these numbers (ascending, repeats allowed), decoding no more groups than needed."""
    frames = _decoded(track, wanted)
    number, frame = -1, None
    for want in wanted:
        while number < want:
            try:
                number, frame = next(frames)
            except StopIteration:
                raise BadVideo(f"{track.path.name} cannot be decoded at frame {want}; make it again.") from None
        if frame is None or number != want:
            raise BadVideo(f"{track.path.name} cannot be decoded at frame {want}; make it again.")
        yield frame


def stretch(track: Track, first: int, count: int) -> Iterator[av.VideoFrame]:
    """`count` frames from `first` on, in order. Raises BadVideo when one cannot be decoded."""
    return pick(track, range(first, first + count))


def _one(track: Track, index: int) -> Image.Image:
    if not 0 <= index < track.frames:
        raise BadVideo(f"{track.path.name} has frames 0 to {track.frames - 1}; there is no frame {index}.")
    return as_image(next(pick(track, [index])))


def _decoded(track: Track, wanted: Iterable[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    numbers = {int(stamp): number for number, stamp in enumerate(track.shown)}
    with opened(track.path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        here = -1
        for want in wanted:
            entry = track.entry_before(want)
            if want <= here:
                continue
            if entry > here + 1 or here < 0:
                container.seek(int(track.shown[entry]), stream=stream, backward=True)
                source = container.decode(stream)
            while here < want:
                frame = _next(source, track)
                here = numbers.get(-1 if frame.pts is None else frame.pts, here)
                if here >= entry:
                    yield here, frame


def _next(source: Iterator[av.VideoFrame], track: Track) -> av.VideoFrame:
    try:
        return next(source)
    except (StopIteration, av.FFmpegError) as error:
        raise BadVideo(f"{track.path.name} cannot be decoded to its end; make it again.") from error
