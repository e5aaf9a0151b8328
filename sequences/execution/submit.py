"""The moment money may be spent: uploads, claim, exactly one submit, and every unclear outcome kept as unsure."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from sequences import costs
from sequences.models import Clip, Job
from sequences.providers import registry
from sequences.providers.base import (
    Busy,
    Closed,
    Provider,
    Refused,
    Request,
    Submitted,
    TryLater,
    Unsure,
    Wire,
    fingerprint,
    from_json,
)
from sequences.queries.batches import PAUSED, is_held_back
from sequences.states import JobState
from sequences.transitions import MoveError, Stale, move

from . import accounts, late, pace, unsure
from .accounts import NotNow
from .claims import claim, close_attempt, lease_fields, lease_over, open_attempt
from .outcomes import fail, receipt
from .wake import Wake

log = logging.getLogger(__name__)

MOST_TRIES = 8
PAUSED_LOOK = 60.0  # seconds between two looks at a call whose batch is paused: resuming it rings
PAUSE = 20.0  # seconds between claim and submit after which we have been asleep and give the claim back


def submit(job: Job) -> list[Wake]:
    """Send a queued job once. Waits while its batch is paused, while the call before it is unfinished, while its
    provider rests or has enough of ours, and while the same input is with it and nobody knows; gives up when the call
    before it failed."""
    if job.cancel_asked:
        return _cancel_unsent(job)
    frozen = _frozen_request(job)
    if frozen is None:
        return _wait_or_give_up(job)
    if is_held_back(job):
        return _wait(job, PAUSED, PAUSED_LOOK)
    provider, request = registry.get(job.provider), from_json(frozen)
    try:
        _books_add_up(job)
        accounts.may_send(provider)
        wire = _prepared(provider, request)
        claimed_at = time.monotonic()
        _claim(job, provider, frozen, wire)
    except NotNow as wait:
        return _wait(job, str(wait), wait.after)
    except Refused as refused:
        return _refused(job, refused)
    except TryLater as later:
        accounts.troubled(job.provider, later)
        return _try_again(job, later)
    except Stale:
        return []
    try:
        if why := _second_thoughts(job, claimed_at):
            return _give_back(job, why)
        return _send(job, request, wire, was=JobState.SUBMITTING)
    except Exception:  # whatever broke, this process sends it no more: else it held the job for as long as it lives
        unsure.let_go(job, "it broke off")
        raise


def _books_add_up(job: Job) -> None:
    """Nothing is sent for a project whose figures were found wrong. Raises NotNow."""
    if job.estimate_micros and costs.frozen(job.project_id):
        raise NotNow("The ledger of the project does not add up; an owner has to have it counted anew.", 60.0)


def _prepared(provider: Provider, request: Request) -> Wire:
    """Uploads and the exact words of the call. Whatever is refused here, nothing was asked for that costs."""
    try:
        return provider.prepare(request)
    except Refused as refused:
        raise Refused(str(refused), code=refused.code, charged=False, where=refused.where) from refused


def expire(job: Job) -> list[Wake]:
    """A submit whose holder is gone: nobody knows whether it was taken, so it is never sent again by code."""
    if not lease_over(job):
        _later(job, 2)
        return []
    fields = {**unsure.unsure_fields(job), "look_again_at": timezone.now()}
    move(job, JobState.UNSURE, why="the process that sent it is gone", **fields)
    return [Wake("job", job.pk)]


def reconcile(job: Job) -> list[Wake]:
    """Find out about an unsure job. A provider for which the same token is the same request is simply asked again; any
    other is only searched."""
    if not registry.get(job.provider).idempotent:
        return unsure.search(job)
    if not claim(job):
        return []
    open_attempt(job, "reconcile")
    return _send(job, from_json(job.request), Wire(), was=JobState.UNSURE)


def _claim(job: Job, provider: Provider, frozen: dict[str, Any], wire: Wire) -> None:
    """Commit the claim before a byte leaves: new epoch, lease, and the request exactly as it will be sent."""
    sent = asdict(wire) if wire.endpoint else None
    digest = fingerprint(sent) if sent else ""
    with transaction.atomic():
        accounts.admit(provider)
        _no_twin(job, digest)
        move(
            job,
            JobState.SUBMITTING,
            claim_from=job.epoch,
            request=frozen,
            input_sha256=fingerprint(frozen),
            wire=sent,
            wire_sha256=digest,
            started_at=timezone.now(),
            sent_at=timezone.now(),
            look_again_at=timezone.now() + timedelta(seconds=2),
            error="",
            error_code="",
            **lease_fields(),
        )
        open_attempt(job, "submit")


def _no_twin(job: Job, digest: str) -> None:
    """A lost call is found by its input: while one is unsure, the same input is not sent for another job."""
    lost = unsure.unheard(job, digest)
    if lost.exists():
        raise NotNow(f"Job {lost[0].pk} sent the same and nobody knows yet whether it arrived; this one waits.", 10.0)


def _second_thoughts(job: Job, claimed_at: float) -> str:
    """Why a claimed job is not sent after all: we slept since the claim, or somebody stopped it. Only this process may
    ask: only it knows that nothing has been sent."""
    row = Job.objects.only("cancel_asked", "state", "epoch").get(pk=job.pk)
    if row.epoch != job.epoch or row.state != JobState.SUBMITTING:
        return "somebody else took it over"
    if row.cancel_asked:
        return "it was cancelled before it was sent"
    if is_held_back(job):
        return "its batch was paused"
    account = accounts.standing(job.provider)
    if account.shut:
        return account.why
    slept = time.monotonic() - claimed_at
    return f"this process slept for {slept:.0f} s before sending it" if slept > PAUSE else ""


def _give_back(job: Job, why: str) -> list[Wake]:
    """Return the claim of a job that was not sent."""
    close_attempt(job, f"not sent: {why}")
    ended = _unsent(job, why, look_again_at=timezone.now())
    return ended or ([Wake("job", job.pk)] if job.state == JobState.QUEUED else [])


def _unsent(job: Job, why: str, **fields: Any) -> list[Wake]:
    """Put a claimed job back in the line by the word of the process that knows it has sent nothing.

    When its lease ran out meanwhile the job is unsure to everybody else, and `unsure` never goes back to the line: it
    ends as never arrived, which this process can say for certain. Somebody else's newer claim stands.
    """
    job.refresh_from_db(fields=["state"])
    try:
        if job.state == JobState.UNSURE:
            return fail(job, f"It was never sent: {why}.", code="absent", to=JobState.ABSENT, epoch=job.epoch)
        move(job, JobState.QUEUED, epoch=job.epoch, why=why, sent_at=None, lease_until=None, **fields)
    except MoveError as stale:
        log.info("job %s: %s", job.pk, stale)
    return []


def _send(job: Job, request: Request, wire: Wire, *, was: JobState) -> list[Wake]:
    epoch = job.epoch
    try:
        answer = registry.get(job.provider).submit(request, token=job.token, wire=wire)
    except Refused as refused:
        return _refused(job, refused)
    except TryLater as later:
        accounts.troubled(job.provider, later)
        return _nothing_sent(job, later, was)
    except Unsure as lost:
        return _unsure(job, str(lost), was)
    except Exception as error:
        log.exception("submit of job %s", job.pk)
        return _unsure(job, f"the submit broke off: {error}", was)
    accounts.heard(job.provider, took=True)
    return _accepted(job, answer, epoch)


def _refused(job: Job, refused: Refused) -> list[Wake]:
    receipt(job, "submit", {"refused": str(refused), "code": refused.code, "where": refused.where})
    if refused.code == "key_refused":
        accounts.shut(job.provider, str(refused))
    job.refresh_from_db(fields=["state"])
    try:
        return fail(job, str(refused), code=refused.code, charged=refused.charged, epoch=job.epoch)
    except MoveError as stale:
        log.info("job %s: %s", job.pk, stale)
        return []


def _accepted(job: Job, answer: Submitted, epoch: int) -> list[Wake]:
    receipt(job, "submit", answer.raw, answer.request_id)
    now = timezone.now()
    job.refresh_from_db(fields=["state"])
    idempotent = registry.get(job.provider).idempotent
    wait = 0.0 if idempotent else pace.first_look(job.expected_seconds, called=accounts.calls_us(job.provider))
    try:
        move(
            job,
            JobState.SUBMITTED,
            epoch=epoch,
            why=answer.request_id,
            request_id=answer.request_id,
            look_again_at=now + timedelta(seconds=wait),
            deadline=now + timedelta(seconds=unsure.run_seconds(job)),
            tries=0,
            note="",
            lease_until=None,
        )
    except IntegrityError:
        named = f"it was accepted as {answer.request_id}, which is another call already"
        return _unsure(job, named, JobState.SUBMITTING)
    except MoveError:
        # somebody decided meanwhile, or a newer claim stands: the receipt is kept, and what was accepted is not lost
        return late.accepted(job, answer.request_id)
    close_attempt(job, f"accepted as {answer.request_id}")
    return [Wake("job", job.pk)] if idempotent else []


def _nothing_sent(job: Job, later: TryLater, was: JobState) -> list[Wake]:
    if was == JobState.UNSURE:
        _later(job, later.after)
        Job.objects.filter(pk=job.pk, epoch=job.epoch).update(lease_until=None)
        close_attempt(job, str(later))
        return []
    close_attempt(job, str(later))
    return _try_again(job, later)


def _try_again(job: Job, later: TryLater) -> list[Wake]:
    """Nothing was accepted: wait and send it again, some times. An account that turns everything away is not the
    job's fault and does not count."""
    excused = isinstance(later, Busy | Closed)
    if not excused and job.tries + 1 >= MOST_TRIES:
        return fail(job, f"{later} It was tried {MOST_TRIES} times.", code="try_later", epoch=job.epoch)
    fields: dict[str, Any] = {
        "tries": F("tries") + (0 if excused else 1),
        "note": str(later)[:200],
        "look_again_at": timezone.now() + timedelta(seconds=max(later.after, min(300.0, 2.0**job.tries))),
    }
    if job.state != JobState.QUEUED:
        return _unsent(job, str(later), **fields)
    Job.objects.filter(pk=job.pk, state=job.state).update(**fields)
    return []


def _unsure(job: Job, message: str, was: JobState) -> list[Wake]:
    unsure.let_go(job, message)
    fields = unsure.unsure_fields(job)
    if was == JobState.UNSURE:
        soon = {"lease_until": None, "look_again_at": fields["look_again_at"]}
        Job.objects.filter(pk=job.pk, epoch=job.epoch).update(**soon)
        return []
    job.refresh_from_db(fields=["state"])
    try:
        move(job, JobState.UNSURE, epoch=job.epoch, why=message, error=message, **fields)
    except MoveError as stale:
        log.info("job %s: %s", job.pk, stale)
    return []


def _cancel_unsent(job: Job) -> list[Wake]:
    return fail(job, "Cancelled before it was sent.", code="cancelled", to=JobState.CANCELLED)


def _frozen_request(job: Job) -> dict[str, Any] | None:
    """The request with the last frame of the call before it filled in; None while that call is not done."""
    if job.after_id is None:
        return dict(job.request)
    clip = Clip.objects.filter(job_id=job.after_id).first()
    if clip is None:
        return None
    start = {
        "path": clip.last_frame,
        "sha256": clip.last_frame_sha256,
        "width": clip.width,
        "height": clip.height,
    }
    return {**job.request, "start": start}


def _wait_or_give_up(job: Job) -> list[Wake]:
    before = Job.objects.get(followers=job)
    if before.finished_at is None:
        _later(job, 3)
        return []
    return fail(job, f"Call {before.call} before it {before.state}: {before.error}", code="call_before")


def _wait(job: Job, why: str, seconds: float) -> list[Wake]:
    later = timezone.now() + timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk, state=job.state).update(look_again_at=later, note=why[:200])
    return []


def _later(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk, state=job.state).update(look_again_at=timezone.now() + timedelta(seconds=seconds))


__all__ = ["expire", "reconcile", "submit"]
