"""Accounts of the providers a project uses: whether anything is sent to them, and the two verbs about that."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sequences import orchestration
from sequences.models import Project
from sequences.queries.accounts import used_by

from .access import came_from, member, page, person


@require_safe
@member
def accounts(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    rows = [(row, orchestration.account_objection(person(request), row.provider)) for row in used_by(project)]
    return page(request, project, "sequences/accounts.html", {"accounts": rows}, nav="accounts")


@require_POST
@member
def account_open(request: HttpRequest, project: Project) -> HttpResponse:
    """Send to a provider again."""
    row = orchestration.reopen_account(actor=person(request), provider=request.POST.get("provider", ""))
    messages.success(request, f"{row.provider} is open. What waited for it is sent now.")
    return _back(request, project)


@require_POST
@member
def account_close(request: HttpRequest, project: Project) -> HttpResponse:
    """Send nothing to a provider any more."""
    row = orchestration.close_account(
        actor=person(request), provider=request.POST.get("provider", ""), why=request.POST.get("why", "")
    )
    messages.success(request, f"{row.provider} is closed. What it has already is followed and collected.")
    return _back(request, project)


def _back(request: HttpRequest, project: Project) -> HttpResponse:
    """Where one came from: the banner is on every page."""
    response = HttpResponseRedirect(came_from(request, reverse("accounts", args=[project.slug])))
    response.status_code = 303
    return response
