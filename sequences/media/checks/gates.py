"""The gates themselves: each compares one measured figure with its limit and says where in the take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from sequences.media.checks.limits import Limits
from sequences.media.checks.measure import Seen, Span, likeness, watch
from sequences.media.video.tracks import Track, read_track

Result = Literal["pass", "warn", "fail"]

NEAR = 2  # frames a cut may be from where it was planned
CUT, PLANNED_CUT = 10.0, 4.0  # scene-change scores: anywhere, and where a cut is expected


@dataclass(frozen=True, slots=True)
class Asked:
    """What a take was to be: frames, pixels, rate, the frame numbers at which a new shot begins, the start picture.

    `joins` are the frames at which a clip goes on from the last frame of the one before: a cut may show there or not.
    `start_exact` says that the clip was promised to begin on the very start picture; if not, an unlike first frame
    warns and never fails.
    """

    frames: int
    width: int
    height: int
    rate: Fraction
    cuts: tuple[int, ...] = ()
    joins: tuple[int, ...] = ()
    start: Path | None = None
    start_exact: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One gate's answer: the measured figure (and as text), the limit as text, (first, last) frames of each place."""

    name: str
    label: str
    measured: str
    figure: float
    limit: str
    result: Result
    spans: tuple[Span, ...] = ()


def run(path: Path | str, asked: Asked, limits: Limits | None = None) -> tuple[Finding, ...]:
    """All gates over one take, decoding it once: duration, size, rate, black, frozen, cuts, start_frame.

    The start frame gate is left out when there is no start picture. Raises BadVideo or BadPicture when a file cannot
    be read.
    """
    limits = limits or Limits()
    track = read_track(path)
    return tuple(_findings(track, watch(track), asked, limits))


def _findings(track: Track, seen: Seen, asked: Asked, limits: Limits) -> Iterator[Finding]:
    yield _duration(track, asked, limits)
    yield _size(track, asked)
    yield _rate(track, asked)
    yield _longest("black", "Black", seen.black, limits.black_seconds, track.rate)
    yield _longest("frozen", "Frozen", seen.frozen, limits.frozen_seconds, track.rate)
    yield _cuts(seen, asked, limits)
    if asked.start and seen.first:
        yield _start(likeness(seen.first, asked.start), asked, limits)


def _duration(track: Track, asked: Asked, limits: Limits) -> Finding:
    off = track.frames - asked.frames
    result: Result = "pass" if abs(off) <= limits.duration_frames else "fail"
    measured = f"{track.frames} frames, {_signed(off)}" if off else f"{track.frames} frames"
    limit = f"{asked.frames} ± {limits.duration_frames} frames"
    first_too_many = min(asked.frames, track.frames - 1)
    spans = ((first_too_many, track.frames - 1),) if result == "fail" else ()
    return Finding("duration", "Duration", measured, float(off), limit, result, spans)


def _size(track: Track, asked: Asked) -> Finding:
    same = (track.width, track.height) == (asked.width, asked.height)
    measured, limit = f"{track.width}×{track.height}", f"{asked.width}×{asked.height}"
    return Finding("size", "Size", measured, float(track.width * track.height), limit, "pass" if same else "fail")


def _rate(track: Track, asked: Asked) -> Finding:
    same = track.rate == asked.rate and track.steady
    measured = rate_text(track.rate) + ("" if track.steady else ", uneven")
    return Finding("rate", "Frame rate", measured, float(track.rate), rate_text(asked.rate), "pass" if same else "fail")


def _longest(name: str, label: str, spans: Sequence[Span], limit: float, rate: Fraction) -> Finding:
    longest = max((_frames(span) for span in spans), default=0)
    seconds = float(longest / rate)
    over = tuple(span for span in spans if float(_frames(span) / rate) > limit)
    measured = f"{seconds:.2f} s" if longest else "none"
    if len(over) > 1:
        measured += f" longest of {len(over)}"
    return Finding(name, label, measured, seconds, f"at most {limit:.2f} s", "fail" if over else "pass", over)


def _cuts(seen: Seen, asked: Asked, limits: Limits) -> Finding:
    missing = [cut for cut in asked.cuts if not _cut_near(seen.scores, cut)]
    extra = [cut for cut in _found(seen) if not any(abs(cut - known) <= NEAR for known in asked.cuts + asked.joins)]
    failed = len(extra) > limits.extra_cuts or len(missing) > limits.missing_cuts
    result: Result = "fail" if failed else "warn" if extra or missing else "pass"
    told = [f"{len(asked.cuts) - len(missing)} of {len(asked.cuts)} planned"]
    told += [f"missing at {_listed(missing)}"] if missing else []
    told += [f"{len(extra)} unplanned at {_listed(extra)}"] if extra else []
    limit = f"at most {limits.extra_cuts} unplanned, {limits.missing_cuts} missing"
    spans = tuple((cut, cut) for cut in sorted(missing + extra))
    return Finding("cuts", "Cuts", "; ".join(told), float(len(missing) + len(extra)), limit, result, spans)


def _start(alike: float, asked: Asked, limits: Limits) -> Finding:
    result: Result = "pass" if alike >= limits.start_match else "warn"
    if asked.start_exact and alike < limits.start_match_warn:
        result = "fail"
    limit = f"at least {limits.start_match:.2f}"
    spans = () if result == "pass" else ((0, 0),)
    return Finding("start_frame", "Start frame", f"{alike:.2f} alike", round(alike, 4), limit, result, spans)


def _cut_near(scores: Sequence[float], planned: int) -> bool:
    return max(scores[max(0, planned - NEAR) : planned + NEAR + 1], default=0.0) >= PLANNED_CUT


def _found(seen: Seen) -> list[int]:
    """Frames where a new picture begins. Falling into black and coming out of it are the black gate's business."""
    edges = {frame for first, last in seen.black for frame in (first, last + 1)}
    return [
        number
        for number, score in enumerate(seen.scores)
        if score >= CUT and score == max(seen.scores[max(0, number - 1) : number + 2])
        if not any(abs(number - edge) <= 1 for edge in edges)
    ]


def _frames(span: Span) -> int:
    return span[1] - span[0] + 1


def _listed(frames: Sequence[int]) -> str:
    shown = ", ".join(str(frame) for frame in frames[:6])
    return f"frame {shown}" + (" …" if len(frames) > 6 else "")


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−")


def rate_text(rate: Fraction) -> str:
    """24 → "24 fps", 30000/1001 → "29.97 fps"."""
    return f"{rate.numerator} fps" if rate.denominator == 1 else f"{float(rate):.2f} fps"
