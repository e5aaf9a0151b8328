"""Prompts and style lines on their pages: measured drafts, any two revisions, copies, style lines, with and without
htmx."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sequences.models import Project, Sequence, Shot
from sequences.models.plan import Role
from sequences.orchestration import prompting, set_style
from sequences.providers import catalogue
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(client: Client) -> Project:
    owner = factories.make_user()
    client.force_login(owner)
    plans = [Plan(prompts=("a pier, @mara waits", ""), seconds=(1, 1), elements=("mara",)), Plan(prompts=("gulls",))]
    return factories.make_project(owner, plans, elements=("mara", "dog"))


@pytest.fixture
def sequence(project: Project) -> Sequence:
    return factories.sequence_of(project)


@pytest.fixture
def shot(sequence: Sequence) -> Shot:
    return sequence.shots.get(number=1)


def at(name: str, shot: Shot, *more: Any) -> str:
    return reverse(name, args=[shot.sequence.project.slug, shot.sequence.code, shot.pk, *more])


def of(name: str, sequence: Sequence, *more: Any) -> str:
    return reverse(name, args=[sequence.project.slug, sequence.code, *more])


def visible(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def texts(project: Project) -> list[str]:
    return [prompting.current_text(s) for q in project.sequences.order_by("start") for s in q.shots.order_by("number")]


def said(response: Any) -> str:
    return visible(response.content.decode())


# a draft


def test_a_draft_is_measured_as_it_would_be_sent_and_not_saved(client: Client, shot: Shot) -> None:
    set_style(actor=None, project=shot.sequence.project, prefix="35 mm")
    html = client.post(at("prompt_measure", shot), {"text": "@mara and @dog, @nobody"}, headers=HTMX).content.decode()
    # neither has a picture: both are described
    assert f"{len('35 mm. a mara and a dog, nobody')}/" in html
    assert "Dog" in html and "@nobody?" in html and "hx-swap-oob" not in html
    assert shot.revisions.count() == 1


def test_a_draft_over_the_limit_says_by_how_much(client: Client, shot: Shot) -> None:
    most = catalogue.default("sketch", "video").prompt_chars
    read = said(client.post(at("prompt_measure", shot), {"text": "x" * (most + 7)}, headers=HTMX))
    assert f"{most + 7}/{most}, 7 too many" in read


def test_a_draft_costs_a_few_queries(client: Client, shot: Shot, django_assert_max_num_queries: Any) -> None:
    client.post(at("prompt_measure", shot), {"text": "x"}, headers=HTMX)
    with django_assert_max_num_queries(16):
        client.post(at("prompt_measure", shot), {"text": "x @dog"}, headers=HTMX)


# revisions


def test_any_two_revisions_are_compared(client: Client, shot: Shot) -> None:
    for text in ("a quay", "a wharf"):
        prompting.revise(actor=None, shot=shot, text=text)
    url = at("prompt_history", shot)
    page = client.get(url).content.decode()
    assert "<del>quay</del><ins>wharf</ins>" in page and visible(page).count("Restore r") == 2
    part = client.get(url, {"a": "r3", "b": "1"}, headers=HTMX).content.decode()
    assert "<html" not in part and "<del>wharf</del><ins>pier, @mara waits</ins>" in part
    assert "r3 to r1" in visible(part)
    assert "They say the same" not in part
    assert client.get(url, {"a": "r9"}).status_code == 404
    assert client.get(url, {"a": "first"}).status_code == 404


def test_the_history_restores_without_script(client: Client, shot: Shot) -> None:
    prompting.revise(actor=None, shot=shot, text="a quay")
    found = re.search(r'action="([^"]+/prompt/1/restore/)"', client.get(at("prompt_history", shot)).content.decode())
    assert found
    assert client.post(found[1]).status_code == 303
    assert prompting.current_text(shot) == "a pier, @mara waits"


def test_a_history_of_one_has_nothing_to_compare(client: Client, sequence: Sequence, shot: Shot) -> None:
    assert "Compare" not in said(client.get(at("prompt_history", shot)))
    empty = client.get(at("prompt_history", sequence.shots.get(number=2)))
    assert "Nothing is written yet." in said(empty)


# copies


def test_a_prompt_is_copied_to_shots_of_any_sequence_and_back(client: Client, project: Project, shot: Shot) -> None:
    url = at("prompt_copy", shot)
    dialog = client.get(url, headers=HTMX).content.decode()
    assert "<html" not in dialog and "SEQ02" in dialog and "not written" in dialog
    ids = re.findall(r'name="shots" value="(\d+)"', dialog)
    assert len(ids) == 2
    answer = client.post(url, {"shots": ids}, headers=HTMX).content.decode()
    assert "The prompt of shot 1 was copied to 2 shots." in visible(answer)
    assert texts(project) == ["a pier, @mara waits"] * 3
    assert 'id="dialog"' in answer
    word = re.search(r'name="undo" value="([^"]+)"', answer)
    assert word
    undo = of("prompt_copy_undo", shot.sequence)
    back = client.post(undo, {"undo": word[1], "value": shot.pk}, headers=HTMX).content.decode()
    assert "Taken back in 2 shots." in visible(back) and f'id="undo-{shot.pk}" hx-swap-oob="delete"' in back
    assert texts(project) == ["a pier, @mara waits", "", "gulls"]
    again = client.post(url, {"shots": ids})
    assert again.status_code == 303 and texts(project) == ["a pier, @mara waits"] * 3
    assert "says the same" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("ids", "told"), [([], "tick at least one"), (["999999"], "not there any more"), (["x"], "tick at")]
)
def test_copying_to_nothing_is_refused(client: Client, project: Project, shot: Shot, ids: list[str], told: str) -> None:
    answer = client.post(at("prompt_copy", shot), {"shots": ids}, headers=HTMX)
    assert answer.status_code == 422 and told in said(answer)
    assert texts(project) == ["a pier, @mara waits", "", "gulls"]


# style lines


def test_style_lines_of_a_sequence_are_saved_and_shown_where_they_go(client: Client, sequence: Sequence) -> None:
    set_style(actor=None, project=sequence.project, prefix="35 mm", negative="birds")
    page = client.get(of("sequence", sequence)).content.decode()
    assert "Project: 35 mm" in page and 'name="was_prefix" form="styleform" value=""' in page
    sent = {"prefix": "night", "was_prefix": "", "suffix": "", "was_suffix": "", "negative": "", "was_negative": ""}
    answer = client.post(of("sequence_style", sequence), sent, headers=HTMX).content.decode()
    assert 'id="stylerev" hx-swap-oob="true"' in answer and 'id="style"' not in answer
    assert '<small>project</small>35 mm.</span> <span class="styleline"><small>sequence</small>night.</span>' in answer
    sequence.refresh_from_db()
    assert sequence.style_prefix == "night"
    assert client.post(of("sequence_style", sequence), {"suffix": "grain"}).status_code == 303
    assert [str(r) for r in sequence.style_revisions.all()] == ["s1", "s2"]


def test_two_people_write_different_lines_and_the_second_of_one_line_is_told(
    client: Client, sequence: Sequence
) -> None:
    set_style(actor=None, project=sequence.project, sequence=sequence, prefix="dawn")
    stale = {"prefix": "", "was_prefix": "", "suffix": "grain", "was_suffix": "", "negative": "", "was_negative": ""}
    answer = client.post(of("sequence_style", sequence), stale, headers=HTMX)
    assert "while you were writing" not in said(answer)
    sequence.refresh_from_db()
    assert (sequence.style_prefix, sequence.style_suffix) == ("dawn", "grain")
    answer = client.post(of("sequence_style", sequence), {"prefix": "dusk", "was_prefix": ""}, headers=HTMX)
    assert "“Before every prompt” was changed while you were writing. Yours is s3; both are kept." in said(answer)


@pytest.mark.parametrize("whose", ["project", "sequence"])
def test_style_lines_have_a_history_with_restore(client: Client, sequence: Sequence, whose: str) -> None:
    owner = sequence if whose == "sequence" else None
    for words in ("35 mm", "16 mm"):
        set_style(actor=None, project=sequence.project, sequence=owner, prefix=words, suffix="still")
    history = (
        of("sequence_style_history", sequence) if owner else reverse("style_history", args=[sequence.project.slug])
    )
    page = client.get(history).content.decode()
    assert "<del>35</del><ins>16</ins>" in page and "Before every prompt" in page
    assert "<html" not in client.get(history, {"list": "1"}, headers=HTMX).content.decode()
    found = re.search(r'action="([^"]+/style/1/restore/)"', page)
    assert found
    assert client.post(found[1]).status_code == 303
    answer = client.post(found[1].replace("/1/", "/2/"), headers=HTMX)
    assert answer.status_code == (200 if owner else 204)
    rows = sequence.style_revisions if owner else sequence.project.style_revisions
    assert [r.prefix for r in rows.all()] == ["35 mm", "16 mm", "35 mm", "16 mm"]
    assert client.post(found[1].replace("/1/", "/9/")).status_code == 404


def test_setup_keeps_what_somebody_else_wrote(client: Client, project: Project) -> None:
    set_style(actor=None, project=project, prefix="35 mm")
    stale = {"prefix": "", "was_prefix": "", "suffix": "grain", "was_suffix": "", "negative": "", "was_negative": ""}
    answer = client.post(reverse("style_set", args=[project.slug]), stale, headers=HTMX).content.decode()
    assert 'name="was_suffix" value="grain"' in answer
    project.refresh_from_db()
    assert (project.style_prefix, project.style_suffix) == ("35 mm", "grain")


# rights


def test_reviewers_look_and_change_nothing(client: Client, project: Project, sequence: Sequence, shot: Shot) -> None:
    prompting.revise(actor=None, shot=shot, text="a quay")
    client.force_login(factories.add_member(project, Role.REVIEWER))
    assert "Restore" not in said(client.get(at("prompt_history", shot)))
    assert "This takes an owner or an artist." in said(client.get(at("prompt_copy", shot), headers=HTMX))
    other = sequence.shots.get(number=2)
    for url, sent in (
        (at("prompt_copy", shot), {"shots": other.pk}),
        (of("sequence_style", sequence), {"prefix": "night"}),
        (of("prompt_copy_undo", sequence), {"undo": "x", "value": shot.pk}),
    ):
        assert client.post(url, sent, headers=HTMX).status_code == 422
    assert texts(project) == ["a quay", "", "gulls"] and not sequence.style_revisions.exists()
