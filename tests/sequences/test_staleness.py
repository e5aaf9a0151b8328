"""Staleness against a direct comparison of what would be asked for, over random edits and their undoing."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sequences.prompts import mentions
from sequences.staleness import (
    ElementNow,
    MadeShot,
    Now,
    ShotNow,
    pin_grid,
    pin_shot,
    shots_to_make,
    stale_grid,
    stale_take,
)

KEYS = ("mara", "dog", "pier")
TEXTS = st.sampled_from(["a pier", "@mara waits", "@mara and the @dog", "rain on the @pier", "fog", "a  pier"])
HASHES = st.sampled_from(["", "a1", "b2"])


@dataclass
class Person:
    """An element as somebody has typed it."""

    name: str = "Mara"
    description: str = ""
    pictures: tuple[str, ...] = ()


@dataclass
class World:
    """A sequence as people see it; nothing here is hashed."""

    shots: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    style: tuple[str, str, str] = ("", "", "")
    section: float = 8.0
    start: str = ""
    grid: str = "a grid"
    cells: tuple[str, ...] = ()
    model: str = "sketch/clip"
    size: tuple[int, int] = (160, 90)

    @property
    def cast(self) -> dict[str, Person]:
        """Those it lists or names."""
        named = {key for s in self.shots for key in mentions(s["text"])}
        return {k: p for k, p in self.people.items() if k in named or k in self.listed}

    @property
    def sent(self) -> list[str]:
        """Whose pictures one call of all the shots takes along."""
        return [k for k, p in self.cast.items() if p.pictures]

    def asked(self) -> tuple[Any, ...]:
        """What a take would be asked from, in plain words: one call of all the shots."""
        own_first = bool(self.shots and self.shots[0]["own"])
        return (
            self.section,
            self.style,
            "" if own_first else self.start,
            [
                (s["id"], n, s["text"], s["seconds"], s["own"], s["end"], self._told(s))
                for n, s in enumerate(self.shots)
            ],
            sorted((k, self.cast[k].name, self.cast[k].pictures) for k in self.sent),
        )

    def _told(self, shot: dict[str, Any]) -> list[tuple[str, str]]:
        people = [(k, self.people.get(k)) for k in mentions(shot["text"]) if k not in self.sent]
        return [(k, (p.description or p.name) if p else "no element") for k, p in people]

    def now(self) -> Now:
        """The same as the studio keeps it."""
        return Now(
            section=str(self.section),
            style=self.style,
            start=self.start,
            shots=tuple(
                ShotNow(s["id"], n, str(s["seconds"]), s["text"], s["revision"], s["own"], s["end"])
                for n, s in enumerate(self.shots, 1)
            ),
            elements={k: ElementNow(k, p.name, p.description, p.pictures) for k, p in self.cast.items()},
            listed=self.listed,
            grid_text=self.grid,
            cells=self.cells,
        )

    def begins(self) -> str:
        """What the call starts from."""
        return "own" if self.shots[0]["own"] else "frame" if self.start else "none"


class Edits(RuleBasedStateMachine):
    """Random edits between takes; every take is stale exactly when another one would be asked for now."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(shots=[self._shot(n) for n in (1, 2)], people={"mara": Person(pictures=("m1",))})
        self.past: list[World] = []
        self.takes: list[tuple[list[MadeShot], tuple[Any, ...], Now]] = []
        self.grids: list[tuple[dict[str, Any], World]] = []
        self.ids = 2
        self.make()

    @staticmethod
    def _shot(pk: int) -> dict[str, Any]:
        return {"id": pk, "text": "a pier", "seconds": 2.0, "own": "", "end": "", "revision": 1}

    def edit(self) -> World:
        self.past.append(copy.deepcopy(self.world))
        return self.world

    @rule()
    def make(self) -> None:
        now, world = self.world.now(), self.world
        made = [
            MadeShot(s.id, s.number, pin_shot(now, s.number, begins=world.begins(), sent=world.sent)) for s in now.shots
        ]
        self.takes = [*self.takes[-2:], (made, copy.deepcopy(world.asked()), now)]
        pinned = pin_grid(now, text=world.grid, given=False, sent=world.sent)
        self.grids = [*self.grids[-2:], (pinned, copy.deepcopy(world))]

    @rule(at=st.integers(0, 5), text=TEXTS)
    def write(self, at: int, text: str) -> None:
        shot = self.edit().shots[at % len(self.world.shots)]
        shot["text"], shot["revision"] = text, shot["revision"] + 1

    @rule(at=st.integers(0, 5), seconds=st.sampled_from([1.0, 2.0, 2.5]))
    def lengthen(self, at: int, seconds: float) -> None:
        self.edit().shots[at % len(self.world.shots)]["seconds"] = seconds

    @rule(at=st.integers(0, 5), which=st.sampled_from(["own", "end"]), picture=HASHES)
    def frame(self, at: int, which: str, picture: str) -> None:
        self.edit().shots[at % len(self.world.shots)][which] = picture

    @rule(picture=HASHES)
    def start(self, picture: str) -> None:
        self.edit().start = picture

    @rule(key=st.sampled_from(KEYS), pictures=st.sampled_from([(), ("m1",), ("m1", "m2"), ("m2", "m1")]))
    def picture(self, key: str, pictures: tuple[str, ...]) -> None:
        self.edit().people.setdefault(key, Person(name=key)).pictures = pictures

    @rule(key=st.sampled_from(KEYS), words=st.sampled_from(["", "in a yellow coat"]))
    def describe(self, key: str, words: str) -> None:
        self.edit().people.setdefault(key, Person(name=key)).description = words

    @rule(key=st.sampled_from(KEYS))
    def take_out(self, key: str) -> None:
        self.edit().people.pop(key, None)

    @rule(listed=st.lists(st.sampled_from(KEYS), unique=True))
    def cast(self, listed: list[str]) -> None:
        self.edit().listed = tuple(listed)

    @rule(style=st.sampled_from([("", "", ""), ("16 mm", "", ""), ("", "", "text")]))
    def restyle(self, style: tuple[str, str, str]) -> None:
        self.edit().style = style

    @rule(seconds=st.sampled_from([8.0, 9.5]))
    def stretch(self, seconds: float) -> None:
        self.edit().section = seconds

    @rule(text=st.sampled_from(["a grid", "another @dog"]), cells=st.sampled_from([(), ("left", "right")]))
    def regrid(self, text: str, cells: tuple[str, ...]) -> None:
        world = self.edit()
        world.grid, world.cells = text, cells

    @rule(model=st.sampled_from(["a/fast", "b/fine"]), size=st.sampled_from([(160, 90), (1920, 1080)]))
    def set_up(self, model: str, size: tuple[int, int]) -> None:
        world = self.edit()
        world.model, world.size = model, size

    # rare, since nothing else is seen while shots differ
    @rule(how=st.sampled_from(["add", "delete", "reverse", *[""] * 9]))
    def restructure(self, how: str) -> None:
        shots = self.edit().shots
        if how == "add":
            self.ids += 1
            shots.append(self._shot(self.ids))
        elif how == "delete" and len(shots) > 1:
            shots.pop()
        elif how == "reverse":
            shots.reverse()

    @precondition(lambda self: bool(self.past))
    @rule()
    def undo(self) -> None:
        self.world = self.past.pop()

    @invariant()
    def a_take_is_stale_exactly_when_another_would_be_asked_for(self) -> None:
        now = self.world.now()
        for made, asked, then in self.takes:
            causes = stale_take(made, now)
            assert bool(causes) == (asked != self.world.asked()), [c.sentence for c in causes]
            if causes:
                assert shots_to_make(causes, [s.number for s in now.shots])
                assert then.of_takes != now.of_takes or then.shots != now.shots

    @invariant()
    def every_shot_that_is_asked_otherwise_is_made_again(self) -> None:
        now = self.world.now()
        for made, asked, _ in self.takes:
            again = shots_to_make(causes, [s.number for s in now.shots]) if (causes := stale_take(made, now)) else ()
            for was, is_ in zip(asked[3], self.world.asked()[3], strict=False):
                assert was == is_ or is_[1] + 1 in again

    @invariant()
    def a_grid_is_stale_exactly_when_what_it_was_drawn_from_changed(self) -> None:
        now = self.world
        for pinned, then in self.grids:
            told = [k for k in mentions(then.grid) if k in then.cast and k not in then.sent]
            changed = (
                (then.grid, then.cells, then.style) != (now.grid, now.cells, now.style)
                or any(_seen(then, k) != _seen(now, k) for k in then.sent)
                or any(_heard(then, k) != _heard(now, k) for k in told)
            )
            assert bool(stale_grid(pinned, now.now())) == changed


def _seen(world: World, key: str) -> tuple[Any, ...] | None:
    person = world.cast.get(key)
    return (person.name, person.pictures) if person else None


def _heard(world: World, key: str) -> tuple[Any, ...] | None:
    person = world.cast.get(key)
    return (person.description or person.name, bool(person.pictures)) if person else None


TestEdits = Edits.TestCase
TestEdits.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)


def one_shot(**changes: Any) -> Now:
    fields = {"id": 1, "number": 1, "seconds": "2", "text": "a pier", "revision": 1} | changes
    return Now(section="8", style=("", "", ""), start="s1", shots=(ShotNow(**fields),))


def made(now: Now, begins: str = "frame") -> list[MadeShot]:
    return [MadeShot(1, 1, pin_shot(now, 1, begins=begins, sent=()))]


def test_what_was_made_before_inputs_were_kept_is_not_judged() -> None:
    assert stale_take([MadeShot(1, 1, None)], one_shot(text="other words")) == ()
    assert stale_grid(None, one_shot()) == ()


def test_a_grid_from_words_of_its_own_does_not_follow_the_prompt() -> None:
    pinned = pin_grid(one_shot(), text="only here", given=True, sent=())
    assert stale_grid(pinned, one_shot(text="other words")) == ()


def test_causes_read_as_sentences() -> None:
    causes = stale_take(made(one_shot()), one_shot(text="a boat", revision=3, seconds="2.5"))
    assert [c.sentence for c in causes] == [
        "Shot 1's prompt is r3 now; it was made from r1.",
        "Shot 1 lasts 2.5 s now; it was made at 2 s.",
    ]


def test_a_shot_that_was_used_again_keeps_its_own_section() -> None:
    old, new = one_shot(), Now(section="9", style=("", "", ""), start="s1", shots=one_shot().shots)
    both = [MadeShot(1, 1, pin_shot(new, 1, begins="frame", sent=())), *made(old)]
    assert "The section is 9 s long now; it was 8 s." in [c.sentence for c in stale_take(both, new)]
