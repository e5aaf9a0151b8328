"""Nothing secret in a sentence: addresses without their query, keys and tokens masked, foreign text made quotable."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MASK = "…"
QUOTE = 300
_URL = re.compile(r"\bhttps?://[^\s\"'<>\\]+", re.IGNORECASE)
_HOOK = re.compile(r"(/hooks/[a-z]+/)[^/\s?#\"'<>]+")
_SCHEME = re.compile(r"\b(key|bearer|basic)(\s+|%20)[^\s,;\"'<>]{6,}", re.IGNORECASE)
# Keys of the paid provider are "<uuid>:<hex>"; half of one is secret as well.
_KEY = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}:[0-9a-zA-Z]{8,}\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def safe_url(url: str) -> str:
    """Scheme, host and path of an address: no sign-in, query or fragment, and no token of a webhook."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an unreadable address"
    path = _HOOK.sub(rf"\1{MASK}", parts.path)
    return f"{parts.scheme}://{host}{port}{path}" if host else "an unreadable address"


def redact(text: str, *secrets: str) -> str:
    """`text` without queries of addresses, keys, tokens of webhooks and the `secrets` given."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    text = _URL.sub(lambda found: safe_url(found[0]), text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    return _HOOK.sub(rf"\1{MASK}", _KEY.sub(MASK, text))


def bare(text: str) -> str:
    """`text` without keys and queries of addresses: for what people wrote, where "key lighting" is light."""
    return _HOOK.sub(rf"\1{MASK}", _KEY.sub(MASK, _URL.sub(lambda found: safe_url(found[0]), text)))


def quotable(text: str, *secrets: str, limit: int = QUOTE) -> str:
    """What somebody else wrote, fit for a sentence of ours: one line, redacted, without control characters, cut."""
    line = " ".join(_CONTROL.sub(" ", redact(text[: 20 * limit], *secrets)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
