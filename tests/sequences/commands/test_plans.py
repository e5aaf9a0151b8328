"""new_project, import_plan and export_plan as they are typed."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sequences.models import Project
from tests.factories import Plan, make_project, make_user, song_file
from tests.sequences.orchestration.test_importing import PLAN

pytestmark = pytest.mark.django_db


def ran(*args: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command(*args, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def document(*args: str) -> Any:
    code, out, _ = ran(*args, "--json")
    assert code == 0
    return json.loads(out)


def test_new_project() -> None:
    made = document("new_project", "low-tide", "--budget", "12.5", "--size", "640", "360", "--rate", "25")["project"]
    assert made == {
        "slug": "low-tide", "title": "Low Tide", "client": "", "width": 640, "height": 360, "rate": "25",
        "cap": "12.50", "provider": "sketch", "model": "", "grid": "2x2",
    }  # fmt: skip
    assert [u.username for u in Project.objects.get().members.all()] == ["studio"]
    assert ran("new_project", "low-tide") == (1, "", "There is a project low-tide already; choose another slug.\n")


def test_new_project_for_somebody() -> None:
    make_user("ines")
    document("new_project", "a", "--owner", "ines")
    assert [u.username for u in Project.objects.get().members.all()] == ["ines"]


def test_import_then_export_is_the_same_bytes(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    made = document("import_plan", str(plan), "--song", str(song_file(6)))
    assert made == {
        "project": {
            "slug": "night-ferry", "created": True, "sequences": 2, "shots": 3, "elements": 2, "revisions_added": 3
        }
    }  # fmt: skip
    assert ran("export_plan", "--project", "night-ferry")[:2] == (0, PLAN)
    for name in ("out.toml", "out.json"):
        out = tmp_path / name
        assert ran("export_plan", "--project", "night-ferry", "--out", str(out))[:2] == (0, "")
        assert document("import_plan", str(out), "--song", str(song_file(6)))["project"]["revisions_added"] == 0
    assert (tmp_path / "out.toml").read_text() == PLAN
    assert document("export_plan", "--project", "night-ferry") == json.loads((tmp_path / "out.json").read_text())


def test_import_says_what_happened(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    code, out, err = ran("import_plan", str(plan), "--song", str(song_file(6)), "--dry-run")
    assert (code, out) == (
        0, "night-ferry would be created: 2 sequences, 3 shots, 2 elements, 3 new prompt revisions.\n"
    )  # fmt: skip
    assert err == "plan.toml line 28: refs/characters/mara is not there; @mara goes along as words only.\n"
    assert not Project.objects.exists()


def test_a_bad_plan_is_a_document_naming_each_line(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace("seconds = 1\n", "seconds = -1\n").replace('"24"', '"7"'))
    code, out, err = ran("import_plan", str(plan), "--song", str(song_file(6)), "--json")
    error = json.loads(out)["error"]
    assert code == 1 and (error["code"], error["where"]) == ("bad_plan", "project.rate")
    assert error["message"].splitlines() == [
        'plan.toml line 9: project.rate is "7"; use 24, 25, 30, 24000/1001 or 30000/1001.',
        "plan.toml line 47: sequences[0].shots[0].seconds is -1; a shot needs more than 0 seconds.",
    ]
    assert err.strip() == error["message"]
    assert not Project.objects.exists()


def test_a_stranger_exports_nothing() -> None:
    make_project(sequences=[Plan()], song=False)
    make_user("stranger")
    code, out, err = ran("export_plan", "--project", "night-ferry", "--user", "stranger")
    assert (code, out, err) == (1, "", "There is no project night-ferry.\n")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    make_project(sequences=[Plan()], song=False)
    (tmp_path / "file").write_text("")
    code, _, err = ran("export_plan", "--project", "night-ferry", "--out", str(tmp_path / "file" / "x.toml"))
    assert code == 1 and "cannot be written" in err


def test_usage() -> None:
    with pytest.raises(CommandError, match="--project"):
        call_command("export_plan")
