"""Seedance: one shot a call, its start frame under image_url, a seed.

Its pages give no elements for a start frame. Sound is off: its own sound has been refused by its own filter.
"""

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
