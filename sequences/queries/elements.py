"""Elements of a project with their pictures."""

from __future__ import annotations

from sequences.models import Element, Project


def elements_of(project: Project) -> list[Element]:
    """Living elements in the project's order, pictures loaded, frontal one first. Two queries."""
    return list(project.elements.filter(deleted_at=None).prefetch_related("images"))
