"""Rows of the board: what a card, the song map and the filters show. Computed from loaded facts; no query.

Times are seconds of the song, money is micro-dollars, files are paths below the media root.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sequences.models import Song
from sequences.models.plan import Mode
from sequences.song.decode import wave_path
from sequences.states import ArtefactState

from .facts import SequenceFacts
from .needs import NEED_WORDS
from .progress import Progress, progress
from .stages import STAGES, NextAction, next_action, pick_is_open, stage

LIVE_STAGES = ("exploring", "generating")
RULER_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands large on a card: a file with its name, or `waits` (a grid is being made), or nothing yet."""

    file: str = ""
    name: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One shot of the filmstrip: seconds, and a picture when there is one; `live` while it is being made."""

    seconds: float
    file: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """The line that says what the stage means; `tone` is empty, warn or bad."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One sequence on the board."""

    facts: SequenceFacts
    stage: str
    action: NextAction
    picture: Picture
    strip: tuple[Cell, ...]
    mode: str
    note: Note
    progress: tuple[Progress, ...]
    wave: str

    @property
    def code(self) -> str:
        """SEQ01."""
        return self.facts.sequence.code

    @property
    def anchor(self) -> str:
        """The id of its card."""
        return self.code.lower()

    @property
    def name(self) -> str:
        """What people call it."""
        return self.facts.sequence.section or self.code

    @property
    def start(self) -> float:
        """Where it begins in the song."""
        return float(self.facts.sequence.start)

    @property
    def end(self) -> float:
        """Where it ends in the song."""
        return float(self.facts.sequence.end)

    @property
    def short_code(self) -> str:
        """What tells it from its neighbours on the map: 01 of SEQ01."""
        return self.code.removeprefix("SEQ")

    @property
    def shot_count(self) -> str:
        """`3 shots`."""
        return counted(len(self.facts.shots), "shot")

    @property
    def needs(self) -> str:
        """What needs a person, for the mark on its card: `Needs a decision`, `Arrived late`; else empty."""
        found = self.facts.needs
        if not found or all(job.late for job in found):
            return NEED_WORDS["late"] if found else ""
        return "Needs a decision" if len(found) == 1 else f"{len(found)} calls need a decision"

    @property
    def live(self) -> bool:
        """Whether something of it is in flight."""
        return bool(self.facts.jobs) or self.stage in LIVE_STAGES

    @property
    def counts(self) -> str:
        """`3 shots, no takes`."""
        return f"{counted(len(self.facts.shots), 'shot')}, {counted(len(self.facts.takes), 'take')}"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the song map, in seconds, with the path of its waveform."""

    start: float
    end: float
    row: BoardRow | None
    wave: str

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Board:
    """The whole board in song order. `counts` has one number a stage; `seconds` is the length shown."""

    rows: tuple[BoardRow, ...]
    song: Song | None
    seconds: float
    counts: dict[str, int]

    @property
    def live(self) -> bool:
        """Whether anything is in flight."""
        return any(r.live for r in self.rows)

    @property
    def approved(self) -> int:
        """Sequences with an approved take."""
        return sum(r.facts.approved_take is not None for r in self.rows)

    @property
    def approved_seconds(self) -> float:
        """Seconds of the song that are approved."""
        return sum(r.end - r.start for r in self.rows if r.facts.approved_take)

    @property
    def waiting(self) -> int:
        """What waits for a person: takes to judge, and sequences whose pick is open."""
        return sum(len(r.facts.waiting_takes) + pick_is_open(r.facts) for r in self.rows)

    @property
    def wave_width(self) -> float:
        """Width of the waveform's drawing: ten units a second."""
        return self.seconds * 10

    @property
    def ruler(self) -> tuple[float, ...]:
        """Marks of the ruler: round seconds, about a dozen."""
        step = next((s for s in RULER_STEPS if self.seconds / s <= 14), 600)
        return tuple(float(at) for at in range(0, int(self.seconds) + 1, step) if at < self.seconds)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The whole song in order; a span without a row is where no sequence is planned."""
        out: list[Span] = []
        at = 0.0
        for row in self.rows:
            if row.start > at + 1e-6:
                out.append(Span(at, row.start, None, _wave(self.song, at, row.start)))
            out.append(Span(max(at, row.start), row.end, row, row.wave))
            at = row.end
        if self.seconds > at + 1e-6:
            out.append(Span(at, self.seconds, None, _wave(self.song, at, self.seconds)))
        return tuple(out)


def board_of(found: Iterable[SequenceFacts], song: Song | None, now: datetime) -> Board:
    """The board of these sequences under that song."""
    listed = list(found)
    seconds = float(song.seconds) if song else max((float(f.sequence.end) for f in listed), default=0.0)
    rows = tuple(board_row(f, song, now) for f in listed)
    counted_stages = Counter(r.stage for r in rows)
    return Board(rows, song, seconds, {name: counted_stages[name] for name in STAGES})


def board_row(facts: SequenceFacts, song: Song | None, now: datetime) -> BoardRow:
    """One card."""
    at = stage(facts)
    return BoardRow(
        facts=facts,
        stage=at,
        action=next_action(facts, at),
        picture=_picture(facts, at),
        strip=_strip(facts),
        mode=_mode(facts),
        note=_note(facts, at),
        progress=tuple(progress(facts, now)),
        wave=_wave(song, float(facts.sequence.start), float(facts.sequence.end)),
    )


def counted(number: int, word: str) -> str:
    """`no takes`, `1 take`, `3 takes`."""
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def _picture(facts: SequenceFacts, at: str) -> Picture:
    best = facts.best_take
    if best and best.poster:
        return Picture(best.poster, f"T{best.number}")
    if at == "exploring" and not facts.enlarging:
        return Picture(waits=True)
    grid = next((g for g in reversed(facts.grids) if g.preview or g.file), None)
    if grid and (at == "pick_start_frame" or not facts.start_frame):
        return Picture(grid.preview or grid.file, f"Grid {grid.number}")
    if facts.start_frame:
        return Picture(facts.start_frame.file, "Start frame")
    own = next((s.start_frame for s in facts.shots if s.start_frame), None)
    return Picture(own.file, "Start frame") if own else Picture()


def _strip(facts: SequenceFacts) -> tuple[Cell, ...]:
    """One cell a shot: the picture of the best take, else of the frame it starts from."""
    if facts.thumbs:
        return tuple(Cell(float(t.seconds), t.thumb) for t in facts.thumbs)
    first = facts.start_frame.file if facts.start_frame else ""
    making = {n for t in facts.takes if t.state == ArtefactState.MAKING for n in _shots_in_flight(facts, t.pk)}
    return tuple(
        Cell(
            float(s.shot.seconds),
            s.start_frame.file if s.start_frame else (first if n == 0 else ""),
            s.number in making,
        )
        for n, s in enumerate(facts.shots)
    )


def _shots_in_flight(facts: SequenceFacts, take: int) -> set[int]:
    """Shots of the call that is being made now."""
    job = next((j for j in facts.jobs if j.take_id == take), None)
    plan = next(t.plan for t in facts.takes if t.pk == take)
    calls = [c for c in plan.get("calls", ()) if job and c["number"] == job.call]
    return {p["number"] for c in calls for p in c["pieces"]}


def _mode(facts: SequenceFacts) -> str:
    """per_shot, multi_shot, or mixed when a multi-shot sequence has a solo shot."""
    if facts.sequence.mode == Mode.PER_SHOT:
        return "per_shot"
    return "mixed" if any(s.shot.solo for s in facts.shots) else "multi_shot"


def _note(facts: SequenceFacts, at: str) -> Note:
    say = {
        "draft": _draft_note,
        "pick_start_frame": _pick_note,
        "ready": _ready_note,
        "in_review": _review_note,
        "approved": _approved_note,
        "changes_requested": _changes_note,
        "failed": _failed_note,
    }
    return say[at](facts) if at in say else Note("")


def _draft_note(facts: SequenceFacts) -> Note:
    if not facts.shots:
        return Note("No shots yet")
    written = sum(bool(s.text.strip()) for s in facts.shots)
    if written < len(facts.shots):
        return Note(f"{written} of {counted(len(facts.shots), 'prompt')} written")
    return Note(f"{counted(written, 'prompt').capitalize()} written, no start frame")


def _pick_note(facts: SequenceFacts) -> Note:
    drawn = [g for g in facts.grids if g.file]
    frames = sum(g.rows * g.cols for g in drawn)
    return Note(f"{counted(len(drawn), 'grid')}, {counted(frames, 'frame')} to choose from")


def _ready_note(facts: SequenceFacts) -> Note:
    elements = counted(len(facts.elements), "element")
    return Note(f"{counted(len(facts.shots), 'prompt')}, {elements}, start frame set")


def _review_note(facts: SequenceFacts) -> Note:
    parts = [(t.number, facts.marks[t.pk]) for t in facts.waiting_takes]
    words = [_gates(number, m.checks_failed, m.checks_warned) for number, m in parts]
    return Note(", ".join(words), "warn" if any(m.checks_failed for _, m in parts) else "")


def _gates(number: int, failed: int, warned: int) -> str:
    if failed:
        return f"T{number} failed {counted(failed, 'check')}"
    return f"T{number} passed with {counted(warned, 'warning')}" if warned else f"T{number} passed every check"


def _approved_note(facts: SequenceFacts) -> Note:
    take = facts.approved_take
    said = facts.said.get(take.pk, "") if take else ""
    name = f"T{take.number} approved" if take else "Approved"
    return Note(f"{name}: “{said}”" if said and said != "approved" else name)


def _changes_note(facts: SequenceFacts) -> Note:
    take = facts.takes[-1]
    said = facts.said.get(take.pk, "")
    return Note(f"T{take.number}: “{said}”" if said else f"T{take.number} rejected, no reason given")


def _failed_note(facts: SequenceFacts) -> Note:
    """What went wrong, and whether it was charged."""
    if facts.takes and facts.takes[-1].state == ArtefactState.FAILED:
        take = facts.takes[-1]
        said = f"T{take.number}: {root_cause(take.error)}"
        return Note(_with_money(said, facts.marks[take.pk].charged_micros > 0), "bad")
    grid = facts.grids[-1]
    # with one grid only, whatever was spent was spent on it
    charged = facts.spent_micros > 0 if len(facts.grids) == 1 else None
    return Note(_with_money(f"Grid {grid.number}: {grid.error}", charged), "bad")


def root_cause(error: str) -> str:
    """A take's error without the calls that only failed because one before them did."""
    parts = re.split(r" (?=Call \d+: )", error)
    return " ".join([p for p in parts if "before it failed" not in p] or parts)


def _with_money(text: str, charged: bool | None) -> str:
    if charged is None or "charged" in text.lower():
        return text
    return f"{text} {'Charged.' if charged else 'Not charged.'}"


class _Peaks:
    """Peaks of a song, known by the song's hash: a path is computed once for a song and a stretch of it."""

    __slots__ = ("sha", "values")

    def __init__(self, sha: str, values: Sequence[int]) -> None:
        self.sha, self.values = sha, values

    def __hash__(self) -> int:
        return hash(self.sha)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Peaks) and self.sha == other.sha


def _wave(song: Song | None, start: float, end: float) -> str:
    if song is None or not song.peaks:
        return ""
    return _path(_Peaks(song.sha256, song.peaks), float(song.seconds), start, end)


@lru_cache(maxsize=1024)
def _path(peaks: _Peaks, seconds: float, start: float, end: float) -> str:
    return wave_path(peaks.values, seconds, start, end)
