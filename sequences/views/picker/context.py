"""What the picker shows: one grid large, the others small, and what the crop will stand beside."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Grid, Project, Sequence, Shot, StartFrame
from sequences.models.plan import Layout, Role
from sequences.orchestration.enlarging import FACTORS, upscalers
from sequences.orchestration.quoting import grid_endpoint, video_endpoint
from sequences.queries import SequenceFacts, member_role
from sequences.queries.bench import Extras, frames_of, open_jobs
from sequences.queries.picker import grids_cost, usable_frames, with_neighbours
from sequences.views.bench import larger, works
from sequences.views.bench.calls import origin
from sequences.views.bench.context import etag, panel_rows

from .kept import kept, parts_of

OURS = (
    "picker",
    "pick",
    "picker_live",
    "picker_explore",
    "picker_star",
    "picker_like",
    "picker_cuts",
    "picker_retry",
    "picker_cancel",
)
MAKERS = (Role.OWNER.value, Role.ARTIST.value)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it was measured, in pixels of the whole picture."""

    number: int
    x: int
    y: int
    w: int
    h: int
    chosen: bool
    starred: bool
    said: str
    parts: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The picture of the sequence before or after: the poster of its best take, else its start frame, else none."""

    side: str
    code: str
    file: str


def context(
    request: HttpRequest, project: Project, sequence: Sequence, number: int | None = None, shot_number: str = ""
) -> dict[str, Any]:
    """Everything the template and its partials read.

    `number` is the grid shown large; without it one is chosen. `shot_number` is the shot the frame is for, if any.
    """
    before, facts, after = with_neighbours(project, sequence)
    more = Extras(frames=frames_of(facts.sequence)) if facts.enlarging else Extras()
    open_jobs(facts, more)
    grids = works.grid_rows(facts, more)
    enlarged = larger.larger_rows(facts, more) if facts.enlarging else []
    shown = _shown(grids, number)
    shot = _shot(facts, shot_number)
    use = use_of(request, shot)
    frames = usable_frames(facts.sequence, shot, use)
    used = next((f for f in frames if f.state == "approved"), None)
    known = kept(project, facts.sequence, grids, shown)
    cells = _cells(project, shown, used, known["stars"], request.GET.get("cell", ""))
    role = member_role(request.user, project)
    return {
        "project": project,
        "sequence": facts.sequence,
        "shot": shot,
        "use": use,
        "grids": grids,
        "shown": shown,
        "drawn": bool(shown and shown.grid.file),
        "cells": cells,
        "two": _two(cells),
        "places": range(shown.grid.rows * shown.grid.cols) if shown else (),
        "box": _box(shown, used, cells),
        "used": used,
        "frames": [(f, origin(f)) for f in frames if f != used],
        "neighbours": [n for n in (_neighbour("Before", before), _neighbour("After", after)) if n],
        "spent": grids_cost(facts.sequence),
        "can_make": role in MAKERS,
        "role": role,
        "least": _least(project),
        "upscaler": _upscaler(project),
        "ratio": ratio_name(project.width, project.height),
        **known,
        **_new_grid(facts, grids, shown),
        **links(request, project, facts.sequence, shot),
        "larger": enlarged,
        "live": live(grids, shown, enlarged),
    }


def ratio_name(width: int, height: int) -> str:
    """`16:9`; a ratio without small whole numbers as `2.39:1`."""
    most = math.gcd(width, height) or 1
    if max(width, height) // most <= 40:
        return f"{width // most}:{height // most}"
    return f"{width / height:.2f}:1"


def links(request: HttpRequest, project: Project, sequence: Sequence, shot: Shot | None) -> dict[str, Any]:
    """Where the dialog was opened from, and what its own addresses carry along."""
    leave = leave_to(request, project, sequence)
    carried = {"back": leave} | ({"shot": shot.number} if shot else {})
    carried |= {"use": "end"} if use_of(request, shot) == "end" else {}
    here = reverse("picker", args=[project.slug, sequence.code])
    return {"leave": leave, "carried": urlencode(carried), "here": here}


def use_of(request: HttpRequest, shot: Shot | None) -> str:
    """Which end of a call the frame is for: only a shot has an end frame."""
    asked = request.POST.get("use") or request.GET.get("use")
    return "end" if asked == "end" and shot else "start"


def leave_to(request: HttpRequest, project: Project, sequence: Sequence) -> str:
    """The path of the page the picker was opened from; the workbench when nobody knows."""
    told = (request.POST.get("back"), request.GET.get("back"), request.headers.get("HX-Current-URL"))
    for url in (*told, request.headers.get("Referer")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
            parts = urlsplit(url)
            if name_of(parts.path) not in (*OURS, "login"):
                return parts.path + (f"?{parts.query}" if parts.query else "")
    return reverse("sequence", args=[project.slug, sequence.code])


def name_of(path: str) -> str:
    """The name of the page at a path; empty when there is none."""
    try:
        return resolve(urlsplit(path).path).url_name or ""
    except Resolver404:
        return ""


def number_of(request: HttpRequest) -> int | None:
    """The number of the grid asked for in the address."""
    asked = request.GET.get("grid", "")
    if asked and not asked.isdigit():
        raise Http404(f"There is no grid {asked}.")
    return int(asked) if asked else None


def _shot(facts: SequenceFacts, number: str) -> Shot | None:
    """The shot the frame is for; None for the whole sequence."""
    if not number:
        return None
    found = next((s.shot for s in facts.shots if str(s.number) == number), None)
    if found is None:
        raise Http404(f"There is no shot {number} in {facts.sequence.code}.")
    return found


def _shown(grids: list[works.GridRow], number: int | None) -> works.GridRow | None:
    """The grid asked for; else the newest with a picture, else the newest."""
    if number is not None:
        found = next((g for g in grids if g.work.number == number), None)
        if found is None:
            raise Http404(f"There is no grid {number}.")
        return found
    return next((g for g in grids if g.grid.file), grids[0] if grids else None)


def _cells(
    project: Project, shown: works.GridRow | None, used: StartFrame | None, stars: set[int], asked: str
) -> list[Cell]:
    """Cells of the grid shown. The chosen one is the one asked for in the address, else the one in use."""
    if shown is None or not shown.grid.file:
        return []
    grid, boxes = shown.grid, shown.grid.cells
    chosen = used.cell if used and used.grid_id == grid.pk else None
    if asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= len(boxes):
        chosen = int(asked)
    return [
        Cell(n, x, y, w, h, len(boxes) == 1 or n == chosen, n in stars, _said(grid, n), parts_of(project, grid, n))
        for n, (x, y, w, h) in enumerate(boxes, start=1)
    ]


def _said(grid: Grid, cell: int) -> str:
    """What a panel was to show of its own."""
    return str(grid.cell_prompts[cell - 1]) if cell <= len(grid.cell_prompts) else ""


def _two(cells: list[Cell]) -> list[tuple[str, Cell]]:
    """The chosen cell and, beside it, the first starred one or else the next."""
    if len(cells) < 2:
        return []
    a = next((c for c in cells if c.chosen), next((c for c in cells if c.starred), cells[0]))
    others = [c for c in cells if c != a]
    return [("A", a), ("B", next((c for c in others if c.starred), others[0]))]


def _box(shown: works.GridRow | None, used: StartFrame | None, cells: list[Cell]) -> list[int]:
    """The crop in use, to be adjusted again; empty when the frame in use comes from elsewhere, or the cell is cut
    elsewhere since."""
    if not shown or not used or used.grid_id != shown.grid.pk or not used.box:
        return []
    cell = next((c for c in cells if c.chosen and c.number == used.cell), None)
    x, y, w, h = used.box
    inside = cell and cell.x <= x and cell.y <= y and x + w <= cell.x + cell.w and y + h <= cell.y + cell.h
    return list(used.box) if inside else []


def _neighbour(side: str, facts: SequenceFacts | None) -> Neighbour | None:
    if facts is None:
        return None
    poster = facts.best_take.poster if facts.best_take else ""
    start = facts.start_frame.file if facts.start_frame else ""
    return Neighbour(side, facts.sequence.code, poster or start)


def _least(project: Project) -> dict[str, Any] | None:
    """The shortest edge the project's video model takes."""
    try:
        endpoint = video_endpoint(project)
    except Refusal:
        return None
    return {"edge": endpoint.min_start_edge, "model": endpoint.title} if endpoint.min_start_edge else None


def _upscaler(project: Project) -> dict[str, Any] | None:
    """What makes a crop larger: the model, exact micro-dollars of a megapixel (empty while unknown), the factors."""
    model = next(iter(upscalers(project)), None)
    if model is None:
        return None
    price = None if model.unit_price is None else model.unit_price * model.price_factor * 1_000_000
    return {"model": model, "micros": "" if price is None else f"{price.normalize():f}", "factors": FACTORS}


def _new_grid(facts: SequenceFacts, grids: list[works.GridRow], shown: works.GridRow | None) -> dict[str, Any]:
    first = facts.shots[0].text if facts.shots else ""
    text = (shown.grid.prompt if shown else "") or facts.sequence.grid_prompt or first
    try:
        endpoint = grid_endpoint(facts.project)
    except Refusal as refusal:
        return {"grid_problem": str(refusal), "layouts": [], "grid_text": text, "key": orchestration.new_key()}
    wanted = f"{shown.grid.rows}x{shown.grid.cols}" if shown else facts.project.grid
    layouts = [(value, label) for value, label in Layout.choices if value in endpoint.layouts]
    chosen = wanted if wanted in endpoint.layouts else (layouts[0][0] if layouts else "")
    return {
        "grid_price": endpoint.price(1),
        "grid_text": text,
        "grid_problem": "",
        "layouts": layouts,
        "layout": chosen,
        "panels": panel_rows(facts.sequence),
        "key": orchestration.new_key(),
    }


def live(
    grids: list[works.GridRow], shown: works.GridRow | None, enlarged: list[larger.LargerRow]
) -> dict[str, Any] | None:
    """What a poll watches while a grid or a larger start frame is being made; None while nothing is. `waits` when that
    grid is shown large."""
    making = [g.work.number for g in grids if g.work.live]
    if not making and not any(row.work.live for row in enlarged):
        return None
    waits = bool(shown and shown.work.live)
    return {"making": ",".join(map(str, making)), "waits": waits, "etag": etag(grids, enlarged)}
