"""Elements of a project with their pictures."""

from __future__ import annotations

from typing import Any

from sequences.models import Element, ElementImage, Project

from .documents import path


def elements_of(project: Project) -> list[Element]:
    """Living elements in the project's order, pictures loaded, frontal one first. Two queries."""
    return list(project.elements.filter(deleted_at=None).prefetch_related("images"))


def document(element: Element, pictures: list[ElementImage], places: list[dict[str, Any]]) -> dict[str, Any]:
    """An element as --json tells it: pictures are numbered from 1, the first is the front."""
    return {
        "key": element.key,
        "kind": element.kind,
        "name": element.name,
        "description": element.description,
        "pictures": [_picture(n, image) for n, image in enumerate(pictures, start=1)],
        "sequences": places,
    }


def _picture(number: int, image: ElementImage) -> dict[str, Any]:
    return {
        "number": number,
        "front": number == 1,
        "name": image.name,
        "width": image.width,
        "height": image.height,
        "sha256": image.sha256,
        "source": image.source or None,
        "file": path(image.file),
    }
