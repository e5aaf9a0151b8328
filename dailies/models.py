"""What people decided: verdicts on takes and shots, notes at a frame, and the exports of the cut."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from sequences.models import Project, Take


class Decision(models.TextChoices):
    """A person's word on a take."""

    APPROVE = "approve", "Approve"
    REJECT = "reject", "Reject"


class ShotDecision(models.TextChoices):
    """A person's word on one shot of a take."""

    KEEP = "keep", "Keep"
    REDO = "redo", "Redo"


class Reason(models.TextChoices):
    """Why a take or shot was refused; the digit pressed is its place in this list."""

    IDENTITY = "identity", "Wrong person or thing"
    HANDS = "hands", "Hands or body"
    MOTION = "motion", "Motion"
    OFF_BEAT = "off_beat", "Off the beat"
    FRAMING = "framing", "Framing"
    FROZEN = "frozen", "Frozen or black frames"
    TEXT = "text", "Text in picture"
    FLICKER = "flicker", "Flicker"
    OTHER = "other", "Other"


class Verdict(models.Model):
    """Approve or reject of exactly the file that was looked at. Taken back is `undone_at`, never a delete."""

    take = models.ForeignKey(Take, models.CASCADE, related_name="verdicts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="verdicts"
    )
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    note = models.TextField(blank=True)
    take_sha256 = models.CharField(max_length=64)
    superseded = models.ForeignKey(
        Take,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The take that was approved before, so that undo can bring it back",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["take"], condition=Q(undone_at__isnull=True), name="one_standing_verdict_a_take"
            ),
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="verdict_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="approve") | ~Q(reason=""), name="reject_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.take}"


class ShotVerdict(models.Model):
    """Keep or redo of one shot of a take; changing it updates the row until the take is judged."""

    take = models.ForeignKey(Take, models.CASCADE, related_name="shot_verdicts")
    number = models.PositiveIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(max_length=4, choices=ShotDecision.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["take", "number"], name="one_verdict_a_shot"),
            models.CheckConstraint(
                condition=Q(decision__in=ShotDecision.values), name="shot_verdict_decision_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.take} shot {self.number}"


class Note(models.Model):
    """Something said at a frame of a take."""

    take = models.ForeignKey(Take, models.CASCADE, related_name="notes")
    frame = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["frame", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]

    def __str__(self) -> str:
        return self.text[:60]


class Export(models.Model):
    """One rendering of the cut. Running, done or failed is read from its facts: `file`, `error`, neither."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=8, default="mp4")
    cut = models.JSONField(help_text="The cut as data at the moment it was asked")
    progress = models.FloatField(default=0)
    file = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    lease_owner = models.CharField(max_length=120, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    request_key = models.CharField(max_length=80, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "request_key"], name="export_request_once"),
            models.CheckConstraint(condition=Q(progress__gte=0, progress__lte=1), name="export_progress_is_a_part"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.format}"
