"""Old work brought in: what becomes of it, a second run, what people changed meanwhile, and the source untouched."""

from __future__ import annotations

import json
import shutil
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.media import files, grids, video
from sequences.models import Clip, Grid, ImportedRecord, Job, LedgerEntry, Project, Sequence, Take
from sequences.models.plan import Role
from sequences.orchestration import StarsendReport, import_starsend
from sequences.orchestration.casting import cast_keys
from sequences.providers import catalogue
from sequences.queries.proof import proof
from tests import factories
from tests.sequences.starsend import tree
from tests.sequences.starsend.test_reading import RECORDS

pytestmark = pytest.mark.django_db


def bring(root: Path, **options: Any) -> StarsendReport:
    """An import by the machine's owner."""
    return import_starsend(actor=None, source=root, **options)


def outcomes(report: StarsendReport) -> dict[str, str]:
    return {r.key: r.outcome for r in report.records}


def said(report: StarsendReport, key: str) -> str:
    return " ".join(p for r in report.records if r.key == key for p in r.problems)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The messy tree, made once; nobody writes to it."""
    return tree.messy(tmp_path_factory.mktemp("old") / "studio")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small tree, copied by every test that changes it."""
    return tree.small(tmp_path_factory.mktemp("small") / "studio")


@pytest.fixture
def little(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "studio"))


def test_a_messy_folder(source: Path) -> None:
    before = tree.census(source)
    modes = {p: stat.S_IMODE(p.lstat().st_mode) for p in source.rglob("*") if not p.is_symlink()}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        report = bring(source)
        again = bring(source)
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert tree.census(source) == before
    assert report.created and report.counts == {
        "sequences": 4, "shots": 7, "revisions": 8, "elements": 2, "pictures": 3, "grids": 1, "start_frames": 2,
        "takes": 3,
    }  # fmt: skip
    assert not again.created and not any(again.counts.values())
    assert set(outcomes(report).values()) == {"created"} and set(outcomes(again).values()) == {"unchanged"}
    project = report.project
    assert (project.slug, project.title, project.client) == ("night-ferry", "Night Ferry", "Halogen Coast")
    assert (project.width, project.height, project.rate) == (160, 90, "24")
    _sequences(project)
    _whole_take(project)
    _takes_of_single_shots(project)
    _pictures(project)
    _books(project, report)
    _sentences(report)


def _sequences(project: Project) -> None:
    rows = [(s.code, s.section, s.start, s.end, s.mode) for s in project.sequences.all()]
    assert rows == [
        ("SEQ01", "Verse 1", 0, 1, "multi_shot"), ("SEQ02", "", 1, 2, "per_shot"),
        ("SEQ03", "", 2, 9, "multi_shot"), ("SEQ04", "", 9, 14, "multi_shot"),
    ]  # fmt: skip
    first = project.sequences.get(code="SEQ01")
    assert [(s.number, s.seconds) for s in first.shots.all()] == [(1, Decimal("0.5")), (2, Decimal("0.5"))]
    assert [r.text for s in first.shots.all() for r in s.revisions.all()] == [
        "Moody.\n@mara waits.", "Moody.\nthe ferry leaves.",
    ]  # fmt: skip
    assert cast_keys(first) == ["mara"]
    assert {r.source for s in project.sequences.all() for t in s.shots.all() for r in t.revisions.all()} == {"imported"}


def _whole_take(project: Project) -> None:
    """One film of two shots is cut at their lengths."""
    take = Take.objects.get(sequence__project=project, sequence__code="SEQ01")
    assert (take.state, take.mode, take.endpoint, take.seed) == ("waiting", "multi_shot", "fal-ai/old", 12)
    assert [(s.number, s.call, s.first, s.frames, s.at) for s in take.shots.all()] == [
        (1, 1, 0, 12, 0),
        (2, 1, 12, 12, 12),
    ]
    assert take.plan["imported"]["cost_micros"] == 560_000
    assert {c.name: c.result for c in take.checks.all()} == {
        "duration": "pass", "black": "pass", "identity": "fail", "cuts": "warn",
    }  # fmt: skip
    path = storage.absolute(take.file)
    facts = video.probe(path)
    assert (facts.frames, facts.width, facts.height, files.sha256_of(path)) == (24, 160, 90, take.sha256)
    for name in (take.poster, take.strip, *(s.thumb for s in take.shots.all())):
        grids.open_picture(storage.absolute(name))
    red, blue = (video.frame_at(path, n).getpixel((80, 45)) for n in (3, 20))
    assert isinstance(red, tuple) and isinstance(blue, tuple) and red[0] > 150 > blue[0] and blue[2] > 150


def _takes_of_single_shots(project: Project) -> None:
    """Tries of single shots are brought together; a clip that is in two takes is there once."""
    first, second = Take.objects.filter(sequence__project=project, sequence__code="SEQ02").order_by("number")
    assert [[(s.number, s.call) for s in t.shots.all()] for t in (first, second)] == [
        [(1, 1), (2, 2)],
        [(1, 1), (2, 0)],
    ]
    pinned = [[s.revision.text for s in t.shots.all()] for t in (first, second)]
    assert pinned == [["a corridor of light", "the door\nopens"], ["a corridor", "the door\nopens"]]
    assert first.shots.get(number=2).clip == second.shots.get(number=2).clip
    clips = Clip.objects.filter(take__sequence__project=project)
    assert clips.count() == 4 and {(c.width, c.height) for c in clips} == {(160, 90)}


def _pictures(project: Project) -> None:
    mara = project.elements.get(key="mara")
    assert (mara.kind, mara.name, mara.description) == ("character", "Mara", "a woman in a yellow coat")
    assert [i.name for i in mara.images.all()] == ["front.png", "a-side.jpg"]
    assert project.elements.get(key="red_scarf").kind == "prop"
    for image in mara.images.all():
        assert files.sha256_of(storage.absolute(image.file)) == image.sha256
    grid = Grid.objects.get(sequence__project=project)
    assert (grid.rows, grid.cols, len(grid.cells), grid.state) == (2, 2, 4, "approved")
    frame = project.sequences.get(code="SEQ01").start_frames.get()
    assert (frame.state, frame.source, frame.width, frame.height) == ("approved", "upload", 320, 180)
    assert project.sequences.get(code="SEQ02").start_frames.get().shot is not None


def _books(project: Project, report: StarsendReport) -> None:
    """Old money is told and not booked."""
    assert report.old_cost_micros == 1_080_000 and proof(project) == []
    assert not LedgerEntry.objects.filter(project=project).exists()
    jobs = Job.objects.filter(project=project)
    assert {(j.state, j.provider, j.estimate_micros, j.cost_micros, j.look_again_at) for j in jobs} == {
        ("done", "starsend", 0, 0, None)
    }


def _sentences(report: StarsendReport) -> None:
    assert "lut" in said(report, "SEQ01") and "torn.mp4 is cut short" in said(report, "SEQ01")
    assert "leads out of its folder" in said(report, "SEQ03") and "symlink" in said(report, "SEQ04")
    assert {m["name"] for m in report.missing()} == {"media/gone.mp4", "media/linked.mp4"}
    told = " ".join(report.problems)
    assert "notes.json cannot be read" in told and "empty.json holds no record" in told and "ferry.wav ends 2 s" in told
    kept = ImportedRecord.objects.get(project=report.project, key="SEQ01")
    assert kept.raw["lut"] == "teal.cube" and ["sequence", report.project.sequences.get(code="SEQ01").pk] in kept.made
    assert {d.decision for d in report.decided} == {"approved"} and len(report.decided) == 2


def test_a_rehearsal_writes_nothing(source: Path) -> None:
    media = tree.census(storage.root())
    report = bring(source, dry_run=True)
    assert report.created and report.counts["takes"] == 3 and report.counts["shots"] == 7
    assert not Project.objects.exists() and not ImportedRecord.objects.exists() and tree.census(storage.root()) == media


def test_the_song_comes_along(little: Path) -> None:
    shutil.copy(factories.song_file(4), little / "projects/night-ferry/song.wav")
    assert bring(little).project.song.seconds == 4
    assert bring(little).problems == ()


def test_a_changed_record_is_followed(little: Path) -> None:
    project = bring(little).project
    tree.small(little, prompt="Shot 1 (0.5s): a pier at noon. Shot 2 (0.5s): a ferry leaves.", section="Intro", end=2)
    report = bring(little)
    assert outcomes(report) == {"SEQ01": "updated"} and not report.counts["takes"]
    row = project.sequences.get()
    assert (row.section, row.end) == ("Intro", 2)
    assert [r.text for r in row.shots.get(number=1).revisions.all()] == ["a pier at dawn.", "a pier at noon."]
    assert outcomes(bring(little)) == {"SEQ01": "unchanged"}


def test_what_people_changed_stays(little: Path) -> None:
    sequence = bring(little).project.sequences.get()
    orchestration.revise(actor=None, shot=sequence.shots.get(number=1), text="a pier at night")
    orchestration.edit_sequence(actor=None, sequence=sequence, section="Opening")
    tree.small(little, prompt="Shot 1 (0.5s): a pier at noon. Shot 2 (0.5s): a ferry leaves.", section="Intro")
    report = bring(little)
    assert sequence.shots.get(number=1).revisions.last().text == "a pier at night"
    assert Sequence.objects.get(pk=sequence.pk).section == "Opening"
    told = said(report, "SEQ01")
    assert "The prompt of SEQ01 shot 1 changed in the record and here" in told and "The section of SEQ01" in told


def test_what_people_deleted_stays_deleted(little: Path) -> None:
    sequence = bring(little).project.sequences.get()
    orchestration.delete_shot(actor=None, shot=sequence.shots.get(number=2))
    report = bring(little)
    assert sequence.shots.filter(deleted_at=None).count() == 1 and "stays away" in said(report, "SEQ01")
    orchestration.delete_sequence(actor=None, sequence=sequence)
    assert "stays deleted" in said(bring(little), "SEQ01")


def test_media_that_turn_up_later_come_in(little: Path) -> None:
    clip = little / tree.SHOTS / "clips/seq01.mp4"
    away = clip.rename(little / "away.mov")
    away.rename(little / "away.txt")
    assert bring(little).counts["takes"] == 0
    (little / "away.txt").rename(clip)
    report = bring(little)
    assert report.counts["takes"] == 1 and outcomes(report) == {"SEQ01": "updated"}


def test_a_start_frame_chosen_here_stays(little: Path) -> None:
    sequence = bring(little).project.sequences.get()
    factories.make_start_frame(sequence)
    tree.picture(little / tree.SHOTS / "first.png")
    tree.small(little, start_frame="first.png")
    assert "chosen here; it stays" in said(bring(little), "SEQ01") and sequence.start_frames.count() == 1


def test_a_new_film_is_cut_as_its_record_says(little: Path) -> None:
    sequence = bring(little).project.sequences.get()
    orchestration.set_seconds(actor=None, shot=sequence.shots.get(number=1), seconds=3)
    tree.film(little / tree.SHOTS / "clips/b.mp4", tree.GREEN, tree.GREY)
    tree.small(little, takes=["clips/seq01.mp4", "clips/b.mp4"])
    assert bring(little).counts["takes"] == 1
    assert [s.frames for s in Take.objects.get(number=2).shots.all()] == [12, 12]
    orchestration.delete_shot(actor=None, shot=sequence.shots.get(number=1))
    tree.film(little / tree.SHOTS / "clips/c.mp4", tree.GREY, tree.GREEN)
    tree.small(little, takes=["clips/c.mp4"])
    report = bring(little)
    assert not report.counts["takes"] and "it is not cut anew" in said(report, "SEQ01")


def test_one_clip_a_shot(little: Path) -> None:
    for name, colour in (("a", tree.RED), ("b", tree.BLUE)):
        tree.film(little / tree.SHOTS / f"clips/{name}.mp4", colour)
    tree.small(little, takes=[{"clips": ["clips/a.mp4", "clips/b.mp4"], "prompts": ["one", "two"]}])
    bring(little)
    take = Take.objects.get()
    assert [(s.number, s.call, s.frames, s.compiled) for s in take.shots.all()] == [
        (1, 1, 12, "one"),
        (2, 2, 12, "two"),
    ]
    assert [s.revision.text for s in take.shots.all()] == ["one", "two"] and take.frames == 24
    assert [s.revisions.last().text for s in take.sequence.shots.all()] == ["a pier at dawn.", "a ferry leaves."]


def test_a_film_too_short_for_its_shots(little: Path) -> None:
    tree.small(little, prompt="Shot 1 (2s): a pier. Shot 2 (1s): a ferry.")
    report = bring(little)
    shots = Take.objects.get().shots.all()
    assert [(s.first, s.frames) for s in shots] == [(0, 16), (16, 8)] and "in their proportions" in said(
        report, "SEQ01"
    )


def test_a_project_of_ones_own(little: Path) -> None:
    project = factories.make_project(sequences=1, title="Mine")
    report = bring(little, slug=project.slug)
    assert not report.created and "was not brought in; it was left as it is" in said(report, "SEQ01")
    assert not project.sequences.get().takes.exists() and outcomes(report) == {"SEQ01": "left_out"}


def test_rights_and_slugs(little: Path, tmp_path: Path) -> None:
    project = bring(little, owner=factories.make_user("owner")).project
    artist, stranger = factories.add_member(project, Role.ARTIST), factories.make_user()
    for actor, told in ((artist, "this takes"), (stranger, "you do not belong to")):
        with pytest.raises(Refusal, match=told):
            import_starsend(actor=actor, source=little)
    with pytest.raises(Refusal, match="is no folder"):
        bring(tmp_path / "nowhere")
    with pytest.raises(Refusal, match="provider"):
        bring(little, slug="other", provider="nobody")
    assert bring(little, slug="other").project.slug == "other"


def test_the_first_take_can_be_redone(little: Path) -> None:
    catalogue.override("sketch/clip", min_start_edge=64)
    sequence = bring(little).project.sequences.get()
    factories.make_start_frame(sequence)
    take = orchestration.redo_shots(actor=None, take=sequence.takes.get(), shots=[2])
    assert [(s.number, s.call) for s in take.shots.all()] == [(1, 0), (2, 1)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=RECORDS)
def test_any_record_comes_in_or_is_told(little: Path, data: Any) -> None:
    (little / tree.SHOTS / "odd.json").write_text(json.dumps(data))
    first = bring(little)
    assert all(r.outcome in ("created", "left_out", "updated", "unchanged") for r in first.records)
    second = bring(little)
    assert not any(second.counts.values()), second.counts
