"""Rows as a bundle writes them: numbered from 1 in each table, people by name, files by their path in the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.db.models import JSONField

from sequences.errors import Refusal
from sequences.models import Project

from . import tags
from .tables import FILES, HASHES, IDS, PROJECT, SUBJECTS, Column, columns, is_file, is_person, rows_of, tables, target

Row = dict[str, Any]
# a number of the provider's, made unique where it was imported
COPIED = re.compile(r"@\d+$")
ADDRESS = re.compile(r"(https?://)[^/\s\"'<>]+[^\s\"'<>]*", re.IGNORECASE)


class Source(Protocol):
    """Rows that are on their way into a project."""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        ...

    def rows(self, label: str) -> Iterator[Row]:
        """The rows of a table by their numbers."""
        ...


class ProjectRows:
    """The rows of a project as they are written. What it reads must stay as it is meanwhile."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = f"projects/{project.slug}/"
        self.numbers = {label: _numbers(label, project) for label in tables()}
        people = get_user_model()._default_manager
        self.people = dict(people.values_list("pk", get_user_model().USERNAME_FIELD))

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {label: len(numbers) for label, numbers in self.numbers.items()}

    def rows(self, label: str) -> Iterator[Row]:
        """The rows of a table by their numbers. Raises Refusal for a file outside the project."""
        for number, found in enumerate(rows_of(label, self.project).iterator(500), start=1):
            row = {"id": number, **{c.name: self._value(found, c) for c in columns(label)}}
            yield self._special(label, found, row)

    def _value(self, found: Any, column: Column) -> Any:
        value = getattr(found, column.attname)
        if value is None:
            return None
        if is_person(column):
            return self.people.get(value)
        if label := target(column):
            return self.numbers[label][value]
        if is_file(column):
            return self._file(value)
        if isinstance(column, JSONField):
            return tags.packed(value, self.folder)
        return _plain(value)

    def _file(self, path: str) -> str:
        name = path.removeprefix(self.folder)
        if path and (not path.startswith(self.folder) or not tags.clean(name)):
            raise Refusal(f"The project names the file {path}, which does not lie in its folder.", code="bad_file")
        return name

    def _special(self, label: str, found: Any, row: Row) -> Row:
        for (table, column), (place, to) in IDS.items():
            if table == label:
                row[column] = tags.with_row(row[column], place, partial(self._tag, to))
        if label == "sequences.importedrecord":
            row["made"] = [self._made(pair) for pair in row["made"]]
        elif label == "sequences.event":
            about = self.numbers.get(SUBJECTS.get(row["subject"], ""), {})
            row["subject_id"] = about.get(found.subject_id, 0)
        elif label == "sequences.receipt":
            row["body"] = without_addresses(row["body"])
        if "request_id" in row:
            row["request_id"] = COPIED.sub("", row["request_id"])
        if row.get("late") == "awaited":  # nobody waits for it elsewhere
            row["late"] = ""
        return row

    def _tag(self, label: str, pk: Any) -> Any:
        if not isinstance(pk, int) or isinstance(pk, bool):
            return pk
        number = self.numbers[label].get(pk)
        return {tags.ROW: None if number is None else [label, number]}

    def _made(self, pair: Any) -> Any:
        if not isinstance(pair, list) or len(pair) != 2:
            return pair
        name = str(pair[0]).lower()
        label = next((t for t in tables() if name in (t, t.partition(".")[2])), "")
        return [pair[0], self._tag(label, pair[1])] if label else pair


def _numbers(label: str, project: Project) -> dict[int, int]:
    return {pk: n for n, pk in enumerate(rows_of(label, project).values_list("pk", flat=True), start=1)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def without_addresses(value: Any) -> Any:
    """What a provider said with its addresses cut to the word `https://…`: they open files to whoever knows them."""
    if isinstance(value, dict):
        return {key: without_addresses(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_addresses(inner) for inner in value]
    return ADDRESS.sub(r"\1…", value) if isinstance(value, str) else value


def named_files(label: str, row: Row) -> Iterator[tuple[str, str]]:
    """Every file a row names, with the sha256 the row says it has, else empty. Raises tags.BadTag."""
    for column in columns(label):
        value = row.get(column.name)
        if column.name in FILES and is_file(column) and value:
            if not isinstance(value, str) or not tags.clean(value):
                raise tags.BadTag(f"It names the file {str(value)[:80]!r}, which is no path of a project.")
            yield value, _said_hash(label, column.name, row)
        elif isinstance(column, JSONField) and value:
            yield from tags.files(value)


def _said_hash(label: str, column: str, row: Row) -> str:
    if label == "dailies.export":
        facts = row.get("facts")
        return str(facts.get("sha256", "")) if isinstance(facts, dict) else ""
    return str(row.get(HASHES.get(column, "")) or "")


__all__ = ["PROJECT", "ProjectRows", "Row", "Source", "named_files", "without_addresses"]
