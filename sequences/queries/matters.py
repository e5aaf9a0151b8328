"""Matters: what is known of each call that needs a person, told in order. Kinds and times only; never a body, a token
or an address.

Money is micro-dollars, files are paths below the media root. Five queries, however many calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from sequences.costs import dollars
from sequences.models import Event, Job, LedgerEntry, Project, Receipt
from sequences.providers import catalogue
from sequences.providers.redact import quotable
from sequences.states import JobState

from .needs import NEED_WORDS, name_of, need_of, needing

UNDECIDED = ("unknown", "overdue")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was sent or heard. `icon` without `i-`; `silent` where an answer should have been."""

    at: datetime
    icon: str
    text: str
    small: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One call: what it is, what is known, since when it waits. `need` is a key of NEED_WORDS."""

    job: Job
    need: str
    trail: tuple[Step, ...]
    since: datetime
    waits: str
    seconds: float

    @property
    def name(self) -> str:
        """`SEQ09 T1 call 2`."""
        return name_of(self.job)

    @property
    def work(self) -> str:
        """`T1`, `grid 3`: what it is for, beside the code of its sequence."""
        return f"T{self.job.take.number}" if self.job.take else self.name.removeprefix(self.job.sequence.code).strip()

    @property
    def word(self) -> str:
        """What stands over it."""
        return NEED_WORDS[self.need]

    @property
    def icon(self) -> str:
        """The shape beside the word."""
        return {"overdue": "clock", "late": "heard", "stuck": "download"}.get(self.need, "unknown")

    @property
    def model(self) -> str:
        """What people call the endpoint."""
        return title_of(self.job.endpoint)

    @property
    def shots(self) -> str:
        """`shot 4`, `shots 4, 5`; empty for a picture."""
        return _shots(self.job.request)

    @property
    def asked(self) -> str:
        """`3.0 s, 1280 × 720`."""
        request = self.job.request
        size = f"{request['width']} × {request['height']}" if "width" in request else ""
        seconds = sum(s["seconds"] for s in request.get("shots", ()))
        grid = f"{request['rows']} × {request['cols']} cells" if "rows" in request else ""
        return ", ".join(part for part in (f"{seconds:.1f} s" if seconds else grid, size) if part)

    @property
    def picture(self) -> str:
        """The frame the call starts from."""
        start = self.job.request.get("start") or self.job.request.get("source") or {}
        return str(start.get("path", ""))

    @property
    def stuck_on(self) -> str:
        """What its last download said."""
        return quotable(self.job.note)

    @property
    def may_cost(self) -> int:
        """What is held for it, or was billed."""
        return self.job.estimate_micros if self.job.cost_micros is None else self.job.cost_micros

    @property
    def held(self) -> int:
        """What of it is set aside until somebody decides."""
        return self.job.estimate_micros if self.need in UNDECIDED else 0


@dataclass(frozen=True, slots=True)
class LastDecision:
    """How the newest call of a project was decided that nobody had known about."""

    name: str
    at: datetime
    word: str
    money: int


def title_of(endpoint: str) -> str:
    """What people call an endpoint; its id when the catalogue has it no more."""
    try:
        return catalogue.endpoint(endpoint).title
    except catalogue.UnknownEndpoint:
        return endpoint


def matters(project: Project) -> list[Matter]:
    """Every call of the project that needs a person, the oldest first."""
    rows = needing(project).select_related("project", "sequence", "take", "grid", "start_frame")
    jobs = list(rows.defer("wire", "result_ref").order_by("id"))
    if not jobs:
        return []
    ids, now = [j.pk for j in jobs], timezone.now()
    events, receipts, ledger = _events(ids), _receipts(ids), _holds(ids)
    queued = list(Job.objects.filter(take__in={j.take_id for j in jobs if j.take_id}, state=JobState.QUEUED.value))
    out = []
    for job in jobs:
        need = need_of(job, now)
        if need:
            trail = _trail(job, need, events[job.pk], receipts[job.pk], ledger.get(job.pk))
            since = _since(job, need, events[job.pk])
            waits = _waits(job, queued)
            out.append(Matter(job, need, trail, since, waits, max(0.0, (now - since).total_seconds())))
    return out


def last_decision(project: Project) -> LastDecision | None:
    """The newest one, for a page with nothing on it."""
    event = Event.objects.filter(project=project, subject="job", was=JobState.UNSURE.value).last()
    job = event and Job.objects.select_related("sequence", "take", "grid", "start_frame").filter(pk=event.subject_id)
    row = job.first() if job else None
    if event is None or row is None:
        return None
    word = {"submitted": "found", "absent": "it never arrived"}.get(event.now, "written off")
    money = 0 if event.now == JobState.ABSENT else row.estimate_micros
    return LastDecision(name_of(row), event.created_at, word, money)


def history(project: Project) -> tuple[int, int]:
    """How many of the project's calls nobody knew about, and how many of those had never arrived."""
    rows = Event.objects.filter(project=project, subject="job", was=JobState.UNSURE.value)
    ends = list(rows.filter(now__in=["submitted", "absent"]).values_list("now", flat=True))
    return len(ends), ends.count(JobState.ABSENT.value)


def lasting(seconds: float) -> str:
    """`40 min`, `1 h 22 min`, `3 days`; `less than a minute`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"


def _events(ids: Iterable[int]) -> dict[int, list[Event]]:
    out: dict[int, list[Event]] = defaultdict(list)
    rows = Event.objects.filter(subject="job", subject_id__in=list(ids)).select_related("actor").order_by("id")
    for event in rows:
        out[event.subject_id].append(event)
    return out


def _receipts(ids: Iterable[int]) -> dict[int | None, list[dict[str, Any]]]:
    """Kinds and times; of a listing also which numbers it showed."""
    out: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    shown = KeyTextTransform("found", "body")
    rows = Receipt.objects.filter(job__in=list(ids), kind__in=["listing", "webhook"]).order_by("id")
    for row in rows.annotate(shown=shown).values("job_id", "kind", "created_at", "shown"):
        out[row["job_id"]].append(dict(row))
    return out


def _holds(ids: Iterable[int]) -> dict[int, LedgerEntry]:
    return {e.job_id: e for e in LedgerEntry.objects.filter(job__in=list(ids), kind="hold")}


def _since(job: Job, need: str, events: Sequence[Event]) -> datetime:
    if need == "overdue" and job.deadline:
        return job.deadline
    if need == "late" and job.late_at:
        return job.late_at
    return events[-1].created_at if events else job.created_at


def _waits(job: Job, queued: Iterable[Job]) -> str:
    """Calls that begin when this one has ended, and those behind them."""
    behind, known = [], {job.pk}
    for other in sorted(queued, key=lambda j: j.call):
        if other.after_id in known:
            known.add(other.pk)
            behind.append(_shots(other.request) or f"call {other.call}")
    return ", ".join(behind)


def _shots(request: dict[str, Any]) -> str:
    numbers = sorted({s["number"] for s in request.get("shots", ())})
    return f"shot{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else ""


def _trail(
    job: Job, need: str, events: Sequence[Event], receipts: Sequence[dict[str, Any]], hold: LedgerEntry | None
) -> tuple[Step, ...]:
    steps = [_held(job, hold)] if hold else []
    after = [*events[1:], None]
    for event, following in zip(events, after, strict=True):
        step = _moved(job, event, following)
        if step:
            steps.append(step)
    steps += _looks(job, receipts)
    if need == "overdue" and job.deadline:
        steps.append(_past(job, events))
    return tuple(sorted(steps, key=lambda s: s.at))


def _held(job: Job, hold: LedgerEntry) -> Step:
    request = job.request
    parts = [_shots(request), "start frame" if request.get("start") else ""]
    count = len(request.get("elements", ()))
    parts.append(f"{count} element{'' if count == 1 else 's'}" if count else "")
    return Step(
        hold.created_at, "lock", f"Held {dollars(hold.amount_micros)}, request frozen", ", ".join(p for p in parts if p)
    )


def _moved(job: Job, event: Event, following: Event | None) -> Step | None:
    """One move of the job, in words; None for those that say nothing new."""
    at, why = event.created_at, quotable(event.why)
    if event.actor and event.why:
        who = event.actor.get_username()
        return Step(at, "user", why if who in why else f"{who}: {why or event.now}")
    if event.was == event.now:
        return Step(at, "info", why[:1].upper() + why[1:])
    if event.now == JobState.SUBMITTING:
        return _sent(job, event, following)
    fixed = {
        "submitted": ("heard", f"Accepted as {why.removeprefix('found as ')}", ""),
        "processing": ("generating", "Running", _usual(job)),
        "cancelling": ("x", "Asked to stop", "What finishes all the same is kept."),
        "ready": ("check", "Made and paid for", ""),
        "absent": ("minuscircle", "Taken as never arrived", why),
        "failed": ("failed", why or "Failed", ""),
        "cancelled": ("x", why or "Cancelled", ""),
        "lost": ("failed", why or "Lost", ""),
    }
    if event.now == JobState.UNSURE:
        return Step(at, "unknown", why or "No answer", _number(job, event), silent=True)
    return Step(at, *fixed[event.now]) if event.now in fixed else None


def _sent(job: Job, event: Event, following: Event | None) -> Step:
    if following is not None and following.now == JobState.QUEUED:
        return Step(event.created_at, "info", "Nothing was sent", quotable(following.why))
    at = job.sent_at if job.sent_at and job.sent_at >= event.created_at else event.created_at
    return Step(at, "sent", "Sent once", f"input {job.wire_sha256[:8]}" if job.wire_sha256 else "")


def _number(job: Job, event: Event) -> str:
    if event.was == JobState.SUBMITTING:
        return "No request number was heard."
    return f"It had been accepted as {job.request_id}." if job.request_id else ""


def _usual(job: Job) -> str:
    whole = round(job.expected_seconds)
    return f"Usual time {whole // 60}:{whole % 60:02d}" if whole else ""


def _looks(job: Job, receipts: Sequence[dict[str, Any]]) -> list[Step]:
    """What was asked and heard; the same answer again and again is one line."""
    runs: list[list[dict[str, Any]]] = []
    for row in receipts:
        same = runs and (runs[-1][0]["kind"], runs[-1][0]["shown"]) == (row["kind"], row["shown"])
        if same:
            runs[-1].append(row)
        else:
            runs.append([row])
    return [step for run in runs for step in _run(job, run)]


def _run(job: Job, run: Sequence[dict[str, Any]]) -> list[Step]:
    first, last, more = run[0], run[-1], len(run) - 1
    if first["kind"] == "webhook":
        said = "The service called us about it"
        return [Step(last["created_at"], "heard", said, f"{len(run)} times" if more else "")]
    listed = (first["shown"] or "[]").strip('[]"').replace('", "', ", ")
    told = f"found {listed}" if listed else "not found"
    steps = [Step(first["created_at"], "heard", f"Asked {job.provider} for its list: {told}")]
    if more:
        small = f"{len(run)} answers, all the same" if more > 1 else ""
        steps.append(Step(last["created_at"], "heard", f"Asked again: {told}", small))
    return steps


def _past(job: Job, events: Sequence[Event]) -> Step:
    """The moment its time was over."""
    assert job.deadline is not None, "the caller has looked"
    began = next((e.created_at for e in reversed(events) if e.now == JobState.SUBMITTED), None)
    limit = f" its limit of {lasting((job.deadline - began).total_seconds())}" if began else " its time"
    said = quotable(job.note) or {"submitted": "waiting", "cancelling": "stopping"}.get(job.state, "running")
    return Step(job.deadline, "unknown", f"Past{limit}, still “{said}”", "Asked every 5 min since.", silent=True)
