"""States: one writer, drawn diagrams, and a walk over the whole matrix of moves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sequences import diagrams
from sequences.states import (
    ARTEFACT_MOVES,
    ARTEFACT_WORDS,
    JOB_MOVES,
    JOB_WORDS,
    LIVE_JOBS,
    ArtefactState,
    JobState,
)

ROOT = Path(__file__).resolve().parents[2]
WRITER = ROOT / "sequences" / "transitions.py"
CALLS = {"update", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "Job", "Grid", "Take"}


def sources() -> Iterator[Path]:
    for room in ("clientvideo", "sequences", "dailies"):
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" not in path.parts and path != WRITER:
                yield path


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def writes_of_state(tree: ast.AST) -> Iterator[int]:
    """Lines that set a `state`: an attribute assignment, a `state=` in a writing call, or "state" in update_fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (node.lineno for t in targets if isinstance(t, ast.Attribute) and t.attr == "state")
        if isinstance(node, ast.Call) and name_of(node) in CALLS | {"StartFrame"}:
            yield from (node.lineno for k in node.keywords if k.arg == "state")
        if isinstance(node, ast.Call) and name_of(node) in {"save", "bulk_update", "setattr"}:
            texts = {n.value for a in [*node.args, *(k.value for k in node.keywords)] for n in ast.walk(a)
                     if isinstance(n, ast.Constant)}
            yield from [node.lineno] if "state" in texts else []


def test_move_is_the_only_writer_of_states() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in sources()
             for line in writes_of_state(ast.parse(path.read_text()))]
    assert found == []


def test_the_search_for_writers_finds_one() -> None:
    bad = "job.state = 'done'\nJob.objects.filter(pk=1).update(state='done')\njob.save(update_fields=['state'])\n"
    assert list(writes_of_state(ast.parse(bad))) == [1, 2, 3]


def test_diagrams_are_fresh() -> None:
    assert diagrams.target().read_text() == diagrams.page(), "run ./run manage draw_states"


def test_every_state_has_words_and_moves() -> None:
    assert set(JOB_WORDS) == {s.value for s in JobState} == {s.value for s in JOB_MOVES}
    assert set(ARTEFACT_WORDS) == {s.value for s in ArtefactState} == {s.value for s in ARTEFACT_MOVES}


def test_unsure_is_never_sent_again() -> None:
    assert JobState.QUEUED not in JOB_MOVES[JobState.UNSURE]
    assert JobState.SUBMITTING not in JOB_MOVES[JobState.UNSURE]


def test_ends_are_ends() -> None:
    ended = {"done", "failed", "cancelled", "absent", "lost"}
    assert {s.value for s in JobState} - set(LIVE_JOBS) == ended


@pytest.mark.parametrize("state", list(JobState))
def test_every_job_state_can_be_reached(state: JobState) -> None:
    reached, edge = {JobState.QUEUED}, [JobState.QUEUED]
    while edge:
        new = JOB_MOVES[edge.pop()] - reached
        reached |= new
        edge += new
    assert state in reached
