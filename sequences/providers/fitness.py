"""What an endpoint would refuse, found before anything is asked: the one set of sentences that plans, verbs and
adapters share. Reads the catalogue's data and the request, nothing else; pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from sequences.providers import sheet
from sequences.providers.base import ElementRef, GridRequest, Picture, Request, UpscaleRequest, VideoRequest
from sequences.providers.catalogue import Endpoint, apart, nearest_ratio, ratio_of

FARTHEST = Fraction(5, 4)
"""How many times the frame's ratio the nearest one that is made may be: more would be cropped away or stretched."""
MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that would be refused: the input at fault, and one full sentence."""

    where: str
    message: str

    def __str__(self) -> str:
        return self.message


def problems(endpoint: Endpoint, request: Request) -> list[Problem]:
    """Every reason why the endpoint would refuse this request; empty when it can be sent."""
    if not endpoint.enabled:
        why = endpoint.why_disabled or "It is switched off."
        return [Problem("endpoint", f"{endpoint.title} cannot be used: {why}")]
    if request.kind != endpoint.kind:
        return [Problem("endpoint", f"{endpoint.title} makes a {endpoint.kind}, not a {request.kind}.")]
    if isinstance(request, VideoRequest):
        return list(_video(endpoint, request))
    return list(_grid(endpoint, request) if isinstance(request, GridRequest) else _upscale(endpoint, request))


def units(request: Request) -> Decimal:
    """How many units of its price a request is: seconds of a clip, one picture, megapixels of what is made larger."""
    if isinstance(request, VideoRequest):
        return sum((Decimal(str(s.seconds)) for s in request.shots), Decimal(0))
    return Decimal(1) if isinstance(request, GridRequest) else megapixels(request.source, request.factor)


def megapixels(source: Picture, factor: float) -> Decimal:
    """Megapixels of a picture made `factor` times larger, rounded up to thousandths."""
    exact = Decimal(str(factor)) ** 2 * source.width * source.height / MEGA
    return exact.quantize(Decimal("0.001"), ROUND_CEILING)


# single rules, each one sentence


def prompt_length(endpoint: Endpoint, what: str, length: int) -> Problem | None:
    """`what` is `Shot 2's prompt`."""
    most = endpoint.prompt_chars
    if length <= most:
        return None
    return Problem(
        "prompt",
        f"{what} is {length} characters as it is sent and {endpoint.title} takes {most}; shorten it by"
        f" {length - most}.",
    )


def call_length(endpoint: Endpoint, what: str, length: int) -> Problem | None:
    """All text of a call together; `what` is `The prompts of call 1`."""
    most = endpoint.call_chars
    if not most or length <= most:
        return None
    return Problem(
        "prompt",
        f"{what} come to {length} characters as they are sent and {endpoint.title} takes {most} a call; shorten them"
        f" by {length - most}.",
    )


def grid_length(endpoint: Endpoint, request: GridRequest) -> Problem | None:
    """A grid's prompt with the words around it."""
    have, most = len(sheet.text(endpoint, request)) if endpoint.call_chars else 0, endpoint.call_chars
    if have <= most:
        return None
    return Problem(
        "prompt",
        f"The grid prompt is {have} characters with its layout and references and {endpoint.title} takes {most};"
        f" shorten it by {have - most}.",
    )


def start_size(endpoint: Endpoint, what: str, width: int, height: int) -> Problem | None:
    """`what` is `Start frame F3`."""
    least = endpoint.min_start_edge
    if min(width, height) >= least:
        return None
    return Problem(
        "start",
        f"{what} is {width} × {height} and {endpoint.title} takes none under {least} pixels; crop larger.",
    )


def start_shape(endpoint: Endpoint, what: str, width: int, height: int) -> Problem | None:
    """Width to height of a start picture."""
    least, most = endpoint.start_ratio
    ratio = width / height
    if not most or least <= ratio <= most:
        return None
    return Problem(
        "start",
        f"{what} is {width} × {height}, {ratio:.2f} times as wide as high, and {endpoint.title} takes {least:.2f} to"
        f" {most:.2f}; crop it closer to the frame.",
    )


def start_weight(endpoint: Endpoint, what: str, size: int) -> Problem | None:
    """Bytes of a start picture's file."""
    most = endpoint.start_bytes
    if not most or size <= most:
        return None
    return Problem(
        "start",
        f"{what} is a file of {size / MEGA:.1f} MB and {endpoint.title} takes {most / MEGA:g} MB; upload it smaller"
        " or as JPEG.",
    )


def start_missing(endpoint: Endpoint) -> Problem | None:
    """No picture to start from."""
    if not endpoint.start_required:
        return None
    return Problem("start", f"{endpoint.title} needs a start frame; pick a cell of a grid or upload one.")


def frame_shape(endpoint: Endpoint, width: int, height: int) -> Problem | None:
    """The frame against the ratios an endpoint makes."""
    if not endpoint.ratios or not width or not height:
        return None
    wanted = Fraction(width, height)
    near = nearest_ratio(endpoint.ratios, wanted)
    if apart(ratio_of(near), wanted) <= FARTHEST:
        return None
    made = ", ".join(endpoint.ratios)
    return Problem(
        "size",
        f"The frame is {width} × {height} and {endpoint.title} makes {made}; choose another model or frame.",
    )


def grid_area(endpoint: Endpoint, width: int, height: int) -> Problem | None:
    """The pixels of a whole grid."""
    least, most = endpoint.size_limits
    if not most or least <= width * height <= most:
        return None
    return Problem(
        "size",
        f"The grid would be {width} × {height}, {width * height / MEGA:.1f} megapixels, and {endpoint.title} makes"
        f" {least / MEGA:.1f} to {most / MEGA:.1f}; choose another model or frame.",
    )


# requests


def _video(endpoint: Endpoint, request: VideoRequest) -> Iterator[Problem]:
    yield from _shots(endpoint, request)
    yield from _lengths(endpoint, request)
    yield from _elements(endpoint, request.elements, with_start=request.start is not None)
    yield from _told(frame_shape(endpoint, request.width, request.height))
    yield from _start(endpoint, request)
    if request.end is not None:
        yield from _end(endpoint, request)


def _shots(endpoint: Endpoint, request: VideoRequest) -> Iterator[Problem]:
    count, most = len(request.shots), endpoint.shots_per_call
    if not count:
        yield Problem("shots", "A call needs a shot; none was given.")
    elif count > most:
        yield Problem("shots", f"{endpoint.title} takes {most} shots a call, not {count}; split the call.")
    elif count > 1 and request.start is not None and not endpoint.start_with_multi_prompt:
        yield Problem(
            "start",
            f"{endpoint.title} takes one shot a call when it starts from a picture, not {count}; split the call.",
        )
    for shot in request.shots:
        what = f"Shot {shot.number}"
        if not shot.prompt.strip():
            yield Problem("prompt", f"{what} has no prompt; write it first.")
        yield from _told(prompt_length(endpoint, f"{what}'s prompt", len(shot.prompt)))
    together = sum(len(s.prompt) for s in request.shots)
    yield from _told(call_length(endpoint, "The prompts of the call", together))


def _lengths(endpoint: Endpoint, request: VideoRequest) -> Iterator[Problem]:
    shared = len(request.shots) > 1
    least, most = endpoint.seconds_per_shot if shared else endpoint.seconds_per_single
    for shot in request.shots:
        what = f"Shot {shot.number} asks for {shot.seconds:g} s"
        if not least <= shot.seconds <= most:
            yield Problem("seconds", f"{what} and {endpoint.title} makes {least:g} to {most:g} s a shot.")
        elif endpoint.whole_seconds and shot.seconds != int(shot.seconds):
            yield Problem("seconds", f"{what} and {endpoint.title} takes whole seconds only.")
    total = round(sum(s.seconds for s in request.shots), 3)
    low, high = endpoint.seconds_per_single[0], endpoint.seconds_per_call
    if shared and not low <= total <= high:
        yield Problem(
            "seconds", f"The shots come to {total:g} s and {endpoint.title} makes {low:g} to {high:g} s a call."
        )
    elif endpoint.seconds_choices and total not in endpoint.seconds_choices:
        made = ", ".join(map(str, endpoint.seconds_choices))
        yield Problem("seconds", f"The call asks for {total:g} s and {endpoint.title} makes {made} s.")


def _elements(
    endpoint: Endpoint, elements: Iterable[ElementRef], *, with_start: bool, used: int = 0
) -> Iterator[Problem]:
    sent, cap = list(elements), endpoint.element_cap(with_start=with_start)
    when = f" {'with' if with_start else 'without'} a start frame" if endpoint.kind == "video" else ""
    if len(sent) > cap:
        takes = f"takes {cap} a call{when}" if cap else f"takes no elements{when}"
        go = "1 element goes" if len(sent) == 1 else f"{len(sent)} elements go"
        yield Problem("elements", f"{go} along and {endpoint.title} {takes}; leave some out.")
    if endpoint.pictures and len(sent) + used > endpoint.pictures:
        yield Problem(
            "elements",
            f"{len(sent)} elements go along{' with a cell to stay near' if used else ''} and {endpoint.title} takes"
            f" {endpoint.pictures} reference pictures a call.",
        )
    for element in sent:
        if not element.pictures:
            yield Problem("elements", f"{element.name} has no reference picture; add one or leave it out.")


def _start(endpoint: Endpoint, request: VideoRequest) -> Iterator[Problem]:
    if request.start is None:
        yield from _told(start_missing(endpoint))
        return
    yield from pictures_to_start(endpoint, "The start frame", request.start.width, request.start.height)


def pictures_to_start(endpoint: Endpoint, what: str, width: int, height: int) -> Iterator[Problem]:
    """Size and shape of a picture to start from; `what` is `Start frame F3`."""
    yield from _told(start_size(endpoint, what, width, height))
    yield from _told(start_shape(endpoint, what, width, height))


def _end(endpoint: Endpoint, request: VideoRequest) -> Iterator[Problem]:
    assert request.end is not None, "the caller has looked"
    if not endpoint.end_frame:
        yield Problem("end", f"{endpoint.title} takes no end frame.")
    elif len(request.shots) > 1:
        yield Problem("end", f"{endpoint.title} takes an end frame with a single shot only.")
    yield from pictures_to_start(endpoint, "The end frame", request.end.width, request.end.height)


def _grid(endpoint: Endpoint, request: GridRequest) -> Iterator[Problem]:
    layout = f"{request.rows}x{request.cols}"
    if layout not in endpoint.layouts:
        yield Problem("layout", f"{endpoint.title} draws {', '.join(endpoint.layouts)}, not {layout}.")
    if not request.prompt.strip():
        yield Problem("prompt", "The grid prompt is empty; write it first.")
    yield from _told(prompt_length(endpoint, "The grid prompt", len(request.prompt)))
    yield from _told(grid_length(endpoint, request))
    yield from _told(frame_shape(endpoint, request.width, request.height))
    yield from _told(grid_area(endpoint, request.width, request.height))
    if request.likeness and not endpoint.takes("references"):
        yield Problem("like", f"{endpoint.title} takes no picture to stay near; choose another model.")
    yield from _elements(endpoint, request.elements, with_start=False, used=1 if request.likeness else 0)


def _upscale(endpoint: Endpoint, request: UpscaleRequest) -> Iterator[Problem]:
    least, most = endpoint.factors
    if not least <= request.factor <= most:
        yield Problem(
            "factor", f"{endpoint.title} makes a picture {least:g} to {most:g} times larger, not {request.factor:g}."
        )
    edge = round(max(request.source.width, request.source.height) * request.factor)
    if edge > endpoint.long_edge:
        yield Problem(
            "factor", f"The result would be {edge} pixels long and {endpoint.title} makes {endpoint.long_edge}."
        )


def _told(problem: Problem | None) -> Iterator[Problem]:
    if problem is not None:
        yield problem
