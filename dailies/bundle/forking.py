"""A project as a new version: its plan with all its words, and on request its takes; money and work begin anew.

A take that comes along keeps its clips, and each clip the call that made it: as a record that cost nothing here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from sequences import storage
from sequences.errors import Refusal
from sequences.models import Event, Grid, Project, StartFrame, Take
from sequences.models.plan import Role
from sequences.orchestration import require, set_budget
from sequences.states import ArtefactState

from . import tags
from .arriving import arriving
from .importing import free_slug
from .loading import load
from .rows import ProjectRows, Row, named_files
from .tables import columns, tables, target
from .values import Ground
from .writing import still

WITH = ("plan", "takes")
# money and work of the version it was copied from, and what was delivered from it
STAYS = {
    "sequences.ledgerentry", "sequences.daybudget", "sequences.event", "sequences.attempt", "sequences.receipt",
    "sequences.importedrecord", "sequences.batch", "sequences.batchitem", "dailies.export",
}  # fmt: skip
UNFINISHED = (ArtefactState.MAKING.value, ArtefactState.FAILED.value)
WAIVED = ("take", "grid", "start_frame")
ARTEFACTS: tuple[type[Grid | StartFrame | Take], ...] = (Grid, StartFrame, Take)
GRID, FRAME, TAKE, CLIP, JOB = (
    "sequences.grid", "sequences.startframe", "sequences.take", "sequences.clip", "sequences.job",
)  # fmt: skip


def fork_project(
    *,
    actor: AbstractBaseUser | None,
    project: Project,
    slug: str,
    title: str = "",
    with_: str = "plan",
    budget: Decimal | str | int = "0",
    owner: AbstractBaseUser | None = None,
) -> Project:
    """Copy a project under a new slug; `with_` is `plan` or `takes`, `budget` the new version's own cap in dollars.

    The new version belongs to `owner`, else to the actor. Files are linked where the disk can. Raises Refusal: not an
    owner, a slug that is taken, wrong values; nothing is left then.
    """
    require(actor, project, Role.OWNER)
    if with_ not in WITH:
        raise Refusal(f"It can come with {' or '.join(WITH)}, not with {with_[:40]!r}.", where="with")
    name = free_slug(slug)
    called = title.strip()[:200] or _next_title(project)
    with still():
        found = _Kept(ProjectRows(project), takes=with_ == "takes")

    def begin(fork: Project) -> None:
        fork.title, fork.cap_micros, fork.overrun_micros = called, 0, 0
        fork.forked_from_id, fork.created_at = project.pk, timezone.now()

    def end(fork: Project, ground: Ground) -> None:
        _say_where_from(project, fork, actor)
        set_budget(actor=owner or actor, project=fork, cap=budget, why=f"its own, as it was forked from {project.slug}")

    with arriving(name) as arrival:
        for file in sorted(found.files()):
            _linked(f"projects/{project.slug}/{file}", arrival.path(file))
        return load(found, slug=name, owner=owner or actor, place=arrival.place, first=begin, last=end)


def _next_title(project: Project) -> str:
    return f"{project.title[:180]}, version {project.forks.count() + 2}"


def _linked(relative: str, target: Any) -> None:
    """The same file under another name: a link where the disk can, else a copy. A file that is gone stays gone."""
    source = storage.absolute(relative)
    try:
        os.link(source, target)
    except FileNotFoundError:
        return
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def _say_where_from(project: Project, fork: Project, actor: AbstractBaseUser | None) -> None:
    """The first event of everything that came along."""
    events = []
    for model in ARTEFACTS:
        for row in model._default_manager.filter(sequence__project=fork).select_related("sequence").order_by("pk"):
            events.append(
                Event(
                    project=fork, subject=model.__name__.lower(), subject_id=row.pk, now=row.state,
                    why=f"came along from {project.slug} {row}"[:300], actor_id=actor.pk if actor else None,
                )
            )  # fmt: skip
    Event.objects.bulk_create(events, batch_size=500)


class _Kept:
    """Those rows of a project that a new version gets, numbered anew."""

    def __init__(self, source: ProjectRows, *, takes: bool) -> None:
        self.source = source
        self.all = {label: list(source.rows(label)) for label in tables() if label not in STAYS}
        self.kept: dict[str, list[int]] = {}
        chosen = _chosen(self.all, takes=takes)
        for label in tables():
            self._keep(label, chosen)
        self.number = {label: {old: n for n, old in enumerate(ids, start=1)} for label, ids in self.kept.items()}

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {label: len(ids) for label, ids in self.kept.items()}

    def rows(self, label: str) -> Iterator[Row]:
        """The rows of a table by their new numbers."""
        by_id = {row["id"]: row for row in self.all.get(label, ())}
        for number, old in enumerate(self.kept[label], start=1):
            yield self._changed(label, {**by_id[old], "id": number})

    def files(self) -> set[str]:
        """Every file that the kept rows name."""
        return {name for label in tables() for row in self.rows(label) for name, _ in named_files(label, row)}

    def _keep(self, label: str, chosen: dict[str, set[int]]) -> list[int]:
        """Numbers that stay: as chosen, else every row whose foreign keys stay."""
        if label in self.kept:
            return self.kept[label]
        self.kept[label] = []  # a table that leads back to itself
        rows = self.all.get(label, [])
        if label in chosen:
            rows = [row for row in rows if row["id"] in chosen[label]]
        else:
            for column in columns(label):
                to = target(column)
                if to in tables() and not column.null:
                    there = set(self._keep(to, chosen))
                    rows = [row for row in rows if row[column.name] in there]
        self.kept[label] = [row["id"] for row in rows]
        return self.kept[label]

    def _changed(self, label: str, row: Row) -> Row:
        for column in columns(label):
            to = target(column)
            if to in tables() and row[column.name] is not None:
                row[column.name] = self.number[to].get(row[column.name])
            elif isinstance(row[column.name], dict | list):
                row[column.name] = _renumbered(row[column.name], self._row)
        change = CHANGES.get(label)
        return {**row, **change(row, self.source.project.slug)} if change else row

    def _row(self, named: Any) -> Any:
        if named is None:
            return None
        number = self.number.get(named[0], {}).get(named[1])
        return None if number is None else [named[0], number]


def _renumbered(value: Any, row: Callable[[Any], Any]) -> Any:
    if isinstance(value, list):
        return [_renumbered(inner, row) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {tags.ROW}:
        return {tags.ROW: row(value[tags.ROW])}
    return {key: _renumbered(inner, row) for key, inner in value.items()}


def _chosen(rows: dict[str, list[Row]], *, takes: bool) -> dict[str, set[int]]:
    """Which artefacts and calls come along."""
    kept = _takes(rows) if takes else set()
    clips = {c["id"] for c in rows[CLIP] if c["take"] in kept}
    frames = _frames(rows, kept, everything=takes)
    named = {f["grid"] for f in rows[FRAME] if f["id"] in frames and f["grid"]}
    named |= {g["id"] for g in rows[GRID] if takes and g["state"] not in UNFINISHED}
    grids = _with_parents(named, {g["id"]: g.get("like") for g in rows[GRID]})
    there = {("take", t) for t in kept} | {("grid", g) for g in grids} | {("start_frame", f) for f in frames}
    waived = rows["sequences.waiver"]
    return {
        "sequences.waiver": {w["id"] for w in waived if any((of, w[of]) in there for of in WAIVED)},
        TAKE: kept, CLIP: clips, FRAME: frames, GRID: grids,
        JOB: {c["job"] for c in rows[CLIP] if c["id"] in clips},
    }  # fmt: skip


def _takes(rows: dict[str, list[Row]]) -> set[int]:
    """Finished takes, and those whose clips they reuse."""
    kept = {t["id"] for t in rows[TAKE] if t["state"] not in UNFINISHED}
    owner = {c["id"]: c["take"] for c in rows[CLIP]}
    reused = {owner[s["clip"]] for s in rows["sequences.takeshot"] if s["take"] in kept and s["clip"]}
    return kept | reused


def _frames(rows: dict[str, list[Row]], takes: set[int], *, everything: bool) -> set[int]:
    """Start frames in use, or all; those that takes began with; and what each was enlarged from."""
    good = [f for f in rows[FRAME] if f["state"] not in UNFINISHED]
    kept = {f["id"] for f in good if everything or f["state"] == ArtefactState.APPROVED.value}
    kept |= {t["start_frame"] for t in rows[TAKE] if t["id"] in takes and t["start_frame"]}
    for end in ("start_frame", "end_frame"):
        kept |= {s[end] for s in rows["sequences.takeshot"] if s["take"] in takes and s[end]}
    return _with_parents(kept, {f["id"]: f["parent"] for f in rows[FRAME]})


def _with_parents(kept: set[int], parents: dict[int, int | None]) -> set[int]:
    """These and what each was made from, as far back as it goes."""
    out = set(kept)
    for row in kept:
        above = parents[row]
        while above and above not in out:
            out.add(above)
            above = parents[above]
    return out


def _frame(row: Row, slug: str) -> Row:
    """A frame of a take that stayed behind is a picture like one that was uploaded."""
    if row["take"] is not None:
        return {}
    source = "upload" if row["source"] == "take" else row["source"]
    return {"take_frame": None, "source": source}


def _job(row: Row, slug: str) -> Row:
    """The record of a call that was paid elsewhere."""
    return {
        "estimate_micros": 0, "cost_micros": 0, "units": None, "unit_price": None, "billed_units": None,
        "held_on": None, "charged": False, "request_id": "", "late": "", "late_file": "", "late_sha256": "",
        "late_at": None, "note": f"came along from {slug}; nothing was paid here",
    }  # fmt: skip


CHANGES: dict[str, Callable[[Row, str], Row]] = {FRAME: _frame, JOB: _job}
