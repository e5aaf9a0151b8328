"""Prompts: nothing written is ever lost or changed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import PromptRevision, Shot
from tests.factories import Plan, make_project, make_user, sequence_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shot() -> Shot:
    project = make_project(sequences=[Plan(prompts=("the sea", ""), seconds=(1, 1))], song=False)
    return sequence_of(project).shots.get(number=1)


def history(shot: Shot) -> list[tuple[int, str, str]]:
    return list(shot.revisions.values_list("number", "text", "source"))


def test_each_change_is_a_revision(shot: Shot) -> None:
    owner = shot.sequence.project.members.get()
    made = verbs.revise(actor=owner, shot=shot, text="  the sea\r\nat night ")
    assert made and made.author == owner
    assert history(shot) == [(1, "the sea", "typed"), (2, "the sea\nat night", "typed")]
    assert verbs.revise(actor=owner, shot=shot, text="the sea\nat night\n\n") is None
    assert len(history(shot)) == 2


def test_restore_is_a_revision_too(shot: Shot) -> None:
    verbs.revise(actor=None, shot=shot, text="the moon")
    verbs.restore(actor=None, shot=shot, number=1)
    assert history(shot)[-1] == (3, "the sea", "restore r1")
    assert verbs.restore(actor=None, shot=shot, number=1) is None
    with pytest.raises(Refusal, match=r"^SEQ01 shot 1 has no revision r9\.$"):
        verbs.restore(actor=None, shot=shot, number=9)


def test_copy_tells_where_it_came_from(shot: Shot) -> None:
    second = shot.sequence.shots.get(number=2)
    made = verbs.copy_prompt(actor=None, from_shot=shot, to_shots=[second, shot])
    assert [r.shot for r in made] == [second]
    assert history(second) == [(1, "the sea", "copy of SEQ01 shot 1")]


def test_copy_needs_a_prompt_and_stays_in_the_project(shot: Shot) -> None:
    empty = shot.sequence.shots.get(number=2)
    with pytest.raises(Refusal, match=r"^SEQ01 shot 2 has no prompt to copy\.$"):
        verbs.copy_prompt(actor=None, from_shot=empty, to_shots=[shot])
    foreign = sequence_of(make_project(make_user("else"), title="Other", song=False)).shots.get()
    with pytest.raises(Refusal, match="within one project only"):
        verbs.copy_prompt(actor=None, from_shot=shot, to_shots=[foreign])
    assert len(history(foreign)) == 1


def test_control_characters_are_refused(shot: Shot) -> None:
    with pytest.raises(Refusal, match=r"^The prompt holds a control character; take it out\.$"):
        verbs.revise(actor=None, shot=shot, text="a\x00b")


def test_the_database_keeps_what_was_written(shot: Shot) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptRevision.objects.filter(shot=shot).update(text="other")
    assert history(shot) == [(1, "the sea", "typed")]
