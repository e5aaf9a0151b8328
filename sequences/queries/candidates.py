"""Starred cells, what became of cells, and how often a prompt's cells were kept or picked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sequences.models import Candidate, Grid, Sequence, StartFrame, Take

Place = tuple[int, int]
"""A grid's row id and a cell's number, from 1."""


@dataclass(frozen=True, slots=True)
class PromptFigures:
    """What came of one prompt: how many cells were drawn from it, how many starred, how many start frames cut."""

    grids: int
    cells: int
    starred: int
    picked: int


def starred(sequences: Iterable[Sequence]) -> list[Candidate]:
    """Starred cells of grids that have a picture, newest grid first, then by cell."""
    rows = Candidate.objects.filter(grid__sequence__in=[s.pk for s in sequences]).exclude(grid__file="")
    return list(rows.select_related("grid__sequence").order_by("grid__sequence__start", "-grid__number", "cell"))


def frames_of_cells(sequence: Sequence) -> dict[Place, list[StartFrame]]:
    """Every start frame cut from a cell, also made larger since, by its cell."""
    found: dict[Place, list[StartFrame]] = defaultdict(list)
    for frame in sequence.start_frames.exclude(file="").filter(grid__isnull=False).order_by("number"):
        if frame.grid_id and frame.cell:
            found[frame.grid_id, frame.cell].append(frame)
    return found


def takes_of_cells(sequence: Sequence) -> dict[Place, list[Take]]:
    """Takes that start from a cell, as a whole or with one of their shots; each once, by number."""
    found: dict[Place, dict[int, Take]] = defaultdict(dict)
    whole = sequence.takes.filter(start_frame__grid__isnull=False).select_related("start_frame")
    for take in whole:
        _note(found, take.start_frame, take)
    for take in sequence.takes.filter(shots__start_frame__grid__isnull=False).prefetch_related("shots__start_frame"):
        for shot in take.shots.all():
            _note(found, shot.start_frame, take)
    return {place: [takes[n] for n in sorted(takes)] for place, takes in found.items()}


def _note(found: dict[Place, dict[int, Take]], frame: StartFrame | None, take: Take) -> None:
    if frame is not None and frame.grid_id and frame.cell:
        found[frame.grid_id, frame.cell][take.number] = take


def figures(grids: Iterable[Grid], stars: Iterable[Candidate], picks: Iterable[Place]) -> dict[str, PromptFigures]:
    """By prompt: the cells of all its grids that were drawn, and what was kept and picked of them. Reads nothing."""
    drawn: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids:
        if grid.file:
            drawn[grid.prompt].append(grid)
    kept, used = [c.grid_id for c in stars], [place[0] for place in picks]
    return {
        prompt: PromptFigures(
            len(rows),
            sum(len(g.cells) for g in rows),
            sum(kept.count(g.pk) for g in rows),
            sum(used.count(g.pk) for g in rows),
        )
        for prompt, rows in drawn.items()
    }
