"""What is planned: project, members, song, sequences, shots, prompt revisions, elements.

Times are seconds of the song as decimals with three places; sizes are pixels; money is integer micro-dollars
(1 dollar = 1 000 000). Rows are written by `sequences.orchestration` only.
"""

from __future__ import annotations

from fractions import Fraction

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

CODE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_-]*$", "Use letters, digits, hyphens and underscores.")


class Rate(models.TextChoices):
    """Frames a second, written as in the plan file."""

    R24 = "24", "24"
    R25 = "25", "25"
    R30 = "30", "30"
    R23976 = "24000/1001", "23.976"
    R2997 = "30000/1001", "29.97"


class Layout(models.TextChoices):
    """Rows x columns of a grid."""

    L1 = "1x1", "1 × 1"
    L2 = "2x2", "2 × 2"
    L3 = "3x3", "3 × 3"


class Mode(models.TextChoices):
    """How a sequence is generated. Mixed is `multi_shot` with solo shots."""

    MULTI_SHOT = "multi_shot", "Multi-shot"
    PER_SHOT = "per_shot", "Per shot"


class Role(models.TextChoices):
    """What a member may do: owners everything, artists make, reviewers look and judge."""

    OWNER = "owner", "Owner"
    ARTIST = "artist", "Artist"
    REVIEWER = "reviewer", "Reviewer"


class Project(models.Model):
    """One music video for one client."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    client = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField(default=1280)
    height = models.PositiveIntegerField(default=720)
    rate = models.CharField(max_length=12, choices=Rate.choices, default=Rate.R24)
    cap_micros = models.BigIntegerField(default=0, help_text="Budget cap in millionths of a dollar")
    held_micros = models.BigIntegerField(default=0, editable=False)
    spent_micros = models.BigIntegerField(default=0, editable=False)
    overrun_micros = models.BigIntegerField(
        default=0, editable=False, help_text="What bills took beyond the cap: more than was held for them"
    )
    day_cap_micros = models.BigIntegerField(
        "daily cap", null=True, blank=True, help_text="Most to promise or spend in one UTC day; empty: no daily cap"
    )
    provider = models.CharField(max_length=40, default="sketch")
    model = models.CharField("video model", max_length=120, blank=True)
    grid_model = models.CharField(max_length=120, blank=True)
    grid = models.CharField("grid layout", max_length=8, choices=Layout.choices, default=Layout.L2)
    style_prefix = models.TextField(blank=True)
    style_suffix = models.TextField(blank=True)
    style_negative = models.TextField(blank=True)
    slate = models.BooleanField("slate burn-in", default=True)
    check_limits = models.JSONField(default=dict, blank=True)
    song_file = models.CharField(
        max_length=300, blank=True, help_text="Name of the song in the plan file, for its way back out"
    )
    forked_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="forks", help_text="The version it was copied from"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="projects")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="project_size_positive"),
            models.CheckConstraint(condition=Q(rate__in=Rate.values), name="project_rate_known"),
            models.CheckConstraint(condition=Q(grid__in=Layout.values), name="project_grid_known"),
            models.CheckConstraint(
                condition=Q(cap_micros__gte=0, held_micros__gte=0, spent_micros__gte=0),
                name="project_money_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(held_micros__lte=F("cap_micros") + F("overrun_micros") - F("spent_micros")),
                name="project_within_cap",
            ),
            models.CheckConstraint(
                condition=Q(overrun_micros__gte=0) & (Q(day_cap_micros__isnull=True) | Q(day_cap_micros__gte=0)),
                name="project_caps_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def frame_rate(self) -> Fraction:
        """Frames a second, exact."""
        return Fraction(self.rate)

    @property
    def left_micros(self) -> int:
        """What may still be promised: cap less spent less held; never below zero."""
        return max(0, self.cap_micros - self.spent_micros - self.held_micros)


class Membership(models.Model):
    """Who may see a project, and as what."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.ARTIST)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class Song(models.Model):
    """The master audio. `peaks` are 0..100, evenly spaced over the whole song."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="song")
    file = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    seconds = models.DecimalField(max_digits=9, decimal_places=3)
    sample_rate = models.PositiveIntegerField()
    channels = models.PositiveSmallIntegerField()
    codec = models.CharField(max_length=40)
    peaks = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seconds__gt=0), name="song_seconds_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class Sequence(models.Model):
    """One stretch of the song. Deleted ones keep their rows, so that a delete can be undone and money be counted."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="sequences")
    code = models.CharField(max_length=20, validators=[CODE])
    section = models.CharField(max_length=120, blank=True)
    position = models.PositiveIntegerField(default=0)
    start = models.DecimalField(max_digits=9, decimal_places=3)
    end = models.DecimalField(max_digits=9, decimal_places=3)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.MULTI_SHOT)
    grid_prompt = models.TextField(blank=True)
    cell_prompts = models.JSONField(
        default=list,
        blank=True,
        help_text="What each panel of the next grid shows, in reading order; empty for as it comes",
    )
    style_prefix = models.TextField(blank=True, help_text="Behind the project's")
    style_suffix = models.TextField(blank=True, help_text="Before the project's")
    style_negative = models.TextField(blank=True, help_text="Beside the project's")
    deleted_at = models.DateTimeField(null=True, blank=True)
    elements: models.ManyToManyField[Element, SequenceElement] = models.ManyToManyField(
        "Element", through="SequenceElement", related_name="sequences"
    )

    class Meta:
        ordering = ["start", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"], condition=Q(deleted_at__isnull=True), name="sequence_code_once"
            ),
            models.CheckConstraint(condition=Q(start__gte=0), name="sequence_starts_in_song"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="sequence_length_positive"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="sequence_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.section}".strip()

    @property
    def seconds(self) -> float:
        """Length of the section in seconds."""
        return float(self.end - self.start)

    @property
    def frames(self) -> int:
        """Frames of the section in the cut: both ends rounded, so that neighbours meet without a gap."""
        rate = self.project.frame_rate
        return round(Fraction(self.end) * rate) - round(Fraction(self.start) * rate)


class Shot(models.Model):
    """Numbered within its sequence from 1; numbers of living shots are unique and without holes."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="shots")
    number = models.PositiveIntegerField()
    seconds = models.DecimalField(max_digits=7, decimal_places=3)
    solo = models.BooleanField(default=False)
    divided = models.BooleanField(default=False, help_text="A call begins here, though it could go on")
    model = models.CharField(
        "video model", max_length=120, blank=True, help_text="Of the call it is made in; empty: the take's"
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "number"], condition=Q(deleted_at__isnull=True), name="shot_number_once"
            ),
            models.CheckConstraint(condition=Q(seconds__gt=0), name="shot_seconds_positive"),
            models.CheckConstraint(condition=Q(number__gt=0), name="shot_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence.code} shot {self.number}"


class PromptRevision(models.Model):
    """Immutable text of one shot's prompt: r1, r2… A database trigger refuses a change of the text."""

    shot = models.ForeignKey(Shot, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.CharField(
        max_length=60, default="typed", help_text="typed, import, restore r2, copy of SEQ01 shot 3…"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["shot", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="revision_number_positive"),
        ]

    def __str__(self) -> str:
        return f"r{self.number}"


class ElementKind(models.TextChoices):
    """What an element is; names the folder under refs/."""

    CHARACTER = "character", "Character"
    PROP = "prop", "Prop"
    PLACE = "place", "Place"


class Element(models.Model):
    """A character, prop or place, written `@key` in prompts."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="elements")
    key = models.CharField(max_length=40, validators=[CODE])
    kind = models.CharField(max_length=12, choices=ElementKind.choices, default=ElementKind.CHARACTER)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    refs = models.CharField(max_length=300, blank=True, help_text="Reference folder as the plan file names it")
    position = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"], condition=Q(deleted_at__isnull=True), name="element_key_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=ElementKind.values), name="element_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ElementImage(models.Model):
    """A reference picture; the one with the lowest position is the frontal one."""

    element = models.ForeignKey(Element, models.CASCADE, related_name="images")
    position = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    source = models.CharField(
        max_length=200, blank=True, help_text="upload, crop of …, cell 3 of SEQ01/G2, frame 12 of SEQ01/T1, folder …"
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["element", "sha256"], name="element_image_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SequenceElement(models.Model):
    """An element of a sequence; the lowest position goes along first."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="sequence_elements")
    element = models.ForeignKey(Element, models.CASCADE, related_name="sequence_elements")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "element"], name="sequence_element_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.element}"
