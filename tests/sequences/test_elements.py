"""Which pictures go along: the cap holds, priority decides, and everybody who stays behind is told why."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sequences.elements import Candidate, Choice, choose

KEYS = ("mara", "dog", "ferry", "pier", "lantern", "bell", "coat", "rail")


@dataclass(frozen=True)
class Asked:
    """One call's question: who is listed, whom its prompts name, whom any prompt of the sequence names."""

    candidates: tuple[Candidate, ...]
    named: frozenset[str]
    everywhere: frozenset[str]
    cap: int
    with_start: bool

    @property
    def wanted(self) -> list[Candidate]:
        """Those that belong to the call."""
        return [c for c in self.candidates if c.key in self.named or c.key not in self.everywhere]

    def choice(self, **other: object) -> Choice:
        """What the module says."""
        asked = {"cap": self.cap, "with_start": self.with_start, **other}
        return choose(self.candidates, self.named, self.everywhere, **asked)  # type: ignore[arg-type]  # by name


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    candidates = tuple(Candidate(k, k.title(), draw(st.integers(0, 3))) for k in keys)
    named = draw(st.frozensets(st.sampled_from(KEYS)))
    others = draw(st.frozensets(st.sampled_from(KEYS)))
    return Asked(candidates, named, named | others, draw(st.integers(0, 6)), draw(st.booleans()))


@given(questions())
def test_the_cap_is_never_exceeded_and_never_wasted(asked: Asked) -> None:
    shown = [c for c in asked.wanted if c.pictures]
    assert len(asked.choice().sent) == min(asked.cap, len(shown))


@given(questions())
def test_everybody_wanted_is_sent_or_dropped_once_and_nobody_else(asked: Asked) -> None:
    found = asked.choice()
    told = [*found.sent, *(d.key for d in found.dropped)]
    assert sorted(told) == sorted(c.key for c in asked.wanted)


@given(questions())
def test_priority_decides(asked: Asked) -> None:
    found = asked.choice()
    rank = {c.key: n for n, c in enumerate(asked.candidates)}
    assert [rank[k] for k in found.sent] == sorted(rank[k] for k in found.sent)
    pictured = {c.key for c in asked.candidates if c.pictures}
    over = [d.key for d in found.dropped if d.key in pictured]
    assert all(rank[key] > rank[sent] for key in over for sent in found.sent)


@given(questions())
def test_each_reason_is_the_true_one(asked: Asked) -> None:
    found = asked.choice()
    pictures = {c.key: c.pictures for c in asked.candidates}
    when = "with a start frame" if asked.with_start else "without a start frame"
    for dropped in found.dropped:
        if not pictures[dropped.key]:
            assert dropped.reason == "has no reference picture"
        elif asked.cap:
            assert dropped.reason == f"over the limit: {asked.cap} a call {when}"
            assert len(found.sent) == asked.cap
        else:
            assert dropped.reason == f"this model takes no elements {when}"


@given(questions(), st.integers(0, 6))
def test_more_room_takes_nobody_away(asked: Asked, more: int) -> None:
    few, many = asked.choice().sent, asked.choice(cap=asked.cap + more).sent
    assert many[: len(few)] == few


@given(questions(), st.data())
def test_one_that_moves_up_is_not_dropped_for_it(asked: Asked, data: st.DataObject) -> None:
    sent = asked.choice().sent
    if not sent:
        return
    key = data.draw(st.sampled_from(sent))
    first = sorted(asked.candidates, key=lambda c: c.key != key)
    again = choose(first, asked.named, asked.everywhere, asked.cap, with_start=asked.with_start)
    assert again.sent[0] == key and set(again.sent) == set(sent)


@given(questions())
def test_one_no_prompt_names_is_meant_for_every_call(asked: Asked) -> None:
    found = asked.choice(cap=len(KEYS))
    told = {*found.sent, *(d.key for d in found.dropped)}
    for candidate in asked.candidates:
        if candidate.key not in asked.everywhere:
            assert candidate.key in told
        elif candidate.key not in asked.named:
            assert candidate.key not in told
