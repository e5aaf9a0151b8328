"""What `prompts` and `style` share: revisions as documents and tables, the change between any two, numbers as typed."""

from __future__ import annotations

import argparse
from typing import Any

from sequences.management.output import VerbCommand, moment
from sequences.management.tables import show, table
from sequences.prompts import Part
from sequences.queries.history import Changed, Written, between, one_of

MARKS = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}


def number_of(word: str) -> int:
    """The number of a revision typed as r2, s2 or 2; for argparse."""
    digits = word.lower().removeprefix("r").removeprefix("s")
    if not digits.isdecimal() or len(digits) > 9:
        raise argparse.ArgumentTypeError(f"{word} names no revision; write r2 or 2")
    return int(digits)


def tell_history(command: VerbCommand, rows: list[Written]) -> dict[str, Any]:
    """Every revision, newest first."""
    if not command.as_json:
        lines = [
            (row.tag, row.at.strftime("%Y-%m-%d %H:%M"), row.author, row.source, row.fate, _read(row)) for row in rows
        ]
        show(command.stdout, table(["revision", "at", "by", "from", "takes", "text"], lines))
    return {"revisions": [document_of(row) for row in rows]}


def tell_change(command: VerbCommand, rows: list[Written], pair: list[int], whose: str) -> dict[str, Any]:
    """The change from one revision to another by words: [-gone-] and {+new+}. Raises Refusal."""
    old, new = (one_of(rows, number, whose) for number in pair)
    changes = between(old, new)
    for change in changes:
        command.show(f"{change.label}: {marked(change.parts)}" if change.label else marked(change.parts))
    if not any(part.op != "same" for change in changes for part in change.parts):
        command.show(f"{old.tag} and {new.tag} say the same.")
    return {"from": old.number, "to": new.number, "changes": [_change(change) for change in changes]}


def marked(parts: tuple[Part, ...]) -> str:
    """A change as one line of text."""
    return "".join(MARKS[part.op].format(part.text) for part in parts)


def document_of(row: Written) -> dict[str, Any]:
    """One revision; a prompt has `text`, style lines have theirs."""
    lines = {name or "text": text for name, text in row.lines.items()}
    return {
        "number": row.number, **lines, "by": row.author or None, "source": row.source, "at": moment(row.at),
        "takes": row.fate or None,
    }  # fmt: skip


def _change(change: Changed) -> dict[str, Any]:
    return {"line": change.label or None, "parts": [{"op": part.op, "text": part.text} for part in change.parts]}


def _read(row: Written) -> str:
    return " / ".join(f"{label}: {text}" if label else text for label, text in row.texts if text)
