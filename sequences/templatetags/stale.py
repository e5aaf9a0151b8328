"""The mark that stands beside the status of what is stale or set aside."""

from __future__ import annotations

from typing import Any

from django import template

from sequences.models import Grid, StartFrame, Take
from sequences.queries import SequenceFacts
from sequences.queries.stale import shown_of, stale_of

register = template.Library()


@register.inclusion_tag("sequences/_stale_mark.html")
def stale_mark(facts: SequenceFacts, artefact: Grid | StartFrame | Take | None = None) -> dict[str, Any]:
    """The mark of one grid, frame or take; without one that of what the sequence shows, with all that is set aside.

    Nothing for what is fresh. Reads what `queries.stale.mark` has put beside the facts.
    """
    shown = shown_of(facts) if artefact is None else artefact
    works: list[Grid | StartFrame | Take] = [*facts.grids, *facts.takes] if artefact is None else [artefact]
    aside = [w for w in works if getattr(w, "set_aside", "") and w.state == "waiting"]
    return {
        "project": facts.project,
        "code": facts.sequence.code,
        "mark": stale_of(facts, shown),
        "aside": aside,
        "named": artefact is None,
    }
