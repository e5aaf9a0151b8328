"""Sockets for the pool of reads: asyncio's own streams in place of the general ones, at about half the work a poll."""

from __future__ import annotations

import asyncio
import importlib.util
import ssl
import sys
from collections.abc import Iterable
from typing import Any

import httpcore

if importlib.util.find_spec("sniffio") is None:
    # the pool asks for it at every lock it makes, some of them a poll: a module known to be missing is not looked for
    # on the disk each time, which was more work than all the rest of a poll
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # how the import system marks a module as missing

SOCKET_OPTION = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Reader(asyncio.StreamReader):
    """Knows whether anything has come that nobody asked for: an idle connection it came on must not be used again."""

    unread = 0
    ended = False

    def feed_data(self, data: Any) -> None:
        """See asyncio."""
        self.unread += len(data)
        super().feed_data(data)

    def feed_eof(self) -> None:
        """See asyncio."""
        self.ended = True
        super().feed_eof()

    async def read(self, n: int = -1) -> bytes:
        """See asyncio."""
        data = await super().read(n)
        self.unread -= len(data)
        return data


class Stream(httpcore.AsyncNetworkStream):
    """One connection. Time limits of reads are those of the whole call, held by the caller."""

    def __init__(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to so many bytes; none at the end. Raises httpcore.ReadError."""
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(type(error).__name__) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send. Raises httpcore.WriteError."""
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(type(error).__name__) from error

    async def aclose(self) -> None:
        """Close without waiting for the other side."""
        self._writer.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection under TLS. Raises httpcore.ConnectError, httpcore.ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("TLS took too long") from error
        except OSError as error:  # ssl.SSLError is one
            self._writer.close()
            raise httpcore.ConnectError(type(error).__name__) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """What the pool asks of a connection: whether an idle one has ended or said something."""
        if info == "is_readable":
            return self._reader.unread > 0 or self._reader.ended or self._writer.is_closing()
        return self._writer.get_extra_info({"server_addr": "peername", "client_addr": "sockname"}.get(info, info))


class Backend(httpcore.AsyncNetworkBackend):
    """Connects by asyncio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection. Raises httpcore.ConnectError, httpcore.ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                return await _opened(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("connecting took too long") from error
        except OSError as error:
            raise httpcore.ConnectError(type(error).__name__) from error

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def _opened(host: str, port: int) -> Stream:
    loop = asyncio.get_running_loop()
    reader = Reader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, host, port)
    return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
