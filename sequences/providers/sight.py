"""What is sent, made readable: the body of a call with every picture named instead of its address. Pure.

Before anything is spent the body is built exactly as the adapter builds it, only that no picture is uploaded: in the
place of its address stands what it is, like `start frame F3, 1380 × 776`. Afterwards the same words replace the
addresses of what was really sent. Keys, tokens and queries of addresses are never in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sequences.providers import catalogue
from sequences.providers.base import Picture, ProviderError, Request, VideoRequest, Wire, to_json
from sequences.providers.redact import bare

UPLOADED = "a file that was uploaded"
NEW_SEED = "a new one"
_ADDRESS = ("http://", "https://", "data:")


def would_send(request: Request, names: Mapping[str, str], *, seed_known: bool = True) -> Wire:
    """What would be sent for a request; `names` says in words what a picture's path is.

    A provider that takes the request itself is shown the frozen request. Without `seed_known` the words "a new one"
    stand in the seed's place. Raises Refused with the sentence of what the model would refuse.
    """
    endpoint = catalogue.endpoint(request.endpoint)
    named = {**_elements(request), **names}
    if endpoint.provider == "fal":
        wire = _adapted(request, lambda picture: _spoken(picture, named))
    else:
        wire = Wire(endpoint.path, {**to_json(request), **_start(request, named)})
    seed = endpoint.fields.get("seed", "seed")
    if seed_known or seed not in wire.body:
        return wire
    return replace(wire, body={**wire.body, seed: NEW_SEED})


def was_sent(body: Mapping[str, Any], request: Request | None, names: Mapping[str, str]) -> dict[str, Any]:
    """A body that was sent, its addresses reduced to what they are; `request` is the one it was built from."""
    twin: Mapping[str, Any] = {}
    if request is not None:
        try:
            twin = would_send(request, names).body
        except (ProviderError, LookupError):  # the catalogue is another one by now
            twin = {}
    return {key: _reduced(value, twin.get(key)) for key, value in body.items()}


def chained(request: VideoRequest) -> VideoRequest:
    """A call that goes on from the last frame of the one before, which is as large as the project's frame."""
    return replace(request, start=Picture("", "", request.width, request.height))


def _adapted(request: Request, upload: Callable[[Picture], str]) -> Wire:
    # brings the HTTP client along, which pages do not need
    from sequences.providers.fal import endpoints

    return endpoints.build(request, upload)


def _elements(request: Request) -> dict[str, str]:
    elements = getattr(request, "elements", ())
    return {p.path: f"{e.name}, picture {n}" for e in elements for n, p in enumerate(e.pictures, start=1)}


def _spoken(picture: Picture, names: Mapping[str, str]) -> str:
    return f"{names.get(picture.path, 'a picture')}, {picture.width} × {picture.height}"


def _start(request: Request, names: Mapping[str, str]) -> dict[str, Any]:
    """The start of a call that goes on from the one before has no file yet."""
    start = getattr(request, "start", None)
    return {"start": _spoken(start, names)} if start is not None and not start.path else {}


def _reduced(value: Any, twin: Any) -> Any:
    if isinstance(value, Mapping):
        known = twin if isinstance(twin, Mapping) else {}
        return {key: _reduced(inner, known.get(key)) for key, inner in value.items()}
    if isinstance(value, list):
        beside = twin if isinstance(twin, list) and len(twin) == len(value) else [None] * len(value)
        return [_reduced(inner, other) for inner, other in zip(value, beside, strict=True)]
    if not isinstance(value, str):
        return value
    if value.lower().startswith(_ADDRESS):
        return twin if isinstance(twin, str) and not twin.lower().startswith(_ADDRESS) else UPLOADED
    return bare(value)


__all__ = ["NEW_SEED", "UPLOADED", "chained", "was_sent", "would_send"]
