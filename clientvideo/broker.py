"""The folder as broker, made safe against readers that are quick and writers that are killed.

kombu 5.7's filesystem transport opens a message under its final name before it writes it, so a reader can take it
empty and the worker dies of it; a writer killed in between leaves such a file for good. Here a message gets its name
when it is whole, and what cannot be read is passed over: a message only says "look", and the sweep looks anyway.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's channel with whole messages only."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu's parents differ
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        # readers only look at names that end in the queue's own
        part = folder / f"{name}.part"
        part.write_bytes(dumps(payload).encode())
        os.replace(part, folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:
            try:
                return super()._get(queue)  # Empty, when there is none, is the caller's
            except ValueError:
                continue  # it is taken out of the folder already

    def get_table(self, exchange: str) -> Any:
        """Queues bound to an exchange; a table cut short by a kill counts as none and is written anew."""
        try:
            return super().get_table(exchange)
        except ValueError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        try:
            super()._queue_bind(exchange, routing_key, pattern, queue)
        except ValueError:
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    """`filesystem://` with our channel."""

    Channel = Channel


def install() -> None:
    """Let `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
