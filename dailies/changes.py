"""What differs between a take and the one before it: prompts word by word, and all else it was made from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sequences.models import StartFrame, Take, TakeShot
from sequences.models.plan import Mode
from sequences.prompts import Part, word_diff
from sequences.queries.drafts import models_of


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was: `was` and `now` in words, either empty for nothing."""

    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class ShotLook:
    """A shot of a take, its parts put together. `first` and `end` are frames of the take, `end` the one after it."""

    number: int
    shot_id: int
    text: str
    revision: int
    first: int
    end: int
    seconds: float
    thumb: str
    reused: bool
    start_frame: StartFrame | None

    def at(self, rate: Fraction) -> tuple[float, float]:
        """Where it begins and ends in the take, in seconds."""
        return float(self.first / rate), float(self.end / rate)


@dataclass(frozen=True, slots=True)
class ShotChange:
    """A shot beside its like in the take before. Without one, `parts` is its whole text."""

    shot: ShotLook
    before: ShotLook | None
    parts: tuple[Part, ...]
    changes: tuple[Change, ...]

    @property
    def same_words(self) -> bool:
        """Whether the words are those of the take before."""
        return self.before is not None and self.before.text == self.shot.text


def shots_of(rows: Iterable[TakeShot]) -> list[ShotLook]:
    """Shots of one take in its order; parts of a long shot become one."""
    out: dict[int, ShotLook] = {}
    for row in sorted(rows, key=lambda r: r.at):
        known = out.get(row.number)
        out[row.number] = _look(row) if known is None else _longer(known, row)
    return list(out.values())


def _look(row: TakeShot) -> ShotLook:
    return ShotLook(
        number=row.number,
        shot_id=row.shot_id,
        text=row.revision.text,
        revision=row.revision.number,
        first=row.at,
        end=row.at + row.frames,
        seconds=float(row.seconds),
        thumb=row.thumb,
        reused=row.call == 0,
        start_frame=row.start_frame,
    )


def _longer(known: ShotLook, row: TakeShot) -> ShotLook:
    return ShotLook(
        known.number,
        known.shot_id,
        known.text,
        known.revision,
        known.first,
        row.at + row.frames,
        known.seconds + float(row.seconds),
        known.thumb,
        known.reused,
        known.start_frame,
    )


def shot_changes(now: Sequence[ShotLook], before: Sequence[ShotLook]) -> list[ShotChange]:
    """Every shot beside the same shot of the take before, whatever its number was there."""
    old = {s.shot_id: s for s in before}
    return [_beside(shot, old.get(shot.shot_id)) for shot in now]


def _beside(shot: ShotLook, before: ShotLook | None) -> ShotChange:
    if before is None:
        return ShotChange(shot, None, (Part("same", shot.text),), ())
    found = [
        Change("Shot", str(before.number), str(shot.number)),
        Change("Length", _seconds(before.seconds), _seconds(shot.seconds)),
        Change("Start frame", _frame(before.start_frame), _frame(shot.start_frame)),
    ]
    # the first shot starts from the sequence's frame, which is said of the whole take
    kept = tuple(c for c in found if c.was != c.now and not (c.what == "Start frame" and shot.first == 0))
    return ShotChange(shot, before, word_diff(before.text, shot.text), kept)


def take_changes(take: Take, before: Take | None) -> list[Change]:
    """What else a take was made from than the one before it. Both need their `start_frame` loaded."""
    if before is None:
        return []
    pairs = [
        Change("Start frame", _frame(before.start_frame), _frame(take.start_frame)),
        Change("Model", models_of(before), models_of(take)),
        Change("Mode", mode_word(before.mode), mode_word(take.mode)),
        Change("Size", f"{before.width} × {before.height}", f"{take.width} × {take.height}"),
        Change("Elements", _elements(before), _elements(take)),
        Change("Seed", str(before.seed), str(take.seed)),
    ]
    return [c for c in pairs if c.was != c.now]


def mode_word(mode: str) -> str:
    """Multi-shot or Per shot."""
    return Mode(mode).label if mode in Mode.values else mode


def _frame(frame: StartFrame | None) -> str:
    return f"F{frame.number}" if frame else ""


def _seconds(value: float) -> str:
    return f"{value:g} s"


def _elements(take: Take) -> str:
    return ", ".join(e["name"] for e in take.elements if e.get("sent"))
