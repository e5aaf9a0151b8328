"""What the adapters share: a body under the provider's names, lengths as it wants them, files of a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sequences.providers.base import Picture, RemoteFile
from sequences.providers.catalogue import Endpoint

Upload = Callable[[Picture], str]


@dataclass(slots=True)
class Body:
    """The JSON input, filled by our names; what the endpoint has no name for is left out."""

    endpoint: Endpoint
    values: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, value: Any) -> None:
        """Set a value unless it is empty."""
        if value not in (None, "", [], {}) and name in self.endpoint.fields:
            self.values[self.endpoint.fields[name]] = value

    def takes(self, name: str) -> bool:
        """Whether the endpoint has a field for it."""
        return name in self.endpoint.fields


def uploading(upload: Upload) -> Upload:
    """The same upload, but every picture once."""
    known: dict[tuple[str, str], str] = {}

    def once(picture: Picture) -> str:
        key = (picture.sha256, picture.path)
        if key not in known:
            known[key] = upload(picture)
        return known[key]

    return once


def duration(endpoint: Endpoint, seconds: float) -> str | int:
    """A length as the endpoint writes it: "5", 5 or "5s"."""
    whole = int(seconds)
    if endpoint.duration_format == "integer":
        return whole
    return f"{whole}s" if endpoint.duration_format == "4s" else str(whole)


def single(endpoint: Endpoint, request: Any, upload: Upload) -> Body:
    """A clip of one shot from its start frame: what every model without multi-shot is sent."""
    body, shot = Body(endpoint), request.shots[0]
    body.put("prompt", shot.prompt)
    body.put("seconds", duration(endpoint, shot.seconds))
    body.put("start", upload(request.start) if request.start else None)
    body.put("end", upload(request.end) if request.end else None)
    body.put("resolution", endpoint.resolution)
    body.put("negative", request.negative.strip())
    body.put("seed", request.seed)
    return body


def file_in(body: Mapping[str, Any], keys: Iterable[str], usual: str) -> RemoteFile | None:
    """The first file under one of the keys, alone or first of a list; `usual` is its type when it does not say."""
    for key in keys:
        found = body.get(key)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, Mapping) and isinstance(found.get("url"), str) and found["url"]:
            size = found.get("file_size")
            known = size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None
            return RemoteFile(found["url"], str(found.get("content_type") or usual), known)
    return None
