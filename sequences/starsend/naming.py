"""Which sequence and shot a record is of, by what it is called: SEQ03_SH02, seq03-shot-2, 3.2, SEQ03."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SEQUENCE = r"(?<![a-z])(?:sequence|seq|scene|sq|sc)[ _.-]*0*(\d{1,4})(?!\d)"
_SHOT = r"(?:shot|sht|sh|s)[ _.-]*0*(\d{1,4})(?!\d)"
_BOTH = re.compile(rf"{_SEQUENCE}[ _./-]*{_SHOT}")
_SHORT = re.compile(r"(?<![a-z])s0*(\d{1,4})[ _.-]*(?:sh|s|e)0*(\d{1,4})(?!\d)")
_PAIR = re.compile(r"0*(\d{1,4})[ _.-]+0*(\d{1,4})")
_ONE = re.compile(_SEQUENCE)
_ALONE = re.compile(rf"(?<![a-z]){_SHOT}")
_NUMBER = re.compile(r"0*(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Name:
    """`code` as our sequences are called, empty where the name says none; `shot` is the old number; `sure` is False
    where a bare number or a free word was taken for a sequence."""

    code: str
    shot: int | None = None
    sure: bool = True


def parse(name: str) -> Name:
    """What a name says."""
    low = name.strip().lower()
    if found := _BOTH.search(low) or _SHORT.search(low) or _PAIR.fullmatch(low):
        return Name(code_of(int(found[1])), int(found[2]))
    if found := _ONE.search(low):
        return Name(code_of(int(found[1])))
    if found := _ALONE.search(low):
        return Name("", int(found[1]))
    if found := _NUMBER.fullmatch(low):
        return Name(code_of(int(found[1])), sure=False)
    word = re.sub(r"[^A-Z0-9]+", "-", low.upper()).strip("-")[:20].strip("-")
    return Name(word, sure=False)


def is_id(name: str) -> bool:
    """Whether a key of a table names a sequence or shot, as far as can be told."""
    found = parse(name)
    return bool(found.code and found.sure) or found.shot is not None or bool(_NUMBER.fullmatch(name.strip()))


def code_of(number: int) -> str:
    """SEQ03."""
    return f"SEQ{number:02d}"
