"""What spending and waiting commands share: the question before money goes, and --wait."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from django.db.models import Q

from sequences import execution
from sequences.costs import dollars
from sequences.errors import Refusal
from sequences.management.bars import JobBars
from sequences.management.output import VerbCommand
from sequences.models import Grid, Job, StartFrame, Take
from sequences.states import ArtefactState


def confirm(command: VerbCommand, price: int, *, yes: bool) -> None:
    """Let a spend of `price` micro-dollars go on: free ones always, others with --yes or a person's word.

    Raises Refusal.
    """
    if price == 0 or yes:
        return
    if not sys.stdin.isatty():
        raise Refusal(f"This costs {dollars(price)}; say so with --yes.", code="not_confirmed", where="--yes")
    command.stderr.write(f"This costs {dollars(price)}. Spend it? [y/N] ", ending="", style_func=str)
    command.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refusal("Nothing was asked for.", code="not_confirmed", where="--yes")


def counted_right(number: int, most: int, what: str) -> None:
    """Refuse a count that the verb would refuse too, before a price is told for it. Raises Refusal."""
    if not 1 <= number <= most:
        raise Refusal(f"{what.capitalize()} is {number}; ask for 1 to {most} at a time.", where=what)


def wait_for(command: VerbCommand, artefacts: Sequence[Grid | Take | StartFrame]) -> list[str]:
    """Until none of them is being made: here when no worker lives, else by the worker. One sentence a failure."""
    kinds: tuple[type[Grid | Take | StartFrame], ...] = (Grid, Take, StartFrame)
    ids = {kind: [a.pk for a in artefacts if isinstance(a, kind)] for kind in kinds}

    def done() -> bool:
        making = ArtefactState.MAKING.value
        return not any(kind._default_manager.filter(pk__in=pks, state=making).exists() for kind, pks in ids.items())

    wanted = Q(grid__in=ids[Grid]) | Q(take__in=ids[Take]) | Q(start_frame__in=ids[StartFrame])
    try:
        with JobBars(Job.objects.filter(wanted).all, command.stderr) as bars:
            execution.drain(done, tick=bars.tick)
    except KeyboardInterrupt:
        command.say("Stopped waiting. What was asked for stands and goes on with the studio.")
        raise SystemExit(130) from None
    for artefact in artefacts:
        artefact.refresh_from_db()
    return [f"{a} failed: {a.error}" for a in artefacts if a.state == ArtefactState.FAILED]
