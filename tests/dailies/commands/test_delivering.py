"""takes, export_cut, sweep, reconcile, doctor."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from django.conf import settings

from dailies import review
from dailies.checkup import CHECKS, machine
from dailies.models import Export
from sequences import storage
from sequences.media import video
from sequences.models import Job, Project, Take
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, faults, make_project, make_take, make_user, sequence_of

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")
TWO = Plan(prompts=("a pier", "a lamp"), seconds=(1, 1))


def test_takes() -> None:
    project = make_project(sequences=[TWO, Plan()])
    take = make_take(sequence_of(project), seed=5)
    other = make_take(sequence_of(project, "SEQ02"), "making")
    review.judge_shots(actor=None, take=take, shots=[2], decision="redo", reason="hands")
    made, begun = document("takes", *IN)["takes"]
    assert set(made) == set(begun) == {
        "id", "sequence", "number", "state", "mode", "model", "seed", "cost", "seconds", "frames", "file", "sha256",
        "shots", "checks",
    }  # fmt: skip
    assert all(
        set(s) >= {"shot", "revision", "prompt", "start", "end", "clip", "verdict"} for s in made["shots"]
    )
    shots = [(s["shot"], s["start"], s["end"], s["verdict"]) for s in made["shots"]]
    assert shots == [(1, 0, 1, None), (2, 1, 2, "redo")]
    assert (made["id"], made["seconds"], made["frames"], made["seed"]) == (take.pk, 2, 48, 5)
    assert hashlib.sha256(Path(made["file"]).read_bytes()).hexdigest() == made["sha256"]
    assert all(set(c) == {"name", "measured", "limit", "result"} for c in made["checks"]) and made["checks"]
    assert (begun["id"], begun["file"], begun["seconds"]) == (other.pk, None, None)
    assert [t["id"] for t in document("takes", "SEQ02", *IN)["takes"]] == [other.pk]
    assert refused("takes", "SEQ07", *IN)["code"] == "not_found"
    code, out, _ = ran("takes", "SEQ01", *IN)
    assert code == 0 and "SEQ01/T1" in out and "2 r1 redo" in out


def test_export_cut_says_what_is_not_approved(tmp_path: Path) -> None:
    project = make_project(sequences=[Plan(), Plan()])
    make_take(sequence_of(project, "SEQ01"), "approved")
    out = tmp_path / "cut.mp4"
    export = document("export_cut", *IN, "--format", "mp4", "--out", out)["export"]
    assert set(export) == {
        "file", "format", "seconds", "frames", "width", "height", "rate", "sha256", "gaps"
    }  # fmt: skip
    assert export["file"] == str(out) and hashlib.sha256(out.read_bytes()).hexdigest() == export["sha256"]
    assert (video.probe(out).frames, export["frames"], export["seconds"]) == (48, 48, 2)
    assert export["gaps"] == [{"sequence": "SEQ02", "shown_as": "slate"}]
    code, said, remarks = ran("export_cut", *IN)
    assert code == 0 and Path(said.strip()).is_file() and "Not approved: SEQ02 (slate)" in remarks


def test_an_export_that_cannot_be(tmp_path: Path) -> None:
    make_project(song=False)
    assert refused("export_cut", *IN)["where"] == "song"
    assert refused("export_cut", *IN, "--format", "avi")["where"] == "format"
    assert refused("export_cut", *IN, "--out", tmp_path / "no" / "cut.mp4")["where"] == "--out"
    make_user("stranger")
    assert refused("export_cut", *IN, "--user", "stranger")["code"] == "not_found"
    assert not Export.objects.exists() and not list(tmp_path.iterdir())
    assert typed("export_cut") == 2


def test_sweep_moves_what_is_due_and_says_so() -> None:
    take = make_take(sequence_of(make_project()), "making")
    job = take.jobs.get()
    first = document("sweep", "--once")["moved"]
    assert first[0] == {"job": job.pk, "from": "queued", "to": "submitting", "why": first[0]["why"]}
    assert [row["to"] for row in first[:2]] == ["submitting", "submitted"]
    for _ in range(200):
        Job.objects.exclude(look_again_at=None).update(look_again_at=job.created_at)
        if not document("sweep", "--once")["moved"] and Take.objects.get().state == "waiting":
            break
    assert Take.objects.get().state == "waiting"
    assert document("sweep", "--once") == {"moved": []}


def test_reconcile_settles_what_is_unsure() -> None:
    project = make_project(sequences=2)
    take = make_take(sequence_of(project), "making")
    with faults("unsure*1"):
        document("sweep", "--once")
        job = take.jobs.get()
        assert job.state == "unsure"
        assert document("reconcile", *IN, "--user", project.members.get().username)[
            "moved"
        ] == [{"job": job.pk, "from": "unsure", "to": "submitted", "why": take.jobs.get().request_id}]
        assert document("reconcile") == {"moved": [], "waiting": []}


@pytest.fixture
def healthy() -> None:
    """Whatever other tests left on disk is not this one's."""
    for folder in (Path(settings.MEDIA_ROOT) / "projects").glob("*/tmp"):
        shutil.rmtree(folder)


@pytest.mark.usefixtures("healthy")
def test_a_healthy_installation() -> None:
    make_take(sequence_of(make_project()))
    checks = document("doctor")["checks"]
    assert [c["name"] for c in checks] == list(CHECKS)
    assert all(set(c) == {"name", "ok", "message", "mend"} and c["ok"] for c in checks)


@pytest.mark.usefixtures("healthy")
def test_doctor_names_what_is_broken() -> None:
    take = make_take(sequence_of(make_project()))
    storage.absolute(take.file).unlink()
    Project.objects.update(spent_micros=1)
    make_take(sequence_of(Project.objects.get()), "making")
    Job.objects.exclude(look_again_at=None).update(look_again_at=take.created_at.replace(year=2020))
    code, out, err = ran("doctor", "--json")
    bad = {c["name"]: c for c in json.loads(out)["checks"] if not c["ok"]}
    assert code == 1 and err == "Not in order: worker, media, ledger.\n"
    assert bad["media"]["message"] == f"1 files that rows name are missing: {take.file}" and bad["media"]["mend"]
    assert bad["worker"]["message"] == "1 jobs wait and no worker is running."
    assert bad["ledger"]["message"] == "night-ferry: spent is $0.000001, the ledger says $0.00."
    assert "costs --project night-ferry --mend" in bad["ledger"]["mend"]
    assert ran("doctor")[0] == 1


@pytest.mark.parametrize(
    ("version", "bad"),
    [
        ((3, 6, 23), False), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False), ((3, 45, 0), True),
        ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 0), False),
    ],
)  # fmt: skip
def test_sqlite_versions(version: tuple[int, ...], bad: bool) -> None:
    assert machine.resets_badly(version) is bad
