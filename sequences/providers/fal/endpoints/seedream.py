"""Seedream: exact pixels, at most ten references (it silently forgets the first of more), a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sequences.providers import sheet
from sequences.providers.base import GridRequest, RemoteFile
from sequences.providers.catalogue import Endpoint

from .parts import Body, Upload, file_in


def body(endpoint: Endpoint, request: GridRequest, upload: Upload) -> dict[str, Any]:
    """One picture of exactly this size; every reference named in the prompt in the order it is sent."""
    made, names = Body(endpoint), endpoint.fields
    made.put("prompt", sheet.text(endpoint, request))
    made.put("size", {names["width"]: request.width, names["height"]: request.height})
    made.put("references", [upload(p) for p in sheet.pictures(endpoint, request)])
    made.put("seed", request.seed)
    return made.values


def file(body: Mapping[str, Any]) -> RemoteFile | None:
    """The first picture."""
    return file_in(body, ("images", "image"), "image/png")
