"""A provider that sends bills and loses answers, under the name of the sketch studio so that its models are at hand.

Nothing is drawn and nothing is sent: `silent` makes every submit end without an answer, `knows` are the requests it
admits to, `lists` what its list shows.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone

from sequences import execution
from sequences.models import Attempt, Job, Project
from sequences.orchestration import making
from sequences.providers import registry
from sequences.providers.base import (
    Ask,
    Found,
    NotKnown,
    Pending,
    ProviderError,
    Ready,
    Refused,
    RemoteFile,
    Request,
    Submitted,
    TryLater,
    Unsure,
    Wire,
)
from tests import factories

SAID = "The connection closed before an answer."


@dataclass
class Silent:
    """The provider."""

    name: str = "sketch"
    idempotent: bool = False
    in_flight: int | None = None
    silent: bool = True
    away: bool = False
    knows: dict[str, Pending | Ready | Refused] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)
    submits: int = 0
    cancels: int = 0

    def prepare(self, request: Request) -> Wire:
        return Wire("desk/clip", {"seed": request.seed, "image_url": "https://files.example/a.png?sig=SECRET"})

    def submit(self, request: Request, *, token: str, wire: Wire | None = None) -> Submitted:
        self.submits += 1
        if self.silent:
            raise Unsure(SAID)
        number = f"rq-{self.submits}"
        self.knows[number] = Pending(None, "running", 5)
        return Submitted(number, {"request_id": number, "status_url": "https://desk.example/x?key=SECRET"})

    def look(self, request_id: str, *, endpoint: str = "") -> Pending | Ready | Refused:
        if self.away:
            raise TryLater("It does not answer.")
        if request_id not in self.knows:
            raise NotKnown(f"There is no request {request_id}.")
        return self.knows[request_id]

    def look_many(self, asks: Sequence[Ask]) -> list[Pending | Ready | Refused | ProviderError]:
        return [self.knows.get(ask.request_id, NotKnown("no")) for ask in asks]

    def find(self, wire: Wire, *, since: datetime.datetime, until: datetime.datetime) -> tuple[Found, ...]:
        if self.away:
            raise TryLater("It does not answer.")
        return tuple(Found(number, timezone.now()) for number in self.lists)

    def horizon(self, endpoint: str) -> float:
        return 4500.0

    def fetch(self, file: RemoteFile, target: Path) -> int:
        raise TryLater("There is nothing to fetch.")

    def cancel(self, request_id: str, *, endpoint: str = "") -> bool:
        self.cancels += 1
        return True


@contextmanager
def provider(**how: Any) -> Iterator[Silent]:
    """Every call goes to it; the studio is back afterwards (see `catalogue_as_installed`)."""
    desk = Silent(**how)
    registry.register(desk)
    yield desk


def project_with_call(owner: Any = None, *, seconds: str = "0.14", **asked: Any) -> tuple[Project, Job]:
    """One take of one second, sent once."""
    factories.priced(second=seconds, picture="0.04")
    project = factories.make_project(owner, [factories.Plan(start_frame=True)])
    return project, sent(project)


def sent(project: Project, code: str = "SEQ01") -> Job:
    """One more take of the sequence, sent once; whatever the provider says is written."""
    take = making.request_takes(actor=None, sequences=[factories.sequence_of(project, code)])[0]
    job = take.jobs.get()
    execution.step(job.pk)
    job.refresh_from_db()
    return job


def later(job: Job) -> Job:
    """Its deadline is over: an unsure call must have shown, a followed one is overdue."""
    Job.objects.filter(pk=job.pk).update(deadline=timezone.now() - datetime.timedelta(minutes=1))
    return fresh(job)


def held_by(job: Job, owner: str, minutes: float = 0) -> None:
    """Whoever claimed the submit has not ended it, and began so long ago."""
    then = timezone.now() - datetime.timedelta(minutes=minutes)
    Attempt.objects.filter(job=job).update(ended_at=None, owner=owner, started_at=then)


def came_late(job: Job, name: str = "late/job.mp4") -> Job:
    """A result was kept for a job that had ended."""
    Job.objects.filter(pk=job.pk).update(late="kept", late_file=name, late_at=timezone.now())
    return fresh(job)


def stuck(job: Job) -> Job:
    """Made and paid for, and not to be fetched."""
    execution.ask_now(job.pk)
    Job.objects.filter(pk=job.pk).update(tries=5, note="The download was cut short.")
    return fresh(job)


def fresh(job: Job) -> Job:
    """The row as it stands."""
    return Job.objects.select_related("project", "sequence", "take", "grid", "start_frame").get(pk=job.pk)
