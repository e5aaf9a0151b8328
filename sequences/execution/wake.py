"""Whose bell to ring: names and numbers only, so that any broker can carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WakeKind = Literal["job", "take", "follow", "late", "account"]


@dataclass(frozen=True, slots=True)
class Wake:
    """Something that has work now: a job, a take, the calls that are due for a look (all in one batch), a job whose
    result came late, or a provider's account (`name`)."""

    kind: WakeKind
    id: int = 0
    name: str = ""
