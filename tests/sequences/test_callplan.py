"""The call plan: every shot once and in order, no limit broken, the cheapest way the rules allow."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sequences.callplan import CallPlan, Limits, PlanShot, asked, plan_calls
from sequences.elements import Candidate


def limits(**changes: object) -> Limits:
    base: dict[str, object] = {
        "endpoint": "x/clip", "shots_per_call": 6, "seconds_per_call": 15, "shot_min": 1, "shot_max": 15,
        "single_min": 1, "single_max": 15, "whole_seconds": True, "prompt_chars": 512, "cap_with_start": 3,
        "cap_without_start": 4, "price": lambda seconds: round(seconds * 140_000),
    }  # fmt: skip
    return Limits(**{**base, **changes})  # type: ignore[arg-type]  # a table of fields


def shots(*seconds: float, solo: tuple[int, ...] = (), own: tuple[int, ...] = ()) -> list[PlanShot]:
    return [PlanShot(n, s, f"prompt {n}", n in solo, n in own) for n, s in enumerate(seconds, 1)]


def groups(plan: CallPlan) -> list[tuple[int, ...]]:
    return [call.shots for call in plan.calls]


def starts(plan: CallPlan) -> list[str]:
    return [call.start for call in plan.calls]


def test_neighbours_share_a_call_up_to_its_seconds() -> None:
    plan = plan_calls(shots(4, 3, 3, 4, 3.5), limits(), mode="multi_shot", has_start=True)
    assert groups(plan) == [(1, 2, 3, 4), (5,)]
    assert starts(plan) == ["frame", "chain"]
    assert [c.seconds for c in plan.calls] == [14, 4]
    assert plan.price == 18 * 140_000


def test_a_solo_shot_is_alone() -> None:
    plan = plan_calls(shots(2, 2, 2, 2, solo=(2,)), limits(), mode="multi_shot", has_start=True)
    assert groups(plan) == [(1,), (2,), (3, 4)]


def test_per_shot_makes_a_call_a_shot() -> None:
    assert groups(plan_calls(shots(2, 2), limits(), mode="per_shot", has_start=True)) == [(1,), (2,)]


def test_a_long_shot_is_split_and_goes_on_from_itself() -> None:
    plan = plan_calls(shots(40), limits(), mode="multi_shot", has_start=True)
    assert [(p.part, p.seconds, p.asked) for c in plan.calls for p in c.pieces] == [
        (1, 14, 14), (2, 14, 14), (3, 12, 12),
    ]  # fmt: skip
    assert starts(plan) == ["frame", "chain", "chain"]


def test_a_shot_with_its_own_start_frame_begins_a_call() -> None:
    plan = plan_calls(shots(2, 2, 2, own=(2,)), limits(), mode="multi_shot", has_start=True)
    assert groups(plan) == [(1,), (2, 3)]
    assert starts(plan) == ["frame", "own"]


def test_a_call_reaches_its_least_length_by_a_longer_last_shot() -> None:
    plan = plan_calls(shots(1, 1), limits(single_min=3), mode="multi_shot", has_start=True)
    assert [(p.seconds, p.asked) for p in plan.calls[0].pieces] == [(1, 1), (1, 2)]


def test_without_a_start_frame_it_says_so() -> None:
    plan = plan_calls(shots(2), limits(), mode="multi_shot")
    assert plan.problems == ("It has no start frame; pick a cell of a grid or upload one.",)


def test_a_missing_prompt_is_named() -> None:
    plan = plan_calls([PlanShot(1, 2, "x"), PlanShot(2, 2, " ")], limits(), mode="multi_shot", has_start=True)
    assert plan.problems == ("Shot 2 has no prompt; write it first.",)


def test_an_unknown_price_makes_no_total() -> None:
    plan = plan_calls(shots(2), limits(price=lambda _: None), mode="multi_shot", has_start=True)
    assert plan.price is None


def test_a_redo_makes_only_what_is_named() -> None:
    plan = plan_calls(shots(2, 2, 2, 2), limits(), mode="multi_shot", has_start=True, only=frozenset({1, 3, 4}))
    assert groups(plan) == [(1,), (3, 4)]
    assert starts(plan) == ["frame", "chain"]


def test_elements_go_by_priority_under_the_cap_of_the_start_frame() -> None:
    cast = [Candidate(k, k.title(), 1) for k in ("mara", "dog", "lantern", "ferry")]
    text = "@mara @dog @lantern @ferry"
    plan = plan_calls([PlanShot(1, 2, text)], limits(), mode="multi_shot", candidates=cast, has_start=True)
    assert plan.calls[0].sent == ("mara", "dog", "lantern")
    assert [(d.key, d.reason) for d in plan.dropped] == [("ferry", "over the limit: 3 a call with a start frame")]
    free = plan_calls([PlanShot(1, 2, text)], limits(), mode="multi_shot", candidates=cast)
    assert free.calls[0].sent == ("mara", "dog", "lantern", "ferry")


def test_an_element_named_in_another_call_does_not_go_along() -> None:
    cast = [Candidate("mara", "Mara", 1), Candidate("dog", "Dog", 0)]
    plan = plan_calls(
        [PlanShot(1, 2, "@mara waits"), PlanShot(2, 2, "@dog runs")], limits(), mode="per_shot", candidates=cast,
        has_start=True,
    )  # fmt: skip
    assert [c.sent for c in plan.calls] == [("mara",), ()]
    assert [d.reason for d in plan.dropped] == ["has no reference picture"]


def test_only_some_lengths_are_asked_for_and_long_shots_split_into_them() -> None:
    veo = limits(shots_per_call=1, seconds_per_call=8, single_min=4, single_max=8, seconds_choices=(4, 6, 8))
    plan = plan_calls(shots(3, 5, 8, 10), veo, mode="multi_shot", has_start=True)
    assert [(p.number, p.seconds, p.asked) for c in plan.calls for p in c.pieces] == [
        (1, 3, 4), (2, 5, 6), (3, 8, 8), (4, 6, 6), (4, 4, 4),
    ]  # fmt: skip


def test_all_words_of_a_call_have_a_limit() -> None:
    made = [PlanShot(n, 2, "x" * 400) for n in range(1, 5)]
    plan = plan_calls(made, limits(call_chars=900), mode="multi_shot", has_start=True)
    assert groups(plan) == [(1, 2), (3, 4)]
    counted = [PlanShot(n, 2, "@mara", chars=400) for n in range(1, 5)]
    assert groups(plan_calls(counted, limits(call_chars=900), mode="multi_shot", has_start=True)) == [(1, 2), (3, 4)]


def test_shots_that_start_from_a_picture_may_have_to_go_alone() -> None:
    one = limits(shots_with_start=1, start_required=False)
    assert groups(plan_calls(shots(2, 2, 2), one, mode="multi_shot", has_start=True)) == [(1,), (2,), (3,)]
    free = plan_calls(shots(6, 6, 6), one, mode="multi_shot")
    assert (groups(free), starts(free), free.problems) == ([(1, 2), (3,)], ["none", "chain"], ())
    assert groups(plan_calls(shots(2, 2, own=(1,)), one, mode="multi_shot")) == [(1,), (2,)]


def test_a_model_without_elements_says_so() -> None:
    plan = plan_calls(
        [PlanShot(1, 2, "@mara")], limits(cap_with_start=0), mode="multi_shot", has_start=True,
        candidates=[Candidate("mara", "Mara", 1)],
    )  # fmt: skip
    assert [d.reason for d in plan.dropped] == ["this model takes no elements with a start frame"]


some_shots = st.lists(
    st.tuples(st.decimals("0.5", "40", places=1).map(float), st.booleans(), st.booleans()), min_size=1, max_size=9
)
some_limits = st.builds(
    limits,
    shots_per_call=st.integers(1, 6),
    seconds_per_call=st.integers(5, 15),
    single_min=st.integers(1, 4),
    whole_seconds=st.booleans(),
    seconds_choices=st.lists(st.integers(4, 15), max_size=4, unique=True).map(sorted).map(tuple),
    call_chars=st.sampled_from([0, 10, 25]),
    shots_with_start=st.sampled_from([None, 1, 3]),
).map(lambda one: replace(
    one, single_max=one.seconds_per_call,
    seconds_choices=tuple(c for c in one.seconds_choices if one.single_min <= c <= one.seconds_per_call),
))  # fmt: skip


@given(some_shots, some_limits, st.sampled_from(["multi_shot", "per_shot"]), st.booleans())
def test_every_shot_once_in_order_and_no_limit_broken(
    raw: list[tuple[float, bool, bool]], most: Limits, mode: str, has_start: bool
) -> None:
    made = [PlanShot(n, s, "x" * 7, solo, own) for n, (s, solo, own) in enumerate(raw, 1)]
    plan = plan_calls(made, most, mode=mode, has_start=has_start)
    pieces = [p for c in plan.calls for p in c.pieces]
    assert [k for k, _ in itertools.groupby(p.number for p in pieces)] == [s.number for s in made]
    for shot in made:
        assert math.isclose(sum(p.seconds for p in pieces if p.number == shot.number), shot.seconds, abs_tol=1e-3)
    for call in plan.calls:
        assert len(call.pieces) <= max(1, most.shots_per_call)
        assert call.seconds <= most.longest + 1e-6
        assert call.seconds + 1e-6 >= most.single_min
        assert not most.seconds_choices or call.seconds in most.seconds_choices
        assert len(call.pieces) == 1 or not most.call_chars or 7 * len(call.pieces) <= most.call_chars
        assert call.start == "none" or most.shots_with_start is None or len(call.pieces) <= most.shots_with_start
        assert all(p.asked + 1e-6 >= p.seconds for p in call.pieces)
        assert not most.whole_seconds or all(float(p.asked).is_integer() for p in call.pieces)
        assert len(call.pieces) == 1 or not any(made[n - 1].solo for n in call.shots)
        assert not any(made[n - 1].own_start for n in call.shots[1:])


@given(st.lists(st.integers(1, 6), min_size=1, max_size=7), st.integers(2, 6))
def test_no_other_split_is_cheaper_or_has_fewer_calls(lengths: list[int], together: int) -> None:
    most = limits(shots_per_call=together, single_min=3)
    plan = plan_calls(shots(*lengths), most, mode="multi_shot", has_start=True)
    best = min(_every_way(lengths, most))
    assert (plan.price, len(plan.calls)) == best


def _every_way(lengths: list[int], most: Limits) -> list[tuple[int, int]]:
    out = []
    for cuts in itertools.product([False, True], repeat=len(lengths) - 1):
        calls, run = [], [lengths[0]]
        for cut, length in zip(cuts, lengths[1:], strict=True):
            if cut:
                calls.append(run)
                run = []
            run.append(length)
        calls.append(run)
        totals = [max(sum(asked(s, most, shared=True) for s in call), most.single_min) for call in calls]
        if all(t <= most.seconds_per_call for t in totals) and all(len(c) <= most.shots_per_call for c in calls):
            out.append((sum(most.price(t) or 0 for t in totals), len(calls)))
    return out
