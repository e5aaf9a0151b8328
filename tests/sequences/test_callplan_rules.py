"""Dividers, models and end frames in the call plan: no cheaper plan the rules allow exists, moves do what they say."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequences.callplan import (
    Limits,
    Planning,
    PlanShot,
    Stuck,
    asked,
    between,
    move,
    pieces_of,
    places,
    plan_calls,
    proposals,
)
from sequences.elements import Candidate
from tests.sequences.test_callplan import groups, limits, shots, some_limits, starts

BIG = limits(endpoint="y/clip", title="Big", shots_per_call=4, seconds_per_call=10, single_max=10, end_frame=True,
             price=lambda seconds: round(seconds * 200_000))  # fmt: skip


def planning(*made: PlanShot, most: Limits | None = None, mode: str = "multi_shot", **more: object) -> Planning:
    given_to = {"has_start": True, "others": {"y/clip": BIG}, **more}
    return Planning(made, most or limits(title="Small"), mode, **given_to)  # type: ignore[arg-type]  # a table of fields


def cut(*seconds: float, divided: tuple[int, ...] = ()) -> list[PlanShot]:
    return [replace(s, divided=s.number in divided) for s in shots(*seconds)]


def test_a_call_begins_where_a_person_divides() -> None:
    plan = plan_calls(cut(2, 2, 2, 2, divided=(3,)), limits(), mode="multi_shot", has_start=True)
    assert (groups(plan), starts(plan), plan.begins) == ([(1, 2), (3, 4)], ["frame", "chain"], (1, 3))


def test_neighbours_of_other_models_never_share_a_call_and_each_has_its_own_limits_and_price() -> None:
    made = [replace(s, model="y/clip" if s.number > 2 else "") for s in shots(4, 4, 6, 6)]
    plan = planning(*made).plan
    assert groups(plan) == [(1, 2), (3,), (4,)]
    assert [c.endpoint for c in plan.calls] == ["x/clip", "y/clip", "y/clip"]
    assert [c.price for c in plan.calls] == [8 * 140_000, 6 * 200_000, 6 * 200_000]
    assert plan.endpoints == ("x/clip", "y/clip")


def test_a_shot_with_an_end_frame_is_a_call_that_ends_on_it() -> None:
    made = [replace(s, own_end=s.number == 2) for s in shots(2, 2, 2)]
    plan = planning(*made, most=BIG).plan
    assert (groups(plan), [c.end for c in plan.calls], plan.problems) == ([(1,), (2,), (3,)], [False, True, False], ())
    none = planning(*made).plan
    assert none.problems == ("Small takes no end frame; clear shot 2's or choose another model for it.",)
    assert not any(c.end for c in none.calls)


def test_only_the_last_part_of_a_long_shot_ends_on_its_frame() -> None:
    plan = planning(replace(shots(18)[0], own_end=True), most=BIG).plan
    assert [(c.shots, c.end) for c in plan.calls] == [((1,), False), ((1,), True)]


def test_what_keeps_neighbours_apart_is_said() -> None:
    made = [
        PlanShot(1, 8, "a"), PlanShot(2, 8, "b"), PlanShot(3, 2, "c", solo=True), PlanShot(4, 2, "d"),
        PlanShot(5, 2, "e", model="y/clip"), PlanShot(6, 2, "f", model="y/clip", own_start=True),
        PlanShot(7, 2, "g", own_end=True, model="y/clip"), PlanShot(8, 20, "h"),
    ]  # fmt: skip
    ask = planning(*made)
    assert [between(ask, n) for n in range(2, 9)] == [
        "shots 1 and 2 come to 16 s and Small makes 15 s a call",
        "shot 3 is solo",
        "shot 3 is solo",
        "shot 4 is made by Small and shot 5 by Big",
        "shot 6 has its own start frame",
        "shot 7 has an end frame",
        "shot 7 has an end frame",
    ]
    assert between(planning(*shots(2, 2), mode="per_shot"), 2) == "every shot is a call of its own in this mode"
    one = planning(*shots(2, 2), most=limits(shots_per_call=1, title="One"))
    assert between(one, 2) == "One makes one shot a call"
    assert between(planning(*cut(2, 2, divided=(2,))), 2) == ""
    two = planning(*shots(1, 1, 1), most=limits(shots_per_call=2, title="Two"))
    assert between(two, 3) == "Two takes 2 shots a call"
    words = planning(*(PlanShot(n, 2, "x" * 30) for n in (1, 2)), most=limits(call_chars=50, title="Terse"))
    assert between(words, 2) == "the prompts of shots 1 and 2 come to 60 characters and Terse takes 50 a call"


def test_a_divider_moves_and_the_limits_split_what_does_not_fit() -> None:
    ask = planning(*cut(3, 2, 3, 2, 3, 5, 3, 3, divided=(6,)))
    assert groups(ask.plan) == [(1, 2, 3, 4, 5), (6, 7, 8)]
    moved = move(ask, 6, 3)
    assert (sorted(moved.divided), moved.splits, moved.said) == (
        [3], (7,), "Letting go here splits after shot 6 by itself.",
    )  # fmt: skip
    assert groups(ask.marked(moved.divided).plan) == [(1, 2), (3, 4, 5, 6), (7, 8)]
    assert move(ask, 6, 5).said == ""
    assert move(ask, 6, 6).divided == {6}


def test_a_divider_that_the_limits_made_becomes_a_person_s_when_it_is_moved() -> None:
    ask = planning(*shots(5, 5, 5, 5, 5))
    assert groups(ask.plan) == [(1, 2, 3), (4, 5)]
    moved = move(ask, 4, 3)
    assert (sorted(moved.divided), groups(ask.marked(moved.divided).plan)) == ([3], [(1, 2), (3, 4, 5)])


def test_dividers_beside_the_moved_one_stay() -> None:
    ask = planning(*shots(5, 5, 5, 5, 5, 5, 5, 5))
    assert groups(ask.plan) == [(1, 2, 3), (4, 5, 6), (7, 8)]
    moved = move(ask, 4, 2)
    assert groups(ask.marked(moved.divided).plan) == [(1,), (2, 3, 4), (5, 6), (7, 8)]
    assert moved.splits == (5,)


@pytest.mark.parametrize(
    ("at", "to", "says"),
    [
        (3, 2, "No divider stands before shot 3; there are some before shots 2, 5."),
        (2, 3, "The divider before shot 2 cannot be moved: shot 1 is solo."),
        (5, 2, "The divider before shot 5 moves between shots 2 and 5; shot 2 is not between them."),
        (5, 6, "The divider before shot 5 moves between shots 2 and 5; shot 6 is not between them."),
    ],
)
def test_a_divider_that_cannot_go_there_says_why(at: int, to: int, says: str) -> None:
    ask = planning(*[replace(s, solo=s.number == 1, divided=s.number == 5) for s in shots(2, 2, 2, 2, 2)])
    with pytest.raises(Stuck) as stuck:
        move(ask, at, to)
    assert str(stuck.value) == says


def test_places_show_both_calls_over_their_limits_too() -> None:
    ask = planning(*cut(9, 9, 4, divided=(2,)))
    assert groups(ask.plan) == [(1,), (2, 3)]
    found = places(ask, 2)
    assert [(p.to, p.left.seconds, p.right.seconds, p.said) for p in found] == [
        (2, 9, 13, ""), (3, 18, 4, "Letting go here splits after shot 1 by itself."),
    ]  # fmt: skip
    assert places(ask, 3) == ()


CAST = tuple(Candidate(k, k.title(), 1) for k in ("mara", "ferryman", "lantern", "dog"))


def test_a_split_is_proposed_for_a_dropped_element_with_its_price() -> None:
    ask = planning(
        PlanShot(1, 2, "@mara waits"), PlanShot(2, 2, "@dog runs"), PlanShot(3, 2, "@ferryman lifts the @lantern"),
        candidates=CAST, most=limits(single_min=5),
    )  # fmt: skip
    assert [d.key for d in ask.plan.dropped] == ["dog"]
    (found,) = proposals(ask)
    assert (found.key, found.shots, sorted(found.divided), sorted(found.solo)) == ("dog", (2,), [2, 3], [])
    assert (found.difference, found.calls) == (9 * 140_000, 2)
    after = ask.marked(found.divided, found.solo).plan
    assert groups(after) == [(1,), (2,), (3,)]
    assert after.dropped == ()


def test_shots_that_name_too_many_go_solo_each() -> None:
    ask = planning(
        PlanShot(1, 2, "@dog and @mara"), PlanShot(2, 2, "@dog, @ferryman and @lantern"), PlanShot(3, 2, "rain"),
        candidates=CAST,
    )  # fmt: skip
    (found,) = proposals(ask)
    assert (sorted(found.divided), sorted(found.solo)) == ([], [1, 2])


def test_nothing_is_proposed_where_a_split_does_not_help() -> None:
    everyone = planning(PlanShot(1, 2, "@mara @ferryman @lantern @dog"), candidates=CAST)
    assert [d.key for d in everyone.plan.dropped] == ["dog"]
    assert proposals(everyone) == ()
    bare = planning(PlanShot(1, 2, "@ghost"), PlanShot(2, 2, "rain"), candidates=(Candidate("ghost", "Ghost", 0),))
    assert proposals(bare) == ()


some_shots = st.lists(
    st.builds(
        lambda seconds, marks, text: (seconds, marks, text),
        st.decimals("0.5", "14", places=1).map(float),
        st.fixed_dictionaries({
            name: st.sampled_from([False, False, False, True]) for name in ("solo", "own_start", "divided", "own_end")
        } | {"model": st.sampled_from(["", "", "y/clip"])}),
        st.sampled_from(["x" * 7, "@mara goes", "@dog and @mara", "@ferryman @lantern"]),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


def made_of(raw: list[tuple[float, dict[str, object], str]]) -> tuple[PlanShot, ...]:
    return tuple(PlanShot(n, s, text, **marks) for n, (s, marks, text) in enumerate(raw, 1))  # type: ignore[arg-type]  # a table of fields


@settings(deadline=None)
@given(some_shots, some_limits, st.sampled_from(["multi_shot", "per_shot"]), st.booleans())
def test_no_allowed_plan_is_cheaper_or_of_fewer_calls(
    raw: list[tuple[float, dict[str, object], str]], most: Limits, mode: str, has_start: bool
) -> None:
    ask = planning(*made_of(raw), most=most, mode=mode, has_start=has_start)
    assert (ask.plan.price, len(ask.plan.calls)) == min(_every_way(ask))
    assert ask.plan == replace(ask).plan


@settings(deadline=None)
@given(some_shots, some_limits, st.booleans())
def test_marks_and_models_are_kept_and_every_shot_is_made_once(
    raw: list[tuple[float, dict[str, object], str]], most: Limits, has_start: bool
) -> None:
    ask = planning(*made_of(raw), most=most, has_start=has_start)
    pieces = [p.number for c in ask.plan.calls for p in c.pieces]
    assert [k for k, _ in itertools.groupby(pieces)] == [s.number for s in ask.shots]
    for call in ask.plan.calls:
        assert {ask.limits_of(ask.shot(n)).endpoint for n in call.shots} == {call.endpoint}
        assert not any(ask.shot(n).divided or ask.shot(n).own_start for n in call.shots[1:])
        assert not call.end or (call.endpoint == "y/clip" and ask.shot(call.shots[-1]).own_end)
        assert len(call.shots) == 1 or not any(ask.shot(n).own_end or ask.shot(n).solo for n in call.shots)
    for shot in ask.shots:
        if shot.own_end and shot.model:
            assert [c.end for c in ask.plan.calls if shot.number in c.shots][-1]


@settings(deadline=None)
@given(some_shots, some_limits)
def test_a_moved_divider_stands_where_it_was_put_and_others_stay(
    raw: list[tuple[float, dict[str, object], str]], most: Limits
) -> None:
    ask = planning(*made_of(raw), most=most)
    for at in ask.plan.begins[1:]:
        for place in places(ask, at):
            moved = move(ask, at, place.to)
            after = ask.marked(moved.divided).plan.begins
            kept = {n for n in ask.plan.begins if n != at} | {place.to}
            assert set(after) == kept | set(moved.splits)


@settings(deadline=None)
@given(some_shots, some_limits)
def test_a_proposed_split_sends_the_element_and_costs_what_it_says(
    raw: list[tuple[float, dict[str, object], str]], most: Limits
) -> None:
    ask = planning(*made_of(raw), most=replace(most, cap_with_start=2), candidates=CAST)
    for found in proposals(ask):
        after = ask.marked(ask.divided | found.divided, ask.solo | found.solo).plan
        calls = [c for c in after.calls for n in found.shots if n in c.shots]
        assert calls
        assert all(found.key in c.sent for c in calls)
        assert (after.price or 0) - (ask.plan.price or 0) == found.difference
        assert {d.key for d in after.dropped} <= {d.key for d in ask.plan.dropped}


def _every_way(ask: Planning) -> list[tuple[int, int]]:
    """Price and number of calls of every plan the rules allow, worked out shot by shot, without the planner's help."""
    out = []
    for cuts in itertools.product([False, True], repeat=len(ask.shots) - 1):
        calls: list[list[PlanShot]] = [[ask.shots[0]]]
        for cut_here, shot in zip(cuts, ask.shots[1:], strict=True):
            if cut_here:
                calls.append([])
            calls[-1].append(shot)
        if all(_allowed(ask, call) for call in calls):
            prices = [price for call in calls for price in _prices(ask, call)]
            out.append((sum(prices), len(prices)))
    return out


def _allowed(ask: Planning, call: list[PlanShot]) -> bool:
    most = ask.limits_of(call[0])
    if len(call) == 1:
        return True
    lone = any(s.solo or s.own_end for s in call) or ask.mode == "per_shot"
    begun = any(s.divided or s.own_start for s in call[1:])
    mixed = any(ask.limits_of(s).endpoint != most.endpoint for s in call)
    free = call[0].number == 1 and not ask.has_start and not call[0].own_start
    count = most.shots_per_call if free or most.shots_with_start is None else most.shots_with_start
    seconds = [asked(s.seconds, most, shared=True) for s in call]
    total = most.whole_call(sum(seconds))
    last = seconds[-1] + total - sum(seconds)
    words = sum(len(s.prompt) for s in call)
    return not (
        lone or begun or mixed
        or len(call) > min(count, most.shots_per_call)
        or total > most.longest + 1e-9
        or max([*seconds[:-1], last]) > most.shot_max + 1e-9
        or (most.call_chars and words > most.call_chars)
    )  # fmt: skip


def _prices(ask: Planning, call: list[PlanShot]) -> list[int]:
    most = ask.limits_of(call[0])
    if len(call) == 1:
        return [most.price(p.asked) or 0 for p in pieces_of(call[0], most)]
    return [most.price(most.whole_call(sum(asked(s.seconds, most, shared=True) for s in call))) or 0]
