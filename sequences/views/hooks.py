"""The door for webhooks: raw bytes in, a status out, nothing else."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sequences.execution import hooks


@csrf_exempt  # signed by the provider; it has no session and no form of ours
@login_not_required
@require_POST
def webhook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Take a webhook. The body is read only when its length is one we would take."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > hooks.MOST_BYTES:
        return HttpResponse(status=hooks.TOO_LARGE)
    return HttpResponse(status=hooks.receive(provider, token, request.headers, request.body))
