"""The paid provider as `execution` sees it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sequences.providers.base import (
    Ask,
    Found,
    Pending,
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
from sequences.providers.fal.calls import Calls
from sequences.providers.fal.hooks import fetch_keys, parse_keys, verify
from sequences.providers.fal.options import Options
from sequences.providers.fal.platform import Platform
from sequences.providers.fal.queue import Adapters, Queue
from sequences.providers.fal.storage import Memory, Storage, Uploads
from sequences.providers.outbound import download
from sequences.providers.redact import quotable

log = logging.getLogger(__name__)


class Fal:
    """fal.ai. Where the same call sent twice is two calls and two bills, so nothing here sends one again.

    `media_root` is where pictures of a request lie; `uploads` remembers what was uploaded, in memory by default;
    `adapters` are the endpoints, those of the catalogue by default.
    """

    name = "fal"
    idempotent = False

    def __init__(
        self, options: Options, media_root: Path, uploads: Uploads | None = None, adapters: Adapters | None = None
    ) -> None:
        self.options = options
        # the rest waits with us, where it can be called off for nothing
        self.in_flight: int | None = 2 * options.concurrency
        self._calls = Calls(options)
        self._adapters = adapters or _catalogued()
        self.platform = Platform(options, self._calls)
        self._queue = Queue(options, self._calls, self.platform, self._adapters)
        self._storage = Storage(options, self._calls, media_root, uploads or Memory())

    def __repr__(self) -> str:
        return f"Fal({self.options!r})"

    def prepare(self, request: Request) -> Wire:
        """Validate and upload. Raises Refused (nothing was sent), TryLater."""
        self._need_key()
        return self._adapters.build(request, self._storage.upload)

    def submit(self, request: Request, *, token: str, wire: Wire | None = None) -> Submitted:
        """One POST. Raises Refused, TryLater, Busy, Closed (nothing was accepted), Unsure (nobody knows)."""
        self._need_key()
        ready = wire or self.prepare(request)
        try:
            return self._calls.run(self._queue.submit(ready, token))
        except ProviderError:
            raise
        except Exception as error:  # a time limit of the worker, say: the request may have left
            raise Unsure(f"The submit was broken off ({type(error).__name__}); it may have been accepted.") from None

    def look(self, request_id: str, *, endpoint: str = "") -> Pending | Ready | Refused:
        """How one call stands. Raises NotKnown, Closed, Busy, TryLater."""
        answer = self._calls.run(self._all([Ask(request_id, endpoint)]))[0]
        if isinstance(answer, ProviderError) and not isinstance(answer, Refused):
            raise answer
        return answer

    def look_many(self, asks: Sequence[Ask]) -> list[Pending | Ready | Refused | ProviderError]:
        """How calls stand, in order, over at most `Options.connections` connections; raises for none of them.

        What could not be asked within `Timeouts.batch` is TryLater.
        """
        return self._calls.run(self._all(asks)) if asks else []

    def fetch(self, file: RemoteFile, target: Path) -> int:
        """Download a result. Raises TryLater, Refused with `gone` or `blocked`; a refused result was paid for."""
        options = self.options
        most = options.most_download_bytes
        try:
            return download(file.ref, target, rules=options.media_rules(), most_bytes=most, size=file.bytes)
        except Refused as refused:
            raise Refused(str(refused), code=refused.code, charged=True) from None
        except OSError as error:
            raise TryLater(f"The result cannot be written ({error.strerror}).", after=60) from None

    def cancel(self, request_id: str, *, endpoint: str = "") -> bool:
        """Ask to stop; only a look tells whether it did."""
        return self._calls.run(self._queue.cancel(Ask(request_id, endpoint)))

    def find(self, wire: Wire, *, since: datetime, until: datetime) -> tuple[Found, ...]:
        """Calls of that time in the provider's list with this very input."""
        return self.platform.find(wire, since=since, until=until, longest=self.horizon(wire.endpoint))

    def horizon(self, endpoint: str) -> float:
        """Start deadline, longest run and the lag of the provider's list, in seconds."""
        longest = self._adapters.waits(endpoint)[1]
        return self._queue.start_deadline(endpoint) + longest + self.options.listing_lag

    @property
    def calls_back(self) -> bool:
        """Whether it is told an address to call when a call has ended."""
        return self.options.webhook_url("token") is not None

    def fetch_keys(self) -> dict[str, Any]:
        """The public keys of its webhooks, as it publishes them. Raises TryLater, Refused."""
        return fetch_keys(self.options)

    def check_hook(self, headers: Mapping[str, str], body: bytes, keys: Mapping[str, Any], *, now: float) -> None:
        """Raises ValueError unless a webhook is its own, about our account, and of `now` (unix seconds)."""
        verify(headers, body, parse_keys(keys), account_id=self.options.account_id, now=now)

    def close(self) -> None:
        """Close connections that are kept for the next look."""
        self._calls.close()

    async def _all(self, asks: Sequence[Ask]) -> list[Pending | Ready | Refused | ProviderError]:
        until = asyncio.get_running_loop().time() + self.options.timeouts.batch
        return list(await asyncio.gather(*(self._one(ask, until) for ask in asks)))

    async def _one(self, ask: Ask, until: float) -> Pending | Ready | Refused | ProviderError:
        try:
            async with asyncio.timeout_at(until):
                return await self._queue.look(ask)
        except TimeoutError:
            return TryLater("The provider is slow: there was no time left to ask about this call.", after=15)
        except ProviderError as error:
            return error
        except Exception as error:  # one call's strange answer must not hide the others' answers
            log.error("looking at call %s failed: %s", ask.request_id, quotable(repr(error), self.options.key))
            return TryLater(f"The answer about the call cannot be read ({type(error).__name__}).", after=60)

    def _need_key(self) -> None:
        if not self.options.key:
            raise Refused("No key of the provider is set up, so nothing can be sent.", code="key_refused")


def _catalogued() -> Adapters:
    from sequences.providers.fal import endpoints

    return Adapters(endpoints.build, endpoints.output, endpoints.waits)
