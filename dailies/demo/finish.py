"""Bringing a sequence to an approved take from wherever it stands: the way of `make_demo --complete`."""

from __future__ import annotations

from dataclasses import dataclass

from dailies import review
from sequences import orchestration
from sequences.models import Grid, Project, Sequence, Take
from sequences.queries import SequenceFacts, load
from sequences.states import ArtefactState

from .steps import Actor, Standing, Step, asked_key


@dataclass(frozen=True)
class Finish(Step):
    """Explore, pick, ask for a take and approve it: whichever comes next."""

    asks = True

    def standing(self, sequence: Sequence) -> Standing:
        facts = _facts(sequence)
        if facts.approved_take:
            return Standing.DONE
        made: list[Grid | Take] = [*facts.takes, *facts.grids]
        if any(a.state == ArtefactState.MAKING for a in made):
            return Standing.BUSY
        return Standing.DEAD if _fell(facts) else Standing.OPEN

    def do(self, sequence: Sequence, actor: Actor) -> str:
        facts = _facts(sequence)
        if facts.waiting_takes:
            take = facts.waiting_takes[-1]
            review.approve(actor=actor, take=take, seen_sha256=take.sha256)
            return f"{take} approved"
        if facts.start_frame:
            key = asked_key(self.code, f"final{len(facts.takes)}")
            return f"{orchestration.request_takes(actor=actor, sequences=[sequence], key=key)[0]} asked for"
        if drawn := [g for g in facts.grids if g.file]:
            orchestration.pick_start_frame(actor=actor, grid=drawn[-1], cell=1)
            return f"cell 1 of {drawn[-1]} picked"
        key = asked_key(self.code, f"final{len(facts.grids)}")
        return f"{orchestration.explore(actor=actor, sequence=sequence, key=key)[0]} asked for"


def finish_line(project: Project) -> tuple[Step, ...]:
    """One step a living sequence, in song order."""
    return tuple(Finish(s.code) for s in project.sequences.filter(deleted_at=None))


def why_fallen(sequence: Sequence) -> str:
    """What went wrong with the newest thing that was made for it."""
    facts = _facts(sequence)
    newest = facts.takes[-1] if facts.takes else facts.grids[-1]
    return f"{newest}: {newest.error}"


def _fell(facts: SequenceFacts) -> bool:
    """Whether what this way itself asked for last has failed: once is enough, a person has to look."""
    newest = facts.takes[-1:] or facts.grids[-1:]
    return any(a.state == ArtefactState.FAILED and ":final" in a.request_key for a in newest)


def _facts(sequence: Sequence) -> SequenceFacts:
    return load(sequence.project, [sequence])[0]
