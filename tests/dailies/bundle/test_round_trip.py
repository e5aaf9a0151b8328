"""Out and in again: every row and every file is the same, by hash."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from dailies.bundle import export_bundle, import_bundle, verify_bundle
from dailies.bundle.tables import LEFT_OUT, columns, is_file, rows_of, tables
from dailies.models import Export
from sequences import storage
from sequences.errors import Refusal
from sequences.models import Event, ImportedRecord, Job, Membership, Project, Take
from sequences.queries.proof import proof
from tests import factories
from tests.dailies.bundle.world import Packed, disk, untouched

pytestmark = pytest.mark.django_db


def counted(project: Project) -> dict[str, int]:
    return {label: rows_of(label, project).count() for label in tables()}


def test_the_same_rows_and_files_come_out_again(packed: Packed, tmp_path: Path) -> None:
    there = import_bundle(bundle=packed.bundle, slug="elsewhere", owner=packed.owner).project
    assert there is not None
    again = export_bundle(actor=packed.owner, project=there, out=tmp_path / "again.seqboard")
    once = verify_bundle(bundle=packed.bundle)
    assert again.data_sha256 == once.data_sha256 and again.media_sha256 == once.media_sha256
    assert again.files == once.files and again.counts == once.counts
    assert min(n for label, n in once.counts.items() if label != "sequences.daybudget") > 0, once.counts
    assert once.missing == {}
    assert (there.title, there.client) == (packed.project.title, "Zoë & Söhne")
    assert there.spent_micros == packed.project.spent_micros > 0 == there.held_micros
    assert proof(there) == []


def test_the_same_project_gives_the_same_bytes(packed: Packed, tmp_path: Path) -> None:
    export_bundle(actor=None, project=packed.project, out=tmp_path / "a.seqboard")

    def contents(path: Path) -> list[tuple[str, Any, str]]:
        with zipfile.ZipFile(path) as found:
            infos = [i for i in found.infolist() if i.filename != "manifest.json"]
            return [(i.filename, i.date_time, hashlib.sha256(found.read(i)).hexdigest()) for i in infos]

    assert contents(tmp_path / "a.seqboard") == contents(packed.bundle)


def test_any_zip_tool_can_read_it(packed: Packed) -> None:
    with zipfile.ZipFile(packed.bundle) as found:
        assert found.testzip() is None
        manifest = json.loads(found.read("manifest.json"))
        takes = json.loads(found.read("data/sequences.take.json"))
        stored = {i.compress_type for i in found.infolist() if i.filename.startswith("media/")}
    assert (manifest["format"], manifest["project"]["slug"]) == (1, packed.project.slug)
    here = Take.objects.filter(sequence__project=packed.project).order_by("pk")
    assert [t["number"] for t in takes] == [t.number for t in here]
    assert stored == {zipfile.ZIP_STORED}


def test_every_row_leads_into_its_own_project(packed: Packed) -> None:
    there = import_bundle(bundle=packed.bundle, slug="elsewhere", owner=packed.owner).project
    assert there is not None and counted(there) == counted(packed.project)
    for label in tables():
        for row in rows_of(label, there):
            for column in columns(label):
                value = getattr(row, column.attname)
                if is_file(column) and value:
                    assert value.startswith("projects/elsewhere/") and storage.absolute(value).is_file()
    asked = json.dumps(list(Job.objects.filter(project=there).values("request")))
    assert "projects/elsewhere/" in asked and f"projects/{packed.project.slug}/" not in asked
    connection.check_constraints()
    takes = set(Take.objects.filter(sequence__project=there).values_list("pk", flat=True))
    named = [s["take_id"] for e in Export.objects.filter(project=there) for s in e.cut["segments"]]
    assert {n for n in named if n is not None} <= takes and any(named)
    events = Event.objects.filter(project=there, subject="take").values_list("subject_id", flat=True)
    assert set(events) == takes
    record = ImportedRecord.objects.get(project=there)
    assert record.raw == {"$file": "projects/x", "path": "media/a"}
    assert record.made[0][0] == "take" and record.made[0][1] in takes


def test_secrets_stay_at_home_and_nothing_waits_for_a_call(packed: Packed) -> None:
    there = import_bundle(bundle=packed.bundle, slug="elsewhere", owner=packed.owner).project
    with zipfile.ZipFile(packed.bundle) as found:
        raw = b"".join(found.read(n) for n in found.namelist() if n.startswith("data/"))
    for job in Job.objects.filter(project=packed.project):
        assert job.token.encode() not in raw and (not job.lease_owner or job.lease_owner.encode() not in raw)
    mine = Job.objects.filter(project=there)
    assert not mine.exclude(look_again_at=None).exists() and not mine.exclude(late="").exists()
    assert not set(mine.values_list("token", flat=True)) & set(
        Job.objects.filter(project=packed.project).values_list("token", flat=True)
    )
    assert [(m.user_id, m.role) for m in Membership.objects.filter(project=there)] == [(packed.owner.pk, "owner")]


def test_moments_and_people_stay(packed: Packed) -> None:
    there = import_bundle(bundle=packed.bundle, slug="elsewhere", owner=factories.make_user()).project
    assert there is not None and there.created_at == packed.project.created_at
    for mine, theirs in zip(rows_of("sequences.take", there), rows_of("sequences.take", packed.project), strict=True):
        assert (mine.created_at, mine.made_at) == (theirs.created_at, theirs.made_at)
    names = [v.user.get_username() for v in rows_of("dailies.verdict", there)]
    assert names == [packed.owner.get_username()] * len(names) and names


def test_people_nobody_knows_here_are_left_empty(packed: Packed) -> None:
    name = packed.owner.username
    packed.owner.username = "somebody-else"
    packed.owner.save()
    there = import_bundle(bundle=packed.bundle, slug="elsewhere", owner=packed.owner).project
    assert there is not None
    assert {v.user for v in rows_of("dailies.verdict", there)} == {None}
    assert name not in str(list(there.events.values_list("actor__username", flat=True)))


def test_pages_of_the_imported_project_open(packed: Packed, client: Client) -> None:
    import_bundle(bundle=packed.bundle, slug="elsewhere", owner=packed.owner)
    client.force_login(packed.owner)
    for name in ("board", "dailies", "cut", "elements", "project_edit", "costs", "decisions"):
        assert client.get(reverse(name, args=["elsewhere"])).status_code == 200, name
    assert client.get(reverse("sequence", args=["elsewhere", "SEQ01"])).status_code == 200
    assert client.get(reverse("dailies_take", args=["elsewhere", "SEQ01", 2])).status_code == 200


def test_a_rehearsal_writes_nothing(packed: Packed) -> None:
    with untouched():
        found = import_bundle(bundle=packed.bundle, slug="elsewhere", dry_run=True)
    assert found.project is None and found.as_data()["rows"] > 50


def test_a_slug_in_use_is_refused(packed: Packed) -> None:
    with untouched(), pytest.raises(Refusal, match="There is a project .* already; choose another slug"):
        import_bundle(bundle=packed.bundle)
    with untouched(), pytest.raises(Refusal, match="use letters and digits"):
        import_bundle(bundle=packed.bundle, slug="../up")


def test_a_name_with_files_of_somebody_is_refused(packed: Packed) -> None:
    left = Path(settings.MEDIA_ROOT) / "projects" / "elsewhere" / "song" / "a.wav"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    try:
        with untouched(), pytest.raises(Refusal, match="files of an earlier project"):
            import_bundle(bundle=packed.bundle, slug="elsewhere")
    finally:
        left.unlink()


def test_what_is_in_flight_stays_where_it_is(packed: Packed, tmp_path: Path) -> None:
    take = factories.make_take(factories.sequence_of(packed.project, "SEQ02"), "making")
    with untouched(), pytest.raises(Refusal, match=f"still being worked on: .*T{take.number}.*queued"):
        export_bundle(actor=packed.owner, project=packed.project, out=tmp_path / "x.seqboard")
    assert list(tmp_path.iterdir()) == []


def test_only_owners_export(packed: Packed, tmp_path: Path) -> None:
    artist = factories.add_member(packed.project)
    with pytest.raises(Refusal, match="this takes an owner"):
        export_bundle(actor=artist, project=packed.project, out=tmp_path / "x.seqboard")


def test_a_lost_or_changed_file_is_named_and_left_out(packed: Packed, tmp_path: Path) -> None:
    lost, changed = packed.project.song.file, Take.objects.filter(sequence__project=packed.project).first().file
    paths = [storage.absolute(name) for name in (lost, changed)]
    was = [path.read_bytes() for path in paths]
    try:
        paths[0].unlink()
        paths[1].write_bytes(b"damaged")
        found = export_bundle(actor=None, project=packed.project, out=tmp_path / "x.seqboard")
    finally:
        for path, content in zip(paths, was, strict=True):
            path.write_bytes(content)
    said = {Path(name).name: why for name, why in found.missing.items()}
    assert said == {
        Path(lost).name: "it is not on the disk",
        Path(changed).name: "what is on the disk is not what its row says",
    }
    there = import_bundle(bundle=tmp_path / "x.seqboard", slug="elsewhere").project
    assert there is not None and not storage.absolute(there.song.file).exists()


def test_every_table_of_the_product_is_bundled_or_left_out_on_purpose() -> None:
    assert LEFT_OUT.isdisjoint(tables())
    for label in tables():
        assert str(rows_of(label, Project(pk=1, slug="x")).query), label
    words = {"source", "why", "label", "outcome", "refs", "song_file", "note"}
    paths = [
        f"{label}.{c.name}" for label in tables() for c in columns(label)
        if getattr(c, "max_length", None) == 300 and not is_file(c) and c.name not in words
    ]  # fmt: skip
    assert paths == [], "a new column that holds a path must be named in FILES of the bundle's tables"


def test_the_scratch_is_empty_afterwards(packed: Packed) -> None:
    before = {name for name in disk() if name.startswith("tmp")}
    import_bundle(bundle=packed.bundle, slug="elsewhere")
    assert {name for name in disk() if name.startswith("tmp")} == before
    assert not [name for name in disk() if ".arriving" in name]
