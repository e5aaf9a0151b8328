"""Which stretches of a film can be copied packet by packet and which must be encoded. Reads files, writes
none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sequences.media.video.encode import own_extradata
from sequences.media.video.tracks import BadVideo, Track, read_track


@dataclass(frozen=True, slots=True)
class Piece:
    """`frames` frames of a video file from `first_frame` on.

    Counted at the film's rate: in a file of another rate frame n is the picture shown at n / rate seconds.
    """

    path: Path
    first_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class Still:
    """A picture held for `frames` frames, filling the frame."""

    path: Path
    frames: int


@dataclass(frozen=True, slots=True)
class Slate:
    """A card with a title and some lines, held for `frames` frames."""

    title: str
    lines: tuple[str, ...]
    frames: int


Segment = Piece | Still | Slate


@dataclass(frozen=True, slots=True)
class Shape:
    """What the film must be: even width and height in pixels, frames a second."""

    width: int
    height: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of the film. `copy` stretches of a track are muxed as they are, all others are encoded.

    A track span shows frames first .. first+frames-1, a `hold` span shows frame `first` for all its frames.
    """

    source: Track | Still | Slate
    frames: int
    first: int = 0
    hold: bool = False
    copy: bool = False


def spans_of(segments: Sequence[Segment], shape: Shape, *, total: int | None = None, copy: bool = True) -> list[Span]:
    """The film as spans, `total` frames long (last picture held, or the end trimmed), copying all it can.

    Raises BadVideo when there is nothing to show or a file cannot be read.
    """
    tracks = {s.path: read_track(s.path) for s in segments if isinstance(s, Piece)}
    whole = [span for segment in segments if segment.frames > 0 for span in _raw(segment, tracks, shape.rate)]
    if not whole:
        raise BadVideo("There is nothing to show; give at least one frame.")
    fixed = _to_length(whole, total)
    sets = _parameter_sets(fixed, shape) if copy else None
    return [part for span in fixed for part in _split(span, shape, sets)]


def frames_at(track: Track, rate: Fraction) -> int:
    """How many frames the track gives at this rate; its own count when the rates are equal."""
    if track.steady and track.rate == rate:
        return track.frames
    return max(1, round(track.frames / track.rate * rate))


def copyable(track: Track, shape: Shape) -> bool:
    """Whether the track's packets can stand in a film of this shape as they are."""
    same_size = (track.width, track.height) == (shape.width, shape.height)
    known = track.codec == "h264" and track.pix_fmt == "yuv420p"
    return known and same_size and track.steady and track.rate == shape.rate


def _raw(segment: Segment, tracks: dict[Path, Track], rate: Fraction) -> Iterator[Span]:
    if not isinstance(segment, Piece):
        yield Span(segment, segment.frames)
        return
    track = tracks[segment.path]
    has = frames_at(track, rate)
    shown = min(segment.frames, max(0, has - segment.first_frame))
    if shown:
        yield Span(track, shown, segment.first_frame)
    if shown < segment.frames:
        yield Span(track, segment.frames - shown, has - 1, hold=True)


def _to_length(spans: list[Span], total: int | None) -> list[Span]:
    if total is None:
        return spans
    kept: list[Span] = []
    left = total
    for span in spans:
        if left > 0:
            kept.append(replace(span, frames=min(span.frames, left)))
        left -= span.frames
    return [*kept, _held(kept[-1], left)] if left > 0 else kept


def _held(last: Span, frames: int) -> Span:
    if isinstance(last.source, Track) and not last.hold:
        return Span(last.source, frames, last.first + last.frames - 1, hold=True)
    return replace(last, frames=frames)


def _parameter_sets(spans: list[Span], shape: Shape) -> bytes:
    """The one set of codec parameters the film will have: that of its files if all can be copied, else our
    own."""
    found = {s.source.extradata for s in spans if isinstance(s.source, Track) and _all_copy(s, shape)}
    if len(found) == 1 and all(_all_copy(span, shape) for span in spans):
        return found.pop()
    return own_extradata(shape.width, shape.height, shape.rate)


def _all_copy(span: Span, shape: Shape) -> bool:
    track = span.source
    if not isinstance(track, Track) or span.hold or not copyable(track, shape):
        return False
    return span.first in track.entries and span.first + span.frames in track.exits


def _split(span: Span, shape: Shape, sets: bytes | None) -> Iterator[Span]:
    """Encode up to the first place where copying can begin, copy to the last where it can end, encode the
    rest."""
    track = span.source
    if not isinstance(track, Track) or span.hold or track.extradata != sets or not copyable(track, shape):
        yield span
        return
    end = span.first + span.frames
    entries = [int(n) for n in track.entries if span.first <= n < end]
    start = entries[0] if entries else end
    exits = [int(n) for n in track.exits if start < n <= end]
    stop = exits[-1] if exits else start
    for first, last, copied in ((span.first, start, False), (start, stop, True), (stop, end, False)):
        if last > first:
            yield replace(span, first=first, frames=last - first, copy=copied)
