"""Verbs for calls that need a person: found, ask again, never arrived, written off, and what came late.

Code never sends such a call again. Retrying afterwards is `retry`: a new job with a new hold. Every refusal has a
function that says why (`*_objection`), so that a page can show the reason beside the choice that is off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from sequences import tasks
from sequences.errors import Refusal
from sequences.execution import Wake, late, outcomes, unsure
from sequences.execution.unsure import Holder
from sequences.models import Attempt, Event, Job
from sequences.providers import registry
from sequences.providers.base import Found, NotKnown, Paid, ProviderError
from sequences.queries.needs import name_of, need_of
from sequences.states import JOB_WORDS, JobState
from sequences.transitions import MoveError, move

from ._checks import text
from ._rules import MAKERS, OWNERS, require

ONCE_MORE = timedelta(hours=1)
EARLY = timedelta(minutes=5)  # clocks differ
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{2,119}")
NOT_LOOKED = "Look at the service's own list first, and say that the call is not there."


def found(*, actor: AbstractBaseUser | None, job: Job, request_id: str) -> Job:
    """The call shows in the provider's own list under this number: follow it, and ask now.

    For a call past its deadline the number is its own, and it gets another hour. Raises Refusal (the number is none,
    is another call's, the provider does not know it or has this call's input under another one).
    """
    require(actor, job.project, *MAKERS)
    _fresh(job)
    number = _request_id(request_id)
    _refuse(_no_need(job, "unknown", "overdue"))
    if job.state != JobState.UNSURE:
        return _own(actor, job, number)
    # while it may still be sent, a number bound to it could hide the one its own answer will name
    _refuse(_taken(actor, job, number) or _held(job, None, machine_down=True))
    _confirm(job, number)
    try:
        unsure.bind(job, number, actor=actor, why=f"found as {number}")
    except MoveError:
        raise _too_late(job, _taken(actor, job, number)) from None
    _ring([Wake("job", job.pk)])
    return job


def ask_again(*, actor: AbstractBaseUser | None, job: Job) -> Job:
    """Ask about a call that is past its deadline, or fetch a result that could not be fetched, for another hour."""
    require(actor, job.project, *MAKERS)
    _fresh(job)
    _refuse(_no_need(job, "overdue", "stuck"))
    now = timezone.now()
    same = Job.objects.filter(pk=job.pk, state=job.state, version=job.version, deadline=job.deadline)
    with transaction.atomic():
        if not same.update(deadline=now + ONCE_MORE, look_again_at=now, tries=0):
            raise _too_late(job)
        _note(actor, job, was=job.state, now=job.state, why="asked again, for another hour")
    _ring([Wake("job", job.pk)])
    return job


def absent(*, actor: AbstractBaseUser | None, job: Job, looked: bool, machine_down: bool = False) -> Job:
    """The call never arrived: give its hold back.

    `looked` is the person's word that the provider's list does not have it, `machine_down` that the machine that may
    still send it is off. Raises Refusal while anybody may still send it, before it must have shown, or without a look.
    """
    require(actor, job.project, *OWNERS)
    _fresh(job)
    _refuse(absent_objection(job, machine_down=machine_down) or ("" if looked else NOT_LOOKED))
    message = f"It never arrived at {job.provider}{_said_by(actor)}."
    return _end(actor, job, message, code="absent", to=JobState.ABSENT, charged=False)


def write_off(*, actor: AbstractBaseUser | None, job: Job, why: str) -> Job:
    """Nobody can tell: count the whole hold as spent and stop asking. Raises Refusal without a reason, or while
    anybody may still send it."""
    require(actor, job.project, *OWNERS)
    _fresh(job)
    _refuse(write_off_objection(job))
    reason = text(why, "reason", most=200)
    if not reason:
        raise Refusal("Write down why; the reason is kept with the ledger entry.", where="why")
    message = f"Written off{_said_by(actor)}: {reason}"
    to = JobState.LOST if job.state == JobState.READY else JobState.FAILED
    return _end(actor, job, message, code="written_off", to=to, charged=None)


def dismiss_late(*, actor: AbstractBaseUser | None, job: Job) -> Job:
    """Put a result away that came late: its file and its money stay, nobody is asked about it any more."""
    require(actor, job.project, *MAKERS)
    _fresh(job)
    _refuse(_no_need(job, "late"))
    with transaction.atomic():
        if not Job.objects.filter(pk=job.pk, late="kept").update(late=""):
            raise _too_late(job)
        _note(actor, job, subject="late", was="kept", now="put away", why="the result that came late was put away")
    job.late = ""
    return job


def absent_objection(job: Job, *, machine_down: bool = False, held_by: Holder | None = None) -> str:
    """Why nobody can say yet that the call never arrived; empty when a person can. `held_by` as `holder_of` says."""
    if said := _no_need(job, "unknown", "overdue"):
        return said
    if said := _held(job, held_by, machine_down=machine_down):
        return said
    until = unsure.arrives_until(job) if job.state == JobState.UNSURE else None
    if until is not None and until > timezone.now():
        return f"It may still show up until {_clock(until)}; before that nobody can say that it never arrived."
    return ""


def write_off_objection(job: Job, *, held_by: Holder | None = None) -> str:
    """Why the call cannot be written off; empty when it can. `held_by` as `holder_of` says."""
    return _no_need(job, "unknown", "overdue", "stuck") or _held(job, held_by, machine_down=True)


def last_holder(job: Job) -> str:
    """The machine that sent it, for people."""
    owner = Attempt.objects.filter(job=job, step="submit").order_by("-epoch").values_list("owner", flat=True).first()
    return (owner or "").split("|")[0] or "the machine"


def _held(job: Job, held_by: Holder | None, *, machine_down: bool) -> str:
    if job.state != JobState.UNSURE:  # it was accepted: nobody is going to send it
        return ""
    held_by = held_by or unsure.holder_of(job)
    if held_by == "alive":
        return f"The process that sent {name_of(job)} still holds it; wait until it has ended."
    if held_by == "silent" and not machine_down:
        return (
            f"{last_holder(job)}, which sent {name_of(job)}, has not been heard of for 10 minutes and cannot be proven"
            f" gone; make sure that it is off, and say so."
        )
    return ""


def _no_need(job: Job, *kinds: str) -> str:
    """Why there is nothing of these kinds to decide about the job; empty when there is."""
    need = need_of(job, timezone.now())
    if need in kinds:
        return ""
    if need:
        return f"{name_of(job)} cannot be decided in this way: {JOB_WORDS[job.state].lower()}."
    said = Event.objects.filter(subject="job", subject_id=job.pk, actor__isnull=False).exclude(why="")
    decided = said.select_related("actor").last()
    if decided is None:
        return f"{name_of(job)} needs no decision: {JOB_WORDS[job.state].lower()}."
    who = decided.actor.get_username() if decided.actor else ""
    return f"{name_of(job)} needs no decision any more: {who} decided at {_clock(decided.created_at)} ({decided.why})."


def _request_id(word: str) -> str:
    number = text(word, "request number")
    if not number:
        raise Refusal("Type the request number as the service's list shows it.", where="request_id")
    if not REQUEST_ID.fullmatch(number):
        raise Refusal(f'"{number[:40]}" is no request number; copy it from the service\'s list.', where="request_id")
    return number


def _own(actor: AbstractBaseUser | None, job: Job, number: str) -> Job:
    if number != job.request_id:
        raise Refusal(
            f"{name_of(job)} was accepted as {job.request_id}, so it cannot be {number}; ask about {job.request_id}.",
            where="request_id",
        )
    return ask_again(actor=actor, job=job)


def _taken(actor: AbstractBaseUser | None, job: Job, number: str) -> str:
    """Whether the number is another call's; its name is told to those who may see it."""
    other = Job.objects.filter(provider=job.provider, request_id=number).exclude(pk=job.pk).first()
    if other is None:
        return ""
    named = name_of(other) if other.project_id == job.project_id else "another call"
    return f"Request {number} is {named} already; one request is one call."


def _confirm(job: Job, number: str) -> None:
    """Ask the provider, before any transaction, whether the number can be this call. Raises Refusal."""
    wire, provider = unsure.wire_of(job), registry.get(job.provider)
    try:
        provider.look(number, endpoint=wire.endpoint)
        listed = _listed(job)
    except NotKnown:
        raise Refusal(
            f"{job.provider} does not know request {number} for {job.endpoint}; copy the number from its list.",
            code="not_known",
            where="request_id",
        ) from None
    except ProviderError as error:
        raise Refusal(f"{job.provider} cannot be asked now: {error} Try again.", code="try_later") from None
    numbers = [f.request_id for f in listed]
    if numbers and number not in numbers:
        raise Refusal(
            f"Request {number} was sent with another input; {job.provider} lists this call's as {', '.join(numbers)}.",
            where="request_id",
        )


def _listed(job: Job) -> Iterable[Found]:
    """Calls in the provider's list with this call's input; none while the list cannot be asked."""
    provider = registry.get(job.provider)
    if provider.idempotent or not job.wire:
        return ()
    paid: Paid = provider  # type: ignore[assignment]  # every provider that is not idempotent sends bills
    since = (job.sent_at or job.started_at or job.created_at) - EARLY
    try:
        return paid.find(unsure.wire_of(job), since=since, until=timezone.now())
    except ProviderError:  # it is asked "where possible": the number itself was confirmed
        return ()


def _end(
    actor: AbstractBaseUser | None, job: Job, message: str, *, code: str, to: JobState, charged: bool | None
) -> Job:
    try:
        with transaction.atomic():
            if to == JobState.ABSENT and job.state != JobState.UNSURE:
                move(job, JobState.UNSURE, actor=actor, why="past its time, and not in the list of the service")
            wakes = outcomes.fail(job, message, code=code, to=to, charged=charged, actor=actor)
            wakes += late.expect(job) if to != JobState.LOST and not registry.get(job.provider).idempotent else []
    except MoveError:
        raise _too_late(job) from None
    _ring(wakes)
    _fresh(job)
    return job


def _fresh(job: Job) -> None:
    """Bring the row up to date: what was shown may have changed since."""
    job.refresh_from_db(fields=["state", "version", "deadline", "tries", "late", "request_id", "cost_micros"])


def _too_late(job: Job, said: str = "") -> Refusal:
    """Somebody, or the provider, was faster."""
    _fresh(job)
    open_still = need_of(job, timezone.now())
    said = said or ("" if open_still else _no_need(job))
    said = said or f"{name_of(job)} has changed meanwhile; look again before you decide."
    return Refusal(said, code="stale", where=name_of(job))


def _refuse(said: str) -> None:
    if said:
        raise Refusal(said, code="not_allowed")


def _note(actor: AbstractBaseUser | None, job: Job, *, was: str, now: str, why: str, subject: str = "job") -> None:
    """A decision that moves no state, in the history all the same."""
    Event.objects.create(
        project_id=job.project_id,
        subject=subject,
        subject_id=job.pk,
        was=was,
        now=now,
        epoch=job.epoch,
        actor_id=actor.pk if actor else None,
        why=why,
    )


def _said_by(actor: AbstractBaseUser | None) -> str:
    return f", says {actor.get_username()}" if actor else ""


def _clock(when: datetime) -> str:
    """`16:45` today, else with its day."""
    here = timezone.localtime(when)
    return f"{here:%H:%M}" if here.date() == timezone.localdate() else f"{here:%H:%M on} {here.day} {here:%B}"


def _ring(wakes: Iterable[Wake]) -> None:
    transaction.on_commit(lambda: tasks.ring(wakes), robust=True)
