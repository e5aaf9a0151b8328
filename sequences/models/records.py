"""What came from elsewhere, as it came: the records of an import, kept beside the rows that were made of them."""

from __future__ import annotations

from django.db import models

from .plan import Project


class ImportedRecord(models.Model):
    """One record of an older tool, whole. `key` names it within its source; `made` lists the rows made of it as
    `[model, id]`; `problems` are the sentences about what did not map."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="imported")
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    raw = models.JSONField()
    made = models.JSONField(default=list, blank=True)
    problems = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "source", "key"], name="imported_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
