"""Requests to addresses that others gave us: a guarded transport, small reads and downloads.

https on port 443 only, hosts of a list and their subdomains only, no sign-in in the address, no redirect followed, and
no address that is not of the public internet. A name is resolved once and the connection goes to what was checked, with
the name in TLS and in the Host header, so that a second answer of the name server changes nothing. The environment's
proxies are not used. Loopback, plain http and other ports are open only where `Rules.allow_loopback` says so.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import httpx

from sequences.providers.background import Background
from sequences.providers.base import Refused, TryLater
from sequences.providers.redact import safe_url

Resolve = Callable[[str, int], Awaitable[list[str]]]

MEDIA = ("video/", "image/", "application/octet-stream", "binary/octet-stream")
ADDRESSES_TRIED = 3
_SLOW = 60.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_EXPIRED = ("expired", "expiredtoken", "no longer valid")
_work = Background("outbound")


async def resolve(host: str, port: int) -> list[str]:
    """Addresses of a name as the system's resolver orders them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a request may go and how long it may take, in seconds: `idle` is a silence, `total` the wall clock."""

    hosts: tuple[str, ...]
    allow_loopback: bool = False
    connect: float = 5.0
    idle: float = 60.0
    total: float = 900.0
    resolve: Resolve = resolve


@dataclass(frozen=True, slots=True)
class Answer:
    """A small answer, read whole."""

    status: int
    headers: httpx.Headers
    content: bytes


@functools.cache
def tls() -> ssl.SSLContext:
    """The one verifying TLS context: building it reads every root certificate."""
    return httpx.create_ssl_context(verify=True, trust_env=False)


def listed(url: httpx.URL, hosts: tuple[str, ...]) -> bool:
    """Whether a host is one of the list or below one: `fal.media` matches `v3.fal.media`; `name:port` is that port."""
    host, numbered = url.host, f"{url.host}:{url.port}"
    return any(name in (host, numbered) or (not _is_address(name) and host.endswith("." + name)) for name in hosts)


def loopback(host: str) -> bool:
    """Whether a host is this machine by its name or number; nothing is resolved."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def check(url: str, rules: Rules) -> httpx.URL:
    """The address, when the rules allow it before its name is resolved. Raises Refused(code="blocked")."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise _blocked("an unreadable address", "it cannot be read") from None
    name, host = safe_url(url), address.host
    near = rules.allow_loopback and loopback(host)
    if address.scheme != "https" and not (near and address.scheme == "http"):
        raise _blocked(name, "only https is fetched")
    if address.userinfo:
        raise _blocked(name, "it carries a sign-in")
    if address.port not in (None, 443) and not near:
        raise _blocked(name, "only port 443 is used")
    if not listed(address, rules.hosts):
        raise _blocked(name, "its host is not on the list of allowed hosts")
    return address


class Guard(httpx.AsyncBaseTransport):
    """A transport that holds the rules, and only connects to an address it has checked."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._inner = httpx.AsyncHTTPTransport(
            verify=tls(), trust_env=False, limits=httpx.Limits(max_connections=1, max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request. Raises Refused(code="blocked") and what httpx raises."""
        url = check(str(request.url), self._rules)
        addresses = await self._addresses(url)
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent: the name's next address may answer
        return await self._inner.handle_async_request(_pinned(request, addresses[-1]))

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()

    async def _addresses(self, url: httpx.URL) -> list[str]:
        host = url.host
        try:
            found = [host] if _is_address(host) else await self._rules.resolve(host, url.port or 443)
        except OSError as error:
            raise httpx.ConnectError(f"The name {host} is not found.") from error
        if not found:
            raise httpx.ConnectError(f"The name {host} has no address.")
        near = self._rules.allow_loopback and loopback(host)
        if not all(_open_to(address, near) for address in found):
            raise _blocked(safe_url(str(url)), "its name leads to a private address")
        return found[:ADDRESSES_TRIED]


def read(
    url: str,
    *,
    rules: Rules,
    most_bytes: int,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """A small answer of any status but a redirect. Raises Refused(code="blocked"), TryLater."""
    request = httpx.Request(method, check(url, rules), headers=_headers(headers), content=content)
    return _work.run(_read(request, rules, most_bytes))


def download(
    url: str,
    target: Path,
    *,
    rules: Rules,
    most_bytes: int,
    kinds: tuple[str, ...] = MEDIA,
    size: int | None = None,
) -> int:
    """Write what an address holds to `target` and return its size in bytes; nothing is left there on failure.

    `kinds` are beginnings of allowed content types; `size` is used when the answer does not name its length. Raises
    Refused("blocked") for what must not be fetched, Refused("gone") for what is not there any more, TryLater otherwise.
    """
    request = httpx.Request("GET", check(url, rules), headers=_headers(None))
    try:
        return _work.run(_download(request, target, rules, most_bytes, kinds, size))
    except BaseException:
        target.unlink(missing_ok=True)
        raise


async def _read(request: httpx.Request, rules: Rules, most: int) -> Answer:
    async with _exchange(request, rules) as response:
        _refuse_redirect(response, request)
        parts, count = [], 0
        async for part in _parts(response):
            count += len(part)
            if count > most:
                raise _blocked(safe_url(str(request.url)), f"its answer is over {most} bytes")
            parts.append(part)
        return Answer(response.status_code, response.headers, b"".join(parts))


async def _download(
    request: httpx.Request, target: Path, rules: Rules, most: int, kinds: tuple[str, ...], size: int | None
) -> int:
    name = safe_url(str(request.url))
    async with _exchange(request, rules) as response:
        _refuse_redirect(response, request)
        if response.status_code != 200:
            await _no_file(response, name)
        length = _length(response, kinds, name)
        if (length or 0) > most:
            raise _blocked(name, f"it is {length} bytes, {most} are allowed")
        count = await _write(response, target, most, name)
    wanted = size if length is None else length
    if count == 0 or (wanted is not None and count != wanted):
        raise TryLater(f"The file at {name} came short: {count} of {wanted or 'some'} bytes.", after=_SLOW)
    return count


async def _write(response: httpx.Response, target: Path, most: int, name: str) -> int:
    count = 0
    # blocking writes of 64 kB: this loop does nothing but downloads
    with target.open("wb") as file:
        async for part in _parts(response):
            count += len(part)
            if count > most:
                raise _blocked(name, f"it is over {most} bytes")
            file.write(part)
    return count


@asynccontextmanager
async def _exchange(request: httpx.Request, rules: Rules) -> AsyncIterator[httpx.Response]:
    """One request on a connection of its own, within the rules' wall clock; failures on the way are TryLater."""
    name = safe_url(str(request.url))
    waits = {"connect": rules.connect, "read": rules.idle, "write": rules.idle, "pool": rules.connect}
    request.extensions = {**request.extensions, "timeout": waits}
    try:
        async with asyncio.timeout(rules.total), Guard(rules) as guard:
            response = await guard.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
    except TimeoutError:
        raise TryLater(f"{name} took more than {rules.total:g} seconds.", after=_SLOW) from None
    except httpx.TimeoutException:
        raise TryLater(f"{name} fell silent.", after=_SLOW) from None
    except (httpx.HTTPError, ssl.SSLError) as error:
        raise TryLater(f"{name} cannot be read now ({type(error).__name__}).", after=_SLOW) from None


async def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for part in response.stream:
        yield part


def _refuse_redirect(response: httpx.Response, request: httpx.Request) -> None:
    if 300 <= response.status_code < 400:
        raise _blocked(safe_url(str(request.url)), "it points somewhere else")


async def _no_file(response: httpx.Response, name: str) -> NoReturn:
    """A status that is no file. Only what says that it is over is `gone`: a 403 may be a rule that is not set yet."""
    status, start = response.status_code, b""
    async for part in _parts(response):
        start += part
        if len(start) > 4096:
            break
    expired = any(word in start.decode(errors="replace").lower() for word in _EXPIRED)
    if status in (404, 410) or (status == 403 and expired):
        raise Refused(f"The file at {name} is not there any more (status {status}).", code="gone", charged=None)
    raise TryLater(f"{name} answers with status {status}.", after=_SLOW)


def _length(response: httpx.Response, kinds: tuple[str, ...], name: str) -> int | None:
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind and not kind.startswith(kinds):
        raise TryLater(f"{name} holds {kind[:80]}, not a picture or a clip.", after=_SLOW)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise TryLater(f"{name} answers in an encoding we did not ask for.", after=_SLOW)
    text = response.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None


def _headers(more: dict[str, str] | None) -> dict[str, str]:
    # unpacked bytes are counted, so nothing packed is asked for
    return {"accept-encoding": "identity", "user-agent": "sequence-board", "connection": "close", **(more or {})}


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The request to the very address that was checked; Host and TLS keep the name."""
    extensions = dict(request.extensions)
    if request.url.scheme == "https":
        extensions["sni_hostname"] = request.url.host
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )


def _open_to(address: str, near: bool) -> bool:
    """Whether an address is of the public internet, or this machine where that is allowed."""
    ip = ipaddress.ip_address(address)
    for inside in _inside(ip):
        if not (inside.is_global and not inside.is_multicast) and not (near and inside.is_loopback):
            return False
    return True


def _inside(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address that really answers: of an IPv6 that wraps an IPv4, the IPv4 inside."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip in _NAT64:
        return [ip, ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    wrapped = [*([ip.sixtofour] if ip.sixtofour else []), *(ip.teredo or ())]
    return [ip, *wrapped]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _blocked(name: str, why: str) -> Refused:
    return Refused(f"Nothing is fetched from {name}: {why}.", code="blocked", charged=None)
