"""Veo: one shot a call of 4, 6 or 8 seconds, written "4s"; its prompt is never rewritten by the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sequences.providers.base import RemoteFile, VideoRequest
from sequences.providers.catalogue import Endpoint

from .parts import Upload, file_in, single


def body(endpoint: Endpoint, request: VideoRequest, upload: Upload) -> dict[str, Any]:
    """The one shot from its start frame."""
    return single(endpoint, request, upload).values


def file(body: Mapping[str, Any]) -> RemoteFile | None:
    """The clip."""
    return file_in(body, ("video",), "video/mp4")
