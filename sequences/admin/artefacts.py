"""Admin of what was made."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sequences import orchestration
from sequences.models import Candidate, Check, Clip, Grid, StartFrame, Take, TakeShot

from .base import ReadOnly, each, link, linked


class Retried(ReadOnly):
    """Grids and takes: what failed can be asked again, what is in flight can be cancelled."""

    actions = ("ask_again", "stop")

    @admin.action(description="Retry what failed", permissions=["change"])
    def ask_again(self, request: HttpRequest, rows: QuerySet[Grid] | QuerySet[Take]) -> None:
        """orchestration.retry for each."""
        verb = partial(orchestration.retry, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows, lambda row: verb(artefact=row), "asked again")

    @admin.action(description="Cancel what is in flight", permissions=["change"])
    def stop(self, request: HttpRequest, rows: QuerySet[Grid] | QuerySet[Take]) -> None:
        """orchestration.cancel for each."""
        verb = partial(orchestration.cancel, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows, lambda row: verb(artefact=row), "told to stop")

    @admin.display(description="jobs")
    def work(self, row: Grid | Take) -> SafeString:
        """Links to the jobs that make it."""
        jobs = [link(job, f"{job.pk} {job.state}") for job in row.jobs.all()]
        return format_html("{}", SafeString(", ".join(jobs) or "–"))


@admin.register(Grid)
class GridAdmin(Retried):
    """Grids."""

    list_display = ("__str__", "to_sequence", "state", "rows", "cols", "seed", "created_at", "work")
    list_filter = ("state", "sequence__project")
    search_fields = ("prompt", "sequence__code", "sequence__project__slug", "sha256", "seed")
    list_select_related = ("sequence",)
    to_sequence = linked("sequence")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grid]:
        return super().get_queryset(request).prefetch_related("jobs")


@admin.register(Candidate)
class CandidateAdmin(ReadOnly):
    """Starred cells of grids."""

    list_display = ("__str__", "to_grid", "cell", "starred_by", "created_at")
    list_filter = ("grid__sequence__project",)
    search_fields = ("grid__sequence__code", "grid__sequence__project__slug")
    list_select_related = ("grid__sequence", "starred_by")
    to_grid = linked("grid")


@admin.register(StartFrame)
class StartFrameAdmin(ReadOnly):
    """Start frames."""

    list_display = ("__str__", "to_sequence", "state", "source", "to_grid", "to_take", "width", "height")
    list_filter = ("state", "source", "sequence__project")
    search_fields = ("sequence__code", "sequence__project__slug", "sha256")
    list_select_related = ("sequence", "grid__sequence", "take__sequence")
    to_sequence, to_grid, to_take = linked("sequence"), linked("grid"), linked("take")
    actions = ("use",)

    @admin.action(description="Start from this frame", permissions=["change"])
    def use(self, request: HttpRequest, rows: QuerySet[StartFrame]) -> None:
        """orchestration.use_start_frame for each."""
        verb = partial(orchestration.use_start_frame, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows, lambda row: verb(start_frame=row), "in use")


@admin.register(Take)
class TakeAdmin(Retried):
    """Takes."""

    list_display = ("__str__", "to_sequence", "state", "mode", "endpoint", "seed", "frames", "created_at", "work")
    list_filter = ("state", "mode", "endpoint", "sequence__project")
    search_fields = ("sequence__code", "sequence__project__slug", "sha256", "seed", "jobs__request_id")
    list_select_related = ("sequence",)
    to_sequence = linked("sequence")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Take]:
        return super().get_queryset(request).prefetch_related("jobs")


@admin.register(TakeShot)
class TakeShotAdmin(ReadOnly):
    """Shots of takes: words, clip, in and out."""

    list_display = ("__str__", "to_take", "number", "part", "to_revision", "to_clip", "first", "frames", "at")
    search_fields = ("take__sequence__code", "compiled")
    list_select_related = ("take__sequence", "revision", "clip__take__sequence")
    to_take, to_revision, to_clip = linked("take"), linked("revision"), linked("clip")


@admin.register(Clip)
class ClipAdmin(ReadOnly):
    """Clips."""

    list_display = ("__str__", "to_take", "to_job", "frames", "width", "height", "bytes")
    search_fields = ("sha256", "source_sha256", "file", "take__sequence__code")
    list_select_related = ("take__sequence", "job")
    to_take, to_job = linked("take"), linked("job")


@admin.register(Check)
class CheckAdmin(ReadOnly):
    """Checks."""

    list_display = ("label", "to_take", "measured", "limit", "result")
    list_filter = ("result", "name")
    search_fields = ("take__sequence__code", "name", "label")
    list_select_related = ("take__sequence",)
    to_take = linked("take")
