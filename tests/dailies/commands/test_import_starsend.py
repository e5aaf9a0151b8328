"""import_starsend: the report, its document, verdicts, and the pages that show what came in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from dailies import review
from dailies.models import Verdict
from sequences.models import Project, Take
from tests.commands import document, ran, refused
from tests.factories import make_user
from tests.sequences.starsend import tree

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree.small(tmp_path_factory.mktemp("small") / "studio")


@pytest.fixture
def little(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "studio"))


def test_the_document(little: Path) -> None:
    told = document("import_starsend", little)
    assert told["project"] == {"slug": "night-ferry", "title": "Night Ferry", "created": True}
    assert {k: told[k] for k in ("sequences", "shots", "takes", "elements", "approved", "unchanged", "old_cost")} == {
        "sequences": 1, "shots": 2, "takes": 1, "elements": 0, "approved": 1, "unchanged": 0, "old_cost": "0.56",
    }  # fmt: skip
    record: dict[str, Any] = told["records"][0]
    assert (record["key"], record["file"], record["outcome"]) == ("SEQ01", f"{tree.SHOTS}/SEQ01.json", "created")
    assert record["made"] == ["SEQ01", "SEQ01 shot 1", "SEQ01 shot 2", "SEQ01/T1"] and record["problems"] == []
    assert told["missing_media"] == [] and told["dry_run"] is False
    again = document("import_starsend", little)
    assert (again["unchanged"], again["takes"], again["approved"]) == (1, 0, 0)


def test_prose(little: Path) -> None:
    tree.record(little, "SEQ02", {"prompt": "rain", "video": "gone.mp4"})
    code, out, err = ran("import_starsend", little, "--owner", make_user("ida").username)
    assert code == 0 and err == ""
    assert "SEQ01: created (SEQ01, SEQ01 shot 1, SEQ01 shot 2, SEQ01/T1)." in out
    assert "SEQ02: created (SEQ02, SEQ02 shot 1); media missing: gone.mp4." in out
    assert "night-ferry created: 2 sequences, 3 shots, 1 takes (1 approved, 0 rejected)" in out
    assert "The old takes had cost $0.56" in out
    assert Project.objects.get().memberships.get().user.get_username() == "ida"


def test_a_rehearsal_makes_no_account_and_no_project(little: Path) -> None:
    told = document("import_starsend", little, "--dry-run")
    assert (told["takes"], told["approved"], told["dry_run"]) == (1, 1, True)
    assert not Project.objects.exists() and not get_user_model().objects.exists()
    assert "night-ferry would be created" in ran("import_starsend", little, "--dry-run")[1]


def test_verdicts_of_old(little: Path) -> None:
    tree.film(little / tree.SHOTS / "clips/b.mp4", tree.GREEN)
    tree.record(little, "SEQ02", {"prompt": "rain", "takes": [{"file": "b.mp4", "status": "rejected"}]})
    told = document("import_starsend", little)
    assert (told["approved"], told["rejected"]) == (1, 1)
    take = Take.objects.get(sequence__code="SEQ01")
    verdict = Verdict.objects.get(take=take)
    assert (take.state, verdict.decision, verdict.take_sha256) == ("approved", "approve", take.sha256)
    assert Take.objects.get(sequence__code="SEQ02").state == "rejected"


def test_a_verdict_taken_back_stays_taken_back(little: Path) -> None:
    document("import_starsend", little)
    take = review.undo(actor=None, take=Take.objects.get())
    assert document("import_starsend", little)["approved"] == 0
    take.refresh_from_db()
    assert take.state == "waiting"


def test_another_take_approved_here_stays(little: Path) -> None:
    document("import_starsend", little)
    tree.film(little / tree.SHOTS / "clips/b.mp4", tree.GREEN, tree.GREY)
    tree.small(little, takes=["clips/seq01.mp4", "clips/b.mp4"], selected=2)
    told = document("import_starsend", little)
    assert (told["takes"], told["approved"]) == (1, 0)
    assert "another take of SEQ01 is approved here" in told["problems"][0]
    assert list(Take.objects.order_by("number").values_list("state", flat=True)) == ["approved", "waiting"]


def test_which_folder(little: Path) -> None:
    tree.record(little, "SEQ01", {"prompt": "x"}, "projects/other/state/starsend/shots")
    assert "Say which with --folder" in refused("import_starsend", little)["message"]
    told = document("import_starsend", little, "--folder", "other", "--project", "second")
    assert told["project"]["slug"] == "second"
    assert refused("import_starsend", little / "nowhere")["code"] == "not_found"


def test_the_pages_show_it(little: Path, client: Client) -> None:
    document("import_starsend", little, "--owner", make_user("ida").username)
    client.force_login(get_user_model().objects.get(username="ida"))
    for name, args in (("board", []), ("sequence", ["SEQ01"]), ("costs", []), ("elements", []), ("dailies", []),
                       ("dailies_take", ["SEQ01", 1]), ("cut", [])):  # fmt: skip
        answer = client.get(reverse(name, args=["night-ferry", *args]))
        assert answer.status_code == 200, name
        if name == "dailies_take":
            assert "from starsend, take 1; it had cost $0.56 there" in answer.content.decode()
        if name == "costs":
            assert "$0.56" not in answer.content.decode()
    assert "import_starsend DIR" in client.get(reverse("project_new")).content.decode()
