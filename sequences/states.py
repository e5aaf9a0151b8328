"""The two stored state machines: Job and Artefact. Enums and tables of allowed moves; nothing else."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where one paid call stands. `unsure`: nobody knows whether the provider took it."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    PROCESSING = "processing"
    CANCELLING = "cancelling"
    READY = "ready"
    UNSURE = "unsure"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    LOST = "lost"


class ArtefactState(StrEnum):
    """Where a grid, start frame or take stands. `waiting`: a person has to look."""

    MAKING = "making"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    FAILED = "failed"


JOB_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.SUBMITTING, JobState.CANCELLED, JobState.FAILED}),
    # back to queued: only by the holder that knows it has sent nothing
    JobState.SUBMITTING: frozenset({JobState.SUBMITTED, JobState.FAILED, JobState.UNSURE, JobState.QUEUED}),
    JobState.UNSURE: frozenset({JobState.SUBMITTED, JobState.FAILED, JobState.ABSENT}),
    # unsure after all: the provider says for a long time that it does not know the call
    JobState.SUBMITTED: frozenset(
        {JobState.PROCESSING, JobState.READY, JobState.FAILED, JobState.CANCELLING, JobState.UNSURE}
    ),
    JobState.PROCESSING: frozenset({JobState.READY, JobState.FAILED, JobState.CANCELLING, JobState.UNSURE}),
    # a cancel may come too late: what finished is kept
    JobState.CANCELLING: frozenset({JobState.CANCELLED, JobState.READY, JobState.FAILED, JobState.UNSURE}),
    JobState.READY: frozenset({JobState.DONE, JobState.LOST}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.ABSENT: frozenset(),
    JobState.LOST: frozenset(),
}

ARTEFACT_MOVES: dict[ArtefactState, frozenset[ArtefactState]] = {
    ArtefactState.MAKING: frozenset({ArtefactState.WAITING, ArtefactState.FAILED}),
    ArtefactState.WAITING: frozenset({ArtefactState.APPROVED, ArtefactState.REJECTED, ArtefactState.SUPERSEDED}),
    # back to waiting: a verdict taken back
    ArtefactState.APPROVED: frozenset({ArtefactState.SUPERSEDED, ArtefactState.WAITING}),
    ArtefactState.REJECTED: frozenset({ArtefactState.WAITING}),
    ArtefactState.SUPERSEDED: frozenset({ArtefactState.APPROVED, ArtefactState.WAITING}),
    # a retry of the call that failed
    ArtefactState.FAILED: frozenset({ArtefactState.MAKING}),
}

LIVE_JOBS: tuple[str, ...] = tuple(s.value for s in JobState if JOB_MOVES[s])
"""States in which a job must have a time to be looked at and a deadline."""

FOLLOWED_JOBS: tuple[str, ...] = (
    JobState.SUBMITTED.value,
    JobState.PROCESSING.value,
    JobState.CANCELLING.value,
)

RUNNING_JOBS: tuple[str, ...] = tuple(
    s for s in LIVE_JOBS if s not in (JobState.UNSURE.value, JobState.CANCELLING.value)
)

HOLDING_JOBS: tuple[str, ...] = tuple(s for s in LIVE_JOBS if s != JobState.READY.value)
"""States in which a money hold stands: settled at `ready`, released at a failure nobody was charged for."""

JOB_WORDS: dict[str, str] = {
    "queued": "Queued",
    "submitting": "Sending",
    "submitted": "Sent",
    "processing": "Being made",
    "cancelling": "Cancelling",
    "ready": "Ready, being collected",
    "unsure": "Nobody knows whether it was taken",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "absent": "Never arrived",
    "lost": "Result lost",
}

ARTEFACT_WORDS: dict[str, str] = {
    "making": "Being made",
    "waiting": "Waits for a look",
    "approved": "Approved",
    "rejected": "Rejected",
    "superseded": "Superseded",
    "failed": "Failed",
}
