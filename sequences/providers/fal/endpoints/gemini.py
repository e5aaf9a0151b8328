"""Gemini image models (nano-banana): a ratio and a resolution instead of pixels; references under the edit path."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sequences.providers import sheet
from sequences.providers.base import GridRequest, RemoteFile
from sequences.providers.catalogue import Endpoint, nearest_ratio

from .parts import Body, Upload, file_in


def body(endpoint: Endpoint, request: GridRequest, upload: Upload) -> dict[str, Any]:
    """One picture of the nearest ratio; every reference named in the prompt in the order it is sent."""
    made = Body(endpoint)
    made.put("prompt", sheet.text(endpoint, request))
    made.put("ratio", nearest_ratio(endpoint.ratios, Fraction(request.width, request.height)))
    made.put("resolution", endpoint.resolution)
    made.put("references", [upload(p) for p in sheet.pictures(endpoint, request)])
    made.put("seed", request.seed)
    return made.values


def file(body: Mapping[str, Any]) -> RemoteFile | None:
    """The first picture; its size in pixels may be missing."""
    return file_in(body, ("images", "image"), "image/png")
