"""What the picker does with cells before a pick: star one, ask for more like it, correct the cut lines."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.picker import CutsForm, LikeForm, StarForm
from sequences.forms.reading import posted
from sequences.media.grids.lines import equal_lines
from sequences.models import Grid, Project
from sequences.orchestration import candidates
from sequences.views.access import member, person, sequence_or_404

from .context import context
from .show import parts, words
from .verbs import grid_of, show_on

STARRED = ("pickstars", "kept", "figures")
"""What differs when a cell was starred; never the picture, whose crop may be being adjusted."""


@require_POST
@member
def picker_star(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Star a cell, or with `off` keep it no longer."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, StarForm)
    grid = grid_of(sequence, asked["grid"])
    verb = candidates.unstar if asked["off"] else candidates.star
    verb(actor=person(request), grid=grid, cell=asked["cell"])
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return show_on(request, project, sequence, grid.number)
    found = context(request, project, sequence, grid.number, request.POST.get("shot", ""))
    return HttpResponse(parts(request, found, STARRED) + words(request))


@require_POST
@member
def picker_like(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Ask for a grid near a cell and show it being made."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, LikeForm)
    grid = grid_of(sequence, asked["grid"])
    key = asked["like_key"] or None
    made = candidates.more_like(actor=person(request), grid=grid, cell=asked["cell"], key=key)
    return show_on(request, project, sequence, made[0].number)


@require_POST
@member
def picker_cuts(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Cut a grid at lines of one's own, at equal parts, or where the gutters were found."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, CutsForm)
    grid = grid_of(sequence, asked["grid"])
    if asked["how"] == "found":
        candidates.clear_cuts(actor=person(request), grid=grid)
        messages.success(request, f"{grid} is cut where its gutters were found.")
    else:
        cols, rows = _lines(grid, asked["how"], asked["cols"], asked["rows"])
        candidates.set_cuts(actor=person(request), grid=grid, cols=cols, rows=rows)
    return show_on(request, project, sequence, grid.number)


def _lines(grid: Grid, how: str, cols: str, rows: str) -> tuple[list[int], list[int]]:
    if how == "equal":
        lines = equal_lines(grid.width or 1, grid.height or 1, grid.rows, grid.cols)
        return list(lines.cols), list(lines.rows)
    return _pixels(cols, "cols"), _pixels(rows, "rows")


def _pixels(text: str, where: str) -> list[int]:
    """`418, 852` as numbers. Raises Refusal."""
    words_ = [word for word in text.replace(",", " ").split() if word]
    if not all(word.isdecimal() and len(word) < 7 for word in words_):
        raise Refusal(f'Lines are "{text}"; write whole pixels with commas, such as 418, 852.', where=where)
    return [int(word) for word in words_]
