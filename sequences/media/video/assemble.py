"""One film out of many parts: takes from clips, the whole cut under its song."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from sequences.media.files import part_path, written
from sequences.media.grids.pictures import cover, open_picture
from sequences.media.video.encode import Progress, Writer, as_frame, container_options
from sequences.media.video.fit import fitted
from sequences.media.video.frames import pick, stretch
from sequences.media.video.plan import Piece, Segment, Shape, Span, Still, copyable, frames_at, spans_of
from sequences.media.video.slates import draw_slate
from sequences.media.video.sound import Sound
from sequences.media.video.tracks import BadVideo, Track, VideoFacts, opened, probe, read_track

MUX_COST = 0.04  # copying a frame, as a share of encoding one


def join(
    pieces: Sequence[Piece],
    target: Path | str,
    *,
    width: int,
    height: int,
    rate: Fraction | str | int,
    pad_to: int | None = None,
    progress: Progress | None = None,
) -> VideoFacts:
    """Assemble a take from pieces of clips, in order, without sound.

    Packets are copied where they can be; the rest is encoded with our settings and scaled to width x
    height. With `pad_to` the last frame is held until the take has that many frames. Raises BadVideo when a
    piece asks for frames its file does not have; whatever `progress` raises stops the work. Nothing
    half-written stays behind.
    """
    shape = Shape(width, height, Fraction(rate))
    for piece in pieces:
        _refuse_short(piece, shape.rate)
    total = sum(piece.frames for piece in pieces)
    spans = spans_of(pieces, shape, total=max(total, pad_to or 0))
    return _film(spans, Path(target), shape, None, progress)


def cut_movie(
    segments: Sequence[Segment],
    target: Path | str,
    *,
    width: int,
    height: int,
    rate: Fraction | str | int,
    frames_total: int,
    audio: Path | str | None = None,
    progress: Progress | None = None,
) -> VideoFacts:
    """Write the whole cut: exactly `frames_total` frames of H.264, under the song as AAC of exactly that
    length.

    A piece shorter than its segment holds its last frame; a song too short ends in silence. `progress`
    hears 0..1 and may raise to cancel. Raises BadVideo or BadPicture naming the file at fault.
    """
    shape = Shape(width, height, Fraction(rate))
    spans = spans_of(segments, shape, total=frames_total)
    return _film(spans, Path(target), shape, Path(audio) if audio else None, progress)


def normalise(
    path: Path | str,
    target: Path | str,
    *,
    width: int,
    height: int,
    rate: Fraction | str | int,
    progress: Progress | None = None,
) -> bool:
    """Bring a provider's clip to the project's size, rate and one-second groups. False when it already is so.

    Its length in seconds is kept, to the nearest frame. Nothing is written when nothing is needed.
    """
    shape = Shape(width, height, Fraction(rate))
    track = read_track(path)
    if _normal(track, shape):
        return False
    piece = Piece(Path(path), 0, frames_at(track, shape.rate))
    _film(spans_of([piece], shape, copy=False), Path(target), shape, None, progress)
    return True


def _normal(track: Track, shape: Shape) -> bool:
    if not copyable(track, shape) or len(track.exits) < track.frames:
        return False
    starts = [*(int(n) for n in track.entries), track.frames]
    longest = max(b - a for a, b in pairwise(starts)) if len(starts) > 1 else track.frames
    return starts[0] == 0 and longest <= round(shape.rate) + 1


def _refuse_short(piece: Piece, rate: Fraction) -> None:
    has = frames_at(read_track(piece.path), rate)
    if piece.first_frame < 0 or piece.frames < 1 or piece.first_frame + piece.frames > has:
        raise BadVideo(
            f"{piece.path.name} has {has} frames; frames {piece.first_frame} to"
            f" {piece.first_frame + piece.frames - 1} were asked of it."
        )


class _Meter:
    """Turns frames done into 0..1, a few times a second of film."""

    def __init__(self, spans: Sequence[Span], tell: Progress | None) -> None:
        self.tell, self.done, self.count = tell, 0.0, 0
        self.whole = sum(s.frames * (MUX_COST + (0 if s.copy else 1)) for s in spans)

    def add(self, cost: float) -> None:
        self.done += cost
        self.count += 1
        if self.tell and self.count % 12 == 1:
            self.tell(min(0.999, self.done / self.whole))


def _film(spans: list[Span], target: Path, shape: Shape, audio: Path | None, tell: Progress | None) -> VideoFacts:
    meter = _Meter(spans, tell)
    frames = sum(span.frames for span in spans)
    with ExitStack() as cleanup:
        runs = _runs(spans, target, shape, meter, cleanup)
        with written(target) as part:
            _mux(runs, part, shape, audio, frames, meter)
            facts = probe(part)
            if facts.frames != frames:
                raise BadVideo(f"{target.name} came out with {facts.frames} frames instead of {frames}; make it again.")
    if tell:
        tell(1.0)
    return facts


def _runs(spans: list[Span], target: Path, shape: Shape, meter: _Meter, cleanup: ExitStack) -> list[Span]:
    """All spans as copies: stretches that cannot be copied are first encoded to a file of their own."""
    runs: list[Span] = []
    for number, (copied, group) in enumerate(groupby(spans, key=lambda span: span.copy)):
        if copied:
            runs.extend(group)
            continue
        place = part_path(target.with_name(f"{target.name}.{number}"))
        place.parent.mkdir(parents=True, exist_ok=True)
        cleanup.callback(place.unlink, missing_ok=True)
        _encode(list(group), place, shape, meter)
        made = read_track(place)
        runs.append(Span(made, made.frames, copy=True))
    return runs


def _encode(spans: list[Span], place: Path, shape: Shape, meter: _Meter) -> None:
    with Writer(place, shape.width, shape.height, shape.rate) as film:
        for span in spans:
            for number, frame in enumerate(_frames(span, shape)):
                film.write(frame, key=number == 0)
                meter.add(1)


def _frames(span: Span, shape: Shape) -> Iterator[av.VideoFrame]:
    source = span.source
    if isinstance(source, Track):
        return fitted(_of_track(source, span, shape.rate), shape.width, shape.height)
    size = (shape.width, shape.height)
    image = cover(open_picture(source.path), *size) if isinstance(source, Still) else draw_slate(source, *size)
    frame = as_frame(image)
    return (frame for _ in range(span.frames))


def _of_track(track: Track, span: Span, rate: Fraction) -> Iterator[av.VideoFrame]:
    if span.hold:
        last = next(pick(track, [_own_number(track, span.first, rate)]))
        return (last for _ in range(span.frames))
    if track.steady and track.rate == rate:
        return stretch(track, span.first, span.frames)
    numbers = [_own_number(track, n, rate) for n in range(span.first, span.first + span.frames)]
    return pick(track, numbers)


def _own_number(track: Track, number: int, rate: Fraction) -> int:
    """The track's own frame that is on screen in the middle of frame `number` at another rate."""
    if track.steady and track.rate == rate:
        return number
    moment = (number + Fraction(1, 2)) / rate / track.time_base
    shown = track.shown - track.shown[0]
    return max(0, int(shown.searchsorted(float(moment), side="right")) - 1)


def _mux(runs: list[Span], part: Path, shape: Shape, audio: Path | None, frames: int, meter: _Meter) -> None:
    with ExitStack() as files:
        pattern = files.enter_context(opened(_track(runs[0]).path))
        out = files.enter_context(av.open(str(part), "w", format="mp4", options=container_options(shape.rate)))
        video = out.add_stream_from_template(pattern.streams.video[0])
        video.time_base = 1 / shape.rate
        sound = Sound(audio, out, frames / shape.rate) if audio else None
        if sound:
            files.callback(sound.close)
        for number, packet in enumerate(_packets(runs, video, shape.rate)):
            out.mux_one(packet)
            meter.add(MUX_COST)
            if sound:
                sound.feed((number + 1) / shape.rate)
        if sound:
            sound.finish()


def _packets(runs: list[Span], video: VideoStream, rate: Fraction) -> Iterator[Packet[VideoStream]]:
    """All packets of the film with new times: one tick a frame, unique, increasing in decode order."""
    delay = max(_reorder(_track(run)) for run in runs)
    offset = 0
    for run in runs:
        track = _track(run)
        for number, packet in enumerate(_copied(track, run)):
            packet.time_base = 1 / rate
            packet.dts = offset + number - delay
            packet.pts = offset + int(track.ranks[run.first + number]) - run.first
            packet.duration = 1
            packet.stream = video
            yield packet
        offset += run.frames


def _copied(track: Track, run: Span) -> Iterator[Packet[VideoStream]]:
    """The packets of a stretch that starts at an entry and ends at an exit: as many as it has frames, in a
    row."""
    wanted = iter(track.stamps[run.first : run.first + run.frames].tolist())
    stamp = next(wanted)
    with opened(track.path) as container:
        stream = container.streams.video[0]
        if run.first:
            container.seek(int(track.shown[run.first]), stream=stream, backward=True)
        for packet in container.demux(stream):
            if packet.pts == stamp and packet.size:
                yield packet
                stamp = next(wanted, None)
                if stamp is None:
                    return
    raise BadVideo(f"{track.path.name} changed while it was read; make it again.")


def _reorder(track: Track) -> int:
    """How many packets a frame can lag behind its place: 0 without B-frames."""
    return int((np.arange(track.frames) - track.ranks).max())


def _track(run: Span) -> Track:
    assert isinstance(run.source, Track)
    return run.source
