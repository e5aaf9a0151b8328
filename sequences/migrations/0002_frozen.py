"""Rows that are history refuse a change in the database itself, whoever asks."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# table -> columns that may never change once written
FROZEN = {
    "sequences_promptrevision": ["shot_id", "number", "text", "source"],
    "sequences_ledgerentry": ["project_id", "job_id", "kind", "amount_micros"],
    "sequences_event": ["subject", "subject_id", "was", "now", "epoch", "why"],
    "sequences_receipt": ["provider", "request_id", "kind", "body_sha256"],
}


def _sqlite(table: str, columns: list[str]) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {', '.join(columns)} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is history and cannot be changed'); END"
    ]


def _postgresql(table: str, columns: list[str]) -> list[str]:
    return [
        f"CREATE FUNCTION {table}_frozen() RETURNS trigger AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is history and cannot be changed' USING ERRCODE = 'integrity_constraint_violation';"
        f" END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {', '.join(columns)} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_frozen()",
    ]


def freeze(apps: Any, schema_editor: Any) -> None:
    """Create one trigger a table."""
    make = {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor]
    for table, columns in FROZEN.items():
        for statement in make(table, columns):
            schema_editor.execute(statement)


def thaw(apps: Any, schema_editor: Any) -> None:
    """Drop them again."""
    on = {"sqlite": "", "postgresql": " ON {0}"}[schema_editor.connection.vendor]
    for table in FROZEN:
        schema_editor.execute(f"DROP TRIGGER {table}_frozen{on.format(table)}")
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {table}_frozen()")


class Migration(migrations.Migration):
    """Frozen prompt revisions, ledger, events and receipts."""

    dependencies = [("sequences", "0001_initial")]
    operations = [migrations.RunPython(freeze, thaw)]
