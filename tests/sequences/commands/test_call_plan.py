"""call_plan: the plan with its limits and price, every change by command, and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from sequences.models import Sequence, StartFrame
from sequences.models.plan import Role
from sequences.providers import catalogue
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, add_member, make_grid_ready, make_project, picture_file, priced, sequence_of
from tests.sequences.orchestration.test_fitness import picture

pytestmark = pytest.mark.django_db

IN = ("SEQ01", "--project", "night-ferry")
CAST = ("mara", "ferryman", "lantern", "dog")
KEYS = {
    "sequence", "mode", "endpoint", "seconds", "price", "calls", "dividers", "solo", "models", "splits", "problems",
    "hints", "marks", "said", "undo",
}  # fmt: skip


@pytest.fixture
def sequence() -> Sequence:
    plan = Plan(
        prompts=("@mara", "@dog runs", "@ferryman and @lantern", "a deck"), seconds=(3, 2, 3, 2), elements=CAST,
        start_frame=True,
    )  # fmt: skip
    project = make_project(sequences=[plan], elements=CAST, song=False)
    for key in CAST:
        picture(project, key)
    return sequence_of(project)


def plan(*args: object) -> dict[str, Any]:
    found: dict[str, Any] = document("call_plan", *IN, *args)["call_plan"]
    return found


def groups(found: dict[str, Any]) -> list[list[int]]:
    return [call["shots"] for call in found["calls"]]


def test_the_plan_is_shown_with_limits_price_and_what_is_left_out(sequence: Sequence) -> None:
    catalogue.override("sketch/clip", price="0.10", seconds_per_single=(5, 15))
    found = plan()
    assert set(found) == KEYS
    (call,) = found["calls"]
    assert (call["shots"], call["seconds"], call["price"], call["end"]) == ([1, 2, 3, 4], 10, "1.00", False)
    limits = {row["name"]: (row["have"], row["most"], row["state"]) for row in call["limits"]}
    assert (limits["shots"], limits["seconds"], limits["elements"]) == ((4, 6, ""), (10, 15, ""), (3, 3, "full"))
    assert call["dropped"] == [{"element": "dog", "reason": "over the limit: 3 a call with a start frame"}]
    assert found["splits"] == [
        {
            "element": "dog", "name": "Dog", "shots": [2], "dividers": [2, 3], "solo": [], "calls": 2,
            "difference": "0.50",
        }
    ]  # fmt: skip
    code, out, err = ran("call_plan", *IN)
    assert code == 0 and "1 calls, 10 s, $1.00 a take." in out and "Dog is left out" in err
    assert "--split dog: shots 2 become calls of their own for $0.50 more." in out


def test_every_change_and_the_way_back(sequence: Sequence) -> None:
    divided = plan("--divide", 3)
    assert (groups(divided), divided["dividers"], divided["said"]) == ([[1, 2], [3, 4]], [3], "Split after shot 2.")
    assert [call["apart"] for call in divided["calls"]] == [None, "divided"]
    moved = plan("--move", 3, 2)
    assert (groups(moved), moved["said"]) == ([[1], [2, 3, 4]], "The divider stands after shot 1 now.")
    assert groups(plan("--undo", moved["undo"])) == [[1, 2], [3, 4]]
    assert groups(plan("--join", 3)) == [[1, 2, 3, 4]]
    assert groups(plan("--divide", 2)) == [[1], [2, 3, 4]]
    assert groups(plan("--fill")) == [[1, 2, 3, 4]]
    assert groups(plan("--solo", 2)) == [[1], [2], [3, 4]]
    assert groups(plan("--no-solo", 2)) == [[1, 2, 3, 4]]
    assert groups(plan("--split", "@dog")) == [[1], [2], [3, 4]]
    assert plan("--model", "3,4=sketch/clip")["models"] == {"3": "sketch/clip", "4": "sketch/clip"}
    assert plan("--model", "3,4=")["models"] == {}
    assert groups(plan("--mode", "per_shot")) == [[1], [2], [3], [4]]


def test_end_frames_by_file_and_by_cell(sequence: Sequence) -> None:
    found = plan("--end", f"2={picture_file()}")
    assert [(c["shots"], c["end"]) for c in found["calls"]] == [([1], False), ([2], True), ([3, 4], False)]
    assert found["said"] == f"Shot 2 ends on F{StartFrame.objects.get(use='end').number}."
    assert [c["end"] for c in plan("--no-end", 2)["calls"]] == [False]
    assert refused("call_plan", *IN, "--no-end", 2)["message"] == "Shot 2 has no end frame."
    grid = make_grid_ready(sequence)
    document("pick_start_frame", grid.pk, "--cell", 1, "--shot", 2, "--end")
    assert StartFrame.objects.get(use="end", state="approved").grid == grid
    assert typed("pick_start_frame", str(grid.pk), "--cell", "1", "--end") == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("--join", 1), "Nothing is before shot 1 to join it with."),
        (("--divide", 9), "SEQ01 has no shot 9."),
        (("--move", 2, 3), "No divider stands before shot 2: the plan is one call."),
        (("--fill",), "SEQ01 has no dividers; its calls are as full as they can be."),
        (("--split", "bell"), "@bell is not left out of this plan; there is nothing to split for it."),
        (("--end", "2=/nowhere.png"), "There is no file /nowhere.png."),
        (("--undo", "what?"), "What would be undone cannot be read; look at the plan again."),
    ],
)
def test_refusals_are_one_sentence(sequence: Sequence, change: tuple[object, ...], says: str) -> None:
    assert refused("call_plan", *IN, *change)["message"] == says


def test_wrong_usage_ends_with_two(sequence: Sequence) -> None:
    assert typed("call_plan", *IN, "--divide", "2", "--fill") == 2
    assert typed("call_plan", *IN, "--model", "2") == 2
    assert typed("call_plan", *IN, "--model", "x=sketch/clip") == 2
    assert typed("call_plan", "--project", "night-ferry") == 2


def test_a_reviewer_looks_and_changes_nothing(sequence: Sequence) -> None:
    priced()
    reviewer = add_member(sequence.project, Role.REVIEWER, "rea")
    assert document("call_plan", *IN, "--user", reviewer.get_username())["call_plan"]["price"] == "1.40"
    assert refused("call_plan", *IN, "--user", "rea", "--divide", 2)["code"] == "not_allowed"
