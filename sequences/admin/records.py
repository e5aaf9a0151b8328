"""Admin of what came from elsewhere."""

from __future__ import annotations

from django.contrib import admin

from sequences.models import ImportedRecord

from .base import ReadOnly, linked


@admin.register(ImportedRecord)
class ImportedRecordAdmin(ReadOnly):
    """Records of older tools, whole."""

    list_display = ("__str__", "to_project", "made", "problems", "created_at")
    list_filter = ("source", "project")
    search_fields = ("key", "sha256", "project__slug")
    list_select_related = ("project",)
    to_project = linked("project")
