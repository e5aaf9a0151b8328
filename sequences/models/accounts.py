"""What we know of a provider's account, its prices and what lies in its storage; and the money of one day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .plan import Project


class DayBudget(models.Model):
    """Money of one project on one UTC day: what was promised on it, and what became of those promises.

    `cap_micros` is the project's daily cap as it stood when the day's newest hold was made; null: none.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="days")
    day = models.DateField()
    cap_micros = models.BigIntegerField(null=True, blank=True)
    held_micros = models.BigIntegerField(default=0, editable=False)
    spent_micros = models.BigIntegerField(default=0, editable=False)
    overrun_micros = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["project", "day"], name="day_budget_once"),
            models.CheckConstraint(
                condition=Q(held_micros__gte=0, spent_micros__gte=0, overrun_micros__gte=0),
                name="day_money_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(cap_micros__isnull=True)
                | Q(held_micros__lte=F("cap_micros") + F("overrun_micros") - F("spent_micros")),
                name="day_within_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} on {self.day}"


class Account(models.Model):
    """How a provider's account stands, as this installation has seen it: one row a provider.

    `shut` says that nothing is sent until a person says so; `rest_until` that nothing is sent before then. `errors`
    counts answers in a row that were none. `keys` are the public keys of its webhooks, as it published them.
    """

    provider = models.CharField(max_length=40, primary_key=True)
    shut = models.BooleanField(default=False)
    rest_until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    errors = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When a webhook last proved to be from it")
    keys = models.JSONField(null=True, blank=True)
    keys_at = models.DateTimeField(null=True, blank=True, help_text="When they were last asked for")
    keys_fetched_at = models.DateTimeField(null=True, blank=True)
    keys_wanted = models.BooleanField(default=False)
    prices_at = models.DateTimeField(null=True, blank=True, help_text="When they were last asked for")

    def __str__(self) -> str:
        return self.provider


class Price(models.Model):
    """A price as the provider told it: append-only; the newest of an endpoint counts. `unit` is the provider's word."""

    endpoint = models.CharField(max_length=120)
    unit_price = models.DecimalField(max_digits=18, decimal_places=9)
    unit = models.CharField(max_length=60)
    currency = models.CharField(max_length=8, default="USD")
    source = models.CharField(max_length=60, blank=True)
    fetched_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["endpoint", "-id"], name="price_newest")]
        constraints = [models.CheckConstraint(condition=Q(unit_price__gte=0), name="price_not_negative")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.unit_price} {self.currency} a {self.unit}"


class Upload(models.Model):
    """A picture that lies in a provider's storage: its address there, until it expires."""

    provider = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    url = models.CharField(max_length=600)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "sha256"], name="upload_once")]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} at {self.provider}"
