"""Dividing money so that the parts add up to the whole, to the last micro-dollar. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def share(total: int, weights: Sequence[int]) -> list[int]:
    """`total` divided by `weights`, by largest remainder: parts add up to it exactly.

    Equal remainders go to the earlier ones. Weights that are all zero count as equal. Raises ValueError without
    weights, for a negative total and for a negative weight.
    """
    if not weights or total < 0 or min(weights) < 0:
        raise ValueError(f"cannot divide {total} by {list(weights)}")
    parts = weights if any(weights) else [1] * len(weights)
    whole = sum(parts)
    out = [total * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda n: (-(total * parts[n] % whole), n))
    for n in by_remainder[: total - sum(out)]:
        out[n] += 1
    return out
