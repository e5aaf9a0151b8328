"""Plan files out: the project as a plan, which imports to the same project and exports to the same bytes."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from sequences.models import Project, PromptRevision, Sequence
from sequences.planfile import (
    Plan,
    PlanElement,
    PlanSequence,
    PlanShot,
    PlanSong,
    PlanStyle,
    dump,
    dump_json,
)

from ._rules import require
from .projects import plan_values


def export_plan(*, actor: AbstractBaseUser | None, project: Project) -> Plan:
    """The living plan of a project with current prompts; for any member. Raises Refusal for strangers."""
    require(actor, project)
    elements = project.elements.filter(deleted_at=None).order_by("position", "id")
    prompts = _prompts(project)
    sequences = project.sequences.filter(deleted_at=None).order_by("position", "start", "id")
    return Plan(
        project=plan_values(project),
        style=PlanStyle(project.style_prefix, project.style_suffix, project.style_negative),
        song=PlanSong(project.song_file) if project.song_file else None,
        elements=tuple(PlanElement(e.key, e.kind, e.name, e.description, e.refs) for e in elements),
        sequences=tuple(
            _sequence(s, prompts) for s in sequences.prefetch_related("sequence_elements__element", "shots")
        ),
    )


def plan_text(plan: Plan, *, as_json: bool = False) -> str:
    """A plan as the text of its file: TOML, or JSON of the same structure."""
    return dump_json(plan) if as_json else dump(plan)


def _prompts(project: Project) -> dict[int, str]:
    """The current prompt of every shot, by its id: later revisions overwrite earlier ones."""
    rows = PromptRevision.objects.filter(shot__sequence__project=project).order_by("number")
    return dict(rows.values_list("shot_id", "text"))


def _sequence(row: Sequence, prompts: dict[int, str]) -> PlanSequence:
    cast = sorted(row.sequence_elements.all(), key=lambda e: (e.position, e.pk))
    return PlanSequence(
        code=row.code,
        start=row.start,
        end=row.end,
        section=row.section,
        mode=row.mode,
        elements=tuple(e.element.key for e in cast if e.element.deleted_at is None),
        grid_prompt=row.grid_prompt,
        shots=tuple(
            PlanShot(prompts.get(s.pk, ""), s.seconds, s.solo, s.divided, s.model)
            for s in row.shots.all()
            if s.deleted_at is None
        ),
        style=PlanStyle(row.style_prefix, row.style_suffix, row.style_negative),
        cell_prompts=tuple(row.cell_prompts),
    )
