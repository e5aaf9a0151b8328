"""Prompt text: who is named, how two revisions differ word by word, and what is sent for one shot. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MENTION = re.compile(r"(?<![\w@])@([A-Za-z0-9][A-Za-z0-9_-]*)")
WORD = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of one diff: `same`, `del` (only in the old text) or `ins` (only in the new)."""

    op: Literal["same", "del", "ins"]
    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What stands for `@key` in the text that is sent: the name when its picture goes along, else its description.

    `mention` is how the endpoint wants an element that is sent to be written, empty for its name.
    """

    name: str
    description: str
    sent: bool
    mention: str = ""

    @property
    def spoken(self) -> str:
        """The words themselves."""
        if self.sent:
            return self.mention or self.name
        return self.description or self.name


@dataclass(frozen=True, slots=True)
class Style:
    """Lines that stand around every prompt: `prefix` before it, `suffix` behind it, and what shall never be seen."""

    prefix: str = ""
    suffix: str = ""
    negative: str = ""

    def within(self, outer: Style) -> Style:
        """These lines inside those of the whole: `outer` speaks first and last."""
        return Style(
            join_lines(outer.prefix, self.prefix),
            join_lines(self.suffix, outer.suffix),
            ", ".join(n.strip().rstrip(".,") for n in (outer.negative, self.negative) if n.strip())
            if self.negative.strip()
            else outer.negative,
        )

    @property
    def lines(self) -> tuple[str, str, str]:
        """Prefix, suffix, negative."""
        return self.prefix, self.suffix, self.negative


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of what is sent for one shot: `source` is project, sequence (their style lines) or prompt."""

    source: str
    text: str


def mentions(text: str) -> tuple[str, ...]:
    """Keys named with @ in `text`, in order of first appearance."""
    return tuple(dict.fromkeys(m.rstrip("-_") for m in MENTION.findall(text)))


def word_diff(old: str, new: str) -> tuple[Part, ...]:
    """The change from `old` to `new` by words and the white space between them.

    Joining `same` and `ins` gives `new` exactly, joining `same` and `del` gives `old`.
    """
    a, b = WORD.findall(old), WORD.findall(new)
    parts: list[Part] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            parts.append(Part("same", "".join(a[i1:i2])))
            continue
        if i2 > i1:
            parts.append(Part("del", "".join(a[i1:i2])))
        if j2 > j1:
            parts.append(Part("ins", "".join(b[j1:j2])))
    return _readable(parts)


def compile_prompt(text: str, voices: Mapping[str, Voice], *, prefix: str = "", suffix: str = "") -> str:
    """The prompt as a provider gets it: style line before, prompt, style line after, @names spoken in all of them.

    A name whose picture is sent stands as the endpoint's mention of it or its name; one whose picture is not becomes
    its written description (or its name when it has none). An @name that is no element loses only its @.
    """

    return join_lines(*(_spoken(line, voices) for line in (prefix, text, suffix)))


def compiled_lines(text: str, voices: Mapping[str, Voice], own: Style, outer: Style) -> tuple[Line, ...]:
    """What `compile_prompt` sends with the style lines of a project (`outer`) around those of a sequence (`own`), cut
    into whose line is whose; joined with a space between they are what is sent."""
    lines = (
        ("project", outer.prefix), ("sequence", own.prefix), ("prompt", text),
        ("sequence", own.suffix), ("project", outer.suffix),
    )  # fmt: skip
    spoken = [(source, _spoken(line, voices)) for source, line in lines]
    kept = [(source, line) for source, line in spoken if line]
    return tuple(Line(source, line) for (source, _), line in zip(kept, _ended([t for _, t in kept]), strict=True))


def join_lines(*lines: str) -> str:
    """Lines joined to one text: a full stop where a line ends without one, one space between."""
    return " ".join(_ended([line.strip() for line in lines if line.strip()]))


def _ended(lines: list[str]) -> list[str]:
    return [line if line[-1] in ".,;:!?…" else line + "." for line in lines[:-1]] + lines[-1:]


def _spoken(text: str, voices: Mapping[str, Voice]) -> str:
    """A line with every @name in the words that stand for it."""

    def speak(match: re.Match[str]) -> str:
        key = match[1].rstrip("-_")
        tail = match[1][len(key) :]
        voice = voices.get(key)
        return match[1] if voice is None else voice.spoken + tail

    return MENTION.sub(speak, text.strip()).strip()


def _readable(parts: list[Part]) -> tuple[Part, ...]:
    """Fold a lone space between two changes into them, so that a reworded phrase reads as one."""
    out: list[Part] = []
    removed = added = ""

    def flush() -> None:
        nonlocal removed, added
        if removed:
            out.append(Part("del", removed))
        if added:
            out.append(Part("ins", added))
        removed = added = ""

    for at, part in enumerate(parts):
        if part.op == "del":
            removed += part.text
        elif part.op == "ins":
            added += part.text
        elif part.text.isspace() and (removed or added) and at + 1 < len(parts):
            removed += part.text
            added += part.text
        else:
            flush()
            out.append(part)
    flush()
    return tuple(out)
