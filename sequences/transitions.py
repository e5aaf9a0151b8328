"""move(): the only writer of a state column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from sequences.models import Event, Grid, Job, Project, StartFrame, Take
from sequences.states import ARTEFACT_MOVES, JOB_MOVES, LIVE_JOBS, ArtefactState, JobState

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Stateful = Job | Grid | StartFrame | Take


class MoveError(Exception):
    """A move that was not made; `str()` says why in one sentence."""


class NotAllowed(MoveError):
    """The table of moves has no such move."""


class Stale(MoveError):
    """Somebody else moved the row first, or the claim is an old one."""


def project_of(row: Stateful) -> Project:
    """The project a job or artefact belongs to."""
    return row.project if isinstance(row, Job) else row.sequence.project


def allowed(row: Stateful, to: JobState | ArtefactState) -> bool:
    """Whether the table allows `row` to go to `to`."""
    if isinstance(row, Job):
        return to in JOB_MOVES[JobState(row.state)]
    return to in ARTEFACT_MOVES[ArtefactState(row.state)]


def move(
    row: Stateful,
    to: JobState | ArtefactState,
    *,
    actor: AbstractBaseUser | None = None,
    why: str = "",
    epoch: int | None = None,
    claim_from: int | None = None,
    **fields: Any,
) -> None:
    """Bring `row` to state `to` and write the Event, in one transaction.

    The write happens only while the row still stands where this instance says and, with `epoch`, while that claim
    is the newest. `claim_from` makes the move a claim: it asks for that epoch and counts it up. `fields` are written
    along. The instance is brought up to date.

    Raises NotAllowed when the table has no such move, Stale when the row has moved on.
    """
    if not allowed(row, to):
        raise NotAllowed(f"{_name(row)} is {row.state} and cannot become {to.value}.")
    was = row.state
    if isinstance(row, Job) and to.value not in LIVE_JOBS:
        fields.setdefault("look_again_at", None)
    if claim_from is not None:
        epoch, fields = claim_from, {**fields, "epoch": F("epoch") + 1}
    with transaction.atomic():
        _compare_and_set(row, to, epoch, fields)
        row.refresh_from_db(fields=["state", "version", *fields])
        _write_event(row, was, to.value, actor, why)


def born(row: Stateful, *, actor: AbstractBaseUser | None = None, why: str = "") -> None:
    """Write the first Event of a row that was just created, in the transaction that created it."""
    _write_event(row, "", row.state, actor, why)


def _compare_and_set(
    row: Stateful, to: JobState | ArtefactState, epoch: int | None, fields: dict[str, Any]
) -> None:
    same = {"pk": row.pk, "state": row.state} | ({} if epoch is None else {"epoch": epoch})
    changed = type(row)._default_manager.filter(**same).update(state=to.value, version=F("version") + 1, **fields)
    if not changed:
        raise Stale(f"{_name(row)} has changed meanwhile; look again before you decide.")


def _write_event(row: Stateful, was: str, now: str, actor: AbstractBaseUser | None, why: str) -> None:
    Event.objects.create(
        project=project_of(row),
        subject=type(row).__name__.lower(),
        subject_id=row.pk,
        was=was,
        now=now,
        epoch=getattr(row, "epoch", 0) or 0,
        actor_id=actor.pk if actor is not None and actor.pk else None,
        why=why[:300],
    )


def _name(row: Stateful) -> str:
    return f"Job {row.pk}" if isinstance(row, Job) else str(row)
