"""The demo: made through the verbs, resumable, complete to the frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from dailies.demo import LIVE, Director, project_of_demo
from dailies.models import Export, Verdict
from sequences.management import demomark
from sequences.media import video
from sequences.models import Grid, Job, Project, PromptRevision, StartFrame, Take
from sequences.orchestration.demo import cut_down, demo_plan
from sequences.states import ArtefactState
from tests.commands import document, ran, refused
from tests.factories import make_project, run, small_grids

pytestmark = pytest.mark.django_db

SMALL = ("make_demo", "--size", "320x180", "--seconds", 5, "--sequences", 2)
ONE = ("make_demo", "--size", "320x180", "--seconds", 3, "--sequences", 1)


@pytest.fixture(autouse=True)
def no_demo_yet() -> Iterator[None]:
    for file in demomark.folder().glob("demo.json"):
        file.unlink()
    with small_grids(1312):
        yield


def _rows() -> list[int]:
    return [m.objects.count() for m in (Project, Grid, StartFrame, Take, Job, Verdict, Export, PromptRevision)]


@pytest.mark.slow
def test_complete_ends_in_a_film_as_long_as_the_song() -> None:
    export = document(*SMALL, "--complete", "--wait")["export"]
    project = Project.objects.get()
    frames = round(Fraction(project.song.seconds) * project.frame_rate)
    assert project.slug == "night-ferry" and [u.username for u in project.members.all()] == ["studio"]
    assert video.probe(Path(export["file"])).frames == export["frames"] == frames == 120
    assert (export["width"], export["height"], export["gaps"]) == (320, 180, [])
    before = _rows()
    assert document("make_demo", "--complete", "--wait")["export"] == export
    assert _rows() == before
    assert not demomark.unfinished()


@pytest.mark.slow
def test_live_is_resumed_where_it_was_and_nothing_is_done_twice() -> None:
    project, made = project_of_demo(cut_down(demo_plan(), size=(544, 306), seconds=6, sequences=3))
    assert made and demomark.unfinished()
    killed = Director(project, LIVE)
    for _ in range(3):
        killed.round()
    run(Job.objects.filter(kind="grid"))
    assert [g.sequence.code for g in Grid.objects.order_by("id")] == ["SEQ01", "SEQ02", "SEQ03"]
    killed.round()
    assert StartFrame.objects.count() == 3 and Take.objects.count() <= 2
    document("make_demo", "--live", "--wait")
    rows = document("board", "--project", "night-ferry")["sequences"]
    seen = {s["code"]: (s["stage"], s["grids"], s["takes"]) for s in rows}
    assert seen == {"SEQ01": ("approved", 1, 1), "SEQ02": ("approved", 1, 1), "SEQ03": ("in_review", 1, 2)}
    redone = Take.objects.get(sequence__code="SEQ03", number=2)
    assert [s.call > 0 for s in redone.shots.all()] == [False, False, True, False]
    before = _rows()
    document("make_demo", "--live", "--wait")
    assert _rows() == before
    assert not demomark.unfinished()


def test_what_a_person_did_meanwhile_stands() -> None:
    document(*ONE, "--live", "--wait")
    project = Project.objects.get()
    assert Take.objects.get().state == ArtefactState.APPROVED
    project.sequences.update(deleted_at=project.created_at)
    assert Director(project, LIVE).round()


def test_a_project_of_that_name_is_left_alone() -> None:
    project = make_project()
    assert refused("make_demo")["code"] == "slug_taken"
    assert refused("make_demo", "--complete", "--wait")["code"] == "slug_taken"
    assert project.sequences.count() == 1 and not demomark.unfinished()


def test_planned_only() -> None:
    assert document(*ONE) == {"project": {"slug": "night-ferry", "sequences": 1}}
    assert not Job.objects.exists() and demomark.unfinished()
    assert refused("make_demo", "--fresh")["code"] == "slug_taken"


def test_nobody_to_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailies.management.commands.make_demo.WORKER_PATIENCE", 0.0)
    assert refused(*ONE, "--live")["code"] == "no_worker"
    assert demomark.unfinished()


@pytest.mark.parametrize(
    ("words", "where"),
    [(("--sequences", 13), "--sequences"), (("--seconds", 500), "--seconds"), (("--seconds", 1), "--seconds")],
)
def test_a_demo_there_is_no_plan_for(words: tuple[object, ...], where: str) -> None:
    assert refused("make_demo", *words)["where"] == where
    assert not Project.objects.exists()


def test_wait_alone_is_usage() -> None:
    assert ran("make_demo", "--wait")[0] == 2
