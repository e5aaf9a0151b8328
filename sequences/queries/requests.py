"""What calls were asked and what was sent for them, with nothing secret in it: no address, key or token. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sequences.models import Clip, Job, StartFrame
from sequences.providers import sight
from sequences.providers.base import Request, VideoRequest, from_json


@dataclass(frozen=True, slots=True)
class SentCall:
    """A call that was asked for. `request` is what was frozen before anything was sent; `body` is the JSON that was
    sent to `path`, None while nothing was or when the provider takes the request itself."""

    job: int
    call: int
    state: str
    endpoint: str
    path: str
    request: dict[str, Any]
    body: dict[str, Any] | None
    sent_at: datetime | None
    after: int | None

    @property
    def shown(self) -> dict[str, Any]:
        """What was sent, or will be."""
        return self.request if self.body is None else self.body


def sent_calls(jobs: Iterable[Job]) -> list[SentCall]:
    """Calls in the order given. Two queries, however many."""
    rows = list(jobs)
    names = _names({job.sequence_id for job in rows})
    calls = {job.pk: job.call for job in rows}
    return [_sent(job, names, calls) for job in rows]


def _sent(job: Job, names: dict[str, str], calls: dict[int, int]) -> SentCall:
    wire: dict[str, Any] = job.wire or {}
    before = calls.get(job.after_id or 0, job.call - 1) if job.after_id else None
    request, known = _request(job), names
    if before is not None:
        known = {**names, "": f"last frame of call {before}"}
        request = sight.chained(request) if isinstance(request, VideoRequest) else request
    return SentCall(
        job=job.pk,
        call=job.call,
        state=job.state,
        endpoint=job.endpoint,
        path=wire.get("endpoint", "") or job.endpoint,
        request=sight.was_sent(job.request, None, {}),
        body=sight.was_sent(wire.get("body", {}), request, known) if wire else None,
        sent_at=job.sent_at,
        after=before,
    )


def _request(job: Job) -> Request | None:
    try:
        return from_json(job.request)
    except (KeyError, TypeError):  # written by another version
        return None


def _names(sequences: set[int]) -> dict[str, str]:
    """What pictures of these sequences are, by their files."""
    frames = StartFrame.objects.filter(sequence__in=sequences).exclude(file="").values_list("file", "use", "number")
    clips = Clip.objects.filter(take__sequence__in=sequences).exclude(last_frame="")
    ends = clips.values_list("last_frame", "take__number", "job__call")
    named = {file: f"last frame of T{take}, call {call}" for file, take, call in ends}
    return {**named, **{file: f"{use} frame F{number}" for file, use, number in frames}}
