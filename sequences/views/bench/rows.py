"""Shots as the workbench shows them: prompt, revisions, who is named, and how they fit the section. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sequences.models import PromptRevision, Song, StartFrame
from sequences.orchestration.quoting import Quote
from sequences.prompts import Part, mentions, word_diff
from sequences.queries import SequenceFacts, ShotFacts
from sequences.queries.bench import Extras
from sequences.templatetags.board import tc

BARS = 228
WIDTH = 1600


@dataclass(slots=True)
class Use:
    """An element named in a shot: `out` when its picture does not go along, `why` says what is sent instead."""

    name: str
    out: bool
    why: str


@dataclass(slots=True)
class Revision:
    """One revision with what it changed against the one before."""

    number: int
    text: str
    author: str
    source: str
    saved: PromptRevision
    parts: tuple[Part, ...]
    current: bool


@dataclass(slots=True)
class ShotRow:
    """A shot in the table. `length` is the prompt's characters as they are sent, `most` what the model takes."""

    id: int
    number: int
    seconds: Decimal
    text: str
    solo: bool
    revision: int
    revisions: list[Revision]
    uses: list[Use]
    unknown: list[str]
    length: int
    most: int
    thumb: str
    own: StartFrame | None
    end: StartFrame | None
    over: bool
    first: bool
    last: bool

    @property
    def typed(self) -> str:
        """Its seconds as they stand in the stepper: 4.0, or as fine as they are."""
        return f"{self.seconds:.1f}" if self.seconds * 10 == int(self.seconds * 10) else _plain(self.seconds)

    @property
    def too_long(self) -> bool:
        """Whether the model refuses the prompt for its length."""
        return self.length > self.most

    @property
    def too_many(self) -> int:
        """Characters over what the model takes."""
        return self.length - self.most

    @property
    def texts(self) -> list[tuple[int, str]]:
        """Number and text of every revision, newest first."""
        return [(r.number, r.text) for r in self.revisions]

    @property
    def newest(self) -> Revision | None:
        """The current revision; None before the first."""
        return self.revisions[0] if self.revisions else None


def shot_rows(facts: SequenceFacts, more: Extras, asked: Quote) -> list[ShotRow]:
    """Every living shot in order."""
    thumbs = _thumbs(facts)
    ends = _ends(facts)
    section = facts.sequence.end - facts.sequence.start
    return [
        ShotRow(
            id=shot.shot.pk,
            number=shot.number,
            seconds=shot.shot.seconds,
            text=shot.text,
            solo=shot.shot.solo,
            revision=shot.revision,
            revisions=_revisions(more.revisions.get(shot.shot.pk, [])),
            uses=_uses(shot, asked),
            unknown=_unknown(shot, facts),
            length=_length(shot, asked),
            most=asked.endpoint_for(shot.number).prompt_chars,
            thumb=shot.start_frame.file if shot.start_frame else thumbs.get(shot.shot.pk, ""),
            own=shot.start_frame,
            end=shot.end_frame,
            over=ends[place] > section,
            first=place == 0,
            last=place == len(facts.shots) - 1,
        )
        for place, shot in enumerate(facts.shots)
    ]


def _thumbs(facts: SequenceFacts) -> dict[int, str]:
    """A picture of each shot: from the best take, and the start frame for the first one."""
    found = {row.shot_id: row.thumb for row in reversed(facts.thumbs) if row.thumb}
    if facts.shots and facts.start_frame:
        found.setdefault(facts.shots[0].shot.pk, facts.start_frame.file)
    return found


def _ends(facts: SequenceFacts) -> list[Decimal]:
    at, out = Decimal(0), []
    for shot in facts.shots:
        at += shot.shot.seconds
        out.append(at)
    return out


def _revisions(rows: list[PromptRevision]) -> list[Revision]:
    """Newest first, as they come."""
    older = [*(row.text for row in rows[1:]), ""][: len(rows)]
    return [
        Revision(
            number=row.number,
            text=row.text,
            author=row.author.get_username() if row.author else "",
            source=row.source,
            saved=row,
            parts=word_diff(before, row.text) if row.number > 1 else (),
            current=place == 0,
        )
        for place, (row, before) in enumerate(zip(rows, older, strict=True))
    ]


def _uses(shot: ShotFacts, asked: Quote) -> list[Use]:
    sent = {key for call in asked.plan.calls if shot.number in call.shots for key in call.sent}
    reasons = {d.key: d.reason for call in asked.plan.calls if shot.number in call.shots for d in call.dropped}
    by_key = {e.element.key: e.element for e in asked.facts.elements}
    out = []
    for key in mentions(shot.text):
        if element := by_key.get(key):
            instead = "its description is written out" if element.description else "its name is written out"
            why = "" if key in sent else f"{reasons.get(key, 'not sent')}; {instead}"
            out.append(Use(element.name, key not in sent, why))
    return out


def _unknown(shot: ShotFacts, facts: SequenceFacts) -> list[str]:
    known = {e.element.key for e in facts.elements}
    return [key for key in mentions(shot.text) if key not in known]


def _length(shot: ShotFacts, asked: Quote) -> int:
    lengths = [len(asked.compiled(c, shot.number)) for c in asked.plan.calls if shot.number in c.shots]
    return max(lengths, default=len(shot.text))


@dataclass(slots=True)
class FitShot:
    """A shot on the strip; `cut` is how many of its seconds lie behind the end of the section."""

    number: int
    seconds: Decimal
    cut: Decimal


@dataclass(slots=True)
class Fit:
    """Shots against the section, in seconds. `over` is negative when they are too short."""

    total: Decimal
    section: Decimal
    over: Decimal
    longest: Decimal
    shots: list[FitShot]
    wave: str
    ends_at: str
    said: str
    trim: Decimal | None


def fit(facts: SequenceFacts, song: Song | None) -> Fit:
    """How the shots lie in the section."""
    sequence = facts.sequence
    section = sequence.end - sequence.start
    ends = _ends(facts)
    total = ends[-1] if ends else Decimal(0)
    over = total - section
    strip = [
        FitShot(s.number, s.shot.seconds, min(max(end - section, Decimal(0)), s.shot.seconds))
        for s, end in zip(facts.shots, ends, strict=True)
    ]
    last = facts.shots[-1].shot.seconds if facts.shots else Decimal(0)
    return Fit(
        total=total,
        section=section,
        over=over,
        longest=max(total, section),
        shots=strip,
        wave=_wave(song, float(sequence.start), float(sequence.end)),
        ends_at=tc(float(sequence.end)),
        said=_said(over, strip, sequence.start + total, sequence.end),
        trim=last - over if over > 0 and last > over else None,
    )


def _said(over: Decimal, strip: list[FitShot], stops: Decimal, end: Decimal) -> str:
    if not strip:
        return "No shots yet."
    if over > 0:
        gone = [str(s.number) for s in strip if s.cut == s.seconds]
        cut = [str(s.number) for s in strip if 0 < s.cut < s.seconds]
        parts = [f"Shot {n} will be cut off at {tc(float(end))}." for n in cut]
        parts += [f"Shot {', '.join(gone)} will not be seen."] if gone else []
        return f"{_plain(over)} s too long. {' '.join(parts)}"
    if over < 0:
        return f"{_plain(-over)} s too short: nothing is planned from {tc(float(stops))} to {tc(float(end))}."
    return ""


def _plain(seconds: Decimal) -> str:
    """3 for 3.000, 1.5 for 1.500."""
    return f"{seconds.normalize():f}"


def _wave(song: Song | None, start: float, end: float) -> str:
    """The stretch of the song as one SVG path of bars in 1600 x 100; empty without a song."""
    if song is None or not song.peaks:
        return ""
    per_second = len(song.peaks) / float(song.seconds)
    first, last = int(start * per_second), max(int(start * per_second) + 1, int(end * per_second))
    peaks = song.peaks[first:last] or [0]
    out = []
    for bar in range(BARS):
        low = bar * len(peaks) // BARS
        high = max(low + 1, (bar + 1) * len(peaks) // BARS)
        height = max(2.0, max(peaks[low:high], default=0) * 0.96)
        out.append(f"M{(bar + 0.5) * WIDTH / BARS:.1f} {50 - height / 2:.0f}v{height:.0f}")
    return "".join(out)
