"""Single values in the spellings scripts write, and names of sequences and shots."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sequences.starsend.naming import parse
from sequences.starsend.prompts import split
from sequences.starsend.values import decision, length, load, micros, moment, seconds, verdict, whole


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (4, "4"), (4.5, "4.5"), ("4.5s", "4.5"), ("4,5 sec", "4.5"), ("4500 ms", "4.5"), ("1:07.5", "67.5"),
        ("00:01:07", "67"), ("", None), (True, None), (-1, None), ("soon", None), (float("nan"), None),
        (10**400, None), ([4], None),
    ],
)  # fmt: skip
def test_times(value: Any, read: str | None) -> None:
    assert seconds(value) == (Decimal(read) if read else None)


def test_a_length_is_more_than_nothing() -> None:
    assert length(0) is None and length("3s") == 3 and length(20_000) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0.56, 560_000), ("$0.56", 560_000), ("0.56 USD", 560_000), ("56c", 560_000), ("56 cents", 560_000),
        ({"amount": 0.56, "currency": "USD"}, 560_000), ("free", None), (-1, None), (True, None), (0, 0), (None, None),
    ],
)  # fmt: skip
def test_money(value: Any, read: int | None) -> None:
    assert micros(value) == read


def test_bare_cents() -> None:
    assert micros(56, cents=True) == micros("56", cents=True) == 560_000
    assert micros("$0.56", cents=True) == 560_000


@pytest.mark.parametrize("value", ["2026-03-01T10:00:00Z", "2026-03-01 11:00:00+01:00", 1772359200, 1772359200000])
def test_moments(value: Any) -> None:
    found = moment(value)
    assert found is not None and found.isoformat() == "2026-03-01T10:00:00+00:00"


def test_words() -> None:
    assert [verdict(v) for v in (True, False, "PASS", "failed", "warn", "3 found", 1)] == [
        "pass", "fail", "pass", "fail", "warn", "", "",
    ]  # fmt: skip
    assert [decision(v) for v in ("Approved", "selected", "rejected", "done", None)] == [
        "approved", "approved", "rejected", "", "",
    ]  # fmt: skip
    assert whole("12") == 12 and whole(12.0) == 12 and whole(1.5) is None and whole(True) is None


def test_json_is_made_fit_to_keep() -> None:
    assert load(b'{"a": NaN, "b": "x\\u0000y", "c": "\\ud800", "d": 1e999}') == {
        "a": "NaN", "b": "x\ufffdy", "c": "\ufffd", "d": "1e999",
    }  # fmt: skip
    with pytest.raises(ValueError, match="too deep"):
        load(b"[" * 5000 + b"]" * 5000)


@pytest.mark.parametrize(
    ("name", "code", "shot"),
    [
        ("SEQ03_SH02", "SEQ03", 2), ("seq03-shot-2", "SEQ03", 2), ("3.2", "SEQ03", 2), ("SEQ03", "SEQ03", None),
        ("Sequence 3 / Shot 12", "SEQ03", 12), ("s3sh02", "SEQ03", 2), ("nightferry_SEQ12_v2", "SEQ12", None),
        ("shot_07", "", 7), ("7", "SEQ07", None), ("Big Chorus!", "BIG-CHORUS", None), ("§", "", None),
    ],
)  # fmt: skip
def test_names(name: str, code: str, shot: int | None) -> None:
    found = parse(name)
    assert (found.code, found.shot) == (code, shot)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Shot 1 (5s): a pier. Shot 2 (4s): a ferry", [("a pier.", 5), ("a ferry", 4)]),
        ("**Shot 1** - a pier\n**Shot 2** - a ferry", [("a pier", None), ("a ferry", None)]),
        ("SHOT 1 [0-5s]: a pier SHOT 2 [5-9s]: a ferry", [("a pier", 5), ("a ferry", 4)]),
        ("[0-5s] a pier [5-9s] a ferry", [("a pier", 5), ("a ferry", 4)]),
        ("[0:00 - 0:05] a pier\n[0:05 - 0:09] a ferry", [("a pier", 5), ("a ferry", 4)]),
        ("0-5s: a pier\n5-9s: a ferry", [("a pier", 5), ("a ferry", 4)]),
        ("1. a pier\n2. a ferry\n", [("a pier", None), ("a ferry", None)]),
        ("Grainy. Shot 1: a pier. Shot 2: a ferry", [("Grainy.\na pier.", None), ("Grainy.\na ferry", None)]),
    ],
)
def test_prompts_that_can_be_split(text: str, pieces: list[tuple[str, int | None]]) -> None:
    found = split(text)
    assert found is not None and [(p.text, p.seconds) for p in found.pieces] == pieces


@pytest.mark.parametrize(
    "text",
    [
        "a pier at dawn", "Shot 2: a pier. Shot 3: a ferry", "Shot 1: a pier. Shot 1: a ferry", "Shot 1: Shot 2: x",
        "[0-5s] a pier [7-9s] a ferry", "1. a pier", "as in shot 1, then a ferry", "",
    ],
)  # fmt: skip
def test_prompts_that_stay_whole(text: str) -> None:
    assert split(text) is None


def test_rules_and_bars_where_the_number_is_known() -> None:
    for text in ("a pier\n---\na ferry", "a pier | a ferry", "a pier\n\na ferry", "a pier\na ferry"):
        found = split(text, 2)
        assert found is not None and [p.text for p in found.pieces] == ["a pier", "a ferry"]
        assert split(text) is None and split(text, 3) is None
