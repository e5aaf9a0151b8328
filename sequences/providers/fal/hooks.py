"""Whether a webhook is the provider's, about our account, and of now. Pure but for reading the public keys.

Signed are request id, user id, timestamp and the hex sha256 of the raw body, joined by newlines, with Ed25519; the
signature is hex. The keys are the same for all of the provider's customers, so the user id must be ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sequences.providers.base import TryLater
from sequences.providers.fal.options import Options
from sequences.providers.outbound import read

WINDOW = 300
MOST_KEYS = 20
MOST_JWKS_BYTES = 64 * 1024
_NAMES = tuple(f"x-fal-webhook-{name}" for name in ("request-id", "user-id", "timestamp", "signature"))
_LONGEST = 512
_SECONDS = re.compile(r"[0-9]{1,12}")


class BadHook(ValueError):
    """A webhook that must not be believed; `str()` is the reason, for the log."""


def parse_keys(jwks: Mapping[str, Any]) -> tuple[bytes, ...]:
    """The usable public keys of a key set, 32 bytes each, at most 20; others are passed over."""
    found = jwks.get("keys")
    entries = found[:MOST_KEYS] if isinstance(found, list) else []
    keys = [_key(entry.get("x")) for entry in entries if isinstance(entry, dict)]
    return tuple(dict.fromkeys(key for key in keys if key))


def fetch_keys(options: Options) -> dict[str, Any]:
    """The provider's key set, from its one address. Raises TryLater, Refused(code="blocked")."""
    answer = read(options.jwks_url, rules=options.key_rules(), most_bytes=MOST_JWKS_BYTES)
    try:
        keys = json.loads(answer.content) if answer.status == 200 else None
    except (ValueError, RecursionError):
        keys = None
    if not isinstance(keys, dict) or not parse_keys(keys):  # a set without a usable key must not replace a good one
        raise TryLater(f"The provider's webhook keys cannot be read (status {answer.status}).", after=60)
    return keys


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], *, account_id: str, now: float) -> None:
    """Raises BadHook unless a webhook is signed by one of the keys, for our account, within 300 seconds of `now`.

    `headers` may be in any case; `body` are the bytes as they came; `now` is in unix seconds.
    """
    number, user, moment, signature = _signed_headers(headers)
    if not _SECONDS.fullmatch(moment) or abs(now - int(moment)) > WINDOW:
        raise BadHook("its time is not now")
    if not account_id or not hmac.compare_digest(user.encode(), account_id.encode()):
        raise BadHook("it is about another account")
    message = "\n".join((number, user, moment, hashlib.sha256(body).hexdigest())).encode()
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        raise BadHook("its signature is not hexadecimal") from None
    if not any(_signs(key, raw, message) for key in keys[:MOST_KEYS]):
        raise BadHook("its signature fits no known key")


def _signed_headers(headers: Mapping[str, str]) -> list[str]:
    lower = {name.lower(): value for name, value in headers.items()}
    values = [lower.get(name, "") for name in _NAMES]
    if not all(values):
        raise BadHook("a signature header is missing")
    if any(len(value) > _LONGEST or "\n" in value for value in values):
        raise BadHook("a signature header is malformed")
    return values


def _signs(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key(text: Any) -> bytes:
    """32 bytes from base64url with or without padding; nothing for anything else."""
    if not isinstance(text, str) or len(text) > 64:
        return b""
    try:
        plain = text.rstrip("=")
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return key if len(key) == 32 else b""
