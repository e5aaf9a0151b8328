"""refs folders: brought in once, brought in again, watched."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Project
from sequences.orchestration import refs
from tests.factories import make_project

pytestmark = pytest.mark.django_db
OLD = 60.0


def draw(path: Path, colour: int = 0, *, old: float = OLD) -> Path:
    """A tiny picture that nobody has touched for `old` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (48, 48), (colour, 0, 0)).save(path)
    os.utime(path, (time.time() - old, time.time() - old))
    return path


@pytest.fixture
def project() -> Project:
    return make_project(sequences=1, elements=["mara"], song=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(tmp_path / "refs/characters/mara/01-front.png", 1)
    draw(tmp_path / "refs/characters/mara/02-side.png", 2)
    draw(tmp_path / "refs/props/Brass_Lantern/a.png", 3)
    draw(tmp_path / "refs/places/pier/a.jpg", 4)
    return tmp_path


@pytest.fixture
def watched(project: Project) -> Iterator[Path]:
    there = refs.watched(project)
    there.mkdir(parents=True)
    yield there
    shutil.rmtree(there.parent)


def bring(project: Project, folder: Path, **how: bool) -> verbs.RefsReport:
    return verbs.import_refs(actor=None, project=project, folder=folder, **how)


def pictures(project: Project, key: str) -> list[str]:
    return [p.name for p in project.elements.get(key=key, deleted_at=None).images.all()]


def listing(folder: Path) -> list[tuple[str, float]]:
    return sorted((str(p), p.stat().st_mtime) for p in folder.rglob("*"))


def test_elements_are_named_after_their_folders(project: Project, folder: Path) -> None:
    before = listing(folder)
    report = bring(project, folder)
    assert report.made == ["brass_lantern", "pier"] and report.problems == []
    assert report.sentence == "2 elements and 4 pictures came in, 0 known already."
    lantern = project.elements.get(key="brass_lantern")
    assert (lantern.name, lantern.kind, lantern.refs) == ("Brass Lantern", "prop", "refs/props/Brass_Lantern")
    assert project.elements.get(key="pier").kind == "place"
    assert pictures(project, "mara") == ["01-front.png", "02-side.png"]
    assert lantern.images.get().source == "folder props/Brass_Lantern"
    assert listing(folder) == before


def test_a_second_time_brings_only_what_is_new(project: Project, folder: Path) -> None:
    bring(project, folder)
    assert bring(project, folder).sentence == "0 elements and 0 pictures came in, 4 known already."
    draw(folder / "refs/characters/mara/03-back.png", 9)
    draw(folder / "refs/characters/mara/04-again.png", 1)  # the same picture under another name
    report = bring(project, folder / "refs")
    assert [p.name for p in report.pictures] == ["03-back.png"]
    assert pictures(project, "mara") == ["01-front.png", "02-side.png", "03-back.png"]


def test_what_was_taken_off_here_stays_off(project: Project, folder: Path) -> None:
    bring(project, folder)
    mara = project.elements.get(key="mara")
    verbs.remove_picture(actor=None, image=mara.images.all()[0])
    verbs.delete_element(actor=None, element=project.elements.get(key="pier"))
    report = bring(project, folder)
    assert pictures(project, "mara") == ["02-side.png"]
    assert report.problems == ["places/pier is left out: @pier was deleted here. Restore it to bring it in."]
    assert not project.elements.filter(key="pier", deleted_at=None).exists()


def test_a_rehearsal_writes_nothing(project: Project, folder: Path) -> None:
    assert bring(project, folder, dry_run=True).sentence == bring(project, folder, dry_run=True).sentence
    assert project.elements.count() == 1 and pictures(project, "mara") == []
    assert bring(project, folder, dry_run=True).sentence == bring(project, folder).sentence


def test_what_cannot_be_used_is_named_and_the_rest_comes_in(project: Project, folder: Path) -> None:
    (folder / "refs/characters/mara/00-broken.png").write_bytes(b"half of it")
    (folder / "refs/characters/mara/look.heic").write_bytes(b"x")
    (folder / "refs/characters/notes.txt").write_text("words are no pictures")
    draw(folder / "refs/characters/loose.png", 5)
    draw(folder / "refs/props/mara/a.png", 6)
    (folder / "refs/props/...").mkdir()
    (folder / "refs/places/!!").mkdir()
    report = bring(project, folder)
    assert sorted(report.problems) == [
        "characters/loose.png lies in no element's folder; put it into characters/loose/.",
        "characters/mara/00-broken.png is left out: The picture 00-broken.png is not a picture; send a PNG, JPEG or "
        "WebP file.",
        "characters/mara/look.heic is left out: send a PNG, JPEG or WebP file.",
        "places/!! has no letter or digit in its name; rename it.",
        "props/mara is the second @mara beside characters/mara; rename it.",
    ]
    assert pictures(project, "mara") == ["01-front.png", "02-side.png"]


def test_more_than_a_dozen_are_left_out_by_name(project: Project, tmp_path: Path) -> None:
    for n in range(13):
        draw(tmp_path / f"characters/mara/{n:02}.png", n)
    report = bring(project, tmp_path)
    assert len(pictures(project, "mara")) == 12
    assert report.problems == ["characters/mara/12.png is left out: @mara has 12 pictures, the most."]


def test_a_folder_of_one_kind_is_enough_and_an_empty_one_is_refused(project: Project, folder: Path) -> None:
    assert bring(project, folder / "refs" / "characters").made == []
    assert pictures(project, "mara") == ["01-front.png", "02-side.png"]
    with pytest.raises(Refusal, match=r"^nowhere is no folder\.$"):
        bring(project, folder / "nowhere")
    with pytest.raises(Refusal, match=r"^pier has no characters, props or places folder\.$"):
        bring(project, folder / "refs" / "places" / "pier")


def test_the_watched_folder_is_looked_at_when_it_changes(project: Project, watched: Path) -> None:
    draw(watched / "characters/mara/a.png", 1)
    assert verbs.refs_changed() == [project]
    verbs.look_at_refs(actor=None, project=project)
    assert pictures(project, "mara") == ["a.png"]
    assert verbs.refs_changed() == []
    (watched / "characters/mara/bad.png").write_bytes(b"x")
    os.utime(watched / "characters/mara/bad.png", (1, 1))
    assert verbs.refs_changed() == [project]
    verbs.look_at_refs(actor=None, project=project)
    assert verbs.refs_changed() == []
    told = verbs.last_look(project)
    assert told and told.sentence == "0 elements and 0 pictures came in, 1 known already; 1 thing left out."
    assert told.problems[0].startswith("characters/mara/bad.png is left out")


def test_a_file_still_being_written_waits_for_the_next_look(project: Project, watched: Path) -> None:
    late = draw(watched / "characters/mara/late.png", 1, old=0)
    report = verbs.look_at_refs(actor=None, project=project)
    assert report.waiting == ["characters/mara/late.png"] and report.problems == []
    assert pictures(project, "mara") == []
    assert verbs.refs_changed() == [project]
    os.utime(late, (1, 1))
    verbs.look_at_refs(actor=None, project=project)
    assert pictures(project, "mara") == ["late.png"]
    assert verbs.refs_changed() == []


def test_without_a_folder_nothing_is_looked_at(project: Project, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # a fixture of pytest-django
        assert verbs.refs_changed() == []
    with pytest.raises(Refusal, match="There is no folder refs/night-ferry"):
        verbs.look_at_refs(actor=None, project=project)


def test_a_problem_reaches_the_log_once(project: Project, watched: Path, caplog: pytest.LogCaptureFixture) -> None:
    (watched / "characters/mara").mkdir(parents=True)
    (watched / "characters/mara/bad.png").write_bytes(b"x")
    os.utime(watched / "characters/mara/bad.png", (1, 1))
    for _ in range(2):
        verbs.look_at_refs(actor=None, project=project)
    assert len([r for r in caplog.records if "bad.png" in r.getMessage()]) == 1
