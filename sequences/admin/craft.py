"""Admin of style lines, waivers and batches."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sequences.models import Batch, BatchItem, StyleRevision, Waiver
from sequences.orchestration.batches import pause_batch, resume_batch
from sequences.orchestration.staling import withdraw_waiver

from .base import ReadOnly, each, linked, money


@admin.register(StyleRevision)
class StyleRevisionAdmin(ReadOnly):
    """Style lines of projects and sequences: frozen."""

    list_display = ("__str__", "to_project", "to_sequence", "prefix", "suffix", "negative", "author", "created_at")
    list_filter = ("project",)
    search_fields = ("prefix", "suffix", "negative", "project__slug", "sequence__code")
    list_select_related = ("project", "sequence", "author")
    to_project, to_sequence = linked("project"), linked("sequence")


@admin.register(Waiver)
class WaiverAdmin(ReadOnly):
    """Who said of something stale that it is right as it is, and why."""

    list_display = (
        "__str__",
        "to_take",
        "to_grid",
        "to_start_frame",
        "why",
        "created_by",
        "created_at",
        "withdrawn_at",
    )
    list_filter = ("withdrawn_at",)
    search_fields = ("why", "take__sequence__code", "grid__sequence__code", "start_frame__sequence__code")
    list_select_related = ("take__sequence", "grid__sequence", "start_frame__sequence", "created_by")
    to_take, to_grid, to_start_frame = linked("take"), linked("grid"), linked("start_frame")
    actions = ("take_back",)

    @admin.action(description="Take back: it counts as stale again", permissions=["change"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Waiver]) -> None:
        """orchestration.withdraw_waiver for what each is of."""
        who = request.user
        each(self, request, rows, lambda row: withdraw_waiver(actor=who, artefact=row.of), "taken back")  # type: ignore[arg-type]  # signed in


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    """Batches; paused ones send nothing more."""

    list_display = ("__str__", "to_project", "takes", "model", "price", "created_by", "created_at", "paused_at")
    list_filter = ("project", "paused_at")
    search_fields = ("project__slug", "model")
    list_select_related = ("project", "created_by")
    to_project, price = linked("project"), money("price_micros", "price")
    actions = ("pause", "resume")

    @admin.action(description="Pause: send nothing more", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Batch]) -> None:
        """orchestration.pause_batch for each."""
        who = request.user
        each(self, request, rows, lambda row: pause_batch(actor=who, batch=row), "paused")  # type: ignore[arg-type]  # signed in

    @admin.action(description="Resume: send on", permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Batch]) -> None:
        """orchestration.resume_batch for each."""
        who = request.user
        each(self, request, rows, lambda row: resume_batch(actor=who, batch=row), "resumed")  # type: ignore[arg-type]  # signed in


@admin.register(BatchItem)
class BatchItemAdmin(ReadOnly):
    """What became of each sequence of a batch."""

    list_display = ("__str__", "to_batch", "to_sequence", "to_take", "price", "refusal")
    list_filter = ("batch__project",)
    search_fields = ("sequence__code", "batch__project__slug", "refusal")
    list_select_related = ("batch__project", "sequence", "take__sequence")
    to_batch, to_sequence, to_take = linked("batch"), linked("sequence"), linked("take")
    price = money("price_micros", "price")
