"""Starred cells of grids, grids more like a cell of an earlier one, and cut lines a person has drawn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sequences", "0004_records"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.PositiveSmallIntegerField(help_text="From 1, left to right, top to bottom")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["grid", "cell"],
            },
        ),
        migrations.AddField(
            model_name="grid",
            name="cuts",
            field=models.JSONField(
                blank=True,
                help_text="A person's cut lines, {cols, rows} in pixels of the picture, instead of found",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="grid",
            name="found_cells",
            field=models.JSONField(blank=True, help_text="The cells as they were found, while cuts are set", null=True),
        ),
        migrations.AddField(
            model_name="grid",
            name="like",
            field=models.ForeignKey(
                blank=True,
                help_text="More like a cell of this grid",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="likes",
                to="sequences.grid",
            ),
        ),
        migrations.AddField(
            model_name="grid",
            name="like_cell",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="grid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("like__isnull", True), ("like_cell__isnull", True)),
                    models.Q(("like__isnull", False), ("like_cell__gte", 1)),
                    _connector="OR",
                ),
                name="grid_like_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="grid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cuts__isnull", True), ("found_cells__isnull", True)),
                    models.Q(("cuts__isnull", False), ("found_cells__isnull", False)),
                    _connector="OR",
                ),
                name="grid_cuts_keep_found",
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="grid",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="candidates", to="sequences.grid"
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="starred_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(fields=("grid", "cell"), name="candidate_once"),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(condition=models.Q(("cell__gte", 1)), name="candidate_cell_positive"),
        ),
    ]
