"""Pictures sent to the provider's storage, so that a call can name them by address; one that is there is used again."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path
from typing import Any, Protocol

from sequences.providers.base import Busy, Picture, ProviderError, Refused, TryLater
from sequences.providers.fal import faults
from sequences.providers.fal.calls import Answer, Calls
from sequences.providers.fal.options import Options
from sequences.providers.outbound import check, read

MOST_ANSWER_BYTES = 64 * 1024
LATEST_USE = 7200.0
TOKEN_TYPE = "fal-cdn-v3"  # noqa: S105  # the name of a storage, not a secret
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png", "png"), (b"\xff\xd8\xff", "image/jpeg", "jpg"))


class Uploads(Protocol):
    """Remembers where a picture was uploaded to, by the sha256 of its bytes."""

    def get(self, sha256: str) -> str | None:
        """Its address, None when unknown or about to expire."""
        ...

    def put(self, sha256: str, url: str, seconds: float) -> None:
        """Remember an address for so many seconds."""
        ...


class Memory:
    """Uploads remembered by one process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, sha256: str) -> str | None:
        """See Uploads."""
        with self._lock:
            url, until = self._known.get(sha256, ("", 0.0))
            return url if time.monotonic() < until else None

    def put(self, sha256: str, url: str, seconds: float) -> None:
        """See Uploads."""
        with self._lock:
            self._known[sha256] = (url, time.monotonic() + seconds)


class Storage:
    """Uploads from one media root."""

    def __init__(self, options: Options, calls: Calls, media_root: Path, uploads: Uploads) -> None:
        self._options, self._calls, self._root, self._uploads = options, calls, media_root, uploads
        self._lifecycle = json.dumps({"expiration_duration_seconds": options.keep_media})
        # a call that is sent with an old address must still find it when it starts
        self._reused_for = max(0.0, min(options.reuse_uploads, options.keep_media - LATEST_USE))

    def upload(self, picture: Picture) -> str:
        """The address of a picture at the provider. Raises Refused for a file that is not the asked one, TryLater."""
        known = self._uploads.get(picture.sha256)
        if known:
            return known
        content = self._content(picture)
        kind, ending = _type(content)
        url = self._sent(content, kind, f"{picture.sha256[:16]}.{ending}")
        self._uploads.put(picture.sha256, url, self._reused_for)
        return url

    def _content(self, picture: Picture) -> bytes:
        root = self._root.resolve()
        path = (root / picture.path).resolve()
        if not path.is_relative_to(root):
            raise Refused("A picture of the call lies outside the media folder.", code="bad_input")
        try:
            if path.stat().st_size > self._options.most_upload_bytes:
                raise Refused(f"{path.name} is too large to be sent.", code="bad_input")
            content = path.read_bytes()
        except OSError:
            raise Refused(f"{path.name} is not in the media folder any more.", code="bad_input") from None
        if hashlib.sha256(content).hexdigest() != picture.sha256:
            raise Refused(f"{path.name} is not the picture that was chosen: its bytes changed.", code="bad_input")
        return content

    def _sent(self, content: bytes, kind: str, name: str) -> str:
        """By an address the provider signs for us; where a storage is not offered, the next; at last by token."""
        for storage in self._options.storage_types:
            answer = self._initiate(storage, kind, name)
            if answer is not None:
                return self._put(answer, content, kind)
        return self._by_token(content, kind, name)

    def _initiate(self, storage: str, kind: str, name: str) -> dict[str, Any] | None:
        return self._ask(
            "/storage/upload/initiate", storage, {"file_name": name, "content_type": kind}, ("upload_url", "file_url")
        )

    def _put(self, answer: dict[str, Any], content: bytes, kind: str) -> str:
        rules = self._options.upload_rules()
        check(answer["file_url"], self._options.media_rules())
        got = read(
            answer["upload_url"],
            rules=rules,
            most_bytes=MOST_ANSWER_BYTES,
            method="PUT",
            headers={"content-type": kind},
            content=content,
        )
        if not 200 <= got.status < 300:
            raise TryLater(f"The provider's storage answers an upload with status {got.status}.", after=30)
        return str(answer["file_url"])

    def _by_token(self, content: bytes, kind: str, name: str) -> str:
        names = ("token", "token_type", "base_url")
        token = self._ask("/storage/auth/token", TOKEN_TYPE, {}, names)
        if token is None:
            raise TryLater("The provider's storage takes no uploads just now.", after=60)
        got = read(
            f"{token['base_url'].rstrip('/')}/files/upload",
            rules=self._options.upload_rules(),
            most_bytes=MOST_ANSWER_BYTES,
            method="POST",
            headers={
                "authorization": f"{token['token_type']} {token['token']}",
                "content-type": kind,
                "x-fal-file-name": name,
                "x-fal-object-lifecycle": self._lifecycle,
            },
            content=content,
        )
        url = _address(got.content) if 200 <= got.status < 300 else ""
        if not url:
            raise TryLater(f"The provider's storage answers an upload with status {got.status}.", after=30)
        check(url, self._options.media_rules())
        return url

    def _ask(self, path: str, storage: str, body: dict[str, str], names: tuple[str, ...]) -> dict[str, Any] | None:
        """A storage's answer with the texts it must hold; None when this storage is not offered."""
        url, params = self._options.rest_url + path, [("storage_type", storage)]
        content, headers = json.dumps(body).encode(), {"x-fal-object-lifecycle-preference": self._lifecycle}
        answer = self._calls.run(self._calls.read("POST", url, params=params, content=content, headers=headers))
        if answer.good and answer.body and all(isinstance(answer.body.get(name), str) for name in names):
            return answer.body
        if answer.status in (400, 404, 405, 410, 422) and not faults.locked(answer):
            return None
        raise _not_now(answer)


def _not_now(answer: Answer) -> ProviderError:
    away = faults.turned_away(answer)
    if isinstance(away, Busy):
        return away
    if answer.status in (401, 403) and not faults.locked(answer):
        return Refused("The provider refuses the key for uploads.", code="key_refused")
    return away or faults.unusable(answer, "an upload")


def _address(content: bytes) -> str:
    try:
        url = json.loads(content)["access_url"]
    except (ValueError, TypeError, KeyError):
        return ""
    return url if isinstance(url, str) else ""


def _type(content: bytes) -> tuple[str, str]:
    """Content type and ending by the first bytes, whatever the file is called."""
    for magic, kind, ending in _MAGIC:
        if content.startswith(magic):
            return kind, ending
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", "webp"
    raise Refused("A picture of the call is neither PNG, JPEG nor WebP.", code="bad_input")
