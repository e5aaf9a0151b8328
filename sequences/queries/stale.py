"""Which grids, start frames and takes no longer show what their sequence asks for, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sequences.models import Grid, Project, StartFrame, Take, TakeShot, Waiver
from sequences.models import Sequence as SequenceRow
from sequences.staleness import Cause, MadeShot, Now, shots_to_make, stale_grid, stale_take
from sequences.states import ArtefactState

from .drafts import OPEN, REMAKE_OF
from .facts import SequenceFacts, load_inputs
from .inputs import now_of

JUDGED = (ArtefactState.WAITING.value, ArtefactState.APPROVED.value)
Kind = Literal["take", "grid", "startframe"]
Artefact = Grid | StartFrame | Take
NAME = re.compile(r"([A-Za-z0-9_-]+)/([TGFtgf])(\d{1,9})")
MODELS: dict[str, type[Grid] | type[StartFrame] | type[Take]] = {"T": Take, "G": Grid, "F": StartFrame}


@dataclass(frozen=True, slots=True)
class Stale:
    """A grid, start frame or take that an edit has made stale. `waiver` is in force: somebody said it is right.

    `shots` are the numbers a refresh makes again, empty for what is no take. `inputs` names the moment: it is another
    one after any further change. `instead` is a take that redoes this one and may come in its place.
    """

    kind: Kind
    artefact: Artefact
    facts: SequenceFacts
    causes: tuple[Cause, ...]
    shots: tuple[int, ...]
    inputs: str
    waiver: Waiver | None = None
    instead: Take | None = None

    @property
    def key(self) -> tuple[Kind, int]:
        """What tells it from everything else."""
        return self.kind, self.artefact.pk

    @property
    def open(self) -> bool:
        """Whether anybody still has to decide about it: neither waived nor being replaced."""
        return self.waiver is None and self.instead is None

    @property
    def why(self) -> str:
        """Every cause in one line."""
        return " ".join(c.sentence for c in self.causes)

    @property
    def approved(self) -> bool:
        """Whether it was approved."""
        return self.artefact.state == ArtefactState.APPROVED.value

    @property
    def name(self) -> str:
        """As people write it: SEQ01/T2."""
        return str(self.artefact)

    @property
    def short(self) -> str:
        """Without its sequence: T2, G1, F3."""
        return self.name.rpartition("/")[2]


@dataclass(slots=True)
class Known:
    """What no edit changes, loaded once: what takes were made from, grids that frames were cut from, waivers."""

    made: dict[int, list[MadeShot]]
    grids: dict[int, Grid]
    waived: dict[tuple[Kind, int], Waiver]
    remakes: set[int] = field(default_factory=set)


def stale(
    project: Project, sequences: Iterable[SequenceRow] | None = None, *, facts: Sequence[SequenceFacts] | None = None
) -> list[Stale]:
    """Everything stale of a project in song order: grids, start frames, then takes of each sequence.

    Waived ones and those with a take in their place are among them. With `facts` loaded already four queries, else
    eleven, whatever the size.
    """
    rows = load_inputs(project, sequences) if facts is None else facts
    return judged(rows, known(rows))


def known(rows: Sequence[SequenceFacts]) -> Known:
    """What judging these sequences takes beside their facts. Three or four queries."""
    takes = [t.pk for f in rows for t in f.takes if t.state in JUDGED]
    redone = [t.pk for f in rows for t in f.takes if t.parent_id]
    remakes = Take.objects.filter(pk__in=redone, plan__has_key=REMAKE_OF) if redone else Take.objects.none()
    return Known(_shots_of(takes), _grids(rows), _waivers(rows), set(remakes.values_list("pk", flat=True)))


def judged(rows: Iterable[SequenceFacts], known: Known) -> list[Stale]:
    """What of these sequences is stale. No query."""
    return [each for facts in rows for each in _of_sequence(facts, now_of(facts), known)]


def changed_since_asked(artefact: Take | Grid) -> tuple[Cause, ...]:
    """Which inputs of a take or grid have changed since it was asked for, whatever its state.

    Shots that a take uses again from an earlier one do not count: they were known to be old. Nor does anything of a
    take that is made again just as it was.
    """
    if isinstance(artefact, Take) and REMAKE_OF in artefact.plan:
        return ()
    facts = load_inputs(artefact.sequence.project, [artefact.sequence])
    if not facts:
        return ()
    if isinstance(artefact, Grid):
        return stale_grid(artefact.inputs, now_of(facts[0]))
    rows = TakeShot.objects.filter(take=artefact, part=1).values_list("shot_id", "number", "inputs", "call")
    made = [MadeShot(shot, number, inputs if call else None) for shot, number, inputs, call in rows]
    return stale_take(made, now_of(facts[0]))


def named(project: Project, name: str) -> Artefact | None:
    """The take, grid or start frame of a living sequence that people write as SEQ01/T2, SEQ01/G1 or SEQ01/F3."""
    if not (found := NAME.fullmatch(name.strip())):
        return None
    rows = MODELS[found[2].upper()]._default_manager.select_related("sequence__project")
    row: Artefact | None = rows.filter(
        sequence__project=project, sequence__deleted_at=None, sequence__code__iexact=found[1], number=int(found[3])
    ).first()
    return row


def set_aside(project: Project) -> list[Grid | Take]:
    """Grids and takes that came back after what they were asked from had changed, and wait to be used or left. Two
    queries, in song order."""
    rows: list[Grid | Take] = []
    for model in (Grid, Take):
        kept = model._default_manager.filter(
            sequence__project=project, sequence__deleted_at=None, state=ArtefactState.WAITING.value
        )
        rows += kept.exclude(set_aside="").select_related("sequence")
    return sorted(rows, key=lambda row: (row.sequence.start, row.sequence.position, str(row)))


def mark(project: Project, facts: Sequence[SequenceFacts]) -> None:
    """Put what is stale beside loaded facts, for the marks of a page. Four queries at most."""
    for row in stale(project, facts=facts):
        row.facts.stale[row.key] = row


def stale_of(facts: SequenceFacts, artefact: Artefact | None) -> Stale | None:
    """The mark of a grid, start frame or take of marked facts; None while it is fresh."""
    kind = type(artefact).__name__.lower()
    return facts.stale.get((kind, artefact.pk)) if artefact is not None else None


def shown_of(facts: SequenceFacts) -> Artefact | None:
    """What a sequence shows: its best take, without one its start frame, else its newest grid."""
    return facts.best_take or facts.start_frame or (facts.grids[-1] if facts.grids else None)


def _of_sequence(facts: SequenceFacts, now: Now, known: Known) -> list[Stale]:
    out: list[Stale] = []

    def add(kind: Kind, artefact: Artefact, causes: tuple[Cause, ...], shots: tuple[int, ...] = ()) -> None:
        if not causes:
            return
        inputs = now.of_takes if kind == "take" else now.of_grids
        waiver = known.waived.get((kind, artefact.pk))
        held = waiver if waiver and waiver.inputs_sha256 == inputs else None
        instead = _instead(artefact, facts, known) if isinstance(artefact, Take) else None
        out.append(Stale(kind, artefact, facts, causes, shots, inputs, held, instead))

    drawn = {g.pk: stale_grid(g.inputs, now) for g in _all_grids(facts, known)}
    for grid in facts.grids:
        if grid.state in JUDGED:
            add("grid", grid, drawn[grid.pk])
    for frame in _frames(facts):
        add("startframe", frame, drawn.get(frame.grid_id or 0, ()))
    numbers = [s.number for s in facts.shots]
    for take in facts.takes:
        if take.state in JUDGED and (causes := stale_take(known.made[take.pk], now)):
            add("take", take, causes, shots_to_make(causes, numbers))
    return out


def _instead(take: Take, facts: SequenceFacts, known: Known) -> Take | None:
    """The newest take that redoes this one and is being made, waits or is approved."""
    redone = (t for t in facts.takes if t.parent_id == take.pk and t.pk not in known.remakes and t.state in OPEN)
    return max(redone, key=lambda t: t.number, default=None)


def _all_grids(facts: SequenceFacts, known: Known) -> list[Grid]:
    return [*facts.grids, *(g for g in known.grids.values() if g.sequence_id == facts.sequence.pk)]


def _frames(facts: SequenceFacts) -> list[StartFrame]:
    each = [facts.start_frame, *(f for s in facts.shots for f in (s.start_frame, s.end_frame))]
    return [f for f in each if f is not None]


def _shots_of(takes: Sequence[int]) -> dict[int, list[MadeShot]]:
    out: dict[int, list[MadeShot]] = defaultdict(list)
    shots = TakeShot.objects.filter(take__in=takes, part=1).order_by("take_id", "number")
    for take, shot, number, inputs in shots.values_list("take_id", "shot_id", "number", "inputs"):
        out[take].append(MadeShot(shot, number, inputs))
    return out


def _grids(rows: Sequence[SequenceFacts]) -> dict[int, Grid]:
    """Grids by their ids that are not among those the facts hold, for frames cut from them."""
    have = {g.pk for f in rows for g in f.grids}
    missing = {f.grid_id for facts in rows for f in _frames(facts) if f.grid_id and f.grid_id not in have}
    return {g.pk: g for g in Grid.objects.filter(pk__in=missing)} if missing else {}


def _waivers(rows: Sequence[SequenceFacts]) -> dict[tuple[Kind, int], Waiver]:
    """The newest waiver of each thing that was not taken back."""
    out: dict[tuple[Kind, int], Waiver] = {}
    given = Waiver.objects.filter(project__in={f.project.pk for f in rows}, withdrawn_at=None)
    for row in given.select_related("created_by").order_by("id"):
        kind: Kind = "take" if row.take_id else "grid" if row.grid_id else "startframe"
        out[kind, row.take_id or row.grid_id or row.start_frame_id or 0] = row
    return out


__all__ = [
    "JUDGED",
    "Artefact",
    "Kind",
    "Known",
    "Stale",
    "changed_since_asked",
    "judged",
    "known",
    "mark",
    "named",
    "set_aside",
    "shown_of",
    "stale",
    "stale_of",
]
