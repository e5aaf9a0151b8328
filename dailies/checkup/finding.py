"""One finding of the doctor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` is False for what stops work. `mend` is empty when there is nothing to do; with `ok` it is advice."""

    ok: bool
    message: str
    mend: str = ""


Check = Callable[[], Finding]


def examine(checks: dict[str, Check]) -> list[tuple[str, Finding]]:
    """Every check by its name; one that breaks is a finding itself, so that the others are still told."""
    return [(name, _looked(check)) for name, check in checks.items()]


def _looked(check: Check) -> Finding:
    try:
        return check()
    except Exception as error:  # whatever is broken here is what the doctor is for
        return Finding(False, f"It could not be looked at: {error}", "Mend that first and run doctor again.")
