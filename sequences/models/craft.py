"""What steers takes beside the prompts: style lines with their history, waived staleness, batches."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .artefacts import Grid, StartFrame, Take
from .plan import Project, Sequence


class StyleRevision(models.Model):
    """Immutable style lines of a project, or of one sequence of it: s1, s2… A database trigger refuses a change.

    `prefix` and `suffix` stand around every prompt, `negative` is what shall never be in the picture. The lines in
    force are those of the project and the sequence themselves; the newest revision says the same.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="style_revisions")
    sequence = models.ForeignKey(Sequence, models.CASCADE, null=True, blank=True, related_name="style_revisions")
    number = models.PositiveIntegerField()
    prefix = models.TextField(blank=True)
    suffix = models.TextField(blank=True)
    negative = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=60, default="typed", help_text="typed, import, restore s2…")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"], condition=Q(sequence__isnull=True), name="project_style_once"
            ),
            models.UniqueConstraint(
                fields=["sequence", "number"], condition=Q(sequence__isnull=False), name="sequence_style_once"
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="style_number_positive"),
        ]

    def __str__(self) -> str:
        return f"s{self.number}"


class Waiver(models.Model):
    """Somebody has looked at a stale grid, start frame or take and says that it is right as it is.

    It holds while the inputs of today are still those of `inputs_sha256`, and lapses at the next change. `causes` are
    the sentences that were waived. Taking it back sets `withdrawn_at`; the rest never changes.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="waivers")
    grid = models.ForeignKey(Grid, models.CASCADE, null=True, blank=True, related_name="waivers")
    start_frame = models.ForeignKey(StartFrame, models.CASCADE, null=True, blank=True, related_name="waivers")
    take = models.ForeignKey(Take, models.CASCADE, null=True, blank=True, related_name="waivers")
    inputs_sha256 = models.CharField(max_length=64, editable=False)
    causes = models.JSONField(default=list, editable=False)
    why = models.CharField(max_length=300)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grid__isnull=False, start_frame__isnull=True, take__isnull=True)
                | Q(grid__isnull=True, start_frame__isnull=False, take__isnull=True)
                | Q(grid__isnull=True, start_frame__isnull=True, take__isnull=False),
                name="waiver_of_one",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"waiver of {self.of}"

    @property
    def of(self) -> Grid | StartFrame | Take:
        """What it is of."""
        found = self.grid or self.start_frame or self.take
        assert found is not None, "the row's constraint says so"
        return found


class Batch(models.Model):
    """One order over a selection of sequences: what was asked for and at which price. `paused_at` holds back every
    call of it that was not sent yet."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    request_key = models.CharField(max_length=80, editable=False)
    takes = models.PositiveSmallIntegerField(default=1, help_text="Takes of each sequence")
    model = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=12, blank=True, help_text="Empty: each sequence's own")
    seed = models.BigIntegerField(null=True, blank=True)
    price_micros = models.BigIntegerField(default=0, help_text="What was confirmed")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="batch_number_once"),
            models.UniqueConstraint(fields=["project", "request_key"], name="batch_request_once"),
        ]

    def __str__(self) -> str:
        return f"batch {self.number}"


class BatchItem(models.Model):
    """What became of one sequence of a batch: the take it got, or the sentence why it got none."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items")
    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="batch_items")
    nth = models.PositiveSmallIntegerField(default=1, help_text="Which of the takes of its sequence")
    take = models.ForeignKey(Take, models.SET_NULL, null=True, blank=True, related_name="batch_items")
    price_micros = models.BigIntegerField(default=0)
    refusal = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sequence", "nth"], name="batch_item_once"),
            models.CheckConstraint(condition=Q(take__isnull=True) | Q(refusal=""), name="batch_item_one_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence.code} of {self.batch}"
