"""Documents of --json as docs/contract.md promises them. Keys stay; more may be added.

Money is dollars as text, times are seconds as numbers, moments ISO 8601 in UTC, `file` is an absolute path or null
before there is one. What people decided is above this package: documents with verdicts are in dailies.documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count

from sequences import storage
from sequences.callplan import Call
from sequences.costs import amount
from sequences.models import Candidate, Grid, Job, Project, StartFrame, Take
from sequences.states import JobState

from .accounts import Standing
from .facts import SequenceFacts, load
from .requests import sent_calls
from .stages import next_action, stage

Document = dict[str, Any]


def number(value: Decimal | Fraction | float | None) -> float | int | None:
    """Seconds as a JSON number, to the millisecond; whole ones without a point."""
    if value is None:
        return None
    rounded = round(float(value), 3)
    return int(rounded) if rounded == int(rounded) else rounded


def moment(when: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def path(relative: str) -> str | None:
    """A kept file as an absolute path."""
    return str(storage.absolute(relative)) if relative else None


def grid(row: Grid) -> Document:
    """One grid; `file` is byte for byte what came back."""
    return {
        "id": row.pk,
        "sequence": row.sequence.code,
        "state": row.state,
        "rows": row.rows,
        "cols": row.cols,
        "width": row.width,
        "height": row.height,
        "file": path(row.file),
    }


def candidate(row: Candidate, used_by: Iterable[Take] = ()) -> Document:
    """A starred cell: `box` is the cell in pixels of the whole grid picture, `takes` the numbers of those that start
    from it."""
    return {
        "grid": row.grid_id,
        "sequence": row.grid.sequence.code,
        "name": f"{row.grid}",
        "cell": row.cell,
        "box": row.grid.cells[row.cell - 1],
        "takes": [take.number for take in used_by],
    }


def start_frame(row: StartFrame) -> Document:
    """A start frame; `grid` is the grid's id, `box` is in pixels of the whole grid picture."""
    return {
        "id": row.pk,
        "sequence": row.sequence.code,
        "grid": row.grid_id,
        "cell": row.cell,
        "box": row.box,
        "width": row.width,
        "height": row.height,
        "file": path(row.file),
    }


def larger_frame(row: StartFrame) -> Document:
    """A start frame that was asked for larger; `of` is the id of the one it is made from, `price` what its newest call
    is estimated at."""
    job = row.jobs.order_by("id").last()
    return {
        **start_frame(row),
        "number": row.number,
        "state": row.state,
        "of": row.parent_id,
        "price": amount(job.estimate_micros) if job else None,
        "jobs": list(row.jobs.order_by("id").values_list("pk", flat=True)),
        "error": row.error,
    }


def account(row: Standing) -> Document:
    """A provider's account: open, resting or shut, what it lacks here, and how many calls wait for it or are with it.
    """
    return {
        "provider": row.provider,
        "state": row.state,
        "why": row.why,
        "since": moment(row.since),
        "until": moment(row.until),
        "setup": row.setup,
        "waiting": row.waiting,
        "away": row.away,
        "message": row.said,
    }


def call(planned: Call, *, code: str, take: int, endpoint: str = "") -> Document:
    """One call of a take that is not asked for yet; `take` is the number it would get, `endpoint` stands for a call
    that names none. `end` says whether it ends on a picture."""
    return {
        "sequence": code,
        "take": take,
        "shots": list(planned.shots),
        "endpoint": planned.endpoint or endpoint,
        "seconds": number(planned.seconds),
        "start": planned.start,
        "end": planned.end,
        "elements": list(planned.sent),
        "dropped": [{"element": d.key, "reason": d.reason} for d in planned.dropped],
        "price": amount(planned.price),
    }


def asked_takes(takes: Iterable[Take]) -> list[Document]:
    """Takes as they were asked for, with the ids of their jobs."""
    rows = list(Take.objects.filter(pk__in=[t.pk for t in takes]).select_related("sequence").order_by("id"))
    jobs: dict[int | None, list[int]] = defaultdict(list)
    for pk, take in Job.objects.filter(take__in=rows).order_by("id").values_list("pk", "take_id"):
        jobs[take].append(pk)
    return [
        {"id": t.pk, "sequence": t.sequence.code, "number": t.number, "state": t.state, "jobs": jobs[t.pk]}
        for t in rows
    ]


def bodies(project: Project, documents: Iterable[Document]) -> None:
    """Add to documents of jobs what was frozen (`request`), the path that is called (`path`) and, once something was
    sent as JSON of its own, that JSON (`body`, else None). Addresses of uploads are reduced to what lies there."""
    rows = {row["id"]: row for row in documents}
    for sent in sent_calls(Job.objects.filter(project=project, pk__in=rows).order_by("id")):
        rows[sent.job] |= {"request": sent.request, "path": sent.path, "body": sent.body}


def jobs(project: Project, *, live: Iterable[str] | None = None) -> Document:
    """Jobs of a project in the order they were asked for; with `live` those in these states."""
    rows = Job.objects.filter(project=project).defer("request").annotate(told=Count("attempts")).order_by("id")
    if live is not None:
        rows = rows.filter(state__in=list(live))
    return {"jobs": [_job(row, row.told) for row in rows]}


def _job(row: Job, attempts: int) -> Document:
    return {
        "id": row.pk,
        "kind": row.kind,
        "state": row.state,
        "provider": row.provider,
        "endpoint": row.endpoint,
        "request_id": row.request_id,
        "attempts": attempts,
        "estimate": amount(row.estimate_micros),
        "cost": amount(cost_of(row)),
        "look_again_at": moment(row.look_again_at),
        "deadline": moment(row.deadline),
        "error": row.error,
    }


def cost_of(row: Job) -> int | None:
    """Micro-dollars a job was billed; None while that is open, 0 when its hold was given back."""
    if row.cost_micros is not None:
        return row.cost_micros
    return 0 if row.state in (JobState.FAILED, JobState.CANCELLED, JobState.ABSENT) else None


def board(project: Project) -> Document:
    """The whole board: money of the project, and one row a sequence in song order."""
    song = getattr(project, "song", None)
    return {
        "project": {
            "slug": project.slug,
            "title": project.title,
            "cap": amount(project.cap_micros),
            "spent": amount(project.spent_micros),
            "held": amount(project.held_micros),
            "song_seconds": number(song.seconds) if song else None,
        },
        "sequences": [board_row(facts) for facts in load(project)],
    }


def board_row(facts: SequenceFacts) -> Document:
    """One sequence; `approved_take` is the take's id, `next_action` the verb a card offers."""
    at = stage(facts)
    return {
        "code": facts.sequence.code,
        "section": facts.sequence.section,
        "start": number(facts.sequence.start),
        "end": number(facts.sequence.end),
        "mode": facts.sequence.mode,
        "stage": at,
        "shots": len(facts.shots),
        "grids": len(facts.grids),
        "takes": len(facts.takes),
        "approved_take": facts.approved_take.pk if facts.approved_take else None,
        "spent": amount(facts.spent_micros),
        "next_action": next_action(facts, at).verb,
        "jobs_live": len(facts.jobs),
    }
