"""The smallest parts of the money: which micro-dollars were for which shot, in which words, by which call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .loading import Books, Charge, Served
from .sharing import share

FOR_TAKE, FOR_PICTURE, EXPLORATION, UNASSIGNED = "take", "picture", "exploration", "unassigned"


@dataclass(frozen=True, slots=True)
class Line:
    """A part of what one call cost. `served` is (shot id, revision id), None for what no shot has used.

    `use`: `take` for the call of a take, `picture` for a grid or enlargement that shots begin with, `exploration` for
    one that none does yet, `unassigned` for a call that was paid and brought nothing.
    """

    charge: Charge
    use: str
    micros: int
    served: Served | None = None

    @property
    def sequence(self) -> int:
        """The id of the sequence that asked."""
        return self.charge.job.sequence_id


def lines(books: Books) -> list[Line]:
    """Every part. They add up to everything that was spent, exactly."""
    return [line for charge in books.charges if charge.spent for line in _of(charge, books)]


def _of(charge: Charge, books: Books) -> Iterator[Line]:
    if charge.unused:
        yield Line(charge, UNASSIGNED, charge.spent)
    elif charge.job.kind == "video":
        yield from _of_call(charge, books)
    else:
        yield from _of_picture(charge, books)


def _of_call(charge: Charge, books: Books) -> Iterator[Line]:
    """A call's cost over its shots, by the seconds it asked for each."""
    asked, shots = books.asked.get(charge.job.pk, {}), dict[Served, int]()
    for piece in books.pieces.get(charge.call, []):
        shots.setdefault((piece.shot_id, piece.revision_id), asked.get(piece.number, 0))
    if not shots:
        yield Line(charge, FOR_TAKE, charge.spent)
        return
    parts = share(charge.spent, list(shots.values()))
    yield from (Line(charge, FOR_TAKE, part, served) for served, part in zip(shots, parts, strict=True))


def _of_picture(charge: Charge, books: Books) -> Iterator[Line]:
    """A picture's cost over the shots it served, the same for each; a shot's part over the words it was served in."""
    job = charge.job
    served_by = books.grid_served if job.grid_id else books.frame_served
    found = served_by.get(job.grid_id or job.start_frame_id or 0, [])
    by_shot: dict[int, list[Served]] = defaultdict(list)
    for served in found:
        by_shot[served[0]].append(served)
    if not by_shot:
        yield Line(charge, EXPLORATION, charge.spent)
        return
    for words, part in zip(by_shot.values(), share(charge.spent, [1] * len(by_shot)), strict=True):
        for served, micros in zip(words, share(part, [1] * len(words)), strict=True):
            yield Line(charge, FOR_PICTURE, micros, served)
