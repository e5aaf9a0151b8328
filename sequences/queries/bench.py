"""What the workbench shows beyond a sequence's facts: revisions, checks, money and jobs of its takes, start frames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from sequences.models import (
    Check,
    Element,
    ElementImage,
    Event,
    Job,
    LedgerEntry,
    Project,
    PromptRevision,
    Shot,
    StartFrame,
    Take,
)
from sequences.models import Sequence as SequenceRow
from sequences.states import ArtefactState

from .facts import SequenceFacts

OPEN = (ArtefactState.MAKING.value, ArtefactState.FAILED.value)


@dataclass(slots=True)
class Extras:
    """Rows beside the facts of one sequence, by the ids of what they belong to. Newest revision first."""

    revisions: dict[int, list[PromptRevision]] = field(default_factory=dict)
    checks: dict[int, list[Check]] = field(default_factory=dict)
    spent: dict[int, int] = field(default_factory=dict)
    frames: list[StartFrame] = field(default_factory=list)
    take_jobs: dict[int, list[Job]] = field(default_factory=dict)
    grid_jobs: dict[int, list[Job]] = field(default_factory=dict)
    frame_jobs: dict[int, list[Job]] = field(default_factory=dict)
    asked: Event | None = None


def extras(facts: SequenceFacts) -> Extras:
    """Everything the workbench adds to the facts. Five queries, one more when a take was rejected."""
    out = Extras(
        revisions=_revisions(facts),
        checks=_checks(facts.takes),
        spent=_spent(facts.sequence),
        frames=frames_of(facts.sequence),
        asked=_asked(facts),
    )
    open_jobs(facts, out)
    return out


def frames_of(sequence: SequenceRow) -> list[StartFrame]:
    """Start frames, newest first, with the grid or take each was cut from."""
    return list(sequence.start_frames.select_related("grid", "take__sequence", "parent").order_by("-number"))


def open_jobs(facts: SequenceFacts, into: Extras) -> None:
    """Fill in the newest job of every call of what is being made or has failed: takes, grids and the frames there."""
    takes = [t.pk for t in facts.takes if t.state in OPEN]
    grids = [g.pk for g in facts.grids if g.state in OPEN]
    frames = [f.pk for f in into.frames if f.state in OPEN]
    by_take, by_grid, by_frame = _by_call(), _by_call(), _by_call()
    wanted = Q(take__in=takes) | Q(grid__in=grids) | Q(start_frame__in=frames)
    for job in Job.objects.filter(wanted).defer("request").order_by("id"):
        if job.take_id is not None:
            by_take[job.take_id][job.call] = job
        elif job.grid_id is not None:
            by_grid[job.grid_id][job.call] = job
        elif job.start_frame_id is not None:
            by_frame[job.start_frame_id][job.call] = job
    into.take_jobs, into.grid_jobs, into.frame_jobs = _listed(by_take), _listed(by_grid), _listed(by_frame)


def _by_call() -> dict[int, dict[int, Job]]:
    return defaultdict(dict)


def _listed(found: dict[int, dict[int, Job]]) -> dict[int, list[Job]]:
    return {pk: [calls[n] for n in sorted(calls)] for pk, calls in found.items()}


def elements_of(project: Project) -> list[Element]:
    """Living elements of the project, most important first, with `front`: the frontal picture's file, if any."""
    pictures = ElementImage.objects.filter(element=OuterRef("pk")).order_by("position", "id").values("file")
    rows = project.elements.filter(deleted_at=None).only("key", "name", "kind", "project_id")
    return list(rows.annotate(front=Coalesce(Subquery(pictures[:1]), Value(""))))


def song_order(project: Project) -> list[SequenceRow]:
    """Living sequences in song order: enough of each to be named and linked."""
    return list(project.sequences.filter(deleted_at=None).only("code", "section", "start", "end", "position"))


def deleted_shot(sequence: SequenceRow, pk: int) -> Shot | None:
    """A shot that was taken out of the sequence."""
    return sequence.shots.filter(pk=pk, deleted_at__isnull=False).select_related("sequence").first()


def _revisions(facts: SequenceFacts) -> dict[int, list[PromptRevision]]:
    out: dict[int, list[PromptRevision]] = defaultdict(list)
    shots = [s.shot.pk for s in facts.shots]
    for row in PromptRevision.objects.filter(shot__in=shots).select_related("author").order_by("-number"):
        out[row.shot_id].append(row)
    return dict(out)


def _checks(takes: Iterable[Take]) -> dict[int, list[Check]]:
    out: dict[int, list[Check]] = defaultdict(list)
    for check in Check.objects.filter(take__in=[t.pk for t in takes]):
        out[check.take_id].append(check)
    return dict(out)


def _spent(sequence: SequenceRow) -> dict[int, int]:
    rows = LedgerEntry.objects.filter(job__sequence=sequence, job__take__isnull=False, kind="settle").order_by()
    sums: Sequence[tuple[int, int]] = list(
        rows.values("job__take").annotate(total=Sum("amount_micros")).values_list("job__take", "total")
    )
    return dict(sums)


def _asked(facts: SequenceFacts) -> Event | None:
    """The last word on the newest take that was finished, when that was a rejection."""
    take = judged(facts)
    if take is None or take.state != ArtefactState.REJECTED:
        return None
    events = Event.objects.filter(subject="take", subject_id=take.pk, now=ArtefactState.REJECTED.value)
    return events.select_related("actor").order_by("-id").first()


def judged(facts: SequenceFacts) -> Take | None:
    """The newest take that was finished: what is asked of it stands while a later one is made or has failed."""
    return next((t for t in reversed(facts.takes) if t.state not in OPEN), None)
