"""Bundles that mean no good: each is refused with its sentence, and nothing is left on the disk or in rows."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from dailies.bundle import import_bundle, verify_bundle
from dailies.bundle.manifest import Entry, together
from sequences.errors import Refusal
from tests.dailies.bundle.world import Packed, untouched

pytestmark = pytest.mark.django_db

Files = dict[str, bytes]
Rows = list[dict[str, Any]]


def opened(bundle: Path) -> Files:
    with zipfile.ZipFile(bundle) as found:
        return {name: found.read(name) for name in found.namelist()}


def zipped(files: Files, out: Path, *more: tuple[Any, bytes]) -> Path:
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in [*files.items(), *more]:
            archive.writestr(name, content)
    return out


def listed(files: Files, /, **changes: Any) -> Files:
    """The manifest made anew, as somebody would who knows the format."""
    manifest = json.loads(files["manifest.json"])
    entries = {n: Entry(hashlib.sha256(b).hexdigest(), len(b)) for n, b in files.items() if n != "manifest.json"}
    manifest["files"] = {n: {"sha256": e.sha256, "size": e.size} for n, e in entries.items()}
    for key in ("data", "media"):
        manifest[f"{key}_sha256"] = together({n: e for n, e in entries.items() if n.startswith(f"{key}/")})
    for name in (n for n in files if n.startswith("data/")):
        manifest["counts"][name[5:-5]] = max(0, files[name].count(b"\n") - 2)
    return {**files, "manifest.json": json.dumps({**manifest, **changes}).encode()}


def written(rows: Rows) -> bytes:
    return b"[" + b",".join(b"\n" + json.dumps(row).encode() for row in rows) + b"\n]\n"


def with_rows(files: Files, table: str, change: Callable[[Rows], object]) -> Files:
    name = f"data/{table}.json"
    rows = json.loads(files[name])
    change(rows)
    return listed({**files, name: written(rows)})


def with_first(table: str, **values: Any) -> Callable[[Files], Files]:
    return lambda files: with_rows(files, table, lambda rows: rows[0].update(values))


def refused(bundle: Path, sentence: str) -> None:
    with untouched(), pytest.raises(Refusal, match=sentence) as told:
        import_bundle(bundle=bundle, slug="elsewhere")
    assert "\n" not in str(told.value) and str(told.value).endswith(".")


def test_the_helper_makes_good_bundles(packed: Packed, tmp_path: Path) -> None:
    verify_bundle(bundle=zipped(listed(opened(packed.bundle)), tmp_path / "x"))


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("media/../../evil.png", "leads out of the bundle"),
        ("/etc/evil.png", "leads out of the bundle"),
        ("media\\..\\evil.png", "leads out of the bundle"),
        ("media/x/", "plain files only"),
        (link("media/x.png"), "is a link"),
        ("media/page.html", "neither picture nor film nor sound"),
        ("media/app.js", "neither picture nor film nor sound"),
        ("media/x.svg", "neither picture nor film nor sound"),
        ("media/extra.png", "is in it and not in its manifest"),
        ("data/auth.user.json", "is in it and not in its manifest"),
        ("run.sh", "is in it and not in its manifest"),
    ],
)
def test_entries_that_do_not_belong(packed: Packed, tmp_path: Path, name: Any, sentence: str) -> None:
    refused(zipped(opened(packed.bundle), tmp_path / "x", (name, b"../../../etc/passwd")), sentence)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice(packed: Packed, tmp_path: Path) -> None:
    files = opened(packed.bundle)
    name = next(n for n in files if n.startswith("media/"))
    refused(zipped(files, tmp_path / "x", (name, b"other")), "is in it twice")


@pytest.mark.parametrize("name", ["data/../../x.json", "data/x.json", "other/x", "media/.ssh/x", "media/a//b"])
def test_names_that_the_manifest_invents(packed: Packed, tmp_path: Path, name: str) -> None:
    refused(zipped(listed({**opened(packed.bundle), name: b"x"}), tmp_path / "x"), "leads out|no name of a file")


def test_no_zip_at_all(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"PK\x03\x04 but no more")
    refused(tmp_path / "x", "no whole zip file")
    refused(tmp_path / "none", "there is no such file")
    zipped({"a": b"b"}, tmp_path / "y")
    refused(tmp_path / "y", "has no manifest.json")


def test_cut_short_and_flipped(packed: Packed, tmp_path: Path) -> None:
    raw = packed.bundle.read_bytes()
    (tmp_path / "short").write_bytes(raw[: len(raw) // 2])
    refused(tmp_path / "short", "no whole zip file")
    with zipfile.ZipFile(packed.bundle) as found:
        info = next(i for i in found.infolist() if i.filename.startswith("media/"))
    at = info.header_offset + 30 + len(info.filename) + 40
    (tmp_path / "flipped").write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    refused(tmp_path / "flipped", "cannot be unpacked: Bad CRC-32")


def test_bytes_that_are_not_those_of_the_manifest(packed: Packed, tmp_path: Path) -> None:
    files = opened(packed.bundle)
    name = next(n for n in files if n.startswith("media/"))
    other = bytes([files[name][0] ^ 1]) + files[name][1:]
    refused(zipped({**files, name: other}, tmp_path / "x"), "is damaged: its hash")
    refused(zipped({**files, name: other + b"x"}, tmp_path / "y"), r"has \d+ bytes, and its manifest.json says")
    files.pop(name)
    refused(zipped(files, tmp_path / "z"), "is in its manifest.json and not in it")


def test_too_many_and_too_large(packed: Packed, tmp_path: Path) -> None:
    with override_settings(BUNDLE_MAX_FILES=5):
        refused(packed.bundle, "BUNDLE_MAX_FILES allows 5")
    bomb = tmp_path / "bomb"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("media/a.png", bytes(30_000_000))
    with override_settings(BUNDLE_MAX_GB=0.01):
        refused(bomb, "Unpacked it is 0.0 GB, and BUNDLE_MAX_GB allows 0.01")


def test_a_bomb_that_lies_about_its_size(packed: Packed, tmp_path: Path) -> None:
    """The sizes written in the archive are small; what comes out is counted."""
    files = opened(packed.bundle)
    name = next(n for n in files if n.startswith("media/"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in files.items():
            archive.writestr(entry, bytes(20_000_000) if entry == name else content)
    raw = bytearray(made.getvalue())
    at = raw.rindex(name.encode())  # in the central directory, its name stands behind 46 bytes
    struct.pack_into("<L", raw, at - 46 + 24, len(files[name]))
    (tmp_path / "x").write_bytes(raw)
    refused(tmp_path / "x", "cannot be unpacked|is damaged|no whole zip file")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 2}, "It is of format 2, and this studio reads up to 1; bring the studio up to date"),
        ({"format": "1"}, "it does not say its format"),
        ({"files": []}, "is not whole"),
        ({"project": {"slug": "../x", "title": "x"}}, "is none"),
        ({"data_sha256": "0" * 64}, "data_sha256 of its manifest.json is not that of its list"),
        ({"counts": {"sequences.project": 2}}, "holds 2 projects"),
        ({"counts": {"sequences.project": 1, "auth.user": 1}}, "table auth.user, which this studio does not know"),
        ({"counts": {"sequences.project": True}}, "is no size and no count"),
        ({"missing": {"media/../x": "gone"}}, "no name of a file"),
    ],
)  # fmt: skip
def test_manifests(packed: Packed, tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    refused(zipped(listed(opened(packed.bundle), **changes), tmp_path / "x"), sentence)


def test_a_manifest_without_end(packed: Packed, tmp_path: Path) -> None:
    refused(zipped({"manifest.json": b"[" * 200_000}, tmp_path / "x"), "cannot be read")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_first("sequences.job", state="queued"), "still being made; a bundle holds nothing in flight"),
        (with_first("sequences.job", late="awaited"), "still being made"),
        (with_first("sequences.take", state="making"), "still being made"),
        (with_first("dailies.export", file="", error=""), "still being made"),
        (with_first("sequences.take", state="excellent"), "state: It is 'excellent'"),
        (with_first("sequences.take", rate="1/0"), "rate: It is '1/0', which is no frame rate"),
        (with_first("sequences.take", number=-1), "number: "),
        (with_first("sequences.take", number=None), "number: It is empty"),
        (with_first("sequences.take", number=[1]), "number: It is no plain value"),
        (with_first("sequences.take", mode="x" * 50), "mode: "),
        (with_first("sequences.take", created_at="yesterday"), "created_at: "),
        (with_first("sequences.take", sequence=999), "leads to row 999 of sequences.sequence, which is not there"),
        (with_first("sequences.take", sequence=None), "sequence: It is empty"),
        (with_first("sequences.take", plan={"$row": ["auth.user", 1]}), "leads to row 1 of auth.user"),
        (with_first("sequences.take", plan={"$file": "../../x"}), "no path of a project"),
        (with_first("sequences.take", plan={"$boom": 1}), "this version does not know"),
        (with_first("sequences.take", file="../../../etc/passwd"), "no path of a project"),
        (with_first("sequences.take", file="/etc/passwd"), "no path of a project"),
        (with_first("sequences.take", file="nowhere.mp4"), "names nowhere.mp4, which is not in it"),
        (with_first("sequences.take", sha256="0" * 64), "the hashes differ"),
        (with_first("sequences.take", secret=1), "says secret, which this studio does not know"),
        (with_first("sequences.take", error="a\0b"), "holds a NUL character"),
        (with_first("sequences.take", error="\ud800"), "cannot be read"),
        (with_first("sequences.take", id=7), "is numbered 7"),
        (with_first("sequences.project", provider="nobody"), "Its provider is 'nobody'; this studio has"),
        (with_first("sequences.project", width=0), "do not go together"),
        (with_first("sequences.project", check_limits={"x": 1}), "check limits are none"),
        (with_first("sequences.ledgerentry", amount_micros=-5), "amount_micros|do not go together"),
        (lambda f: with_rows(f, "sequences.ledgerentry", lambda rows: rows.pop()), "Money is still held for 1 of its"),
        (lambda f: with_rows(f, "sequences.shot", lambda rows: rows[1].update({**rows[0], "id": 2})), "go together"),
        (lambda f: listed({**f, "media/extra.png": b"x"}), "media/extra.png is named by none of its rows"),
    ],
)  # fmt: skip
def test_rows(packed: Packed, tmp_path: Path, change: Callable[[Files], Files], sentence: str) -> None:
    refused(zipped(change(opened(packed.bundle)), tmp_path / "x"), sentence)


@pytest.mark.parametrize(
    "text",
    ["", "[", "{}\n", "[\n{}\n", "[\nnull\n]\n", '[\n{"id":NaN}\n]\n', "[\n]\n[\n]\n", "[" * 90_000],
    ids=range(8),
)
def test_tables_that_are_none(packed: Packed, tmp_path: Path, text: str) -> None:
    files = listed({**opened(packed.bundle), "data/dailies.note.json": text.encode()})
    manifest = json.loads(files["manifest.json"])
    manifest["counts"]["dailies.note"] = 1
    files["manifest.json"] = json.dumps(manifest).encode()
    refused(zipped(files, tmp_path / "x"), "dailies.note")


def test_a_bundle_of_an_older_version_lacks_columns_and_tables(packed: Packed, tmp_path: Path) -> None:
    """What has a default gets it; what a row cannot be without is asked for."""
    files = opened(packed.bundle)

    def older(rows: Rows) -> None:
        for row in rows:
            row.pop("epoch")
            row.pop("parent")

    files = with_rows(files, "sequences.take", older)
    files.pop("data/sequences.attempt.json")
    manifest = json.loads(files["manifest.json"])
    manifest["counts"].pop("sequences.attempt")
    files = listed({**files, "manifest.json": json.dumps(manifest).encode()})
    there = import_bundle(bundle=zipped(files, tmp_path / "x"), slug="elsewhere").project
    assert {t.parent for s in there.sequences.all() for t in s.takes.all()} == {None}
    torn = with_rows(files, "sequences.take", lambda rows: rows[0].pop("sequence"))
    verify = zipped(torn, tmp_path / "y")
    with pytest.raises(Refusal, match="sequence: It is empty"):
        verify_bundle(bundle=verify)


def test_no_room_on_the_disk(packed: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailies.bundle.importing.SPARE", 1 << 60)
    refused(packed.bundle, "GB are free; make room")
