"""What the sketch studio refuses at the door: the catalogue's limits, in the words a paid model would use."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

from sequences.providers.base import GridRequest, Picture, Refused, Request, UpscaleRequest, VideoRequest
from sequences.providers.catalogue import Endpoint, UnknownEndpoint, endpoint
from sequences.providers.sketch import enlarge

_LEAST_EDGE = 16
_MOST_EDGE = 8192


def check(request: Request, media: Path) -> Endpoint:
    """The endpoint that will make it. Raises Refused, naming the input at fault."""
    found = _endpoint(request)
    if isinstance(request, UpscaleRequest):
        _upscale(request, found, media)
        return found
    _size(request)
    if isinstance(request, GridRequest):
        _grid(request, found, media)
    else:
        _video(request, found, media)
    return found


def _no(message: str, where: str) -> Refused:
    return Refused(message, code="invalid", charged=False, where=where)


def _endpoint(request: Request) -> Endpoint:
    try:
        found = endpoint(request.endpoint)
    except UnknownEndpoint as error:
        raise _no(str(error), "endpoint") from error
    if found.provider != "sketch" or not found.enabled:
        raise _no(f"{found.id} is not drawn here.", "endpoint")
    if found.kind != request.kind:
        raise _no(f"{found.id} makes a {found.kind}, and a {request.kind} was asked for.", "endpoint")
    return found


def _size(request: GridRequest | VideoRequest) -> None:
    edges = (request.width, request.height)
    if min(edges) < _LEAST_EDGE or max(edges) > _MOST_EDGE:
        raise _no(
            f"The size {request.width} x {request.height} is outside {_LEAST_EDGE} to {_MOST_EDGE} pixels.",
            "size",
        )


def _grid(request: GridRequest, found: Endpoint, media: Path) -> None:
    layout = f"{request.rows}x{request.cols}"
    if layout not in found.layouts:
        raise _no(f"{found.id} draws {', '.join(found.layouts)}, not {layout}.", "layout")
    if max(request.width, request.height) > found.long_edge:
        raise _no(f"{found.id} draws up to {found.long_edge} pixels on the longer edge.", "size")
    _prompt(request.prompt, found, "prompt")
    _elements(len(request.elements), found.elements_without_start, found)
    if request.likeness:
        _picture(request.likeness, media, "cell to stay near", "like")


def _video(request: VideoRequest, found: Endpoint, media: Path) -> None:
    if request.width % 2 or request.height % 2:
        raise _no(f"A clip needs even edges, not {request.width} x {request.height}.", "size")
    _rate(request.rate)
    _shots(request, found)
    _elements(len(request.elements), found.element_cap(with_start=request.start is not None), found)
    if request.end and not found.end_frame:
        raise _no(f"{found.id} takes no end frame.", "end")
    if request.end and len(request.shots) > 1:
        raise _no(f"{found.id} takes an end frame with a single shot only.", "end")
    if request.end:
        _picture(request.end, media, "end picture", "end")
    if request.start:
        _start(request.start, found, media)


def _upscale(request: UpscaleRequest, found: Endpoint, media: Path) -> None:
    least, most = found.factors
    if not least <= request.factor <= most:
        raise _no(f"{found.id} makes a picture {least:g} to {most:g} times larger, not {request.factor:g}.", "factor")
    width, height = enlarge.size(request)
    if max(width, height) > found.long_edge:
        raise _no(
            f"The result would be {width} x {height}; {found.id} draws up to {found.long_edge} pixels a side.",
            "factor",
        )
    _picture(request.source, media, "picture", "source")


def _rate(text: str) -> None:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 120:
        raise _no(f"The frame rate {text!r} is not a number from 1 to 120, like 24 or 30000/1001.", "rate")


def _shots(request: VideoRequest, found: Endpoint) -> None:
    count = len(request.shots)
    if not 1 <= count <= found.shots_per_call:
        raise _no(f"{found.id} takes 1 to {found.shots_per_call} shots a call, not {count}.", "shots")
    least, most = found.seconds_per_single if count == 1 else found.seconds_per_shot
    for shot in request.shots:
        where = f"shot {shot.number}"
        if not least <= shot.seconds <= most:
            raise _no(
                f"Shot {shot.number} asks for {shot.seconds:g} s; {found.id} makes {least:g} to {most:g} s.",
                where,
            )
        if found.whole_seconds and shot.seconds != int(shot.seconds):
            raise _no(f"Shot {shot.number} asks for {shot.seconds:g} s; {found.id} takes whole seconds only.", where)
        _prompt(shot.prompt, found, where)
    total = sum(s.seconds for s in request.shots)
    if total > found.seconds_per_call:
        raise _no(f"The shots come to {total:g} s; {found.id} makes {found.seconds_per_call} s a call.", "shots")


def _prompt(prompt: str, found: Endpoint, where: str) -> None:
    if not prompt.strip():
        raise _no("The prompt is empty.", where)
    if len(prompt) > found.prompt_chars:
        raise _no(f"The prompt has {len(prompt)} characters; {found.id} takes {found.prompt_chars}.", where)


def _elements(count: int, cap: int, found: Endpoint) -> None:
    if count > cap:
        raise _no(f"{count} elements were sent; {found.id} takes {cap} here.", "elements")


def _start(start: Picture, found: Endpoint, media: Path) -> None:
    if min(start.width, start.height) < found.min_start_edge:
        raise _no(
            f"The start picture is {start.width} x {start.height};"
            f" {found.id} needs {found.min_start_edge} pixels on its shorter edge.",
            "start",
        )
    _picture(start, media, "start picture", "start")


def _picture(picture: Picture, media: Path, name: str, where: str) -> None:
    path = media / picture.path
    if not path.is_file():
        raise _no(f"The {name} {picture.path} could not be read.", where)
    if picture.sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != picture.sha256:
        raise _no(f"The {name} {picture.path} is not the one that was chosen: its contents have changed.", where)
