"""Draft to final: the same words, frames, elements and seed on another model, one at a time and all at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Job, Project, Sequence, Take
from sequences.models.plan import Role
from sequences.orchestration import finals
from sequences.providers import catalogue
from tests import factories, paid
from tests.commands import document, ran, refused
from tests.fakes.fal import InProcessFal

pytestmark = pytest.mark.django_db

PLAN = factories.Plan(prompts=("@mara on a pier",), seconds=(3,), elements=("mara",), start_frame=True)
PRICE = 252_000


@pytest.fixture(scope="module")
def running() -> Iterator[InProcessFal]:
    with paid.calm() as fal:
        yield fal


@pytest.fixture
def desk(running: InProcessFal) -> Iterator[paid.Bench]:
    """The paid provider beside the free one, on which drafts are made."""
    with paid.bench(running) as bench:
        yield bench


def drafted(sequences: int = 1, **fields: object) -> Project:
    """A project whose sequences each have an approved draft."""
    project = factories.make_project(sequences=[PLAN] * sequences, elements=["mara"], **fields)  # type: ignore[arg-type]
    element = project.elements.get()
    orchestration.add_pictures(actor=None, element=element, uploads=[factories.picture_file()])
    orchestration.set_style(actor=None, project=project, prefix="Sea haze", suffix="35 mm grain", negative="text")
    for sequence in Project.objects.get(pk=project.pk).sequences.all():
        factories.make_take(sequence, "approved", seed=41)
    return Project.objects.get(pk=project.pk)


def draft_of(project: Project, code: str = "SEQ01") -> Take:
    return Take.objects.select_related("sequence__project", "start_frame").get(
        sequence__project=project, sequence__code=code, state="approved"
    )


def change_everything(sequence: Sequence) -> None:
    """Words, frame, style lines, the element's name, description and picture: all other than they were."""
    project = sequence.project
    orchestration.revise(actor=None, shot=sequence.shots.get(), text="something else")
    orchestration.upload_start_frame(actor=None, sequence=sequence, upload=factories.picture_file(800, 450))
    orchestration.set_style(actor=None, project=project, prefix="Noon", suffix="digital", negative="birds")
    element = project.elements.get()
    orchestration.edit_element(actor=None, element=element, name="Nora", description="another")
    orchestration.add_pictures(actor=None, element=element, uploads=[factories.picture_file(400, 400)])


def test_a_final_is_made_from_what_the_draft_was_made_from(desk: paid.Bench) -> None:
    draft = draft_of(drafted())
    change_everything(draft.sequence)
    made = orchestration.remake(actor=None, take=draft, model=paid.CLIP, shown_price=PRICE)
    before, after = draft.shots.get(), made.shots.get()
    assert (made.parent, made.seed, made.endpoint, made.mode) == (draft, 41, paid.CLIP, draft.mode)
    assert (made.start_frame, after.revision) == (draft.start_frame, before.revision)
    was, now = draft.jobs.get().request, made.jobs.get().request
    assert now["shots"][0]["prompt"] == "Sea haze. @Element1 on a pier. 35 mm grain"
    assert was["shots"][0]["prompt"] == "Sea haze. Mara on a pier. 35 mm grain"
    for kept in ("elements", "start", "negative", "seed", "rate"):
        assert now[kept] == was[kept], kept
    draft.sequence.project.refresh_from_db()
    assert draft.sequence.project.style_prefix == "Noon"


def test_the_same_key_asks_once(desk: paid.Bench) -> None:
    draft = draft_of(drafted())
    one = orchestration.remake(actor=None, take=draft, model=paid.CLIP, key="click")
    assert orchestration.remake(actor=None, take=draft, model=paid.CLIP, key="click") == one
    assert Job.objects.filter(endpoint=paid.CLIP).count() == 1


def test_what_the_other_model_would_refuse_is_said_with_the_sentences_of_a_quote(desk: paid.Bench) -> None:
    draft = draft_of(drafted())
    catalogue.override(paid.CLIP, min_start_edge=700)
    with pytest.raises(Refusal, match="Start frame F1 is 640 × 360"):
        orchestration.remake(actor=None, take=draft, model=paid.CLIP)
    assert not Job.objects.filter(endpoint=paid.CLIP).exists()


def test_an_unfinished_take_and_a_changed_price_are_refused(desk: paid.Bench) -> None:
    draft = draft_of(drafted())
    with pytest.raises(Refusal, match=r"The price is \$0.25 now, not \$0.10"):
        orchestration.remake(actor=None, take=draft, model=paid.CLIP, shown_price=100_000)
    making = factories.make_take(draft.sequence, "making")
    with pytest.raises(Refusal, match="is not finished"):
        orchestration.remake(actor=None, take=making, model=paid.CLIP)
    with pytest.raises(Refusal, match="reviewer"):
        reviewer = factories.add_member(draft.sequence.project, Role.REVIEWER)
        orchestration.remake(actor=reviewer, take=draft, model=paid.CLIP)


def test_a_batch_is_one_price_and_a_result_for_each(desk: paid.Bench) -> None:
    """One of two cannot be made: the other is asked for and stays."""
    project = drafted(2)
    other = draft_of(project, "SEQ02")
    Take.objects.filter(pk=other.pk).update(start_frame=None)
    other.shots.update(start_frame=None)
    rows = finals.finals(project=project)
    assert [row.problems for row in rows] == [
        (), ("It has no start frame; pick a cell of a grid or upload one.",)
    ]  # fmt: skip
    assert finals.total(rows) == PRICE
    done = orchestration.finalise(actor=None, project=project, shown_price=PRICE, key="all")
    assert [(one.draft.sequence.code, one.made is not None) for one in done] == [("SEQ01", True), ("SEQ02", False)]
    again = orchestration.finalise(actor=None, project=project, shown_price=PRICE, key="all")
    assert [one.made for one in again] == [done[0].made]
    assert paid.money(project) == (PRICE, 0)


def test_a_final_is_not_paid_for_twice(desk: paid.Bench) -> None:
    project = drafted()
    (first,) = orchestration.finalise(actor=None, project=project)
    with pytest.raises(Refusal, match="T2 is its final already"):
        orchestration.finalise(actor=None, project=project)
    assert first.made is not None and first.made.number == 2


def test_a_batch_over_the_budget_asks_for_nothing(desk: paid.Bench) -> None:
    project = drafted(2, budget="0.30")
    with pytest.raises(Refusal, match="left"):
        orchestration.finalise(actor=None, project=project)
    assert not Job.objects.filter(endpoint=paid.CLIP).exists()


def test_without_a_model_for_finals_it_is_said() -> None:
    project = factories.make_project()
    with pytest.raises(Refusal, match="No model for finals can be asked here"):
        orchestration.finalise(actor=None, project=project)
    with pytest.raises(Refusal, match="Sketch animatic makes drafts"):
        orchestration.finalise(actor=None, project=project, model="sketch/clip")


def test_by_command(desk: paid.Bench) -> None:
    project = drafted()
    shown = document("finalise", "--project", project.slug, "--dry-run")
    assert (shown["total"], shown["finals"][0]["take"], shown["finals"][0]["seed"]) == ("0.252", None, 41)
    assert refused("finalise", "--project", project.slug)["code"] == "not_confirmed"
    done = document("finalise", "--project", project.slug, "--yes")
    assert done["finals"][0]["take"]["number"] == 2
    code, out, _ = ran("finalise", "--project", project.slug, "--dry-run")
    assert code == 0 and "T2 is its final already." in out


def test_board_and_take_show_the_price_and_ask(desk: paid.Bench, client: Client) -> None:
    project = drafted()
    client.force_login(factories.add_member(project, Role.ARTIST))
    assert "Make 1 draft final" in client.get(reverse("board", args=[project.slug])).content.decode()
    dailies = client.get(reverse("dailies_take", args=[project.slug, "SEQ01", 1])).content.decode()
    assert 'Make final, <span class="price">$0.25' in dailies and ">draft</span>" in dailies
    bench = client.get(reverse("sequence", args=[project.slug, "SEQ01"])).content.decode()
    assert "T1 draft" in bench and "Make final" in bench
    for name, args in (("board_final", []), ("take_final", ["SEQ01", 1])):
        html = client.get(reverse(name, args=[project.slug, *args]), headers={"HX-Request": "true"}).content.decode()
        assert "$0.25" in html and "<html" not in html and "prompts, frames; the model takes no seed" in html
    url = reverse("take_final", args=[project.slug, "SEQ01", 1])
    assert client.post(url, {"shown_price": str(PRICE), "key": "k1"}).status_code == 303
    after = client.get(reverse("dailies_take", args=[project.slug, "SEQ01", 2])).content.decode()
    assert "Final of" in after and "Make final" not in after
    posted = client.post(reverse("board_final", args=[project.slug]), {"shown_price": "0"}, follow=True)
    assert "T2 is its final already" in posted.content.decode()
    assert Take.objects.filter(sequence__project=project).count() == 2


def test_the_batch_from_the_board(desk: paid.Bench, client: Client) -> None:
    project = drafted()
    client.force_login(factories.add_member(project, Role.ARTIST))
    form = {"shown_price": str(PRICE), "key": "b1", "model": paid.CLIP}
    answer = client.post(reverse("board_final", args=[project.slug]), form, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "1 final asked for: SEQ01/T2." in answer.content.decode()
