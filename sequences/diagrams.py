"""The two state machines as diagrams, drawn from the tables that are enforced."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from sequences.states import ARTEFACT_MOVES, ARTEFACT_WORDS, JOB_MOVES, JOB_WORDS

S = TypeVar("S", bound=StrEnum)

HEAD = """# States

Drawn by `./run manage draw_states` from the tables in `sequences/states.py`; a test fails when this page is stale.
`sequences/transitions.py: move()` is the only writer of a state column.
"""


def page() -> str:
    """The whole of docs/states.md."""
    jobs = _diagram("Job", JOB_MOVES, JOB_WORDS, "queued")
    artefacts = _diagram("Artefact (Grid, StartFrame, Take)", ARTEFACT_MOVES, ARTEFACT_WORDS, "making")
    return "\n".join([HEAD, jobs, artefacts])


def target() -> Path:
    """Where the page is kept."""
    return Path(__file__).resolve().parent.parent / "docs" / "states.md"


def _diagram(
    title: str, moves: Mapping[S, frozenset[S]], words: Mapping[str, str], first: str
) -> str:
    lines = [f"    [*] --> {first}"]
    for state, reachable in moves.items():
        lines += [f"    {state.value} --> {to.value}" for to in sorted(reachable)]
        lines += [f"    {state.value} --> [*]"] if not reachable else []
    table = ["| state | in words |", "|---|---|", *(f"| `{s.value}` | {words[s.value]} |" for s in moves)]
    return "\n".join([f"## {title}", "", "```mermaid", "stateDiagram-v2", *lines, "```", "", *table, ""])
