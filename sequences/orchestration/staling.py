"""What an edit makes stale: what refreshing costs, refreshing it, saying that it is right as it is.

Nothing here happens by itself: a stale take stays until somebody asks for it again or waives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sequences import costs, prices
from sequences.errors import Refusal
from sequences.models import Grid, Job, Project, StartFrame, Take, Waiver
from sequences.models import Sequence as SequenceRow
from sequences.queries import SequenceFacts
from sequences.queries import stale as reading
from sequences.queries.facts import load_inputs
from sequences.queries.inputs import now_of
from sequences.queries.stale import Artefact, Known, Stale
from sequences.staleness import digest

from . import _checks as checks
from ._jobs import form_key
from ._rules import MAKERS, locked, require
from .making import redo_shots, request_takes
from .quoting import Quote, quote

Actor = AbstractBaseUser | None
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refresh:
    """A stale thing and what refreshing it would be; `price` in micro-dollars is None for what has no price here.
    `model` is the one a fresh take is asked from, None when several made it, which the plan then names.

    Only takes are refreshed by asking again; of a grid or start frame a person decides what comes instead.
    """

    stale: Stale
    quote: Quote | None = None
    problems: tuple[str, ...] = ()
    model: str | None = None

    @property
    def take(self) -> Take | None:
        """The take, None for a grid or start frame."""
        return self.stale.artefact if isinstance(self.stale.artefact, Take) else None

    @property
    def price(self) -> int | None:
        """Micro-dollars of one fresh take."""
        return self.quote.price if self.quote and not self.problems else None

    @property
    def open(self) -> bool:
        """Whether anybody still has to decide about it: neither waived nor being replaced."""
        return self.stale.open


@dataclass(frozen=True, slots=True)
class Report:
    """Stale things in song order, with prices: all of a project, or those that one edit makes."""

    rows: tuple[Refresh, ...]

    @property
    def takes(self) -> tuple[Refresh, ...]:
        """Stale takes that somebody still has to decide about."""
        return tuple(r for r in self.rows if r.take and r.open)

    @property
    def unapproved(self) -> tuple[Refresh, ...]:
        """Those of them that nobody has approved."""
        return tuple(r for r in self.takes if not r.stale.approved)

    @property
    def drawn(self) -> tuple[Refresh, ...]:
        """Stale grids and start frames that are not waived."""
        return tuple(r for r in self.rows if not r.take and r.open)

    @property
    def waived(self) -> tuple[Refresh, ...]:
        """What somebody has said is right as it is."""
        return tuple(r for r in self.rows if r.stale.waiver is not None)

    @property
    def replaced(self) -> tuple[Refresh, ...]:
        """Takes that are made again already."""
        return tuple(r for r in self.rows if r.stale.waiver is None and r.stale.instead is not None)

    @property
    def all_micros(self) -> int:
        """What refreshing every take that can be refreshed costs."""
        return sum(r.price or 0 for r in self.takes)

    @property
    def unapproved_micros(self) -> int:
        """The same without those that are approved."""
        return sum(r.price or 0 for r in self.unapproved)

    @property
    def sequences(self) -> tuple[str, ...]:
        """Codes of the sequences touched, in song order."""
        return tuple(dict.fromkeys(r.stale.facts.sequence.code for r in self.rows))


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of one stale take of a refresh: the take that was asked for, or why none was."""

    take: Take
    made: Take | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Edited(Generic[T]):
    """What an edit returned, and what it has made stale."""

    value: T
    report: Report


class _TakenBack(Exception):
    """Leaves the transaction of a preview, so that nothing of it stays."""


@dataclass(frozen=True, slots=True)
class _Before:
    """A project, or some sequences of it, before an edit."""

    sequences: tuple[SequenceRow, ...] | None
    facts: tuple[SequenceFacts, ...]
    known: Known


def stale_report(*, project: Project, sequences: Sequence[SequenceRow] | None = None) -> Report:
    """Everything stale with its price. Reads only; no model is asked."""
    prices.sync()
    return _report(reading.stale(project, sequences))


def preview(*, project: Project, edit: Callable[[], object], sequences: Sequence[SequenceRow] | None = None) -> Report:
    """What `edit` would make stale that is not stale now, and what refreshing that would cost.

    The edit, a verb without its own transaction outside, is done and taken back: no row, event or bell of it stays. It
    must write no files and change no rows that the caller goes on using. `sequences` are those it can touch, all of the
    project without it. Raises what the edit raises.
    """
    before = _before(project, sequences)
    after: tuple[SequenceFacts, ...] = ()
    try:
        with transaction.atomic():
            edit()
            after = _facts(project, before.sequences)
            raise _TakenBack
    except _TakenBack:
        pass
    return _made_stale(before, after)


def noticing(*, project: Project, edit: Callable[[], T], sequences: Sequence[SequenceRow] | None = None) -> Edited[T]:
    """Do an edit and tell what it has made stale that was not, as `preview` does. Raises what the edit raises."""
    before = _before(project, sequences)
    value = edit()
    return Edited(value, _made_stale(before, _facts(project, before.sequences)))


def _before(project: Project, sequences: Sequence[SequenceRow] | None) -> _Before:
    chosen = None if sequences is None else tuple(sequences)
    facts = _facts(project, chosen)
    return _Before(chosen, facts, reading.known(facts))


def _facts(project: Project, sequences: tuple[SequenceRow, ...] | None) -> tuple[SequenceFacts, ...]:
    # read anew: the style lines are the project's own
    return tuple(load_inputs(Project.objects.get(pk=project.pk), sequences))


def _made_stale(before: _Before, after: Sequence[SequenceFacts]) -> Report:
    """Only sequences that stand otherwise than before are judged."""
    was = {f.sequence.pk: f for f in before.facts}
    touched = [f for f in after if f.sequence.pk in was and now_of(f) != now_of(was[f.sequence.pk])]
    old = reading.judged([was[f.sequence.pk] for f in touched], before.known)
    stood = {s.key for s in old if s.open}
    prices.sync()
    return _report([s for s in reading.judged(touched, before.known) if s.open and s.key not in stood])


def _report(rows: Sequence[Stale]) -> Report:
    known: dict[tuple[object, ...], Refresh] = {}
    mixed = _mixed([row.artefact.pk for row in rows if isinstance(row.artefact, Take)])
    return Report(tuple(_refresh(row, known, mixed) for row in rows))


def _mixed(takes: Sequence[int]) -> set[int]:
    """Those of the takes that another model than their own had a part in."""
    calls = Job.objects.filter(take__in=takes).exclude(endpoint=F("take__endpoint"))
    return set(calls.values_list("take_id", flat=True)) if takes else set()


def _refresh(row: Stale, known: dict[tuple[object, ...], Refresh], mixed: set[int]) -> Refresh:
    take = row.artefact
    if not isinstance(take, Take):
        return Refresh(row)
    only, model = _only(row), None if take.pk in mixed else take.endpoint
    key = (take.sequence_id, take.mode, model, only)
    if key not in known:
        known[key] = _asked(row, take, model, only)
    return Refresh(row, known[key].quote, known[key].problems, model)


def _only(row: Stale) -> frozenset[int] | None:
    """The shots a refresh makes, None when it makes all of them."""
    every = frozenset(s.number for s in row.facts.shots)
    return None if frozenset(row.shots) >= every or not row.shots else frozenset(row.shots)


def _asked(row: Stale, take: Take, model: str | None, only: frozenset[int] | None) -> Refresh:
    try:
        asked = quote(row.facts, mode=take.mode, model=model, only=only)
    except Refusal as refusal:
        return Refresh(row, None, (str(refusal),))
    unpriced = asked.unpriced or asked.endpoint
    problems = asked.problems or (() if asked.price is not None else (str(prices.refusal(unpriced)),))
    return Refresh(row, asked, tuple(problems))


def refresh(
    *,
    actor: Actor,
    project: Project,
    takes: Sequence[Take] | None = None,
    approved: bool = True,
    key: str | None = None,
    shown_price: int | None = None,
) -> list[Refreshed]:
    """Ask again for stale takes: only the shots that are stale are made, the other clips are used again.

    Without `takes` all that are stale and not waived, without those that are approved when `approved` is False.
    `shown_price` is the total the person saw, in micro-dollars. One that is refused leaves the others standing. Raises
    Refusal before anything is asked for: nothing is stale, another price, over budget. The same key asks once.
    """
    require(actor, project, *MAKERS)
    key = digest(form_key(key))
    if done := _asked_before(project, key):
        return done
    prices.sync(now=True)
    rows = _chosen(stale_report(project=project), takes, approved)
    _admit(project, rows, shown_price)
    return [_outcome(actor, row, key) for row in rows]


def _asked_before(project: Project, key: str) -> list[Refreshed]:
    made = Take.objects.filter(sequence__project=project, request_key__startswith=f"{key}/").select_related(
        "parent", "sequence__project"
    )
    return [Refreshed(t.parent or t, t) for t in made.order_by("sequence__start", "number")]


def _chosen(report: Report, takes: Sequence[Take] | None, approved: bool) -> list[Refresh]:
    if takes is None:
        return list(report.takes if approved else report.unapproved)
    stale = {r.stale.artefact.pk: r for r in report.rows if r.take}
    for take in takes:
        row = stale.get(take.pk)
        if row is None:
            raise Refusal(f"{take} is not stale; there is nothing to refresh.", code="not_allowed", where=str(take))
        if row.stale.instead is not None:
            raise Refusal(
                f"{take} is made again already, as T{row.stale.instead.number}.", code="not_allowed", where=str(take)
            )
    wanted = {t.pk for t in takes}
    return [r for pk, r in stale.items() if pk in wanted and (approved or not r.stale.approved)]


def _admit(project: Project, rows: Sequence[Refresh], shown_price: int | None) -> None:
    if not any(r.price is not None for r in rows):
        why = "\n".join(f"{r.stale.name}: {p}" for r in rows for p in r.problems)
        raise Refusal(why or "No take is stale; there is nothing to refresh.", code="not_ready", where="project")
    total = sum(r.price or 0 for r in rows)
    if shown_price is not None and shown_price != total:
        raise Refusal(
            f"The price is {costs.dollars(total)} now, not {costs.dollars(shown_price)}; look again and confirm.",
            code="price_changed",
            where="price",
        )
    if refused := costs.refusal(project, total):
        raise refused


def _outcome(actor: Actor, row: Refresh, key: str) -> Refreshed:
    take = row.take
    assert take is not None, "only takes are chosen"
    if row.problems:
        return Refreshed(take, None, " ".join(row.problems))
    try:
        return Refreshed(take, _again(actor, row, take, f"{key}/{take.pk}"))
    except Refusal as refusal:
        return Refreshed(take, None, str(refusal))


def _again(actor: Actor, row: Refresh, take: Take, key: str) -> Take:
    only = _only(row.stale)
    if only is not None:
        return redo_shots(
            actor=actor, take=take, shots=sorted(only), model=row.model, key=key, shown_price=row.price
        )
    with transaction.atomic():  # never a fresh take that does not say what it came for
        made = request_takes(
            actor=actor, sequences=[row.stale.facts.sequence], mode=take.mode, model=row.model, key=key,
            shown_price=row.price,
        )[0]  # fmt: skip
        if made.parent_id is None:
            made.parent = take
            made.save(update_fields=["parent"])
    return made


def waive(*, actor: Actor, artefact: Artefact, why: str) -> Waiver:
    """Say that something stale is right as it is, with a reason. It lapses at the next change of its sequence's inputs.

    Saying the same again returns the first. Raises Refusal when it is not stale, without a reason, or when somebody
    has waived it with another one.
    """
    require(actor, artefact.sequence.project, *MAKERS)
    said = checks.text(why, "reason", most=300)
    if not said:
        raise Refusal("Say why it looks right as it is; the reason is kept with your name.", where="why")
    with transaction.atomic():
        locked(artefact.sequence.project)
        row = _stale_row(artefact)
        if row.waiver is not None and row.waiver.why == said:
            return row.waiver
        if row.waiver is not None:
            who = row.waiver.created_by or "the machine's owner"
            raise Refusal(
                f"{artefact} is waived already, by {who}: {row.waiver.why} Take that back first.",
                code="not_allowed",
                where=str(artefact),
            )
        return Waiver.objects.create(
            project=artefact.sequence.project,
            **{_column(artefact): artefact},
            inputs_sha256=row.inputs,
            causes=[c.sentence for c in row.causes],
            why=said,
            created_by_id=actor.pk if actor else None,
        )


def withdraw_waiver(*, actor: Actor, artefact: Artefact) -> int:
    """Take the waivers of something back; returns how many. Raises Refusal when there is none."""
    require(actor, artefact.sequence.project, *MAKERS)
    rows = Waiver.objects.filter(**{_column(artefact): artefact}, withdrawn_at=None)
    if not (taken := rows.update(withdrawn_at=timezone.now())):
        raise Refusal(f"{artefact} is not waived.", code="not_allowed", where=str(artefact))
    return taken


def use_again(*, actor: Actor, artefact: Grid | Take) -> Grid | Take:
    """Let the cut and the board use a grid or take that was set aside when it came back. Raises Refusal."""
    require(actor, artefact.sequence.project, *MAKERS)
    changed = type(artefact)._default_manager.filter(pk=artefact.pk).exclude(set_aside="").update(set_aside="")
    if not changed:
        raise Refusal(f"{artefact} is not set aside.", code="not_allowed", where=str(artefact))
    artefact.set_aside = ""
    return artefact


def _stale_row(artefact: Artefact) -> Stale:
    found = reading.stale(artefact.sequence.project, [artefact.sequence])
    row = next((s for s in found if type(s.artefact) is type(artefact) and s.artefact.pk == artefact.pk), None)
    if row is None:
        raise Refusal(f"{artefact} is not stale.", code="not_allowed", where=str(artefact))
    return row


def _column(artefact: Artefact) -> str:
    return {Grid: "grid", StartFrame: "start_frame", Take: "take"}[type(artefact)]


def prices_of(report: Report) -> Iterator[tuple[str, int]]:
    """Micro-dollars a sequence by its code, in song order."""
    for code in report.sequences:
        yield code, sum(r.price or 0 for r in report.takes if r.stale.facts.sequence.code == code)
