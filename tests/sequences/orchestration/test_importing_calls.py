"""What people decide about calls, style and panels of one sequence survives a way out and in again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sequences import orchestration as verbs
from sequences.models import Project, Sequence, Shot, StyleRevision
from sequences.planfile import PlanError
from sequences.queries.plans import plan_changes
from tests.sequences.orchestration.test_importing import PLAN, bring, exported, folder

pytestmark = pytest.mark.django_db
__all__ = ["folder"]

MARKED = PLAN.replace(
    "  seconds = 2\n  solo = true\n", '  seconds = 2\n  solo = true\n  divided = true\n  model = "sketch/clip"\n'
).replace(
    'grid_prompt = "a ferry at dusk, wide"\n',
    'grid_prompt = "a ferry at dusk, wide"\ncell_prompts = ["the deck", "", "@mara"]\n'
    'style = { prefix = "tungsten", negative = "daylight" }\n',
)


def test_marks_models_style_and_panels_come_in_and_go_out_the_same(folder: Path) -> None:
    project = bring(folder, lambda _: MARKED).project
    first = Sequence.objects.get(project=project, code="SEQ01")
    assert (first.style_prefix, first.style_suffix, first.style_negative) == ("tungsten", "", "daylight")
    assert first.cell_prompts == ["the deck", "", "@mara"]
    marked = Shot.objects.get(sequence=first, number=2)
    assert (marked.divided, marked.model) == (True, "sketch/clip")
    assert [r.source for r in StyleRevision.objects.filter(sequence=first)] == ["import"]
    assert exported(project) == MARKED
    again = bring(folder, lambda _: MARKED)
    assert exported(again.project) == MARKED and StyleRevision.objects.filter(sequence=first).count() == 1


def test_a_plan_of_before_says_that_nothing_is_divided(folder: Path) -> None:
    bring(folder, lambda _: MARKED)
    project = bring(folder).project
    assert exported(project) == PLAN
    assert not Shot.objects.filter(sequence__project=project, divided=True).exists()


def test_what_would_change_is_named(folder: Path) -> None:
    before = verbs.export_plan(actor=None, project=bring(folder).project)
    after = verbs.export_plan(actor=None, project=bring(folder, lambda _: MARKED).project)
    (change,) = plan_changes(before, after)
    assert change.how == "cell prompts, style lines, divider or model of shot 2"


def test_a_model_that_is_not_there_is_told_with_its_line(folder: Path) -> None:
    with pytest.raises(PlanError) as wrong:
        bring(folder, lambda _: MARKED.replace('model = "sketch/clip"', 'model = "gone/model"'))
    line = MARKED[: MARKED.index('model = "sketch/clip"')].count("\n") + 1
    assert str(wrong.value) == (
        f'plan.toml line {line}: sequences[0].shots[1].model is "gone/model"; no video model of this studio is called'
        " that."
    )
    assert not Project.objects.exists()
