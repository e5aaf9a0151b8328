"""Everything known about sequences, loaded in a fixed number of queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from sequences.models import (
    Check,
    Element,
    ElementImage,
    Event,
    Grid,
    Job,
    LedgerEntry,
    Project,
    PromptRevision,
    Sequence,
    Shot,
    StartFrame,
    Take,
    TakeShot,
)
from sequences.models.artefacts import Use
from sequences.prompts import Style, mentions
from sequences.providers.base import Picture
from sequences.states import LIVE_JOBS, ArtefactState, JobState

from .needs import need_of

if TYPE_CHECKING:
    from .stale import Stale

PICKED_AT = Coalesce("parent__parent__created_at", "parent__created_at", "created_at")
"""When a start frame was chosen: making it larger, even twice, chooses nothing."""


@dataclass(slots=True)
class ShotFacts:
    """A living shot with its current prompt and its own start frame, if any. `revision` is 0 before the first."""

    shot: Shot
    text: str
    revision: int
    revision_id: int | None
    start_frame: StartFrame | None = None
    end_frame: StartFrame | None = None

    @property
    def number(self) -> int:
        """Its number in the sequence."""
        return self.shot.number


@dataclass(slots=True)
class ElementFacts:
    """An element of a sequence: how many reference pictures it has, and the frontal one's file (empty without any).

    `listed` is False for one that a prompt names but the sequence does not list; it comes after those listed. `pinned`
    are its pictures as a take has sent them; None for those it has today, whose hashes are `today`.
    """

    element: Element
    pictures: int
    front: str
    listed: bool
    shots: list[int] = field(default_factory=list)
    pinned: tuple[Picture, ...] | None = None
    today: tuple[str, ...] = ()

    @property
    def hashes(self) -> tuple[str, ...]:
        """Of its pictures as they are used, the frontal one first."""
        return self.today if self.pinned is None else tuple(p.sha256 for p in self.pinned)


@dataclass(frozen=True, slots=True)
class TakeMarks:
    """What stands beside a take: its checks by result, and micro-dollars of its calls.

    `done_micros` was estimated for calls that brought their clip, `charged_micros` billed for those that did not.
    """

    checks_failed: int
    checks_warned: int
    done_micros: int
    charged_micros: int


@dataclass(slots=True)
class SequenceFacts:
    """One sequence and all that was planned, made and spent for it. Newest grid and take last.

    `picked_at` is when the start frame was chosen; one that was made larger keeps the moment of what it was made from.
    `enlarging` are start frames being made larger, oldest first. `stale` is empty until `queries.stale.mark` fills it.
    """

    sequence: Sequence
    shots: list[ShotFacts] = field(default_factory=list)
    elements: list[ElementFacts] = field(default_factory=list)
    start_frame: StartFrame | None = None
    picked_at: datetime | None = None
    enlarging: list[StartFrame] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    needs: list[Job] = field(default_factory=list)
    spent_micros: int = 0
    held_micros: int = 0
    said: dict[int, str] = field(default_factory=dict)
    marks: dict[int, TakeMarks] = field(default_factory=dict)
    thumbs: list[TakeShot] = field(default_factory=list)
    stale: dict[tuple[str, int], Stale] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The project it belongs to."""
        return self.sequence.project

    @property
    def style(self) -> Style:
        """Its style lines inside those of its project."""
        own, outer = self.sequence, self.project
        inner = Style(own.style_prefix, own.style_suffix, own.style_negative)
        return inner.within(Style(outer.style_prefix, outer.style_suffix, outer.style_negative))

    @property
    def approved_take(self) -> Take | None:
        """The one approved take."""
        return next((t for t in self.takes if t.state == ArtefactState.APPROVED), None)

    @property
    def best_take(self) -> Take | None:
        """The approved take, else the newest one with a picture that was neither rejected nor set aside; without such a
        one the newest that was not rejected, else the newest at all."""
        if self.approved_take:
            return self.approved_take
        made = [t for t in self.takes if t.file]
        kept = [t for t in made if t.state != ArtefactState.REJECTED]
        best = [t for t in kept if not t.set_aside] or kept or made
        return best[-1] if best else None

    @property
    def waiting_takes(self) -> list[Take]:
        """Takes that wait for a verdict."""
        return [t for t in self.takes if t.state == ArtefactState.WAITING]

    @property
    def to_review(self) -> list[Take]:
        """Takes to look at next: those that wait and were not set aside, or all that wait when each was."""
        return [t for t in self.waiting_takes if not t.set_aside] or self.waiting_takes

    @property
    def seconds(self) -> float:
        """What its shots add up to."""
        return float(sum(s.shot.seconds for s in self.shots))


def load(project: Project, sequences: Iterable[Sequence] | None = None) -> list[SequenceFacts]:
    """Facts of a project's living sequences (or of those given), in song order. Nine queries."""
    ids = None if sequences is None else [s.pk for s in sequences]
    rows = project.sequences.filter(deleted_at=None) if ids is None else project.sequences.filter(pk__in=ids)
    found = {s.pk: SequenceFacts(s) for s in _with_money(rows)}
    for facts in found.values():
        facts.sequence.project = project
        facts.spent_micros = facts.sequence.spent  # type: ignore[attr-defined]  # annotated by _with_money
    _shots(found)
    _elements(project, found)
    _artefacts(found)
    _work(found)
    return list(found.values())


def load_all(projects: Iterable[Project]) -> dict[int, list[SequenceFacts]]:
    """Facts of the living sequences of several projects by project id, in song order, without their elements.

    Seven queries, however many projects.
    """
    owners = {p.pk: p for p in projects}
    rows = Sequence.objects.filter(project__in=owners, deleted_at=None)
    found = {s.pk: SequenceFacts(s) for s in _with_money(rows)}
    out: dict[int, list[SequenceFacts]] = {pk: [] for pk in owners}
    for facts in found.values():
        facts.sequence.project = owners[facts.sequence.project_id]
        facts.spent_micros = facts.sequence.spent  # type: ignore[attr-defined]  # annotated by _with_money
        out[facts.sequence.project_id].append(facts)
    _shots(found)
    _artefacts(found)
    _work(found)
    return out


def load_inputs(project: Project, sequences: Iterable[Sequence] | None = None) -> list[SequenceFacts]:
    """What the living sequences of a project (or those given) would be made from, with their grids and takes but
    nothing of checks, calls or money. Seven queries; enough for a quote and for what is stale.
    """
    rows = project.sequences.filter(deleted_at=None)
    if sequences is not None:
        rows = project.sequences.filter(pk__in=[s.pk for s in sequences])
    found = {s.pk: SequenceFacts(s) for s in rows}
    for facts in found.values():
        facts.sequence.project = project
    _shots(found)
    _elements(project, found)
    _start_frames(found)
    for grid in Grid.objects.filter(sequence__in=found).defer("cells", "found_cells", "cuts").order_by("number"):
        grid.sequence = found[grid.sequence_id].sequence
        found[grid.sequence_id].grids.append(grid)
    for take in Take.objects.filter(sequence__in=found).defer("plan", "elements").order_by("number"):
        take.sequence = found[take.sequence_id].sequence
        found[take.sequence_id].takes.append(take)
    return list(found.values())


def with_draft(facts: SequenceFacts, shot: int, text: str) -> None:
    """Let the shot with this id say `text`, as if it were saved, for whatever is computed of the facts. Two queries."""
    for one in facts.shots:
        if one.shot.pk == shot:
            one.text = text
    _elements(facts.project, {facts.sequence.pk: facts})


def _with_money(rows: QuerySet[Sequence]) -> QuerySet[Sequence]:
    settled = LedgerEntry.objects.filter(job__sequence=OuterRef("pk"), kind__in=["settle", "late"]).order_by()
    total = settled.values("job__sequence").annotate(total=Sum("amount_micros")).values("total")
    return rows.annotate(spent=Coalesce(Subquery(total), 0))


def _shots(found: dict[int, SequenceFacts]) -> None:
    newest = PromptRevision.objects.filter(shot=OuterRef("pk")).order_by("-number")
    shots = Shot.objects.filter(sequence__in=found, deleted_at=None).order_by("number")
    with_text = shots.annotate(
        text=Coalesce(Subquery(newest.values("text")[:1]), Value(""), output_field=TextField()),
        revision=Coalesce(Subquery(newest.values("number")[:1]), 0),
        revision_pk=Subquery(newest.values("pk")[:1]),
    )
    for shot in with_text:
        facts = found[shot.sequence_id]
        shot.sequence = facts.sequence
        facts.shots.append(ShotFacts(shot, shot.text, shot.revision, shot.revision_pk))


def _elements(project: Project, found: dict[int, SequenceFacts]) -> None:
    """One row an element and listing sequence; an element no sequence lists comes once."""
    hashes, fronts = _pictures(project)
    rows = (
        Element.objects.filter(project=project, deleted_at=None)
        .annotate(
            listing=F("sequence_elements__sequence"),
            place=F("sequence_elements__position"),
        )
        .order_by("place", "position", "id")
    )
    by_key: dict[str, Element] = {}
    listed: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        by_key.setdefault(row.key, row)
        row.hashes, row.front = tuple(hashes[row.pk]), fronts.get(row.pk, "")  # type: ignore[attr-defined]  # kept on the row
        if row.listing is not None:
            listed[row.listing].append(row.key)
    for pk, facts in found.items():
        facts.elements = _cast(facts, by_key, listed[pk])


def _pictures(project: Project) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Hashes of the pictures of every element, the frontal one first, and the frontal one's file."""
    hashes: dict[int, list[str]] = defaultdict(list)
    fronts: dict[int, str] = {}
    rows = ElementImage.objects.filter(element__project=project, element__deleted_at=None).order_by("position", "id")
    for element, sha256, file in rows.values_list("element_id", "sha256", "file"):
        hashes[element].append(sha256)
        fronts.setdefault(element, file)
    return hashes, fronts


def _cast(facts: SequenceFacts, by_key: dict[str, Element], listed: list[str]) -> list[ElementFacts]:
    named: dict[str, list[int]] = defaultdict(list)
    for shot in facts.shots:
        for key in mentions(shot.text):
            named[key].append(shot.number)
    extra = [key for key in named if key in by_key and key not in listed]
    extra.sort(key=lambda key: (by_key[key].position, by_key[key].pk))
    return [
        ElementFacts(e, len(e.hashes), e.front, key in listed, named.get(key, []), today=e.hashes)  # type: ignore[attr-defined]  # kept by `_elements`
        for key in listed + extra
        for e in [by_key[key]]
    ]


def _artefacts(found: dict[int, SequenceFacts]) -> None:
    for grid in Grid.objects.filter(sequence__in=found).order_by("number"):
        grid.sequence = found[grid.sequence_id].sequence
        found[grid.sequence_id].grids.append(grid)
    word = Event.objects.filter(subject="take", subject_id=OuterRef("pk"), now__in=["rejected", "approved"])
    takes = Take.objects.filter(sequence__in=found).order_by("number")
    for take in _marked(takes).annotate(said=Subquery(word.order_by("-id").values("why")[:1])):
        facts = found[take.sequence_id]
        facts.marks[take.pk] = TakeMarks(take.bad, take.warned, take.done, take.charged)
        take.sequence = facts.sequence
        facts.takes.append(take)
        facts.said[take.pk] = take.said or ""
    _start_frames(found)
    _shown_shots(found)


def _marked(takes: QuerySet[Take]) -> QuerySet[Any]:
    checks = Check.objects.filter(take=OuterRef("pk")).order_by().values("take")
    jobs = Job.objects.filter(take=OuterRef("pk")).order_by().values("take")
    done = jobs.filter(state=JobState.DONE.value).annotate(sum=Sum("estimate_micros")).values("sum")
    charged = jobs.exclude(state=JobState.DONE.value).annotate(sum=Sum("cost_micros")).values("sum")
    return takes.annotate(
        bad=Coalesce(Subquery(checks.filter(result="fail").annotate(n=Count("pk")).values("n")), 0),
        warned=Coalesce(Subquery(checks.filter(result="warn").annotate(n=Count("pk")).values("n")), 0),
        done=Coalesce(Subquery(done), 0),
        charged=Coalesce(Subquery(charged), 0),
    )


def _start_frames(found: dict[int, SequenceFacts]) -> None:
    states = (ArtefactState.APPROVED.value, ArtefactState.MAKING.value)
    rows = StartFrame.objects.filter(sequence__in=found, state__in=states).order_by("number")
    for frame in rows.annotate(picked_at=PICKED_AT):
        facts = found[frame.sequence_id]
        frame.sequence = facts.sequence
        if frame.state == ArtefactState.MAKING:
            facts.enlarging.append(frame)
            continue
        if frame.shot_id is None:
            facts.start_frame, facts.picked_at = frame, frame.picked_at
        for shot in facts.shots:
            if shot.shot.pk == frame.shot_id and frame.use == Use.END:
                shot.end_frame = frame
            elif shot.shot.pk == frame.shot_id:
                shot.start_frame = frame


def _shown_shots(found: dict[int, SequenceFacts]) -> None:
    """Shots of each sequence's best take, for its filmstrip."""
    shown = {f.best_take.pk: f for f in found.values() if f.best_take}
    for shot in TakeShot.objects.filter(take__in=shown).order_by("at"):
        shown[shot.take_id].thumbs.append(shot)


def _work(found: dict[int, SequenceFacts]) -> None:
    now = timezone.now()
    rows = Job.objects.filter(Q(state__in=LIVE_JOBS) | Q(late="kept"), sequence__in=found)
    for job in rows.defer("request", "wire").order_by("id"):
        facts = found[job.sequence_id]
        if need_of(job, now):
            facts.needs.append(job)
        if job.state in LIVE_JOBS:
            facts.jobs.append(job)
            facts.held_micros += job.estimate_micros if job.state != "ready" else 0
