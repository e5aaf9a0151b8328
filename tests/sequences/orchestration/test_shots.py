"""Shots: numbers without holes, lengths that fit, deletes that can be undone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Sequence
from sequences.orchestration.shots import fitted
from tests.factories import Plan, make_project, sequence_of


@pytest.fixture
def sequence(db: None) -> Sequence:
    """Shots a, b, c of 4, 3 and 2 s in a section of 9 s."""
    return sequence_of(make_project(sequences=[Plan(prompts=("a", "b", "c"), seconds=(4, 3, 2))], song=False))


def told(sequence: Sequence) -> list[tuple[int, str]]:
    rows = sequence.shots.filter(deleted_at=None)
    return [(s.number, getattr(s.revisions.last(), "text", "")) for s in rows]


def lengths(sequence: Sequence) -> list[float]:
    return [float(s.seconds) for s in sequence.shots.filter(deleted_at=None)]


def test_a_shot_goes_behind_the_one_named(sequence: Sequence) -> None:
    first = sequence.shots.get(number=1)
    verbs.add_shot(actor=None, sequence=sequence, after=first, prompt="new", seconds=2.5, solo=True)
    verbs.add_shot(actor=None, sequence=sequence)
    assert told(sequence) == [(1, "a"), (2, "new"), (3, "b"), (4, "c"), (5, "")]


def test_a_new_shot_takes_what_the_section_has_left(sequence: Sequence) -> None:
    verbs.edit_sequence(actor=None, sequence=sequence, end=12)
    assert verbs.add_shot(actor=None, sequence=sequence).seconds == 3
    assert verbs.add_shot(actor=None, sequence=sequence).seconds == 1


def test_delete_closes_the_hole_and_restore_opens_it(sequence: Sequence) -> None:
    second = sequence.shots.get(number=2)
    verbs.delete_shot(actor=None, shot=second)
    assert told(sequence) == [(1, "a"), (2, "c")]
    with pytest.raises(Refusal, match=r"^That shot of SEQ01 was deleted; restore it first\.$"):
        verbs.set_solo(actor=None, shot=second, solo=True)
    verbs.restore_shot(actor=None, shot=second)
    assert told(sequence) == [(1, "a"), (2, "b"), (3, "c")]


def test_restore_goes_last_when_there_are_fewer_now(sequence: Sequence) -> None:
    gone = [sequence.shots.get(number=3), sequence.shots.get(number=2)]
    for shot in gone:
        verbs.delete_shot(actor=None, shot=shot)
    verbs.restore_shot(actor=None, shot=gone[0])
    assert told(sequence) == [(1, "a"), (2, "c")]


def test_reorder(sequence: Sequence) -> None:
    verbs.reorder_shots(actor=None, sequence=sequence, order=[3, 1, 2])
    assert told(sequence) == [(1, "c"), (2, "a"), (3, "b")]
    for order in ([1, 2], [1, 2, 2], [1, 2, 3, 4]):
        with pytest.raises(Refusal, match=r"^Name every shot of SEQ01 once; it has 3\.$"):
            verbs.reorder_shots(actor=None, sequence=sequence, order=order)


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (0, "0 s is no length; a shot needs more than 0 seconds."),
        (-2, "-2 s is no length; a shot needs more than 0 seconds."),
        ("long", '"long" is no number of seconds.'),
        (10_000, "10000 s is too long for a shot."),
        ("nan", "nan is no usable number of seconds."),
    ],
)
def test_lengths_that_are_none(sequence: Sequence, seconds: object, sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        verbs.set_seconds(actor=None, shot=sequence.shots.get(number=1), seconds=seconds)  # type: ignore[arg-type]
    assert str(caught.value) == sentence
    assert lengths(sequence) == [4, 3, 2]


def test_scale_and_trim(sequence: Sequence) -> None:
    verbs.edit_sequence(actor=None, sequence=sequence, end=13.5)
    verbs.scale_shots(actor=None, sequence=sequence)
    assert lengths(sequence) == [6, 4.5, 3]
    verbs.scale_shots(actor=None, sequence=sequence, whole=True)
    assert sum(lengths(sequence)) == 13.5 and all(x == int(x) for x in lengths(sequence)[:-1])
    verbs.edit_sequence(actor=None, sequence=sequence, end=12.5)
    before = lengths(sequence)
    verbs.trim_last_shot(actor=None, sequence=sequence)
    assert lengths(sequence) == [*before[:-1], before[-1] - 1]
    with pytest.raises(Refusal, match=r"^The shots of SEQ01 are not longer than its section\.$"):
        verbs.trim_last_shot(actor=None, sequence=sequence)


def test_what_cannot_be_fitted_is_refused(sequence: Sequence) -> None:
    verbs.edit_sequence(actor=None, sequence=sequence, end=2)
    with pytest.raises(Refusal, match=r"^3 shots cannot fill 2 s with whole seconds; delete a shot first\.$"):
        verbs.scale_shots(actor=None, sequence=sequence, whole=True)
    with pytest.raises(Refusal, match=r"^The shots are 7 s too long and shot 3 has only 2 s; scale all shots"):
        verbs.trim_last_shot(actor=None, sequence=sequence)
    assert lengths(sequence) == [4, 3, 2]


@given(
    st.lists(st.decimals("0.001", "60", places=3), min_size=1, max_size=9),
    st.decimals("0.5", "90", places=3),
    st.booleans(),
)
def test_fitted_lengths_always_fill_the_section(parts: list[Decimal], total: Decimal, whole: bool) -> None:
    out = fitted(parts, total, whole=whole)
    if not out:
        assert whole and len(parts) > total
        return
    assert sum(out) == total and len(out) == len(parts) and all(x > 0 for x in out)
    if whole:
        assert all(x == int(x) for x in out[:-1])
