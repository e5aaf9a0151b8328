"""The mapping of paths and numbers inside JSON, on generated JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dailies.bundle import tags
from dailies.bundle.rows import without_addresses

FOLDER = "projects/night-ferry/"
WORDS = st.text(max_size=8) | st.sampled_from(["$file", "$row", "$$file", "$", "path", "sha256"])
PATHS = st.sampled_from(
    [f"{FOLDER}seq01/t1/a.mp4", f"{FOLDER}", f"{FOLDER}../x", FOLDER[:-1], f"{FOLDER}tmp/x", "media/a"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | PATHS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4))


def no_rows(label: str, number: int) -> int:
    raise AssertionError(f"nothing here leads to a row: {label} {number}")


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_packed_and_unpacked_is_the_same_whatever_it_holds(value: Any) -> None:
    assert tags.unpacked(tags.packed(value, FOLDER), FOLDER, no_rows) == value


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_under_another_name_only_paths_change(value: Any) -> None:
    moved = tags.unpacked(tags.packed(value, FOLDER), "projects/two/", no_rows)
    back = tags.unpacked(tags.packed(moved, "projects/two/"), FOLDER, no_rows)
    assert back == value
    assert tags.packed(moved, "projects/two/") == tags.packed(value, FOLDER)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(1, 1000))
def test_numbers_of_rows_are_mapped_where_they_stand(numbers: list[int], shift: int) -> None:
    cut = {"segments": [{"take_id": n, "frames": n, "file": f"{FOLDER}t{n}.mp4"} for n in numbers]}
    place = ("segments", "*", "take_id")
    packed = tags.with_row(tags.packed(cut, FOLDER), place, lambda n: {tags.ROW: ["sequences.take", n]})
    out = tags.unpacked(packed, FOLDER, lambda label, n: n + shift)
    assert [s["take_id"] for s in out["segments"]] == [n + shift for n in numbers]
    assert [s["frames"] for s in out["segments"]] == numbers
    assert {name for name, _ in tags.files(packed)} == {f"t{n}.mp4" for n in numbers}


def test_the_hash_beside_a_path_is_known() -> None:
    request = {"start": {"path": f"{FOLDER}a.png", "sha256": "ab"}, "other": f"{FOLDER}b.png"}
    assert sorted(tags.files(tags.packed(request, FOLDER))) == [("a.png", "ab"), ("b.png", "")]


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", "a\\b", "C:x", "a\0b", "a\nb", ".hidden", "a/.x",
     "tmp/x", "a.", "a /b", "x" * 251],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_none(name: str) -> None:
    assert not tags.clean(name)
    with pytest.raises(tags.BadTag):
        tags.unpacked({"$file": name}, FOLDER, no_rows)


@pytest.mark.parametrize("tag", [{"$file": 3}, {"$row": 3}, {"$row": ["sequences.take"]}, {"$other": 1}])
def test_a_tag_that_says_nothing_is_refused(tag: Any) -> None:
    with pytest.raises(tags.BadTag):
        tags.unpacked([{"deep": tag}], FOLDER, no_rows)


def test_addresses_of_a_provider_are_cut_once() -> None:
    said = {"video": {"url": "https://v3.example.media/files/a.mp4?sig=1"}, "n": 3, "l": ["see http://x.org/y now"]}
    cut = without_addresses(said)
    assert cut == {"video": {"url": "https://…"}, "n": 3, "l": ["see http://… now"]}
    assert without_addresses(cut) == cut
