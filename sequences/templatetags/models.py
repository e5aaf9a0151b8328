"""How endpoints of the catalogue and songs are described in words. Pure."""

from __future__ import annotations

from decimal import Decimal

from django import template

from sequences.providers.catalogue import Endpoint

from .board import money

register = template.Library()


@register.filter
def priced(endpoint: Endpoint) -> str:
    """`free`, `$0.14 a second`, `price unknown`."""
    if endpoint.price_micros is None:
        return "price unknown"
    return f"{money(endpoint.price_micros)} a {endpoint.unit}" if endpoint.price_micros else "free"


@register.filter
def limits(endpoint: Endpoint) -> str:
    """What one call takes, in a line."""
    sent = f"{endpoint.elements_with_start} elements with a start frame, {endpoint.elements_without_start} without"
    if endpoint.kind == "grid":
        layouts = ", ".join(endpoint.layouts)
        return f"{layouts}; {endpoint.long_edge} pixels long; {endpoint.prompt_chars} characters; {sent}"
    least, most = endpoint.seconds_per_shot
    return (
        f"{endpoint.shots_per_call} shots and {endpoint.seconds_per_call} s a call; "
        f"{least:g} to {most:g}{' whole' if endpoint.whole_seconds else ''} s a shot; "
        f"{endpoint.prompt_chars} characters a prompt; {sent}"
    )


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
