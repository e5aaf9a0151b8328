"""Results of calls that had ended without one: written off, said to have never arrived. They are fetched and kept
beside the take, unassigned; a bill that nobody had counted is counted, and no bill is counted twice."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from sequences import costs, storage
from sequences.media import files
from sequences.models import Event, Job
from sequences.providers import registry
from sequences.providers.base import NotKnown, Paid, ProviderError, Ready, Refused
from sequences.states import JobState

from . import unsure
from .outcomes import billed_micros, micros_of, receipt
from .wake import Wake

log = logging.getLogger(__name__)

LISTEN = timedelta(hours=24)  # after a decision; then whatever comes is found by its webhook only
KEPT = timedelta(days=8)  # results are kept for seven days: until then an error may pass, and the result be there
BETWEEN = 600.0
DECIDED = ("written_off", "absent")  # ends that a person or the list decided, not the provider


def may_come(job: Job) -> bool:
    """Whether the job ended by a decision, so that its result may still come."""
    ended = job.state in (JobState.ABSENT.value, JobState.FAILED.value, JobState.CANCELLED.value)
    return ended and (job.state == JobState.ABSENT or job.error_code in DECIDED) and job.late != "kept"


def accepted(job: Job, request_id: str) -> list[Wake]:
    """The submit was taken after all, when the job had ended already: keep its number and wait for what it makes."""
    job.refresh_from_db()
    if not may_come(job):
        return []
    log.error("job %s had ended (%s) when its submit was accepted as %s", job.pk, job.state, request_id)
    return expect(job, request_id)


def expect(job: Job, request_id: str = "") -> list[Wake]:
    """Wait for the late result of an ended job, whose number at the provider may be known."""
    fields = {"late": "awaited", "look_again_at": timezone.now()}
    try:
        with transaction.atomic():
            if request_id and not job.request_id:
                Job.objects.filter(pk=job.pk, request_id="").update(request_id=request_id)
            # what was kept and put away is not kept once more
            Job.objects.filter(pk=job.pk, late__in=["", "gone"], late_file="").update(**fields)
    except IntegrityError:
        log.error("job %s: request %s belongs to another job", job.pk, request_id)
        return []
    return [Wake("late", job.pk)]


def look_after(job_id: int) -> list[Wake]:
    """One look at a call whose result is awaited though its job has ended; what it made is kept."""
    job = Job.objects.select_related("project", "sequence", "take").filter(pk=job_id, late="awaited").first()
    if job is None or not _my_turn(job):
        return []
    provider: Paid = registry.get(job.provider)  # type: ignore[assignment]  # only such a job can be unsure
    try:
        if not job.request_id and not _found(job, provider):
            return []
        answer = provider.look(job.request_id, endpoint=unsure.wire_of(job).endpoint)
        if isinstance(answer, Ready):
            _keep(job, answer, provider)
        elif isinstance(answer, Refused):
            _refused(job, answer)
    except (ProviderError, OSError) as error:
        if _too_late(job, LISTEN if isinstance(error, NotKnown) else KEPT):
            _given_up(job, error)
        log.info("late result of job %s: %s", job.pk, error)
    return []


def _my_turn(job: Job) -> bool:
    later = timezone.now() + timedelta(seconds=BETWEEN)
    same = Job.objects.filter(pk=job.pk, late="awaited", look_again_at=job.look_again_at)
    return bool(same.update(look_again_at=later))


def _found(job: Job, provider: Paid) -> bool:
    """Look it up in the provider's list; stop listening a day after the end."""
    if unsure.unheard(job, job.wire_sha256).exists():  # what the list shows may be theirs, and its answer on the way
        return False
    since = (job.sent_at or job.created_at) - unsure.EARLY
    for found in unsure.nearest_first(job, provider.find(unsure.wire_of(job), since=since, until=timezone.now())):
        if Job.objects.filter(pk=job.pk, request_id="").update(request_id=found.request_id):
            job.request_id = found.request_id
            return True
    if _too_late(job):
        Job.objects.filter(pk=job.pk, late="awaited").update(late="", look_again_at=None)
    return False


def _too_late(job: Job, patience: timedelta = LISTEN) -> bool:
    return (job.finished_at or job.created_at) + patience < timezone.now()


def _keep(job: Job, answer: Ready, provider: Paid) -> None:
    """The money first, since it is owed whether or not the file can be fetched; then the file, then the row."""
    receipt(job, "late", answer.raw)
    _bill(job, billed_micros(job, answer))
    suffix = ".mp4" if job.kind == "video" else ".png"
    scratch = storage.scratch(job.project, suffix)
    try:
        provider.fetch(answer.file, scratch)
        digest = files.sha256_of(scratch)
        place = storage.place(job.project, job.sequence.code.lower(), "late", f"job{job.pk}-{digest[:12]}{suffix}")
        files.safe_replace(scratch, storage.absolute(place))
    finally:
        scratch.unlink(missing_ok=True)
    with transaction.atomic():
        fields = {"late": "kept", "late_file": place, "late_sha256": digest, "late_at": timezone.now()}
        if not Job.objects.filter(pk=job.pk, late="awaited").update(look_again_at=None, **fields):
            return
        _tell(job, "its result came after it had ended; it is kept beside the take")


def _refused(job: Job, answer: Refused) -> None:
    """It brought nothing; what it was billed for all the same counts, its whole estimate when nobody says how much."""
    with transaction.atomic():
        if answer.charged is not False:
            _bill(job, micros_of(job, answer.units) if answer.units is not None else None)
        _gone(job, str(answer))


def _bill(job: Job, billed: int | None) -> None:
    with transaction.atomic():
        costs.bill_late(job, job.estimate_micros if billed is None else billed)


def _given_up(job: Job, error: Exception) -> None:
    """Nothing can come any more. A call the provider knows, whose result it does not give, was most likely billed:
    it counts."""
    with transaction.atomic():
        if job.request_id and not isinstance(error, NotKnown):
            _bill(job, None)
        _gone(job, str(error))


def _gone(job: Job, why: str) -> None:
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, late="awaited").update(late="gone", look_again_at=None):
            _tell(job, f"nothing came late: {why}")


def _tell(job: Job, why: str) -> None:
    stays = {"was": job.state, "now": job.state, "epoch": job.epoch, "why": why[:300]}
    Event.objects.create(project=job.project, subject="job", subject_id=job.pk, **stays)
