"""Admin of decisions: three actions on jobs that ask for what they need on a page between, then call the verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from sequences.costs import dollars
from sequences.models import Job
from sequences.orchestration import deciding
from sequences.queries.needs import name_of

from .base import ReadOnly, each

Field = tuple[str, str, str]
NUMBER: Field = ("request_id", "text", "Request number at the service")
LOOKED: Field = ("looked", "checkbox", "I looked at the service and it is not there")
DOWN: Field = ("machine_down", "checkbox", "I made sure that the machine that sent it is off")
WHY: Field = ("why", "text", "Reason, kept with the ledger entry")


class Decided(ReadOnly):
    """Jobs that need a person; the rules and sentences are those of the page."""

    actions: Sequence[str] = ("found", "absent", "write_off")

    @admin.action(description="Found it in the service's list…", permissions=["change"])
    def found(self, request: HttpRequest, rows: QuerySet[Job]) -> TemplateResponse | None:
        """deciding.found, with the request number."""
        verb = partial(deciding.found, actor=_who(request), request_id=request.POST.get("request_id", ""))
        return self._ask(request, rows, "found", (NUMBER,), verb)

    @admin.action(description="It never arrived…", permissions=["change"])
    def absent(self, request: HttpRequest, rows: QuerySet[Job]) -> TemplateResponse | None:
        """deciding.absent, with the person's word."""
        word: dict[str, Any] = {name: bool(request.POST.get(name)) for name in ("looked", "machine_down")}
        return self._ask(request, rows, "absent", (LOOKED, DOWN), partial(deciding.absent, actor=_who(request), **word))

    @admin.action(description="Write off…", permissions=["change"])
    def write_off(self, request: HttpRequest, rows: QuerySet[Job]) -> TemplateResponse | None:
        """deciding.write_off, with the reason."""
        verb = partial(deciding.write_off, actor=_who(request), why=request.POST.get("why", ""))
        return self._ask(request, rows, "write_off", (WHY,), verb)

    def _ask(
        self,
        request: HttpRequest,
        rows: QuerySet[Job],
        action: str,
        fields: tuple[Field, ...],
        verb: Callable[..., Job],
    ) -> TemplateResponse | None:
        """Show what is asked for; with the answers call the verb for every chosen row."""
        if "decided" in request.POST:
            each(self, request, rows, lambda job: verb(job=job), "decided")
            return None
        listed = [(job.pk, name_of(job), job.state, dollars(job.estimate_micros)) for job in rows]
        context = {
            **self.admin_site.each_context(request),
            "title": "Needs a decision",
            "opts": self.model._meta,
            "action": action,
            "fields": fields,
            "rows": listed,
            "chosen": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/decide.html", context)


def _who(request: HttpRequest) -> Any:
    return request.user
