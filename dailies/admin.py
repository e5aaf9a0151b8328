"""Admin of what people decided."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dailies import review
from dailies.models import Export, Note, ShotVerdict, Verdict
from sequences.admin.base import ReadOnly, each, linked


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    """Verdicts; one that stands can be taken back."""

    list_display = ("id", "to_take", "decision", "reason", "user", "created_at", "undone_at")
    list_filter = ("decision", "reason", "take__sequence__project")
    search_fields = ("note", "take__sequence__code", "user__username", "take_sha256")
    list_select_related = ("take__sequence", "user")
    to_take = linked("take")
    actions = ("take_back",)

    @admin.action(description="Take back", permissions=["change"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Verdict]) -> None:
        """review.undo for each."""
        verb = partial(review.undo, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows.filter(undone_at=None), lambda row: verb(take=row.take), "taken back")


@admin.register(ShotVerdict)
class ShotVerdictAdmin(ReadOnly):
    """What was said of shots."""

    list_display = ("id", "to_take", "number", "decision", "reason", "note", "user", "changed_at")
    list_filter = ("decision", "reason")
    search_fields = ("note", "take__sequence__code")
    list_select_related = ("take__sequence", "user")
    to_take = linked("take")


@admin.register(Note)
class NoteAdmin(ReadOnly):
    """Notes."""

    list_display = ("id", "to_take", "frame", "text", "author", "created_at")
    search_fields = ("text", "take__sequence__code")
    list_select_related = ("take__sequence", "author")
    to_take = linked("take")


@admin.register(Export)
class ExportAdmin(ReadOnly):
    """Exports of the cut."""

    list_display = ("id", "to_project", "format", "progress", "file", "error", "created_at", "finished_at")
    list_filter = ("format", "project")
    search_fields = ("file", "project__slug", "error")
    list_select_related = ("project",)
    to_project = linked("project")
