"""Which tables a bundle holds, and how each column travels.

Every model of the product belongs to a bundle unless it is named in LEFT_OUT, so that a new one is not forgotten; its
rows are found by the chain of foreign keys that leads to the project.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, TypeAlias

from django.apps import apps
from django.conf import settings
from django.db import models

from sequences.models import Project

from .tags import Place

PROJECT = "sequences.project"
APPS = ("sequences", "dailies")
# of the installation, not of a project; and who may see a project is decided where it is
LEFT_OUT = {
    "sequences.account",
    "sequences.price",
    "sequences.upload",
    "sequences.heartbeat",
    "sequences.membership",
}
# claims and times of work in flight, secrets, addresses, and what is counted anew from the ledger
LEFT_COLUMNS = {
    PROJECT: {"slug", "forked_from", "held_micros", "spent_micros"},
    "sequences.daybudget": {"held_micros", "spent_micros"},
    "sequences.take": {"lease_owner", "lease_until"},
    "sequences.job": {
        "token", "wire", "result_ref", "lease_owner", "lease_until", "look_again_at", "deadline", "cancel_asked",
    },
    "sequences.attempt": {"owner"},
    "dailies.export": {"lease_owner", "lease_until"},
}  # fmt: skip
FILES = {"file", "preview", "poster", "strip", "thumb", "last_frame", "late_file"}
HASHES = {"file": "sha256", "last_frame": "last_frame_sha256", "late_file": "late_sha256"}
# numbers of rows inside JSON
IDS: dict[tuple[str, str], tuple[Place, str]] = {
    ("dailies.export", "cut"): (("segments", "*", "take_id"), "sequences.take"),
    ("sequences.receipt", "body"): (("job",), "sequences.job"),
}
# what an event is about
SUBJECTS = {
    "job": "sequences.job", "late": "sequences.job", "grid": "sequences.grid", "take": "sequences.take",
    "startframe": "sequences.startframe", "project": PROJECT, "money": PROJECT,
}  # fmt: skip

Table = type[models.Model]
Column: TypeAlias = "models.Field[Any, Any]"


@functools.cache
def tables() -> dict[str, Table]:
    """Every table by its label, in alphabetical order."""
    found = {m._meta.label_lower: m for name in APPS for m in apps.get_app_config(name).get_models()}
    return {label: found[label] for label in sorted(found) if label not in LEFT_OUT}


@functools.cache
def columns(label: str) -> tuple[Column, ...]:
    """Columns that travel, without the number of the row and the project it belongs to."""
    left = LEFT_COLUMNS.get(label, set())
    model = tables()[label]
    return tuple(
        f for f in model._meta.concrete_fields
        if not f.primary_key and f.name not in left and f.related_model is not Project
    )  # fmt: skip


@functools.cache
def is_file(column: Column) -> bool:
    """Whether the column names a file below the media root."""
    return isinstance(column, models.CharField) and column.name in FILES


@functools.cache
def is_person(column: Column) -> bool:
    """Whether the column names a person."""
    related = column.related_model
    return related is not None and not isinstance(related, str) and related._meta.label == settings.AUTH_USER_MODEL


@functools.cache
def target(column: Column) -> str:
    """The label of the table a foreign key leads to; empty for other columns."""
    related = column.related_model
    return "" if related is None or isinstance(related, str) or is_person(column) else related._meta.label_lower


def rows_of(label: str, project: Project) -> models.QuerySet[Any]:
    """The project's rows of a table, the oldest first."""
    return tables()[label]._default_manager.filter(**{_way(label): project.pk}).order_by("pk")


@functools.cache
def _way(label: str) -> str:
    """The lookup that leads from a row to its project. Raises LookupError for a table that belongs to none."""
    if label == PROJECT:
        return "pk"
    for name, to in sorted(_parents(label), key=lambda parent: parent[1] != PROJECT):
        return f"{name}__{_way(to)}"
    raise LookupError(f"{label} belongs to no project; name it in LEFT_OUT of the bundle's tables.")


def _parents(label: str) -> Iterator[tuple[str, str]]:
    """Foreign keys to other tables of the bundle: those that are always set first."""
    keys = [f for f in tables()[label]._meta.concrete_fields if f.related_model is not None and target(f) in tables()]
    for field in sorted(keys, key=lambda f: f.null):
        if target(field) != label:
            yield field.name, target(field)
