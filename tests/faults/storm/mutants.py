"""Rules of the real code taken away, to see that the storm notices. Never used but by `--without`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

MUTANTS: dict[str, Callable[[], None]] = {}


def mutant(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """List a way to break the code under the name of the rule it breaks."""

    def keep(apply: Callable[[], None]) -> Callable[[], None]:
        MUTANTS[name] = apply
        return apply

    return keep


@mutant("one post")
def _post_again() -> None:
    """A lost reply is answered by a second POST, as ready-made clients do."""
    from sequences.providers.base import Unsure
    from sequences.providers.fal.queue import Queue

    once = Queue.submit

    async def twice(self: Queue, wire: Any, token: str) -> Any:
        try:
            return await once(self, wire, token)
        except Unsure:
            return await once(self, wire, token)

    Queue.submit = twice  # type: ignore[method-assign]  # the fault that is tried


@mutant("no takeover")
def _take_over() -> None:
    """A submit whose lease is over is sent anew."""
    from sequences.states import JobState
    from sequences.transitions import move

    step: Any = importlib.import_module("sequences.execution.step")
    expire = step.MOVES[JobState.SUBMITTING]

    def again(job: Any) -> Any:
        claims: Any = importlib.import_module("sequences.execution.claims")
        if not claims.lease_over(job):
            return expire(job)
        move(job, JobState.QUEUED, why="sent anew", sent_at=None)
        return []

    step.MOVES[JobState.SUBMITTING] = again


@mutant("decided needs its holder gone")
def _holder_gone() -> None:
    """Whoever may still send it is taken for gone."""
    unsure: Any = importlib.import_module("sequences.execution.unsure")
    unsure.holder_of = lambda job: "gone"


@mutant("absent needs the horizon")
def _no_horizon() -> None:
    """A call that does not show at once is said to have never arrived."""
    unsure: Any = importlib.import_module("sequences.execution.unsure")
    unsure.arrives_until = lambda job: None


@mutant("settled once")
def _settle_twice() -> None:
    """A late bill is counted whether or not the call was settled."""
    costs: Any = importlib.import_module("sequences.costs")

    def bill(job: Any, billed: int) -> bool:
        if not costs._enter(job, "late", billed, None, "again"):
            return False
        costs._book(job, held=0, spent=billed)
        return True

    costs.bill_late = bill


@mutant("late results")
def _forget_late() -> None:
    """What comes after a decision is thrown away."""
    late: Any = importlib.import_module("sequences.execution.late")
    late.expect = lambda job, request_id="": []
