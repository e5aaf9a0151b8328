"""Dividers, models of calls, end frames and proposed splits through the verbs, with the way back."""

from __future__ import annotations

from typing import Any

import pytest

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Job, Project, Sequence, Shot, Take, TakeShot
from sequences.models.artefacts import Use
from sequences.models.plan import Role
from sequences.orchestration.quoting import Quote
from sequences.providers import catalogue, registry
from sequences.queries import load
from tests import factories as make
from tests.sequences.orchestration.test_fitness import picture

pytestmark = pytest.mark.django_db
KLING, PRO = "fal-ai/kling-video/v3/standard/image-to-video", "fal-ai/kling-video/v3/pro/image-to-video"


def sequence_of(*seconds: float, **more: Any) -> Sequence:
    prompts = tuple(f"shot {n} of a pier" for n in range(1, len(seconds) + 1))
    plan = make.Plan(prompts=more.pop("prompts", prompts), seconds=seconds, start_frame=True, **more)
    elements = more.get("elements", ())
    return make.sequence_of(make.make_project(sequences=[plan], elements=elements, song=False))


def shot(sequence: Sequence, number: int) -> Shot:
    return sequence.shots.select_related("sequence__project").get(number=number, deleted_at=None)


def quote(sequence: Sequence, **asked: Any) -> Quote:
    project = Project.objects.get(pk=sequence.project_id)
    return verbs.quote(load(project, [sequence])[0], **asked)


def groups(sequence: Sequence, **asked: Any) -> list[tuple[int, ...]]:
    return [c.shots for c in quote(sequence, **asked).plan.calls]


def test_a_call_is_split_joined_again_and_brought_back() -> None:
    sequence = sequence_of(2, 2, 2)
    split = verbs.divide(actor=None, shot=shot(sequence, 2))
    assert (split.said, groups(sequence)) == ("Split after shot 1.", [(1,), (2, 3)])
    joined = verbs.join(actor=None, shot=shot(sequence, 2))
    assert (joined.said, groups(sequence)) == ("Shot 2 joins the call of shot 1.", [(1, 2, 3)])
    verbs.put_marks(actor=None, sequence=sequence, marks=joined.before)
    assert groups(sequence) == [(1,), (2, 3)]


@pytest.mark.parametrize(
    ("seconds", "number", "solo", "says"),
    [
        ((2, 2), 2, (1,), "Shots 1 and 2 cannot share a call: shot 1 is solo."),
        (
            (9, 9), 2, (),
            "Shots 1 and 2 cannot share a call: shots 1 and 2 come to 18 s and Sketch animatic makes 15 s a call.",
        ),
        ((1,) * 7, 7, (), "Shots 6 and 7 cannot share a call: Sketch animatic takes 6 shots a call."),
        ((2, 2), 1, (), "Nothing is before shot 1 to join it with."),
    ],
)
def test_join_names_the_limit_that_stands_against_it(
    seconds: tuple[int, ...], number: int, solo: tuple[int, ...], says: str
) -> None:
    sequence = sequence_of(*seconds, solo=solo)
    with pytest.raises(Refusal) as refusal:
        verbs.join(actor=None, shot=shot(sequence, number))
    assert str(refusal.value) == says


def test_where_a_call_begins_anyway_there_is_nothing_to_split() -> None:
    sequence = sequence_of(2, 2, 2, solo=(2,))
    with pytest.raises(Refusal, match=r"^A call begins at shot 3 anyway: shot 2 is solo\.$"):
        verbs.divide(actor=None, shot=shot(sequence, 3))
    with pytest.raises(Refusal, match=r"^A call begins at shot 1 anyway: the take begins there\.$"):
        verbs.divide(actor=None, shot=shot(sequence, 1))
    with pytest.raises(Refusal, match=r"every shot is a call of its own in this mode"):
        verbs.divide(actor=None, shot=shot(sequence, 2), mode="per_shot")
    assert not sequence.shots.filter(divided=True).exists()


def test_a_moved_divider_says_where_the_limits_split_by_themselves() -> None:
    sequence = sequence_of(3, 2, 3, 2, 3, 5, 3, 3)
    verbs.divide(actor=None, shot=shot(sequence, 6))
    moved = verbs.move_divider(actor=None, sequence=sequence, at=6, to=3)
    assert moved.said == "The divider stands after shot 2 now. The limits split after shot 6 by themselves."
    assert groups(sequence) == [(1, 2), (3, 4, 5, 6), (7, 8)]
    verbs.put_marks(actor=None, sequence=sequence, marks=moved.before)
    assert groups(sequence) == [(1, 2, 3, 4, 5), (6, 7, 8)]
    with pytest.raises(Refusal, match=r"^No divider stands before shot 4; there are some before shots 6\.$"):
        verbs.move_divider(actor=None, sequence=sequence, at=4, to=5)


def test_filling_takes_every_divider_away_and_can_be_undone() -> None:
    sequence = sequence_of(2, 2, 2)
    with pytest.raises(Refusal, match=r"^SEQ01 has no dividers; its calls are as full as they can be\.$"):
        verbs.fill_calls(actor=None, sequence=sequence)
    for number in (2, 3):
        verbs.divide(actor=None, shot=shot(sequence, number))
    filled = verbs.fill_calls(actor=None, sequence=sequence)
    assert (filled.said, groups(sequence)) == ("2 dividers taken away; calls are filled up.", [(1, 2, 3)])
    verbs.put_marks(actor=None, sequence=sequence, marks=filled.before)
    assert groups(sequence) == [(1,), (2,), (3,)]


def test_marks_travel_as_text_and_are_refused_once_shots_have_changed() -> None:
    sequence = sequence_of(2, 2, 2, solo=(3,))
    verbs.divide(actor=None, shot=shot(sequence, 2))
    before = verbs.set_model(actor=None, shots=[shot(sequence, 1)], model="sketch/clip").before
    again = verbs.put_marks(actor=None, sequence=sequence, marks=before).before
    assert verbs.Marks.read(again.text) == again
    assert dict(again.models) == {shot(sequence, 1).pk: "sketch/clip"}
    verbs.delete_shot(actor=None, shot=shot(sequence, 3))
    with pytest.raises(Refusal, match="Shots were added or taken out since"):
        verbs.put_marks(actor=None, sequence=sequence, marks=again)
    for odd in ("12x", "d", "9" * 40, "-1"):
        with pytest.raises(Refusal, match="cannot be read"):
            verbs.Marks.read(odd)


@pytest.fixture
def _fal() -> None:
    registry.offer("fal", lambda: pytest.fail("nothing may be asked of a provider"))


@pytest.mark.usefixtures("_fal")
def test_each_call_goes_to_the_model_of_its_shots_and_a_model_that_is_asked_for_holds_for_all() -> None:
    plan = make.Plan(prompts=("a", "b", "c"), seconds=(3, 3, 4), start_frame=True)
    size = {"width": 1280, "height": 720, "provider": "fal", "model": KLING}
    sequence = make.sequence_of(make.make_project(sequences=[plan], song=False, **size))
    done = verbs.set_model(actor=None, shots=[shot(sequence, 2), shot(sequence, 3)], model=PRO)
    assert done.said == "Shots 2, 3 are on Kling 3 pro."
    asked = quote(sequence)
    assert [(c.shots, c.endpoint) for c in asked.plan.calls] == [((1,), KLING), ((2, 3), PRO)]
    pro = catalogue.endpoint(PRO)
    assert asked.price == 252_000 + (pro.price(7) or 0)
    (take,) = verbs.request_takes(actor=None, sequences=[sequence], shown_price=asked.price)
    jobs = list(Job.objects.filter(take=take).order_by("call"))
    assert [(j.endpoint, j.request["endpoint"], j.estimate_micros) for j in jobs] == [
        (KLING, KLING, 252_000), (PRO, PRO, pro.price(7)),
    ]  # fmt: skip
    assert [c["endpoint"] for c in take.plan["calls"]] == [KLING, PRO]
    assert take.endpoint == KLING
    (other,) = verbs.request_takes(actor=None, sequences=[sequence], model=PRO)
    assert other.endpoint == PRO
    assert {j.endpoint for j in other.jobs.all()} == {PRO}
    assert verbs.set_model(actor=None, shots=[shot(sequence, 2)], model="").said == "Shot 2 is on the take's model."


@pytest.mark.usefixtures("_fal")
def test_a_model_that_cannot_be_used_is_refused_and_said_in_the_quote() -> None:
    sequence = sequence_of(2, 2)
    with pytest.raises(Refusal, match=r"makes a grid, not a video; choose another model\.$"):
        verbs.set_model(actor=None, shots=[shot(sequence, 1)], model="sketch/grid")
    Shot.objects.filter(sequence=sequence, number=2).update(model="gone/model")
    problems = quote(sequence).problems
    assert any(p.startswith("Shot 2 has a model of its own. ") and "gone/model" in p for p in problems)
    assert quote(sequence, model="sketch/clip").problems == ()


def test_an_end_frame_is_pinned_sent_and_drawn_towards() -> None:
    sequence = sequence_of(1, 1)
    first = verbs.upload_start_frame(actor=None, sequence=sequence, upload=make.picture_file(), shot=shot(sequence, 2))
    ends = verbs.upload_start_frame(
        actor=None, sequence=sequence, upload=make.picture_file(480, 270), shot=shot(sequence, 2), use="end"
    )
    first.refresh_from_db()
    assert (first.state, ends.use, ends.state) == ("approved", Use.END, "approved")
    assert [(c.shots, c.end) for c in quote(sequence).plan.calls] == [((1,), False), ((2,), True)]
    take = make.make_take(sequence)
    row = TakeShot.objects.get(take=take, number=2)
    assert (row.start_frame_id, row.end_frame_id) == (first.pk, ends.pk)
    assert TakeShot.objects.get(take=take, number=1).end_frame_id is None
    assert Job.objects.get(take=take, call=2).request["end"]["sha256"] == ends.sha256
    assert verbs.remake_quote(take=take).plan.calls[1].end
    verbs.clear_start_frame(actor=None, start_frame=ends)
    assert not quote(sequence).plan.calls[1:] or not any(c.end for c in quote(sequence).plan.calls)
    assert verbs.use_start_frame(actor=None, start_frame=ends).state == "approved"
    first.refresh_from_db()
    assert first.state == "approved", "a frame to end on takes nothing from one to start from"


def test_only_a_shot_has_an_end_frame_and_only_models_that_take_one() -> None:
    sequence = sequence_of(2)
    with pytest.raises(Refusal, match=r"^Only a shot has an end frame; name the shot\.$"):
        verbs.upload_start_frame(actor=None, sequence=sequence, upload=make.picture_file(), use="end")
    with pytest.raises(Refusal, match=r'^Use is "middle"; it must be start or end\.$'):
        verbs.upload_start_frame(actor=None, sequence=sequence, upload=make.picture_file(), use="middle")
    verbs.upload_start_frame(
        actor=None, sequence=sequence, upload=make.picture_file(), shot=shot(sequence, 1), use="end"
    )
    catalogue.override("sketch/clip", end_frame=False)
    says = "Sketch animatic takes no end frame; clear shot 1's or choose another model for it."
    assert says in quote(sequence).problems
    with pytest.raises(Refusal, match="takes no end frame"):
        verbs.request_takes(actor=None, sequences=[sequence])
    assert not Take.objects.exists()


def test_a_proposed_split_sends_the_dropped_element_for_the_price_it_says() -> None:
    make.priced("0.10")
    cast = ("mara", "ferryman", "lantern", "dog")
    sequence = sequence_of(2, 2, 2, prompts=("@mara", "@dog runs", "@ferryman and @lantern"), elements=cast)
    for key in cast:
        picture(sequence.project, key)
    catalogue.override("sketch/clip", price="0.10", seconds_per_single=(5, 15))
    (found,) = verbs.split_proposals(quote(sequence))
    assert (found.key, found.name, found.shots, found.difference) == ("dog", "Dog", (2,), 900_000)
    done = verbs.apply_split(actor=None, sequence=sequence, key="dog")
    assert done.said == "Shot 2 is a call of its own, with Dog."
    after = quote(sequence)
    assert ([c.shots for c in after.plan.calls], after.plan.dropped) == ([(1,), (2,), (3,)], ())
    assert after.price == 1_500_000
    with pytest.raises(Refusal, match=r"^@dog is not left out of this plan; there is nothing to split for it\.$"):
        verbs.apply_split(actor=None, sequence=sequence, key="dog")
    verbs.put_marks(actor=None, sequence=sequence, marks=done.before)
    assert quote(sequence).price == 600_000


def test_a_reviewer_divides_nothing() -> None:
    sequence = sequence_of(2, 2)
    reviewer = make.add_member(sequence.project, role=Role.REVIEWER)
    for act in (
        lambda: verbs.divide(actor=reviewer, shot=shot(sequence, 2)),
        lambda: verbs.join(actor=reviewer, shot=shot(sequence, 2)),
        lambda: verbs.move_divider(actor=reviewer, sequence=sequence, at=2, to=2),
        lambda: verbs.fill_calls(actor=reviewer, sequence=sequence),
        lambda: verbs.set_model(actor=reviewer, shots=[shot(sequence, 2)], model=""),
        lambda: verbs.apply_split(actor=reviewer, sequence=sequence, key="dog"),
    ):
        with pytest.raises(Refusal, match="this takes an owner or an artist"):
            act()
