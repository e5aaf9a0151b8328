"""Calls of which nobody knows whether the provider took them: what is known, who may still send, and how one is found.

Nothing here sends anything that costs. A call is found by its token on a webhook or by its input in the provider's own
list; that it never arrived is a person's word (or, where the list is trusted, the list's), and only when whoever held
it is gone and the time in which it must have shown is over.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from sequences.models import Attempt, Heartbeat, Job, Receipt
from sequences.providers import registry
from sequences.providers.base import Found, NotKnown, Paid, ProviderError, Wire
from sequences.states import FOLLOWED_JOBS, JobState
from sequences.transitions import Stale, move

from . import accounts, pace
from .claims import holder, proven_dead
from .outcomes import fail, receipt
from .wake import Wake

log = logging.getLogger(__name__)

Holder = Literal["gone", "alive", "silent"]

LOOKS = (
    60,
    60,
    180,
    300,
    600,
    1200,
    2100,
)  # seconds between looks: 1, 2, 5, 10, 20, 40 and 75 minutes
SELDOM = 1800
SILENCE = timedelta(minutes=10)  # without a heartbeat a machine may be down; only a person can say so
EARLY = timedelta(minutes=5)  # clocks differ


def wire_of(job: Job) -> Wire:
    """What was sent; for a provider that takes the request itself, only where to."""
    sent: dict[str, Any] = job.wire or {}
    return Wire(sent.get("endpoint") or job.endpoint, sent.get("body") or {})


def holder_of(job: Job) -> Holder:
    """Whether the process that claimed the newest submit may still send it.

    `gone`: it has ended its attempt or is proven dead. `alive`: it may. `silent`: it is on another machine and has not
    been heard of for ten minutes; only a person can say that the machine is down.
    """
    last = Attempt.objects.filter(job=job, step="submit").order_by("-epoch").first()
    if last is None or last.ended_at is not None or proven_dead(last.owner):
        return "gone"
    if last.owner.split("|")[0] == holder().split("|")[0]:
        return "alive"
    fresh = Heartbeat.objects.filter(owner=last.owner, seen_at__gt=timezone.now() - SILENCE).exists()
    young = last.started_at > timezone.now() - SILENCE
    return "alive" if fresh or young else "silent"


def arrives_until(job: Job) -> datetime | None:
    """The moment by which an unsure call that arrived must have shown in the provider's list, counted from the moment
    nobody could send it any more; None when the provider can simply be asked again."""
    return None if registry.get(job.provider).idempotent else job.deadline


def unheard(job: Job, digest: str) -> QuerySet[Job]:
    """Other jobs that have sent this input, or may have, and have not heard of it."""
    if not digest:
        return Job.objects.none()
    unheard_of = (JobState.SUBMITTING.value, JobState.UNSURE.value)
    return Job.objects.filter(wire_sha256=digest, provider=job.provider, state__in=unheard_of).exclude(pk=job.pk)


def let_go(job: Job, why: str) -> None:
    """Nobody can send it any more: note it, once, and only now begins the time in which an unsure call must show. It
    may have been sent at the very end of a process that had stood still."""
    mine = Attempt.objects.filter(job=job, epoch=job.epoch, ended_at__isnull=True)
    if mine.update(ended_at=timezone.now(), outcome=why[:300]):
        until = timezone.now() + timedelta(seconds=run_seconds(job))
        Job.objects.filter(pk=job.pk, epoch=job.epoch, state=JobState.UNSURE.value).update(deadline=until)


def overdue(job: Job) -> bool:
    """Whether a call that was taken has not ended within its time."""
    return job.state in FOLLOWED_JOBS and job.deadline is not None and job.deadline < timezone.now()


def bind(job: Job, request_id: str, *, actor: Any = None, why: str = "") -> None:
    """The unsure call turned out to be this request of the provider's. Raises Stale when another job has it, or when
    somebody was faster."""
    now = timezone.now()
    try:
        with transaction.atomic():
            move(
                job,
                JobState.SUBMITTED,
                actor=actor,
                why=why or f"found as {request_id}",
                request_id=request_id,
                look_again_at=now,
                deadline=now + timedelta(seconds=run_seconds(job)),
                tries=0,
                error="",
                error_code="",
                lease_until=None,
            )
    except IntegrityError:
        raise Stale(f"Request {request_id} belongs to another job.") from None


def run_seconds(job: Job) -> float:
    """Seconds within which an accepted call has to end; past them a person is asked."""
    provider = registry.get(job.provider)
    if provider.idempotent:
        return max(1800.0, 20 * job.expected_seconds)
    paid: Paid = provider  # type: ignore[assignment]  # every provider that is not idempotent sends bills
    return paid.horizon(wire_of(job).endpoint)


def search(job: Job) -> list[Wake]:
    """Look for an unsure call once: by what its webhooks said, then in the provider's list. Never sends it again."""
    if not _my_turn(job):
        return []
    provider: Paid = registry.get(job.provider)  # type: ignore[assignment]  # the caller has looked
    try:
        for request_id in _candidates(job, provider):
            if _take(job, request_id, provider):
                return [Wake("follow")]
    except ProviderError as error:
        accounts.troubled(job.provider, error)
        Job.objects.filter(pk=job.pk, state=job.state).update(note=str(error)[:200])
        return []
    return _nothing_found(job)


def _my_turn(job: Job) -> bool:
    wait = LOOKS[job.tries] if job.tries < len(LOOKS) else SELDOM
    fields: dict[str, Any] = {"look_again_at": timezone.now() + timedelta(seconds=wait), "tries": job.tries + 1}
    held = holder_of(job)
    if held == "gone":
        let_go(job, "the process that sent it is gone")
    elif held == "alive":  # it may be sent at any moment: the time in which it must show starts with the next look
        fields["deadline"] = timezone.now() + timedelta(seconds=wait + run_seconds(job))
    same = Job.objects.filter(pk=job.pk, state=job.state, look_again_at=job.look_again_at)
    return bool(same.update(**fields))


def _candidates(job: Job, provider: Paid) -> list[str]:
    told = list(Receipt.objects.filter(job=job, kind__in=["webhook", "submit"]).exclude(request_id="").order_by("id"))
    if told:
        return list(dict.fromkeys(r.request_id for r in told))
    if holder_of(job) != "gone":  # its own answer may still come, and would name another request
        return []
    since = (job.sent_at or job.started_at or job.created_at) - EARLY
    found = provider.find(wire_of(job), since=since, until=timezone.now())
    accounts.heard(job.provider)
    _note_listing(job, found)
    return [f.request_id for f in nearest_first(job, found)]


def _note_listing(job: Job, found: tuple[Found, ...]) -> None:
    body = {"asked_at": timezone.now().isoformat(), "found": [f.request_id for f in found]}
    receipt(job, "listing", body)


def nearest_first(job: Job, found: tuple[Found, ...]) -> list[Found]:
    """The same input may have been sent for another take: what belongs to a job is left out, the nearest is first."""
    numbers = [f.request_id for f in found]
    known = set(Job.objects.filter(request_id__in=numbers).values_list("request_id", flat=True))
    told = Receipt.objects.filter(provider=job.provider, request_id__in=numbers, kind__in=["webhook", "submit"])
    known |= set(told.exclude(job=job).filter(job__request_id="").values_list("request_id", flat=True))
    sent = job.sent_at or job.created_at
    free = [f for f in found if f.request_id not in known]
    return sorted(free, key=lambda f: abs(((f.sent_at or sent) - sent).total_seconds()))


def _take(job: Job, request_id: str, provider: Paid) -> bool:
    """Make the request the job's when our own key sees it; a webhook alone proves nothing about our account."""
    try:
        provider.look(request_id, endpoint=wire_of(job).endpoint)
    except NotKnown:
        return False
    job.refresh_from_db(fields=["state", "version"])
    try:
        bind(job, request_id)
    except Stale as stale:
        log.info("job %s: %s", job.pk, stale)
        return False
    return True


def _nothing_found(job: Job) -> list[Wake]:
    job.refresh_from_db()
    until = arrives_until(job)
    waited = until is not None and until < timezone.now() and holder_of(job) == "gone"
    if job.state != JobState.UNSURE or not waited or not settings.LISTING_PROVES_ABSENCE:
        return []
    return fail(job, "It never arrived: the provider's list does not know it.", code="absent", to=JobState.ABSENT)


def unsure_fields(job: Job) -> dict[str, Any]:
    """What a move to `unsure` writes along: looked for soon, and until when it must have shown."""
    provider = registry.get(job.provider)
    soon = 1.0 if provider.idempotent else pace.back_off(0)
    return {
        "look_again_at": timezone.now() + timedelta(seconds=soon),
        "deadline": timezone.now() + timedelta(seconds=run_seconds(job)),
        "lease_until": None,
        "tries": 0,
    }
