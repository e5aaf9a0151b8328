"""The cut as data: what stands in for each sequence, frame by frame, under the song. Pure over loaded facts.

For each sequence the approved take, else the best available, else the start frame, else a slate; a hole between
sequences is a slate too, so that the cut is always playable and always as long as the song.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal

from sequences.models import Project, Take
from sequences.queries import SequenceFacts
from sequences.states import ArtefactState

Shown = Literal["approved", "take", "start_frame", "slate", "gap"]

WORDS: dict[str, str] = {
    "approved": "approved take",
    "take": "best take so far",
    "start_frame": "start frame",
    "slate": "slate",
    "gap": "no sequence",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the cut: `at` is its first frame, `frames` its length; `source_frames` is what its take has."""

    code: str
    name: str
    at: int
    frames: int
    shown: Shown
    file: str = ""
    poster: str = ""
    take: str = ""
    take_id: int | None = None
    source_frames: int = 0
    prompt: str = ""

    @property
    def shown_as(self) -> str:
        """In words."""
        return WORDS[self.shown]

    @property
    def held(self) -> int:
        """Frames for which the take's last picture is held because the take is shorter than its section."""
        return max(0, self.frames - self.source_frames) if self.source_frames else 0

    @property
    def trimmed(self) -> int:
        """Frames at the take's end that are not shown because the take is longer than its section."""
        return max(0, self.source_frames - self.frames) if self.source_frames else 0

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.at + self.frames

    @property
    def title(self) -> str:
        """What its slate says: code and section."""
        return " ".join(filter(None, (self.code, self.name)))

    @property
    def lines(self) -> tuple[str, ...]:
        """What its slate says below the title: the prompt of the first shot."""
        return (self.prompt,) if self.prompt else ()

    @property
    def picture(self) -> tuple[object, ...]:
        """What is seen, and when: two segments with equal pictures render to the same frames."""
        seen = (self.file,) if self.file else (self.title, *self.lines)
        return (self.at, self.frames, *seen)


@dataclass(frozen=True, slots=True)
class Cut:
    """The whole video at this moment. `rate` is frames a second as in the plan file."""

    frames: int
    rate: str
    width: int
    height: int
    audio: str
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return float(self.frames / Fraction(self.rate))

    @property
    def missing(self) -> list[Segment]:
        """The segments that are not an approved take."""
        return [s for s in self.segments if s.shown != "approved"]

    @property
    def missing_seconds(self) -> float:
        """How much of it is not an approved take."""
        return float(sum(s.frames for s in self.missing) / Fraction(self.rate))

    @property
    def gaps(self) -> list[dict[str, str]]:
        """Everything that is not an approved take, for the export document."""
        return [{"sequence": s.code, "shown_as": s.shown_as} for s in self.missing]

    def as_data(self) -> dict[str, Any]:
        """Plain types, as kept on an export."""
        return asdict(self)

    def changed_since(self, before: Cut) -> list[str]:
        """What is seen or heard otherwise than in `before`: `size`, `rate`, `song`, `length`, then codes.

        Empty for the same film. A verdict alone changes nothing that is seen.
        """
        told = {
            "size": (self.width, self.height) != (before.width, before.height),
            "rate": Fraction(self.rate) != Fraction(before.rate),
            "song": self.audio != before.audio,
            "length": self.frames != before.frames,
        }
        codes = _codes(self.segments, before.segments) | _codes(before.segments, self.segments)
        return [word for word, so in told.items() if so] + sorted(codes)


def _codes(some: Iterable[Segment], others: Iterable[Segment]) -> set[str]:
    known = {s.picture for s in others}
    return {s.code or "a hole" for s in some if s.picture not in known}


def from_data(data: dict[str, Any]) -> Cut:
    """The cut back from what `as_data` wrote."""
    return Cut(**{**data, "segments": tuple(Segment(**s) for s in data["segments"])})


def build(project: Project, facts: Sequence[SequenceFacts]) -> Cut:
    """The cut of a project from its loaded facts; without a song it ends with its last sequence."""
    song = getattr(project, "song", None)
    rate = project.frame_rate
    ends = [f.sequence.end for f in facts]
    length = Fraction(song.seconds) if song else Fraction(max(ends, default=0))
    total = round(length * rate)
    return Cut(
        frames=total,
        rate=project.rate,
        width=project.width,
        height=project.height,
        audio=song.file if song else "",
        segments=tuple(_filled(facts, rate, total)),
    )


def _filled(facts: Iterable[SequenceFacts], rate: Fraction, total: int) -> Iterable[Segment]:
    at = 0
    for f in sorted(facts, key=lambda f: f.sequence.start):
        first = min(round(Fraction(f.sequence.start) * rate), total)
        end = min(round(Fraction(f.sequence.end) * rate), total)
        if first > at:
            yield Segment("", "No sequence", at, first - at, "gap")
        if end > max(first, at):
            yield _segment(f, max(first, at), end - max(first, at))
        at = max(at, end)
    if total > at:
        yield Segment("", "No sequence", at, total - at, "gap")


def _segment(facts: SequenceFacts, at: int, frames: int) -> Segment:
    code, name = facts.sequence.code, facts.sequence.section
    prompt = facts.shots[0].text if facts.shots else ""
    take = facts.best_take
    if take is not None and take.file:
        shown: Shown = "approved" if take.state == ArtefactState.APPROVED else "take"
        return _of_take(code, name, at, frames, shown, take, prompt)
    start = facts.start_frame or next((s.start_frame for s in facts.shots if s.start_frame), None)
    if start is not None:
        return Segment(code, name, at, frames, "start_frame", start.file, start.file, prompt=prompt)
    return Segment(code, name, at, frames, "slate", prompt=prompt)


def _frames_at(take: Take, rate: Fraction) -> int:
    """Frames the take gives at the project's rate, which may have changed since it was made."""
    return max(1, round((take.frames or 0) / Fraction(take.rate) * rate))


def _of_take(code: str, name: str, at: int, frames: int, shown: Shown, take: Take, prompt: str) -> Segment:
    rate = take.sequence.project.frame_rate
    return Segment(
        code,
        name,
        at,
        frames,
        shown,
        take.file,
        take.poster,
        take=f"T{take.number}",
        take_id=take.pk,
        source_frames=_frames_at(take, rate),
        prompt=prompt,
    )
