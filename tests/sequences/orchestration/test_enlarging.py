"""A small start frame made larger: asked for once, paid once, put in place of the one it was made from."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.media import files
from sequences.models import Event, Job, Project, StartFrame
from sequences.models.plan import Role
from sequences.orchestration import enlarging
from sequences.providers import catalogue
from sequences.queries import load, next_action, stage
from sequences.queries.waiting import open_picks
from tests import factories

pytestmark = pytest.mark.django_db
PRICE = 20_000  # a fifth of a megapixel at ten cents


@pytest.fixture
def project() -> Project:
    return factories.make_project(factories.make_user(), [factories.Plan(start_frame=True)], song=False)


def in_use(project: Project) -> StartFrame:
    return StartFrame.objects.select_related("sequence__project").get(sequence__project=project, state="approved")


def enlarged(frame: StartFrame, **asked: Any) -> StartFrame:
    return orchestration.upscale_start_frame(actor=None, start_frame=frame, **asked)


def finished(frame: StartFrame) -> StartFrame:
    factories.run(Job.objects.filter(start_frame=frame))
    frame.refresh_from_db()
    return frame


def priced() -> None:
    catalogue.override("sketch/upscale", price="0.05")


def test_the_larger_frame_takes_the_place_of_the_one_it_was_made_from(project: Project) -> None:
    small = in_use(project)
    made = enlarged(small, factor=2)
    assert (made.state, made.file, made.parent, made.source) == ("making", "", small, "upscale")
    assert in_use(project) == small
    finished(made)
    assert in_use(project) == made
    assert StartFrame.objects.get(pk=small.pk).state == "superseded"
    path = storage.absolute(made.file)
    assert files.sha256_of(path) == made.sha256
    with Image.open(path) as picture:
        assert picture.format == "PNG" and picture.size == (made.width, made.height) == (1280, 720)
    assert made.jobs.get().state == "done"
    words = Event.objects.filter(subject="startframe", subject_id=made.pk).order_by("id")
    assert list(words.values_list("now", flat=True)) == ["making", "waiting", "approved"]


def test_another_choice_meanwhile_is_kept(project: Project) -> None:
    small = in_use(project)
    made = enlarged(small)
    other = factories.make_start_frame(small.sequence)
    assert finished(made).state == "superseded"
    assert in_use(project) == other
    orchestration.use_start_frame(actor=None, start_frame=made)
    assert in_use(project) == made


def test_the_frame_of_a_shot_stays_the_shots(project: Project) -> None:
    sequence = factories.sequence_of(project)
    shot = sequence.shots.get()
    own = orchestration.upload_start_frame(
        actor=None, sequence=sequence, upload=factories.picture_file(320, 180), shot=shot
    )
    made = finished(enlarged(own, factor=3))
    assert made.shot == shot and made.state == "approved" and (made.width, made.height) == (960, 540)
    assert sequence.start_frames.get(shot=None).state == "approved"


def test_one_key_asks_once(project: Project) -> None:
    small = in_use(project)
    first = enlarged(small, key="abc")
    assert enlarged(small, key="abc") == first
    assert Job.objects.filter(kind="upscale").count() == 1


def test_a_second_one_waits_for_the_first(project: Project) -> None:
    small = in_use(project)
    first = enlarged(small)
    with pytest.raises(Refusal, match=f"F{small.number} is being enlarged already, as F{first.number}"):
        enlarged(small)
    with pytest.raises(Refusal, match="has no picture yet"):
        enlarged(first)


def test_money_is_held_and_settled_by_the_megapixel(project: Project) -> None:
    priced()
    made = enlarged(in_use(project), factor=2, shown_price=46_100)
    project.refresh_from_db()
    assert (made.jobs.get().estimate_micros, project.held_micros) == (46_100, 46_100)  # 0.922 megapixels
    finished(made)
    project.refresh_from_db()
    assert (project.held_micros, project.spent_micros) == (0, 46_100)


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"factor": 5}, "bad_input", "Factor is 5; it must be one of 2, 3, 4."),
        ({"shown_price": 1}, "price_changed", r"The price is \$0.05 now"),
        ({"model": "sketch/clip"}, "bad_input", 'model is "sketch/clip"; pictures are enlarged by .*sketch/upscale'),
    ],
)
def test_refusals_write_nothing(project: Project, asked: dict[str, Any], code: str, said: str) -> None:
    priced()
    with pytest.raises(Refusal, match=said) as refused:
        enlarged(in_use(project), **asked)
    assert refused.value.code == code
    assert not StartFrame.objects.filter(source="upscale").exists()


def test_what_would_be_too_large_too_dear_or_has_no_price_is_refused(project: Project) -> None:
    small = in_use(project)
    StartFrame.objects.filter(pk=small.pk).update(width=3840, height=2160)
    small.refresh_from_db()
    with pytest.raises(Refusal, match="3 times larger is 11520 × 6480, more than 64 megapixels"):
        enlarged(small, factor=3)
    StartFrame.objects.filter(pk=small.pk).update(width=640, height=360)
    small.refresh_from_db()
    catalogue.override("sketch/upscale", price="200")
    with pytest.raises(Refusal, match=r"This costs \$184.40"):
        enlarged(small)
    catalogue.override("sketch/upscale", price=None)
    with pytest.raises(Refusal, match="The price of Sketch upscaler is unknown"):
        enlarged(small)
    assert not Job.objects.filter(kind="upscale").exists()


def test_a_reviewer_enlarges_nothing(project: Project) -> None:
    reviewer = factories.add_member(project, Role.REVIEWER)
    with pytest.raises(Refusal, match="You are a reviewer"):
        orchestration.upscale_start_frame(actor=reviewer, start_frame=in_use(project))


@pytest.mark.parametrize(
    ("rule", "state", "said"),
    [
        ("moderation", "failed", "was held back by the content filter"),
        ("size", "lost", "What came back is 640 × 360 pixels, and 1280 × 720 was asked for."),
    ],
)
def test_a_failure_leaves_the_small_frame_in_use_and_can_be_tried_again(
    project: Project, rule: str, state: str, said: str
) -> None:
    small = in_use(project)
    with factories.faults(f"{rule}*1"):
        made = finished(enlarged(small))
        assert (made.state, made.jobs.get().state) == ("failed", state)
        assert said in made.error and in_use(project) == small
        orchestration.retry(actor=None, artefact=made)
        assert finished(made).state == "approved" and not made.error
    assert in_use(project) == made and made.jobs.count() == 2


def test_it_can_be_stopped(project: Project) -> None:
    small = in_use(project)
    with factories.faults("stuck"):
        made = enlarged(small)
        assert orchestration.cancel(actor=None, artefact=made) == 1
        assert finished(made).state == "failed"
    assert in_use(project) == small
    with pytest.raises(Refusal, match="in flight any more"):
        orchestration.cancel(actor=None, artefact=made)


def test_the_stage_says_that_it_is_being_made(project: Project) -> None:
    def stands() -> tuple[str, str]:
        facts = load(project)[0]
        return stage(facts), next_action(facts).verb

    assert stands() == ("ready", "generate")
    made = enlarged(in_use(project))
    assert stands() == ("exploring", "open")
    finished(made)
    assert stands() == ("ready", "generate")


def test_a_grid_that_waits_for_a_pick_goes_on_waiting(project: Project) -> None:
    """Making the frame in use larger picks nothing from a grid that came after it."""
    sequence = factories.sequence_of(project)
    grid = factories.make_grid_ready(sequence)
    finished(enlarged(in_use(project)))
    assert stage(load(project)[0]) == "pick_start_frame"
    assert list(open_picks(project)) == [grid]


def test_a_crop_made_larger_still_knows_its_cell(project: Project) -> None:
    sequence = factories.sequence_of(project)
    grid = factories.make_grid_ready(sequence)
    frame = orchestration.pick_start_frame(actor=None, grid=grid, cell=1)
    made = finished(enlarged(frame))
    assert (made.grid, made.cell, made.box) == (grid, 1, frame.box)
    orchestration.clear_start_frame(actor=None, start_frame=made)
    grid.refresh_from_db()
    assert grid.state == "waiting"


@pytest.mark.parametrize(("edge", "factor"), [(299, 2), (150, 2), (149, 3), (100, 3), (80, 4), (60, 4), (400, 2)])
def test_the_factor_is_as_large_as_needed(edge: int, factor: int) -> None:
    assert enlarging.enough(edge * 2, edge, 300) == factor
