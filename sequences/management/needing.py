"""Calls that need a person, for commands: by what people type, as a document, and in words."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from sequences.costs import dollars
from sequences.errors import Refusal
from sequences.execution import unsure
from sequences.management.lookup import artefact_of
from sequences.management.output import dollars as amount
from sequences.management.output import moment, project_of
from sequences.models import Job, Project
from sequences.orchestration import deciding
from sequences.queries.matters import Matter, lasting, matters
from sequences.queries.needs import name_of, needing
from sequences.states import JobState

WAYS = {
    "unknown": "found --request-id ID, absent --looked, or write-off --why TEXT",
    "overdue": "again, absent --looked, or write-off --why TEXT",
    "stuck": "again, or write-off --why TEXT",
    "late": "dismiss",
}


def job_of(word: str, slug: str, actor: AbstractBaseUser | None) -> Job:
    """The job `word` names: its id, or SEQ03/T2 when just one call of it needs a decision. Raises Refusal."""
    project = project_of(slug, actor)
    rows = Job.objects.select_related("project", "sequence", "take", "grid", "start_frame").filter(project=project)
    if word.isdecimal():
        row = rows.filter(pk=int(word)).first() if len(word) < 19 else None
        if row is None:
            raise Refusal(f"There is no job {word} in {slug}.", code="not_found", where=word)
        return row
    artefact = artefact_of(word, slug, actor)
    found = list(rows.filter(pk__in=artefact.jobs.values("pk")).filter(pk__in=needing(project).values("pk")))
    if len(found) != 1:
        listed = ", ".join(f"{job.pk} ({name_of(job)})" for job in found)
        many = f"{artefact} has several calls that need one: {listed}; give a job's id."
        raise Refusal(many if found else f"No call of {artefact} needs a decision.", code="not_found", where=word)
    return found[0]


def waiting(project: Project) -> list[tuple[Matter, dict[str, Any]]]:
    """Every call of a project that needs a person, and its row of the document."""
    return [(matter, _row(matter)) for matter in matters(project)]


def words(matter: Matter) -> str:
    """What is known of a call, what it may cost, and what to do: one line."""
    job = matter.job
    parts = [f"job {job.pk}  {matter.name}: {matter.word.lower()} for {lasting(matter.seconds)}"]
    parts.append(f"may cost {dollars(matter.may_cost)}" if matter.held else f"counted {dollars(matter.may_cost)}")
    if matter.need == "unknown" and (why := deciding.absent_objection(job, machine_down=True)):
        parts.append(why.rstrip("."))
    return f"{'; '.join(parts)}. decide {job.pk} --project {job.project.slug} {WAYS[matter.need]}"


def _row(matter: Matter) -> dict[str, Any]:
    job = matter.job
    until = unsure.arrives_until(job) if job.state == JobState.UNSURE else None
    return {
        "job": job.pk,
        "what": matter.name,
        "state": job.state,
        "may_cost": amount(matter.may_cost),
        "since": moment(matter.since),
        "arrives_until": moment(until) if until and until > timezone.now() else None,
        "request_id": job.request_id,
        "needs": matter.need,
    }
