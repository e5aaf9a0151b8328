"""The work: one job a paid call, its attempts, its money, its events, and everything a provider ever told us."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from sequences.states import LIVE_JOBS, JobState

from .artefacts import Grid, StartFrame, Take
from .plan import Project, Sequence

KINDS = [("grid", "Grid"), ("video", "Video"), ("upscale", "Upscale")]
LATE = [("", "nothing"), ("awaited", "awaited"), ("kept", "kept"), ("gone", "gone")]


class Job(models.Model):
    """The durable record of one call: what was asked, its state, its money.

    `request` is frozen before anything is sent. `epoch` goes up with every claim; a write that carries an old one
    changes nothing but receipts. `after` is the call before it whose last frame it starts from.

    `wire` is what was sent, byte for byte before it became bytes, and `sent_at` when. While nobody knows whether it was
    taken, `deadline` is the moment by which it must have shown in the provider's list. `late` says that a result came
    for a job that had ended without one; it is kept in `late_file` and never billed a second time.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="jobs")
    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=8, choices=KINDS)
    grid = models.ForeignKey(Grid, models.CASCADE, null=True, blank=True, related_name="jobs")
    take = models.ForeignKey(Take, models.CASCADE, null=True, blank=True, related_name="jobs")
    start_frame = models.ForeignKey(StartFrame, models.CASCADE, null=True, blank=True, related_name="jobs")
    call = models.PositiveSmallIntegerField(default=1)
    after = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followers")
    state = models.CharField(
        max_length=12,
        choices=[(s.value, s.value) for s in JobState],
        default=JobState.QUEUED.value,
        editable=False,
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    provider = models.CharField(max_length=40)
    endpoint = models.CharField(max_length=120)
    request = models.JSONField(editable=False)
    input_sha256 = models.CharField(max_length=64, editable=False)
    wire = models.JSONField(null=True, blank=True, editable=False)
    wire_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    token = models.CharField(max_length=80, unique=True, editable=False)
    request_id = models.CharField(max_length=120, blank=True, editable=False)
    result_ref = models.JSONField(null=True, blank=True, editable=False)
    progress = models.FloatField(null=True, blank=True, editable=False)
    ahead = models.PositiveIntegerField(null=True, blank=True, editable=False)
    note = models.CharField(max_length=200, blank=True, editable=False)
    units = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, editable=False)
    unit_price = models.DecimalField(
        max_digits=18,
        decimal_places=9,
        null=True,
        blank=True,
        editable=False,
        help_text="Dollars a unit when it was held",
    )
    billed_units = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True, editable=False)
    held_on = models.DateField(null=True, blank=True, editable=False, help_text="The UTC day its hold counts on")
    estimate_micros = models.BigIntegerField(editable=False)
    cost_micros = models.BigIntegerField(null=True, blank=True, editable=False)
    expected_seconds = models.FloatField(default=0)
    epoch = models.PositiveIntegerField(default=0, editable=False)
    lease_owner = models.CharField(max_length=120, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)
    look_again_at = models.DateTimeField(null=True, blank=True, editable=False)
    deadline = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_asked = models.BooleanField(default=False, editable=False)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    charged = models.BooleanField(null=True, blank=True, default=False)
    late = models.CharField(max_length=8, choices=LATE, blank=True, editable=False)
    late_file = models.CharField(max_length=300, blank=True, editable=False)
    late_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    late_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["state", "look_again_at"], name="job_due"),
            models.Index(fields=["late", "look_again_at"], condition=~Q(late=""), name="job_late"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in JobState]), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(kind="grid", grid__isnull=False, take__isnull=True, start_frame__isnull=True)
                | Q(kind="video", grid__isnull=True, take__isnull=False, start_frame__isnull=True)
                | Q(kind="upscale", grid__isnull=True, take__isnull=True, start_frame__isnull=False),
                name="job_has_one_purpose",
            ),
            models.UniqueConstraint(
                fields=["take", "call"], condition=Q(state__in=LIVE_JOBS), name="one_live_job_a_call"
            ),
            models.UniqueConstraint(fields=["grid"], condition=Q(state__in=LIVE_JOBS), name="one_live_job_a_grid"),
            models.UniqueConstraint(
                fields=["start_frame"], condition=Q(state__in=LIVE_JOBS), name="one_live_job_a_start_frame"
            ),
            models.UniqueConstraint(
                fields=["provider", "request_id"], condition=~Q(request_id=""), name="request_id_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=LIVE_JOBS) | Q(look_again_at__isnull=False, deadline__isnull=False),
                name="live_job_is_looked_at",
            ),
            models.CheckConstraint(condition=Q(estimate_micros__gte=0), name="job_estimate_not_negative"),
            models.CheckConstraint(condition=Q(late__in=[value for value, _ in LATE]), name="job_late_known"),
            models.CheckConstraint(condition=~Q(late="kept") | ~Q(late_file=""), name="job_late_has_file"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"


class Attempt(models.Model):
    """One claim that may have spoken to the provider: who, when, and what came of it."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts")
    epoch = models.PositiveIntegerField()
    owner = models.CharField(max_length=120)
    step = models.CharField(max_length=20)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "epoch"], name="attempt_epoch_once")]

    def __str__(self) -> str:
        return f"{self.job} attempt {self.epoch}"


class LedgerEntry(models.Model):
    """Append-only money: a hold, then a settle or a release, each at most once a job. `late` is what turned out to have
    been billed for a call whose hold had been released."""

    KINDS = [("hold", "Hold"), ("settle", "Settle"), ("release", "Release"), ("late", "Late")]

    project = models.ForeignKey(Project, models.CASCADE, related_name="ledger")
    job = models.ForeignKey(Job, models.CASCADE, related_name="ledger")
    kind = models.CharField(max_length=8, choices=KINDS)
    amount_micros = models.BigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["job", "kind"], name="ledger_kind_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["hold", "settle", "release", "late"]), name="ledger_kind_known"
            ),
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="ledger_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_micros}"


class Event(models.Model):
    """Append-only: every move of a state, who made it and why."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="events")
    subject = models.CharField(max_length=12, help_text="job, grid, startframe, take")
    subject_id = models.BigIntegerField()
    was = models.CharField(max_length=12, blank=True)
    now = models.CharField(max_length=12)
    epoch = models.PositiveIntegerField(default=0)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject", "subject_id"], name="event_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.was} → {self.now}"


class Receipt(models.Model):
    """Everything a provider ever told us, once."""

    provider = models.CharField(max_length=40)
    request_id = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20, help_text="submit, look, webhook, listing, late")
    job = models.ForeignKey(Job, models.CASCADE, null=True, blank=True, related_name="receipts")
    body = models.JSONField()
    body_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "request_id", "kind", "body_sha256"], name="receipt_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.provider}"


class Heartbeat(models.Model):
    """A worker that lives: commands with --wait leave the work to it while it beats."""

    owner = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.owner
