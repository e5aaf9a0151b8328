"""What things were made from, and whether that still stands. Pure.

A shot of a take, and a grid, keep the inputs they were made from: words, length, frames, the pictures and descriptions
of elements, style lines, the length of the section. Model and size are no inputs: another model makes nothing stale.
Texts and pictures are kept as hashes, so that an edit taken back makes fresh again what it had made stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sequences.prompts import mentions

CauseKind = Literal["prompt", "seconds", "frame", "end", "element", "style", "section", "shots", "grid"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why something is stale, as a sentence. `shots` are the numbers of the shots it touches."""

    kind: CauseKind
    sentence: str
    shots: tuple[int, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class ElementNow:
    """An element as it would be used: hashes of its pictures, the frontal one first, and its words."""

    key: str
    name: str
    description: str = ""
    pictures: tuple[str, ...] = ()

    @cached_property
    def shown(self) -> str:
        """What is sent of it when its pictures go along."""
        return digest([self.name, *self.pictures])

    @cached_property
    def told(self) -> str:
        """What stands for it when they do not."""
        return digest([self.description or self.name])


@dataclass(frozen=True)
class ShotNow:
    """A shot as it stands. `own` and `end` are hashes of its own start and end frame, empty without one."""

    id: int
    number: int
    seconds: str
    text: str
    revision: int
    own: str = ""
    end: str = ""

    @cached_property
    def words(self) -> str:
        """Hash of its prompt."""
        return digest(self.text)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Keys its prompt names."""
        return mentions(self.text)


@dataclass(frozen=True)
class Now:
    """A sequence as it stands: `section` is its length in seconds, `start` the hash of its start frame, `style` its
    lines together with its project's. `listed` are the keys of elements it lists, `cells` what its grid's panels show.
    """

    section: str
    style: tuple[str, str, str]
    start: str
    shots: tuple[ShotNow, ...]
    elements: Mapping[str, ElementNow] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    grid_text: str = ""
    cells: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> str:
        """Hash of the style lines."""
        return digest(self.style)

    @cached_property
    def drawn(self) -> str:
        """Hash of what a grid is drawn from when nobody says otherwise."""
        return digest([self.grid_text, *self.cells])

    @cached_property
    def named(self) -> frozenset[str]:
        """Keys that any prompt names."""
        return frozenset(key for s in self.shots for key in s.names)

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """Listed elements with pictures that no prompt names: they are meant for every call."""
        listed = (k for k in self.listed if k not in self.named and k in self.elements)
        return tuple(sorted(k for k in listed if self.elements[k].pictures))

    @cached_property
    def of_takes(self) -> str:
        """One hash of all that takes are made from: another one after any change that could make one stale."""
        shots = [[s.number, float(s.seconds), s.words, s.own, s.end] for s in self.shots]
        return digest([float(self.section), self.lines, self.start, shots, self._people(), self.everyone])

    @cached_property
    def of_grids(self) -> str:
        """The same of grids."""
        return digest([self.lines, self.drawn, self._people()])

    def _people(self) -> list[list[str]]:
        return [[key, e.shown, e.told] for key, e in sorted(self.elements.items())]


@dataclass(frozen=True, slots=True)
class MadeShot:
    """A shot of a take with the inputs it was made from; None when they were not kept."""

    id: int
    number: int
    inputs: Mapping[str, Any] | None


def digest(value: Any) -> str:
    """A short hash of plain data."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def pin_shot(now: Now, number: int, *, begins: str, sent: Sequence[str]) -> dict[str, Any]:
    """The inputs of one shot in a call that `begins` with `frame`, `own`, `chain` or `none` and sends the elements
    `sent`, as plain data."""
    shot = next(s for s in now.shots if s.number == number)
    return {
        "text": shot.words,
        "revision": shot.revision,
        "seconds": shot.seconds,
        "section": now.section,
        "style": now.lines,
        "start": now.start if begins == "frame" else "",
        "bare": begins == "none" and not now.start,
        "own": shot.own,
        "end": shot.end,
        "everyone": list(now.everyone),
        **_spoken(now, shot.names, sent),
    }


def pin_grid(now: Now, *, text: str, given: bool, sent: Sequence[str]) -> dict[str, Any]:
    """The inputs of a grid drawn from `text`; `given` when a person wrote it for this grid alone."""
    return {
        "text": None if given else digest([text, *now.cells]),
        "style": now.lines,
        **_spoken(now, mentions(text), sent),
    }


def _spoken(now: Now, names: Iterable[str], sent: Sequence[str]) -> dict[str, Any]:
    """Elements as a picture and as words; `bare_cast` are those told because they had no picture."""
    told = [k for k in names if k in now.elements and k not in sent]
    return {
        "shown": {k: now.elements[k].shown for k in sent if k in now.elements},
        "told": {k: now.elements[k].told for k in told},
        "bare_cast": [k for k in told if not now.elements[k].pictures],
    }


def stale_take(made: Sequence[MadeShot], now: Now) -> tuple[Cause, ...]:
    """Why a take no longer shows what the sequence asks for; empty while it does, or when its inputs were not kept."""
    known = [m for m in made if m.inputs is not None]
    if not known:
        return ()
    if {m.number: m.id for m in made} != {s.number: s.id for s in now.shots}:
        return (Cause("shots", "Shots were added, taken out or moved."), *_section(known, now))
    shots = {s.id: s for s in now.shots}
    pairs = [(m.inputs, shots[m.id]) for m in known if m.inputs is not None]
    return (
        *(c for inputs, shot in pairs for c in _words(inputs, shot)),
        *_frames(pairs, now),
        *_cast(pairs, now),
        *_style([inputs for inputs, _ in pairs], now),
        *_section(known, now),
    )


def stale_grid(inputs: Mapping[str, Any] | None, now: Now) -> tuple[Cause, ...]:
    """Why a grid no longer shows what it was asked for; empty while it does, or when its inputs were not kept."""
    if inputs is None:
        return ()
    out = []
    if inputs["text"] not in (None, now.drawn):
        out.append(Cause("prompt", "What it is drawn from reads differently now."))
    touched = _changed(inputs, now, [*inputs["shown"], *inputs["told"]])
    out += [Cause("element", sentence, key=key) for key, sentence in touched.items()]
    return (*out, *_style([inputs], now))


def shots_to_make(causes: Sequence[Cause], numbers: Sequence[int]) -> tuple[int, ...]:
    """Which shots a refresh makes again; all of them when a cause touches the whole."""
    if any(not c.shots for c in causes):
        return tuple(sorted(set(numbers)))
    return tuple(sorted({n for c in causes for n in c.shots}))


def _words(inputs: Mapping[str, Any], shot: ShotNow) -> list[Cause]:
    out = []
    if inputs["text"] != shot.words:
        said = f"Shot {shot.number}'s prompt is r{shot.revision} now; it was made from r{inputs['revision']}."
        out.append(Cause("prompt", said, (shot.number,)))
    if float(inputs["seconds"]) != float(shot.seconds):
        said = f"Shot {shot.number} lasts {_short(shot.seconds)} s now; it was made at {_short(inputs['seconds'])} s."
        out.append(Cause("seconds", said, (shot.number,)))
    return out


def _frames(pairs: Sequence[tuple[Mapping[str, Any], ShotNow]], now: Now) -> list[Cause]:
    out = []
    begun = tuple(shot.number for inputs, shot in pairs if inputs["start"] and inputs["start"] != now.start)
    if begun:
        said = "Its start frame is another one now." if now.start else "Its start frame was taken away."
        out.append(Cause("frame", said, begun))
    bare = tuple(shot.number for inputs, shot in pairs if inputs.get("bare") and now.start and not shot.own)
    if bare:
        out.append(Cause("frame", "There is a start frame now; it was made without one.", bare))
    for inputs, shot in pairs:
        if inputs["own"] != shot.own:
            out.append(Cause("frame", f"Shot {shot.number} has {_frame(shot.own)} now.", (shot.number,)))
        if inputs["end"] != shot.end:
            what = "another end frame" if shot.end else "no end frame"
            out.append(Cause("end", f"Shot {shot.number} has {what} now.", (shot.number,)))
    return out


def _frame(own: str) -> str:
    return "another start frame" if own else "no start frame of its own"


def _cast(pairs: Sequence[tuple[Mapping[str, Any], ShotNow]], now: Now) -> list[Cause]:
    touched: dict[tuple[str, str], list[int]] = {}
    for inputs, shot in pairs:
        # one that went along because another shot of the call named it is missed only while some prompt still does
        missed = {*inputs["everyone"], *now.named}
        for key, sentence in (_changed(inputs, now, missed) | _joined(inputs, shot, now)).items():
            touched.setdefault((key, sentence), []).append(shot.number)
    return [Cause("element", said, tuple(numbers), key) for (key, said), numbers in sorted(touched.items())]


def _joined(inputs: Mapping[str, Any], shot: ShotNow, now: Now) -> dict[str, str]:
    """Elements that nobody knew of, or that nobody meant for every call, with the sentence."""
    known = {*inputs["shown"], *inputs["told"]}
    out = {k: f"@{k} goes along with every call now." for k in now.everyone if k not in {*inputs["everyone"], *known}}
    if inputs["text"] == shot.words:  # else its new words say so already
        out |= {k: f"@{k} is an element now." for k in shot.names if k in now.elements and k not in known}
    return out


def _changed(inputs: Mapping[str, Any], now: Now, missed: Iterable[str]) -> dict[str, str]:
    """Elements that are no longer what they were, with the sentence. Those `missed` are looked for when gone."""
    out, missed = {}, set(missed)
    for key, was in sorted(inputs["shown"].items()):
        if key not in now.elements and key in missed:
            out[key] = f"@{key} was taken out."
        elif key in now.elements and now.elements[key].shown != was:
            out[key] = f"@{key} has other pictures or another name now."
    for key, was in sorted(inputs["told"].items()):
        if key not in now.elements and key in missed:
            out[key] = f"@{key} was taken out."
        elif key in now.elements and now.elements[key].told != was:
            out[key] = f"@{key} is described in other words now."
        elif key in inputs.get("bare_cast", ()) and key in now.elements and now.elements[key].pictures:
            out[key] = f"@{key} has pictures now; it was described in words."
    return out


def _style(inputs: Sequence[Mapping[str, Any]], now: Now) -> list[Cause]:
    changed = any(i["style"] != now.lines for i in inputs)
    return [Cause("style", "The style lines have changed.")] if changed else []


def _section(made: Sequence[MadeShot], now: Now) -> list[Cause]:
    lengths = (m.inputs["section"] for m in made if m.inputs)
    was = next((length for length in lengths if float(length) != float(now.section)), None)
    if was is None:
        return []
    return [Cause("section", f"The section is {_short(now.section)} s long now; it was {_short(was)} s.")]


def _short(seconds: str) -> str:
    return f"{float(seconds):g}"
