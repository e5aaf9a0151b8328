"""Which takes are drafts, and what was made final from which. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

from sequences.models import Project, Take
from sequences.providers import catalogue
from sequences.states import ArtefactState

from .matters import title_of

REMAKE_OF = "remake_of"
"""In a take's plan: the number of the take it makes again on another model."""
OPEN = (ArtefactState.MAKING, ArtefactState.WAITING, ArtefactState.APPROVED)


def draft_endpoint(endpoint: str) -> bool:
    """Whether takes of this endpoint are drafts; one the catalogue has no more makes none."""
    try:
        return catalogue.endpoint(endpoint).draft
    except catalogue.UnknownEndpoint:
        return False


def is_draft(take: Take) -> bool:
    """Whether a take is a try, to be made again on a better model."""
    return draft_endpoint(take.endpoint)


def is_remake(take: Take) -> bool:
    """Whether a take makes its parent again on another model; else it redoes shots of it, or has none."""
    return take.parent_id is not None and REMAKE_OF in take.plan


def finals_among(takes: Iterable[Take], of: Take) -> list[Take]:
    """Takes that make `of` again, whatever came of them."""
    return [t for t in takes if t.parent_id == of.pk and is_remake(t)]


def final_of(takes: Iterable[Take], of: Take) -> Take | None:
    """The final of a draft that is being made, waits or is approved; None when one may be asked for."""
    finals = finals_among(takes, of)
    return next((t for t in finals if t.state in OPEN and not is_draft(t)), None)


def approved_drafts(project: Project) -> list[Take]:
    """The approved take of every living sequence whose approved take is a draft, in song order. One query."""
    rows = Take.objects.filter(
        sequence__project=project, sequence__deleted_at=None, state=ArtefactState.APPROVED.value
    ).exclude(file="")
    ordered = rows.select_related("sequence__project", "start_frame").order_by("sequence__start", "sequence__position")
    return [take for take in ordered if is_draft(take)]


def models_of(take: Take) -> str:
    """Every model its calls went to; that of the take where its plan names none."""
    asked = [call.get("endpoint") or take.endpoint for call in take.plan.get("calls", ())]
    return " and ".join(dict.fromkeys(title_of(one) for one in asked or [take.endpoint]))
