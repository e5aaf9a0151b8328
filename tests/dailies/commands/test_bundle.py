"""export_bundle, verify_bundle, import_bundle and fork_project as they are typed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from sequences.models import Project
from tests import factories
from tests.commands import document, ran, refused, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Iterator[Project]:
    """A project without pictures: quick to pack."""
    yield factories.make_project(factories.make_user("ida"), [factories.Plan(start_frame=True)])
    for slug in ("two", "three"):
        shutil.rmtree(Path(settings.MEDIA_ROOT) / "projects" / slug, ignore_errors=True)


def test_out_checked_and_in_again(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "x.seqboard"
    made = document("export_bundle", "--project", project.slug, "--out", out)["bundle"]
    assert (made["file"], made["slug"], made["missing"]) == (str(out), project.slug, [])
    checked = document("verify_bundle", out)["bundle"]
    assert checked == {key: value for key, value in made.items() if key != "file"}
    rehearsed = document("import_bundle", out, "--slug", "two", "--dry-run")["bundle"]
    assert (rehearsed["project"], rehearsed["made"]) == ("two", False) and not Project.objects.filter(
        slug="two"
    ).exists()
    arrived = document("import_bundle", out, "--slug", "two", "--owner", "ida")["bundle"]
    assert arrived["made"] and Project.objects.get(slug="two").memberships.get().user.username == "ida"
    again = document("export_bundle", "--project", "two", "--out", tmp_path / "y.seqboard")["bundle"]
    assert (again["data_sha256"], again["media_sha256"]) == (made["data_sha256"], made["media_sha256"])


def test_without_a_name_it_belongs_to_the_studio(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "x.seqboard"
    code, told, _ = ran("export_bundle", "--project", project.slug, "--out", out)
    assert code == 0 and told.startswith(f"{out}: ")
    code, told, _ = ran("import_bundle", out, "--slug", "three")
    assert code == 0 and told.startswith("three is made.")
    assert Project.objects.get(slug="three").memberships.get().user.username == "studio"


def test_forked(project: Project) -> None:
    made = document("fork_project", "--project", project.slug, "--slug", "two", "--title", "Colder", "--user", "ida")
    assert made == {
        "project": {"slug": "two", "title": "Colder", "forked_from": project.slug, "sequences": 1, "takes": 0,
                    "budget": "0.00"}
    }  # fmt: skip
    assert Project.objects.get(slug="two").memberships.get().user.username == "ida"
    code, told, _ = ran(
        "fork_project", "--project", project.slug, "--slug", "three", "--with", "takes", "--budget", "5"
    )
    assert code == 0 and "a budget of $5.00" in told


def test_refusals(project: Project, tmp_path: Path) -> None:
    assert refused("export_bundle", "--project", "nowhere")["code"] == "not_found"
    no_folder = refused("export_bundle", "--project", project.slug, "--out", "/proc/none/x.seqboard")
    assert no_folder["code"] == "not_written"
    (tmp_path / "x").write_bytes(b"no zip")
    for command in ("import_bundle", "verify_bundle"):
        assert refused(command, tmp_path / "x")["code"] == "bad_bundle"
        assert refused(command, tmp_path / "none")["code"] == "not_found"
    document("export_bundle", "--project", project.slug, "--out", tmp_path / "y")
    assert refused("import_bundle", tmp_path / "y")["code"] == "slug_taken"
    assert refused("fork_project", "--project", project.slug, "--slug", project.slug)["code"] == "slug_taken"
    assert refused("fork_project", "--project", project.slug, "--slug", "a b")["code"] == "bad_input"
    factories.make_user("olga")
    foreign = refused("export_bundle", "--project", project.slug, "--user", "olga")
    assert foreign["code"] == "not_found"


def test_wrong_usage() -> None:
    assert typed("fork_project", "--project", "x", "--slug", "y", "--with", "everything") == 2
    assert typed("import_bundle") == 2
