"""The provider's queue: send a call once, ask how it stands, fetch what it answers, ask it to stop.

Paths: a call goes to its whole endpoint; status, result and cancel drop what follows `owner/app`, except for endpoints
of `workflows` and `comfy`, which keep three segments. The only states are IN_QUEUE, IN_PROGRESS and COMPLETED; a call
that failed or was cancelled is COMPLETED as well, and only its result tells.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from sequences.providers.base import (
    Ask,
    NotKnown,
    Pending,
    Picture,
    ProviderError,
    Ready,
    Refused,
    RemoteFile,
    Request,
    Submitted,
    TryLater,
    Unsure,
    Wire,
)
from sequences.providers.fal import faults
from sequences.providers.fal.calls import Answer, Calls, Sent
from sequences.providers.fal.options import Options
from sequences.providers.fal.platform import Platform

LONG_SPACES = ("workflows", "comfy")
REMEMBERED = 2000
_ENDPOINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}")
_NOT_OVER = ("in progress", "in queue")


@dataclass(frozen=True, slots=True)
class Adapters:
    """The endpoints: `build` validates, uploads and returns what will be sent; `output` finds the one file of a
    result, None when it has none; `waits` are the seconds until a call must have started and the longest it then runs.
    """

    build: Callable[[Request, Callable[[Picture], str]], Wire]
    output: Callable[[str, Mapping[str, Any]], RemoteFile | None]
    waits: Callable[[str], tuple[float, float]]


class Queue:
    """One account's queue. All methods run on the loop of `Calls`."""

    def __init__(self, options: Options, calls: Calls, platform: Platform, adapters: Adapters) -> None:
        self._options, self._calls, self._platform, self._adapters = options, calls, platform, adapters
        self._missing: dict[str, float] = {}
        self._lifecycle = json.dumps({"expiration_duration_seconds": options.keep_media})

    def start_deadline(self, endpoint: str) -> float:
        """Seconds after a submit until which the call may start."""
        return min(self._adapters.waits(endpoint)[0], self._options.start_timeout)

    async def submit(self, wire: Wire, token: str) -> Submitted:
        """Exactly one POST. Raises Refused, TryLater, Busy, Closed (nothing accepted) or Unsure (nobody knows)."""
        url, content = self._endpoint_url(wire.endpoint), _content(wire)
        webhook = self._options.webhook_url(token)
        params = [("fal_webhook", webhook)] if webhook else []
        sent = Sent()
        try:
            await self._calls.once(url, content, params=params, headers=self._sent_with(wire), sent=sent)
        except Exception as error:  # every kind of failure is judged by what had left, not by its name
            if sent.answer is None:
                raise _lost(sent, error) from None
        assert sent.answer is not None
        return _taken(sent.answer)

    async def look(self, ask: Ask) -> Pending | Ready | Refused:
        """How a call stands. Raises NotKnown, Closed, Busy, TryLater."""
        base = self._request_url(ask)
        answer = await self._calls.read("GET", f"{base}/status")
        body = _status_body(answer)
        if body.get("request_id", ask.request_id) != ask.request_id:
            raise TryLater("The provider answered about another call.", after=15)
        state = body.get("status")
        if state == "IN_QUEUE":
            return _queued(body)
        if state == "IN_PROGRESS":
            return Pending(None, "being made", 0, started=True)
        if state != "COMPLETED":
            raise faults.unusable(answer, "how the call stands")
        return await self._ended(ask, self._result_url(base, body), body)

    async def cancel(self, ask: Ask) -> bool:
        """Ask to stop. False when it had already ended. Raises NotKnown, Closed, Busy, TryLater."""
        answer = await self._calls.read("PUT", f"{self._request_url(ask)}/cancel")
        if answer.good:
            return True
        if answer.status == 400:
            return False
        if answer.status == 404:
            raise NotKnown("The provider does not know the call it should stop.")
        raise faults.turned_away(answer) or faults.unusable(answer, "the wish to stop")

    async def _ended(self, ask: Ask, url: str, status: Mapping[str, Any]) -> Pending | Ready | Refused:
        answer = await self._calls.read("GET", url)
        failed = bool(status.get("error") or status.get("error_type"))
        if answer.good:
            if answer.body is None:
                raise faults.unusable(answer, "for the result")
            return self._made(ask, answer)
        if _cancelled(answer, status):
            units = faults.billed_units(answer.headers)
            return Refused("The call was cancelled.", code="cancelled", charged=bool(units), units=units)
        if answer.status in (404, 410) and not _model_error(answer):
            return await self._vanished(ask, answer.status)
        return _failed(answer, status, failed)

    def _made(self, ask: Ask, answer: Answer) -> Ready | Refused:
        assert answer.body is not None
        units, body = faults.billed_units(answer.headers), answer.body
        self._missing.pop(ask.request_id, None)
        file = self._adapters.output(ask.endpoint, body)
        if file is None:
            return Refused("The call ended without a file.", code="no_output", charged=True, units=units)
        return Ready(file, None, _seed(body), body, units)

    async def _vanished(self, ask: Ask, status: int) -> Ready | Refused:
        """The result is not kept any more: the provider's own list may still hold it."""
        row = await self._platform.one(ask)
        if row is not None and isinstance(row.output, dict):
            file = self._adapters.output(ask.endpoint, row.output)
            if file is not None:
                return Ready(file, None, _seed(row.output), row.output, None)
        if status == 404 and self._just_now(ask.request_id):
            raise TryLater("The call has ended; its result is not there yet.", after=30)
        return Refused("The call ended, but its result is not kept any more.", code="gone", charged=True)

    def _just_now(self, request_id: str) -> bool:
        """Whether the result was first missed less than the grace ago; a new process counts anew."""
        if len(self._missing) > REMEMBERED:
            self._missing.clear()
        first = self._missing.setdefault(request_id, time.monotonic())
        return time.monotonic() - first < self._options.result_grace

    def _sent_with(self, wire: Wire) -> dict[str, str]:
        """What goes with a submit. Retries at the provider run under the same number and broken runs are not billed:
        they are left on, or one broken runner would cost a person a decision."""
        headers = {
            "x-fal-store-io": "1",
            "x-fal-object-lifecycle-preference": self._lifecycle,
            "x-fal-request-start-timeout": f"{self.start_deadline(wire.endpoint):g}",
            "x-app-fal-disable-fallback": "true",
        }
        return headers if self._options.server_retries else {**headers, "x-fal-no-retry": "1"}

    def _endpoint_url(self, endpoint: str) -> str:
        if not _ENDPOINT.fullmatch(endpoint):
            raise Refused("The call names no endpoint of the provider.", code="bad_input")
        return f"{self._options.queue_url}/{endpoint}"

    def _request_url(self, ask: Ask) -> str:
        if not _ENDPOINT.fullmatch(ask.endpoint) or not _NUMBER.fullmatch(ask.request_id):
            raise NotKnown("The call has no number or endpoint the provider could know.")
        parts = ask.endpoint.split("/")
        app = "/".join(parts[: 3 if parts[0] in LONG_SPACES else 2])
        return f"{self._options.queue_url}/{app}/requests/{ask.request_id}"

    def _result_url(self, base: str, body: Mapping[str, Any]) -> str:
        """The address the provider names, when it is at the very host the key belongs to; else the documented one."""
        named = body.get("response_url")
        if not isinstance(named, str):
            return base
        try:
            url, ours = httpx.URL(named), httpx.URL(self._options.queue_url)
        except httpx.InvalidURL:
            return base
        same = (url.scheme, url.host, url.port) == (ours.scheme, ours.host, ours.port)
        return named if same and not url.userinfo else base


def _content(wire: Wire) -> bytes:
    try:
        text = json.dumps(dict(wire.body), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (ValueError, TypeError):
        raise Refused("The call holds what cannot be written as JSON.", code="bad_input") from None


def _lost(sent: Sent, error: Exception) -> ProviderError:
    name = type(error).__name__
    if sent.written:
        return Unsure(f"The call was sent and no usable answer came back ({name}); it may have been accepted.")
    return TryLater(f"The provider cannot be reached ({name}); nothing was sent.", after=5)


def _taken(answer: Answer) -> Submitted:
    """What an answer to a submit means. Whatever is not plainly a yes or a no is nobody's to repeat."""
    body, status = answer.body, answer.status
    if answer.good and body is not None:
        number = body.get("request_id")
        if isinstance(number, str) and _NUMBER.fullmatch(number):
            return Submitted(number, body)
    told = faults.fault(body or {})
    if status == 429 and body is not None:
        raise faults.turned_away(answer) or faults.unusable(answer, "a submit")
    if told and status in (400, 401, 402, 403, 404, 413, 422):
        raise _not_taken(answer, told)
    raise Unsure(f"The provider answered the submit with status {status} and no number; it may have been accepted.")


def _not_taken(answer: Answer, told: faults.Fault) -> ProviderError:
    if answer.status == 402 or faults.locked(answer):
        return faults.turned_away(answer) or faults.unusable(answer, "a submit")
    if answer.status in (401, 403) and not told.structured:
        return Refused(f"The provider refuses the key: {told.text.rstrip('.')}.", code="key_refused")
    return faults.refused(answer, charged=False) or faults.unusable(answer, "a submit")


def _status_body(answer: Answer) -> dict[str, Any]:
    if answer.good and answer.body is not None:
        return answer.body
    if answer.status == 404:
        raise NotKnown("The provider does not know this call.")
    raise faults.turned_away(answer) or faults.unusable(answer, "how the call stands")


def _queued(body: Mapping[str, Any]) -> Pending:
    place = body.get("queue_position")
    ahead = place if isinstance(place, int) and not isinstance(place, bool) and place >= 0 else None
    note = f"{ahead} before it" if ahead else "waiting for its turn"
    return Pending(None, note, 0, started=False, ahead=ahead)


def _cancelled(answer: Answer, status: Mapping[str, Any]) -> bool:
    kinds = (status.get("error_type"), (answer.body or {}).get("error_type"))
    return answer.status == 499 or "client_cancelled" in kinds


def _model_error(answer: Answer) -> bool:
    told = faults.fault(answer.body or {})
    return bool(told and told.structured)


def _failed(answer: Answer, status: Mapping[str, Any], failed: bool) -> Refused:
    """What a bad result means. Raises Closed, Busy or TryLater for whatever is not plainly the model's last word."""
    away = faults.turned_away(answer)
    if away and not failed:
        raise away
    if answer.status >= 500:
        return _broken(answer, status, failed)
    units = faults.billed_units(answer.headers)
    told = faults.refused(answer, charged=faults.charged_by(units), units=units)
    early = any(word in str(told).lower() for word in _NOT_OVER) and not _model_error(answer)
    if told and not early and answer.status in (400, 404, 410, 413, 422):
        return told
    if failed and answer.status not in (401, 403, 429):
        return _status_refusal(answer, status, faults.charged_by(units), units)
    raise away or faults.unusable(answer, "for the result")


def _broken(answer: Answer, status: Mapping[str, Any], failed: bool) -> Refused:
    """A 5xx is the call's own end only when the provider says so; otherwise a finished call may be behind it."""
    deadline = answer.headers.get("x-fal-request-timeout-type", "").lower() == "user"
    if deadline:
        return Refused("The call did not start in time, so the provider dropped it.", charged=False)
    if failed:
        units = faults.billed_units(answer.headers)
        return _status_refusal(answer, status, bool(units), units)
    raise faults.unusable(answer, "for the result")


def _status_refusal(answer: Answer, status: Mapping[str, Any], charged: bool | None, units: Decimal | None) -> Refused:
    told = faults.refused(answer, charged=charged, units=units)
    if told is None:
        words = Answer(answer.status, answer.headers, dict(status))
        told = faults.refused(words, charged=charged, units=units)
    return told or Refused("The call failed at the provider; it says no more.", charged=charged, units=units)


def _seed(body: Mapping[str, Any]) -> int | None:
    seed = body.get("seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None
