"""A project as a new version: its plan or its takes, no money, and the old one untouched."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dailies import review
from dailies.bundle import export_bundle, fork_project, import_bundle, verify_bundle
from dailies.bundle.tables import rows_of, tables
from dailies.takes import take_documents
from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.models import Event, Job, LedgerEntry, Project, PromptRevision, StartFrame, Take
from sequences.providers import catalogue
from sequences.queries.proof import proof
from sequences.states import LIVE_JOBS
from tests import factories
from tests.dailies.bundle.world import Packed, untouched

pytestmark = pytest.mark.django_db

PAGES = ("board", "dailies", "cut", "elements", "project_edit", "costs", "decisions")


def prompts(project: Project) -> list[tuple[str, int, int, str]]:
    rows = PromptRevision.objects.filter(shot__sequence__project=project).order_by("pk")
    return [(r.shot.sequence.code, r.shot.number, r.number, r.text) for r in rows.select_related("shot__sequence")]


def hashes(project: Project) -> dict[str, str]:
    rows = StartFrame.objects.filter(sequence__project=project, state="approved").select_related("sequence")
    return {f.sequence.code: f.sha256 for f in rows}


def test_the_plan_comes_along_without_takes_work_and_money(packed: Packed) -> None:
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two", budget="12.50")
    assert (fork.forked_from, fork.title) == (packed.project, "Night Ferry, version 2")
    assert (fork.cap_micros, fork.spent_micros, fork.held_micros, fork.overrun_micros) == (12_500_000, 0, 0, 0)
    assert fork.created_at > packed.project.created_at
    assert prompts(fork) == prompts(packed.project)
    assert hashes(fork) == hashes(packed.project)
    assert fork.song.sha256 == packed.project.song.sha256 and fork.elements.get().images.count() == 1
    assert not Take.objects.filter(sequence__project=fork).exists() and not Job.objects.filter(project=fork).exists()
    assert [m.user for m in fork.memberships.all()] == [packed.owner]
    assert proof(fork) == []
    connection.check_constraints()


def test_a_frame_cut_from_a_take_stands_alone_where_the_take_stays_behind(packed: Packed) -> None:
    used = StartFrame.objects.get(sequence__project=packed.project, sequence__code="SEQ01", state="approved")
    assert used.source == "take"
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two")
    mine = StartFrame.objects.get(sequence__project=fork, sequence__code="SEQ01", state="approved")
    assert (mine.source, mine.take, mine.sha256) == ("upload", None, used.sha256)


def test_a_frame_in_use_brings_what_it_was_made_from(packed: Packed) -> None:
    larger = StartFrame.objects.get(sequence__project=packed.project, source="upscale")
    orchestration.use_start_frame(actor=packed.owner, start_frame=larger)
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two")
    mine = StartFrame.objects.get(sequence__project=fork, sequence__code="SEQ01", state="approved")
    assert mine.parent is not None and (mine.source, mine.parent.source) == ("upscale", "grid")
    assert mine.parent.grid == mine.grid and mine.grid.like is not None
    assert {(g.number, g.like and g.like.number) for g in rows_of("sequences.grid", fork)} == {(1, None), (2, 1)}
    connection.check_constraints()


def test_takes_come_along_and_cost_nothing(packed: Packed) -> None:
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two", with_="takes")
    theirs = [t for t in rows_of("sequences.take", packed.project) if t.state != "failed"]
    mine = list(rows_of("sequences.take", fork))
    assert [(t.number, t.state, t.sha256) for t in mine] == [(t.number, t.state, t.sha256) for t in theirs]
    assert {d["cost"] for d in take_documents(mine)} == {"0.00"} and packed.project.spent_micros > 0
    assert not LedgerEntry.objects.filter(project=fork).exists() and fork.spent_micros == 0
    assert mine[1].parent == mine[0]
    for take in mine:
        assert all(s.clip is not None and s.clip.job.project_id == fork.pk for s in take.shots.all())
        said = Event.objects.get(project=fork, subject="take", subject_id=take.pk)
        assert said.why == f"came along from {packed.project.slug} {take}"
    jobs = Job.objects.filter(project=fork)
    assert {(j.state, j.cost_micros, j.request_id) for j in jobs} == {("done", 0, "")} and jobs.count() == 2
    assert not jobs.filter(state__in=LIVE_JOBS).exists()
    assert "came along from" in jobs[0].note
    connection.check_constraints()


def test_the_new_version_is_a_project_like_any_other(packed: Packed, client: Client) -> None:
    """Its pages open, its takes can be judged, redone and taken back, and it can be bundled."""
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two", with_="takes", budget="20")
    client.force_login(packed.owner)
    for name in PAGES:
        assert client.get(reverse(name, args=["two"])).status_code == 200, name
    assert client.get(reverse("sequence", args=["two", "SEQ01"])).status_code == 200
    assert client.get(reverse("dailies_take", args=["two", "SEQ01", 2])).status_code == 200
    approved = Take.objects.get(sequence__project=fork, state="approved")
    catalogue.override("sketch/clip", min_start_edge=64)  # the frames of these takes are tiny
    again = factories.finish(orchestration.redo_shots(actor=packed.owner, take=approved, shots=[1]))
    assert again.state == "waiting" and again.number == 3
    review.undo(actor=packed.owner, take=approved)
    assert proof(Project.objects.get(pk=fork.pk)) == []


def test_files_are_shared_and_either_version_can_go(packed: Packed) -> None:
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two", with_="takes")
    take = rows_of("sequences.take", fork).first()
    theirs = rows_of("sequences.take", packed.project).first()
    mine, there = storage.absolute(take.file), storage.absolute(theirs.file)
    assert mine != there and mine.stat().st_ino == there.stat().st_ino
    mine.unlink()
    assert there.exists()


def test_a_fork_can_be_bundled_and_comes_back_the_same(packed: Packed, tmp_path: Path) -> None:
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two", with_="takes")
    once = export_bundle(actor=packed.owner, project=fork, out=tmp_path / "x.seqboard")
    assert once.forked_from == packed.project.slug and once.missing == {}
    there = import_bundle(bundle=tmp_path / "x.seqboard", slug="elsewhere", owner=packed.owner).project
    assert there is not None
    again = export_bundle(actor=packed.owner, project=there, out=tmp_path / "y.seqboard")
    assert again.data_sha256 == once.data_sha256 == verify_bundle(bundle=tmp_path / "x.seqboard").data_sha256


def test_work_in_flight_stays_with_the_old_version(packed: Packed) -> None:
    factories.make_take(factories.sequence_of(packed.project, "SEQ02"), "making")
    fork = fork_project(actor=packed.owner, project=packed.project, slug="two", with_="takes")
    assert not Take.objects.filter(sequence__project=fork, state="making").exists()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"slug": "two words"}, "use letters and digits"),
        ({"slug": "two", "with_": "everything"}, "It can come with plan or takes"),
        ({"slug": "two", "budget": "lots"}, "Budget is"),
        ({"slug": "two", "budget": "-1"}, "Budget is"),
    ],
)
def test_wrong_values_leave_nothing(packed: Packed, asked: dict[str, str], sentence: str) -> None:
    with untouched(), pytest.raises(Refusal, match=sentence):
        fork_project(actor=packed.owner, project=packed.project, **asked)


def test_only_owners_fork(packed: Packed) -> None:
    artist = factories.add_member(packed.project)
    with untouched(), pytest.raises(Refusal, match="this takes an owner"):
        fork_project(actor=artist, project=packed.project, slug="two")
    assert counted(packed.project)


def counted(project: Project) -> int:
    return sum(rows_of(label, project).count() for label in tables())
