"""Ask how calls stand. Reading is free and may be repeated by anybody; what it says is written once.

Calls of a provider that sends bills are looked at in batches: whoever comes first takes all that are due, asks about
them over one client with few connections, and writes what it heard in one transaction. Nothing waits for a call.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sequences import costs
from sequences.models import Job
from sequences.providers import registry
from sequences.providers.base import (
    Ask,
    Closed,
    NotKnown,
    Paid,
    Pending,
    ProviderError,
    Ready,
    Refused,
    TryLater,
)
from sequences.states import FOLLOWED_JOBS, JobState
from sequences.transitions import MoveError, Stale, move

from . import accounts, pace, unsure
from .outcomes import billed_micros, fail, receipt
from .wake import Wake

log = logging.getLogger(__name__)

BATCH = 200
KEPT = timedelta(days=7)  # "at least 7 days": how long fal keeps what it made, as its documents say
Answer = Pending | Ready | Refused | ProviderError


def follow(job: Job) -> list[Wake]:
    """One look at a submitted call, and what follows from it. One of a paid provider is looked at with its batch, when
    its time has come: a bell that rang twice is no reason to ask twice."""
    if not registry.get(job.provider).idempotent:
        return follow_due()
    if not _my_turn(job):
        return []
    if job.cancel_asked and job.state != JobState.CANCELLING:
        return _cancel(job)
    try:
        answer: Answer = registry.get(job.provider).look(job.request_id)
    except ProviderError as error:
        answer = error
    except Exception as error:
        log.exception("look at job %s", job.pk)
        answer = TryLater(f"could not ask: {error}", after=10)
    return _heard(job, answer)


def follow_due(limit: int = BATCH) -> list[Wake]:
    """Look at every call of paid providers that is due, at most `limit` a provider. Safe to run many times at once."""
    wakes: list[Wake] = []
    for name in registry.paid_names():
        wakes += _follow_provider(name, limit)
    return wakes


def _follow_provider(name: str, limit: int) -> list[Wake]:
    jobs = _take_due(name, limit)
    if not jobs:
        return []
    wakes: list[Wake] = []
    rest = []
    for job in jobs:
        if job.cancel_asked and job.state != JobState.CANCELLING:
            wakes += _alone(job, _cancel)
        else:
            rest.append(job)
    return wakes + _look_at(name, rest) if rest else wakes


def _alone(job: Job, move_on: Callable[[Job], list[Wake]]) -> list[Wake]:
    """One job of a batch: whatever breaks with it must not keep the others from going on."""
    try:
        return move_on(job)
    except Exception as error:
        log.exception("following job %s", job.pk)
        return _look_later(job, pace.back_off(job.tries, least=30), f"It broke off and is tried again: {error}")


def _take_due(name: str, limit: int) -> list[Job]:
    """Due rows, taken by a stamp nobody else has written; when this process dies they are due again a minute later."""
    now = timezone.now()
    due = Job.objects.filter(provider=name, state__in=FOLLOWED_JOBS, look_again_at__lte=now)
    some = list(due.order_by("look_again_at").values_list("pk", flat=True)[:limit])
    if not some:
        return []
    stamp = now + timedelta(seconds=60)
    due.filter(pk__in=some).update(look_again_at=stamp)
    return list(Job.objects.select_related("project").filter(pk__in=some, look_again_at=stamp))


def _look_at(name: str, jobs: Sequence[Job]) -> list[Wake]:
    provider: Paid = registry.get(name)  # type: ignore[assignment]  # paid names only
    answers = provider.look_many([_ask(j) for j in jobs])
    errors = _health(name, answers)
    pairs = list(zip(jobs, answers, strict=True))
    waiting = [(j, a) for j, a in pairs if isinstance(a, Pending)]
    _write_pending(name, waiting)
    wakes: list[Wake] = []
    for job, answer in pairs:
        if not isinstance(answer, Pending):
            wakes += _alone(job, partial(_heard, answer=answer, down=errors))
    return wakes


def _ask(job: Job) -> Ask:
    """A row that cannot be read asks for nothing, which no provider knows."""
    try:
        return Ask(job.request_id, unsure.wire_of(job).endpoint)
    except Exception:
        log.exception("job %s cannot be asked about", job.pk)
        return Ask(job.request_id, "")


def _health(name: str, answers: Iterable[Answer]) -> bool:
    """Tell the account how its provider answers; returns whether it is down."""
    answers = list(answers)
    bad = [a for a in answers if isinstance(a, ProviderError) and not isinstance(a, Refused | NotKnown)]
    if len(bad) < len(answers):
        accounts.heard(name)
        return False
    closed = next((a for a in bad if isinstance(a, Closed)), bad[0])
    accounts.troubled(name, closed, len(bad))
    return accounts.in_trouble(name)


def _write_pending(name: str, pairs: Sequence[tuple[Job, Pending]]) -> None:
    """What is still being made: one transaction for all, an event only for those that have begun, and one statement for
    all of which there is nothing new and which are looked at again in the same second."""
    called, now = accounts.calls_us(name), timezone.now()
    same: dict[int, list[Job]] = defaultdict(list)
    with transaction.atomic():
        for job, answer in pairs:
            after = _pending_after(job, answer, now, called)
            if _nothing_new(job, answer):
                same[round(after)].append(job)
            else:
                _pending(job, answer, after)
        for seconds, jobs in same.items():
            # all of them carry the stamp of this batch; somebody who wants one sooner has changed it meanwhile
            rows = Job.objects.filter(pk__in=[j.pk for j in jobs], state__in=FOLLOWED_JOBS)
            rows.filter(look_again_at=jobs[0].look_again_at).update(look_again_at=now + timedelta(seconds=seconds))


def _nothing_new(job: Job, answer: Pending) -> bool:
    told = (answer.progress, answer.note[:200], answer.ahead)
    begun = answer.started and job.state == JobState.SUBMITTED
    return not begun and not job.tries and told == (job.progress, job.note, job.ahead)


def _pending_after(job: Job, answer: Pending, now: datetime, called: bool) -> float:
    if answer.after:
        return answer.after
    age = (now - (job.sent_at or job.created_at)).total_seconds()
    return pace.next_look(age, called=called, ahead=answer.ahead, overdue=unsure.overdue(job))


def _heard(job: Job, answer: Answer, *, down: bool = False) -> list[Wake]:
    """Write one answer."""
    if isinstance(answer, Pending):
        _pending(job, answer, answer.after)
        return []
    if isinstance(answer, Ready):
        return _ready(job, answer)
    if isinstance(answer, Refused):
        return _refused(job, answer)
    if isinstance(answer, NotKnown):
        return _not_known(job, answer)
    least = answer.after if isinstance(answer, TryLater) else 10.0
    return _look_later(job, max(pace.TROUBLED if down else 0.0, pace.back_off(job.tries, least=least)), str(answer))


def _my_turn(job: Job) -> bool:
    """Take this look by compare-and-set on the time to look, so that two bells make one look."""
    next_look = timezone.now() + timedelta(seconds=15)
    same = Job.objects.filter(pk=job.pk, state=job.state, look_again_at=job.look_again_at)
    taken = bool(same.update(look_again_at=next_look))
    job.look_again_at = next_look
    return taken


def _pending(job: Job, answer: Pending, after: float) -> None:
    fields: dict[str, Any] = {
        "progress": answer.progress,
        "note": answer.note[:200],
        "ahead": answer.ahead,
        "look_again_at": timezone.now() + timedelta(seconds=after),
    }
    if job.tries:
        fields["tries"] = 0
    if answer.started and job.state == JobState.SUBMITTED:
        _try_move(job, JobState.PROCESSING, fields)
    else:  # somebody who wants it looked at sooner has changed the time meanwhile
        Job.objects.filter(pk=job.pk, state=job.state, look_again_at=job.look_again_at).update(**fields)


def _try_move(job: Job, to: JobState, fields: dict[str, Any]) -> None:
    try:
        move(job, to, **fields)
    except Stale:
        log.info("job %s moved on meanwhile", job.pk)


def _ready(job: Job, answer: Ready) -> list[Wake]:
    """Finished and paid for: the receipt, the state and the money in one transaction, before anything is downloaded."""
    receipt(job, "look", answer.raw)
    now = timezone.now()
    try:
        with transaction.atomic():
            move(
                job,
                JobState.READY,
                result_ref=asdict(answer.file),
                progress=1.0,
                note="collecting",
                look_again_at=now,
                deadline=now + KEPT,
                tries=0,
                charged=True,
                billed_units=answer.units,
            )
            billed = costs.settle(job, billed_micros(job, answer))
            Job.objects.filter(pk=job.pk).update(cost_micros=billed)
    except Stale:
        return []
    return [Wake("job", job.pk)]


def _refused(job: Job, answer: Refused) -> list[Wake]:
    receipt(job, "look", {"refused": str(answer), "code": answer.code, "where": answer.where})
    stopped = job.state == JobState.CANCELLING and answer.code == "cancelled"
    to = JobState.CANCELLED if stopped else JobState.FAILED
    try:
        return fail(job, str(answer), code=answer.code, to=to, charged=answer.charged, units=answer.units)
    except Stale:
        return []


def _not_known(job: Job, answer: NotKnown) -> list[Wake]:
    """The provider does not know it: wait, and only when it must have shown say that nobody knows."""
    age = (timezone.now() - (job.sent_at or job.created_at)).total_seconds()
    if age < unsure.run_seconds(job):
        return _look_later(job, pace.next_look(age, called=False), str(answer))
    fields = {**unsure.unsure_fields(job), "deadline": timezone.now(), "error": str(answer)}
    try:
        move(job, JobState.UNSURE, why=f"{job.provider} says that it does not know it", **fields)
    except MoveError as stale:
        log.info("job %s: %s", job.pk, stale)
    return []


def _cancel(job: Job) -> list[Wake]:
    """Ask the provider to stop; that it has stopped is for the provider to say."""
    try:
        move(job, JobState.CANCELLING, why="cancelled", look_again_at=timezone.now(), note="cancelled")
        registry.get(job.provider).cancel(job.request_id, endpoint=unsure.wire_of(job).endpoint)
    except Stale as stale:
        log.info("cancel of job %s: %s", job.pk, stale)
        return []
    except ProviderError as error:  # not heard, perhaps: ask again with the next look
        log.info("cancel of job %s: %s", job.pk, error)
    return [Wake("job", job.pk)]


def _look_later(job: Job, seconds: float, note: str) -> list[Wake]:
    Job.objects.filter(pk=job.pk, state=job.state).update(
        look_again_at=timezone.now() + timedelta(seconds=seconds), note=note[:200], tries=F("tries") + 1
    )
    return []
