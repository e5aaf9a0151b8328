"""Who goes along where: every element in every sequence, sent or left out, and why. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field

from sequences.callplan import Call
from sequences.errors import Refusal
from sequences.models import Element, ElementImage, Project
from sequences.queries import SequenceFacts
from sequences.queries.elements import elements_of
from sequences.queries.facts import load_inputs

from .quoting import Quote, quote

SMALL = 512
"""Edge in pixels below which the likeness of a reference picture may suffer."""


@dataclass(slots=True)
class Place:
    """One element in one sequence: `rank` 0 when it is not in it, `out` when no call takes its picture.

    `calls` of the plan want it; `missed` are the numbers of those that leave its picture behind, `shots` of the shots
    that name it there.
    """

    code: str
    section: str
    rank: int
    listed: bool
    out: bool
    why: str
    calls: int = 0
    missed: tuple[int, ...] = ()
    shots: tuple[int, ...] = ()

    @property
    def partly(self) -> bool:
        """Whether some calls take its picture and others leave it behind."""
        return bool(self.missed) and not self.out

    @property
    def said(self) -> str:
        """What a screen reader hears."""
        if not self.rank:
            return "not used"
        where = f", shot{'s' if len(self.shots) > 1 else ''} {listed(self.shots)}" if self.shots else ""
        if self.out:
            return f"left out, rank {self.rank}: {self.why}{where}"
        if self.partly:
            return f"sent, rank {self.rank}, but left out of call {listed(self.missed)}: {self.why}{where}"
        return f"sent, rank {self.rank}"

    @property
    def hint(self) -> str:
        """Why it stays behind, for those who see."""
        return self.said[:1].upper() + self.said[1:] if self.missed else ""


@dataclass(slots=True)
class ElementRow:
    """An element with its pictures, frontal one first, and its places in song order."""

    element: Element
    pictures: list[ElementImage]
    places: list[Place]
    shots: int
    first: bool
    last: bool

    @property
    def used(self) -> list[Place]:
        """Sequences it is in."""
        return [p for p in self.places if p.rank]

    @property
    def left_out(self) -> list[Place]:
        """Sequences whose calls leave its picture behind."""
        return [p for p in self.places if p.out]

    @property
    def small(self) -> list[ElementImage]:
        """Its pictures with an edge below 512 pixels."""
        return [p for p in self.pictures if min(p.width, p.height) < SMALL]


@dataclass(slots=True)
class Column:
    """A sequence of the matrix: how many go along with its fullest call, of how many that call has room for.

    `own_order` when it lists its elements in another order than the project.
    """

    code: str
    short: str
    section: str
    sent: int
    room: int
    quote: Quote | None = field(default=None, repr=False)
    own_order: bool = False

    @property
    def full(self) -> bool:
        """Whether that call has no room left."""
        return self.room > 0 and self.sent >= self.room


@dataclass(slots=True)
class Matrix:
    """Elements by sequence."""

    rows: list[ElementRow]
    columns: list[Column]


def where_used(project: Project) -> Matrix:
    """Every element of a project with its places. Nine queries, whatever the size."""
    facts = load_inputs(project)
    found = elements_of(project)
    order = {element.key: n for n, element in enumerate(found)}
    columns = [_column(f, order) for f in facts]
    rows = [
        ElementRow(
            element=element,
            pictures=list(element.images.all()),
            places=[_place(element.key, f, c) for f, c in zip(facts, columns, strict=True)],
            shots=sum(len(e.shots) for f in facts for e in f.elements if e.element.key == element.key),
            first=n == 0,
            last=n == len(found) - 1,
        )
        for n, element in enumerate(found)
    ]
    return Matrix(rows, columns)


def _column(facts: SequenceFacts, order: dict[str, int]) -> Column:
    sequence = facts.sequence
    ranks = [order[e.element.key] for e in facts.elements if e.listed]
    made = Column(sequence.code, sequence.code.removeprefix("SEQ"), sequence.section, 0, 0)
    made.own_order = ranks != sorted(ranks)
    try:
        made.quote = quote(facts)
    except Refusal:
        return made
    fullest = max(made.quote.plan.calls, key=lambda call: len(call.sent), default=None)
    if fullest is not None:
        made.sent = len(fullest.sent)
        endpoint = made.quote.endpoint_of(fullest)
        made.room = endpoint.element_cap(with_start=fullest.start != "none")
    return made


def _place(key: str, facts: SequenceFacts, column: Column) -> Place:
    keys = [e.element.key for e in facts.elements]
    rank = keys.index(key) + 1 if key in keys else 0
    in_list = bool(rank) and facts.elements[rank - 1].listed
    calls = column.quote.plan.calls if column.quote else ()
    missed = [call for call in calls if any(d.key == key for d in call.dropped)]
    sent = sum(key in call.sent for call in calls)
    why = next((d.reason for call in missed for d in call.dropped if d.key == key), "")
    named = facts.elements[rank - 1].shots if rank else []
    return Place(
        column.code, column.section, rank, in_list, bool(missed) and not sent, why,
        calls=sent + len(missed),
        missed=tuple(call.number for call in missed),
        shots=_shots(missed, named),
    )  # fmt: skip


def _shots(missed: list[Call], named: list[int]) -> tuple[int, ...]:
    """Shots of those calls that name the element, each once."""
    made = {piece.number for call in missed for piece in call.pieces}
    return tuple(number for number in named if number in made)


def listed(numbers: tuple[int, ...] | list[int]) -> str:
    """Numbers as people list them: 1, 2 and 5."""
    words = [str(n) for n in numbers]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
