"""How endpoints of the catalogue and songs are described in words. Pure."""

from __future__ import annotations

from decimal import Decimal

from django import template

from sequences.providers.catalogue import Endpoint

register = template.Library()


@register.filter
def priced(endpoint: Endpoint) -> str:
    """`free`, `$0.084 a second` to its last digit, `price unknown`. Where it comes from is said by `price_origin`."""
    if endpoint.unit_price is None:
        return "price unknown"
    return f"{_exact(endpoint.unit_price * endpoint.price_factor)} a {endpoint.unit}" if endpoint.unit_price else "free"


def _exact(dollars: Decimal) -> str:
    """Two decimals, or as many as it has."""
    return f"${dollars:.2f}" if dollars == round(dollars, 2) else f"${dollars.normalize():f}"


@register.filter
def price_origin(endpoint: Endpoint) -> str:
    """`listed 2026-11-23`, `told by fal 2026-11-24`, what is wrong with it, or empty for what is free here."""
    if endpoint.price_gap:
        return endpoint.price_gap
    if not endpoint.price_dated:
        return ""
    said = "listed" if endpoint.price_source == "listed" else f"told by {endpoint.price_source}"
    return f"{said} {endpoint.price_dated}"


@register.filter
def limits(endpoint: Endpoint) -> str:
    """What one call takes, in a line."""
    if endpoint.kind == "grid":
        layouts = ", ".join(endpoint.layouts)
        return f"{layouts}; {_drawn(endpoint)}; {endpoint.prompt_chars} characters; {_elements(endpoint)}"
    return "; ".join(
        [*_lengths(endpoint), f"{endpoint.prompt_chars} characters a prompt", _elements(endpoint), *_starts(endpoint)]
    )


def _drawn(endpoint: Endpoint) -> str:
    return endpoint.resolution or f"{endpoint.long_edge} pixels long"


def _lengths(endpoint: Endpoint) -> list[str]:
    if endpoint.seconds_choices:
        *some, last = map(str, endpoint.seconds_choices)
        return [f"1 shot a call of {', '.join(some)} or {last} s"]
    whole = " whole" if endpoint.whole_seconds else ""
    if endpoint.shots_per_call == 1:
        least, most = endpoint.seconds_per_single
        return [f"1 shot a call of {least:g} to {most:g}{whole} s"]
    least, most = endpoint.seconds_per_shot
    return [
        f"{endpoint.shots_per_call} shots and {endpoint.seconds_per_call} s a call",
        f"{least:g} to {most:g}{whole} s a shot",
    ]


def _elements(endpoint: Endpoint) -> str:
    start, free = endpoint.elements_with_start, endpoint.elements_without_start
    if not start and not free:
        return "no elements"
    if endpoint.kind == "grid" and endpoint.pictures:
        return f"{free} elements, {endpoint.pictures} pictures"
    if endpoint.start_required and not free:
        return f"{start} elements"
    return f"{start} elements with a start frame, {free} without"


def _starts(endpoint: Endpoint) -> list[str]:
    if endpoint.start_required:
        return []
    alone = "" if endpoint.start_with_multi_prompt else ", with one a call makes one shot"
    return [f"start frame optional{alone}"]


@register.filter
def khz(hertz: int) -> str:
    """44100 as `44.1`."""
    return f"{hertz / 1000:g}"


@register.filter
def channels(number: int) -> str:
    """`mono`, `stereo`, `6 channels`."""
    return {1: "mono", 2: "stereo"}.get(number, f"{number} channels")


@register.filter
def tenfold(seconds: Decimal | float) -> str:
    """The width of a waveform's drawing: ten units a second."""
    return f"{float(seconds) * 10:g}"
