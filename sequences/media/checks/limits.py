"""What the automatic gates allow: data, with names and units for the form that edits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sequences.media.files import MediaError


class BadLimits(MediaError):
    """A limit is not a number in its range; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One limit as a form shows it: lowest and highest value it may have, and whether it is a whole number."""

    name: str
    label: str
    unit: str
    help: str
    least: float
    most: float
    whole: bool


FIELDS = (
    Field("duration_frames", "Length off by", "frames", "How far a take may be from the asked length.", 0, 240, True),
    Field("black_seconds", "Longest black", "s", "A longer stretch of black fails.", 0, 60, False),
    Field("frozen_seconds", "Longest frozen", "s", "A longer stretch without any movement fails.", 0, 60, False),
    Field("extra_cuts", "Unplanned cuts", "cuts", "More cuts that no shot asked for fail; fewer warn.", 0, 50, True),
    Field("missing_cuts", "Missing cuts", "cuts", "More shots that run into each other fail; fewer warn.", 0, 50, True),
    Field("start_match", "Start frame likeness", "", "At least this likeness passes.", 0, 1, False),
    Field("start_match_warn", "Start frame, warn from", "", "From here to the likeness above it warns.", 0, 1, False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one project. Units as in FIELDS."""

    duration_frames: int = 1
    black_seconds: float = 0.25
    frozen_seconds: float = 0.75
    extra_cuts: int = 0
    missing_cuts: int = 1
    start_match: float = 0.90
    start_match_warn: float = 0.75

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Limits:
        """Limits from plain values; what is missing keeps its default. Raises BadLimits naming the first bad one."""
        known = {field.name: field for field in FIELDS}
        for name in data:
            if name not in known:
                raise BadLimits(f"There is no limit “{name}”; the limits are {', '.join(known)}.")
        limits = cls(**{name: _number(known[name], value) for name, value in data.items()})
        if limits.start_match_warn > limits.start_match:
            raise BadLimits("“Start frame, warn from” must not be higher than “Start frame likeness”.")
        return limits

    def to_dict(self) -> dict[str, int | float]:
        """Plain values, as `from_dict` takes them."""
        return asdict(self)


def _number(field: Field, value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadLimits(f"“{field.label}” must be a number, not {value!r}.") from None
    if not field.least <= number <= field.most:
        raise BadLimits(f"“{field.label}” must be between {field.least:g} and {field.most:g}, not {number:g}.")
    if field.whole and number != int(number):
        raise BadLimits(f"“{field.label}” must be a whole number, not {number:g}.")
    return int(number) if field.whole else number


assert {f.name for f in FIELDS} == {f.name for f in fields(Limits)}
