"""What a model would refuse is said by quotes and verbs before any row exists, in the same words."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from sequences.errors import Refusal
from sequences.models import Element, ElementImage, Grid, Job, Project, Take
from sequences.orchestration import making, quoting, set_style
from sequences.orchestration.quoting import Quote
from sequences.providers import registry
from sequences.queries import load
from tests import factories as make

pytestmark = pytest.mark.django_db
O3 = "fal-ai/kling-video/o3/pro/reference-to-video"


@pytest.fixture(autouse=True)
def _fal_is_set_up() -> None:
    registry.offer("fal", _nobody)


def _nobody() -> Any:
    raise AssertionError("Nothing may be asked of a provider in this test.")


def project_of(*plans: make.Plan, elements: tuple[str, ...] = (), **fields: Any) -> Project:
    size = {"width": 1280, "height": 720, "provider": "fal", **fields}
    return make.make_project(sequences=plans, elements=elements, **size)


def ready(*prompts: str, seconds: float = 3, **more: Any) -> make.Plan:
    return make.Plan(prompts=prompts, seconds=(seconds,) * len(prompts), start_frame=True, **more)


def quote(project: Project, **asked: Any) -> Quote:
    return quoting.quote(load(project, [make.sequence_of(project)])[0], **asked)


def picture(project: Project, key: str, number: int = 1) -> None:
    path = f"{project.slug}/elements/{key}-{number}.png"
    file = settings.MEDIA_ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(file)
    ElementImage.objects.create(element=Element.objects.get(project=project, key=key), file=path, width=640, height=640,
                                sha256=f"{key}{number}", position=number)  # fmt: skip


def refused(project: Project, **asked: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        making.request_takes(actor=None, sequences=[make.sequence_of(project)], **asked)
    assert not Take.objects.exists() and not Job.objects.exists()
    return str(refusal.value)


def test_a_ready_sequence_can_be_asked_for() -> None:
    project = project_of(ready("one", "two"))
    found = quote(project)
    assert found.problems == ()
    assert (found.endpoint.title, found.price) == ("Kling 3 standard", 504_000)
    assert making.request_takes(actor=None, sequences=[make.sequence_of(project)])


def test_a_long_name_in_a_long_prompt_is_counted_as_it_is_sent() -> None:
    project = project_of(ready("@mara " + "waits " * 60, elements=("mara",)), elements=("mara",))
    Element.objects.filter(project=project, key="mara").update(name="Mara" * 30, description="M" * 400)
    says = "Shot 1's prompt is 760 characters as it is sent and Kling 3 standard takes 512; shorten it by 248."
    assert quote(project).problems == (says,)
    assert refused(project) == f"SEQ01: {says}"
    picture(project, "mara")
    assert quote(project).problems == ()


def test_an_element_that_goes_along_is_written_as_the_model_wants_it() -> None:
    project = project_of(ready("@dog waits for @mara and @ferry", elements=("mara", "dog", "ferry")),
                         elements=("mara", "dog", "ferry"))  # fmt: skip
    picture(project, "mara")
    picture(project, "dog")
    found = quote(project)
    assert found.compiled(found.plan.calls[0], 1) == "@Element2 waits for @Element1 and a ferry"
    request = making.request_takes(actor=None, sequences=[make.sequence_of(project)])[0].jobs.get().request
    assert [e["key"] for e in request["elements"]] == ["mara", "dog"]


def test_a_small_start_frame_and_a_wide_one_are_refused() -> None:
    project = project_of(ready("one"))
    frame = make.sequence_of(project).start_frames.get()
    for width, height, says in (
        (640, 280, "Start frame F1 is 640 × 280 and Kling 3 standard takes none under 300 pixels; crop larger."),
        (1600, 400, "Start frame F1 is 1600 × 400, 4.00 times as wide as high, and Kling 3 standard takes 0.40 to 2.50;"
                    " crop it closer to the frame."),
    ):  # fmt: skip
        type(frame).objects.filter(pk=frame.pk).update(width=width, height=height)
        assert quote(project).problems == (says,)
        assert refused(project) == f"SEQ01: {says}"


def test_a_heavy_start_frame_is_refused() -> None:
    project = project_of(ready("one"))
    file = settings.MEDIA_ROOT / make.sequence_of(project).start_frames.get().file
    file.write_bytes(file.read_bytes() + b"\0" * 10_000_000)
    assert refused(project).startswith("SEQ01: Start frame F1 is a file of 10.")


def test_a_frame_no_model_makes_is_refused() -> None:
    project = project_of(ready("one"), width=1080, height=1080)
    assert refused(project, model="fal-ai/veo3.1/image-to-video").startswith("SEQ01: The frame is 1080 × 1080 and Veo")


def test_a_missing_start_frame_is_only_a_problem_where_one_is_needed() -> None:
    project = project_of(make.Plan(prompts=("one", "two"), seconds=(2, 3)))
    assert "It has no start frame" in refused(project)
    found = quote(project, model=O3)
    assert (found.problems, [c.shots for c in found.plan.calls]) == ((), [(1, 2)])


def test_several_shots_start_from_a_picture_one_by_one_where_together_is_unproven() -> None:
    found = quote(project_of(ready("one", "two")), model=O3)
    assert ([c.shots for c in found.plan.calls], found.problems) == ([(1,), (2,)], ())


def test_words_that_do_not_fit_one_call_are_split_over_two() -> None:
    found = quote(project_of(ready(*["x" * 500] * 6, seconds=2)))
    assert [len(c.shots) for c in found.plan.calls] == [4, 2]
    assert found.problems == ()


def test_a_model_that_is_switched_off_or_not_set_up_says_why() -> None:
    project = project_of(ready("one"))
    assert refused(project, model="fal-ai/kling-video/v4/image-to-video") == (
        "Kling 4 cannot be used: fal says that API access to Kling 4 is still to come."
    )
    registry.withdraw("fal")
    assert refused(project) == "SEQ01: Kling 3 standard cannot be asked here: fal needs FAL_KEY."
    with pytest.raises(Refusal, match="Nano Banana 2, 2K cannot be asked here: fal needs FAL_KEY"):
        making.explore(actor=None, sequence=make.sequence_of(project))


def test_a_grid_is_asked_for_as_large_as_it_comes_back_with_names_for_pictures() -> None:
    project = project_of(ready("@mara on the pier with @dog", elements=("mara", "dog")), elements=("mara", "dog"))
    picture(project, "mara")
    picture(project, "mara", 2)
    request = Job.objects.get(
        grid=making.explore(actor=None, sequence=make.sequence_of(project), layout="2x2")[0]
    ).request
    assert (request["width"], request["height"]) == (2752, 1536)
    assert request["prompt"] == "Mara on the pier with a dog"
    assert [len(e["pictures"]) for e in request["elements"]] == [2]


def test_a_grid_that_would_be_refused_leaves_no_row() -> None:
    project = project_of(ready("x" * 2001))
    facts = load(project, [make.sequence_of(project)])[0]
    says = "The grid prompt is 2001 characters as it is sent and Nano Banana 2, 2K takes 2000; shorten it by 1."
    assert making.grid_problem(facts) == says
    with pytest.raises(Refusal, match="shorten it by 1"):
        making.explore(actor=None, sequence=make.sequence_of(project))
    assert not Grid.objects.exists() and not Job.objects.exists()


def test_what_has_no_place_at_a_model_is_hinted_at() -> None:
    project = project_of(ready("one"))
    set_style(actor=None, project=project, negative="rain")
    project.refresh_from_db()
    found = quote(project, model=O3)
    assert any("has no field for what shall never be in the picture" in hint for hint in found.hints)
