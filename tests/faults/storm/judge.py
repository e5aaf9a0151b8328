"""What must be true at the end of every schedule. The fake's ledger says what really happened.

What may never be so, not even for a moment, is looked for where it leaves a mark for good: the ledger of accepted calls
and the overrun only grow, and the database itself checks every commit (held + spent within cap + overrun; a live job
has a time to be looked at), which `guarded` proves.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from sequences import storage
from sequences.execution.late import DECIDED
from sequences.models import Attempt, Clip, Event, Job, LedgerEntry, Project
from sequences.queries.needs import needs
from sequences.states import JOB_MOVES, LIVE_JOBS, JobState


class Broken(AssertionError):
    """A promise that did not hold; `kind` is the word of the summary it counts under."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


DOUBLE, INVISIBLE, MONEY, STUCK, TABLE, FILES, RULE = (
    "double payment", "invisible", "over the cap", "dead end", "move", "files", "rule",
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call that the provider has accepted, with the job whose token it carried."""

    request_id: str
    token: str
    state: str
    status: int
    faults: dict[str, Any]
    usd: Decimal | None


def calls(fake: Any) -> list[Call]:
    """All of this schedule, in the order they were accepted; from the ledger, not from what we were told."""
    billed = {r["request_id"]: Decimal(r["usd"]) for r in fake.ledger.of("billed")}
    ended = {r["request_id"]: r["status_code"] for r in fake.ledger.of("ended")}
    out = []
    for record in fake.ledger.of("accepted"):
        number = record["request_id"]
        state = "COMPLETED" if number in ended else "OPEN"
        token = record["webhook"].rpartition("/")[2]
        out.append(Call(number, token, state, ended.get(number, 0), record["faults"], billed.get(number)))
    return out


def at_end(project: Project, made: list[Call], allowed: Counter[tuple[str, int, int]]) -> None:
    """After everything was brought to its end. `allowed` counts what people asked for: purpose, id and call."""
    once(made)
    jobs = {job.token: job for job in Job.objects.filter(project=project).select_related("grid")}
    authorised(jobs, made, allowed)
    for call in made:
        known(call, jobs)
    for job in jobs.values():
        moves(job)
    ledger(project, jobs, made)
    scratch(project)


def once(made: list[Call]) -> None:
    """A job's token was accepted once at most."""
    per_token = Counter(call.token for call in made)
    for token, count in per_token.items():
        if count > 1:
            raise Broken(DOUBLE, f"{job_of(token)} was accepted {count} times")


def guarded(project: Project, job: Job) -> None:
    """The database refuses, at any commit, what would pass a cap and a live job that nobody looks at."""
    for rows, change in (
        (Project.objects.filter(pk=project.pk), {"spent_micros": F("cap_micros") + F("overrun_micros") + 1}),
        (Job.objects.filter(pk=job.pk), {"state": JobState.UNSURE.value, "look_again_at": None}),
    ):
        try:
            with transaction.atomic():
                rows.update(**change)
        except IntegrityError:
            continue
        raise Broken(RULE, f"the database took {change}")


def authorised(jobs: dict[str, Job], made: list[Call], allowed: Counter[tuple[str, int, int]]) -> None:
    """No more jobs than people asked for, and no more accepted calls than jobs."""
    have = Counter(purpose(job) for job in jobs.values())
    took = Counter(purpose(jobs[call.token]) for call in made)
    for key, count in have.items():
        if count > allowed[key] or took[key] > count:
            raise Broken(DOUBLE, f"{key} was asked for {allowed[key]} times, has {count} jobs, {took[key]} accepted")


def purpose(job: Job) -> tuple[str, int, int]:
    """What a job is for: the grid or take, and which call of it."""
    return (job.kind, job.take_id or job.grid_id or 0, job.call)


def known(call: Call, jobs: dict[str, Job]) -> None:
    """An accepted call belongs to the job it was sent for, and that job says what became of it."""
    job = owner_of(call, jobs)
    if job.request_id != call.request_id:
        raise Broken(INVISIBLE, f"{job} ({job.state} {job.error_code} late={job.late}) does not know its call")
    if job.state in LIVE_JOBS or job.late == "awaited":
        if call.state == "OPEN" or Job.objects.filter(needs(), pk=job.pk).exists():
            return
        raise Broken(INVISIBLE, f"{job} is {job.state} late={job.late} and its call has ended")
    if call.usd and job.state in (JobState.CANCELLED, JobState.ABSENT, JobState.FAILED) and not counted(job):
        raise Broken(INVISIBLE, f"{job} {job.state} {job.error_code} late={job.late} was billed and nobody counted it")
    if job.state == JobState.DONE:
        collected(job)


def owner_of(call: Call, jobs: dict[str, Job]) -> Job:
    """The job it was sent for. Of two with the same input, one of them given up by a person, the one that found it:
    nobody can tell such calls apart but by the token of a webhook."""
    job = jobs[call.token]
    other = Job.objects.filter(request_id=call.request_id, wire_sha256=job.wire_sha256).first()
    given_up = other is not None and DECIDED_CODES & {job.error_code, other.error_code}
    return other if other is not None and given_up else job


def counted(job: Job) -> bool:
    """Whether the ledger has a cost for it."""
    return LedgerEntry.objects.filter(job=job, kind__in=["settle", "late"], amount_micros__gt=0).exists()


def collected(job: Job) -> None:
    """A result that was stored is there."""
    place = job.grid.file if job.grid else Clip.objects.get(job=job).file
    if not place or not storage.absolute(place).stat().st_size:
        raise Broken(FILES, f"{job} is done and its file is not there")


def moves(job: Job) -> None:
    """Every step of its history is in the table, and each begins where the one before ended."""
    events = Event.objects.filter(subject="job", subject_id=job.pk).order_by("id").values_list("was", "now")
    at = ""
    for was, now in events:
        if now == at:  # a decision that moved nothing
            continue
        if was != at or (was and JobState(now) not in JOB_MOVES[JobState(was)]):
            raise Broken(TABLE, f"{job} went from {was or 'nothing'} to {now} after {at or 'nothing'}")
        at = now
    if at != job.state:
        raise Broken(TABLE, f"{job} is {job.state} and its history ends with {at}")
    if Attempt.objects.filter(job=job, step="submit", epoch__gt=job.epoch).exists():
        raise Broken(TABLE, f"{job} has an attempt of an epoch that never was")


def ledger(project: Project, jobs: dict[str, Job], made: list[Call]) -> None:
    """The counters are the ledger's sums; what was settled is what was billed; nothing passed the cap but bills."""
    project = Project.objects.get(pk=project.pk)
    rows = LedgerEntry.objects.filter(project=project)
    sums = {kind: rows.filter(kind=kind).aggregate(n=Sum("amount_micros"))["n"] or 0 for kind in LEDGER}
    closed = rows.filter(kind__in=["settle", "release"]).aggregate(n=Sum("job__estimate_micros"))["n"] or 0
    if (project.held_micros, project.spent_micros) != (sums["hold"] - closed, sums["settle"] + sums["late"]):
        raise Broken(MONEY, f"held {project.held_micros}, spent {project.spent_micros}, ledger {sums}, closed {closed}")
    over_billed = any("bill" in call.faults for call in made)
    late = rows.filter(kind="late").exists()
    if project.overrun_micros and not (over_billed or late):
        raise Broken(MONEY, f"{project.overrun_micros} over the cap")
    for call in made:
        paid_as_billed(owner_of(call, jobs), call)
    still = rows.filter(kind="hold").exclude(job__ledger__kind__in=["settle", "release"])
    if lost := still.exclude(job__state__in=LIVE_JOBS).first():
        raise Broken(MONEY, f"the hold of {lost.job} ({lost.job.state}) is still open")


DECIDED_CODES = set(DECIDED)
LEDGER = ("hold", "settle", "release", "late")


def paid_as_billed(job: Job, call: Call) -> None:
    """What a finished call cost us is what the provider's ledger says, when it told us."""
    told = "no_units_header" not in call.faults and "result_gone" not in call.faults
    if (
        job.state not in (JobState.DONE, JobState.LOST)
        or call.usd is None
        or not told
        or job.error_code == "written_off"
    ):
        return
    if job.billed_units is None:  # found in the provider's list, which names no units
        return
    mine = LedgerEntry.objects.get(job=job, kind="settle").amount_micros
    if mine != math.ceil(call.usd * 1_000_000):
        raise Broken(MONEY, f"{job} was settled at {mine} and billed at {call.usd}")


def scratch(project: Project) -> None:
    """Nothing half-written is left once it was tidied."""
    storage.tidy()
    left = [p.name for p in storage.root().glob(f"projects/{project.slug}/tmp/*")]
    parts = [p.name for p in storage.root().glob(f"projects/{project.slug}/**/*.part*")]
    if left or parts:
        raise Broken(FILES, f"left behind: {left + parts}")


def job_of(token: str) -> str:
    """The name of a job by its token."""
    job = Job.objects.filter(token=token).first()
    return str(job) if job else "a job that does not exist"
