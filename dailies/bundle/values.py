"""A row of a bundle back into a row of the database: every value held against its column, every number mapped."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import JSONField, Model

from sequences.models.plan import Rate

from . import tags
from .manifest import refusal
from .rows import Row
from .tables import SUBJECTS, Column, columns, is_file, is_person, tables, target

PLAIN = (str, int, float, bool)
REQUEST_ID = 120


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are set upon: the folder of the new project, the numbers of its rows, and people by their names.

    `ids` are primary keys by table and place; `project` is the new project's, which tells copied request ids apart.
    """

    folder: str
    project: int
    ids: Mapping[str, Sequence[int]]
    people: Mapping[str, int] = field(default_factory=dict)

    def row(self, label: str, number: Any) -> int:
        """The primary key of a row. Raises BadTag when the bundle has no such row."""
        known = self.ids.get(label, ())
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= len(known):
            raise tags.BadTag(f"It leads to row {str(number)[:40]} of {label[:60]}, which is not there.")
        return known[number - 1]


def made(label: str, row: Row, ground: Ground) -> Model:
    """The instance of a row, not saved. Raises Refusal that names table, row and column."""
    wanted = {c.name: c for c in columns(label)}
    number = row.get("id")
    if unknown := row.keys() - {"id"} - wanted.keys():
        raise refusal(f"Row {number} of {label} says {min(unknown)[:60]}, which this studio does not know.")
    out = tables()[label]()
    for name, column in wanted.items():
        try:
            if name not in row and _has_default(column):  # the bundle is older than the column
                continue
            setattr(out, column.attname, _value(column, row.get(name), ground))
        except (tags.BadTag, ValidationError, ValueError, TypeError, ArithmeticError) as error:
            said = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise refusal(f"Row {number} of {label}, {name}: {said[:200]}") from None
    _own(label, out, ground)
    return out


def _has_default(column: Column) -> bool:
    return column.null or column.blank or column.has_default()


def _value(column: Column, value: Any, ground: Ground) -> Any:
    if value is None and not is_person(column):
        return _nothing(column)
    if is_person(column):
        return ground.people.get(str(value)) if value is not None else None
    if label := target(column):
        return ground.row(label, value)
    if isinstance(column, JSONField):
        return tags.unpacked(value, ground.folder, ground.row)
    if not isinstance(value, PLAIN):
        raise ValueError("It is no plain value.")
    if is_file(column):
        value = ground.folder + str(value) if value else ""
    found = column.to_python(value)
    column.run_validators(found)
    if column.choices and found not in (None, "") and found not in {key for key, _ in column.flatchoices}:
        raise ValueError(f"It is {str(found)[:40]!r}, which is none of the choices.")
    if column.name == "rate" and found not in Rate.values:
        raise ValueError(f"It is {str(found)[:40]!r}, which is no frame rate.")
    return found


def _nothing(column: Column) -> None:
    if not column.null:
        raise ValueError("It is empty.")


def _own(label: str, out: Any, ground: Ground) -> None:
    """What a row has of its own here."""
    if label == "sequences.job":
        out.token = secrets.token_urlsafe(32)
    if label == "sequences.event":
        known = ground.ids.get(SUBJECTS.get(out.subject, ""), ())
        # an event about a row that was gone already when it was written keeps nothing to lead to
        out.subject_id = known[out.subject_id - 1] if 1 <= out.subject_id <= len(known) else 0
    if label == "sequences.receipt" or (label == "sequences.job" and out.request_id):
        mark = f"@{ground.project}"
        # the provider's number is that of the call it was first; here nobody may be led to ask for it
        out.request_id = out.request_id[: REQUEST_ID - len(mark)] + mark
    if hasattr(out, "project_id"):
        out.project_id = ground.project
