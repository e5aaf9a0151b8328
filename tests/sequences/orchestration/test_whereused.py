"""Who goes along where, by the endpoint's limits with and without a start frame."""

from __future__ import annotations

import pytest

from sequences import orchestration as verbs
from sequences.models import Project
from sequences.orchestration.whereused import Matrix, where_used
from tests.factories import Plan, make_project, picture_file

pytestmark = pytest.mark.django_db
KEYS = ("mara", "ferry", "pier", "dog", "bell")


@pytest.fixture
def project() -> Project:
    plans = [
        Plan(elements=KEYS[:4], start_frame=True),
        Plan(elements=KEYS[:4]),
        Plan(prompts=("@mara @ferry @pier", "@dog sits", "@dog"), seconds=(1, 1, 1), solo=(3,), start_frame=True),
        Plan(prompts=(), seconds=(), length=2),
    ]
    project = make_project(sequences=plans, elements=KEYS, song=False)
    for n, element in enumerate(project.elements.exclude(key="bell")):
        verbs.add_pictures(actor=None, element=element, uploads=[picture_file(600 + n, 512 - n)])
    return project


def said(found: Matrix, key: str) -> list[str]:
    return [place.said for place in next(r for r in found.rows if r.element.key == key).places]


def test_the_limit_is_that_of_the_call(project: Project) -> None:
    found = where_used(project)
    assert said(found, "dog") == [
        "left out, rank 4: over the limit: 3 a call with a start frame",
        "sent, rank 4",
        "sent, rank 4, but left out of call 1: over the limit: 3 a call with a start frame, shot 2",
        "not used",
    ]
    assert [(c.sent, c.room, c.full) for c in found.columns] == [
        (3, 3, True), (4, 4, True), (3, 3, True), (0, 0, False)
    ]  # fmt: skip


def test_an_element_left_out_everywhere_says_so_and_one_left_out_somewhere_does_not(project: Project) -> None:
    dog = next(r for r in where_used(project).rows if r.element.key == "dog")
    assert [p.code for p in dog.used] == ["SEQ01", "SEQ02", "SEQ03"]
    assert [p.code for p in dog.left_out] == ["SEQ01"]
    assert [p.partly for p in dog.places] == [False, False, True, False]


def test_a_new_priority_changes_who_goes(project: Project) -> None:
    verbs.order_cast(actor=None, sequence=project.sequences.get(code="SEQ01"), keys=["dog", "mara", "ferry", "pier"])
    found = where_used(project)
    assert said(found, "dog")[0] == "sent, rank 1"
    assert said(found, "pier")[0] == "left out, rank 4: over the limit: 3 a call with a start frame"
    assert [c.code for c in found.columns if c.own_order] == ["SEQ01"]


def test_small_pictures_are_named(project: Project) -> None:
    rows = {r.element.key: r for r in where_used(project).rows}
    assert rows["mara"].small == [] and len(rows["dog"].small) == 1  # 512 and 509 pixels high
