"""Records brought together: sequences with their shots in order, numbered from 1, and laid along the song."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .records import OldGrid, OldTake, Part, Place, Record

USUAL = Decimal(5)
SHORTEST = Decimal("0.1")
Measure = Callable[[Place], Decimal | None]


@dataclass(slots=True)
class LaidShot:
    """One shot: our number and the old one. `told` says whether a record gave its length."""

    number: int
    old: int
    record: str
    text: str = ""
    seconds: Decimal = USUAL
    told: bool = False
    frame: Place | None = None
    takes: tuple[OldTake, ...] = ()


@dataclass(slots=True)
class Laid:
    """One sequence. `told`: its start was given, not laid; `asked` are start and end where the records give both.
    `takes` are of all its shots together; `said` are sentences by the name of the record they are about."""

    code: str
    record: str
    section: str = ""
    start: Decimal = Decimal(0)
    end: Decimal = Decimal(0)
    told: bool = False
    asked: tuple[Decimal, Decimal] | None = None
    shots: list[LaidShot] = field(default_factory=list)
    takes: list[OldTake] = field(default_factory=list)
    frame: Place | None = None
    grids: list[OldGrid] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def say(self, record: str, sentence: str) -> None:
        """Write a sentence down."""
        self.said.append((record, sentence))


def lay(
    records: Iterable[Record], measure: Measure = lambda place: None, *, before: Iterable[Record] = ()
) -> list[Laid]:
    """Sequences in the order of the song. `measure` gives a clip's length in seconds, None for what is no clip.

    `before` are the records as they were brought in the last time: their shots keep their numbers, new ones follow.
    """
    known = {(code, old): place for code, olds in _orders(before).items() for place, old in enumerate(olds)}
    listed = [r for r in records if r.code]
    laid = []
    for code, mine in _by_code(listed).items():
        sequence = _gathered(code, mine)
        sequence.shots.sort(key=lambda s: (known.get((code, s.old), len(known)), s.old))
        for number, shot in enumerate(sequence.shots, 1):
            shot.number = number
            if shot.number != shot.old:
                sequence.say(shot.record, f"Its shot {shot.old} is shot {number} of {code} here.")
        _lengths(sequence, _span(mine), measure)
        laid.append((sequence, mine))
    return _along(laid)


def _orders(records: Iterable[Record]) -> dict[str, list[int]]:
    orders: dict[str, set[int]] = {}
    for record in records:
        orders.setdefault(record.code, set()).update(p.number for p in record.parts)
    return {code: sorted(olds) for code, olds in orders.items()}


def _by_code(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Records by sequence; those of a whole sequence first, so that a shot's own record has the last word."""
    found: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda r: (natural(r.code), r.shot, r.name)):
        found.setdefault(record.code, []).append(record)
    return found


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A key that sorts SEQ2 before SEQ10."""
    return tuple((0, int(p)) if p.isdigit() else (1, p) for p in re.split(r"(\d+)", name) if p)


def _gathered(code: str, records: list[Record]) -> Laid:
    sequence = Laid(code, records[0].name)
    shots: dict[int, LaidShot] = {}
    for record in records:
        sequence.records.append(record.name)
        sequence.section = sequence.section or record.section
        sequence.elements += [e for e in record.elements if e not in sequence.elements]
        sequence.grids += record.grids
        for part in record.parts:
            _add(sequence, shots, record, part)
        if record.shot:
            continue
        sequence.takes += record.takes
        if record.frame and sequence.frame is None:
            sequence.frame = record.frame
    sequence.shots = list(shots.values()) or [LaidShot(1, 1, records[0].name)]
    return sequence


def _add(sequence: Laid, shots: dict[int, LaidShot], record: Record, part: Part) -> None:
    shot = shots.get(part.number)
    if shot is None:
        shot = shots[part.number] = LaidShot(part.number, part.number, record.name)
    elif part.text and shot.text and part.text != shot.text:
        sequence.say(record.name, f"Shot {part.number} of {sequence.code} is told twice; these words are taken.")
    shot.record = record.name if record.shot or not shot.record else shot.record
    shot.text = part.text or shot.text
    if part.seconds:
        shot.seconds, shot.told = part.seconds, True
    shot.frame = part.frame or (record.frame if record.shot else None) or shot.frame
    shot.takes += part.takes + (record.takes if record.shot else ())


def _span(records: list[Record]) -> tuple[Decimal | None, Decimal | None]:
    """Start and end as the sequence's own record says, else from its shots' times."""
    whole = [r for r in records if not r.shot and r.start is not None]
    if whole:
        first = whole[0]
        assert first.start is not None, "chosen for it"
        end = first.end if first.end is not None else first.start + first.seconds if first.seconds else None
        return first.start, end
    starts = [r.start for r in records if r.start is not None]
    ends = [r.end for r in records if r.end is not None]
    length = next((r.seconds for r in records if not r.shot and r.seconds), None)
    if len(starts) == len(records) and starts:
        return min(starts), max(ends) if len(ends) == len(records) else None
    return None, length


def _lengths(sequence: Laid, span: tuple[Decimal | None, Decimal | None], measure: Measure) -> None:
    """A length for every shot nobody gave one: its clip's, else its share of the sequence, else 5 s."""
    open_shots = [s for s in sequence.shots if not s.told]
    for shot in list(open_shots):
        if found := next((m for t in shot.takes for c in t.clips[:1] if (m := measure(c))), None):
            shot.seconds = found
            open_shots.remove(shot)
    if not open_shots:
        return
    each = _clip_each(sequence, measure)
    total = _total(sequence, span, measure)
    rest = total - sum(s.seconds for s in sequence.shots if s not in open_shots) if total else None
    share = round(rest / len(open_shots), 3) if rest is not None else None
    for shot in open_shots:
        own = each.get(shot.number)
        shot.seconds = own or (share if share is not None and share >= SHORTEST else USUAL)
    if not each and share is None:
        numbers = ", ".join(str(s.number) for s in open_shots)
        sequence.say(sequence.record, f"Nothing says how long shot {numbers} is; {USUAL} s is taken.")


def _clip_each(sequence: Laid, measure: Measure) -> dict[int, Decimal]:
    for take in sequence.takes:
        if len(take.clips) == len(sequence.shots) > 1:
            found = [measure(c) for c in take.clips]
            return {n: f for n, f in enumerate(found, 1) if f}
    return {}


def _total(sequence: Laid, span: tuple[Decimal | None, Decimal | None], measure: Measure) -> Decimal | None:
    start, end = span
    if end is not None:
        return end - (start or 0)
    return next((m for t in sequence.takes if len(t.clips) == 1 and (m := measure(t.clips[0]))), None)


def _along(found: list[tuple[Laid, list[Record]]]) -> list[Laid]:
    """Give every sequence its stretch of the song; none begins before the one before it ends."""
    spans = {sequence.code: _span(records) for sequence, records in found}
    ordered = [sequence for sequence, _ in found]
    if all(spans[s.code][0] is not None for s in ordered):
        ordered.sort(key=lambda s: spans[s.code][0] or Decimal(0))
    at = Decimal(0)
    for sequence in ordered:
        start, end = spans[sequence.code]
        filled = sum((s.seconds for s in sequence.shots), Decimal(0)) or USUAL
        length = end - (start or 0) if end is not None and end > (start or 0) else filled
        sequence.asked = (start, end) if start is not None and end is not None else None
        sequence.told = start is not None and start >= at
        if start is None:
            sequence.say(sequence.record, f"Nothing says where {sequence.code} begins; it is laid at {at} s.")
        elif start < at:
            sequence.say(sequence.record, f"{sequence.code} would begin at {start} s, inside the one before it; "
                                          f"it is laid at {at} s.")  # fmt: skip
        sequence.start = start if start is not None and start >= at else at
        sequence.end = sequence.start + length
        at = sequence.end
    return ordered
