"""Carrying out the faults that belong to one answer on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from tests.fakes.fal.faults import Rule
from tests.fakes.fal.wire import Response, answer, flat

LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at the billing page."
PAGE = b"<!doctype html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1>nginx</body></html>"


def in_place(rules: list[Rule]) -> Response | None:
    """The answer of the first rule that stands in for the handler, if one does."""
    for rule in rules:
        if rule.stage == "before":
            return BEFORE[rule.action](rule.args)
    return None


def afterwards(rules: list[Rule], response: Response) -> Response:
    for rule in rules:
        if rule.stage == "after":
            response = AFTER[rule.action](rule.args, response)
    return response


def _status(args: dict[str, Any]) -> Response:
    later = {"retry_after": str(args["retry_after"])} if args["retry_after"] is not None else {}
    body = args["body"]
    if isinstance(body, dict | list):
        return answer(args["code"], body, **later)
    return flat(args["code"], body or f"The fake was told to answer {args['code']}", **later)


def _too_many(args: dict[str, Any]) -> Response:
    return flat(429, "Too many requests", "concurrent_requests_limit", retry_after=str(args["retry_after"]))


def _page(args: dict[str, Any], *_: Any) -> Response:
    return Response(args["code"], PAGE, {"content-type": "text/html"})


def _empty(args: dict[str, Any], *_: Any) -> Response:
    return Response(args["code"], b"", {"content-type": "application/json"})


BEFORE = {
    "reset_before_accept": lambda args: Response(reset=True),
    "stall": lambda args: Response(stall=True),
    "status": _status,
    "429": _too_many,
    "locked": lambda args: flat(403, LOCKED),
    "html": _page,
    "empty": _empty,
    "expired": lambda args: flat(args["code"], "The file has expired"),
    "redirect": lambda args: Response(args["code"], b"", {"location": args["to"]}),
}


def _late(args: dict[str, Any], response: Response) -> Response:
    response.delay += float(args["seconds"])
    return response


def _unnamed(args: dict[str, Any], response: Response) -> Response:
    told = json.loads(response.body)
    return answer(response.status, {name: told[name] for name in ("status", "queue_position") if name in told})


def _foreign(args: dict[str, Any], response: Response) -> Response:
    told = json.loads(response.body)
    moved = {name: _moved(value, args["base"]) if name.endswith("_url") else value for name, value in told.items()}
    return answer(response.status, moved)


def _moved(url: str, base: str) -> str:
    return base + "/" + url.split("//", 1)[1].split("/", 1)[1]


def _truncated(args: dict[str, Any], response: Response) -> Response:
    response.cut = int(len(response.body) * args["keep"])
    return response


def _wrong_length(args: dict[str, Any], response: Response) -> Response:
    response.length = len(response.body) + args["extra"]
    return response


def _zero(args: dict[str, Any], response: Response) -> Response:
    response.body = b""
    return response


def _corrupt(args: dict[str, Any], response: Response) -> Response:
    """Same length and a plausible beginning, then bytes that mean nothing."""
    keep = min(16, len(response.body))
    response.body = response.body[:keep] + b"\xa5" * (len(response.body) - keep)
    return response


def _typed(args: dict[str, Any], response: Response) -> Response:
    response.headers["content-type"] = args["type"]
    return response


def _huge(args: dict[str, Any], response: Response) -> Response:
    response.chunks = endless(response.body)
    return response


def _slow(args: dict[str, Any], response: Response) -> Response:
    response.headers["content-length"] = str(len(response.body))
    response.chunks = dripping(response.body, float(args["bytes_per_second"]))
    return response


async def endless(start: bytes) -> AsyncIterator[bytes]:
    yield start
    while True:
        yield b"\0" * 65536


async def dripping(body: bytes, rate: float) -> AsyncIterator[bytes]:
    """At most ten pieces a second."""
    size = max(1, int(rate / 10))
    for place in range(0, len(body), size):
        yield body[place : place + size]
        await asyncio.sleep(size / rate)


AFTER = {
    "answer_after": _late,
    "accept_then_reset": lambda args, response: Response(reset=True),
    "stall_after_accept": lambda args, response: Response(stall=True),
    "status_after_accept": lambda args, response: flat(args["code"], "The gateway lost its way"),
    "html_after_accept": _page,
    "empty_after_accept": _empty,
    "no_request_id_after_accept": _unnamed,
    "foreign_urls": _foreign,
    "truncated": _truncated,
    "wrong_length": _wrong_length,
    "zero_bytes": _zero,
    "corrupt": _corrupt,
    "wrong_content_type": _typed,
    "huge_body": _huge,
    "slow": _slow,
}
