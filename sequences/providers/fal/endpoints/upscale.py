"""SeedVR: a picture made larger by a factor, without repainting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sequences.providers.base import RemoteFile, UpscaleRequest
from sequences.providers.catalogue import Endpoint

from .parts import Body, Upload, file_in


def body(endpoint: Endpoint, request: UpscaleRequest, upload: Upload) -> dict[str, Any]:
    """The picture and how many times larger it becomes."""
    made = Body(endpoint)
    made.put("source", upload(request.source))
    made.put("factor", int(request.factor) if request.factor == int(request.factor) else request.factor)
    made.put("seed", request.seed)
    return made.values


def file(body: Mapping[str, Any]) -> RemoteFile | None:
    """The picture; upscalers differ in where they put it."""
    return file_in(body, ("image", "images"), "image/png")
