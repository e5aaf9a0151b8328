"""Media behind the permission check, with Range (RFC 9110 section 14), so that a player can seek."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from sequences import storage
from sequences.queries import projects_of

BLOCK = 64 * 1024
# an open-ended range is answered in parts: a browser that opens many players holds six connections, each to the end
MOST_OPEN = 4 * 1024 * 1024
RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@require_safe
def media(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """A file of a project, for its members. Names carry the hash of what is inside, so browsers may keep them."""
    if not projects_of(request.user).filter(slug=slug).exists():
        raise Http404("There is no such file.")
    relative = f"projects/{slug}/{path}"
    try:
        file = storage.absolute(relative)
    except ValueError:
        raise Http404("There is no such file.") from None
    inside = file.is_relative_to(storage.absolute(f"projects/{slug}")) and "tmp" not in Path(path).parts[:1]
    if not inside or not file.is_file():
        raise Http404("There is no such file.")
    response = _handed_over(relative) if settings.MEDIA_ACCEL_PREFIX else _served(request, file)
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    if request.GET.get("download"):
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def _handed_over(relative: str) -> HttpResponse:
    response = HttpResponse(content_type=_type(Path(relative)))
    response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX.rstrip('/')}/{relative}"
    return response


def _served(request: HttpRequest, file: Path) -> HttpResponseBase:
    stat = file.stat()
    etag = f'"{stat.st_size:x}-{stat.st_mtime_ns:x}"'
    if request.headers.get("If-None-Match") == etag:
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
