"""One validated adapter a family of endpoints: from a request to the JSON that is sent, and from a result to its file.

Which path is called and how fields are named is data of the catalogue; how a family puts them together is code here.
Everything is validated before anything is uploaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sequences.providers import catalogue, fitness
from sequences.providers.base import Picture, Refused, RemoteFile, Request, Wire
from sequences.providers.catalogue import Endpoint

from . import gemini, kling, seedance, seedream, upscale, veo
from .parts import Upload, uploading

USUAL_WAITS = (1800.0, 1800.0)


class Adapter(Protocol):
    """What a family's module has."""

    def body(self, endpoint: Endpoint, request: Any, upload: Upload) -> dict[str, Any]:
        """The JSON input of a valid request; `upload` gives a picture's address."""
        ...

    def file(self, body: Mapping[str, Any]) -> RemoteFile | None:
        """The one file of a result."""
        ...


ADAPTERS: dict[str, Adapter] = {
    "kling": kling,
    "seedance": seedance,
    "veo": veo,
    "gemini": gemini,
    "seedream": seedream,
    "upscale": upscale,
}


def check(request: Request) -> None:
    """The validation alone: pure, nothing is uploaded. Raises Refused(code="bad_input") with one sentence."""
    _checked(request)


def build(request: Request, upload: Callable[[Picture], str]) -> Wire:
    """Validate the whole request, then upload its pictures, and return what will be sent.

    A picture that is needed twice is uploaded once. Raises Refused(code="bad_input"), and whatever `upload` raises.
    """
    endpoint = _checked(request)
    body = ADAPTERS[endpoint.adapter].body(endpoint, request, uploading(upload))
    pictures = getattr(request, "elements", ()) or getattr(request, "likeness", None)
    path = endpoint.references_path if endpoint.references_path and pictures else endpoint.path
    return Wire(path, {**endpoint.fixed, **body})


def output(endpoint: str, body: Mapping[str, Any]) -> RemoteFile | None:
    """The one file of a result body; None when it has none. `endpoint` is the path that was called."""
    try:
        adapter = ADAPTERS[catalogue.of_path(endpoint).adapter]
    except (catalogue.UnknownEndpoint, KeyError):
        return None
    return adapter.file(body)


def waits(endpoint: str) -> tuple[float, float]:
    """Seconds until a call must have started, and the longest it then runs. `endpoint` is the path that was called."""
    try:
        found = catalogue.of_path(endpoint)
    except catalogue.UnknownEndpoint:
        return USUAL_WAITS
    return float(found.start_deadline or USUAL_WAITS[0]), float(found.longest or USUAL_WAITS[1])


def _checked(request: Request) -> Endpoint:
    try:
        endpoint = catalogue.endpoint(request.endpoint)
    except catalogue.UnknownEndpoint as error:
        raise Refused(str(error), code="bad_input", where="endpoint") from None
    if endpoint.provider != "fal" or endpoint.adapter not in ADAPTERS:
        raise Refused(f"{endpoint.title} is not made by fal.", code="bad_input", where="endpoint")
    for problem in fitness.problems(endpoint, request):
        raise Refused(problem.message, code="bad_input", where=problem.where)
    return endpoint


__all__ = ["build", "check", "output", "waits"]
