"""Kling: several shots a call, elements with pictures, strings for seconds.

Facts: fal's typed schemas (KlingV3ComboElementInput, multi_prompt) of 2026-08 and its model pages of 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sequences.providers.base import ElementRef, Picture, RemoteFile, VideoRequest
from sequences.providers.catalogue import Endpoint, nearest_ratio
from sequences.providers.sheet import share

from .parts import Body, Upload, duration, file_in


def body(endpoint: Endpoint, request: VideoRequest, upload: Upload) -> dict[str, Any]:
    """Exactly one of prompt and multi_prompt; the length is always sent and is the sum of the shots."""
    made = Body(endpoint)
    _prompts(made, request)
    made.put("seconds", duration(endpoint, sum(s.seconds for s in request.shots)))
    made.put("start", upload(request.start) if request.start else None)
    made.put("end", upload(request.end) if request.end else None)
    made.put("elements", [_element(made, *one, upload) for one in share(endpoint, request.elements)])
    made.put("resolution", endpoint.resolution)
    made.put("negative", request.negative.strip())
    if made.takes("ratio"):
        made.put("ratio", nearest_ratio(endpoint.ratios, Fraction(request.width, request.height)))
    return made.values


def file(body: Mapping[str, Any]) -> RemoteFile | None:
    """The clip. Neither its length nor its size in pixels is told."""
    return file_in(body, ("video",), "video/mp4")


def _prompts(made: Body, request: VideoRequest) -> None:
    if len(request.shots) == 1:
        made.put("prompt", request.shots[0].prompt)
        return
    names = made.endpoint.fields
    shots = [
        {names["shot_prompt"]: s.prompt, names["shot_seconds"]: duration(made.endpoint, s.seconds)}
        for s in request.shots
    ]
    made.put("shots", shots)
    made.put("shot_type", "customize")


def _element(made: Body, element: ElementRef, pictures: tuple[Picture, ...], upload: Upload) -> dict[str, Any]:
    """An element: its first picture is the frontal view, the next one to three are its other views.

    Kling wants a frontal view and at least one more. An element with a single picture is sent with that one as both.
    """
    front, *views = pictures
    names = made.endpoint.fields
    return {names["front"]: upload(front), names["views"]: [upload(p) for p in views or [front]]}
