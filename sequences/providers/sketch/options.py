"""How the sketch studio is set up, and what is told to go wrong.

A fault is written `KIND[:DETAIL][@MATCH][*TIMES]`, like `moderation@shot 3*1` or `crash:charged@verse`.

MATCH is looked for, in any case, in the call's label and in one line a shot, `shot 3: its prompt` (a grid has
one line, its prompt); without it every call is meant. TIMES is how often it strikes, counted on disk, so a
restart goes on counting; without it, always. The first rule that fits and is not used up strikes, at most one
before the call is accepted and one after. Equal rules share one count.

Before the call is accepted (counted each time it is submitted):
  refused[:INPUT]     the call is refused as invalid, naming INPUT (default `prompt`)
  later[:SECONDS]     busy: nothing accepted, ask again after SECONDS (default 1)
  unsure              accepted, but the answer is lost
  unsent              not accepted, and the answer is lost
Afterwards (decided and counted once, when the call is accepted):
  moderation[:INPUT]  refused while drawing, naming INPUT (default `prompt`), not charged
  crash[:CHARGE]      fails half way; CHARGE is `free` (default), `charged` or `unknown`
  stuck               never ends
  away[:TIMES]        cannot be asked how it stands, so many times (default 1)
  corrupt             the file is no video and no picture
  truncated           the file stops after 60 %
  black, frozen       nothing to see; nothing moves
  short               ends after 60 % of its frames
  size                half the size that was asked for
  lost                finished and paid for, but the file is gone
  refetch[:TIMES]     the download fails, so many times (default 1), then works
  slow[:SECONDS]      takes SECONDS longer (default 5)
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SUBMIT_FAULTS = ("refused", "later", "unsure", "unsent")
LATER_FAULTS = (
    "moderation",
    "crash",
    "stuck",
    "away",
    "corrupt",
    "truncated",
    "black",
    "frozen",
    "short",
    "size",
    "lost",
    "refetch",
    "slow",
)
_NUMBERS = ("later", "away", "refetch", "slow")
_CHARGES = ("", "free", "charged", "unknown")
_RULE = re.compile(r"(?P<kind>[a-z]+)(?::(?P<detail>[^@*]*))?(?:@(?P<match>.*?))?(?:\*(?P<times>\d+))?", re.DOTALL)


class FaultError(ValueError):
    """A fault rule cannot be read; `str()` says which and what it may be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. `times` is None for always."""

    kind: str
    detail: str = ""
    match: str = ""
    times: int | None = None

    def fits(self, text: str) -> bool:
        """Whether the call with this text (label and shot lines) is meant."""
        return self.match.lower() in text.lower()

    def number(self, otherwise: float) -> float:
        """The detail as a number."""
        return float(self.detail) if self.detail else otherwise


@dataclass(frozen=True, slots=True)
class Options:
    """`workers` calls are drawn at once in a process, each taking `slower` more seconds.

    `faults` go wrong; they may be given as rules in the grammar above. `picture_format` is what grids are
    saved as, `jpeg` or `png`. Raises FaultError (a ValueError) or ValueError.
    """

    workers: int = field(default_factory=lambda: max(1, min(2, (os.cpu_count() or 1) - 1)))
    slower: float = 0.0
    faults: tuple[Fault | str, ...] = ()
    picture_format: str = "jpeg"

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The faults, read."""
        return tuple(f if isinstance(f, Fault) else parse_fault(f) for f in self.faults)

    def __post_init__(self) -> None:
        # a rule that cannot be read must be said at start, not at the first call
        object.__setattr__(self, "faults", self.rules)
        if self.workers < 1 or self.slower < 0:
            raise ValueError("The sketch studio needs at least one worker, and cannot be slower by less than nothing.")
        if self.picture_format not in ("jpeg", "png"):
            raise ValueError(f"Sketch grids are saved as jpeg or png, not {self.picture_format!r}.")


def parse_fault(rule: str) -> Fault:
    """One rule in the grammar above. Raises FaultError."""
    found = _RULE.fullmatch(rule.strip())
    if not found or found["kind"] not in (*SUBMIT_FAULTS, *LATER_FAULTS):
        kinds = ", ".join((*SUBMIT_FAULTS, *LATER_FAULTS))
        raise FaultError(f"The fault {rule!r} is not KIND[:DETAIL][@MATCH][*TIMES] with a KIND of {kinds}.")
    fault = Fault(
        kind=found["kind"],
        detail=found["detail"] or "",
        match=found["match"] or "",
        times=int(found["times"]) if found["times"] else None,
    )
    _check_detail(rule, fault)
    return fault


def parse_faults(rules: str | Iterable[str]) -> tuple[Fault, ...]:
    """Rules from a list, or from one text with `;` or new lines between them. Raises FaultError."""
    parts = re.split(r"[;\n]", rules) if isinstance(rules, str) else rules
    return tuple(parse_fault(part) for part in parts if part.strip())


def _check_detail(rule: str, fault: Fault) -> None:
    if fault.kind in _NUMBERS and not re.fullmatch(r"|\d+(\.\d+)?", fault.detail):
        raise FaultError(f"The fault {rule!r} wants a number after the colon, not {fault.detail!r}.")
    if fault.kind == "crash" and fault.detail not in _CHARGES:
        raise FaultError(f"The fault {rule!r} may be crash:free, crash:charged or crash:unknown.")
