"""HTTP/1.1 on a socket of our own, so that an answer can be cut, stalled, lied about or never come."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

JSON = "application/json"


@dataclass(slots=True)
class Request:
    """One request, read whole. Header names are lower case; of query fields named twice `many` keeps all."""

    method: str
    path: str
    query: dict[str, str]
    many: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def origin(self) -> str:
        return "http://" + self.headers.get("host", "127.0.0.1")

    def json(self) -> Any:
        """The body as JSON; an empty body is an empty object. Raises ValueError."""
        return json.loads(self.body) if self.body else {}

    def values(self, name: str) -> list[str]:
        """Every value of a query field, also those joined by commas."""
        return [part for key, value in self.many if key == name for part in value.split(",") if part]


@dataclass(slots=True)
class Response:
    """One answer. `length` is a Content-Length that is told in place of the true one; `delay` are real seconds before
    the first byte; `reset` cuts the connection in place of the answer; `cut` closes it after so many body bytes;
    `chunks` is a body without a known end."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: bool = False
    stall: bool = False
    cut: int | None = None
    length: int | None = None
    chunks: AsyncIterator[bytes] | None = None


def answer(status: int, value: Any, **headers: str) -> Response:
    """A JSON answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status, json.dumps(value, separators=(",", ":")).encode(), {"content-type": JSON, **named})


def flat(status: int, detail: str, error_type: str = "", **headers: str) -> Response:
    """The shape of errors that come from the infrastructure, not from a model."""
    body = {"detail": detail, **({"error_type": error_type} if error_type else {})}
    return answer(status, body, **({"x_fal_error_type": error_type} if error_type else {}), **headers)


Handler = Callable[[Request], Awaitable[Response]]


class Connection:
    """Serves requests on one socket until either side has had enough."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
        self._reader, self._writer, self._handler = reader, writer, handler
        self._http = h11.Connection(h11.SERVER)
        self.idle = True

    async def serve(self) -> None:
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except (OSError, h11.RemoteProtocolError, asyncio.IncompleteReadError):
            pass  # the client went away or does not speak HTTP
        except asyncio.CancelledError:
            pass  # the server ends; asyncio's streams would report a cancelled connection as a mistake
        finally:
            self._writer.close()

    def reset(self) -> None:
        """Cut the connection so that the other side sees a reset, not an end."""
        peer = self._writer.get_extra_info("socket")
        if peer is not None and peer.fileno() >= 0:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _exchange(self) -> bool:
        self.idle = True
        request = await self._read()
        if request is None:
            return False
        response = await self._handler(request)
        if response.delay:
            await asyncio.sleep(response.delay)
        if response.stall:
            await self._reader.read()  # until the client gives up
            return False
        if response.reset:
            self.reset()
            return False
        return await self._write(request, response)

    async def _read(self) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._send(h11.InformationalResponse(status_code=100, headers=[]))
                self._http.receive_data(await self._reader.read(65536))
                self.idle = False
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return parsed(head, bytes(body))
            else:
                return None

    def _send(self, event: Any) -> None:
        if data := self._http.send(event):
            self._writer.write(data)

    async def _write(self, request: Request, response: Response) -> bool:
        headers = [*response.headers.items()]
        if response.chunks is None:
            length = len(response.body) if response.length is None else response.length
            headers.append(("content-length", str(length)))
        self._send(h11.Response(status_code=response.status, headers=headers))
        if request.method == "HEAD":
            return await self._end()
        if response.chunks is not None:
            async for chunk in response.chunks:
                self._send(h11.Data(data=chunk))
                await self._writer.drain()
            return await self._end()
        if response.cut is not None or response.length is not None:
            # Around h11, which would not let us lie about the length.
            self._writer.write(response.body[: response.cut])
            await self._writer.drain()
            return False
        self._send(h11.Data(data=response.body))
        return await self._end()

    async def _end(self) -> bool:
        self._send(h11.EndOfMessage())
        await self._writer.drain()
        return self._http.our_state is h11.DONE


def parsed(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode("ascii", "replace"))
    many = parse_qsl(target.query, keep_blank_values=True)
    headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
    return Request(head.method.decode(), unquote(target.path), dict(many), many, headers, body)
