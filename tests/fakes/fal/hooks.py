"""Signed webhooks: the provider's Ed25519 keys, the message that is signed, delivery and its retries."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import h11
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.fal.clock import Clock, Timers
from tests.fakes.fal.config import FOREIGN_ACCOUNT, Config
from tests.fakes.fal.ledger import Ledger

if TYPE_CHECKING:
    from tests.fakes.fal.queue import Job

TIMEOUT = 15.0  # real seconds for one delivery
RETRIES = (5, 15, 30, 60, 300, 600, 900, 1200, 1800, 2400)  # run seconds between attempts: ten in about two hours
PREFIX = "webhook_"
VARIANTS = ("forged", "foreign_account", "altered", "old_timestamp", "unsigned", "gateway_id", "no_payload")


@dataclass
class Letter:
    """One delivery as bytes."""

    url: str
    headers: dict[str, str]
    body: bytes


class Keys:
    """The provider's signing keys; the newest signs, all that are listed verify."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._keys = [self._made(0)]
        self._next = 1
        self.forger = self._made(10**6)

    def _made(self, number: int) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{self._seed}:{number}".encode()).digest())

    def rotate(self, *, drop_old: bool) -> None:
        fresh = self._made(self._next)
        self._next += 1
        self._keys = [fresh] if drop_old else [*self._keys, fresh]

    def sign(self, message: bytes) -> str:
        return self._keys[-1].sign(message).hex()

    def jwks(self) -> dict[str, Any]:
        return {
            "keys": [
                {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": x[:8], "x": x}
                for x in (base64url(key.public_key().public_bytes_raw()) for key in self._keys)
            ]
        }


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def message(request_id: str, user_id: str, timestamp: str, body: bytes) -> bytes:
    """What is signed: four lines, the last one the hex SHA-256 of the raw body."""
    return "\n".join((request_id, user_id, timestamp, hashlib.sha256(body).hexdigest())).encode()


class Hooks:
    def __init__(self, config: Config, clock: Clock, timers: Timers, ledger: Ledger) -> None:
        self._config, self._clock, self._timers, self._ledger = config, clock, timers, ledger
        self.keys = Keys(config.seed)
        self._tasks: set[asyncio.Task[Any]] = set()

    def ended(self, job: Job) -> None:
        """Deliver for a request that has just ended, the way its faults say."""
        if not job.webhook or "webhook_never" in job.faults or "webhook_early" in job.faults:
            return
        wait = float(job.faults.get("webhook_late", {}).get("seconds", 0))
        for _ in range(job.faults.get("webhook_duplicate", {}).get("n", 1)):
            self._timers.after(wait, lambda: self._start(job, 0))

    def _start(self, job: Job, attempt: int) -> None:
        task = asyncio.ensure_future(self._attempt(job, attempt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, job: Job, attempt: int) -> None:
        status = await self.deliver(job, attempt=attempt)
        if not 200 <= status < 300 and attempt < len(RETRIES):
            self._timers.after(RETRIES[attempt], lambda: self._start(job, attempt + 1))

    async def deliver(self, job: Job, variant: str = "", attempt: int = 0, **args: Any) -> int:
        """One delivery now; returns the HTTP status, 0 when there was none."""
        variants = {variant: args} if variant else variants_of(job)
        letter = self.letter(job, variants)
        status = await post(letter)
        self._ledger.write(
            "webhook",
            request_id=job.request_id,
            attempt=attempt,
            variants=sorted(variants),
            status=status,
            at=self._clock.wall(),
        )
        return status

    def letter(self, job: Job, variants: dict[str, dict[str, Any]]) -> Letter:
        body = json.dumps(payload(job, variants)).encode()
        user = FOREIGN_ACCOUNT if "foreign_account" in variants else job.account
        age = variants["old_timestamp"].get("seconds", 301.0) if "old_timestamp" in variants else 0.0
        stamp = str(int(self._clock.wall() - age))
        text = message(job.request_id, user, stamp, body)
        headers = {
            "content-type": "application/json",
            "x-fal-webhook-request-id": job.request_id,
            "x-fal-webhook-user-id": user,
            "x-fal-webhook-timestamp": stamp,
            "x-fal-webhook-signature": (
                self.keys.forger.sign(text).hex() if "forged" in variants else self.keys.sign(text)
            ),
        }
        if "unsigned" in variants:
            del headers["x-fal-webhook-signature"]
        if "altered" in variants:
            body += b" "
        return Letter(self._address(job.webhook), headers, body)

    def _address(self, url: str) -> str:
        if not self._config.webhooks_to:
            return url
        parts = urlsplit(url)
        return self._config.webhooks_to.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")


def variants_of(job: Job) -> dict[str, dict[str, Any]]:
    found = {name.removeprefix(PREFIX): args for name, args in job.faults.items() if name.startswith(PREFIX)}
    return {name: args for name, args in found.items() if name in VARIANTS}


def payload(job: Job, variants: dict[str, Any]) -> dict[str, Any]:
    good = job.status_code == 200
    gateway = f"{job.request_id}-2" if "gateway_id" in variants else job.request_id
    told: dict[str, Any] = {"request_id": job.request_id, "gateway_request_id": gateway}
    told["status"] = "OK" if good or job.state != "COMPLETED" else "ERROR"
    told["payload"] = job.output
    if told["status"] == "ERROR":
        told["error"] = f"Invalid status code: {job.status_code}"
    if "no_payload" in variants:
        told |= {"payload": None, "payload_error": "Response payload is not JSON serializable."}
    return told


async def post(letter: Letter) -> int:
    try:
        return await asyncio.wait_for(_post(letter), TIMEOUT)
    except (OSError, TimeoutError, ValueError, h11.ProtocolError):
        return 0


async def _post(letter: Letter) -> int:
    parts = urlsplit(letter.url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
    try:
        client = h11.Connection(h11.CLIENT)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        more = {"host": parts.netloc, "content-length": str(len(letter.body)), "connection": "close"}
        head = h11.Request(method="POST", target=target, headers=[*more.items(), *letter.headers.items()])
        for event in (head, h11.Data(data=letter.body), h11.EndOfMessage()):
            writer.write(client.send(event) or b"")
        await writer.drain()
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Response):
                return event.status_code
            elif not isinstance(event, h11.InformationalResponse):
                return 0
    finally:
        writer.close()
