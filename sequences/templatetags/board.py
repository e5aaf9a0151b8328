"""How stages, money and time are written on every page. Pure: values in, words out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MICRO = 1_000_000
_ICON_NAME = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True)
class Look:
    """How one stage looks: `status` for `data-status`, `icon` without `i-`, `word` for people, `short` for filters."""

    status: str
    icon: str
    word: str
    short: str


LOOKS: dict[str, Look] = {
    "draft": Look("draft", "draft", "Draft", "Draft"),
    "exploring": Look("exploring", "exploring", "Exploring", "Exploring"),
    "pick_start_frame": Look("pick", "pick", "Pick start frame", "Pick frame"),
    "ready": Look("ready", "ready", "Ready", "Ready"),
    "generating": Look("generating", "generating", "Generating", "Generating"),
    "in_review": Look("review", "review", "In review", "In review"),
    "approved": Look("approved", "approved", "Approved", "Approved"),
    "changes_requested": Look("changes", "changes", "Changes requested", "Changes"),
    "failed": Look("failed", "failed", "Failed", "Failed"),
}
UNKNOWN = Look("unknown", "unknown", "Unknown", "Unknown")


@dataclass(frozen=True)
class Tone:
    """Class and icon of a toast."""

    css: str
    icon: str


TONES: dict[str, Tone] = {
    "success": Tone("good", "approved"),
    "warning": Tone("warn", "warn"),
    "error": Tone("bad", "failed"),
}


@register.filter
def look(stage: object) -> Look:
    """The look of a stage (`pick_start_frame`), anything else looks unknown."""
    return LOOKS.get(str(stage), UNKNOWN)


@register.filter
def toast_tone(level: object) -> Tone:
    """The tone of a message level tag (`success`, `warning`, `error`); others are plain."""
    return TONES.get(str(level), Tone("", "info"))


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One symbol of `_icons.html`; `extra` adds classes (`live` turns it).

    Raises ValueError when the name could not be a symbol.
    """
    if not _ICON_NAME.fullmatch(name):
        raise ValueError(
            f"Icon name {name!r} is not one of _icons.html: use lower-case letters, digits and dashes."
        )
    css = f"icon {extra}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', css, name)


@register.inclusion_tag("_status.html")
def status(stage: object, live: bool = False) -> dict[str, Any]:
    """Shape and word of a stage; `live` turns the shape while the machine works."""
    return {"look": look(stage), "live": live}


@register.filter
def money(micro: int | None) -> str:
    """Micro-dollars as `$4.48`; four decimals only below a cent; None is `unknown`."""
    if micro is None:
        return "unknown"
    sign, amount = ("-" if micro < 0 else ""), abs(micro)
    if 0 < amount < MICRO // 100:
        return f"{sign}${_rounded(amount, 100):.4f}"
    return f"{sign}${_rounded(amount, 10_000):,.2f}"


def _rounded(micro: int, step: int) -> Decimal:
    """Dollars, rounded half up to `step` micro-dollars."""
    return Decimal((micro + step // 2) // step * step) / MICRO


@register.filter
def tc(seconds: Decimal | float | None) -> str:
    """Seconds as `1:07`, or `1:07.5` when they are not whole (to a tenth). None is empty."""
    if seconds is None:
        return ""
    tenths = int(float(seconds) * 10 + 0.5)
    whole, tenth = divmod(tenths, 10)
    text = f"{whole // 60}:{whole % 60:02d}"
    return f"{text}.{tenth}" if tenth else text


@register.filter
def timecode(frames: int, rate: float | Fraction | str) -> str:
    """Frames at a frame rate as non-drop `00:00:08:22`; 24000/1001 counts in base 24."""
    base = max(1, round(Fraction(str(rate))))
    seconds, frame = divmod(int(frames), base)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}"


@register.filter
def elapsed(seconds: Decimal | float | None) -> str:
    """Whole seconds of waiting as `2:41`, from an hour `1:02:41`. None is empty."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{rest // 60}:{rest % 60:02d}"


@register.filter
def css(value: Decimal | float | None) -> str:
    """A number for a custom property: a point, no grouping, no trailing zeros. None is `0`."""
    if value is None:
        return "0"
    return f"{float(value):.4f}".rstrip("0").rstrip(".")
