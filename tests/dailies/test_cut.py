"""The cut as data: what stands for each sequence, frame by frame."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import cut as cuts
from dailies import review
from dailies.cut import Cut, Segment
from sequences.models import Project, Sequence, Song, StartFrame, Take
from sequences.models.plan import Rate
from sequences.orchestration import planning
from sequences.queries import SequenceFacts, ShotFacts, load
from sequences.queries.facts import Shot
from sequences.states import ArtefactState
from tests import factories
from tests.factories import Plan


def project(rate: str = "24", song: str | None = "8") -> Project:
    """Rows that are never saved: the cut is pure over what was loaded."""
    made = Project(slug="p", title="P", rate=rate, width=160, height=90)
    if song:
        made.song = Song(project=made, file="projects/p/song.wav", seconds=Decimal(song))
    return made


def sequence(of: Project, number: int, start: str, end: str) -> SequenceFacts:
    code = f"SEQ{number:02d}"
    row = Sequence(project=of, code=code, section=f"Part {number}", start=Decimal(start), end=Decimal(end))
    return SequenceFacts(row, shots=[ShotFacts(Shot(sequence=row, number=1), f"words of {code}", 1, 1)])


def take(of: SequenceFacts, number: int, state: str, frames: int = 48, rate: str = "24") -> Take:
    file = "" if state in ("making", "failed") else f"T{number}.mp4"
    made = Take(pk=number, sequence=of.sequence, number=number, state=state, file=file, frames=frames, rate=rate)
    made.poster = f"T{number}.webp"
    of.takes.append(made)
    return made


def only(of: SequenceFacts) -> Segment:
    """The segment of a project whose one sequence is as long as the song."""
    (segment,) = cuts.build(of.project, [of]).segments
    return segment


@pytest.fixture
def alone() -> SequenceFacts:
    return sequence(project(song="2"), 1, "0", "2")


@pytest.mark.parametrize(
    ("states", "shown", "which"),
    [
        (["approved", "waiting"], "approved", "T1"),
        (["waiting", "waiting"], "take", "T2"),
        (["superseded", "rejected"], "take", "T1"),
        (["rejected", "rejected"], "take", "T2"),
        (["waiting", "making", "failed"], "take", "T1"),
        (["making", "failed"], "start_frame", ""),
        ([], "start_frame", ""),
    ],
)
def test_the_approved_take_else_the_best_else_the_start_frame(
    alone: SequenceFacts, states: list[str], shown: str, which: str
) -> None:
    alone.start_frame = StartFrame(file="start.png", state=ArtefactState.APPROVED)
    for number, state in enumerate(states, start=1):
        take(alone, number, state)
    segment = only(alone)
    assert (segment.shown, segment.take, segment.at, segment.frames) == (shown, which, 0, 48)
    assert segment.file == (f"{which}.mp4" if which else "start.png")


def test_a_shot_may_lend_its_start_frame(alone: SequenceFacts) -> None:
    alone.shots[0].start_frame = StartFrame(file="shot.png")
    assert (only(alone).shown, only(alone).file) == ("start_frame", "shot.png")


def test_nothing_made_is_a_slate_that_says_what_is_planned(alone: SequenceFacts) -> None:
    segment = only(alone)
    assert (segment.shown, segment.file) == ("slate", "")
    assert (segment.title, segment.lines) == ("SEQ01 Part 1", ("words of SEQ01",))
    assert segment.shown_as == "slate"


def test_holes_are_slates_and_listed_as_gaps() -> None:
    of = project(song="8")
    found = [sequence(of, 1, "1", "3"), sequence(of, 2, "5", "7")]
    take(found[0], 1, "approved")
    cut = cuts.build(of, found)
    assert [(s.code, s.shown, s.at, s.frames) for s in cut.segments] == [
        ("", "gap", 0, 24),
        ("SEQ01", "approved", 24, 48),
        ("", "gap", 72, 48),
        ("SEQ02", "slate", 120, 48),
        ("", "gap", 168, 24),
    ]
    hole = {"sequence": "", "shown_as": "no sequence"}
    assert cut.gaps == [hole, hole, {"sequence": "SEQ02", "shown_as": "slate"}, hole]
    assert cut.missing_seconds == 6


@pytest.mark.parametrize(("frames", "held", "trimmed"), [(40, 8, 0), (48, 0, 0), (60, 0, 12)])
def test_a_short_take_is_held_and_a_long_one_trimmed(
    alone: SequenceFacts, frames: int, held: int, trimmed: int
) -> None:
    take(alone, 1, "waiting", frames)
    segment = only(alone)
    assert (segment.frames, segment.source_frames, segment.held, segment.trimmed) == (48, frames, held, trimmed)


def test_frames_of_a_take_are_counted_at_the_rate_of_the_project() -> None:
    alone = sequence(project("30", song="2"), 1, "0", "2")
    take(alone, 1, "waiting", frames=48, rate="24")
    assert (only(alone).frames, only(alone).source_frames, only(alone).held) == (60, 60, 0)


def test_without_a_song_the_cut_ends_with_its_last_sequence() -> None:
    of = project(song=None)
    cut = cuts.build(of, [sequence(of, 1, "0", "2.5")])
    assert (cut.frames, cut.audio, cut.seconds) == (60, "", 2.5)
    assert cuts.build(of, []).segments == ()


def test_a_song_without_sequences_is_one_hole() -> None:
    (segment,) = cuts.build(project(song="3"), []).segments
    assert (segment.shown, segment.at, segment.frames) == ("gap", 0, 72)


def test_neighbours_meet_where_the_rate_is_no_whole_number() -> None:
    of = project("30000/1001", song="10.010")
    edges = ["0", "1.017", "2.033", "3.337", "5.005", "10.010"]
    found = [sequence(of, n, a, b) for n, (a, b) in enumerate(zip(edges, edges[1:], strict=False), start=1)]
    cut = cuts.build(of, found)
    assert cut.frames == 300
    assert [s.shown for s in cut.segments] == ["slate"] * 5
    assert [s.at for s in cut.segments] == [round(Fraction(e) * Fraction(30000, 1001)) for e in edges[:-1]]
    assert [s.frames for s in cut.segments] == [f.sequence.frames for f in found]


@given(
    rate=st.sampled_from(Rate.values),
    millis=st.lists(st.integers(0, 60_000), min_size=0, max_size=24, unique=True),
    dropped=st.sets(st.integers(0, 23)),
    tail=st.integers(1, 5_000),
)
def test_segments_tile_the_cut_exactly(rate: str, millis: list[int], dropped: set[int], tail: int) -> None:
    edges = [Decimal(m) / 1000 for m in sorted(millis)]
    of = project(rate, song=str(max(edges, default=Decimal(0)) + Decimal(tail) / 1000))
    spans = [s for n, s in enumerate(zip(edges, edges[1:], strict=False)) if n not in dropped]
    cut = cuts.build(of, [sequence(of, n, str(a), str(b)) for n, (a, b) in enumerate(spans, start=1)])
    assert cut.frames == round(Fraction(of.song.seconds) * Fraction(rate))
    at = 0
    for segment in cut.segments:
        assert segment.at == at and segment.frames > 0
        at = segment.end
    assert at == cut.frames
    holes = {(a, b) for a, b in zip([Decimal(0), *edges], [*edges, of.song.seconds], strict=True)} - set(spans)
    assert sum(s.shown == "gap" for s in cut.segments) <= len(holes)


def test_the_cut_comes_back_from_its_data(alone: SequenceFacts) -> None:
    take(alone, 1, "waiting")
    cut = cuts.build(alone.project, [alone])
    assert cuts.from_data(json.loads(json.dumps(cut.as_data()))) == cut


def changes(cut: Cut, **fields: object) -> list[str]:
    return replace(cut, **fields).changed_since(cut)  # type: ignore[arg-type]  # fields of Cut by name


def test_a_cut_says_what_changed_since() -> None:
    of = project(song="4")
    first, second = sequence(of, 1, "0", "2"), sequence(of, 2, "2", "4")
    made = take(first, 1, "waiting")
    before = cuts.build(of, [first, second])
    made.state = "approved"
    first.shots[0].text = "other words"
    assert cuts.build(of, [first, second]).changed_since(before) == []
    second.shots[0].text = "other words"
    take(first, 2, "waiting")
    made.state = "superseded"
    assert cuts.build(of, [first, second]).changed_since(before) == ["SEQ01", "SEQ02"]
    assert changes(before, audio="other.wav", width=320, rate="25") == ["size", "rate", "song"]
    longer = cuts.build(project(song="5"), [first, second])
    assert longer.changed_since(cuts.build(of, [first, second])) == ["length", "a hole"]


@pytest.mark.django_db
def test_the_cut_follows_the_verdicts() -> None:
    of = factories.make_project(sequences=[Plan("Verse", seconds=(1,), length=1.5), Plan("Chorus")])
    row = factories.sequence_of(of)
    made = factories.make_take(row)
    shown = [(s.shown, s.take) for s in cuts.build(of, load(of)).segments]
    assert shown == [("take", "T1"), ("slate", ""), ("gap", "")]
    review.approve(actor=None, take=made)
    cut = cuts.build(of, load(of))
    assert (cut.segments[0].shown, cut.segments[0].file, cut.frames) == ("approved", made.file, 72)
    planning.delete_sequence(actor=None, sequence=row)
    assert [s.shown for s in cuts.build(of, load(of)).segments] == ["gap", "slate", "gap"]
