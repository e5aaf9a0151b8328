"""prompts and style: documents, prose and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from sequences import orchestration
from sequences.models import Project
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, add_member, make_project, make_user, sequence_of

pytestmark = pytest.mark.django_db
HERE = "--project=night-ferry"
ONE = (HERE, "SEQ01", 1)


@pytest.fixture
def project() -> Project:
    plans = [Plan(prompts=("fog on the pier", ""), seconds=(1, 1)), Plan(prompts=("gulls",))]
    return make_project(sequences=plans, song=False)


def test_prompts_are_listed_with_their_length_as_sent(project: Project) -> None:
    orchestration.set_style(actor=None, project=project, prefix="35 mm")
    rows = document("prompts", HERE)["prompts"]
    assert [(r["sequence"], r["shot"], r["revision"], r["text"]) for r in rows] == [
        ("SEQ01", 1, 1, "fog on the pier"), ("SEQ01", 2, 0, ""), ("SEQ02", 1, 1, "gulls")
    ]  # fmt: skip
    assert rows[0]["sent"] == len("35 mm. fog on the pier") and rows[0]["most"] > 100
    assert [r["shot"] for r in document("prompts", HERE, "SEQ01", 2)["prompts"]] == [2]
    assert "fog on the pier" in ran("prompts", HERE, "SEQ01")[1] and "gulls" not in ran("prompts", HERE, "SEQ01")[1]


def test_a_prompt_is_written_compared_and_restored(project: Project, tmp_path: Path) -> None:
    assert document("prompts", *ONE, "--set", "fog on the quay") == {"revision": 2}
    assert document("prompts", *ONE, "--set", "fog on the quay ") == {"revision": None}
    (tmp_path / "words.txt").write_text("clear night\n")
    assert document("prompts", *ONE, "--set-from", tmp_path / "words.txt") == {"revision": 3}
    assert ran("prompts", *ONE, "--diff", "r1", "2")[1].strip() == "fog on the [-pier-]{+quay+}"
    told = document("prompts", *ONE, "--diff", "r1", "r2")
    assert (told["from"], told["to"]) == (1, 2)
    assert told["changes"][0]["parts"][1:] == [{"op": "del", "text": "pier"}, {"op": "ins", "text": "quay"}]
    assert ran("prompts", *ONE, "--restore", "r1")[1].strip() == "SEQ01 shot 1 is r4 now."
    found = document("prompts", *ONE, "--history")["revisions"]
    assert [(r["number"], r["text"], r["source"]) for r in found[:2]] == [
        (4, "fog on the pier", "restore r1"), (3, "clear night", "typed")
    ]  # fmt: skip
    assert "r4 and r1 say the same." in ran("prompts", *ONE, "--diff", "r4", "r1")[1]
    assert "restore r1" in ran("prompts", *ONE, "--history")[1]


def test_a_prompt_is_copied_and_taken_back(project: Project) -> None:
    done = document("prompts", *ONE, "--copy-to", "SEQ01:2", "SEQ02:1")
    assert [(r["sequence"], r["shot"], r["revision"]) for r in done["copied"]] == [("SEQ01", 2, 1), ("SEQ02", 1, 2)]
    assert document("prompts", HERE, "SEQ02", 1)["prompts"][0]["text"] == "fog on the pier"
    assert document("prompts", *ONE, "--copy-to", "SEQ01:2") == {"copied": [], "undo": None}
    assert document("replace_prompts", HERE, "--undo", done["undo"]) == {"undone": 2, "left": 0}
    assert [r["text"] for r in document("prompts", HERE)["prompts"]] == ["fog on the pier", "", "gulls"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((HERE, "SEQ09"), "night-ferry has no sequence SEQ09"),
        ((HERE, "SEQ01", 7), "SEQ01 has no shot 7; it has 1, 2."),
        ((*ONE, "--diff", "r1", "r9"), "SEQ01 shot 1 has no revision r9; it has r1."),
        ((*ONE, "--restore", "r9"), "SEQ01 shot 1 has no revision r9."),
        ((*ONE, "--set", "a\x07bell"), "control character"),
        ((*ONE, "--set-from", "nowhere.txt"), "nowhere.txt cannot be read"),
        ((*ONE, "--copy-to", "SEQ02"), "SEQ02 names no shot; write SEQ02:3."),
        ((HERE, "SEQ01", 2, "--copy-to", "SEQ02:1"), "SEQ01 shot 2 has no prompt to copy."),
    ],
)
def test_prompts_says_what_is_wrong(project: Project, words: tuple[object, ...], said: str) -> None:
    assert said in refused("prompts", *words)["message"]


def test_wrong_usage_and_those_who_only_look(project: Project) -> None:
    assert typed("prompts", HERE, "--history") == 2
    assert typed("prompts", HERE, "SEQ01", "1", "--diff", "x", "r1") == 2
    assert typed("style", HERE, "--prefix", "x", "--history") == 2
    reviewer = add_member(project, "reviewer")
    assert refused("prompts", *ONE, "--set", "x", "--user", reviewer.username)["code"] == "not_allowed"
    assert refused("style", HERE, "--prefix", "x", "--user", reviewer.username)["code"] == "not_allowed"
    assert refused("style", HERE, "--user", make_user().username)["code"] == "not_found"


def test_style_of_project_and_sequence(project: Project) -> None:
    assert document("style", HERE) == {"style": {"prefix": "", "suffix": "", "negative": ""}, "revision": None}
    assert document("style", HERE, "--prefix", "35 mm", "--negative", "birds")["revision"] == 1
    assert document("style", HERE, "--prefix", "16 mm")["style"] == {
        "prefix": "16 mm", "suffix": "", "negative": "birds"
    }  # fmt: skip
    assert document("style", HERE, "SEQ02", "--suffix", "grain")["revision"] == 1
    said = ran("style", HERE, "--diff", "s1", "s2")[1].strip()
    assert said == "Before every prompt: [-35-]{+16+} mm"
    assert document("style", HERE, "--restore", "s1") == {
        "style": {"prefix": "35 mm", "suffix": "", "negative": "birds"}, "revision": 3
    }  # fmt: skip
    assert [r["source"] for r in document("style", HERE, "--history")["revisions"]] == ["restore s1", "typed", "typed"]
    assert document("style", HERE, "SEQ02", "--history")["revisions"][0]["suffix"] == "grain"
    assert "nothing was written" in ran("style", HERE, "--negative", "birds")[1]
    assert "has no revision s9; it has s1, s2, s3." in refused("style", HERE, "--diff", "1", "9")["message"]
    assert sequence_of(project, "SEQ02").style_suffix == "grain"
