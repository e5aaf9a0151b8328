"""What waits for a person: takes to judge, and grids from which nobody has picked."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from sequences.models import Grid, Project, StartFrame, Take
from sequences.states import ArtefactState

from .facts import PICKED_AT


def waiting_takes(project: Project) -> QuerySet[Take]:
    """Takes of living sequences that wait for a verdict."""
    return Take.objects.filter(sequence__project=project, sequence__deleted_at=None, state=ArtefactState.WAITING.value)


def open_picks(project: Project) -> QuerySet[Grid]:
    """Grids that wait and were not set aside, and after which nobody has picked or generated anything for their
    sequence."""
    used = StartFrame.objects.filter(sequence=OuterRef("sequence"), shot=None, state=ArtefactState.APPROVED.value)
    picked = used.annotate(picked_at=PICKED_AT).filter(picked_at__gt=OuterRef("created_at"))
    takes = Take.objects.filter(sequence=OuterRef("sequence"), created_at__gt=OuterRef("created_at"))
    return Grid.objects.filter(
        ~Exists(picked),
        ~Exists(takes),
        sequence__project=project,
        sequence__deleted_at=None,
        state=ArtefactState.WAITING.value,
        set_aside="",
    )


def waiting_count(project: Project) -> int:
    """Takes to judge and sequences whose pick is open. One query."""
    takes = waiting_takes(project).order_by().values_list("pk")
    picks = open_picks(project).order_by().values_list("sequence").distinct()
    return takes.union(picks, all=True).count()
