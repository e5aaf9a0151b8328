"""Requests with our key to the provider's own hosts: pooled reads, and one request on a connection of its own.

Pool and transport are used without a client around them: no redirect is ever followed, no cookie kept, no proxy of
the environment used, nothing repeated, and nothing is written to a log.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpcore
import httpx

from sequences.providers.background import Background
from sequences.providers.base import TryLater
from sequences.providers.fal.lean import Backend
from sequences.providers.fal.options import Options
from sequences.providers.outbound import tls
from sequences.providers.redact import safe_url

T = TypeVar("T")
Params = Sequence[tuple[str, str]]
Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]

MOST_ANSWER_BYTES = 2 * 2**20
KEEP_ALIVE = 30.0
_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_work = Background("fal")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `body` is its JSON object, None when it is none or too large; `text` its beginning otherwise."""

    status: int
    headers: httpx.Headers
    body: dict[str, Any] | None
    text: str = ""

    @property
    def good(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300


@dataclass(slots=True)
class Sent:
    """Follows one request on its way: whether any byte of it may have left, and the answer once it is whole."""

    written: bool = False
    answer: Answer | None = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """The transport's trace: until the first event that is not of the connection, nothing was written."""
        if not event.startswith("connection."):
            self.written = True


class Calls:
    """The way to the provider for one set of options. Threads and forked processes may share it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._headers = {
            "authorization": f"Key {options.key}",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "sequence-board",
        }
        self._raw = [(name.encode(), value.encode()) for name, value in self._headers.items()]
        waits = options.timeouts
        self._timeout = {"connect": waits.connect, "read": waits.call, "write": waits.call, "pool": waits.call}
        self._open: tuple[asyncio.AbstractEventLoop, httpcore.AsyncConnectionPool, asyncio.Semaphore] | None = None
        self._inherited: list[object] = []
        self._opening = threading.Lock()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for calls from plain code."""
        return _work.run(work)

    def close(self) -> None:
        """Close the pool's connections; it opens again when needed."""
        opened, self._open = self._open, None
        if opened and opened[0] is _work.loop:
            _work.run(opened[1].aclose())

    async def read(
        self,
        method: str,
        url: str,
        *,
        params: Params = (),
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call on a pooled connection, for what may be asked again. Raises TryLater when there is no answer."""
        pool, slots = self._pool()
        request = self._pooled(method, url, params, content, headers or {})
        try:
            async with slots, asyncio.timeout(self._options.timeouts.call):
                return await _read(pool, request)
        except (*_FAILURES, TimeoutError, OSError) as error:
            raise TryLater(f"{safe_url(url)} does not answer ({type(error).__name__}).", after=15) from None

    async def once(self, url: str, content: bytes, *, params: Params, headers: Mapping[str, str], sent: Sent) -> None:
        """One POST on a fresh connection that is not used again. `sent` tells what became of it, whatever is raised."""
        more = {**self._headers, **headers, "connection": "close", "content-type": "application/json"}
        waits: dict[str, Any] = {"timeout": self._timeout, "trace": sent}
        query: Any = list(params) or None
        request = httpx.Request("POST", url, params=query, headers=more, content=content, extensions=waits)
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
        async with asyncio.timeout(self._options.timeouts.submit):
            transport = httpx.AsyncHTTPTransport(verify=tls(), trust_env=False, http2=False, retries=0, limits=limits)
            async with transport:
                sent.answer = await _send(transport, request)

    def _pooled(
        self, method: str, url: str, params: Params, content: bytes | None, more: Mapping[str, str]
    ) -> httpcore.Request:
        target = httpcore.URL(f"{url}?{urlencode(params)}" if params else url)
        host = b"[%b]" % target.host if b":" in target.host else target.host
        host = host if target.port in (None, 443) else b"%b:%d" % (host, target.port)
        headers = [(b"host", host), *self._raw, *((name.encode(), value.encode()) for name, value in more.items())]
        if content is not None:
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        elif method != "GET":
            headers.append((b"content-length", b"0"))
        extensions = {"timeout": self._timeout}
        return httpcore.Request(method, target, headers=headers, content=content, extensions=extensions)

    def _pool(self) -> tuple[httpcore.AsyncConnectionPool, asyncio.Semaphore]:
        """The one pool of this process. A forked child leaves its parent's alone, and keeps it: a stream that is
        collected takes itself out of the loop's epoll, which the child shares with its parent."""
        loop = asyncio.get_running_loop()
        with self._opening:
            if self._open is None or self._open[0] is not loop:
                most = self._options.connections
                pool = httpcore.AsyncConnectionPool(
                    ssl_context=tls(),
                    max_connections=most,
                    max_keepalive_connections=most,
                    keepalive_expiry=KEEP_ALIVE,
                    network_backend=Backend(),
                )
                self._inherited.append(self._open)
                self._open = (loop, pool, asyncio.Semaphore(most))
            return self._open[1], self._open[2]


async def _read(pool: httpcore.AsyncConnectionPool, request: httpcore.Request) -> Answer:
    response = await pool.handle_async_request(request)
    try:
        content = await _content(response.aiter_stream())
    finally:
        await response.aclose()
    return Answer(response.status, httpx.Headers(response.headers), *_parsed(content))


async def _send(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> Answer:
    response = await transport.handle_async_request(request)
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        content = await _content(response.stream)
    finally:
        await response.aclose()
    return Answer(response.status_code, response.headers, *_parsed(content))


async def _content(stream: AsyncIterable[bytes]) -> bytes | None:
    """The body, or None when it is larger than any answer of the provider."""
    parts, count = [], 0
    async for part in stream:
        count += len(part)
        if count > MOST_ANSWER_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _parsed(content: bytes | None) -> tuple[dict[str, Any] | None, str]:
    if content is None:
        return None, "an answer that is too large"
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body, ""
    return None, content[:600].decode(errors="replace")
