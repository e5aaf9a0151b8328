"""What a plan would make, change and remove, against the plan a project has now. Pure: two plans in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sequences.planfile import Plan, PlanSequence, PlanShot, money_text, time_text
from sequences.queries.board import counted

MOST = 4


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One line: `kind` is new, changed or removed; `what` names it, `how` says what is different."""

    kind: str
    what: str
    how: str


def plan_changes(now: Plan | None, then: Plan) -> list[PlanChange]:
    """Every difference, in the order of the file. `now` is None when there is no such project yet."""
    return [*_top(now, then), *_elements(now, then), *_sequences(now, then)]


def _top(now: Plan | None, then: Plan) -> Iterator[PlanChange]:
    project = then.project
    if now is None:
        size = f"{project.width} × {project.height} at {project.rate}"
        yield PlanChange("new", f"Project {project.title}", f"{size}, ${money_text(project.budget)} budget")
        return
    if how := _differences(now.project, project, ("song",)):
        yield PlanChange("changed", "Project", how)
    if how := _differences(now.style, then.style):
        yield PlanChange("changed", "Style lines", how)


def _elements(now: Plan | None, then: Plan) -> Iterator[PlanChange]:
    had = {e.key: e for e in now.elements} if now else {}
    for element in then.elements:
        before = had.pop(element.key, None)
        if before is None:
            yield PlanChange("new", f"@{element.key}", f"{element.name}, {element.kind}")
        elif how := _differences(before, element):
            yield PlanChange("changed", f"@{element.key}", how)
    for key in had:
        yield PlanChange("removed", f"@{key}", "is not in the plan")


def _sequences(now: Plan | None, then: Plan) -> Iterator[PlanChange]:
    had = {s.code: s for s in now.sequences} if now else {}
    for sequence in then.sequences:
        before = had.pop(sequence.code, None)
        span = f"{time_text(sequence.start)}–{time_text(sequence.end)}"
        if before is None:
            shots = counted(len(sequence.shots), "shot")
            yield PlanChange("new", f"{sequence.code} {sequence.section}".strip(), f"{span}, {shots}")
        elif how := ", ".join(_of_sequence(before, sequence)):
            yield PlanChange("changed", f"{sequence.code} {sequence.section}".strip(), how)
    for code, gone in had.items():
        yield PlanChange("removed", f"{code} {gone.section}".strip(), "is not in the plan; it can be restored")


def _of_sequence(before: PlanSequence, after: PlanSequence) -> Iterator[str]:
    if (before.start, before.end) != (after.start, after.end):
        yield f"runs {time_text(after.start)}–{time_text(after.end)}"
    for name in ("section", "mode", "grid_prompt", "cell_prompts", "style", "elements"):
        if getattr(before, name) != getattr(after, name):
            yield "style lines" if name == "style" else name.replace("_", " ")
    yield from _of_shots(before.shots, after.shots)


def _of_shots(before: Sequence[PlanShot], after: Sequence[PlanShot]) -> Iterator[str]:
    pairs = list(enumerate(zip(before, after, strict=False), 1))
    written = [n for n, (old, new) in pairs if old.prompt != new.prompt]
    timed = [n for n, (old, new) in pairs if (old.seconds, old.solo) != (new.seconds, new.solo)]
    called = [n for n, (old, new) in pairs if (old.divided, old.model) != (new.divided, new.model)]
    if written:
        yield f"new prompt of {_shots(written)}"
    if timed:
        yield f"length or solo mark of {_shots(timed)}"
    if called:
        yield f"divider or model of {_shots(called)}"
    if more := len(after) - len(before):
        yield f"{counted(abs(more), 'shot')} {'more' if more > 0 else 'less'}"


def _shots(numbers: list[int]) -> str:
    if len(numbers) > MOST:
        return counted(len(numbers), "shot")
    return f"shot{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"


def _differences(before: Any, after: Any, without: tuple[str, ...] = ()) -> str:
    """Fields that differ; short values with what they were and will be."""
    out = []
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new or field.name in without:
            continue
        old, new = _shown(old), _shown(new)
        out.append(f"{field.name} {old} → {new}" if len(old + new) <= 40 else field.name)
    return ", ".join(out)


def _shown(value: Any) -> str:
    return money_text(value) if isinstance(value, Decimal) else str(value or "empty")
