"""Grids and takes of a project that have a picture: what a reference picture can be cut from."""

from __future__ import annotations

from sequences.models import Grid, Project, Take

MOST = 60


def grids_of(project: Project) -> list[Grid]:
    """Drawn grids of living sequences, newest first. One query."""
    rows = Grid.objects.filter(sequence__project=project, sequence__deleted_at=None).exclude(file="")
    return list(rows.select_related("sequence").order_by("-created_at", "-id")[:MOST])


def takes_of(project: Project) -> list[Take]:
    """Made takes of living sequences, newest first. One query."""
    rows = Take.objects.filter(sequence__project=project, sequence__deleted_at=None).exclude(file="")
    return list(rows.select_related("sequence").order_by("-created_at", "-id")[:MOST])
