"""Prompts of several shots written as one text, taken apart where that can be done without guessing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .values import length, seconds

_TIME = r"\d{1,4}(?::\d{1,2})?(?:[.,]\d{1,3})?"
_DASH = r"\s*(?:-|–|—|to)\s*"
# "Shot 1 (5s):", "SHOT 2 -", "shot #3 [0-4s]."
_SHOT = re.compile(
    r"(?:\*\*|#+\s*)?\b(?:shot|scene|sh)\s*#?\s*0*(\d{1,3})\b\s*(?:[(\[]([^)\]\n]{0,40})[)\]])?\s*(?:\*\*)?\s*[:.)–—-]\s*(?:\*\*)?",
    re.IGNORECASE,
)
# "[0-5s]", "(0:00 - 0:05)", "0s-5s:"
_SPAN = re.compile(
    rf"(?:[\[(]\s*({_TIME})\s*s?{_DASH}({_TIME})\s*(?:s|sec|seconds)?\s*[\])]\s*:?|"
    rf"(?:^|(?<=\n)|(?<=[.;]\s))\s*({_TIME})\s*s?{_DASH}({_TIME})\s*s?\s*:)\s*",
    re.IGNORECASE,
)
_LINE = re.compile(r"(?:^|(?<=\n))[ \t]*0*(\d{1,3})[.):][ \t]+")
_INSIDE = re.compile(rf"({_TIME})\s*s?{_DASH}({_TIME})\s*(?:s|sec|seconds?)?", re.IGNORECASE)
_RULES = (r"\n\s*(?:-{3,}|={3,}|\*{3,})\s*\n", r"\s*\|{1,2}\s*", r"\n\s*\n", r"\n")
MOST = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot's words, and its length where the text says it."""

    text: str
    seconds: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A text taken apart. `lead` are words before the first shot, which stand before each shot's own now."""

    pieces: tuple[Piece, ...]
    lead: str = ""


def split(text: str, expected: int = 0) -> Split | None:
    """The shots of a concatenated prompt; None where it is one text. `expected`: how many shots the record speaks of.

    Shots are told apart by "Shot 1 (5s):", by spans that follow on one another ("[0-5s] … [5-9s] …") or by numbered
    lines, always counted from 1 without a hole; where the number of shots is known, by rules, bars or lines too.
    """
    for find in (_by_shot, _by_span, _by_line):
        if found := find(text):
            return found
    return _by_rule(text, expected)


def looks_like_several(text: str) -> bool:
    """Whether a text that was kept whole may speak of several shots all the same."""
    return len(_SHOT.findall(text)) > 1 or len(_SPAN.findall(text)) > 1


def _by_shot(text: str) -> Split | None:
    marks = _counted(list(_SHOT.finditer(text)))
    return _cut(text, marks, [_told(m[2] or "") for m in marks]) if marks else None


def _by_line(text: str) -> Split | None:
    marks = _counted(list(_LINE.finditer(text)))
    return _cut(text, marks, [None] * len(marks)) if marks else None


def _counted(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The marks that count 1, 2, 3…; none unless there are two."""
    kept: list[re.Match[str]] = []
    for mark in marks:
        if int(mark[1]) == len(kept) + 1:
            kept.append(mark)
    return kept if 2 <= len(kept) <= MOST and len(kept) == len(marks) else []


def _by_span(text: str) -> Split | None:
    marks = list(_SPAN.finditer(text))
    spans = [(seconds(m[1] or m[3]), seconds(m[2] or m[4])) for m in marks]
    if not 2 <= len(spans) <= MOST or any(a is None or b is None or b <= a for a, b in spans):
        return None
    known = [(a, b) for a, b in spans if a is not None and b is not None]
    if any(abs(later[0] - before[1]) > Decimal("0.05") for before, later in zip(known, known[1:], strict=False)):
        return None
    return _cut(text, marks, [b - a for a, b in known])


def _by_rule(text: str, expected: int) -> Split | None:
    if not 2 <= expected <= MOST:
        return None
    for rule in _RULES:
        parts = [p.strip() for p in re.split(rule, text.strip()) if p.strip()]
        if len(parts) == expected and all(re.search(r"\w", p) for p in parts):
            return Split(tuple(map(Piece, parts)))
    return None


def _cut(text: str, marks: Sequence[re.Match[str]], lengths: Sequence[Decimal | None]) -> Split | None:
    ends = [*(m.start() for m in marks[1:]), len(text)]
    lead = text[: marks[0].start()].strip()
    words = [text[m.end() : end].strip().rstrip("|;").strip() for m, end in zip(marks, ends, strict=True)]
    if not all(words):
        return None
    told = [f"{lead}\n{w}" if lead else w for w in words]
    return Split(tuple(Piece(w, s) for w, s in zip(told, lengths, strict=True)), lead)


def _told(inside: str) -> Decimal | None:
    """A length in brackets: "5s", "0-5s", "wide, 4 seconds"."""
    if span := _INSIDE.search(inside):
        first, last = seconds(span[1]), seconds(span[2])
        return last - first if first is not None and last is not None and last > first else None
    found = re.search(r"(\d{1,4}(?:[.,]\d{1,3})?)\s*(?:s\b|sec|$)", inside, re.IGNORECASE)
    return length(found[1].replace(",", ".")) if found else None
