"""What a paid provider needs: caps by the day, prices with a date, what was sent, and what came late."""

from __future__ import annotations

import importlib
from typing import Any

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

frozen = importlib.import_module("sequences.migrations.0002_frozen")


def count_overruns(apps: Any, schema_editor: Any) -> None:
    """A project that is past its cap already keeps its figures: what is over counts as overrun."""
    projects = apps.get_model("sequences", "Project").objects
    for row in projects.filter(cap_micros__lt=models.F("held_micros") + models.F("spent_micros")):
        row.overrun_micros = row.held_micros + row.spent_micros - row.cap_micros
        row.save(update_fields=["overrun_micros"])


def freeze_again(apps: Any, schema_editor: Any) -> None:
    """SQLite makes a changed table anew and forgets its triggers; and prices are history from here on."""
    vendor = schema_editor.connection.vendor
    tables = {**frozen.FROZEN, **PRICES} if vendor == "sqlite" else PRICES
    make = {"sqlite": frozen._sqlite, "postgresql": frozen._postgresql}[vendor]
    for table, columns in tables.items():
        for statement in make(table, columns):
            schema_editor.execute(
                statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS") if vendor == "sqlite" else statement
            )


def thaw_prices(apps: Any, schema_editor: Any) -> None:
    """Let prices be changed again."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for table in PRICES:
        schema_editor.execute(f"DROP TRIGGER {table}_frozen" + (f" ON {table}" if postgres else ""))
        if postgres:
            schema_editor.execute(f"DROP FUNCTION {table}_frozen()")


PRICES = {"sequences_price": ["endpoint", "unit_price", "unit", "currency", "fetched_at"]}


class Migration(migrations.Migration):
    dependencies = [
        ("sequences", "0002_frozen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("provider", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("shut", models.BooleanField(default=False)),
                ("rest_until", models.DateTimeField(blank=True, null=True)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("errors", models.PositiveIntegerField(default=0)),
                (
                    "heard_at",
                    models.DateTimeField(blank=True, help_text="When a webhook last proved to be from it", null=True),
                ),
                ("keys", models.JSONField(blank=True, null=True)),
                (
                    "keys_at",
                    models.DateTimeField(blank=True, help_text="When they were last asked for", null=True),
                ),
                ("keys_fetched_at", models.DateTimeField(blank=True, null=True)),
                ("keys_wanted", models.BooleanField(default=False)),
                (
                    "prices_at",
                    models.DateTimeField(blank=True, help_text="When they were last asked for", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("cap_micros", models.BigIntegerField(blank=True, null=True)),
                ("held_micros", models.BigIntegerField(default=0, editable=False)),
                ("spent_micros", models.BigIntegerField(default=0, editable=False)),
                ("overrun_micros", models.BigIntegerField(default=0, editable=False)),
            ],
            options={
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.CharField(max_length=120)),
                ("unit_price", models.DecimalField(decimal_places=9, max_digits=18)),
                ("unit", models.CharField(max_length=60)),
                ("currency", models.CharField(default="USD", max_length=8)),
                ("source", models.CharField(blank=True, max_length=60)),
                ("fetched_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=64)),
                ("url", models.CharField(max_length=600)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="job",
            name="job_has_one_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="ledgerentry",
            name="ledger_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="startframe",
            name="start_frame_source_known",
        ),
        migrations.AddField(
            model_name="job",
            name="ahead",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="billed_units",
            field=models.DecimalField(blank=True, decimal_places=4, editable=False, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="held_on",
            field=models.DateField(blank=True, editable=False, help_text="The UTC day its hold counts on", null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="late",
            field=models.CharField(
                blank=True,
                choices=[("", "nothing"), ("awaited", "awaited"), ("kept", "kept"), ("gone", "gone")],
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="late_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="late_file",
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name="job",
            name="late_sha256",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="job",
            name="sent_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="start_frame",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="jobs",
                to="sequences.startframe",
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="unit_price",
            field=models.DecimalField(
                blank=True,
                decimal_places=9,
                editable=False,
                help_text="Dollars a unit when it was held",
                max_digits=18,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="units",
            field=models.DecimalField(blank=True, decimal_places=4, editable=False, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="wire",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="job",
            name="wire_sha256",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="why",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="project",
            name="day_cap_micros",
            field=models.BigIntegerField(
                blank=True,
                help_text="Most to promise or spend in one UTC day; empty: no daily cap",
                null=True,
                verbose_name="daily cap",
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="overrun_micros",
            field=models.BigIntegerField(
                default=0, editable=False, help_text="What bills took beyond the cap: more than was held for them"
            ),
        ),
        migrations.AddField(
            model_name="startframe",
            name="error",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="startframe",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="larger",
                to="sequences.startframe",
            ),
        ),
        migrations.AddField(
            model_name="startframe",
            name="request_key",
            field=models.CharField(blank=True, editable=False, max_length=80),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[("grid", "Grid"), ("video", "Video"), ("upscale", "Upscale")], max_length=8
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(
                choices=[("hold", "Hold"), ("settle", "Settle"), ("release", "Release"), ("late", "Late")], max_length=8
            ),
        ),
        migrations.AlterField(
            model_name="receipt",
            name="kind",
            field=models.CharField(help_text="submit, look, webhook, listing, late", max_length=20),
        ),
        migrations.AlterField(
            model_name="startframe",
            name="file",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name="startframe",
            name="sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="startframe",
            name="source",
            field=models.CharField(
                choices=[
                    ("grid", "Grid cell"),
                    ("upload", "Upload"),
                    ("take", "Frame of a take"),
                    ("chain", "Last frame of the call before"),
                    ("upscale", "An earlier frame made larger"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("late", ""), _negated=True), fields=["late", "look_again_at"], name="job_late"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("grid__isnull", False), ("kind", "grid"), ("start_frame__isnull", True), ("take__isnull", True)
                    ),
                    models.Q(
                        ("grid__isnull", True),
                        ("kind", "video"),
                        ("start_frame__isnull", True),
                        ("take__isnull", False),
                    ),
                    models.Q(
                        ("grid__isnull", True),
                        ("kind", "upscale"),
                        ("start_frame__isnull", False),
                        ("take__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="job_has_one_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("queued", "submitting", "submitted", "processing", "cancelling", "ready", "unsure"))
                ),
                fields=("start_frame",),
                name="one_live_job_a_start_frame",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("late__in", ["", "awaited", "kept", "gone"])), name="job_late_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("late", "kept"), _negated=True),
                    models.Q(("late_file", ""), _negated=True),
                    _connector="OR",
                ),
                name="job_late_has_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["hold", "settle", "release", "late"])), name="ledger_kind_known"
            ),
        ),
        migrations.RunPython(count_overruns, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "held_micros__lte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("cap_micros"), "+", models.F("overrun_micros")
                            ),
                            "-",
                            models.F("spent_micros"),
                        ),
                    )
                ),
                name="project_within_cap",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("overrun_micros__gte", 0),
                    models.Q(("day_cap_micros__isnull", True), ("day_cap_micros__gte", 0), _connector="OR"),
                ),
                name="project_caps_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["grid", "upload", "take", "chain", "upscale"])),
                name="start_frame_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "upscale"), _negated=True), ("parent__isnull", False), _connector="OR"
                ),
                name="start_frame_upscaled_from_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["making", "failed"]), models.Q(("file", ""), _negated=True), _connector="OR"
                ),
                name="start_frame_has_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="startframe",
            constraint=models.UniqueConstraint(
                condition=models.Q(("request_key", ""), _negated=True),
                fields=("sequence", "request_key"),
                name="start_frame_request_once",
            ),
        ),
        migrations.AddField(
            model_name="daybudget",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="days", to="sequences.project"
            ),
        ),
        migrations.AddIndex(
            model_name="price",
            index=models.Index(fields=["endpoint", "-id"], name="price_newest"),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(condition=models.Q(("unit_price__gte", 0)), name="price_not_negative"),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(fields=("provider", "sha256"), name="upload_once"),
        ),
        migrations.AddConstraint(
            model_name="daybudget",
            constraint=models.UniqueConstraint(fields=("project", "day"), name="day_budget_once"),
        ),
        migrations.AddConstraint(
            model_name="daybudget",
            constraint=models.CheckConstraint(
                condition=models.Q(("held_micros__gte", 0), ("overrun_micros__gte", 0), ("spent_micros__gte", 0)),
                name="day_money_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="daybudget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cap_micros__isnull", True),
                    (
                        "held_micros__lte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("cap_micros"), "+", models.F("overrun_micros")
                            ),
                            "-",
                            models.F("spent_micros"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="day_within_cap",
            ),
        ),
        migrations.RunPython(freeze_again, thaw_prices),
    ]
