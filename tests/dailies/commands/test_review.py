"""`review` from the command line: the document, the refusals, the exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dailies.models import ShotVerdict, Verdict
from sequences.models import Take
from sequences.models.plan import Role
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

TWO = Plan(prompts=("a pier at dawn", "a lamp on deck"), seconds=(1, 1))


@pytest.fixture
def take() -> Take:
    return factories.make_take(factories.sequence_of(factories.make_project(sequences=[TWO])), seed=5)


def run(*args: object) -> tuple[int, dict[str, Any], str]:
    """Exit code, document, what was said."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("review", *map(str, args), "--json", stdout=out, stderr=err)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue() or "{}"), err.getvalue()


def test_the_document_is_the_contracts(take: Take) -> None:
    code, document, _ = run(take.pk, "approve", "--note", "yes")
    found = document["take"]
    assert code == 0 and list(document) == ["take"]
    assert list(found) == [
        "id", "sequence", "number", "state", "mode", "model", "seed", "cost", "seconds", "frames", "file", "sha256",
        "shots", "checks",
    ]  # fmt: skip
    assert (found["sequence"], found["state"], found["seed"], found["cost"], found["seconds"]) == (
        "SEQ01", "approved", 5, "0.00", 2.0,
    )  # fmt: skip
    assert Path(found["file"]).is_file() and found["sha256"] == take.sha256
    assert [(s["shot"], s["revision"], s["prompt"], s["start"], s["end"], s["verdict"]) for s in found["shots"]] == [
        (1, 1, "a pier at dawn", 0.0, 1.0, None),
        (2, 1, "a lamp on deck", 1.0, 2.0, None),
    ]
    assert Path(found["shots"][0]["clip"]).is_file()
    assert set(found["checks"][0]) == {"name", "measured", "limit", "result"}


def test_takes_are_named_with_their_project(take: Take) -> None:
    code, document, _ = run("seq01/T1", "reject", "--reason", "3", "--project", "night-ferry")
    assert (code, document["take"]["state"], Verdict.objects.get().reason) == (0, "rejected", "motion")
    assert run("SEQ01/T1", "undo", "--project", "night-ferry")[1]["take"]["state"] == "waiting"
    code, _, said = run("SEQ01/T1", "approve")
    assert code == 2 and said.startswith("SEQ01/T1 names a take of a project; add --project.")


def test_shots_are_marked_one_by_one_or_all(take: Take) -> None:
    _, document, _ = run(take.pk, "redo", "--shots", 2, "--reason", "hands", "--note", "six")
    assert [s["verdict"] for s in document["take"]["shots"]] == [None, "redo"]
    run(take.pk, "keep")
    assert list(ShotVerdict.objects.values_list("number", "decision")) == [(1, "keep"), (2, "keep")]


def test_a_redo_is_priced_confirmed_and_asked_for(take: Take) -> None:
    factories.priced("0.14")
    code, document, _ = run(take.pk, "redo", "--shots", 2, "--make", "--dry-run")
    assert (code, document["total"], document["cap_left"]) == (0, "0.14", "79.86")
    assert not ShotVerdict.objects.exists()
    code, document, _ = run(take.pk, "redo", "--shots", 2, "--make")
    assert (code, document["error"]["code"]) == (1, "not_confirmed")
    assert "costs $0.14; add --yes to spend it." in document["error"]["message"] and Take.objects.count() == 1
    code, _, said = run(take.pk, "redo", "--shots", 2, "--make", "--yes")
    assert code == 0 and "SEQ01/T2 is asked for, $0.14 set aside." in said
    assert Take.objects.get(number=2).parent == take


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("reject",), "bad_input", "A reject needs a reason; choose one of identity, hands,"),
        (("undo",), "not_allowed", "SEQ01/T1 has no verdict to take back."),
        (("redo", "--shots", "7"), "bad_input", "SEQ01/T1 has shots 1, 2; name one or more of them."),
        (("approve", "--user", "stranger"), "not_found", "There is no take "),
        (("approve", "--user", "nobody"), "not_found", "There is no user nobody."),
    ],
)
def test_refusals_are_one_sentence(take: Take, args: tuple[str, ...], code: str, message: str) -> None:
    factories.make_user("stranger")
    ended, document, said = run(take.pk, *args)
    assert ended == 1 and document["error"]["code"] == code
    assert document["error"]["message"].startswith(message) and message in said
    assert Take.objects.get().state == "waiting"


def test_what_is_not_there(take: Take) -> None:
    assert run(999_999, "approve")[1]["error"]["message"] == "There is no take 999999."
    assert run("SEQ01/T9", "approve", "--project", "night-ferry")[1]["error"]["message"] == "There is no take SEQ01/T9."
    assert run("first", "approve")[1]["error"]["message"] == "There is no take first."


def test_a_reviewer_judges_but_does_not_spend(take: Take) -> None:
    factories.add_member(take.sequence.project, Role.REVIEWER, name="rita")
    code, document, _ = run(take.pk, "redo", "--make", "--yes", "--user", "rita")
    assert (code, document["error"]["code"]) == (1, "not_allowed")
    assert run(take.pk, "approve", "--user", "rita")[0] == 0
    assert Verdict.objects.get().user.username == "rita"


def test_wrong_usage_ends_with_two(take: Take) -> None:
    assert run(take.pk, "approve", "--shots", 1)[0] == 2
    assert run(take.pk, "reject", "--make")[0] == 2
    assert run(take.pk, "redo", "--yes")[0] == 2
    with pytest.raises(CommandError):
        run(take.pk, "burn")
