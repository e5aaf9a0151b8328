"""Style lines with history, divided calls, frames to end at, what things were made from, waivers, batches."""

from __future__ import annotations

import importlib
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

frozen = importlib.import_module("sequences.migrations.0002_frozen")
STYLES = {"sequences_stylerevision": ["project_id", "sequence_id", "number", "prefix", "suffix", "negative", "source"]}


def first_styles(apps: Any, schema_editor: Any) -> None:
    """Style lines that stand already become the first revision."""
    revisions = apps.get_model("sequences", "StyleRevision").objects
    for row in apps.get_model("sequences", "Project").objects.all():
        lines = {"prefix": row.style_prefix, "suffix": row.style_suffix, "negative": row.style_negative}
        if any(lines.values()):
            revisions.create(project=row, number=1, source="before revisions", **lines)


def freeze(apps: Any, schema_editor: Any) -> None:
    """Styles are history; and SQLite makes a changed table anew and forgets its triggers."""
    vendor = schema_editor.connection.vendor
    tables = {**frozen.FROZEN, **STYLES} if vendor == "sqlite" else STYLES
    make = {"sqlite": frozen._sqlite, "postgresql": frozen._postgresql}[vendor]
    for table, columns in tables.items():
        for statement in make(table, columns):
            schema_editor.execute(
                statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS") if vendor == "sqlite" else statement
            )


def thaw(apps: Any, schema_editor: Any) -> None:
    """Let styles be changed again."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for table in STYLES:
        schema_editor.execute(f"DROP TRIGGER {table}_frozen" + (f" ON {table}" if postgres else ""))
        if postgres:
            schema_editor.execute(f"DROP FUNCTION {table}_frozen()")


class Migration(migrations.Migration):
    dependencies = [
        ("sequences", "0005_candidates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("request_key", models.CharField(editable=False, max_length=80)),
                ("takes", models.PositiveSmallIntegerField(default=1, help_text="Takes of each sequence")),
                ("model", models.CharField(blank=True, max_length=120)),
                ("price_micros", models.BigIntegerField(default=0, help_text="What was confirmed")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="BatchItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nth", models.PositiveSmallIntegerField(default=1, help_text="Which of the takes of its sequence")),
                ("price_micros", models.BigIntegerField(default=0)),
                ("refusal", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="StyleRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("prefix", models.TextField(blank=True)),
                ("suffix", models.TextField(blank=True)),
                ("negative", models.TextField(blank=True)),
                ("source", models.CharField(default="typed", help_text="typed, import, restore s2…", max_length=60)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("inputs_sha256", models.CharField(editable=False, max_length=64)),
                ("causes", models.JSONField(default=list, editable=False)),
                ("why", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="startframe",
            name="one_start_frame_a_shot",
        ),
        migrations.AddField(
            model_name="elementimage",
            name="source",
            field=models.CharField(
                blank=True,
                help_text="upload, crop of …, cell 3 of SEQ01/G2, frame 12 of SEQ01/T1, folder …",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="grid",
            name="cell_prompts",
            field=models.JSONField(blank=True, default=list, help_text="What each panel was to show, in reading order"),
        ),
        migrations.AddField(
            model_name="grid",
            name="inputs",
            field=models.JSONField(
                blank=True, editable=False, help_text="What it was made from; see staleness", null=True
            ),
        ),
        migrations.AddField(
            model_name="grid",
            name="set_aside",
            field=models.CharField(blank=True, help_text="Why it is not used by itself; empty: it is", max_length=400),
        ),
        migrations.AddField(
            model_name="sequence",
            name="cell_prompts",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What each panel of the next grid shows, in reading order; empty for as it comes",
            ),
        ),
        migrations.AddField(
            model_name="sequence",
            name="style_negative",
            field=models.TextField(blank=True, help_text="Beside the project's"),
        ),
        migrations.AddField(
            model_name="sequence",
            name="style_prefix",
            field=models.TextField(blank=True, help_text="Behind the project's"),
        ),
        migrations.AddField(
            model_name="sequence",
            name="style_suffix",
            field=models.TextField(blank=True, help_text="Before the project's"),
        ),
        migrations.AddField(
            model_name="shot",
            name="divided",
            field=models.BooleanField(default=False, help_text="A call begins here, though it could go on"),
        ),
        migrations.AddField(
            model_name="shot",
            name="model",
            field=models.CharField(
                blank=True,
                help_text="Of the call it is made in; empty: the take's",
                max_length=120,
                verbose_name="video model",
            ),
        ),
        migrations.AddField(
            model_name="startframe",
            name="use",
            field=models.CharField(choices=[("start", "Start"), ("end", "End")], default="start", max_length=5),
        ),
        migrations.AddField(
            model_name="takeshot",
            name="inputs",
            field=models.JSONField(
                blank=True, editable=False, help_text="What it was made from; see staleness", null=True
            ),
        ),
        migrations.AddField(
            model_name="take",
            name="set_aside",
            field=models.CharField(blank=True, help_text="Why the cut does not use it; empty: it may", max_length=400),
        ),
        migrations.AddField(
            model_name="takeshot",
            name="end_frame",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sequences.startframe",
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved")), fields=("shot", "use"), name="one_frame_a_shot_and_use"
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.CheckConstraint(
                condition=models.Q(("use__in", ["start", "end"])), name="start_frame_use_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("use", "end"), _negated=True), ("shot__isnull", False), _connector="OR"),
                name="end_frame_has_shot",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="paused_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="batches", to="sequences.project"
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="sequences.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="sequence",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="batch_items", to="sequences.sequence"
            ),
        ),
        migrations.AddField(
            model_name="batchitem",
            name="take",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="batch_items",
                to="sequences.take",
            ),
        ),
        migrations.AddField(
            model_name="stylerevision",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stylerevision",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="style_revisions", to="sequences.project"
            ),
        ),
        migrations.AddField(
            model_name="stylerevision",
            name="sequence",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="style_revisions",
                to="sequences.sequence",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="grid",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="waivers",
                to="sequences.grid",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="waivers", to="sequences.project"
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="start_frame",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="waivers",
                to="sequences.startframe",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="take",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="waivers",
                to="sequences.take",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("project", "number"), name="batch_number_once"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("project", "request_key"), name="batch_request_once"),
        ),
        migrations.AddConstraint(
            model_name="batchitem",
            constraint=models.UniqueConstraint(fields=("batch", "sequence", "nth"), name="batch_item_once"),
        ),
        migrations.AddConstraint(
            model_name="batchitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("take__isnull", True), ("refusal", ""), _connector="OR"),
                name="batch_item_one_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="stylerevision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sequence__isnull", True)), fields=("project", "number"), name="project_style_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="stylerevision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sequence__isnull", False)),
                fields=("sequence", "number"),
                name="sequence_style_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="stylerevision",
            constraint=models.CheckConstraint(condition=models.Q(("number__gt", 0)), name="style_number_positive"),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grid__isnull", False), ("start_frame__isnull", True), ("take__isnull", True)),
                    models.Q(("grid__isnull", True), ("start_frame__isnull", False), ("take__isnull", True)),
                    models.Q(("grid__isnull", True), ("start_frame__isnull", True), ("take__isnull", False)),
                    _connector="OR",
                ),
                name="waiver_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="waiver_has_reason"),
        ),
        migrations.RunPython(freeze, thaw),
        migrations.RunPython(first_styles, migrations.RunPython.noop),
    ]
