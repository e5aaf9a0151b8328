"""What was made: grids, start frames, takes with their shots, clips and checks.

Files are paths relative to the media root. Boxes are [x, y, width, height] in pixels of the whole grid picture.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from sequences.states import ArtefactState

from .plan import Mode, PromptRevision, Sequence, Shot

STATES = [(s.value, s.value) for s in ArtefactState]
STATE_VALUES = [s.value for s in ArtefactState]


class Grid(models.Model):
    """One picture of rows x cols candidate frames; `file` is byte for byte what came back."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="grids")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=STATES, default=ArtefactState.MAKING.value, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    rows = models.PositiveSmallIntegerField()
    cols = models.PositiveSmallIntegerField()
    prompt = models.TextField()
    cell_prompts = models.JSONField(default=list, blank=True, help_text="What each panel was to show, in reading order")
    inputs = models.JSONField(null=True, blank=True, editable=False, help_text="What it was made from; see staleness")
    set_aside = models.CharField(max_length=400, blank=True, help_text="Why it is not used by itself; empty: it is")
    seed = models.BigIntegerField()
    endpoint = models.CharField(max_length=120)
    request_key = models.CharField(max_length=80, editable=False)
    file = models.CharField(max_length=300, blank=True)
    preview = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    cells = models.JSONField(default=list, blank=True, help_text="Box of each cell, cut where the gutters are")
    cuts = models.JSONField(
        null=True, blank=True, help_text="A person's cut lines, {cols, rows} in pixels of the picture, instead of found"
    )
    found_cells = models.JSONField(null=True, blank=True, help_text="The cells as they were found, while cuts are set")
    like = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="likes", help_text="More like a cell of this grid"
    )
    like_cell = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="grid_number_once"),
            models.UniqueConstraint(fields=["sequence", "request_key"], name="grid_request_once"),
            models.CheckConstraint(condition=Q(state__in=STATE_VALUES), name="grid_state_known"),
            models.CheckConstraint(condition=Q(rows__gte=1, cols__gte=1), name="grid_layout_positive"),
            models.CheckConstraint(condition=Q(state__in=["making", "failed"]) | ~Q(file=""), name="grid_has_file"),
            models.CheckConstraint(
                condition=Q(like__isnull=True, like_cell__isnull=True) | Q(like__isnull=False, like_cell__gte=1),
                name="grid_like_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(cuts__isnull=True, found_cells__isnull=True)
                | Q(cuts__isnull=False, found_cells__isnull=False),
                name="grid_cuts_keep_found",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence.code}/G{self.number}"


class Candidate(models.Model):
    """A starred cell of a grid: kept as a possible start frame, picked or not."""

    grid = models.ForeignKey(Grid, models.CASCADE, related_name="candidates")
    cell = models.PositiveSmallIntegerField(help_text="From 1, left to right, top to bottom")
    starred_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["grid", "cell"]
        constraints = [
            models.UniqueConstraint(fields=["grid", "cell"], name="candidate_once"),
            models.CheckConstraint(condition=Q(cell__gte=1), name="candidate_cell_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.grid} cell {self.cell}"


class Source(models.TextChoices):
    """Where a start frame was cut from."""

    GRID = "grid", "Grid cell"
    UPLOAD = "upload", "Upload"
    TAKE = "take", "Frame of a take"
    CHAIN = "chain", "Last frame of the call before"
    UPSCALE = "upscale", "An earlier frame made larger"


class Use(models.TextChoices):
    """Which end of a call a frame holds."""

    START = "start", "Start"
    END = "end", "End"


class StartFrame(models.Model):
    """A picture to start from, or to end at. The approved one without a shot is the sequence's, with a shot that
    shot's; only a shot has one to end at."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="start_frames")
    shot = models.ForeignKey(Shot, models.CASCADE, null=True, blank=True, related_name="start_frames")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=STATES, default=ArtefactState.MAKING.value, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    source = models.CharField(max_length=8, choices=Source.choices)
    use = models.CharField(max_length=5, choices=Use.choices, default=Use.START)
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, blank=True, related_name="start_frames")
    cell = models.PositiveSmallIntegerField(null=True, blank=True)
    box = models.JSONField(null=True, blank=True)
    take = models.ForeignKey("Take", models.PROTECT, null=True, blank=True, related_name="frames_taken")
    take_frame = models.PositiveIntegerField(null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="larger")
    request_key = models.CharField(max_length=80, blank=True, editable=False)
    file = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="start_frame_number_once"),
            models.UniqueConstraint(
                fields=["sequence"],
                condition=Q(state="approved", shot__isnull=True),
                name="one_start_frame_a_sequence",
            ),
            models.UniqueConstraint(
                fields=["shot", "use"], condition=Q(state="approved"), name="one_frame_a_shot_and_use"
            ),
            models.CheckConstraint(condition=Q(use__in=Use.values), name="start_frame_use_known"),
            models.CheckConstraint(condition=~Q(use="end") | Q(shot__isnull=False), name="end_frame_has_shot"),
            models.CheckConstraint(condition=Q(state__in=STATE_VALUES), name="start_frame_state_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="start_frame_source_known"),
            models.CheckConstraint(
                condition=~Q(source="grid") | Q(grid__isnull=False, cell__isnull=False, box__isnull=False),
                name="start_frame_from_grid_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(source="take") | Q(take__isnull=False, take_frame__isnull=False),
                name="start_frame_from_take_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(source="upscale") | Q(parent__isnull=False), name="start_frame_upscaled_from_one"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["making", "failed"]) | ~Q(file=""), name="start_frame_has_file"
            ),
            models.UniqueConstraint(
                fields=["sequence", "request_key"], condition=~Q(request_key=""), name="start_frame_request_once"
            ),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="start_frame_size_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence.code}/F{self.number}"


class Take(models.Model):
    """One complete try at a sequence. What it was made from is pinned here and in its shots, and never changes."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="takes")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=STATES, default=ArtefactState.MAKING.value, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    mode = models.CharField(max_length=12, choices=Mode.choices)
    provider = models.CharField(max_length=40)
    endpoint = models.CharField(max_length=120)
    seed = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    rate = models.CharField(max_length=12)
    start_frame = models.ForeignKey(StartFrame, models.PROTECT, null=True, blank=True, related_name="takes")
    elements = models.JSONField(
        default=list, blank=True, help_text="Pinned: key, name, description, picture hashes, sent or dropped"
    )
    plan = models.JSONField(default=dict, blank=True, help_text="The call plan as it was shown before the click")
    set_aside = models.CharField(max_length=400, blank=True, help_text="Why the cut does not use it; empty: it may")
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="redos", help_text="The take it redoes"
    )
    request_key = models.CharField(max_length=80, editable=False)
    file = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    frames = models.PositiveIntegerField(null=True, blank=True)
    poster = models.CharField(max_length=300, blank=True)
    strip = models.CharField(max_length=300, blank=True, help_text="Sprite of evenly spaced frames")
    strip_cells = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    lease_owner = models.CharField(max_length=120, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    epoch = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="take_number_once"),
            models.UniqueConstraint(fields=["sequence", "request_key"], name="take_request_once"),
            models.UniqueConstraint(
                fields=["sequence"], condition=Q(state="approved"), name="one_approved_take_a_sequence"
            ),
            models.CheckConstraint(condition=Q(state__in=STATE_VALUES), name="take_state_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="take_mode_known"),
            models.CheckConstraint(
                condition=Q(state__in=["making", "failed"]) | (~Q(file="") & Q(frames__gt=0)),
                name="take_has_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence.code}/T{self.number}"


class Clip(models.Model):
    """What came back from one call, at the project's size and rate. It belongs to the take that paid."""

    take = models.ForeignKey(Take, models.CASCADE, related_name="clips")
    job = models.OneToOneField("Job", models.PROTECT, related_name="clip")
    file = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    source_sha256 = models.CharField(max_length=64, help_text="Hash of the bytes the provider sent")
    frames = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    last_frame = models.CharField(max_length=300, blank=True)
    last_frame_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(frames__gt=0), name="clip_frames_positive"),
        ]

    def __str__(self) -> str:
        return f"clip of {self.take}"


class TakeShot(models.Model):
    """One shot of a take, or one part of a shot too long for a call: which words, which clip, in and out inside it.

    `first` and `frames` are frames inside the clip; `at` is its first frame inside the take.
    """

    take = models.ForeignKey(Take, models.CASCADE, related_name="shots")
    shot = models.ForeignKey(Shot, models.PROTECT, related_name="take_shots")
    number = models.PositiveIntegerField()
    part = models.PositiveSmallIntegerField(default=1)
    seconds = models.DecimalField(max_digits=7, decimal_places=3)
    revision = models.ForeignKey(PromptRevision, models.PROTECT, related_name="take_shots")
    compiled = models.TextField(blank=True, help_text="The prompt as it was sent")
    inputs = models.JSONField(null=True, blank=True, editable=False, help_text="What it was made from; see staleness")
    call = models.PositiveSmallIntegerField(help_text="Which call of the take makes it, from 1; 0 is reused")
    start_frame = models.ForeignKey(StartFrame, models.PROTECT, null=True, blank=True, related_name="+")
    end_frame = models.ForeignKey(StartFrame, models.PROTECT, null=True, blank=True, related_name="+")
    clip = models.ForeignKey(Clip, models.PROTECT, null=True, blank=True, related_name="take_shots")
    first = models.PositiveIntegerField()
    frames = models.PositiveIntegerField()
    at = models.PositiveIntegerField()
    thumb = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["take", "number", "part"], name="take_shot_once"),
            models.CheckConstraint(condition=Q(frames__gt=0), name="take_shot_frames_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.take} shot {self.number}"


class Check(models.Model):
    """One automatic gate on a take: a measured figure against a limit."""

    RESULTS = [("pass", "Pass"), ("warn", "Warn"), ("fail", "Fail")]

    take = models.ForeignKey(Take, models.CASCADE, related_name="checks")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    measured = models.CharField(max_length=120)
    limit = models.CharField(max_length=120)
    result = models.CharField(max_length=4, choices=RESULTS)
    spans = models.JSONField(default=list, blank=True, help_text="[first, last] frames in the take")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["take", "name"], name="check_once"),
            models.CheckConstraint(condition=Q(result__in=["pass", "warn", "fail"]), name="check_result_known"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.result}"


Artefact = Grid | StartFrame | Take
