"""How the paid provider is reached and what is left with it; built by whoever reads the settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx

from sequences.providers.outbound import Rules, loopback
from sequences.providers.redact import safe_url

GIB = 2**30
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` and `idle` are silences, the others wall clock over an exchange; `batch` over many looks."""

    connect: float = 5.0
    submit: float = 30.0
    call: float = 20.0
    batch: float = 30.0
    idle: float = 60.0
    download: float = 900.0
    upload: float = 120.0


@dataclass(frozen=True, slots=True)
class Options:
    """Addresses, account and limits. Raises ValueError with one sentence for an address that must not get the key.

    `start_timeout` seconds is the latest start we allow a call (its endpoint may want less); `listing_lag` how long the
    provider's own list may be behind, `listing_skew` how far its clock from ours; `keep_media` how long it is asked to
    keep files; `reuse_uploads` how long an uploaded picture is used again; `result_grace` how long a result that is
    missing right after its call has ended is asked for again. Uploads go to `upload_hosts`, or to `media_hosts` when
    there are none; `storage_types` are tried in order, then the token way. `server_retries` leaves broken runs to the
    provider, which repeats them under the same number and does not bill what broke.
    """

    key: str = field(default="", repr=False)
    queue_url: str = "https://queue.fal.run"
    rest_url: str = "https://rest.fal.ai"
    platform_url: str = "https://api.fal.ai/v1"
    jwks_url: str = "https://rest.fal.ai/.well-known/jwks.json"
    media_hosts: tuple[str, ...] = ("fal.media", "storage.googleapis.com")
    upload_hosts: tuple[str, ...] = ()
    account_id: str = ""
    public_url: str = ""
    allow_loopback: bool = False
    concurrency: int = 2
    connections: int = 20
    start_timeout: float = 1800.0
    listing_lag: float = 900.0
    listing_skew: float = 60.0
    keep_media: int = int(7 * DAY)
    reuse_uploads: float = 5 * DAY
    result_grace: float = 300.0
    server_retries: bool = True
    storage_types: tuple[str, ...] = ("fal-cdn-v3", "gcs")
    most_download_bytes: int = GIB
    most_upload_bytes: int = 64 * 2**20
    timeouts: Timeouts = Timeouts()

    def __post_init__(self) -> None:
        for name in ("queue_url", "rest_url", "platform_url", "jwks_url"):
            value = getattr(self, name).rstrip("/")
            object.__setattr__(self, name, value)
            self._trusted(name, value)
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        for name in ("media_hosts", "upload_hosts"):
            hosts = tuple(host.strip().lower() for host in getattr(self, name) if host.strip())
            object.__setattr__(self, name, hosts)

    def _trusted(self, name: str, value: str) -> None:
        try:
            url = httpx.URL(value)
        except httpx.InvalidURL:
            raise ValueError(f"{name} is not an address.") from None
        near = loopback(url.host)
        reachable = self.allow_loopback if near else url.scheme == "https"
        if (
            "://" not in safe_url(value)
            or url.userinfo
            or url.query
            or not reachable
            or url.scheme not in ("http", "https")
        ):
            where = safe_url(value)
            raise ValueError(
                f"{name} must be an https address without sign-in or query, or on this machine where that is"
                f" allowed; it is {where}."
            )

    def webhook_url(self, token: str) -> str | None:
        """Where the provider shall call when a call has ended; None without a public address and a known account."""
        if not (self.public_url and self.account_id and token):
            return None
        return f"{self.public_url}/hooks/fal/{quote(token, safe='')}"

    def media_rules(self, **more: Any) -> Rules:
        """Where results may be fetched from."""
        return self._rules(self.media_hosts, self.timeouts.download, **more)

    def upload_rules(self) -> Rules:
        """Where pictures may be sent to."""
        return self._rules(self.upload_hosts or self.media_hosts, self.timeouts.upload)

    def key_rules(self) -> Rules:
        """Where the public keys of webhooks are read: one host."""
        return self._rules((httpx.URL(self.jwks_url).host,), self.timeouts.call)

    def _rules(self, hosts: tuple[str, ...], total: float, **more: Any) -> Rules:
        waits = self.timeouts
        rules = Rules(hosts, self.allow_loopback, waits.connect, min(waits.idle, total), total)
        return replace(rules, **more)
