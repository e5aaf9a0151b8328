"""What every provider is asked and may answer: frozen values, three errors, one protocol.

Nothing here knows Django, a database or a queue. `execution` builds a request, keeps it as JSON on the job, and
hands it to a provider; what comes back is stored by `execution` alone.

A call goes in two steps. `prepare` does what may take long and costs nothing (uploads) and returns the `Wire`: exactly
what will be sent. It is frozen on the job with the claim; then `submit` sends it once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

Kind = Literal["grid", "video", "upscale"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture that goes along: a path relative to the media root, and the sha256 of its bytes."""

    path: str
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ElementRef:
    """A character, prop or place that is sent: first picture is the frontal one."""

    key: str
    name: str
    kind: str
    description: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class ShotAsk:
    """One shot of a call: its number in the sequence, compiled prompt and how long it must be made.

    `seconds` is what the endpoint is asked for (whole where it wants whole seconds), never less than the shot's own.
    """

    number: int
    prompt: str
    seconds: float


@dataclass(frozen=True, slots=True)
class GridRequest:
    """One picture of rows x cols candidate frames; `width` x `height` is the whole picture in pixels.

    `likeness` is an earlier cell: all panels are to be near it. `cells` say what each panel shows beside the prompt, in
    reading order, an empty one nothing of its own; none at all when every panel is as it comes.
    """

    endpoint: str
    prompt: str
    rows: int
    cols: int
    width: int
    height: int
    seed: int
    negative: str = ""
    elements: tuple[ElementRef, ...] = ()
    label: str = ""
    likeness: Picture | None = None
    cells: tuple[str, ...] = ()
    kind: Kind = "grid"


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """One clip: shots in order, from a start frame. `rate` is frames a second as "24" or "30000/1001".

    The clip is asked for at sum(shot.seconds); frames are round(that sum x rate).
    """

    endpoint: str
    shots: tuple[ShotAsk, ...]
    width: int
    height: int
    rate: str
    seed: int
    start: Picture | None = None
    end: Picture | None = None
    negative: str = ""
    elements: tuple[ElementRef, ...] = ()
    label: str = ""
    slate: bool = True
    kind: Kind = "video"


@dataclass(frozen=True, slots=True)
class UpscaleRequest:
    """A picture made larger: `source` times `factor` in both directions, nothing else changed."""

    endpoint: str
    source: Picture
    factor: float
    seed: int
    label: str = ""
    kind: Kind = "upscale"


Request = GridRequest | VideoRequest | UpscaleRequest


@dataclass(frozen=True, slots=True)
class Wire:
    """What is sent, byte for byte before it becomes bytes: the endpoint that is really called and its JSON input.

    Empty for a provider that takes the request itself.
    """

    endpoint: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A call to look at: the provider's number for it and the endpoint it was sent to."""

    request_id: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A call in the provider's own list whose input is the one we sent. Moments are aware; None while unknown."""

    request_id: str
    sent_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The provider took the call under this id; `raw` is its whole answer, kept as a receipt."""

    request_id: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pending:
    """Still being made. `progress` is 0..1 or None when the provider does not say; look again after `after` seconds,
    or when whoever follows thinks best when `after` is 0. `ahead` is how many calls wait before it, None when unknown.
    """

    progress: float | None
    note: str
    after: float
    started: bool = True
    ahead: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A result to collect: `ref` is an address (or a local path) only its provider can fetch."""

    ref: str
    content_type: str
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """Made and paid for. `cost_micros` is the billed price in millionths of a dollar, None when the provider bills
    `units` (of the endpoint's price) or has not said yet."""

    file: RemoteFile
    cost_micros: int | None
    seed: int | None
    raw: Mapping[str, Any]
    units: Decimal | None = None


class ProviderError(Exception):
    """Base of what a provider may raise; `str()` is one sentence for people."""


class Refused(ProviderError):
    """Final: the provider will not make this. Returned by `look`, raised by `submit`.

    `charged` is True, False, or None when nobody knows; `where` names the input at fault when the provider said so;
    `units` is what was billed all the same. `code` is a word for programs: `refused`, `moderation`, `bad_input`,
    `cancelled`, `gone`, `blocked` (a result that must not be fetched) or `key_refused`, after which nothing more is
    sent to this provider until a person says so.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "refused",
        charged: bool | None = False,
        where: str = "",
        units: Decimal | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.charged, self.where, self.units = code, charged, where, units


class TryLater(ProviderError):
    """Nothing was accepted and nothing was charged: ask again after `after` seconds."""

    def __init__(self, message: str, *, after: float = 5.0) -> None:
        super().__init__(message)
        self.after = after


class Busy(TryLater):
    """The provider takes no more just now (too many requests); it says nothing about the call itself."""


class Closed(TryLater):
    """The account as a whole is turned away (locked, no balance): nothing else is worth sending for `after` seconds."""


class NotKnown(ProviderError):
    """The provider does not know the request it is asked about: not yet, not any more, or not of this account."""


class Unsure(ProviderError):
    """The call may or may not have been accepted. It must never be sent again by code."""


class Provider(Protocol):
    """One studio that makes pictures or clips.

    `idempotent` says that submitting the same token twice is one request for this provider; only then may an unsure
    submit be asked again. `in_flight` is how many calls we leave with it at a time, None for any number.
    """

    name: str
    idempotent: bool

    @property
    def in_flight(self) -> int | None:
        """Calls we leave with it at a time; None: any number."""
        ...

    def prepare(self, request: Request) -> Wire:
        """Do what may take long and costs nothing, and return what will be sent.

        Raises Refused for what the provider would refuse, TryLater when it cannot be done now.
        """
        ...

    def submit(self, request: Request, *, token: str, wire: Wire | None = None) -> Submitted:
        """Send the call once. Raises Refused, TryLater (nothing sent) or Unsure (nobody knows)."""
        ...

    def look(self, request_id: str, *, endpoint: str = "") -> Pending | Ready | Refused:
        """How the call stands. Raises TryLater when the provider cannot be asked now, NotKnown."""
        ...

    def fetch(self, file: RemoteFile, target: Path) -> int:
        """Write the result to `target` (a temporary name the caller owns) and return its size in bytes.

        Raises TryLater when it may work later, Refused when the result is gone for good or must not be fetched.
        """
        ...

    def cancel(self, request_id: str, *, endpoint: str = "") -> bool:
        """Ask to stop. True when it will not finish, False when it was already finished or cannot be stopped."""
        ...


class Paid(Provider, Protocol):
    """A provider that sends bills: it can be asked about many calls at once and what became of a lost submit.

    `calls_back` says that it is told an address to call when a call has ended.
    """

    @property
    def calls_back(self) -> bool:
        """Whether its webhooks may come."""
        ...

    def fetch_keys(self) -> dict[str, Any]:
        """The public keys of its webhooks, as it publishes them. Raises ProviderError."""
        ...

    def check_hook(self, headers: Mapping[str, str], body: bytes, keys: Mapping[str, Any], *, now: float) -> None:
        """Raises ValueError unless a webhook is its own, about our account, and of `now` (unix seconds)."""
        ...

    def look_many(self, asks: Sequence[Ask]) -> list[Pending | Ready | Refused | ProviderError]:
        """One answer an ask, in order, over few connections; an error stands in the place of its answer."""
        ...

    def find(self, wire: Wire, *, since: datetime, until: datetime) -> tuple[Found, ...]:
        """Calls in the provider's own list, sent between two moments, whose input is this one. Raises ProviderError."""
        ...

    def horizon(self, endpoint: str) -> float:
        """Seconds after a submit within which the call, had it arrived, must have ended and be listed."""
        ...


def to_json(request: Request) -> dict[str, Any]:
    """The request as plain JSON types, as it is frozen on a job."""
    return json.loads(json.dumps(asdict(request)))


def fingerprint(request: Mapping[str, Any]) -> str:
    """sha256 over the canonical JSON of a frozen request."""
    text = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def from_json(data: Mapping[str, Any]) -> Request:
    """The request back from what `to_json` wrote. Raises KeyError or TypeError on anything else."""
    if data["kind"] == "upscale":
        return UpscaleRequest(**{**data, "source": Picture(**data["source"])})
    values = {**data, "elements": tuple(_element(e) for e in data.get("elements", ()))}
    if data["kind"] == "grid":
        likeness = data.get("likeness")
        likeness = Picture(**likeness) if likeness else None
        return GridRequest(**{**values, "likeness": likeness, "cells": tuple(data.get("cells", ()))})
    for end in ("start", "end"):
        values[end] = Picture(**data[end]) if data.get(end) else None
    return VideoRequest(**{**values, "shots": tuple(ShotAsk(**s) for s in data["shots"])})


def _element(data: Mapping[str, Any]) -> ElementRef:
    return ElementRef(**{**data, "pictures": tuple(Picture(**p) for p in data.get("pictures", ()))})
