"""What came late, put to use: the result of a call that had ended without one joins the take or grid it was for.

It was paid for already, so nothing is asked for, held or billed: a call is written down that is made and paid for, and
taken in like any other.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from sequences import storage, tasks
from sequences.errors import Refusal
from sequences.execution import Wake
from sequences.media.files import sha256_of
from sequences.models import Event, Grid, Job, StartFrame, Take
from sequences.queries.needs import name_of
from sequences.states import ArtefactState, JobState
from sequences.transitions import born, move

from ._jobs import new_key
from ._rules import MAKERS, require

DAY = timedelta(days=1)


def use_late(*, actor: AbstractBaseUser | None, job: Job) -> Job:
    """Let a result that came late join what it was for; returns the call that takes it in.

    Raises Refusal when nothing was kept, when its file is damaged, or when what it was for was made without it.
    """
    require(actor, job.project, *MAKERS)
    job.refresh_from_db(fields=["late", "late_file", "late_sha256", "state"])
    if said := use_late_objection(job):
        raise Refusal(said, code="not_allowed", where=name_of(job))
    _whole(job)
    why = f"the result of {name_of(job)} that came late"
    with transaction.atomic():
        if not Job.objects.filter(pk=job.pk, late="kept").update(late=""):
            raise Refusal(f"{name_of(job)} was decided meanwhile; look again.", code="stale", where=name_of(job))
        move(_of(job), ArtefactState.MAKING, actor=actor, why=why, error="")
        fresh = _made(actor, job, why)
        Job.objects.filter(after=job, take=job.take).update(after=fresh)
        _note(actor, job)
    transaction.on_commit(lambda: tasks.ring([Wake("job", fresh.pk)]), robust=True)
    return fresh


def use_late_objection(job: Job) -> str:
    """Why a late result cannot join what it was for; empty when it can."""
    if job.late != "kept":
        return f"Nothing that came late is kept of {name_of(job)}."
    of = _of(job)
    if of.state != ArtefactState.FAILED:
        done = "is being made" if of.state == ArtefactState.MAKING else "was made"
        return f"{of} {done} without it; it stays beside it as a file."
    newest = of.jobs.filter(call=job.call).order_by("id").last()
    if newest is not None and newest.pk != job.pk:
        return f"{name_of(job)} was asked for again since; what came late stays beside it as a file."
    return ""


def _of(job: Job) -> Grid | Take | StartFrame:
    of = job.take or job.grid or job.start_frame
    assert of is not None, "the row's constraint says so"
    return of


def _whole(job: Job) -> None:
    path = storage.absolute(job.late_file)
    if not path.exists() or sha256_of(path) != job.late_sha256:
        raise Refusal(
            f"The file that came late for {name_of(job)} is not what was kept; put it away.", code="damaged",
            where=name_of(job),
        )  # fmt: skip


def _made(actor: AbstractBaseUser | None, job: Job, why: str) -> Job:
    """The record of a call that is made and paid for; its estimate and cost are nought, the late bill stands."""
    now = timezone.now()
    fresh = Job.objects.create(
        project=job.project, sequence=job.sequence, kind=job.kind, grid=job.grid, take=job.take,
        start_frame=job.start_frame, call=job.call, after=job.after, provider=job.provider, endpoint=job.endpoint,
        request=job.request, input_sha256=job.input_sha256, token=f"late-{new_key()}", estimate_micros=0,
        cost_micros=0, look_again_at=now, deadline=now + DAY, created_by_id=actor.pk if actor else None,
        result_ref={"kept": job.late_file, "sha256": job.late_sha256, "content_type": _type(job.late_file)},
    )  # fmt: skip
    born(fresh, actor=actor, why=why)
    for state in (JobState.SUBMITTING, JobState.SUBMITTED, JobState.READY):
        move(fresh, state, actor=actor, why=why)
    return fresh


def _type(name: str) -> str:
    return {".mp4": "video/mp4", ".png": "image/png"}.get(Path(name).suffix, "image/jpeg")


def _note(actor: AbstractBaseUser | None, job: Job) -> None:
    Event.objects.create(
        project_id=job.project_id, subject="late", subject_id=job.pk, was="kept", now="used", epoch=job.epoch,
        actor_id=actor.pk if actor else None, why="the result that came late joins what it was for",
    )  # fmt: skip
