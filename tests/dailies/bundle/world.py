"""A project with one of everything that can be in a bundle, drawn once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from dailies import exporting, review
from sequences import orchestration
from sequences.models import Batch, BatchItem, Candidate, ImportedRecord, Project, StyleRevision, Waiver
from sequences.models.plan import Role
from sequences.orchestration import making
from tests import factories


@dataclass(frozen=True)
class Packed:
    """A project, its owner, and its bundle."""

    project: Project
    owner: Any
    bundle: Path


def everything(owner: Any) -> Project:
    """Grids, a pick, an upload, an enlarged frame, elements, takes of all ends with a redo, verdicts, notes, an export,
    a deleted sequence, a project that cost money."""
    plans = [
        factories.Plan(prompts=("a pier at dawn", "@mara turns"), seconds=(1, 1), elements=("mara",)),
        factories.Plan(section="Chorus", start_frame=True),
        factories.Plan(section="Bridge"),
    ]
    factories.priced(second="0.50")
    project = factories.make_project(owner, plans, elements=["mara"], client="Zoë & Söhne")
    element = project.elements.get()
    orchestration.add_pictures(actor=owner, element=element, uploads=[factories.picture_file()])
    first = factories.sequence_of(project)
    before = factories.make_grid_ready(first, "2x2")
    orchestration.star(actor=owner, grid=before, cell=2)
    with factories.small_grids():
        grid = orchestration.more_like(actor=owner, grid=before, cell=2, layout="1x1")[0]
        factories.run(grid.jobs.all())
    grid.refresh_from_db()
    Candidate.objects.create(grid=grid, cell=3, starred_by=owner)
    frame = orchestration.pick_start_frame(actor=owner, grid=grid, cell=1)
    with factories.small_grids():
        factories.run(orchestration.upscale_start_frame(actor=owner, start_frame=frame, factor=2).jobs.all())
    take = factories.make_take(first)
    review.judge_shots(actor=owner, take=take, shots=[2], decision="redo", reason="hands", note="six fingers")
    review.say(actor=owner, take=take, text="slower", frame=3)
    redo = factories.finish(making.redo_shots(actor=owner, take=take, shots=[2]))
    review.reject(actor=owner, take=take, reason="hands")
    review.approve(actor=owner, take=redo)
    orchestration.take_start_frame(actor=owner, take=redo, frame=2)
    factories.make_take(factories.sequence_of(project, "SEQ02"), "failed")
    orchestration.delete_sequence(actor=owner, sequence=factories.sequence_of(project, "SEQ03"))
    exporting.render(exporting.request_export(actor=owner, project=project).pk)
    ImportedRecord.objects.create(
        project=project,
        source="starsend",
        key="shot_1",
        sha256="0" * 64,
        raw={"$file": "projects/x", "path": "media/a"},
        made=[["take", take.pk]],
        problems=["nothing"],
    )
    StyleRevision.objects.create(project=project, sequence=first, number=1, prefix="35 mm", author=owner)
    Waiver.objects.create(project=project, take=redo, inputs_sha256="a" * 64, why="It looks right.", created_by=owner)
    batch = Batch.objects.create(project=project, number=1, request_key="one", created_by=owner)
    BatchItem.objects.create(batch=batch, sequence=first, take=take)
    factories.add_member(project, Role.REVIEWER)
    return Project.objects.get(pk=project.pk)


def disk() -> set[str]:
    """Every file of the media and what waits beside it, without what the fixture's project has written."""
    home = Path(settings.DATA_DIR)
    return {str(p.relative_to(home)) for part in ("media", "tmp") for p in (home / part).rglob("*") if p.is_file()}


@contextmanager
def untouched() -> Iterator[None]:
    """Nothing inside leaves a file or a project."""
    files, projects = disk(), Project.objects.count()
    yield
    assert (disk() - files, Project.objects.count()) == (set(), projects)
