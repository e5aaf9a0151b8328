"""Admin of the work: jobs, attempts, ledger, events, receipts, workers. All of it is history and read-only.

What providers said is shown without the queries of its addresses, keys and tokens.
"""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Attempt, Event, Grid, Heartbeat, Job, LedgerEntry, Receipt, StartFrame, Take

from .base import ReadOnly, each, linked, money, redacted
from .decided import Decided


def artefact_of(job: Job) -> Grid | Take | StartFrame:
    """What the job makes. Raises Refusal when it makes nothing."""
    made = job.take or job.grid or job.start_frame
    if made is None:
        raise Refusal(f"Job {job.pk} makes nothing.", code="not_allowed")
    return made


class Inline(admin.TabularInline):
    """History shown under its job."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class AttemptInline(Inline):
    """Claims of a job."""

    model = Attempt
    exclude = ("outcome",)
    readonly_fields = ("came_of_it",)
    came_of_it = redacted("outcome", "outcome")


class LedgerInline(Inline):
    """Money of a job."""

    model = LedgerEntry


class ReceiptInline(Inline):
    """What the provider said."""

    model = Receipt
    exclude = ("body",)
    readonly_fields = ("said",)
    said = redacted("body", "what it said")


@admin.register(Job)
class JobAdmin(Decided):
    """Jobs; a failed one is retried and a live one cancelled through what it makes, a lost one is decided."""

    list_display = (
        "id", "kind", "state", "to_project", "to_sequence", "to_take", "to_grid", "call", "estimate", "cost",
        "look_again_at", "deadline", "said",
    )  # fmt: skip
    list_filter = ("state", "kind", "provider", "endpoint", "project")
    search_fields = ("request_id", "error", "sequence__code", "project__slug", "input_sha256")
    list_select_related = ("project", "sequence", "take__sequence", "grid__sequence")
    exclude = ("token", "error")
    readonly_fields = ("request_id", "said", "sent", "result", "sent_at", "look_again_at", "deadline", "late")
    inlines = (AttemptInline, LedgerInline, ReceiptInline)
    actions = ("ask_again", "stop", *Decided.actions)
    said, sent, result = redacted("error", "said"), redacted("wire", "what was sent"), redacted("result_ref", "result")
    to_project, to_sequence = linked("project"), linked("sequence")
    to_take, to_grid = linked("take"), linked("grid")
    estimate, cost = money("estimate_micros", "estimate"), money("cost_micros", "cost")

    @admin.action(description="Retry what failed", permissions=["change"])
    def ask_again(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        """orchestration.retry for what each makes."""
        verb = partial(orchestration.retry, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows, lambda job: verb(artefact=artefact_of(job)), "asked again")

    @admin.action(description="Cancel", permissions=["change"])
    def stop(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        """orchestration.cancel for what each makes."""
        verb = partial(orchestration.cancel, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows, lambda job: verb(artefact=artefact_of(job)), "told to stop")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    """Attempts."""

    list_display = ("id", "to_job", "epoch", "step", "owner", "started_at", "ended_at", "came_of_it")
    exclude = ("outcome",)
    readonly_fields = ("came_of_it",)
    came_of_it = redacted("outcome", "outcome")
    list_filter = ("step",)
    search_fields = ("owner", "outcome", "job__request_id")
    list_select_related = ("job",)
    to_job = linked("job")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly):
    """The ledger."""

    list_display = ("id", "to_project", "to_job", "kind", "amount", "actor", "why", "created_at")
    list_filter = ("kind", "project")
    search_fields = ("project__slug", "job__request_id", "job__sequence__code")
    list_select_related = ("project", "job", "actor")
    to_project, to_job, amount = linked("project"), linked("job"), money("amount_micros", "amount")


@admin.register(Event)
class EventAdmin(ReadOnly):
    """Every move of a state."""

    list_display = ("id", "to_project", "subject", "subject_id", "was", "now", "actor", "said", "created_at")
    exclude = ("why",)
    readonly_fields = ("said",)
    said = redacted("why")
    list_filter = ("subject", "now", "project")
    search_fields = ("why", "=subject_id", "project__slug")
    list_select_related = ("project", "actor")
    to_project = linked("project")


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly):
    """What providers said."""

    list_display = ("id", "provider", "request_id", "kind", "to_job", "created_at")
    exclude = ("body",)
    readonly_fields = ("said",)
    said = redacted("body", "what it said")
    list_filter = ("provider", "kind")
    search_fields = ("request_id", "body_sha256")
    list_select_related = ("job",)
    to_job = linked("job")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    """Workers that live."""

    list_display = ("owner", "seen_at")
    search_fields = ("owner",)
