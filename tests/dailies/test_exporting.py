"""Exports of a tiny project: what comes out to the frame, and what a killed render leaves to do."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from fractions import Fraction

import av
import pytest
from django.utils import timezone

from dailies import cut as cuts
from dailies import exporting
from dailies.models import Export
from sequences import storage
from sequences.errors import Refusal
from sequences.execution.claims import holder
from sequences.media.files import sha256_of
from sequences.media.video import probe
from sequences.models import Project
from sequences.orchestration import songs
from tests import factories
from tests.factories import HEIGHT, WIDTH, Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(request: pytest.FixtureRequest) -> Project:
    """An approved take, a start frame, a slate, and a hole to the end of 5 s of song. Its folder is its own."""
    plans = [Plan("Verse", length=1.5), Plan("Chorus", start_frame=True), Plan("Bridge", prompts=("",))]
    made = factories.make_project(sequences=plans, rate="30000/1001", title=request.node.name)
    songs.upload_song(actor=None, project=made, upload=factories.song_file(5))
    factories.make_take(factories.sequence_of(made), "approved")
    return Project.objects.select_related("song").get(pk=made.pk)


def asked(project: Project, **more: str) -> Export:
    return exporting.request_export(actor=None, project=project, **more)  # type: ignore[arg-type]  # texts by name


def rendered(export: Export) -> Export:
    exporting.render(export.pk)
    export.refresh_from_db()
    return export


def seconds_of_sound(export: Export) -> Fraction:
    with av.open(str(storage.absolute(export.file))) as container:
        stream = container.streams.audio[0]
        assert stream.duration is not None and stream.time_base is not None
        return stream.duration * stream.time_base


def test_the_file_is_as_long_as_the_song_to_the_frame(project: Project) -> None:
    export = rendered(asked(project))
    assert (export.error, export.progress, export.lease_until) == ("", 1.0, None)
    frames = round(5 * Fraction(30000, 1001))
    found = probe(storage.absolute(export.file))
    assert (found.frames, found.width, found.height, found.rate) == (frames, WIDTH, HEIGHT, Fraction(30000, 1001))
    assert abs(seconds_of_sound(export) - frames / Fraction(30000, 1001)) < Fraction(1, 8000)
    assert export.facts["frames"] == frames and export.facts["bytes"] == found.bytes
    assert export.facts["sha256"] == sha256_of(storage.absolute(export.file))
    assert export.facts["gaps"] == [
        {"sequence": "SEQ02", "shown_as": "start frame"},
        {"sequence": "SEQ03", "shown_as": "slate"},
        {"sequence": "", "shown_as": "no sequence"},
    ]


def test_what_is_exported_is_the_cut_as_it_was_asked(project: Project) -> None:
    export = asked(project)
    factories.make_take(factories.sequence_of(project, "SEQ02"))
    export = rendered(export)
    before = cuts.from_data(export.cut)
    assert [s.shown for s in before.segments] == ["approved", "start_frame", "slate", "gap"]
    now = cuts.build(project, exporting.load(project))
    assert now.changed_since(before) == ["SEQ02"]


def test_one_key_is_one_export_and_a_finished_one_stays(project: Project) -> None:
    first = asked(project, key="k")
    assert asked(project, key="k") == first and asked(project, key="other") != first
    done = rendered(first)
    assert rendered(asked(project, key="k")).finished_at == done.finished_at


def test_what_cannot_be_exported_is_refused() -> None:
    bare = factories.make_project(song=False)
    with pytest.raises(Refusal, match="^Night Ferry has no song yet; upload one, then export.$"):
        asked(bare)
    with pytest.raises(Refusal, match="^Format is 'gif'; it must be one of mp4.$"):
        asked(bare, format="gif")
    with pytest.raises(Refusal) as stranger:
        exporting.request_export(actor=factories.make_user(), project=bare)
    assert stranger.value.code == "not_found"
    assert not Export.objects.exists()


@pytest.fixture
def worker() -> subprocess.Popen[str]:
    """Another process that could hold a lease; it says its name."""
    says = (
        "import django, time; django.setup(); from sequences.execution.claims import holder;"
        " print(holder(), flush=True); time.sleep(60)"
    )
    return subprocess.Popen([sys.executable, "-c", says], stdout=subprocess.PIPE, text=True, env=os.environ.copy())


def test_a_killed_render_is_finished_by_the_next(project: Project, worker: subprocess.Popen[str]) -> None:
    export = asked(project)
    assert exporting.due() == [export.pk]
    assert worker.stdout is not None
    owner = worker.stdout.readline().strip()
    until = timezone.now() + timedelta(hours=1)
    Export.objects.filter(pk=export.pk).update(lease_owner=owner, lease_until=until, progress=0.4)
    left = storage.scratch(project, "").with_name(f"export-{export.pk}-dead.mp4.part")
    left.write_bytes(b"half")
    assert exporting.due() == []  # it lives and works on it
    assert exporting.running(rendered(export))
    worker.kill()
    worker.communicate()
    assert exporting.due() == [export.pk]
    done = rendered(export)
    assert done.file and done.lease_owner == holder() and not left.exists()
    assert exporting.due() == [] and not list(left.parent.glob("export-*"))


def test_a_lease_that_ran_out_is_taken_over(project: Project) -> None:
    export = asked(project)
    past = timezone.now() - timedelta(seconds=1)
    Export.objects.filter(pk=export.pk).update(lease_owner="another host|boot|1|1", lease_until=past)
    assert exporting.due() == [export.pk]
    assert rendered(export).file


def test_a_file_that_is_gone_or_broken_is_said(project: Project) -> None:
    take = factories.sequence_of(project).takes.get()
    place = storage.absolute(take.file)
    place.write_bytes(b"not a film at all")
    broken = rendered(asked(project))
    assert (broken.file, broken.lease_until) == ("", None) and place.name in broken.error
    assert broken.error.endswith(".") and "Traceback" not in broken.error
    place.unlink()
    gone = rendered(asked(project))
    assert gone.error == f"The video {place.name} does not exist."
    assert exporting.due() == [] and not list((place.parent / "tmp").glob("export-*"))


def test_an_unreadable_song_is_said(project: Project) -> None:
    storage.absolute(project.song.file).write_bytes(b"silence")
    said = rendered(asked(project)).error
    assert said.endswith("cannot be read; give the project its song again.")


def test_a_full_disk_is_said(project: Project) -> None:
    export = asked(project)
    folder = storage.absolute(storage.place(project, "exports", "x")).parent
    folder.rmdir()
    folder.write_text("a file where the folder should be")
    assert rendered(export).error.startswith("The file could not be written: ")


def test_waiting_renders_here_when_no_worker_lives(project: Project) -> None:
    heard: list[float] = []
    done = exporting.wait_for(asked(project), tick=lambda export: heard.append(export.progress))
    assert done.file and heard == [1.0]
