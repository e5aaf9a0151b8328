"""A plan file read and checked by itself: everything wrong in it is found, not only the first thing."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from .lines import find_lines, line_of
from .plan import (
    FORMAT,
    GRIDS,
    KINDS,
    MODES,
    RATES,
    KeyPath,
    Plan,
    PlanElement,
    PlanError,
    PlanProject,
    PlanSequence,
    PlanShot,
    PlanSong,
    PlanStyle,
    Problem,
    number_text,
    time_text,
)
from .tables import Notes, Table, shown

MOST_BYTES = 4_000_000
MOST_PANELS = 9
TOO_LONG = "A number in it has too many digits."
SLUG = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# pages of a project have these addresses; a sequence called so could not be opened
TAKEN_CODES = ("board", "costs", "cut", "dailies", "elements", "live", "run", "setup", "share", "song", "stale")
KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")

PLAN_KEYS = ("format", "project", "style", "song", "elements", "sequences")
PROJECT_KEYS = (
    "slug", "title", "client", "width", "height", "rate", "budget", "provider", "model", "grid",
)  # fmt: skip
SEQUENCE_KEYS = (
    "code", "section", "start", "end", "mode", "elements", "grid_prompt", "cell_prompts", "style", "shots",
)  # fmt: skip
SHOT_KEYS = ("prompt", "seconds", "solo", "divided", "model")


@dataclass
class Draft:
    """A plan that was read, before anything outside the file was looked at.

    `wrong` adds what only the outside knows (a song too short, an unknown model); `finished` gives the plan
    or raises.
    """

    name: str
    plan: Plan
    notes: Notes

    def wrong(self, path: KeyPath, message: str) -> None:
        """Add a problem with the key at `path`."""
        self.notes.wrong(path, message)

    def line(self, path: KeyPath) -> int:
        """The line of a key, from 1."""
        return line_of(self.notes.lines, path)

    def finished(self) -> Plan:
        """The plan. Raises PlanError with every problem when there is one."""
        if self.notes.problems:
            raise PlanError(self.name, tuple(self.notes.problems))
        return self.plan


def parse(data: bytes | str, name: str = "plan.toml") -> Plan:
    """The plan in a TOML or JSON text. Raises PlanError with every problem."""
    return read(data, name).finished()


def read(data: bytes | str, name: str = "plan.toml") -> Draft:
    """The plan and all that is wrong with it. Raises PlanError when it is neither TOML nor JSON."""
    text = _decoded(data, name)
    is_json = name.lower().endswith(".json") or text.lstrip()[:1] == "{"
    try:
        values = _json(text, name) if is_json else _toml(text, name)
        lines, twice = find_lines(text, is_json=is_json)
        sane = all(map(_sane, _leaves_of(values)))
    except RecursionError:
        raise _unreadable(name, 0, "Lists and tables are nested too deeply to be a plan.") from None
    if not sane:
        raise _unreadable(name, 0, TOO_LONG)
    notes = Notes(lines)
    for path in twice if is_json else ():
        table = Table(notes, path[:-1], {}, ())
        table.wrong(str(path[-1]), "is written twice; keep one")
    return Draft(name, _plan(notes, values), notes)


def _decoded(data: bytes | str, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise _unreadable(name, 0, f"It has {len(data)} bytes; a plan has at most {MOST_BYTES}.")
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _unreadable(name, line, "This is not UTF-8 text; save the file as UTF-8.") from None


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = re.search(r" \(at line (\d+), column (\d+)\)$", said)
        line = int(found[1]) if found else text.count("\n") + 1
        what = said[: found.start()] if found else said.removesuffix(" (at end of document)")
        column = f" at column {found[2]}" if found else ""
        raise _unreadable(name, line, f"This is not TOML: {what[0].lower()}{what[1:]}{column}.") from None
    except ValueError:
        raise _unreadable(name, 0, TOO_LONG) from None


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=Decimal)
    except json.JSONDecodeError as error:
        what = f"{error.msg[0].lower()}{error.msg[1:]} at column {error.colno}"
        raise _unreadable(name, error.lineno, f"This is not JSON: {what}.") from None
    except ValueError:
        raise _unreadable(name, 0, TOO_LONG) from None


def _leaves_of(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        yield value
        return
    for item in value:
        yield from _leaves_of(item)


def _sane(value: Any) -> bool:
    """Whether a number is one a person may have meant: longer ones cannot even be repeated to them."""
    if isinstance(value, Decimal):
        return not value.is_finite() or abs(value.adjusted()) < 30
    return not isinstance(value, int) or value.bit_length() < 100


def _unreadable(name: str, line: int, message: str) -> PlanError:
    return PlanError(name, (Problem((), line, message),))


def _plan(notes: Notes, values: Any) -> Plan:
    top = Table(notes, (), values, PLAN_KEYS)
    _format(top)
    plan = Plan(
        project=_project(notes, top),
        style=read_style(notes, ("style",), top.data.get("style", {})),
        song=_song(notes, top),
        elements=top.each("elements", lambda path, item: read_element(notes, path, item)),
        sequences=top.each("sequences", lambda path, item: _sequence(notes, path, item)),
    )
    _once(notes, "elements", "key", [e.key for e in plan.elements])
    _once(notes, "sequences", "code", [s.code for s in plan.sequences])
    _known(notes, plan)
    _apart(notes, plan)
    return plan


def _format(top: Table) -> None:
    value = top.data.get("format")
    if top.has("format", required=True) and (value is True or value != FORMAT):
        top.wrong("format", f"is {shown(value)}; this studio reads format {FORMAT}")


def _project(notes: Notes, top: Table) -> PlanProject:
    top.has("project", required=True)
    # a missing table is one problem, not one for each of its keys
    if "project" not in top.data:
        return PlanProject("", "")
    return read_project(notes, ("project",), top.data["project"])


def read_project(notes: Notes, path: KeyPath, item: Any) -> PlanProject:
    """The [project] table; what is wrong goes to `notes`."""
    table = Table(notes, path, item, PROJECT_KEYS)
    return PlanProject(
        slug=table.shaped("slug", SLUG, "use letters and digits with single hyphens between", 80),
        title=table.text("title", most=200, required=True),
        client=table.text("client", most=200),
        width=table.pixels("width", 1280),
        height=table.pixels("height", 720),
        rate=table.choice("rate", RATES, "24"),
        budget=table.budget("budget"),
        provider=table.text("provider", most=40, default="sketch") or "sketch",
        model=table.text("model", most=120),
        grid=table.choice("grid", GRIDS, "2x2"),
    )


def read_style(notes: Notes, path: KeyPath, item: Any) -> PlanStyle:
    """The [style] table; what is wrong goes to `notes`."""
    table = Table(notes, path, item, ("prefix", "suffix", "negative"))
    return PlanStyle(*(table.text(key, most=2000) for key in ("prefix", "suffix", "negative")))


def _song(notes: Notes, top: Table) -> PlanSong | None:
    if "song" not in top.data:
        return None
    table = Table(notes, ("song",), top.data["song"], ("file",))
    return PlanSong(table.text("file", most=300, required=True))


def read_element(notes: Notes, path: KeyPath, item: Any) -> PlanElement:
    """One of [[elements]]; what is wrong goes to `notes`."""
    table = Table(notes, path, item, ("key", "kind", "name", "description", "refs"))
    key = table.shaped("key", KEY, "use letters and digits, with hyphens or underscores between", 40)
    refs = table.text("refs", most=300).rstrip("/")
    if _leaves(refs):
        table.wrong("refs", f"is {shown(refs)}; name a folder beside the plan, without .. or a drive")
    return PlanElement(
        key=key,
        kind=table.choice("kind", KINDS, "character"),
        name=table.text("name", most=120) or key,
        description=table.text("description"),
        refs=refs,
    )


def _leaves(path: str) -> bool:
    return (
        path.startswith(("/", "\\", "~"))
        or ".." in PurePosixPath(path.replace("\\", "/")).parts
        or bool(PureWindowsPath(path).drive)
    )


def _sequence(notes: Notes, path: KeyPath, item: Any) -> PlanSequence:
    table = Table(notes, path, item, SEQUENCE_KEYS)
    code = table.shaped("code", CODE, "use letters, digits, hyphens and underscores", 20)
    if code.lower() in TAKEN_CODES:
        table.wrong("code", f'is "{code}", which is the name of a page; choose another')
    start, end = table.time("start"), table.time("end")
    if start is not None and end is not None and end <= start:
        table.wrong("end", f"is {time_text(end)}; it must come after the start, {time_text(start)}")
    return PlanSequence(
        code=code,
        # a time that could not be read leaves an empty stretch, which is not compared with its neighbours
        start=start if start is not None else end or Decimal(0),
        end=end if end is not None else start or Decimal(0),
        section=table.text("section", most=120),
        mode=table.choice("mode", MODES, "multi_shot"),
        elements=table.names("elements"),
        grid_prompt=table.text("grid_prompt"),
        shots=table.each("shots", lambda where, shot: _shot(notes, where, shot)),
        style=read_style(notes, (*path, "style"), table.data.get("style", {})),
        cell_prompts=table.texts("cell_prompts", most=MOST_PANELS, chars=1000),
    )


def _shot(notes: Notes, path: KeyPath, item: Any) -> PlanShot:
    table = Table(notes, path, item, SHOT_KEYS)
    return PlanShot(
        table.text("prompt"),
        table.seconds("seconds"),
        table.flag("solo"),
        table.flag("divided"),
        table.text("model", most=120),
    )


def _once(notes: Notes, many: str, key: str, values: list[str]) -> None:
    for index, value in enumerate(values):
        if value and value in values[:index]:
            other = f"{many}[{values.index(value)}]"
            said = f"{many}[{index}].{key} is {shown(value)}, as in {other}; each is used once."
            notes.wrong((many, index, key), said)


def _known(notes: Notes, plan: Plan) -> None:
    keys = [e.key for e in plan.elements]
    for index, sequence in enumerate(plan.sequences):
        for place, key in enumerate(sequence.elements):
            if key not in keys:
                known = f"the plan has {', '.join(keys)}" if keys else "the plan has no elements"
                path: KeyPath = ("sequences", index, "elements", place)
                notes.wrong(path, f"sequences[{index}].elements names {shown(key)}; {known}.")


def _apart(notes: Notes, plan: Plan) -> None:
    placed = sorted(
        ((s.start, s.end, index, s.code) for index, s in enumerate(plan.sequences) if s.end > s.start),
    )
    for (_, end, _, before), (start, _, index, _) in pairwise(placed):
        if start < end:
            notes.wrong(
                ("sequences", index, "start"),
                f"sequences[{index}].start is {time_text(start)}; {before} runs until {time_text(end)}, "
                f"{number_text(end - start)} s later. Sequences may not overlap.",
            )
