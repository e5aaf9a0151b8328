"""Money is divided to the last micro-dollar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.queries.costs import share

MICROS = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=30)


@given(MICROS, WEIGHTS)
def test_parts_add_up_and_stand_close_to_their_weight(total: int, weights: list[int]) -> None:
    parts = share(total, weights)
    whole = sum(weights) or len(weights)
    exact = [total * (w if any(weights) else 1) / whole for w in weights]
    assert sum(parts) == total and min(parts) >= 0
    assert all(abs(part - wanted) < 1.001 for part, wanted in zip(parts, exact, strict=True))


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [0, 0], [1, 0]),
        (10, [1, 2, 7], [1, 2, 7]),
        (10, [0, 5], [0, 10]),
        (7, [3000, 5000], [3, 4]),
    ],
)
def test_the_largest_remainder_gets_the_rest(total: int, weights: list[int], parts: list[int]) -> None:
    assert share(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, []), (-1, [1]), (1, [2, -1])])
def test_what_cannot_be_divided(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot divide"):
        share(total, weights)
