"""Uploads and the files anyone may read: the pre-signed way, the token way, in one piece or in parts."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlencode

from tests.fakes.fal.clock import Clock, iso
from tests.fakes.fal.ledger import Ledger, Record
from tests.fakes.fal.media import stamped
from tests.fakes.fal.wire import Request, Response, answer, flat

KEPT = 7 * 86400.0  # seconds a file lives by default
SIGNED = 900.0  # seconds a pre-signed upload address and a token live


@dataclass
class File:
    """A readable file. `endpoint` is the one that made it, "upload" for what a client sent."""

    name: str
    sha256: str
    type: str
    size: int
    expires: float
    endpoint: str
    stamp: str = ""


class Storage:
    def __init__(self, folder: Path, ledger: Ledger, clock: Clock, secret: bytes) -> None:
        self._folder, self._ledger, self._clock, self._secret = folder, ledger, clock, secret
        self.files: dict[str, File] = {}
        self._parts: dict[str, tuple[str, str, dict[int, bytes]]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for record in ledger.of("file"):
            self._remember(record)

    def _remember(self, record: Record) -> File:
        file = File(**{name: value for name, value in record.items() if name != "kind"})
        self.files[file.name] = file
        return file

    def save(
        self,
        data: bytes,
        content_type: str,
        file_name: str,
        *,
        endpoint: str,
        stamp: str = "",
        kept: float | None = KEPT,
        name: str = "",
    ) -> File:
        """Keep bytes under `name`, or a new one that ends in `file_name`; equal bytes are kept once."""
        sha256 = hashlib.sha256(data).hexdigest()
        blob = self._folder / sha256
        if not blob.exists():
            blob.write_bytes(data)
        name = name or f"files/b/{secrets.token_hex(8)}/{clean(file_name)}"
        record = self._ledger.write(
            "file",
            name=name,
            sha256=sha256,
            type=content_type,
            size=len(stamped(data, stamp)) if stamp else len(data),
            expires=self._clock.run() + (KEPT * 1e6 if kept is None else kept),
            endpoint=endpoint,
            stamp=stamp,
        )
        return self._remember(record)

    def find(self, name: str) -> File | None:
        """A file that is there and has not expired."""
        file = self.files.get(name)
        return file if file is not None and self._clock.run() < file.expires else None

    def data(self, file: File) -> bytes:
        blob = (self._folder / file.sha256).read_bytes()
        return stamped(blob, file.stamp) if file.stamp else blob

    def own(self, url: str) -> tuple[bool, bytes | None]:
        """Whether an address is one of our own files, and its bytes when it can be read."""
        found = re.match(r"https?://[^/]+/media/([^?#]+)", url)
        if not found:
            return False, None
        file = self.find(unquote(found[1]))
        return True, None if file is None else self.data(file)

    # --- The pre-signed way ---

    def initiate(self, request: Request) -> Response:
        asked = request.json()
        name = clean(str(asked.get("file_name") or "upload.bin"))
        expires = self._clock.wall() + SIGNED
        target = f"{secrets.token_hex(8)}/{name}"
        kept = lifetime(request)
        query = {"expires": f"{expires:.0f}", "kept": "" if kept is None else f"{kept:.0f}"}
        query["signature"] = self._sign(target + query["expires"] + query["kept"])
        return answer(
            200,
            {
                "upload_url": f"{request.origin}/cdn/signed/{target}?{urlencode(query)}",
                "file_url": f"{request.origin}/media/files/b/{target}",
            },
        )

    def put_signed(self, request: Request, target: str) -> Response:
        expires, kept = request.query.get("expires", ""), request.query.get("kept", "")
        good = hmac.compare_digest(self._sign(target + expires + kept), request.query.get("signature", ""))
        if not good or float(expires) < self._clock.wall():
            return flat(403, "The signature is wrong or has expired")
        self.save(
            request.body,
            request.headers.get("content-type", "application/octet-stream"),
            target,
            endpoint="upload",
            kept=float(kept) if kept else None,
            name=f"files/b/{target}",
        )
        return Response(200, b"")

    # --- The token way ---

    def token(self, request: Request) -> Response:
        until = self._clock.wall() + SIGNED
        text = f"{until:.0f}"
        return answer(
            200,
            {
                "token": f"{text}.{self._sign(text)}",
                "token_type": "Bearer",
                "base_url": f"{request.origin}/cdn",
                "expires_at": iso(until),
            },
        )

    def token_refused(self, request: Request) -> Response | None:
        text, _, signature = request.headers.get("authorization", "").removeprefix("Bearer ").partition(".")
        if not text.isdigit() or not hmac.compare_digest(self._sign(text), signature):
            return flat(401, "Invalid token")
        return flat(401, "Token expired") if int(text) < self._clock.wall() else None

    def upload(self, request: Request) -> Response:
        file = self.save(
            request.body,
            request.headers.get("content-type", "application/octet-stream"),
            request.headers.get("x-fal-file-name", "upload.bin"),
            endpoint="upload",
            kept=lifetime(request),
        )
        return answer(200, {"access_url": f"{request.origin}/media/{file.name}"})

    def start_parts(self, request: Request) -> Response:
        name = f"files/b/{secrets.token_hex(8)}/{clean(request.headers.get('x-fal-file-name', 'upload.bin'))}"
        upload = secrets.token_hex(8)
        self._parts[upload] = (name, request.headers.get("content-type", "application/octet-stream"), {})
        return answer(200, {"access_url": f"{request.origin}/media/{name}", "uploadId": upload})

    def put_part(self, request: Request, upload: str, number: str) -> Response:
        if upload not in self._parts or not number.isdigit():
            return flat(404, "Upload not found")
        self._parts[upload][2][int(number)] = request.body
        return Response(200, b"", {"etag": f'"{hashlib.md5(request.body).hexdigest()}"'})

    def end_parts(self, request: Request, upload: str) -> Response:
        if upload not in self._parts:
            return flat(404, "Upload not found")
        name, content_type, parts = self._parts[upload]
        for wanted in request.json().get("parts", []):
            data = parts.get(wanted["partNumber"], b"")
            if hashlib.md5(data).hexdigest() != wanted["etag"].strip('"'):
                return flat(400, f"Part {wanted['partNumber']} is not what was uploaded")
        del self._parts[upload]
        body = b"".join(parts[number] for number in sorted(parts))
        self.save(body, content_type, name, endpoint="upload", name=name)
        return answer(200, {"access_url": f"{request.origin}/media/{name}"})

    # --- Reading ---

    def read(self, request: Request, name: str) -> Response:
        file = self.find(name)
        if file is None:
            return flat(404, "File not found")
        body = self.data(file)
        headers = {"content-type": file.type, "accept-ranges": "bytes", "etag": f'"{file.sha256[:32]}"'}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if not wanted:
            return Response(200, body, headers)
        first, last = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
        if first > last:
            return Response(416, b"", {"content-range": f"bytes */{len(body)}"})
        headers["content-range"] = f"bytes {first}-{last}/{len(body)}"
        return Response(206, body[first : last + 1], headers)

    def endpoint_of(self, name: str) -> str:
        file = self.files.get(name)
        return file.endpoint if file is not None else ""

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), "sha256").hexdigest()


def clean(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:] or "file"


def lifetime(request: Request) -> float | None:
    """Seconds a new file shall live; None when the request asks for ever."""
    text = request.headers.get("x-fal-object-lifecycle-preference") or request.headers.get("x-fal-object-lifecycle")
    if not text:
        return KEPT
    try:
        return json.loads(text).get("expiration_duration_seconds", KEPT)
    except (ValueError, AttributeError):
        return KEPT
