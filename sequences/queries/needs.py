"""Calls that need a person: which they are, and what is known about each. Reads only; never a body or an address.

Money is micro-dollars. `needs` is the one rule; `need_of` says the same of a loaded row, without a query.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from sequences.models import Job, Project
from sequences.providers import registry
from sequences.states import FOLLOWED_JOBS, JobState

STUCK_TRIES = 5
"""Downloads of a paid result that failed before a person is asked."""

NEED_WORDS: dict[str, str] = {
    "unknown": "Outcome unknown",
    "overdue": "Overdue",
    "stuck": "Not collected",
    "late": "Arrived late",
}


def needs(now: datetime | None = None) -> Q:
    """Jobs that a person must decide: nobody knows whether they were taken and their provider cannot be asked again;
    taken but past their deadline; made but not to be fetched; ended and arrived after all."""
    unsure = Q(state=JobState.UNSURE.value) & ~Q(provider__in=registry.idempotent_names())
    overdue = Q(state__in=FOLLOWED_JOBS, deadline__lt=now or timezone.now())
    stuck = Q(state=JobState.READY.value, tries__gte=STUCK_TRIES)
    return unsure | overdue | stuck | Q(late="kept")


def need_of(job: Job, now: datetime) -> str:
    """Why the job needs a person: a key of NEED_WORDS, or an empty text."""
    if job.state == JobState.UNSURE:
        return "" if job.provider in registry.idempotent_names() else "unknown"
    if job.state in FOLLOWED_JOBS:
        return "overdue" if job.deadline is not None and job.deadline < now else ""
    if job.state == JobState.READY:
        return "stuck" if job.tries >= STUCK_TRIES else ""
    return "late" if job.late == "kept" else ""


def needing(project: Project | None = None) -> QuerySet[Job]:
    """Jobs that need a person, the oldest first."""
    rows = Job.objects.filter(needs())
    return rows.filter(project=project) if project else rows


def needs_count(project: Project) -> int:
    """How many calls of the project need a person. One query."""
    return needing(project).count()


def counting_needs(projects: QuerySet[Project]) -> QuerySet[Project]:
    """The same projects with `needs`, how many of their calls need a person, in the query that loads them."""
    mine = Job.objects.filter(needs(), project=OuterRef("pk")).order_by().values("project")
    count = Subquery(mine.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return projects.annotate(needs=Coalesce(count, 0))


def name_of(job: Job) -> str:
    """What the call is for: `SEQ09 T1`, with its number when the take has more, `SEQ09 grid 3`, `SEQ09 F2`."""
    code = job.sequence.code
    if job.take:
        calls = len(job.take.plan.get("calls", ()))
        return f"{code} T{job.take.number}" + (f" call {job.call}" if calls > 1 else "")
    if job.grid:
        return f"{code} grid {job.grid.number}"
    return f"{code} F{job.start_frame.number}" if job.start_frame else code
