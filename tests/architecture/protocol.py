"""The protocol of one payment as a small model that is walked completely: every order of every step.

Two workers, up to two jobs for the same input, a provider that forgets nothing and tells late. What a worker does
between two commits or bytes is one step, and it may be killed or stand still before any of them. A rule can be
taken away (`explore({"claim"})`) to see what then goes wrong, in the fewest steps.

The states are those of `sequences.states`; every move the model makes is noted, so that a test can hold the model
against the table. Times are left out: a lease may end at any moment, and so may the horizon of an unsure call, by which
everything that was accepted until then is listed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sequences.states import JobState
from tests.architecture.protocol_steps import Model
from tests.architecture.protocol_world import RULES, SCENES, Row, Scene, World, ended, plain


@dataclass
class Found:
    """What a walk saw: how many worlds, which moves, and the shortest way to what went wrong."""

    worlds: int = 0
    moves: set[tuple[JobState, JobState]] = field(default_factory=set)
    wrong: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.wrong}: {' > '.join(self.trace)}" if self.wrong else f"{self.worlds} worlds, ok"


def explore(without: frozenset[str] | set[str] = frozenset(), scenes: tuple[Scene, ...] = SCENES) -> Found:
    """Walk every scene; stops at the first thing that is wrong."""
    if unknown := set(without) - set(RULES):
        raise ValueError(f"No such rule: {', '.join(sorted(unknown))}.")
    total = Found()
    for scene in scenes:
        Walk(Model(scene, frozenset(without), total.moves), total).run()
        if total.wrong:
            break
    return total


class Walk:
    """Breadth first, so that the first way to a fault is a shortest one; then backwards from every end."""

    def __init__(self, model: Model, found: Found) -> None:
        self.model, self.found = model, found
        self.start = World(rows=(Row(),) * model.scene.jobs)
        self.came: dict[World, tuple[World, str] | None] = {self.start: None}
        self.back: dict[World, list[World]] = {}

    def run(self) -> None:
        line = deque([self.start])
        while line:
            world = line.popleft()
            if wrong := self.model.wrong(world):
                self._tell(wrong, world)
                return
            for label, raw in self.model.steps(world):
                following = plain(raw)
                self.back.setdefault(following, []).append(world)
                if following not in self.came:
                    self.came[following] = (world, label)
                    line.append(following)
        self.found.worlds += len(self.came)
        if lost := self._stranded():
            self._tell("a dead end", lost)

    def _stranded(self) -> World | None:
        """The first world from which no end can be reached."""
        line = deque(world for world in self.came if ended(world))
        reached = set(line)
        while line:
            for before in self.back.get(line.popleft(), ()):
                if before not in reached:
                    reached.add(before)
                    line.append(before)
        return next((world for world in self.came if world not in reached), None)

    def _tell(self, wrong: str, world: World) -> None:
        trace: list[str] = []
        while (came := self.came[world]) is not None:
            world, label = came
            trace.append(label)
        self.found.wrong, self.found.trace = wrong, tuple(reversed(trace))
