"""What the Cut page shows, as one context for the page and one for its exports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import timezone

from dailies import cut as cuts
from dailies import exporting
from dailies.cut import Cut, Segment
from dailies.models import Export
from sequences import orchestration
from sequences.execution.claims import worker_lives
from sequences.models import Project, Take
from sequences.queries import SequenceFacts, load, stage
from sequences.queries.stale import mark
from sequences.song.decode import wave_path
from sequences.states import ArtefactState
from sequences.templatetags.board import timecode
from sequences.templatetags.files import media

RULER_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300)
LATE = timedelta(seconds=10)
KINDS = {"approved": "take", "take": "take", "start_frame": "start_frame", "slate": "slate", "gap": "slate"}


@dataclass(frozen=True, slots=True)
class Thumb:
    """A picture in the lane and how many frames it stands for."""

    file: str
    frames: int


@dataclass(frozen=True, slots=True)
class Row:
    """A segment with what stands beside it. Times are seconds of the song; `facts` is None for a hole.

    `link` is where something can be done about it, said as `act`; `review` marks a take that waits for a verdict.
    """

    segment: Segment
    facts: SequenceFacts | None
    start: float
    end: float
    stage: str
    shown: str
    fit: str
    thumbs: tuple[Thumb, ...]
    link: str
    act: str
    review: bool

    @property
    def key(self) -> str:
        """Its code; a hole is known by its first frame."""
        return self.segment.code or f"hole-{self.segment.at}"

    @property
    def short_code(self) -> str:
        """01 of SEQ01."""
        return self.segment.code.removeprefix("SEQ")

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start

    @property
    def tag(self) -> str:
        """What the tag on the picture says: `SEQ05 T4, not approved`."""
        segment = self.segment
        if segment.shown == "approved":
            return f"{segment.code} {segment.take}"
        if segment.shown == "gap":
            return "No sequence"
        return f"{segment.code} {self.shown}" if segment.take else f"{segment.code}, {self.shown.lower()}"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export as it stands; `changed` says what the cut shows otherwise since, empty while it is current."""

    export: Export
    cut: Cut
    changed: str
    stuck: bool

    @property
    def running(self) -> bool:
        """Whether it has neither a file nor an error yet."""
        return exporting.running(self.export)

    @property
    def covers(self) -> bool:
        """Whether it is, or is becoming, a file of the cut as it is now."""
        return not self.changed and not self.export.error

    @property
    def name(self) -> str:
        """File name without folders."""
        return self.export.file.rpartition("/")[2]

    @property
    def percent(self) -> int:
        """How much is rendered."""
        return int(self.export.progress * 100)

    @property
    def gaps(self) -> str:
        """`SEQ02 as start frame, SEQ03 as slate`; empty for a cut of approved takes."""
        listed = self.cut.gaps
        return ", ".join(f"{g['sequence']} as {g['shown_as']}" if g["sequence"] else "a hole" for g in listed)


def edit_context(project: Project) -> dict[str, Any]:
    """The whole page."""
    facts = load(project)
    mark(project, facts)
    exports = exports_context(project, None, facts)
    cut = exports["cut"]
    rows = rows_of(project, cut, facts)
    song = getattr(project, "song", None)
    return {
        **exports,
        "rows": rows,
        "missing": [r for r in rows if r.segment.shown != "approved"],
        "approved": sum(r.segment.shown == "approved" for r in rows),
        "planned": len(facts),
        "review": next((r for r in rows if r.review), None),
        "song": song,
        "wave": wave_path(song.peaks, float(song.seconds), 0, cut.seconds) if song else "",
        "wave_width": cut.seconds * 10,
        "ruler": _ruler(cut.seconds),
        "player": [_played(r) for r in rows],
        "position": f"of {timecode(cut.frames, cut.rate)}",
        "last_frame": max(0, cut.frames - 1),
    }


def rows_of(project: Project, cut: Cut, facts: Sequence[SequenceFacts]) -> list[Row]:
    """The segments of the cut in song order, with links to what can be done about each."""
    by_code = {f.sequence.code: f for f in facts}
    return [_row(project, Fraction(cut.rate), s, by_code.get(s.code)) for s in cut.segments]


def _row(project: Project, rate: Fraction, segment: Segment, facts: SequenceFacts | None) -> Row:
    link, act, review = _way_on(project, facts)
    return Row(
        segment=segment,
        facts=facts,
        start=float(segment.at / rate),
        end=float(segment.end / rate),
        stage=stage(facts) if facts else "draft",
        shown=_shown(segment, facts.best_take if facts else None),
        fit=_fit(segment),
        thumbs=tuple(_thumbs(segment, facts)),
        link=link,
        act=act,
        review=review,
    )


def _shown(segment: Segment, take: Take | None) -> str:
    if segment.shown == "take" and take is not None:
        rejected = take.state == ArtefactState.REJECTED
        return f"{segment.take}, {'rejected' if rejected else 'not approved'}"
    return {"approved": segment.take, "start_frame": "Start frame", "slate": "Slate"}.get(segment.shown, "No sequence")


def _fit(segment: Segment) -> str:
    """How a take meets its section: `Last picture held 12 frames`, `Trimmed by 3 frames`, or nothing to say."""
    if segment.held:
        return f"Last picture held {_frames(segment.held)}"
    return f"Trimmed by {_frames(segment.trimmed)}" if segment.trimmed else ""


def _frames(count: int) -> str:
    return f"{count} frame{'' if count == 1 else 's'}"


def _way_on(project: Project, facts: SequenceFacts | None) -> tuple[str, str, bool]:
    """Address, words, and whether a verdict is due there."""
    if facts is None:
        return reverse("project_edit", args=[project.slug]) + "#sequences", "Plan a sequence", False
    code = facts.sequence.code
    if _review_due(facts):
        number = facts.to_review[-1].number
        return reverse("dailies_take", args=[project.slug, code, number]), f"Review {code} T{number}", True
    return reverse("sequence", args=[project.slug, code]), f"Open {code}", False


def _review_due(facts: SequenceFacts) -> bool:
    return bool(facts.waiting_takes) and facts.approved_take is None


def _thumbs(segment: Segment, facts: SequenceFacts | None) -> list[Thumb]:
    """The shots of the take that are on screen, else the one picture there is."""
    shots = facts.thumbs if facts and segment.take_id else []
    cut = [Thumb(s.thumb, min(s.frames, segment.frames - s.at)) for s in shots if s.thumb and s.at < segment.frames]
    if cut or not segment.poster:
        return cut
    return [Thumb(segment.poster, segment.frames)]


def _played(row: Row) -> dict[str, Any]:
    """A segment as the player takes it."""
    segment = row.segment
    return {
        "code": row.key,
        "name": segment.name,
        "start": row.start,
        "end": row.end,
        "kind": KINDS[segment.shown],
        "src": media(segment.file),
        "poster": media(segment.poster),
        "first_frame": 0,
        "frames": segment.source_frames,
        "title": segment.title,
        "lines": list(segment.lines),
        "tag": row.tag,
    }


def _ruler(seconds: float) -> list[float]:
    step = next((s for s in RULER_STEPS if seconds / s <= 14), 600)
    return [float(at) for at in range(0, int(seconds) + 1, step) if at < seconds]


def exports_context(
    project: Project, rows: list[Export] | None = None, facts: list[SequenceFacts] | None = None
) -> dict[str, Any]:
    """The export panel, newest first. `rows` and `facts` when they are known."""
    rows = list(project.exports.all()) if rows is None else rows
    facts = load(project) if facts is None else facts
    now = cuts.build(project, facts)
    running = [r for r in rows if exporting.running(r)]
    unheard = [r for r in running if r.lease_until is None and r.created_at < timezone.now() - LATE]
    alone = bool(unheard) and not worker_lives()
    listed = [_export_row(r, now, alone and r in unheard) for r in rows]
    return {
        "project": project,
        "cut": now,
        "exports": listed,
        "running": ",".join(str(r.pk) for r in running),
        "in_hand": any(r.running and not r.changed for r in listed),
        "offer": bool(now.audio) and not any(_review_due(f) for f in facts) and not any(r.covers for r in listed),
        "key": orchestration.new_key(),
        "exports_etag": etag(rows),
    }


def _export_row(export: Export, now: Cut, stuck: bool) -> ExportRow:
    before = cuts.from_data(export.cut)
    return ExportRow(export, before, _changed(now.changed_since(before)), stuck)


def _changed(what: list[str]) -> str:
    """`SEQ07 changed since`, `the song and SEQ07 changed since`, `5 things changed since`."""
    if len(what) > 3:
        return f"{len(what)} parts changed since"
    *most, last = [f"the {w}" if w.islower() and w != "a hole" else w for w in what] or [""]
    return f"{', '.join(most)}{' and ' if most else ''}{last} changed since" if last else ""


def etag(rows: Sequence[Export]) -> str:
    """Changes when anything of an export does."""
    text = json.dumps([(r.pk, int(r.progress * 100), r.file, r.error, r.lease_until is None) for r in rows])
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
