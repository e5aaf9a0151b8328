"""Search and replace over all prompts: what is found, one step, one undo, by page and command."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Project, PromptRevision
from sequences.models.plan import Role
from sequences.orchestration import replacing
from sequences.orchestration.replacing import Search
from tests import factories
from tests.commands import document, ran, refused, typed

pytestmark = pytest.mark.django_db

FOG = factories.Plan(prompts=("fog on the pier, fog bank", "clear night"), seconds=(1, 1))


@pytest.fixture
def project() -> Project:
    project = factories.make_project(sequences=[FOG, factories.Plan(section="Chorus", prompts=("foggy deck",))])
    orchestration.set_style(actor=None, project=project, prefix="Sea fog", negative="birds")
    sequence = factories.sequence_of(project, "SEQ02")
    orchestration.edit_sequence(actor=None, sequence=sequence, grid_prompt="four views of fog")
    return Project.objects.get(pk=project.pk)


def texts(project: Project) -> list[str]:
    row = Project.objects.get(pk=project.pk)
    grids = [s.grid_prompt for s in row.sequences.order_by("start")]
    shots = [orchestration.prompting.current_text(s) for q in row.sequences.order_by("start") for s in q.shots.all()]
    return [row.style_prefix, row.style_suffix, row.style_negative, *grids, *shots]


BEFORE = ["Sea fog", "", "birds", "", "four views of fog", "fog on the pier, fog bank", "clear night", "foggy deck"]


def test_everything_is_found_and_replaced_and_taken_back_as_one(project: Project) -> None:
    assert texts(project) == BEFORE
    search = Search("fog", "mist")
    found = replacing.hits(project=project, search=search)
    assert [(hit.where, hit.count) for hit in found] == [
        ("Style line before", 1), ("SEQ01 shot 1", 2), ("SEQ02 grid prompt", 1), ("SEQ02 shot 1", 1)
    ]  # fmt: skip
    done = orchestration.replace_prompts(actor=None, project=project, search=search)
    assert texts(project) == [text.replace("fog", "mist") for text in BEFORE]
    assert set(PromptRevision.objects.filter(number=2).values_list("source", flat=True)) == {"replaced"}
    assert orchestration.undo_replace(actor=None, project=project, undo=done.undo) == (4, 0)
    assert texts(project) == BEFORE
    assert set(PromptRevision.objects.filter(number=3).values_list("source", flat=True)) == {"r2 taken back"}


def test_the_diff_of_a_hit_gives_both_texts(project: Project) -> None:
    for hit in replacing.hits(project=project, search=Search("fog", "mist")):
        assert "".join(part.text for part in hit.parts if part.op != "ins") == hit.old
        assert "".join(part.text for part in hit.parts if part.op != "del") == hit.new


@pytest.mark.parametrize(
    ("search", "changed"),
    [
        (Search("fog", "mist", words=True), 3),
        (Search("FOG", "mist"), 0),
        (Search("FOG", "mist", any_case=True), 4),
        (Search("f.g", "mist"), 0),
        (Search("f.g", "mist", regex=True), 4),
        (Search(r"(\w+) bank", r"\1 wall", regex=True), 1),
        (Search(".", "!"), 0),
        (Search("fog", r"\1"), 4),
    ],
)
def test_ways_to_search(project: Project, search: Search, changed: int) -> None:
    assert len(replacing.hits(project=project, search=search)) == changed


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (Search("", "mist"), "Write what is to be found"),
        (Search("(", "mist", regex=True), "no regular expression"),
        (Search("(a+)+$", "mist", regex=True), "may search for ever"),
        (Search("a*b*c*d*", "mist", regex=True), "may search for ever"),
        (Search("x?", "mist", regex=True), "found in nothing at all"),
        (Search("fog", r"\2", regex=True), "cannot be put in"),
        (Search("f" * 201, "mist"), "200 is the most"),
        (Search("rain", "mist"), "is in no prompt"),
        (Search("fog", "\0"), "control character"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(project: Project, search: Search, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        orchestration.replace_prompts(actor=None, project=project, search=search)
    assert texts(project) == BEFORE


def test_only_the_ticked_ones_and_only_as_they_were_shown(project: Project) -> None:
    search = Search("fog", "mist")
    keys = [hit.key for hit in replacing.hits(project=project, search=search)]
    orchestration.replace_prompts(actor=None, project=project, search=search, only=keys[1:2])
    assert texts(project)[5] == "mist on the pier, mist bank" and texts(project)[0] == "Sea fog"
    now = texts(project)
    with pytest.raises(Refusal, match="1 of the texts were changed since they were shown"):
        orchestration.replace_prompts(actor=None, project=project, search=search, only=keys)
    assert texts(project) == now


def test_an_undo_leaves_what_somebody_wrote_since(project: Project) -> None:
    done = orchestration.replace_prompts(actor=None, project=project, search=Search("fog", "mist"))
    shot = factories.sequence_of(project).shots.get(number=1)
    orchestration.revise(actor=None, shot=shot, text="a new idea")
    assert orchestration.undo_replace(actor=None, project=project, undo=done.undo) == (3, 1)
    assert texts(project)[5] == "a new idea"
    with pytest.raises(Refusal, match="not known here"):
        orchestration.undo_replace(actor=None, project=factories.make_project(title="Other"), undo=done.undo)


def test_the_page_previews_replaces_and_takes_back(project: Project, client: Client) -> None:
    client.force_login(factories.add_member(project, Role.ARTIST))
    url = reverse("prompts_replace", args=[project.slug])
    html = client.get(url, {"find": "fog", "put": "mist"}).content.decode()
    assert "5 places in 4 texts" in html and "<del>fog</del><ins>mist</ins>" in html
    keys = re.findall(r'name="only" value="([^"]+)" checked', html)
    part = client.get(url, {"find": "fog", "put": "mist"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and part.count('name="only"') == 4
    assert "may search for ever" in client.get(url, {"find": "(a+)+", "regex": "1"}).content.decode()
    done = client.post(url, {"find": "fog", "put": "mist", "only": keys[:2]}).content.decode()
    assert "3 times in 2 texts" in done
    word = re.search(r'name="undo" value="([^"]+)"', done)
    assert word is not None
    after = client.post(reverse("prompts_replace_undo", args=[project.slug]), {"undo": word[1]}, follow=True)
    assert "Taken back in 2 texts." in after.content.decode() and texts(project) == BEFORE


def test_by_command(project: Project) -> None:
    asked = ("replace_prompts", "--project", project.slug)
    shown = document(*asked, "fog", "mist", "--dry-run")
    assert (len(shown["hits"]), shown["replaced"], shown["hits"][1]["new"]) == (4, 0, "mist on the pier, mist bank")
    assert texts(project) == BEFORE
    done = document(*asked, "fog", "mist", "--words")
    assert done["replaced"] == 3
    assert document(*asked, "--undo", done["undo"]) == {"undone": 3, "left": 0}
    assert texts(project) == BEFORE
    assert refused(*asked, "rain", "mist")["code"] == "not_found"
    assert typed("replace_prompts", "--project", project.slug, "fog") == 2
    assert "5 places in 4 texts would be changed; nothing was." in ran(*asked, "fog", "mist", "--dry-run")[1]
