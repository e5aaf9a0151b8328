"""Webhooks are wake-ups: one that proves to be the provider's, about our account and about a job of ours, makes that
job due now. What became of the job is then asked with our own key; nothing a webhook says is believed.

Answering takes a read and two writes; no network, no bell. The sweep finds the job within a second or two.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from sequences.models import Account, Job, Receipt
from sequences.providers import registry
from sequences.providers.base import Paid
from sequences.states import FOLLOWED_JOBS, JobState

from . import accounts, late

log = logging.getLogger(__name__)

MOST_BYTES = 1_000_000
TRUSTED = timedelta(hours=24)  # for how long fal allows its keys to be kept
LONGEST_TOKEN = 80

OK, NOT_OURS, FORGED, TOO_LARGE, NO_KEYS = 200, 404, 401, 413, 503


def receive(name: str, token: str, headers: Mapping[str, str], body: bytes) -> int:
    """Take one webhook; returns the HTTP status to answer with. Replays change nothing.

    404 for a token that is no job's (before anything is computed), 401 for one that does not prove itself, 503 while we
    have no keys to check it with: the provider sends it again later, and looks go on without it.
    """
    job = _job_of(name, token)
    if job is None:
        return NOT_OURS
    if len(body) > MOST_BYTES:
        return TOO_LARGE
    keys = _keys(name)
    if keys is None:
        return NO_KEYS
    try:
        _paid(name).check_hook(headers, body, keys, now=timezone.now().timestamp())
        said = _said(body)
    except ValueError as reason:
        log.warning("a webhook for job %s was turned away: %s", job.pk, reason)
        Account.objects.filter(pk=name, keys_wanted=False).update(keys_wanted=True)
        return FORGED
    _take(job, said, body)
    return OK


def _job_of(name: str, token: str) -> Job | None:
    if name not in registry.paid_names() or not 0 < len(token) <= LONGEST_TOKEN:
        return None
    return Job.objects.filter(provider=name, token=token).first()


def _paid(name: str) -> Paid:
    return cast(Paid, registry.get(name))


def _keys(name: str) -> dict[str, Any] | None:
    row = accounts.standing(name)
    fresh = row.keys_fetched_at is not None and row.keys_fetched_at > timezone.now() - TRUSTED
    if fresh and row.keys:
        return dict(row.keys)
    if not row.keys_wanted:
        accounts.account(name)
        Account.objects.filter(pk=name).update(keys_wanted=True)
    return None


def _said(body: bytes) -> dict[str, Any]:
    said = json.loads(body)
    if not isinstance(said, dict) or not isinstance(said.get("request_id"), str) or not said["request_id"]:
        raise ValueError("it names no request")
    if len(said["request_id"]) > 120:
        raise ValueError("the number it names is too long")
    return said


def _take(job: Job, said: dict[str, Any], body: bytes) -> None:
    """Keep it, once, and make the job due; for a job that has ended by a decision, begin to wait for its result."""
    now = timezone.now()
    with transaction.atomic():
        _, new = Receipt.objects.get_or_create(
            provider=job.provider,
            request_id=said["request_id"],
            kind="webhook",
            body_sha256=hashlib.sha256(body).hexdigest(),
            defaults={"job": job, "body": said},
        )
        if not new:
            return
        Account.objects.update_or_create(provider=job.provider, defaults={"heard_at": now})
        if job.request_id not in ("", said["request_id"]):
            _pass_on(job, said["request_id"])
            return
        due = Job.objects.filter(pk=job.pk, state__in=[*FOLLOWED_JOBS, JobState.UNSURE.value])
        if not due.update(look_again_at=now) and late.may_come(job):
            late.expect(job, said["request_id"])


def _pass_on(job: Job, request_id: str) -> None:
    """The call was sent for this job, which was found in the list as another one with the same input. That other one
    was sent for a job that does not know it: it gets this call, whose result is as good."""
    lost = Job.objects.filter(provider=job.provider, wire_sha256=job.wire_sha256, request_id="").exclude(pk=job.pk)
    for other in lost.exclude(wire_sha256=""):
        if late.may_come(other):
            late.expect(other, request_id)
            return
        if Job.objects.filter(pk=other.pk, state=JobState.UNSURE.value).update(look_again_at=timezone.now()):
            return
    log.error("job %s was found as %s and sent as %s, which no other job misses", job.pk, job.request_id, request_id)
