"""Records of older tools, kept whole, and where a project was copied from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sequences", "0003_paid"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="forked_from",
            field=models.ForeignKey(
                blank=True,
                help_text="The version it was copied from",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="forks",
                to="sequences.project",
            ),
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("raw", models.JSONField()),
                ("made", models.JSONField(blank=True, default=list)),
                ("problems", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="imported", to="sequences.project"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("project", "source", "key"), name="imported_record_once")
                ],
            },
        ),
    ]
