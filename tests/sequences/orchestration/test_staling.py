"""What an edit makes stale, refreshing, waiving, and what lands after its inputs have changed, on real rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from dailies import review
from sequences.errors import Refusal
from sequences.models import Job, Project, Sequence, Take, Waiver
from sequences.models.plan import Role
from sequences.orchestration import casting, making, planning, projects, prompting, set_style, shots, staling
from sequences.orchestration.staling import Report
from sequences.queries import load, stage
from sequences.queries import stale as reading
from tests import bulk, factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

TWO = Plan(prompts=("a pier at dawn", "a lamp goes out"), seconds=(1, 1), start_frame=True)


@pytest.fixture
def project() -> Project:
    """Rows only: two sequences with @mara, one with @dog, an approved and a waiting take each."""
    factories.priced("0.0625")
    return bulk.large_project(3, 2, starring=2)


def names(report: Report) -> list[str]:
    return [r.stale.name for r in report.rows if r.open]


def report(project: Project) -> Report:
    return staling.stale_report(project=Project.objects.get(pk=project.pk))


def swap(project: Project, key: str = "mara") -> None:
    element = project.elements.get(key=key)
    ids = [image.pk for image in element.images.all()]
    casting.order_pictures(actor=None, element=element, ids=ids[::-1])


def revise(sequence: Sequence, number: int, text: str) -> None:
    prompting.revise(actor=None, shot=sequence.shots.get(number=number, deleted_at=None), text=text)


def take(project: Project, name: str) -> Take:
    found = reading.named(project, name)
    assert isinstance(found, Take)
    return found


EDITS: dict[str, Callable[[Project], object]] = {
    "pictures": swap,
    "description": lambda p: casting.edit_element(actor=None, element=p.elements.get(key="mara"), name="Marla"),
    "delete": lambda p: casting.delete_element(actor=None, element=p.elements.get(key="dog")),
    "style": lambda p: set_style(actor=None, project=p, prefix="16 mm"),
    "section": lambda p: planning.edit_sequence(actor=None, sequence=p.sequences.get(code="SEQ03"), end="23.5"),
    "prompt": lambda p: revise(p.sequences.get(code="SEQ02"), 3, "she turns away"),
    "shots": lambda p: shots.add_shot(actor=None, sequence=p.sequences.get(code="SEQ01"), prompt="fog", seconds=1),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_preview_tells_what_the_edit_makes_stale_and_leaves_nothing(
    project: Project, edit: Callable[[Project], object], django_capture_on_commit_callbacks: Any
) -> None:
    def stands() -> Any:
        rows = {m: list(m._default_manager.order_by("pk").values()) for m in apps.get_models()}
        return rows, sorted(Path(settings.MEDIA_ROOT).rglob("*"))

    before = stands()
    with django_capture_on_commit_callbacks() as bells:
        seen = staling.preview(project=project, edit=lambda: edit(project))
    assert stands() == before
    assert bells == []
    edit(project)
    told = report(project)
    assert names(seen) == names(told) != []
    assert seen.all_micros == told.all_micros > 0


def test_a_preview_raises_what_the_edit_raises(project: Project) -> None:
    with pytest.raises(Refusal, match="has a character"):
        staling.preview(project=project, edit=_raise)


def _raise() -> None:
    raise Refusal("It has a character too many.")


def test_what_is_stale_already_is_no_news(project: Project) -> None:
    swap(project)
    seen = staling.preview(project=project, edit=lambda: set_style(actor=None, project=project, prefix="16 mm"))
    assert names(seen) == ["SEQ03/T1", "SEQ03/T2"]


def test_an_edit_taken_back_makes_fresh_again(project: Project) -> None:
    swap(project)
    assert len(names(report(project))) == 4
    swap(project)
    assert names(report(project)) == []


def test_moving_in_the_song_and_other_models_and_sizes_make_nothing_stale(project: Project) -> None:
    planning.edit_sequence(actor=None, sequence=project.sequences.get(code="SEQ03"), start="17", end="25")
    projects.edit_project(actor=None, project=project, model="sketch/clip", width=320, height=180)
    assert names(report(project)) == []


@pytest.mark.parametrize("sequences", [2, 12])
def test_a_preview_asks_as_often_whatever_the_size(sequences: int, django_assert_num_queries: Any) -> None:
    project = bulk.large_project(sequences, 2, starring=sequences)
    element = project.elements.get(key="mara")
    staling.stale_report(project=project)  # prices are in force

    def edit() -> None:
        casting.edit_element(actor=None, element=element, name="Marla")

    with django_assert_num_queries(27):
        assert len(staling.preview(project=project, edit=edit).sequences) == sequences


def test_a_waiver_lapses_at_the_next_change_of_its_sequence_only(project: Project) -> None:
    swap(project)
    first = take(project, "SEQ01/T1")
    given = staling.waive(actor=None, artefact=first, why="her back is turned")
    assert "SEQ01/T1" not in names(report(project))
    revise(project.sequences.get(code="SEQ02"), 1, "somewhere else")
    planning.edit_sequence(actor=None, sequence=first.sequence, grid_prompt="what a grid shows")
    assert "SEQ01/T1" not in names(report(project))
    revise(first.sequence, 1, "@mara looks up")
    assert "SEQ01/T1" in names(report(project))
    again = staling.waive(actor=None, artefact=first, why="still fine")
    assert again.pk != given.pk
    assert "SEQ01/T1" not in names(report(project))


def test_a_waiver_needs_a_reason_something_stale_and_a_maker(project: Project) -> None:
    first = take(project, "SEQ01/T1")
    with pytest.raises(Refusal, match="is not stale"):
        staling.waive(actor=None, artefact=first, why="fine")
    swap(project)
    with pytest.raises(Refusal, match="Say why it looks right"):
        staling.waive(actor=None, artefact=first, why="  ")
    with pytest.raises(Refusal, match="this takes an owner or an artist"):
        staling.waive(actor=factories.add_member(project, Role.REVIEWER), artefact=first, why="fine")
    assert not Waiver.objects.exists()


def test_waiving_again_returns_the_first_and_another_reason_is_refused(project: Project) -> None:
    swap(project)
    first = take(project, "SEQ01/T1")
    given = staling.waive(actor=None, artefact=first, why="fine")
    assert staling.waive(actor=None, artefact=first, why=" fine ").pk == given.pk
    with pytest.raises(Refusal, match="waived already, by the machine's owner: fine"):
        staling.waive(actor=None, artefact=first, why="for another reason")
    assert staling.withdraw_waiver(actor=None, artefact=first) == 1
    with pytest.raises(Refusal, match="is not waived"):
        staling.withdraw_waiver(actor=None, artefact=first)


def test_a_stale_approved_take_stays_approved_and_in_the_cut(project: Project) -> None:
    swap(project)
    facts = load(project)[0]
    assert facts.best_take == take(project, "SEQ01/T1") == facts.approved_take


def test_refresh_refuses_the_fresh_the_replaced_and_a_changed_price(project: Project) -> None:
    with pytest.raises(Refusal, match="No take is stale"):
        staling.refresh(actor=None, project=project)
    swap(project)
    with pytest.raises(Refusal, match="SEQ03/T1 is not stale"):
        staling.refresh(actor=None, project=project, takes=[take(project, "SEQ03/T1")])
    with pytest.raises(Refusal, match="The price is"):
        staling.refresh(actor=None, project=project, shown_price=1)
    staling.refresh(actor=None, project=project, takes=[take(project, "SEQ01/T2")])
    with pytest.raises(Refusal, match="SEQ01/T2 is made again already, as T3"):
        staling.refresh(actor=None, project=project, takes=[take(project, "SEQ01/T2")])
    assert names(report(project)) == ["SEQ01/T1", "SEQ02/T1", "SEQ02/T2"]


def test_one_that_cannot_be_refreshed_leaves_the_others_standing(project: Project) -> None:
    swap(project)
    revise(project.sequences.get(code="SEQ01"), 2, "")
    done = staling.refresh(actor=None, project=project, approved=False)
    assert [(str(one.take), str(one.made), bool(one.refusal)) for one in done] == [
        ("SEQ01/T2", "None", True),
        ("SEQ02/T2", "SEQ02/T3", False),
    ]


def test_over_the_budget_nothing_is_asked_for(project: Project) -> None:
    swap(project)
    Project.objects.filter(pk=project.pk).update(cap_micros=1_200_000)
    fresh = Project.objects.get(pk=project.pk)
    with pytest.raises(Refusal, match="budget"):
        staling.refresh(actor=None, project=fresh)
    assert not Take.objects.filter(state="making").exists()


def test_only_stale_shots_are_made_again_and_all_when_the_whole_changed() -> None:
    project = factories.make_project(sequences=[TWO])
    sequence = factories.sequence_of(project)
    old = factories.make_take(sequence, mode="per_shot")
    revise(sequence, 2, "the lamp burns on")
    made = staling.refresh(actor=None, project=project)[0].made
    assert made and made.parent == old
    assert [(s.number, s.call > 0) for s in made.shots.all()] == [(1, False), (2, True)]
    factories.finish(made)
    assert names(report(project)) == []
    set_style(actor=None, project=project, prefix="16 mm")
    whole = staling.refresh(actor=None, project=Project.objects.get(pk=project.pk))[-1].made
    assert whole and whole.parent == made
    assert all(s.call for s in whole.shots.all())


def test_a_take_whose_inputs_changed_while_it_ran_is_kept_and_set_aside() -> None:
    project = factories.make_project(sequences=[TWO])
    sequence = factories.sequence_of(project)
    first = factories.make_take(sequence)
    running = making.request_takes(actor=None, sequences=[sequence])[0]
    revise(sequence, 1, "a pier at night")
    factories.finish(running)
    assert (running.state, bool(running.file)) == ("waiting", True)
    assert running.set_aside == "Shot 1's prompt is r2 now; it was made from r1."
    facts = load(project)[0]
    assert facts.best_take == first
    assert facts.to_review == [first]
    assert reading.set_aside(project) == [running]
    review.approve(actor=None, take=running)
    running.refresh_from_db()
    assert running.set_aside == ""
    assert load(project)[0].best_take == running


def test_a_grid_whose_prompt_changed_while_it_ran_is_set_aside_and_used_all_the_same() -> None:
    project = factories.make_project(sequences=[Plan()])
    sequence = factories.sequence_of(project)
    with factories.small_grids():
        grid = making.explore(actor=None, sequence=sequence, layout="1x1")[0]
        revise(sequence, 1, "a pier at night")
        factories.run(Job.objects.filter(grid=grid))
    grid.refresh_from_db()
    assert (grid.state, bool(grid.file)) == ("waiting", True)
    assert grid.set_aside == "What it is drawn from reads differently now."
    assert stage(load(project)[0]) == "draft"
    staling.use_again(actor=None, artefact=grid)
    assert stage(load(project)[0]) == "pick_start_frame"
    with pytest.raises(Refusal, match="is not set aside"):
        staling.use_again(actor=None, artefact=grid)


def test_a_grid_and_the_frame_cut_from_it_are_stale_and_the_take_is_not() -> None:
    from sequences.orchestration import picking

    project = factories.make_project(sequences=[Plan(prompts=("a pier",))])
    sequence = factories.sequence_of(project)
    grid = factories.make_grid_ready(sequence)
    picking.pick_start_frame(actor=None, grid=grid, cell=1)
    factories.make_take(sequence)
    planning.edit_sequence(actor=None, sequence=sequence, grid_prompt="a boat")
    assert [r.stale.kind for r in report(project).rows] == ["grid", "startframe"]
    assert report(project).all_micros == 0
