"""What Dailies reads: what waits, what was said today, and everything known of one take. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Q, Sum
from django.utils import timezone

from dailies.changes import Change, ShotChange, ShotLook, shot_changes, shots_of, take_changes
from dailies.models import Decision, Note, Reason, ShotDecision, ShotVerdict, Verdict
from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Check, Job, Project, Take, TakeShot
from sequences.models import Sequence as SequenceRow
from sequences.orchestration import Quote
from sequences.queries import open_picks, waiting_takes
from sequences.queries.drafts import final_of, is_draft
from sequences.queries.needs import NEED_WORDS, need_of
from sequences.states import LIVE_JOBS, ArtefactState

MOST_SEEN = 30

REASON_WORDS: dict[str, str] = {
    "identity": "Identity",
    "hands": "Hands",
    "motion": "Motion",
    "off_beat": "Off beat",
    "framing": "Framing",
    "frozen": "Frozen",
    "text": "Text",
    "flicker": "Flicker",
    "other": "Other",
}
"""Reasons as short as a key's label; the digit is the place in this list."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A take to judge (`kind` take) or a grid to pick from (grid). `checks` counts those of a take; `aside` says why
    it was set aside."""

    kind: str
    code: str
    name: str
    number: int
    since: datetime
    start: Decimal
    picture: str
    checks: int = 0
    failed: int = 0
    warned: int = 0
    aside: str = ""

    @property
    def key(self) -> str:
        """`SEQ03/T2`, `SEQ03/G1`."""
        return f"{self.code}/{'T' if self.kind == 'take' else 'G'}{self.number}"

    @property
    def passed(self) -> int:
        """Checks that passed outright."""
        return self.checks - self.failed - self.warned


def queue(project: Project) -> list[Waiting]:
    """What waits, oldest first; within one minute in the order of the song, what was set aside last. Two queries."""
    counts = {
        "all_checks": Count("checks"),
        "failed": Count("checks", filter=Q(checks__result="fail")),
        "warned": Count("checks", filter=Q(checks__result="warn")),
    }
    takes = waiting_takes(project).select_related("sequence").annotate(**counts)
    grids = open_picks(project).select_related("sequence").order_by("number")
    newest = {grid.sequence_id: grid for grid in grids}
    found = [_waiting_take(t) for t in takes]
    found += [
        Waiting(
            "grid", g.sequence.code, g.sequence.section, g.number, g.created_at, g.sequence.start, g.preview or g.file
        )
        for g in newest.values()
    ]
    return sorted(
        found, key=lambda w: (bool(w.aside), w.since.replace(second=0, microsecond=0), w.start, w.kind, w.number)
    )


def _waiting_take(take: Take) -> Waiting:
    sequence = take.sequence
    return Waiting(
        "take",
        sequence.code,
        sequence.section,
        take.number,
        take.made_at or take.created_at,
        sequence.start,
        take.poster,
        take.all_checks,  # type: ignore[attr-defined]  # annotated by queue
        take.failed,  # type: ignore[attr-defined]  # annotated by queue
        take.warned,  # type: ignore[attr-defined]  # annotated by queue
        take.set_aside,
    )


def seen_today(project: Project) -> list[Verdict]:
    """Standing verdicts of today, newest first. One query."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Verdict.objects.filter(
        take__sequence__project=project, take__sequence__deleted_at=None, undone_at=None, created_at__gte=today
    )
    return list(rows.select_related("take__sequence", "user").order_by("-id")[:MOST_SEEN])


def next_after(items: Sequence[Waiting], key: str) -> Waiting | None:
    """The take to look at after the one named `key`; from the end it goes on at the top."""
    takes = [w for w in items if w.kind == "take" or w.key == key]
    at = next((n for n, w in enumerate(takes) if w.key == key), -1)
    after = [w for w in takes[at + 1 :] + takes[:at] if w.key != key]
    return after[0] if after else None


@dataclass(frozen=True, slots=True)
class InFlight:
    """How many sequences are being made, and seconds until the first take or grid is due (None: not known)."""

    sequences: int
    due: float | None
    kind: str = "take"


def in_flight(project: Project) -> InFlight:
    """What is being made. One query."""
    now = timezone.now()
    jobs = Job.objects.filter(project=project, state__in=LIVE_JOBS, sequence__deleted_at=None)
    rows = list(jobs.values_list("sequence", "kind", "started_at", "created_at", "expected_seconds"))
    ends = [((started or created) + timedelta(seconds=usual) - now, kind) for _, kind, started, created, usual in rows]
    left, kind = min(ends, default=(None, "video"))
    due = max(0.0, left.total_seconds()) if left is not None else None
    return InFlight(len({row[0] for row in rows}), due, "grid" if kind == "grid" else "take")


@dataclass(frozen=True, slots=True)
class Call:
    """A job of a take, as the slate shows it: the provider's number and what it settled at, in micro-dollars.

    `need` says in words why a person must decide about it; empty when nobody must.
    """

    pk: int
    request_id: str
    settled: int
    state: str
    need: str


@dataclass(slots=True)
class Sheet:
    """Everything known of one take. `before` is the made take before it; `takes` are all of its sequence."""

    take: Take
    before: Take | None
    takes: list[Take]
    shots: list[ShotChange] = field(default_factory=list)
    looks: list[TakeShot] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    verdict: Verdict | None = None
    said: dict[int, ShotVerdict] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether it can be judged now."""
        return self.take.state == ArtefactState.WAITING

    @property
    def redo(self) -> list[int]:
        """Numbers of the shots marked redo."""
        return [s.shot.number for s in self.shots if _marked(self.said.get(s.shot.number))]

    @property
    def cost(self) -> int:
        """What its calls settled at, in micro-dollars."""
        return sum(c.settled for c in self.calls)

    @property
    def approved(self) -> Take | None:
        """Another take of the sequence that is approved now."""
        states = (t for t in self.takes if t.state == ArtefactState.APPROVED and t.pk != self.take.pk)
        return next(states, None)

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.take.rate)


def _marked(verdict: ShotVerdict | None) -> bool:
    return verdict is not None and verdict.decision == ShotDecision.REDO


def sheet(sequence: SequenceRow, number: int) -> Sheet | None:
    """Take `number` of a sequence with all that is known of it; None when there is none. Seven queries."""
    frame = ("start_frame__grid", "start_frame__parent")
    takes = list(sequence.takes.select_related(*frame, "parent", "created_by").order_by("number"))
    take = next((t for t in takes if t.number == number), None)
    if take is None:
        return None
    for row in takes:
        row.sequence = sequence
    before = next((t for t in reversed(takes) if t.number < number and t.file), None)
    found = Sheet(take, before, takes, changes=take_changes(take, before))
    _shots(found)
    found.checks = list(take.checks.all())
    found.calls = _calls(take)
    found.verdict = take.verdicts.filter(undone_at=None).select_related("user", "superseded").first()
    found.said = {v.number: v for v in take.shot_verdicts.all()}
    found.notes = notes_of(take)
    return found


def _shots(found: Sheet) -> None:
    rows = TakeShot.objects.filter(take__in=[t for t in (found.take, found.before) if t])
    looks: dict[int, list[TakeShot]] = {}
    for row in rows.select_related("revision", "start_frame").order_by("at"):
        looks.setdefault(row.take_id, []).append(row)
    found.looks = looks.get(found.take.pk, [])
    old: list[ShotLook] = shots_of(looks.get(found.before.pk, [])) if found.before else []
    found.shots = shot_changes(shots_of(found.looks), old)


def _calls(take: Take) -> list[Call]:
    settled = Sum("ledger__amount_micros", filter=Q(ledger__kind="settle"))
    rows = take.jobs.annotate(settled=settled).defer("request", "wire").order_by("id")
    now = timezone.now()
    return [
        Call(job.pk, job.request_id, job.settled or 0, job.state, NEED_WORDS.get(need_of(job, now), "")) for job in rows
    ]


def notes_of(take: Take) -> list[Note]:
    """Notes in the order of the picture; those on the whole take last."""
    rows = list(take.notes.select_related("author"))
    return sorted(rows, key=lambda n: (n.frame is None, n.frame or 0, n.pk))


@dataclass(frozen=True, slots=True)
class Redo:
    """What redoing the marked shots would take: micro-dollars, or the sentence that says why it cannot be."""

    shots: tuple[int, ...]
    price: int | None = None
    problem: str = ""
    quote: Quote | None = None


def redo_of(take: Take, shots: Sequence[int]) -> Redo:
    """The price of redoing these shots; with none nothing is read. About ten queries."""
    if not shots:
        return Redo(())
    try:
        asked = orchestration.redo_quote(take=take, shots=shots)
        orchestration.admit([asked], 1, None)
    except Refusal as refusal:
        return Redo(tuple(shots), problem=str(refusal))
    return Redo(tuple(shots), asked.price, quote=asked)


def final_price(take: Take, takes: Sequence[Take]) -> orchestration.Final | None:
    """What making a draft final would cost on the model for finals; None for what is no draft, is final already, or
    has no model to go to. About ten queries for a draft, else none."""
    models = orchestration.final_models(take.sequence.project) if is_draft(take) and take.file else []
    if not models or final_of(takes, take) is not None:
        return None
    return orchestration.final(take=take, endpoint=models[0])


def last_of(seen: Sequence[Verdict], user: AbstractBaseUser | AnonymousUser) -> Verdict | None:
    """The newest verdict of this person."""
    return next((v for v in seen if v.user_id == user.pk), None)


def reason_label(reason: str) -> str:
    """A reason in words."""
    return Reason(reason).label if reason in Reason.values else reason


def decided(verdict: Verdict) -> str:
    """`approved` or `rejected`."""
    return "approved" if verdict.decision == Decision.APPROVE else "rejected"
