"""Ways back on the Elements page: what the toast of a removal posts to undo it, with script and without."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest

from sequences.models import Element, ElementImage, Project

SALT = "taken off"


def of_element(element: Element) -> dict[str, Any]:
    """For an element that was deleted."""
    return {
        "value": element.pk, "id": element.pk, "said": f"{element.name} deleted.", "url": "element_restore",
        "query": "undo",
    }  # fmt: skip


def of_picture(image: ElementImage, said: str) -> dict[str, Any]:
    """For a picture that was taken off: its row is gone, so the way back says what it was, signed."""
    place = {
        "key": image.element.key, "sha256": image.sha256, "name": image.name, "source": image.source,
        "position": image.position, "said": said,
    }  # fmt: skip
    value = signing.dumps(place, salt=SALT, compress=True)
    return {"value": value, "id": image.sha256[:12], "said": said, "url": "picture_restore", "query": "off"}


def taken_off(value: str) -> dict[str, Any]:
    """What a way back says of the picture that was taken off; 404 for what nobody was given."""
    try:
        found: dict[str, Any] = signing.loads(value, salt=SALT)
    except signing.BadSignature:
        raise Http404("There is no such picture.") from None
    return found


def told(request: HttpRequest, project: Project) -> dict[str, Any] | None:
    """The way back that the address of a page without script names."""
    gone, off = request.GET.get("undo", ""), request.GET.get("off", "")
    if gone.isdigit() and len(gone) < 19:
        row = project.elements.filter(pk=int(gone), deleted_at__isnull=False).first()
        return of_element(row) if row else None
    if not off:
        return None
    place = taken_off(off)
    return {"value": off, "id": place["sha256"][:12], "said": place["said"], "url": "picture_restore"}
