"""Every verb of planning refuses strangers and those whose role does not reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Grid, Project
from tests.factories import Plan, add_member, make_project, make_user, picture_file, song_file

pytestmark = pytest.mark.django_db

Call = Callable[[Any, Project], object]


def _sequence(project: Project) -> Any:
    return project.sequences.get()


def _shot(project: Project) -> Any:
    return _sequence(project).shots.get()


def _element(project: Project) -> Any:
    return project.elements.get()


def _grid(project: Project) -> Any:
    return Grid(sequence=_sequence(project), number=1)


OWNER_ONLY: dict[str, Call] = {
    "edit_project": lambda who, p: verbs.edit_project(actor=who, project=p, title="X"),
    "set_budget": lambda who, p: verbs.set_budget(actor=who, project=p, cap="1", why="less"),
    "add_member": lambda who, p: verbs.add_member(actor=who, project=p, user=make_user()),
    "change_role": lambda who, p: verbs.change_role(actor=who, project=p, user=make_user(), role="artist"),
    "remove_member": lambda who, p: verbs.remove_member(actor=who, project=p, user=p.members.first()),  # type: ignore[arg-type]
}
MAKERS: dict[str, Call] = {
    "set_style": lambda who, p: verbs.set_style(actor=who, project=p),
    "restore_style": lambda who, p: verbs.restore_style(actor=who, project=p, number=1),
    "set_check_limits": lambda who, p: verbs.set_check_limits(actor=who, project=p, limits={}),
    "upload_song": lambda who, p: verbs.upload_song(actor=who, project=p, upload=song_file(2)),
    "add_sequence": lambda who, p: verbs.add_sequence(actor=who, project=p),
    "edit_sequence": lambda who, p: verbs.edit_sequence(actor=who, sequence=_sequence(p), section="X"),
    "rename_sequence": lambda who, p: verbs.rename_sequence(actor=who, sequence=_sequence(p), code="X"),
    "move_boundary": lambda who, p: verbs.move_boundary(actor=who, left=_sequence(p), right=None, to=1),
    "split_sequence": lambda who, p: verbs.split_sequence(actor=who, sequence=_sequence(p), at=0.5),
    "merge_sequences": lambda who, p: verbs.merge_sequences(actor=who, first=_sequence(p), second=_sequence(p)),
    "reorder_sequences": lambda who, p: verbs.reorder_sequences(actor=who, project=p, codes=["SEQ01"]),
    "delete_sequence": lambda who, p: verbs.delete_sequence(actor=who, sequence=_sequence(p)),
    "restore_sequence": lambda who, p: verbs.restore_sequence(actor=who, sequence=_sequence(p)),
    "add_shot": lambda who, p: verbs.add_shot(actor=who, sequence=_sequence(p)),
    "delete_shot": lambda who, p: verbs.delete_shot(actor=who, shot=_shot(p)),
    "restore_shot": lambda who, p: verbs.restore_shot(actor=who, shot=_shot(p)),
    "reorder_shots": lambda who, p: verbs.reorder_shots(actor=who, sequence=_sequence(p), order=[1]),
    "set_seconds": lambda who, p: verbs.set_seconds(actor=who, shot=_shot(p), seconds=1),
    "set_solo": lambda who, p: verbs.set_solo(actor=who, shot=_shot(p), solo=True),
    "scale_shots": lambda who, p: verbs.scale_shots(actor=who, sequence=_sequence(p)),
    "trim_last_shot": lambda who, p: verbs.trim_last_shot(actor=who, sequence=_sequence(p)),
    "revise": lambda who, p: verbs.revise(actor=who, shot=_shot(p), text="x"),
    "restore": lambda who, p: verbs.restore(actor=who, shot=_shot(p), number=1),
    "copy_prompt": lambda who, p: verbs.copy_prompt(actor=who, from_shot=_shot(p), to_shots=[]),
    "add_element": lambda who, p: verbs.add_element(actor=who, project=p, name="Dog"),
    "edit_element": lambda who, p: verbs.edit_element(actor=who, element=_element(p), name="X"),
    "delete_element": lambda who, p: verbs.delete_element(actor=who, element=_element(p)),
    "restore_element": lambda who, p: verbs.restore_element(actor=who, element=_element(p)),
    "order_elements": lambda who, p: verbs.order_elements(actor=who, project=p, keys=["mara"]),
    "add_pictures": lambda who, p: verbs.add_pictures(actor=who, element=_element(p), uploads=[picture_file()]),
    "order_pictures": lambda who, p: verbs.order_pictures(actor=who, element=_element(p), ids=[]),
    "set_sequence_elements": lambda who, p: verbs.set_sequence_elements(actor=who, sequence=_sequence(p), keys=[]),
    "star": lambda who, p: verbs.star(actor=who, grid=_grid(p), cell=1),
    "unstar": lambda who, p: verbs.unstar(actor=who, grid=_grid(p), cell=1),
    "more_like": lambda who, p: verbs.more_like(actor=who, grid=_grid(p), cell=1),
    "set_cuts": lambda who, p: verbs.set_cuts(actor=who, grid=_grid(p), cols=[], rows=[]),
    "clear_cuts": lambda who, p: verbs.clear_cuts(actor=who, grid=_grid(p)),
    "move_element": lambda who, p: verbs.move_element(actor=who, sequence=_sequence(p), key="mara", up=True),
}


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan()], elements=["mara"])


@pytest.mark.parametrize("verb", [*OWNER_ONLY, *MAKERS])
def test_a_stranger_is_told_there_is_no_such_project(project: Project, verb: str) -> None:
    with pytest.raises(Refusal) as caught:
        (OWNER_ONLY | MAKERS)[verb](make_user("stranger"), project)
    assert (caught.value.code, str(caught.value)) == ("not_found", "There is no project night-ferry.")


@pytest.mark.parametrize("verb", [*OWNER_ONLY, *MAKERS])
def test_a_reviewer_only_looks(project: Project, verb: str) -> None:
    with pytest.raises(Refusal) as caught:
        (OWNER_ONLY | MAKERS)[verb](add_member(project, "reviewer"), project)  # type: ignore[arg-type]
    wanted = "an owner" if verb in OWNER_ONLY else "an owner or an artist"
    assert caught.value.code == "not_allowed"
    assert str(caught.value) == f"You are a reviewer of Night Ferry; this takes {wanted}."


@pytest.mark.parametrize("verb", OWNER_ONLY)
def test_an_artist_does_not_decide_about_money_and_people(project: Project, verb: str) -> None:
    with pytest.raises(Refusal, match=r"^You are an artist of Night Ferry; this takes an owner\.$"):
        OWNER_ONLY[verb](add_member(project), project)


def test_import_over_a_foreign_project_is_refused(project: Project, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('format = 1\n[project]\nslug = "night-ferry"\ntitle = "Mine now"\n')
    with pytest.raises(Refusal) as caught:
        verbs.import_plan(actor=make_user("stranger"), plan=plan)
    assert caught.value.code == "slug_taken"
    with pytest.raises(Refusal, match="this takes an owner"):
        verbs.import_plan(actor=add_member(project), plan=plan)
    project.refresh_from_db()
    assert project.title == "Night Ferry"


def test_export_is_for_members(project: Project) -> None:
    with pytest.raises(Refusal, match=r"^There is no project night-ferry\.$"):
        verbs.export_plan(actor=make_user("stranger"), project=project)
    reviewer = add_member(project, "reviewer")  # type: ignore[arg-type]
    assert verbs.export_plan(actor=reviewer, project=project).project.slug == "night-ferry"
