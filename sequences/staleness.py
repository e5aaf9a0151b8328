"""What things were made from, and whether that still stands. Pure.

A shot of a take, and a grid, keep the inputs they were made from: words, length, frames, the pictures and descriptions
of elements, style lines, the length of the section. Model and size are no inputs: another model makes nothing stale.
Texts and pictures are kept as hashes, so that an edit taken back makes fresh again what it had made stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
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


@dataclass(frozen=True, slots=True)
class ElementNow:
    """An element as it would be used: hashes of its pictures, the frontal one first, and its words."""

    key: str
    name: str
    description: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What is sent of it when its pictures go along."""
        return digest([self.name, *self.pictures])

    @property
    def told(self) -> str:
        """What stands for it when they do not."""
        return digest([self.description or self.name])


@dataclass(frozen=True, slots=True)
class ShotNow:
    """A shot as it stands. `own` and `end` are hashes of its own start and end frame, empty without one."""

    id: int
    number: int
    seconds: str
    text: str
    revision: int
    own: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
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

    @property
    def everyone(self) -> tuple[str, ...]:
        """Listed elements with pictures that no prompt names: they are meant for every call."""
        named = {key for s in self.shots for key in mentions(s.text)}
        return tuple(
            sorted(k for k in self.listed if k not in named and k in self.elements and self.elements[k].pictures)
        )

    def fingerprint(self) -> str:
        """One hash of all of it: another one after any change that could make something stale."""
        shots = [{k: v for k, v in asdict(s).items() if k != "revision"} for s in self.shots]
        return digest(asdict(self) | {"shots": shots})


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
    told = [k for k in mentions(shot.text) if k in now.elements and k not in sent]
    return {
        "text": digest(shot.text),
        "revision": shot.revision,
        "seconds": shot.seconds,
        "section": now.section,
        "style": digest(now.style),
        "start": now.start if begins == "frame" else "",
        "own": shot.own,
        "end": shot.end,
        "shown": {k: now.elements[k].shown for k in sent if k in now.elements},
        "told": {k: now.elements[k].told for k in told},
        "everyone": list(now.everyone),
    }


def pin_grid(now: Now, *, text: str, given: bool, sent: Sequence[str]) -> dict[str, Any]:
    """The inputs of a grid drawn from `text`; `given` when a person wrote it for this grid alone."""
    told = [k for k in mentions(text) if k in now.elements and k not in sent]
    return {
        "text": None if given else digest([text, *now.cells]),
        "style": digest(now.style),
        "shown": {k: now.elements[k].shown for k in sent if k in now.elements},
        "told": {k: now.elements[k].told for k in told},
    }


def stale_take(made: Sequence[MadeShot], now: Now) -> tuple[Cause, ...]:
    """Why a take no longer shows what the sequence asks for; empty while it does."""
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
    words = inputs["text"] not in (None, digest([now.grid_text, *now.cells]))
    out = [Cause("prompt", "What it is drawn from reads differently now.")] if words else []
    touched = {**_changed(inputs, now)}
    return (*out, *(Cause("element", sentence, key=key) for key, sentence in touched.items()), *_style([inputs], now))


def shots_to_make(causes: Sequence[Cause], numbers: Sequence[int]) -> tuple[int, ...]:
    """Which shots a refresh makes again; all of them when a cause touches the whole."""
    if any(not c.shots for c in causes):
        return tuple(sorted(set(numbers)))
    return tuple(sorted({n for c in causes for n in c.shots}))


def _words(inputs: Mapping[str, Any], shot: ShotNow) -> list[Cause]:
    out = []
    if inputs["text"] != digest(shot.text):
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
        for key, sentence in _changed(inputs, now).items():
            touched.setdefault((key, sentence), []).append(shot.number)
        for key in set(now.everyone) - set(inputs["everyone"]) - set(inputs["shown"]) - set(inputs["told"]):
            touched.setdefault((key, f"@{key} goes along with every call now."), []).append(shot.number)
    return [Cause("element", said, tuple(numbers), key) for (key, said), numbers in sorted(touched.items())]


def _changed(inputs: Mapping[str, Any], now: Now) -> dict[str, str]:
    """Elements that are no longer what they were, with the sentence."""
    out = {}
    for key, was in sorted(inputs["shown"].items()):
        if key not in now.elements:
            out[key] = f"@{key} was taken out."
        elif now.elements[key].shown != was:
            out[key] = f"@{key} has other pictures or another name now."
    for key, was in sorted(inputs["told"].items()):
        if key in now.elements and now.elements[key].told != was:
            out[key] = f"@{key} is described in other words now."
    return out


def _style(inputs: Sequence[Mapping[str, Any]], now: Now) -> list[Cause]:
    changed = any(i["style"] != digest(now.style) for i in inputs)
    return [Cause("style", "The style lines have changed.")] if changed else []


def _section(made: Sequence[MadeShot], now: Now) -> list[Cause]:
    was = next((m.inputs["section"] for m in made if m.inputs), now.section)
    if float(was) == float(now.section):
        return []
    return [Cause("section", f"The section is {_short(now.section)} s long now; it was {_short(was)} s.")]


def _short(seconds: str) -> str:
    return f"{float(seconds):g}"
