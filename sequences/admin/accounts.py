"""Admin of what is known of providers: accounts, prices, uploads, and the money of a day. All of it is read-only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sequences.models import Account, DayBudget, Price, Upload
from sequences.orchestration.accounts import reopen_account

from .base import ReadOnly, each, linked, money, redacted


@admin.register(Account)
class AccountAdmin(ReadOnly):
    """How providers' accounts stand; a shut one is opened again."""

    list_display = ("provider", "shut", "rest_until", "said", "since", "errors", "heard_at")
    search_fields = ("provider", "why")
    exclude = ("why",)
    readonly_fields = ("said",)
    said = redacted("why")
    actions = ("reopen",)

    @admin.action(description="Send to it again", permissions=["change"])
    def reopen(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """orchestration.accounts.reopen_account for each."""
        who = request.user
        each(self, request, rows, lambda row: reopen_account(actor=who, provider=row.pk), "opened")  # type: ignore[arg-type]  # signed in


@admin.register(Price)
class PriceAdmin(ReadOnly):
    """Prices as providers told them."""

    list_display = ("endpoint", "unit_price", "unit", "currency", "source", "fetched_at")
    list_filter = ("unit", "source")
    search_fields = ("endpoint",)


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    """Pictures that lie in a provider's storage. Whoever has the address has the picture, so it is not shown."""

    list_display = ("provider", "sha256", "expires_at")
    list_filter = ("provider",)
    search_fields = ("sha256",)
    exclude = ("url",)


@admin.register(DayBudget)
class DayBudgetAdmin(ReadOnly):
    """Money by UTC day."""

    list_display = ("day", "to_project", "cap", "held", "spent", "over")
    list_filter = ("project",)
    search_fields = ("project__slug",)
    list_select_related = ("project",)
    readonly_fields = ("held", "spent", "over")
    to_project = linked("project")
    cap, over = money("cap_micros", "cap"), money("overrun_micros", "over the cap")
    held, spent = money("held_micros", "held"), money("spent_micros", "spent")
