"""Sequences: add, edit, split, merge, move boundaries, reorder, delete and restore.

Living sequences of a project never overlap and stay inside the song. Deleted ones keep their rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from sequences.errors import Refusal
from sequences.models import Project, Sequence, SequenceElement, Shot, Song, StartFrame
from sequences.models.plan import Mode
from sequences.planfile import CODE, TAKEN_CODES, number_text, time_text

from . import _checks as checks
from ._rules import MAKERS, locked, require
from .shots import append_shots, living_sequence, renumber
from .styling import lines_of, write_style

Actor = AbstractBaseUser | None
Time = Decimal | float | str | int
USUAL = Decimal(15)


def add_sequence(
    *,
    actor: Actor,
    project: Project,
    start: Time | None = None,
    end: Time | None = None,
    section: str = "",
    mode: str = Mode.MULTI_SHOT,
    grid_prompt: str = "",
    code: str | None = None,
) -> Sequence:
    """Add a sequence; times are seconds of the song. Without `start` it follows the last one, without `end` it
    runs 15 s or up to what comes next. Without `code` it gets the next SEQnn. Raises Refusal.
    """
    require(actor, project, *MAKERS)
    with transaction.atomic():
        row = locked(project)
        begins = checks.seconds(start, "start") if start is not None else _free_from(row)
        ends = checks.seconds(end, "end") if end is not None else _free_until(row, begins)
        fits(row, begins, ends, name="The new sequence")
        return Sequence.objects.create(
            project=row,
            code=_free_code(row, code) if code else next_code(row),
            section=checks.text(section, "section", most=120),
            position=_make_room(row, begins),
            start=begins,
            end=ends,
            mode=_mode(mode),
            grid_prompt=checks.text(grid_prompt, "grid prompt"),
        )


def edit_sequence(
    *,
    actor: Actor,
    sequence: Sequence,
    section: str | None = None,
    mode: str | None = None,
    grid_prompt: str | None = None,
    start: Time | None = None,
    end: Time | None = None,
    code: str | None = None,
) -> Sequence:
    """Change a sequence; what is None stays. Raises Refusal."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        project = locked(sequence.project)
        row = living_sequence(sequence)
        if section is not None:
            row.section = checks.text(section, "section", most=120)
        if grid_prompt is not None:
            row.grid_prompt = checks.text(grid_prompt, "grid prompt")
        if code is not None and code.strip() != row.code:
            row.code = _free_code(project, code)
        row.mode = row.mode if mode is None else _mode(mode)
        row.start = row.start if start is None else checks.seconds(start, "start")
        row.end = row.end if end is None else checks.seconds(end, "end")
        if start is not None or end is not None:
            fits(project, row.start, row.end, name=row.code, without=[row])
        row.save()
    return row


def rename_sequence(*, actor: Actor, sequence: Sequence, code: str) -> Sequence:
    """Give a sequence another code. Raises Refusal when it is taken or oddly shaped."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        project = locked(sequence.project)
        row = living_sequence(sequence)
        if code.strip() != row.code:
            row.code = _free_code(project, code)
            row.save(update_fields=["code"])
    return row


def move_boundary(*, actor: Actor, left: Sequence | None, right: Sequence | None, to: Time) -> list[Sequence]:
    """Move the border between two neighbours to `to` seconds, closing a gap between them. With only `left` its end
    moves, with only `right` its start. Gives the moved rows. Raises Refusal.
    """
    some = left or right
    if some is None:
        raise Refusal("Name the sequence left or right of the boundary.", where="left")
    require(actor, some.project, *MAKERS)
    moment = checks.seconds(to, "to")
    with transaction.atomic():
        project = locked(some.project)
        rows = [living_sequence(s) for s in (left, right) if s]
        if len(rows) == 2:
            _neighbours(project, rows[0], rows[1])
        if left:
            rows[0].end = moment
        if right:
            rows[-1].start = moment
        for row in rows:
            fits(project, row.start, row.end, name=row.code, without=rows)
            row.save(update_fields=["start", "end"])
    return rows


def split_sequence(*, actor: Actor, sequence: Sequence, at: Time) -> tuple[Sequence, Sequence]:
    """Cut a sequence in two at a moment of the song. The left one keeps code, takes and grids; a shot goes to the
    side that has more of it, with its prompts and its own start frames. Raises Refusal.
    """
    require(actor, sequence.project, *MAKERS)
    moment = checks.seconds(at, "at")
    with transaction.atomic():
        project = locked(sequence.project)
        left = living_sequence(sequence)
        if not left.start < moment < left.end:
            raise Refusal(
                f"{time_text(max(moment, Decimal(0)))} is not inside {left.code} ({_span(left)}); "
                "split between its ends.",
                where="at",
            )
        right = Sequence.objects.create(
            project=project, code=next_code(project), section=_second_section(project, left.section),
            position=_make_room(project, moment), start=moment, end=left.end, mode=left.mode,
        )  # fmt: skip
        SequenceElement.objects.bulk_create(
            SequenceElement(sequence=right, element_id=e.element_id, position=e.position)
            for e in left.sequence_elements.all()
        )
        write_style(actor, right, lines_of(left), f"split of {left.code}")
        _hand_over(left, right, _later_shots(left, moment))
        left.end = moment
        left.save(update_fields=["end"])
    return left, right


def merge_sequences(*, actor: Actor, first: Sequence, second: Sequence) -> Sequence:
    """Join two neighbours. The earlier one stays, with its code and takes, and gets the other's shots and elements
    behind its own; the other is deleted and keeps its takes. Raises Refusal.
    """
    require(actor, first.project, *MAKERS)
    with transaction.atomic():
        project = locked(first.project)
        left, right = sorted((living_sequence(first), living_sequence(second)), key=lambda s: s.start)
        _neighbours(project, left, right)
        _hand_over(right, left, list(right.shots.filter(deleted_at=None)))
        _join_elements(left, right)
        left.end = right.end
        left.save(update_fields=["end"])
        right.deleted_at = timezone.now()
        right.save(update_fields=["deleted_at"])
    return left


def reorder_sequences(*, actor: Actor, project: Project, codes: Iterable[str]) -> list[Sequence]:
    """Put sequences into the order of `codes` (all living ones, each once).

    A sequence keeps its code and its length; start times are laid anew from the first one's start, and the gaps
    between neighbours stay where they were in the song. Raises Refusal.
    """
    require(actor, project, *MAKERS)
    wanted = list(codes)
    with transaction.atomic():
        rows = list(locked(project).sequences.filter(deleted_at=None))
        by_code = {s.code: s for s in rows}
        if sorted(wanted) != sorted(by_code):
            raise Refusal(f"Name every sequence once: {', '.join(by_code)}.", where="codes")
        gaps = [b.start - a.end for a, b in zip(rows, rows[1:], strict=False)] + [Decimal(0)]
        at = rows[0].start if rows else Decimal(0)
        ordered = [by_code[code] for code in wanted]
        for position, (row, gap) in enumerate(zip(ordered, gaps, strict=True) if rows else ()):
            row.start, row.end, row.position = at, at + (row.end - row.start), position
            row.save(update_fields=["start", "end", "position"])
            at = row.end + gap
    return ordered


def delete_sequence(*, actor: Actor, sequence: Sequence) -> Sequence:
    """Take a sequence out of the plan; takes, grids and money stay known. Raises Refusal when it is out already."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        locked(sequence.project)
        row = living_sequence(sequence)
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
    return row


def restore_sequence(*, actor: Actor, sequence: Sequence) -> Sequence:
    """Undo a delete. Raises Refusal when its code or its stretch of the song was taken meanwhile."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        project = locked(sequence.project)
        row = Sequence.objects.get(pk=sequence.pk)
        if row.deleted_at is None:
            return row
        _free_code(project, row.code)
        fits(project, row.start, row.end, name=row.code)
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
    return row


def fits(project: Project, start: Decimal, end: Decimal, *, name: str, without: Iterable[Sequence] = ()) -> None:
    """Refuse a stretch that is empty, outside the song, or over another sequence."""
    if start < 0:
        raise Refusal(f"{name} cannot start {number_text(-start)} s before the song.", where="start")
    if end <= start:
        raise Refusal(
            f"{name} would end at {time_text(max(end, Decimal(0)))}, not after its start at {time_text(start)}.",
            where="end",
        )
    song = Song.objects.filter(project=project).first()
    if song and end > song.seconds:
        raise Refusal(
            f"{name} would end at {time_text(end)}, {number_text(end - song.seconds)} s after the song "
            f"({time_text(song.seconds)}).",
            where="end",
        )
    others = project.sequences.filter(deleted_at=None).exclude(pk__in=[s.pk for s in without])
    over = others.filter(start__lt=end, end__gt=start).first()
    if over:
        shared = min(end, over.end) - max(start, over.start)
        raise Refusal(
            f"{name} cannot run {time_text(start)}–{time_text(end)}: {over.code} runs {_span(over)}, "
            f"{number_text(shared)} s of that would be double.",
            code="overlap",
            where=over.code,
        )


def next_code(project: Project) -> str:
    """The next SEQnn; codes of deleted sequences are not given again."""
    numbers = [
        int(found[1])
        for code in project.sequences.values_list("code", flat=True)
        if (found := re.fullmatch(r"SEQ(\d{1,6})", code))
    ]
    return f"SEQ{max(numbers, default=0) + 1:02d}"


def _free_code(project: Project, code: str) -> str:
    code = code.strip()
    if not CODE.fullmatch(code) or len(code) > 20:
        raise Refusal(f'"{code}" is no code; use up to 20 letters, digits, hyphens and underscores.', where="code")
    if code.lower() in TAKEN_CODES:
        raise Refusal(f'"{code}" is the name of a page; choose another code.', code="code_taken", where="code")
    if project.sequences.filter(deleted_at=None, code__iexact=code).exists():
        raise Refusal(f"There is a {code} already; choose another code.", code="code_taken", where="code")
    return code


def _mode(mode: str) -> str:
    if mode not in Mode.values:
        raise Refusal(f'There is no mode "{mode}"; use {" or ".join(Mode.values)}.', where="mode")
    return mode


def _free_from(project: Project) -> Decimal:
    last = project.sequences.filter(deleted_at=None).aggregate(last=Max("end"))["last"]
    return last or Decimal(0)


def _free_until(project: Project, start: Decimal) -> Decimal:
    following = project.sequences.filter(deleted_at=None, start__gt=start).first()
    song = Song.objects.filter(project=project).first()
    ends = [start + USUAL, *([following.start] if following else []), *([song.seconds] if song else [])]
    if min(ends) <= start:
        raise Refusal(
            f"There is no room after {time_text(start)}: the song ends there. Shorten a sequence first.",
            where="start",
        )
    return min(ends)


def _make_room(project: Project, start: Decimal) -> int:
    """The place in the plan file behind the sequence that runs before `start`; later ones move on."""
    before = project.sequences.filter(deleted_at=None, start__lt=start).last()
    place = before.position + 1 if before else 0
    project.sequences.filter(position__gte=place).update(position=F("position") + 1)
    return place


def _second_section(project: Project, section: str) -> str:
    """Verse 1 → Verse 1b, Intro → Intro b, and on to c when b is there."""
    if not section:
        return ""
    used = set(project.sequences.filter(deleted_at=None).values_list("section", flat=True))
    gap = "" if section[-1].isdigit() else " "
    names = (f"{section}{gap}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")
    return next((name for name in names if name not in used), section)[:120]


def _later_shots(left: Sequence, moment: Decimal) -> list[Shot]:
    """Shots with more of their time after `moment`."""
    at, later = left.start, []
    for shot in left.shots.filter(deleted_at=None):
        if at + shot.seconds / 2 >= moment:
            later.append(shot)
        at += shot.seconds
    return later


def _hand_over(source: Sequence, target: Sequence, shots: list[Shot]) -> None:
    """Move shots behind the target's own, with the start frames made for them."""
    append_shots(target, shots)
    renumber(list(source.shots.filter(deleted_at=None)))
    highest = target.start_frames.aggregate(highest=Max("number"))["highest"] or 0
    frames = StartFrame.objects.filter(shot__in=shots).order_by("number")
    for number, frame in enumerate(frames, highest + 1):
        frame.sequence, frame.number = target, number
        frame.save(update_fields=["sequence", "number"])


def _join_elements(left: Sequence, right: Sequence) -> None:
    known = set(left.sequence_elements.values_list("element_id", flat=True))
    added = [e for e in right.sequence_elements.all() if e.element_id not in known]
    SequenceElement.objects.bulk_create(
        SequenceElement(sequence=left, element_id=e.element_id, position=len(known) + n) for n, e in enumerate(added)
    )


def _neighbours(project: Project, left: Sequence, right: Sequence) -> None:
    order = list(project.sequences.filter(deleted_at=None).values_list("pk", flat=True))
    if left.project_id != right.project_id or order.index(right.pk) - order.index(left.pk) != 1:
        raise Refusal(
            f"{left.code} and {right.code} are not neighbours in the song.", code="not_neighbours", where=right.code
        )


def _span(sequence: Sequence) -> str:
    return f"{time_text(sequence.start)}–{time_text(sequence.end)}"
