"""Steps of the demo. Each looks at the rows to say where it stands, so that none is ever done twice.

What a step asks for carries a fixed request key; what a person has done meanwhile (another pick, another verdict)
counts as the step done.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser

from dailies import review
from sequences import orchestration
from sequences.models import Grid, Sequence, StartFrame, Take
from sequences.states import ArtefactState

Actor = AbstractBaseUser | None


class Standing(Enum):
    """Where a step stands. After `DEAD` nothing more is done for its sequence."""

    OPEN = "open"
    BUSY = "busy"
    DONE = "done"
    DEAD = "dead"


_STANDING = {ArtefactState.MAKING.value: Standing.BUSY, ArtefactState.FAILED.value: Standing.DEAD}


def asked_key(code: str, name: str) -> str:
    """The request key of what a step asks for."""
    return f"demo:{code}:{name}"


def find_take(sequence: Sequence, name: str) -> Take | None:
    """The take a step of that name asked for."""
    return sequence.takes.filter(request_key=f"{asked_key(sequence.code, name)}:1").first()


@dataclass(frozen=True)
class Step(ABC):
    """One step for the sequence `code`. `asks` steps start work, of which little is in flight at a time."""

    code: str
    asks: ClassVar[bool] = False

    @abstractmethod
    def standing(self, sequence: Sequence) -> Standing:
        """Read from the rows."""

    @abstractmethod
    def do(self, sequence: Sequence, actor: Actor) -> str:
        """Call the verb; returns what to tell. Raises Refusal."""


@dataclass(frozen=True)
class Explore(Step):
    """Ask for a grid."""

    name: str = "grid"
    asks = True

    def standing(self, sequence: Sequence) -> Standing:
        grid = Grid.objects.filter(sequence=sequence, request_key=f"{asked_key(self.code, self.name)}:1").first()
        return Standing.OPEN if grid is None else _STANDING.get(grid.state, Standing.DONE)

    def do(self, sequence: Sequence, actor: Actor) -> str:
        made = orchestration.explore(actor=actor, sequence=sequence, key=asked_key(self.code, self.name))
        return f"{made[0]} asked for"


@dataclass(frozen=True)
class Pick(Step):
    """Start from a cell of the newest grid."""

    cell: int = 1

    def standing(self, sequence: Sequence) -> Standing:
        picked = StartFrame.objects.filter(sequence=sequence, shot=None).exists()
        return Standing.DONE if picked else Standing.OPEN

    def do(self, sequence: Sequence, actor: Actor) -> str:
        grid = sequence.grids.exclude(file="").order_by("number").last()
        assert grid is not None  # a drawn grid is what the step before waited for
        orchestration.pick_start_frame(actor=actor, grid=grid, cell=self.cell)
        return f"cell {self.cell} of {grid} picked"


@dataclass(frozen=True)
class Film(Step):
    """Ask for a take; with `wait` False the next step comes while it is being made."""

    name: str = "take1"
    wait: bool = True
    asks = True

    def standing(self, sequence: Sequence) -> Standing:
        take = find_take(sequence, self.name)
        if take is None:
            return Standing.OPEN
        return _STANDING.get(take.state, Standing.DONE) if self.wait else Standing.DONE

    def do(self, sequence: Sequence, actor: Actor) -> str:
        made = orchestration.request_takes(actor=actor, sequences=[sequence], key=asked_key(self.code, self.name))
        return f"{made[0]} asked for"


@dataclass(frozen=True)
class Cancel(Step):
    """Stop a take that is being made; when it is too late for that, the take is kept."""

    name: str = "take1"

    def standing(self, sequence: Sequence) -> Standing:
        take = find_take(sequence, self.name)
        if take is None or take.jobs.filter(cancel_asked=True).exists():
            return Standing.DONE
        return Standing.OPEN if take.state == ArtefactState.MAKING else Standing.DONE

    def do(self, sequence: Sequence, actor: Actor) -> str:
        take = find_take(sequence, self.name)
        assert take is not None  # `standing` has looked
        orchestration.cancel(actor=actor, artefact=take)
        return f"{take} cancelled"


@dataclass(frozen=True)
class Judge(Step):
    """Approve a take; with a `reason` reject it, after marking `redo` shots."""

    name: str = "take1"
    reason: str = ""
    note: str = ""
    redo: tuple[int, ...] = ()

    def standing(self, sequence: Sequence) -> Standing:
        take = find_take(sequence, self.name)
        if take is None:
            return Standing.DEAD
        return Standing.DONE if take.verdicts.exists() else Standing.OPEN

    def do(self, sequence: Sequence, actor: Actor) -> str:
        take = find_take(sequence, self.name)
        assert take is not None  # `standing` has looked
        if self.redo:
            review.judge_shots(
                actor=actor, take=take, shots=self.redo, decision="redo", reason=self.reason, note=self.note
            )
        if not self.reason:
            review.approve(actor=actor, take=take, note=self.note, seen_sha256=take.sha256)
            return f"{take} approved"
        review.reject(actor=actor, take=take, reason=self.reason, note=self.note, seen_sha256=take.sha256)
        return f"{take} rejected"


@dataclass(frozen=True)
class Revise(Step):
    """Write another prompt for a shot."""

    shot: int = 1
    text: str = ""

    def standing(self, sequence: Sequence) -> Standing:
        shot = sequence.shots.filter(number=self.shot, deleted_at=None).first()
        if shot is None:
            return Standing.DEAD
        return Standing.DONE if shot.revisions.filter(text=self.text).exists() else Standing.OPEN

    def do(self, sequence: Sequence, actor: Actor) -> str:
        shot = sequence.shots.get(number=self.shot, deleted_at=None)
        orchestration.revise(actor=actor, shot=shot, text=self.text)
        return f"{shot} rewritten"


@dataclass(frozen=True)
class Redo(Step):
    """Ask for a new take of the shots marked redo; the other clips are reused."""

    name: str = "take2"
    of: str = "take1"
    asks = True

    def standing(self, sequence: Sequence) -> Standing:
        take = find_take(sequence, self.name)
        return Standing.OPEN if take is None else _STANDING.get(take.state, Standing.DONE)

    def do(self, sequence: Sequence, actor: Actor) -> str:
        take = find_take(sequence, self.of)
        assert take is not None  # it was judged in the step before
        return f"{review.redo(actor=actor, take=take, key=asked_key(self.code, self.name))} asked for"
