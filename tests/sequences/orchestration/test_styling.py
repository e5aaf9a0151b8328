"""Style lines: revisions of a project's and of a sequence's, who writes them, and where they go."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Project, Sequence, StyleRevision
from sequences.orchestration.quoting import quote
from sequences.orchestration.replacing import Search, hits
from sequences.queries import load
from sequences.queries.history import prompt_history, style_history
from tests.factories import Plan, make_project, make_take, make_user, sequence_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan(prompts=("a pier", "gulls"), seconds=(1, 1)), Plan()], song=False)


def kept(owner: Project | Sequence) -> list[tuple[int, str, str, str, str]]:
    return [
        (r.number, r.lines["prefix"], r.lines["suffix"], r.lines["negative"], r.source) for r in style_history(owner)
    ]


def test_each_change_is_a_revision_and_what_is_not_named_stays(project: Project) -> None:
    owner = project.members.get()
    made = verbs.set_style(actor=owner, project=project, prefix=" 35 mm ", negative="birds")
    assert made and made.author == owner
    assert verbs.set_style(actor=owner, project=project, prefix="35 mm") is None
    verbs.set_style(actor=owner, project=project, suffix="grain")
    verbs.restore_style(actor=owner, project=project, number=1)
    assert kept(project) == [
        (3, "35 mm", "", "birds", "restore s1"),
        (2, "35 mm", "grain", "birds", "typed"),
        (1, "35 mm", "", "birds", "typed"),
    ]  # fmt: skip
    project.refresh_from_db()
    assert (project.style_prefix, project.style_suffix, project.style_negative) == ("35 mm", "", "birds")
    with pytest.raises(Refusal, match=r"^The style lines of night-ferry have no revision s9\.$"):
        verbs.restore_style(actor=owner, project=project, number=9)


def test_a_sequence_has_its_own_and_they_go_into_its_calls_only(project: Project) -> None:
    one = sequence_of(project)
    verbs.set_style(actor=None, project=project, prefix="35 mm", suffix="still", negative="birds")
    verbs.set_style(actor=None, project=project, sequence=one, prefix="night", suffix="grain", negative="text")
    assert kept(one) == [(1, "night", "grain", "text", "typed")] and len(kept(project)) == 1
    first, second = (quote(facts) for facts in load(Project.objects.get(pk=project.pk)))
    assert first.compiled(first.plan.calls[0], 1) == "35 mm. night. a pier. grain. still"
    assert second.compiled(second.plan.calls[0], 1).startswith("35 mm. a pier at dawn")
    assert first.facts.style.negative == "birds, text" and second.facts.style.negative == "birds"


def test_a_sequence_of_another_project_is_not_touched(project: Project) -> None:
    foreign = sequence_of(make_project(make_user("else"), title="Other", song=False))
    with pytest.raises(Refusal, match="SEQ01 is no sequence of night-ferry"):
        verbs.set_style(actor=None, project=project, sequence=foreign, prefix="x")
    assert not StyleRevision.objects.exists()


def test_a_split_hands_its_lines_on(project: Project) -> None:
    one = sequence_of(project)
    verbs.set_style(actor=None, project=project, sequence=one, prefix="night")
    _, right = verbs.split_sequence(actor=None, sequence=one, at=1)
    assert kept(right) == [(1, "night", "", "", "split of SEQ01")]


def test_search_and_replace_goes_through_style_lines_and_cells_and_back(project: Project) -> None:
    one = sequence_of(project)
    verbs.set_style(actor=None, project=project, prefix="fog")
    verbs.set_style(actor=None, project=project, sequence=one, suffix="thin fog")
    Sequence.objects.filter(pk=one.pk).update(cell_prompts=["clear", "fog bank"])
    search = Search("fog", "mist")
    project.refresh_from_db()
    assert [hit.where for hit in hits(project=project, search=search)] == [
        "Style line before", "SEQ01 style line after", "SEQ01 cell 2"
    ]  # fmt: skip
    done = verbs.replace_prompts(actor=None, project=project, search=search)
    one.refresh_from_db()
    assert (one.style_suffix, one.cell_prompts) == ("thin mist", ["clear", "mist bank"])
    assert kept(project)[0] == (2, "mist", "", "", "replaced") and kept(one)[0][-1] == "replaced"
    assert verbs.undo_replace(actor=None, project=project, undo=done.undo) == (3, 0)
    one.refresh_from_db()
    assert (one.style_suffix, one.cell_prompts) == ("thin fog", ["clear", "fog bank"])
    assert kept(project)[0] == (3, "fog", "", "", "replace undone")


def test_the_database_keeps_what_was_written(project: Project) -> None:
    verbs.set_style(actor=None, project=project, prefix="35 mm")
    with pytest.raises(IntegrityError), transaction.atomic():
        StyleRevision.objects.update(prefix="other")


def test_the_history_of_a_prompt_tells_what_became_of_it(project: Project) -> None:
    two = sequence_of(project, "SEQ02")
    shot = two.shots.get()
    make_take(two, "rejected", why="Motion: too fast")
    verbs.revise(actor=None, shot=shot, text="a quay")
    make_take(two)
    verbs.revise(actor=None, shot=shot, text="a wharf")
    assert [(row.tag, row.fate) for row in prompt_history(shot)] == [
        ("r3", ""), ("r2", "in T2, not judged yet"), ("r1", "in T1, rejected: motion: too fast")
    ]  # fmt: skip
