"""`stale`: the document, the price before it is spent, and every verb by name."""

from __future__ import annotations

import pytest

from sequences.models import Project, Take, Waiver
from sequences.orchestration import casting
from tests import bulk, factories
from tests.commands import document, ran, refused, typed

pytestmark = pytest.mark.django_db

IN = ("--project", "large")


@pytest.fixture
def project() -> Project:
    """Two sequences whose takes are stale, one whose are not; 0.50 a take."""
    factories.priced("0.0625")
    made = bulk.large_project(3, 2, starring=2)
    element = made.elements.get(key="mara")
    casting.order_pictures(actor=None, element=element, ids=[i.pk for i in element.images.all()][::-1])
    return made


def test_shows_what_is_stale_why_and_for_how_much(project: Project) -> None:
    found = document("stale", *IN)
    assert [(r["name"], r["state"], r["price"]) for r in found["stale"]] == [
        ("SEQ01/T1", "approved", "0.50"),
        ("SEQ01/T2", "waiting", "0.50"),
        ("SEQ02/T1", "approved", "0.50"),
        ("SEQ02/T2", "waiting", "0.50"),
    ]
    assert found["stale"][0]["why"] == ["@mara has other pictures or another name now."]
    assert (found["all"], found["unapproved"]) == ("2.00", "1.00")
    _, out, _ = ran("stale", "SEQ02", *IN)
    assert "SEQ02/T1" in out and "SEQ01/T1" not in out
    assert "Refreshing all costs $1.00, those not approved $0.50" in out


def test_asks_before_it_spends(project: Project) -> None:
    assert refused("stale", *IN, "--refresh", "all")["code"] == "not_confirmed"
    assert not Take.objects.filter(state="making").exists()


@pytest.mark.parametrize(
    ("what", "made"),
    [(["all"], 4), (["unapproved"], 2), (["SEQ01/T1", "SEQ02/T2"], 2), (["all", "SEQ01"], 0)],
)
def test_refreshes_what_is_named(project: Project, what: list[str], made: int) -> None:
    if made:
        done = document("stale", *IN, "--refresh", *what, "--yes")
        assert len(done["takes"]) == made
        assert done["refused"] == []
    else:
        assert refused("stale", *IN, "--refresh", *what, "--yes")["code"] == "not_found"
    assert Take.objects.filter(state="making").count() == made


def test_refreshes_within_sequences(project: Project) -> None:
    done = document("stale", "SEQ02", *IN, "--refresh", "all", "--yes")
    assert {t["sequence"] for t in done["takes"]} == {"SEQ02"}


def test_refuses_what_is_fresh_no_take_or_not_there(project: Project) -> None:
    said = {name: refused("stale", *IN, "--refresh", name, "--yes")["message"] for name in ("SEQ03/T1", "SEQ01/F1")}
    assert said["SEQ03/T1"] == "SEQ03/T1 is not stale; there is nothing to refresh."
    assert said["SEQ01/F1"] == "SEQ01/F1 is no take; explore or pick again instead."
    assert refused("stale", *IN, "--refresh", "SEQ01/T9", "--yes")["code"] == "not_found"


def test_waives_and_takes_back(project: Project) -> None:
    found = document("stale", *IN, "--waive", "SEQ01/T1", "seq01/t2", "--reason", "seen from behind")
    assert [r["waived"]["why"] for r in found["stale"] if r["waived"]] == ["seen from behind"] * 2
    assert found["all"] == "1.00"
    code, out, _ = ran("stale", *IN, "--take-back", "SEQ01/T1")
    assert (code, out.strip()) == (0, "Not waived any more: SEQ01/T1.")
    assert Waiver.objects.filter(withdrawn_at=None).count() == 1
    assert refused("stale", *IN, "--waive", "SEQ01/T1", "--reason", " ")["where"] == "why"


def test_uses_what_was_set_aside(project: Project) -> None:
    Take.objects.filter(sequence__code="SEQ03", number=2).update(set_aside="The style lines have changed.")
    assert document("stale", *IN)["aside"] == [{"name": "SEQ03/T2", "why": "The style lines have changed."}]
    assert document("stale", *IN, "--use", "SEQ03/T2")["aside"] == []
    assert refused("stale", *IN, "--use", "SEQ03/F1")["message"].startswith("SEQ03/F1 is a start frame")


def test_says_when_nothing_is_stale() -> None:
    factories.make_project(title="Large")
    assert ran("stale", *IN)[1].strip() == "Nothing is stale."


@pytest.mark.parametrize(
    "wrong", [("--waive", "SEQ01/T1"), ("--reason", "x"), ("--use", "a/T1", "--take-back", "b/T1")]
)
def test_options_that_do_not_go_together_are_wrong_usage(wrong: tuple[str, ...]) -> None:
    assert typed("stale", *IN, *wrong) == 2


def test_commands_that_edit_say_what_they_made_stale(project: Project) -> None:
    _, _, said = ran("style", *IN, "SEQ03", "--prefix", "16 mm")
    assert "This makes SEQ03/T1, SEQ03/T2 stale; refreshing them costs $1.00. See: stale --project large" in said
    assert "stale" not in ran("style", *IN, "SEQ03")[2]
