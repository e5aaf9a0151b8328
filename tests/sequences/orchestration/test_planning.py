"""Sequences: they never overlap, stay in the song, and lose nothing when they are cut, joined or deleted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import models

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Project, Sequence, StartFrame
from tests.factories import Plan, make_project, make_take, picture_file, sequence_of

pytestmark = pytest.mark.django_db

FOUR = [
    Plan("Intro", ("sea", "deck"), (3, 3), length=6, elements=("mara",)),
    Plan("Verse 1", ("rain", "door", "bed"), (2, 2, 4), length=8, elements=("dog", "mara")),
    Plan("Bridge", ("moon",), (4,), length=4),
]


@pytest.fixture
def project() -> Project:
    """Three sequences, 0-6, 6-14, 14-18, in a song of 18 s."""
    return make_project(sequences=FOUR, elements=["mara", "dog"])


def laid(project: Project) -> list[tuple[str, float, float]]:
    rows = project.sequences.filter(deleted_at=None)
    return [(s.code, float(s.start), float(s.end)) for s in rows]


def shots(sequence: Sequence) -> list[tuple[int, str]]:
    living = sequence.shots.filter(deleted_at=None)
    return [(s.number, s.revisions.latest("number").text) for s in living]


def test_adding_follows_the_last_and_stays_in_the_song(project: Project) -> None:
    verbs.delete_sequence(actor=None, sequence=sequence_of(project, "SEQ03"))
    new = verbs.add_sequence(actor=None, project=project, section="Outro")
    # SEQ03 is not given again: its takes and money are still told under that name
    assert (new.code, float(new.start), float(new.end)) == ("SEQ04", 14, 18)
    with pytest.raises(Refusal, match=r"^There is no room after 0:18: the song ends there\."):
        verbs.add_sequence(actor=None, project=project)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (5, 7, "The new sequence cannot run 0:05–0:07: SEQ01 runs 0:00–0:06, 1 s of that would be double."),
        (18, 20.5, "The new sequence would end at 0:20.500, 2.5 s after the song (0:18)."),
        (17, 17, "The new sequence would end at 0:17, not after its start at 0:17."),
        (-1, 3, "The new sequence cannot start 1 s before the song."),
        ("soon", 3, '"soon" is no number of seconds.'),
        (0.0001, 3, "0.0001 seconds is too fine; three decimals are the most."),
    ],
)
def test_where_a_sequence_cannot_be(project: Project, start: object, end: object, sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        verbs.add_sequence(actor=None, project=project, start=start, end=end)  # type: ignore[arg-type]
    assert str(caught.value) == sentence
    assert len(laid(project)) == 3


def test_editing(project: Project) -> None:
    row = verbs.edit_sequence(
        actor=None, sequence=sequence_of(project), section=" Opening ", mode="per_shot", grid_prompt="a ferry", end=5.5
    )
    row.refresh_from_db()
    assert (row.section, row.mode, row.grid_prompt, row.end) == ("Opening", "per_shot", "a ferry", Decimal("5.5"))
    with pytest.raises(Refusal, match=r'^There is no mode "both"; use multi_shot or per_shot\.$'):
        verbs.edit_sequence(actor=None, sequence=row, mode="both")
    with pytest.raises(Refusal, match=r"^SEQ01 cannot run 0:00–0:07: SEQ02 runs 0:06–0:14"):
        verbs.edit_sequence(actor=None, sequence=row, end=7)


def test_renaming(project: Project) -> None:
    assert verbs.rename_sequence(actor=None, sequence=sequence_of(project), code="INTRO").code == "INTRO"
    with pytest.raises(Refusal, match=r"^There is a SEQ02 already; choose another code\.$"):
        verbs.rename_sequence(actor=None, sequence=sequence_of(project, "INTRO"), code="SEQ02")
    with pytest.raises(Refusal, match='^"SEQ 2" is no code'):
        verbs.rename_sequence(actor=None, sequence=sequence_of(project, "INTRO"), code="SEQ 2")


def test_a_boundary_moves_both_neighbours(project: Project) -> None:
    one, two, three = (sequence_of(project, f"SEQ0{n}") for n in (1, 2, 3))
    verbs.move_boundary(actor=None, left=one, right=two, to=7.25)
    assert laid(project)[:2] == [("SEQ01", 0, 7.25), ("SEQ02", 7.25, 14)]
    verbs.move_boundary(actor=None, left=three, right=None, to=17)
    verbs.move_boundary(actor=None, left=None, right=three, to=15)
    assert laid(project)[2] == ("SEQ03", 15, 17)
    for left, right, to in ((one, two, 14), (one, two, 0), (three, None, 19), (None, three, 13)):
        before = laid(project)
        with pytest.raises(Refusal):
            verbs.move_boundary(actor=None, left=left, right=right, to=to)
        assert laid(project) == before
    with pytest.raises(Refusal, match=r"^SEQ01 and SEQ03 are not neighbours in the song\.$"):
        verbs.move_boundary(actor=None, left=one, right=three, to=8)


def test_splitting_gives_each_shot_to_the_side_with_more_of_it(project: Project) -> None:
    sequence = sequence_of(project, "SEQ02")
    door = sequence.shots.get(number=2)
    own = _own_frame(sequence, door)
    left, right = verbs.split_sequence(actor=None, sequence=sequence, at=8.5)
    # rain 6-8, door 8-10 with 1.5 s after the cut, bed 10-14
    assert shots(left) == [(1, "rain")] and shots(right) == [(1, "door"), (2, "bed")]
    assert laid(project)[1:3] == [("SEQ02", 6, 8.5), ("SEQ04", 8.5, 14)]
    assert (left.section, right.section) == ("Verse 1", "Verse 1b")
    assert [e.element.key for e in right.sequence_elements.all()] == ["dog", "mara"]
    own.refresh_from_db()
    assert own.sequence == right
    with pytest.raises(Refusal, match=r"^0:06 is not inside SEQ02 \(0:06–0:08.500\)"):
        verbs.split_sequence(actor=None, sequence=left, at=6)


def test_the_plan_file_stays_in_the_order_of_the_song(project: Project) -> None:
    verbs.split_sequence(actor=None, sequence=sequence_of(project), at=3)
    verbs.delete_sequence(actor=None, sequence=sequence_of(project, "SEQ02"))
    verbs.add_sequence(actor=None, project=project, start=7, end=9)
    plan = verbs.export_plan(actor=None, project=project)
    assert [s.code for s in plan.sequences] == ["SEQ01", "SEQ04", "SEQ05", "SEQ03"]


def _own_frame(sequence: Sequence, shot: models.Model) -> StartFrame:
    frame = verbs.upload_start_frame(actor=None, sequence=sequence, upload=picture_file(), shot=shot)
    assert isinstance(frame, StartFrame)
    return frame


def test_merging_keeps_the_earlier_one_and_every_take(project: Project) -> None:
    one, two = sequence_of(project), sequence_of(project, "SEQ02")
    take, other = make_take(one, "making"), make_take(two, "making")
    kept = verbs.merge_sequences(actor=None, first=two, second=one)
    assert (kept.code, float(kept.start), float(kept.end)) == ("SEQ01", 0, 14)
    assert shots(kept) == [(1, "sea"), (2, "deck"), (3, "rain"), (4, "door"), (5, "bed")]
    assert [e.element.key for e in kept.sequence_elements.all()] == ["mara", "dog"]
    assert [t.pk for t in kept.takes.all()] == [take.pk]
    two.refresh_from_db()
    assert two.deleted_at and [t.pk for t in two.takes.all()] == [other.pk]
    with pytest.raises(Refusal, match=r"^SEQ02 cannot run 0:06–0:14: SEQ01 runs 0:00–0:14"):
        verbs.restore_sequence(actor=None, sequence=two)


def test_a_split_can_be_joined_again(project: Project) -> None:
    sequence = sequence_of(project, "SEQ02")
    before = shots(sequence)
    left, right = verbs.split_sequence(actor=None, sequence=sequence, at=10)
    merged = verbs.merge_sequences(actor=None, first=left, second=right)
    assert shots(merged) == before and laid(project) == [("SEQ01", 0, 6), ("SEQ02", 6, 14), ("SEQ03", 14, 18)]


def test_only_neighbours_merge(project: Project) -> None:
    with pytest.raises(Refusal, match="not neighbours"):
        verbs.merge_sequences(actor=None, first=sequence_of(project), second=sequence_of(project, "SEQ03"))
    assert len(laid(project)) == 3


def test_reordering_keeps_lengths_and_places_of_gaps(project: Project) -> None:
    verbs.edit_sequence(actor=None, sequence=sequence_of(project), end=5)
    verbs.reorder_sequences(actor=None, project=project, codes=["SEQ03", "SEQ01", "SEQ02"])
    assert laid(project) == [("SEQ03", 0, 4), ("SEQ01", 5, 10), ("SEQ02", 10, 18)]
    with pytest.raises(Refusal, match=r"^Name every sequence once: SEQ03, SEQ01, SEQ02\.$"):
        verbs.reorder_sequences(actor=None, project=project, codes=["SEQ03", "SEQ01"])


def test_a_deleted_sequence_comes_back_whole(project: Project) -> None:
    two = sequence_of(project, "SEQ02")
    verbs.delete_sequence(actor=None, sequence=two)
    assert [code for code, *_ in laid(project)] == ["SEQ01", "SEQ03"]
    for verb in (verbs.delete_sequence, verbs.split_sequence):
        asked = {"at": 7} if verb is verbs.split_sequence else {}
        with pytest.raises(Refusal, match=r"^SEQ02 was deleted; restore it first\.$"):
            verb(actor=None, sequence=two, **asked)  # type: ignore[operator]
    verbs.restore_sequence(actor=None, sequence=two)
    assert len(laid(project)) == 3 and len(shots(two)) == 3


def test_a_code_that_names_a_page_is_refused(project: Project) -> None:
    with pytest.raises(Refusal, match='"Cut" is the name of a page; choose another code'):
        verbs.rename_sequence(actor=None, sequence=sequence_of(project), code="Cut")
