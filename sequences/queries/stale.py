"""Which grids, start frames and takes no longer show what their sequence asks for, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sequences.models import Grid, Project, StartFrame, Take, TakeShot, Waiver
from sequences.models import Sequence as SequenceRow
from sequences.staleness import Cause, MadeShot, Now, shots_to_make, stale_grid, stale_take
from sequences.states import ArtefactState

from .drafts import REMAKE_OF
from .facts import SequenceFacts, load
from .inputs import now_of

JUDGED = (ArtefactState.WAITING.value, ArtefactState.APPROVED.value)
Kind = Literal["take", "grid", "startframe"]


@dataclass(frozen=True, slots=True)
class Stale:
    """A grid, start frame or take that an edit has made stale. `waiver` is in force: somebody said it is right.

    `shots` are the numbers a refresh makes again, empty for what is no take. `inputs` names the moment: it is another
    one after any further change.
    """

    kind: Kind
    artefact: Grid | StartFrame | Take
    facts: SequenceFacts
    causes: tuple[Cause, ...]
    shots: tuple[int, ...]
    inputs: str
    waiver: Waiver | None = None

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


def stale(
    project: Project, sequences: Iterable[SequenceRow] | None = None, *, facts: Sequence[SequenceFacts] | None = None
) -> list[Stale]:
    """Everything stale of a project in song order: grids, start frames, then takes of each sequence.

    Waived ones are among them. With `facts` loaded already three queries, else twelve, whatever the size.
    """
    rows = load(project, sequences) if facts is None else facts
    made, grids, waived = _made(rows), _grids(rows), _waivers(rows)
    out: list[Stale] = []
    for each in rows:
        now = now_of(each)
        out += _of_sequence(each, now, made, grids, waived)
    return out


def changed_since_asked(artefact: Take | Grid) -> tuple[Cause, ...]:
    """Which inputs of a take or grid have changed since it was asked for, whatever its state.

    Shots that a take uses again from an earlier one do not count: they were known to be old. Nor does anything of a
    take that is made again just as it was.
    """
    if isinstance(artefact, Take) and REMAKE_OF in artefact.plan:
        return ()
    facts = load(artefact.sequence.project, [artefact.sequence])
    if not facts:
        return ()
    if isinstance(artefact, Grid):
        return stale_grid(artefact.inputs, now_of(facts[0]))
    rows = TakeShot.objects.filter(take=artefact, part=1).values_list("shot_id", "number", "inputs", "call")
    made = [MadeShot(shot, number, inputs if call else None) for shot, number, inputs, call in rows]
    return stale_take(made, now_of(facts[0]))


def _of_sequence(
    facts: SequenceFacts,
    now: Now,
    made: dict[int, list[MadeShot]],
    grids: dict[int, Grid],
    waived: dict[tuple[Kind, int], Waiver],
) -> list[Stale]:
    inputs = now.fingerprint()
    out: list[Stale] = []

    def add(kind: Kind, artefact: Grid | StartFrame | Take, causes: tuple[Cause, ...], shots: tuple[int, ...]) -> None:
        if causes:
            waiver = waived.get((kind, artefact.pk))
            held = waiver if waiver and waiver.inputs_sha256 == inputs else None
            out.append(Stale(kind, artefact, facts, causes, shots, inputs, held))

    drawn = {
        g.pk: stale_grid(g.inputs, now) for g in (*facts.grids, *grids.values()) if g.sequence_id == facts.sequence.pk
    }
    for grid in facts.grids:
        if grid.state in JUDGED:
            add("grid", grid, drawn[grid.pk], ())
    for frame in _frames(facts):
        add("startframe", frame, _from_grid(frame, drawn), ())
    for take in facts.takes:
        if take.state in JUDGED:
            shots = made[take.pk]
            causes = stale_take(shots, now)
            add("take", take, causes, shots_to_make(causes, [s.number for s in facts.shots]) if causes else ())
    return out


def _frames(facts: SequenceFacts) -> list[StartFrame]:
    each = [facts.start_frame, *(f for s in facts.shots for f in (s.start_frame, s.end_frame))]
    return [f for f in each if f is not None]


def _from_grid(frame: StartFrame, drawn: dict[int, tuple[Cause, ...]]) -> tuple[Cause, ...]:
    causes = drawn.get(frame.grid_id or 0, ())
    return tuple(Cause(c.kind, c.sentence, key=c.key) for c in causes)


def _made(rows: Sequence[SequenceFacts]) -> dict[int, list[MadeShot]]:
    return _shots_of([t.pk for f in rows for t in f.takes if t.state in JUDGED])


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


__all__ = ["JUDGED", "Kind", "Stale", "changed_since_asked", "stale"]
