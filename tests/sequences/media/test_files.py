from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sequences.media.files import part_path, safe_replace, sha256_of, written


def test_a_hash_is_of_all_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000
    (tmp_path / "a").write_bytes(data)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_a_part_lies_beside_its_final_name(tmp_path: Path) -> None:
    assert part_path(tmp_path / "take.mp4") == tmp_path / "take.mp4.part"


def test_a_finished_file_replaces_the_old_one(tmp_path: Path) -> None:
    final = tmp_path / "a.txt"
    final.write_text("old")
    part_path(final).write_text("new")
    safe_replace(part_path(final), final)
    assert final.read_text() == "new"
    assert list(tmp_path.iterdir()) == [final]


def test_an_error_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    final = tmp_path / "deep" / "a.txt"
    with written(final) as part:
        part.write_text("old")
    with pytest.raises(RuntimeError), written(final) as part:
        part.write_text("half")
        raise RuntimeError
    assert final.read_text() == "old"
    assert list(final.parent.iterdir()) == [final]
