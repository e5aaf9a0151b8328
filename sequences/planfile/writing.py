"""A plan written as text. The same plan always gives the same bytes, so exported plans can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from .plan import FORMAT, Plan, PlanElement, PlanSequence, PlanShot, money_text, number_text, time_text

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')


def dump(plan: Plan) -> str:
    """The plan as TOML; reading it gives an equal plan."""
    return "\n".join(_toml(as_data(plan))) + "\n"


def dump_json(plan: Plan) -> str:
    """The plan as JSON of the same structure."""
    return json.dumps(as_data(plan), ensure_ascii=False, indent=2, default=_json_number) + "\n"


def as_data(plan: Plan) -> dict[str, Any]:
    """The plan in plain types, keys in the order of the format, numbers as Decimal or int."""
    project = asdict(plan.project) | {"budget": money_text(plan.project.budget)}
    data: dict[str, Any] = {"format": FORMAT, "project": project}
    if any(asdict(plan.style).values()):
        data["style"] = asdict(plan.style)
    if plan.song:
        data["song"] = {"file": plan.song.file}
    data["elements"] = [_element(e) for e in plan.elements]
    data["sequences"] = [_sequence(s) for s in plan.sequences]
    return data


def _element(element: PlanElement) -> dict[str, Any]:
    return {k: v for k, v in asdict(element).items() if v or k != "refs"}


def _sequence(sequence: PlanSequence) -> dict[str, Any]:
    data: dict[str, Any] = {
        "code": sequence.code,
        "section": sequence.section,
        "start": time_text(sequence.start),
        "end": time_text(sequence.end),
        "mode": sequence.mode,
        "elements": list(sequence.elements),
    }
    if sequence.grid_prompt:
        data["grid_prompt"] = sequence.grid_prompt
    if sequence.cell_prompts:
        data["cell_prompts"] = list(sequence.cell_prompts)
    if style := {name: line for name, line in asdict(sequence.style).items() if line}:
        data["style"] = style
    data["shots"] = [_shot(shot) for shot in sequence.shots]
    return data


def _shot(shot: PlanShot) -> dict[str, Any]:
    """What was there before calls could be divided is always written, the rest where it says something."""
    return {k: v for k, v in asdict(shot).items() if v or k not in ("divided", "model")}


def _toml(data: dict[str, Any]) -> Iterator[str]:
    yield f"format = {data['format']}"
    for name in ("project", "style", "song"):
        if name in data:
            yield from ("", f"[{name}]", *_pairs(data[name]))
    for element in data["elements"]:
        yield from ("", "[[elements]]", *_pairs(element))
    for sequence in data["sequences"]:
        shots = sequence.pop("shots")
        yield from ("", "[[sequences]]", *_pairs(sequence))
        for shot in shots:
            yield from ("", "  [[sequences.shots]]", *(f"  {line}" for line in _pairs(shot)))


def _pairs(table: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(_pairs(value))} }}"
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(text: str) -> str:
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}"


def _json_number(value: object) -> float | int:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in a plan")
    return int(value) if value == int(value) else float(value)
