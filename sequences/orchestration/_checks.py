"""Rules for what is typed, shared by pages, commands and plan files, so that one mistake has one sentence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from sequences.errors import Refusal
from sequences.planfile import (
    CONTROL,
    Notes,
    PlanElement,
    PlanProject,
    PlanStyle,
    read_element,
    read_project,
    read_style,
    tidy,
)
from sequences.providers import catalogue

MICRO = 1_000_000
T = TypeVar("T")


def project_values(values: dict[str, Any]) -> PlanProject:
    """Fields of a project, by the rules of the plan file. Raises Refusal with every sentence."""
    project = _read(read_project, values)
    if wrong := endpoint_problems(project):
        raise Refusal(" ".join(wrong.values()), where=next(iter(wrong)))
    return project


def style_values(values: dict[str, Any]) -> PlanStyle:
    """Style lines, by the rules of the plan file. Raises Refusal."""
    return _read(read_style, values)


def element_values(values: dict[str, Any]) -> PlanElement:
    """Fields of an element, by the rules of the plan file. Raises Refusal."""
    return _read(read_element, values)


def endpoint_problems(project: PlanProject) -> dict[str, str]:
    """What does not go together in provider, model and grid: {key: sentence}."""
    wrong: dict[str, str] = {}
    try:
        grid = catalogue.default(project.provider, "grid")
        catalogue.default(project.provider, "video")
    except catalogue.UnknownEndpoint:
        known = sorted({e.provider for e in catalogue.endpoints()})
        return {"provider": f'provider is "{project.provider}"; this studio has {", ".join(known)}.'}
    if grid.layouts and project.grid not in grid.layouts:
        wrong["grid"] = f"grid is {project.grid}; {grid.id} draws {', '.join(grid.layouts)}."
    films = [e.id for e in catalogue.endpoints(kind="video", provider=project.provider, enabled=True)]
    if project.model and project.model not in films:
        wrong["model"] = f'model is "{project.model}"; {project.provider} films with {", ".join(films)}.'
    return wrong


def grid_model_problem(provider: str, model: str, grid: str) -> str:
    """Why this grid model (empty for the provider's usual one) cannot draw, or an empty text."""
    if not model:
        return ""
    drawing = {e.id: e for e in catalogue.endpoints(kind="grid", provider=provider, enabled=True)}
    if model not in drawing:
        return f'grid_model is "{model}"; {provider} draws grids with {", ".join(drawing)}.'
    layouts = drawing[model].layouts
    return f"grid is {grid}; {model} draws {', '.join(layouts)}." if layouts and grid not in layouts else ""


def film_problem(model: str) -> str:
    """Why no call can be made with this model, as the rest of a sentence; empty when one can."""
    films = {e.id for e in catalogue.endpoints(kind="video")}
    return "" if model in films else f'is "{model}"; no video model of this studio is called that.'


def micros(dollars: Decimal) -> int:
    """Dollars as integer micro-dollars, exact: no more than six decimals reach this."""
    return int(dollars * MICRO)


def text(value: str, what: str, *, most: int | None = None) -> str:
    """Typed text without white space at its ends. Raises Refusal for control characters and too much of it."""
    value = tidy(value)
    if CONTROL.search(value):
        raise Refusal(f"The {what} holds a control character; take it out.", where=what)
    if most and len(value) > most:
        raise Refusal(f"The {what} has {len(value)} characters; {most} is the most.", where=what)
    return value


def seconds(value: Decimal | float | str | int, what: str = "seconds") -> Decimal:
    """A time as a decimal with three places. Raises Refusal for what is no number or finer."""
    try:
        exact = Decimal(str(value).strip())
    except InvalidOperation:
        raise Refusal(f'"{value}" is no number of seconds.', where=what) from None
    if not exact.is_finite() or abs(exact) >= 100_000:
        raise Refusal(f"{value} is no usable number of seconds.", where=what)
    if exact != round(exact, 3):
        raise Refusal(f"{value} seconds is too fine; three decimals are the most.", where=what)
    return round(exact, 3)


def _read(reader: Callable[[Notes, tuple[()], Any], T], values: dict[str, Any]) -> T:
    notes = Notes()
    read = reader(notes, (), values)
    if notes.problems:
        said = " ".join(p.message[0].upper() + p.message[1:] for p in notes.problems)
        raise Refusal(said, where=str(notes.problems[0].path[-1]))
    return read
