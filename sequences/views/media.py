"""Media behind the permission check, with Range (RFC 9110 section 14), so that a player can seek."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.http import require_safe

from sequences import storage
from sequences.queries import projects_of

BLOCK = 64 * 1024
# an open-ended range is answered in parts: a browser that opens many players holds six connections, each to the end
MOST_OPEN = 4 * 1024 * 1024
RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$", re.ASCII)


@require_safe
def media(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """A file of a project, for its members. Names carry the hash of what is inside, so browsers may keep them."""
    if not projects_of(request.user).filter(slug=slug).exists():
        raise Http404("There is no such file.")
    file = _found(slug, path)
    response = _handed_over(file) if settings.MEDIA_ACCEL_PREFIX else _served(request, file)
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    if request.GET.get("download"):
        response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    return response


def _found(slug: str, path: str) -> Path:
    """The file behind every `..` and symbolic link: inside the project and not half-written. Raises Http404."""
    try:
        home, file = storage.absolute(f"projects/{slug}"), storage.absolute(f"projects/{slug}/{path}")
        good = file.is_relative_to(home) and file.relative_to(home).parts[:1] != ("tmp",) and file.is_file()
    except (ValueError, OSError):  # outside the media, no name at all, or too long for one
        good = False
    if not good:
        raise Http404("There is no such file.")
    return file


def _handed_over(file: Path) -> HttpResponse:
    response = HttpResponse(content_type=_type(file))
    # the front server decodes it, so that a % of the name must be spelled
    name = quote(file.relative_to(storage.root().resolve()).as_posix())
    response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX.rstrip('/')}/{name}"
    return response


def _served(request: HttpRequest, file: Path) -> HttpResponseBase:
    stat = file.stat()
    etag = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}"'
    if etag in re.findall(r'"[^"]*"', request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        span = _span(request, stat.st_size, etag)
        response = _whole(file) if span is None else _part(file, span, stat.st_size)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Last-Modified"] = http_date(stat.st_mtime)
    return response


def _whole(file: Path) -> FileResponse:
    return FileResponse(file.open("rb"), content_type=_type(file))


def _span(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte asked for; None for the whole file; (1, 0) when it cannot be satisfied."""
    header = request.headers.get("Range", "")
    match = RANGE.match(header.strip())
    condition = request.headers.get("If-Range", etag)
    if not match or condition != etag or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start = int(first)
        end = min(size - 1, int(last) if last else start + MOST_OPEN - 1)
    return (start, end) if start <= end and start < size else (1, 0)


def _part(file: Path, span: tuple[int, int], size: int) -> HttpResponseBase:
    first, last = span
    if first > last:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    part = StreamingHttpResponse(_bytes(file, first, last - first + 1), status=206, content_type=_type(file))
    part["Content-Range"] = f"bytes {first}-{last}/{size}"
    part["Content-Length"] = str(last - first + 1)
    return part


def _bytes(file: Path, first: int, left: int) -> Iterator[bytes]:
    with file.open("rb") as source:
        source.seek(first)
        while left > 0 and (block := source.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _type(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
