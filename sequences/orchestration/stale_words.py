"""What an edit has made stale, in one sentence, for pages and commands alike."""

from __future__ import annotations

from sequences import costs
from sequences.queries.board import counted

from .staling import Report


def sentence(report: Report) -> str:
    """`This makes SEQ01/T1 stale; refreshing it costs $0.42.`"""
    names = [r.stale.name for r in (report.takes or report.drawn)]
    told = ", ".join(names) if len(names) < 4 else f"{counted(len(names), 'take' if report.takes else 'picture')}"
    if len(names) > 3 and len(report.sequences) > 1:
        told += f" in {counted(len(report.sequences), 'sequence')}"
    if not report.takes:
        return f"This makes {told} stale."
    if not any(r.price is not None for r in report.takes):
        return f"This makes {told} stale; no refresh is possible as it stands."
    it = "it" if len(names) == 1 else "them"
    return f"This makes {told} stale; refreshing {it} costs {costs.dollars(report.all_micros)}."
