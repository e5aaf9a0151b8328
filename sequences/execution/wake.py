"""Whose bell to ring: names and numbers only, so that any broker can carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Wake:
    """A job or a take that has something to do now."""

    kind: Literal["job", "take"]
    id: int
