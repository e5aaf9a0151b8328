"""What is known of one endpoint: its limits, its fields, its price. Frozen values; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from sequences.providers.base import Kind

Unit = Literal["second", "picture", "megapixel"]
DurationFormat = Literal["string", "integer", "4s"]
Span = tuple[float, float]
Size = tuple[int, int]

MICROS = 1_000_000
STEP = 16
NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model of one provider, with its limits and price. 0 or an empty value is "no limit" or "none of it".

    For every kind: `id` is ours, `path` is the provider's and `references_path` the one that is called instead when
    pictures of elements go along. `mention` is how an element that is sent is written in a prompt (`@Element{n}`, by
    its place in the call), empty for its name. `prompt_chars` is for one shot, `call_chars` for all text of a call.
    `pictures_per_element` and `pictures` are the most reference pictures that are sent, for one element and in all.
    `fields` names our values in the provider's words; a value without a name there is not sent. `fixed` is always sent.
    Seconds: `start_deadline` until a call must have started, `longest` it may run, `expected` (fixed, a unit) it does.

    Money: `unit_price` is exact dollars a `unit`, None when unknown, and then `price_gap` is the sentence that says
    why; `price_factor` is what this resolution multiplies it by; `price_listed` the day it was read from the
    provider's pages. `price_source` and `price_dated` say where the one in force comes from and of which day it is.
    `price_pinned` keeps it whatever the provider tells. `units_understood` are the provider's words for `unit`.

    Grids: `layouts`, `long_edge` (pixels of the whole picture), `ratios`, `resolution` with `sizes` (what comes back
    for a ratio), `size_limits` (pixels of the whole area). Video: `seconds_per_shot` holds for a shot that shares its
    call, `seconds_per_single` for one alone; `seconds_choices` are the only lengths a call may have; `start_ratio` is
    width to height, `start_bytes` and `min_start_edge` the least and most of a start picture; `ratios` are the frames
    it makes. `start_with_multi_prompt` says whether several shots may start from a picture; `draft` that its takes are
    tries, to be made again on a better model once they are right. Upscaling: `factors`.
    """

    id: str
    provider: str
    kind: Kind
    title: str
    blurb: str
    prompt_chars: int
    elements_with_start: int
    elements_without_start: int
    unit_price: Decimal | None
    unit: Unit
    expected: Span
    path: str = ""
    references_path: str = ""
    adapter: str = ""
    mention: str = ""
    call_chars: int = 0
    pictures: int = 0
    pictures_per_element: int = 0
    price_factor: Decimal = Decimal(1)
    price_listed: str = ""
    price_source: str = ""
    price_dated: str = ""
    price_gap: str = ""
    price_pinned: bool = False
    units_understood: tuple[str, ...] = ()
    start_deadline: int = 0
    longest: int = 0
    fields: Mapping[str, str] = field(default_factory=lambda: NONE, hash=False)
    fixed: Mapping[str, Any] = field(default_factory=lambda: NONE, hash=False)
    enabled: bool = True
    why_disabled: str = ""
    layouts: tuple[str, ...] = ()
    long_edge: int = 0
    ratios: tuple[str, ...] = ()
    resolution: str = ""
    sizes: Mapping[str, Size] = field(default_factory=lambda: NONE, hash=False)
    size_limits: Size = (0, 0)
    shots_per_call: int = 0
    seconds_per_call: int = 0
    seconds_per_shot: Span = (0, 0)
    seconds_per_single: Span = (0, 0)
    seconds_choices: tuple[int, ...] = ()
    whole_seconds: bool = False
    duration_format: DurationFormat = "string"
    min_start_edge: int = 0
    start_ratio: Span = (0, 0)
    start_bytes: int = 0
    start_required: bool = True
    start_with_multi_prompt: bool = True
    end_frame: bool = False
    draft: bool = False
    factors: Span = (0, 0)

    @property
    def price_micros(self) -> int | None:
        """Micro-dollars of one unit at this resolution, rounded up; None while the price is unknown."""
        return self.price(1)

    def price(self, units: Decimal | float) -> int | None:
        """Micro-dollars we expect for so many units at this resolution, rounded up; None while the price is unknown."""
        return None if self.unit_price is None else _micros(self.unit_price * self.price_factor * Decimal(str(units)))

    def billed(self, units: Decimal) -> int | None:
        """Micro-dollars of so many units as the provider counts them (a resolution is in its count already)."""
        return None if self.unit_price is None else _micros(self.unit_price * units)

    def expected_seconds(self, units: Decimal | float) -> float:
        """How long it usually takes, in seconds."""
        fixed, per_unit = self.expected
        return fixed + per_unit * float(units)

    def element_cap(self, *, with_start: bool) -> int:
        """How many elements go along with one call."""
        return self.elements_with_start if with_start else self.elements_without_start

    def shots_cap(self, *, with_start: bool) -> int:
        """How many shots go into one call."""
        return self.shots_per_call if self.start_with_multi_prompt or not with_start else 1

    def takes(self, name: str) -> bool:
        """Whether a value of ours is sent; providers that name no fields take the request as it is."""
        return not self.fields or name in self.fields

    def spoken(self, name: str, place: int) -> str:
        """How the element that is sent in this place (from 1) is written in a prompt."""
        return self.mention.format(n=place) if self.mention else name


def _micros(dollars: Decimal) -> int:
    return math.ceil(dollars * MICROS)


def grid_size(endpoint: Endpoint, rows: int, cols: int, ratio_w: int, ratio_h: int) -> Size:
    """Pixels of a whole picture of rows x cols cells of that ratio, as the endpoint draws it.

    With a table of sizes it is the one of the nearest ratio. Else the longer edge is the endpoint's and the shorter one
    the multiple of 16 below. Raises ValueError for counts or ratios under 1.
    """
    if min(rows, cols, ratio_w, ratio_h) < 1:
        raise ValueError(f"A grid of {rows} x {cols} cells of {ratio_w}:{ratio_h} cannot be drawn.")
    ratio = Fraction(cols * ratio_w, rows * ratio_h)
    if endpoint.sizes:
        return endpoint.sizes[nearest_ratio(tuple(endpoint.sizes), ratio)]
    short = max(STEP, int(endpoint.long_edge * min(ratio, 1 / ratio)) // STEP * STEP)
    return (endpoint.long_edge, short) if ratio >= 1 else (short, endpoint.long_edge)


def ratio_of(text: str) -> Fraction:
    """`16:9` as a fraction of width to height."""
    width, _, height = text.partition(":")
    return Fraction(int(width), int(height))


def nearest_ratio(ratios: tuple[str, ...], wanted: Fraction) -> str:
    """The ratio that has to be cropped or stretched least to become `wanted`."""
    return min(ratios, key=lambda text: apart(ratio_of(text), wanted))


def apart(one: Fraction, other: Fraction) -> Fraction:
    """How many times one ratio is the other, from 1 for equal ones."""
    return max(one / other, other / one)
