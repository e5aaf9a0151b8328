"""Folders of the script era, read: what comes out, what is said, and what is never looked at."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequences.starsend import NotFound, OldTake, Record, choices, lay, read, reread
from sequences.starsend.one import Source, read_record
from sequences.starsend.places import Places
from tests.sequences.starsend import tree


def one(tmp_path: Path, data: Any, name: str = "SEQ01") -> Record:
    """A record read from a folder of its own."""
    tree.record(tmp_path, name, data)
    return read(tmp_path).records[0]


def take(tmp_path: Path, **data: Any) -> OldTake:
    """The only take of a record with that take."""
    return one(tmp_path, {"prompt": "x", "takes": [{"file": "gone.mp4", **data}]}).takes[0]


def test_where_the_records_lie(tmp_path: Path) -> None:
    tree.record(tmp_path, "SEQ01", {"prompt": "a pier"})
    project = tmp_path / "projects/night-ferry"
    for root in (tmp_path, tmp_path / "projects", project, project / "state/starsend", tmp_path / tree.SHOTS):
        old = read(root)
        assert (old.folder, [r.key for r in old.records], old.title) == ("night-ferry", ["SEQ01"], "Night Ferry"), root


def test_several_projects_are_chosen_from(tmp_path: Path) -> None:
    for name in ("one", "two"):
        tree.record(tmp_path, "SEQ01", {"prompt": name}, f"projects/{name}/state/starsend/shots")
    assert choices(tmp_path) == ("one", "two")
    with pytest.raises(NotFound, match="one, two. Say which with --folder"):
        read(tmp_path)
    assert read(tmp_path, "two").records[0].parts[0].text == "two"


@pytest.mark.parametrize("place", ["gone", "."])
def test_no_such_work(tmp_path: Path, place: str) -> None:
    with pytest.raises(NotFound, match="no folder|holds no projects"):
        read(tmp_path / place)


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        ({"prompt": "a pier"}, ["a pier"]),
        ({"prompts": ["a", "b"]}, ["a", "b"]),
        ({"prompt": {"1": "a", "shot_2": {"text": "b"}}}, ["a", "b"]),
        ({"prompt": {"positive": "a", "negative": "n"}}, ["a"]),
        ({"shots": [{"number": 2, "prompt": "b"}, {"number": 1, "description": "a"}]}, ["a", "b"]),
        ({"prompt": "Shot 1: a. Shot 2: b."}, ["a.", "b."]),
        ({"prompt": "a | b", "durations": [2, 3]}, ["a", "b"]),
        ({"status": "draft"}, []),
    ],
)
def test_prompts_of_a_sequence(tmp_path: Path, data: Any, texts: list[str]) -> None:
    assert [p.text for p in one(tmp_path, data).parts] == texts


def test_a_prompt_that_cannot_be_split_is_kept_whole_and_told(tmp_path: Path) -> None:
    found = one(tmp_path, {"prompt": "Shot 1: a pier. Shot 4: a ferry"})
    assert [p.text for p in found.parts] == ["Shot 1: a pier. Shot 4: a ferry"]
    assert "kept whole" in " ".join(found.problems)


def test_several_records_in_one_file(tmp_path: Path) -> None:
    tree.record(tmp_path, "all", {"SEQ01_SH01": {"prompt": "a"}, "SEQ01_SH02": {"prompt": "b"}})
    tree.record(tmp_path, "more", [{"id": "SEQ02", "prompt": "c"}, {"id": "SEQ02", "prompt": "d"}, 7])
    tree.record(tmp_path, "rest", {"shots": [{"shot_id": "SEQ03_SH01", "prompt": "e"}]})
    found = read(tmp_path).records
    assert [r.name for r in found] == [
        "all.json/SEQ01_SH01", "all.json/SEQ01_SH02", "more.json/SEQ02", "more.json/SEQ02 2", "more.json/3",
        "rest.json/SEQ03_SH01",
    ]  # fmt: skip
    assert found[4].problems == ("It is no table of fields; it was left out.",) and found[4].raw == 7
    assert [(s.code, len(s.shots)) for s in lay(found)] == [("SEQ01", 2), ("SEQ02", 1), ("SEQ03", 1)]


def test_names_of_records_are_their_own(tmp_path: Path) -> None:
    long = "x" * 230
    for name, data in (
        (f"{long}a", {}),
        (f"{long}b", {}),
        ("a#1", {}),
        ("a", [{"id": "b"}, {"id": "b 3"}, {"id": "b"}]),
    ):
        tree.record(tmp_path, name, data or {"prompt": "x"})
    os.mkdir(os.fsencode(tmp_path / tree.SHOTS) + b"/\xff")
    old = read(tmp_path)
    names = [r.name for r in old.records]
    assert len(names) == len(set(names)) == 6 and max(map(len, names)) <= 200
    assert old.problems == ("1 files or folders have names that are no text; they were not looked at.",)


def test_gates_in_every_spelling(tmp_path: Path) -> None:
    gates = {
        "a": True, "b": "failed", "c": {"score": 0.7, "limit": 0.8}, "d": {"score": 0.9, "threshold": 0.8},
        "e": {"value": 3, "max": 2}, "f": {"passed": False, "reason": "too dark"}, "g": 0.4, "h": {}, "i": None,
    }  # fmt: skip
    found = take(tmp_path, gates=gates).checks
    assert [(c.name, c.result) for c in found] == [
        ("a", "pass"), ("b", "fail"), ("c", "fail"), ("d", "pass"), ("e", "fail"), ("f", "fail"), ("g", "warn"),
    ]  # fmt: skip
    assert (found[2].measured, found[2].limit, found[5].measured, found[6].measured) == (
        "0.7",
        "0.8",
        "too dark",
        "0.4",
    )


def test_gates_as_a_list_and_nested(tmp_path: Path) -> None:
    listed = take(tmp_path, checks=[{"name": "black", "pass": True}, {"gate": "cuts", "status": "warn"}]).checks
    assert [(c.name, c.result) for c in listed] == [("black", "pass"), ("cuts", "warn")]
    nested = take(tmp_path, qc={"passed": False, "checks": {"black": "ok"}}).checks
    assert [(c.name, c.result) for c in nested] == [("passed", "fail"), ("black", "pass")]


@pytest.mark.parametrize(
    "said",
    [
        {"approved": 2}, {"selected": "b.mp4"}, {"chosen": {"file": "x/b.mp4"}}, {"best_take": "T2"},
        {"status": "approved"}, {"approved": True}, {"selected_take": "take_2"},
    ],
)  # fmt: skip
def test_the_chosen_take(tmp_path: Path, said: Any) -> None:
    found = one(tmp_path, {"prompt": "x", "takes": ["x/a.mp4", "x/b.mp4"], **said})
    assert [t.decision for t in found.takes] == ["", "approved"]


def test_a_choice_that_is_none_of_them(tmp_path: Path) -> None:
    found = one(tmp_path, {"prompt": "x", "takes": ["a.mp4"], "status": "approved", "selected": "z.mp4"})
    assert found.takes[0].decision == "" and "none of its takes" in " ".join(found.problems)


def test_names_lead_nowhere_else(tmp_path: Path) -> None:
    root = tmp_path / "in"
    outside = tree.film(tmp_path / "outside.mp4", tree.RED)
    shots = root / tree.SHOTS
    tree.film(shots / "real.mp4", tree.BLUE)
    os.symlink(outside, shots / "link.mp4")
    os.symlink(tmp_path, shots / "door")
    os.symlink(shots, root / "projects/night-ferry/loop")
    names = ["../../../../../outside.mp4", str(outside), "link.mp4", "door/outside.mp4", "file:///etc/passwd", "..",
             "https://example.com/outside.mp4?sig=1", "a\0b.mp4", "/", "door", "real.mp4"]  # fmt: skip
    found = one(root, {"prompt": "x", "takes": names})
    where = [c.path for t in found.takes for c in t.clips]
    assert [p for p in where if p] == [shots / "real.mp4"]
    said = " ".join(found.problems)
    assert said.count("leads out") == 2 and said.count("symlink") == 3 and "sig=1" not in " ".join(found.problems[2:4])


def test_media_by_any_name(tmp_path: Path) -> None:
    clip = tree.film(tmp_path / tree.SHOTS / "SEQ01/clip.mp4", tree.RED)
    for name in ("SEQ01/clip.mp4", "./SEQ01/clip.mp4", "clip.mp4", str(clip), "SEQ01\\clip.mp4", "CLIP.MP4",
                 "/Users/old/night-ferry/state/starsend/shots/SEQ01/clip.mp4", f"file://{clip}",
                 "state/starsend/shots/SEQ01/clip.mp4", "https://cdn.example.com/x/clip.mp4?t=1"):  # fmt: skip
        found = one(tmp_path, {"takes": [{"file": name}]})
        assert found.takes[0].clips[0].path == clip, name
    tree.film(tmp_path / tree.SHOTS / "SEQ02/clip.mp4", tree.RED)
    assert "could be any of 2" in " ".join(one(tmp_path, {"takes": ["clip.mp4"]}).problems)


def test_shots_are_numbered_anew_and_keep_their_numbers(tmp_path: Path) -> None:
    def records(*olds: int) -> list[Record]:
        return [reread(f"SEQ01_SH{n:03d}", {"prompt": f"shot {n}"}) for n in olds]

    first = lay(records(10, 20))[0]
    assert [(s.number, s.old) for s in first.shots] == [(1, 10), (2, 20)]
    assert ("SEQ01_SH010", "Its shot 10 is shot 1 of SEQ01 here.") in first.said
    again = lay(records(10, 15, 20), before=records(10, 20))[0]
    assert [(s.number, s.old) for s in again.shots] == [(1, 10), (2, 20), (3, 15)]


def test_sequences_without_times_are_laid_one_after_another(tmp_path: Path) -> None:
    records = [reread("SEQ02", {"prompt": "x", "duration": 3}), reread("SEQ10", {"prompts": ["a", "b"]}),
               reread("SEQ01", {"start": 1, "end": 5, "prompts": ["a", "b"]})]  # fmt: skip
    laid = lay(records)
    assert [(s.code, s.start, s.end, s.told) for s in laid] == [
        ("SEQ01", 1, 5, True), ("SEQ02", 5, 8, False), ("SEQ10", 8, 18, False),
    ]  # fmt: skip
    assert [s.seconds for s in laid[0].shots] == [2, 2] and [s.seconds for s in laid[2].shots] == [5, 5]


def test_overlaps_are_pushed_on_and_told() -> None:
    laid = lay([reread("SEQ01", {"start": 0, "end": 4}), reread("SEQ02", {"start": 3, "end": 6})])
    assert [(s.start, s.end) for s in laid] == [(0, 4), (4, 7)] and "inside the one before" in laid[1].said[0][1]


def test_lengths_from_clips() -> None:
    records = [reread("SEQ01_SH01", {"takes": ["a.mp4"]}), reread("SEQ01_SH02", {"seconds": 2})]
    assert [s.seconds for s in lay(records, lambda place: Decimal("3.5"))[0].shots] == [Decimal("3.5"), 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["SEQ01", "a.mp4", "../x", "approved", "Shot 1: a. Shot 2: b", "[0-5s] a [5-9s] b", "0:10"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
NAMES = ["id", "sequence", "shot", "status", "section", "start", "end", "time", "duration", "durations", "prompt",
         "prompts", "shots", "takes", "attempts", "file", "clips", "model", "cost", "cost_cents", "seed", "created_at",
         "gates", "checks", "approved", "selected", "start_frame", "grid", "grids", "layout", "rows", "contact_sheet",
         "characters", "refs", "name", "number", "url", "path"]  # fmt: skip
RECORDS = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner | st.lists(inner, max_size=3) | JSON, max_size=6),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(JSON | RECORDS | st.lists(RECORDS, max_size=3))
def test_any_value_in_any_place_is_read(data: Any) -> None:
    record = read_record(data, Source("SEQ01.json", "SEQ01", "SEQ01", ("",)), Places(None))
    assert all(isinstance(p, str) and p.strip() for p in record.problems)
    for sequence in lay([record]):
        assert sequence.end > sequence.start >= 0 and all(s.seconds > 0 for s in sequence.shots)
        assert [s.number for s in sequence.shots] == list(range(1, len(sequence.shots) + 1))
        assert 0 < len(sequence.code) <= 20


@settings(max_examples=30, deadline=None)
@given(
    st.binary(max_size=60) | RECORDS.map(lambda d: json.dumps(d).encode()) | JSON.map(lambda d: json.dumps(d).encode())
)
def test_any_bytes_in_any_file_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    root = tmp_path_factory.mktemp("any")
    tree.record(root, "SEQ01", {"prompt": "a pier"})
    (root / tree.SHOTS / "odd.json").write_bytes(data)
    for name in ("project.json", "refs/characters/mara/about.json"):
        path = root / "projects/night-ferry" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    old = read(root)
    assert old.title and "SEQ01" in [r.key for r in old.records] and json.dumps([r.raw for r in old.records])
