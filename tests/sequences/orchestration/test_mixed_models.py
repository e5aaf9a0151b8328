"""One take whose calls go to two providers: chained, ended on a picture, joined, and paid for once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sequences import orchestration as verbs
from sequences.models import Job, Project, TakeShot
from sequences.providers import catalogue
from sequences.queries.drafts import is_draft
from tests import factories, paid
from tests.fakes.fal import InProcessFal

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running() -> Iterator[InProcessFal]:
    with paid.calm() as fal:
        yield fal


@pytest.fixture
def desk(running: InProcessFal) -> Iterator[paid.Bench]:
    with paid.bench(running) as bench:
        yield bench


def test_a_take_is_made_by_two_models_one_after_the_other(desk: paid.Bench) -> None:
    plan = factories.Plan(prompts=("a pier", "a lamp"), seconds=(1, 3), start_frame=True)
    catalogue.override(paid.CLIP, min_start_edge=64)  # the project's frames are tiny
    project = desk.project(plan, provider="sketch", model="")
    sequence = factories.sequence_of(project)
    second = sequence.shots.select_related("sequence__project").get(number=2)
    verbs.set_model(actor=None, shots=[second], model=paid.CLIP)
    ends = verbs.upload_start_frame(
        actor=None, sequence=sequence, upload=factories.picture_file(), shot=second, use="end"
    )
    (take,) = verbs.request_takes(actor=None, sequences=[sequence])
    desk.work()
    take.refresh_from_db()
    assert (take.state, take.frames) == ("waiting", 4 * 24)
    first, last = Job.objects.filter(take=take).order_by("call")
    assert [(j.provider, j.endpoint) for j in (first, last)] == [("sketch", "sketch/clip"), ("fal", paid.CLIP)]
    assert last.after == first
    body = (last.wire or {})["body"]
    assert body["start_image_url"] and body["end_image_url"] != body["start_image_url"]
    assert TakeShot.objects.get(take=take, number=2).end_frame == ends
    assert desk.accepted == 1
    desk.settled(Project.objects.get(pk=project.pk))
    assert is_draft(take), "a take with a draft in it is one"
