"""One request is paid once: the model of the protocol holds, its moves are the table's, every rule is needed."""

from __future__ import annotations

import time

import pytest

from sequences.states import JOB_MOVES
from tests.architecture.protocol import Found, explore
from tests.architecture.protocol_world import MOST_REQUESTS, RULES, SCENES


@pytest.fixture(scope="module")
def whole() -> Found:
    return explore()


def test_nothing_is_paid_twice_hidden_or_stuck(whole: Found) -> None:
    assert whole.wrong == "", str(whole)
    assert whole.worlds > 10_000


def test_the_model_makes_every_move_of_the_table_and_no_other(whole: Found) -> None:
    assert whole.moves == {(was, now) for was, moves in JOB_MOVES.items() for now in moves}


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_can_be_left_out(rule: str) -> None:
    found = explore({rule})
    print(f"without {rule!r} ({RULES[rule]}): {found}")
    assert found.wrong and found.trace, f"nothing goes wrong without {rule!r}: the model does not need it"


SHORTEST = {
    "one post": "one job was paid twice",
    "claim": "one job was paid twice",
    "absent needs its holder gone": "accepted, and said to have never arrived",
    "absent needs the horizon": "accepted, and said to have never arrived",
    "write-off needs its holder gone": "sent after its job had ended",
    "a request is one job's": "one request belongs to two jobs",
    "settled once": "one bill was counted twice",
    "old epochs": "an old claim changed its job",
    "expiry": "a dead end",
    "decisions": "a dead end",
}


@pytest.mark.parametrize("rule", SHORTEST)
def test_what_goes_wrong_without_a_rule(rule: str) -> None:
    assert explore({rule}).wrong == SHORTEST[rule]


def test_a_trace_is_a_shortest_one() -> None:
    assert explore({"one post"}).trace == (
        "claim 0", "go 0", "post accepted 0", "reply lost 0", "post again 0", "post accepted 0",
    )  # fmt: skip


def test_a_rule_that_does_not_exist_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="No such rule: luck"):
        explore({"luck"})


def test_it_is_quick_enough_to_run_always() -> None:
    began = time.process_time()
    assert not explore(scenes=SCENES[:2]).wrong
    assert time.process_time() - began < 10
    assert MOST_REQUESTS > 2  # a second payment of either of two jobs can be seen
