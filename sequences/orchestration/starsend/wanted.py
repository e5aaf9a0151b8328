"""Which takes old clips add up to. A take here is a try at a whole sequence; the old ones are often of one shot.

Takes of single shots are brought together: the first take has every shot's first try, the second every shot's second or
its last before, and so on; where the tries that were chosen make up none of these, they are one more take.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from sequences.models import Shot
from sequences.starsend import LaidShot, OldCheck, OldTake, Place

from .media import Examined, Film
from .report import APPROVED, REJECTED, Tally
from .rows import Planned, own_words

MOST_NAME = 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """One shot of a take to be: its film, and which of its tries that is. `whole`: the film is of several shots.

    `seconds` are those of the record: people may have changed the shot's since.
    """

    shot: Shot
    seconds: Decimal
    film: Film
    old: OldTake
    words: str
    sent: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A take to be. `key` is the same whenever it is made of the same films."""

    planned: Planned
    record: str
    key: str
    stretches: tuple[Stretch, ...]
    decision: str

    @property
    def olds(self) -> tuple[OldTake, ...]:
        """The old takes in it, each once."""
        return tuple({id(s.old): s.old for s in self.stretches}.values())

    @property
    def films(self) -> tuple[Film, ...]:
        """Its films, each once, in order."""
        return tuple({s.film.sha256: s.film for s in self.stretches}.values())

    @property
    def name(self) -> str:
        """How the old takes call themselves."""
        return ", ".join(dict.fromkeys(t.name for t in self.olds))[:MOST_NAME]

    def checks(self) -> list[OldCheck]:
        """Gates of all its tries; where there are several tries, each named with its shot."""
        if len(self.olds) == 1:
            return list(self.olds[0].checks)
        found: dict[int, tuple[int, OldTake]] = {}
        for stretch in self.stretches:
            found.setdefault(id(stretch.old), (stretch.shot.number, stretch.old))
        return [
            replace(c, name=f"s{n}_{c.name}"[:40], label=f"Shot {n}: {c.label}"[:80])
            for n, old in found.values()
            for c in old.checks
        ]


def takes_of(planned: Planned, examined: Examined, tally: Tally) -> list[Wanted]:
    """All takes of a sequence, oldest first as the records order them, each made of at least one clip."""
    found = [w for old in planned.laid.takes if (w := _whole(planned, old, examined, tally))]
    found += _brought_together(planned, examined, tally)
    unique: dict[str, Wanted] = {}
    for wanted in found:
        if wanted.key in unique and wanted.decision != unique[wanted.key].decision == "":
            unique[wanted.key] = replace(unique[wanted.key], decision=wanted.decision)
        elif wanted.key in unique and wanted.olds != unique[wanted.key].olds:
            tally.say(wanted.record, f"Take {wanted.name} is the same film as take {unique[wanted.key].name}.")
        unique.setdefault(wanted.key, wanted)
    return list(unique.values())


def _film(place: Place, record: str, what: str, examined: Examined, tally: Tally) -> Film | None:
    film = examined.film(place)
    if film is None and place.path is not None:
        tally.say(record, f"The clip of {what} is left out: {examined.why[place.path]}")
    return film


def _whole(planned: Planned, old: OldTake, examined: Examined, tally: Tally) -> Wanted | None:
    """A take of the sequence's own record: one film to cut, or one a shot."""
    record, shots = planned.laid.record, planned.laid.shots
    films = [_film(c, record, f"take {old.name}", examined, tally) for c in old.clips]
    one = len(films) == 1
    if one and len(planned.shots) < len(shots):
        tally.say(record, f"Take {old.name} is of {len(shots)} shots, of which some are not here; it is not cut anew.")
        return None
    if not one and len(films) != len(shots):
        tally.say(record, f"Take {old.name} has {len(films)} clips for {len(shots)} shots; they are paired in order.")
    sent, stretches = "\n".join(old.prompts), []
    for index, (shot, film) in enumerate(zip(shots, films * len(shots) if one else films, strict=False)):
        row = planned.shots.get(shot.number)
        if row is not None and film is not None:
            words = own_words(old, len(shots), index)
            stretches.append(Stretch(row, shot.seconds, film, old, words, words or sent, one and len(shots) > 1))
    return _wanted(planned, record, tuple(stretches), old.decision) if stretches else None


def _brought_together(planned: Planned, examined: Examined, tally: Tally) -> list[Wanted]:
    tries = {s.number: _tries(planned, s, examined, tally) for s in planned.laid.shots if s.number in planned.shots}
    having = {number: found for number, found in tries.items() if found}
    if not having:
        return []
    lacking = [str(n) for n in tries if n not in having]
    record = planned.laid.record
    if lacking:
        told = f"Shot {', '.join(lacking)} of {planned.laid.code} has no clip that can be used; its takes are without."
        tally.say(record, told)
    most = max(len(found) for found in having.values())
    rounds = [tuple(found[min(n, len(found) - 1)] for found in having.values()) for n in range(most)]
    chosen = tuple(_chosen(found) for found in having.values())
    settled = all(s.old.decision == APPROVED for s in chosen)
    if settled and chosen not in rounds:
        rounds.append(chosen)
    return [_wanted(planned, _record(planned, r), r, _said(r, settled and r == chosen)) for r in rounds]


def _record(planned: Planned, stretches: Sequence[Stretch]) -> str:
    first = stretches[0].shot.number
    return next((s.record for s in planned.laid.shots if s.number == first), planned.laid.record)


def _tries(planned: Planned, shot: LaidShot, examined: Examined, tally: Tally) -> list[Stretch]:
    row, found = planned.shots[shot.number], []
    for old in shot.takes:
        if len(old.clips) > 1:
            tally.say(shot.record, f"Take {old.name} has {len(old.clips)} clips for one shot; the first is taken.")
        if film := _film(old.clips[0], shot.record, f"take {old.name}", examined, tally):
            words = own_words(old, 1, 0)
            found.append(Stretch(row, shot.seconds, film, old, words, words))
    return found


def _chosen(tries: Sequence[Stretch]) -> Stretch:
    return next((t for t in tries if t.old.decision == APPROVED), tries[-1])


def _said(stretches: Sequence[Stretch], approved: bool) -> str:
    if approved:
        return APPROVED
    return REJECTED if all(s.old.decision == REJECTED for s in stretches) else ""


def _wanted(planned: Planned, record: str, stretches: tuple[Stretch, ...], decision: str) -> Wanted:
    one = stretches[0].whole
    of: list[object] = [stretches[0].film.sha256] if one else [[s.shot.pk, s.film.sha256] for s in stretches]
    made = hashlib.sha256(json.dumps(of).encode()).hexdigest()
    return Wanted(planned, record, f"starsend:{made[:40]}", stretches, decision)


@dataclass(frozen=True, slots=True)
class Span:
    """`frames` frames of a clip from `first` on."""

    first: int
    frames: int


def spans(wanted: Wanted, frames: dict[str, int], rate: Fraction) -> tuple[list[Span], str]:
    """Where each shot lies in its film, and a sentence where its length could not be kept.

    `frames` are those of the films at the project's rate. A film of several shots is cut at their lengths; one too
    short for them is cut in their proportions.
    """
    if not wanted.stretches[0].whole:
        return [_alone(s, frames[s.film.sha256], rate) for s in wanted.stretches], ""
    have, at, ends = frames[wanted.stretches[0].film.sha256], Fraction(0), []
    for stretch in wanted.stretches:
        at += Fraction(stretch.seconds)
        ends.append(at)
    scale = min(Fraction(1), Fraction(have) / (at * rate))
    short = have + 2 < round(at * rate)
    cuts = [0, *(round(end * rate * scale) for end in ends)]
    if any(later <= before for before, later in zip(cuts, cuts[1:], strict=False)):
        return [], f"Take {wanted.name} has {have} frames, too few for {len(ends)} shots; it was left out."
    told = f"The film of take {wanted.name} is shorter than its shots; it is cut in their proportions." if short else ""
    return [Span(a, b - a) for a, b in zip(cuts, cuts[1:], strict=False)], told


def _alone(stretch: Stretch, have: int, rate: Fraction) -> Span:
    return Span(0, max(1, min(have, round(Fraction(stretch.seconds) * rate))))
