"""Reading one table of a plan: every key checked by itself, everything wrong written down with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from .lines import Lines, line_of
from .plan import KeyPath, Problem, key_text, number_text, printable

TIME = re.compile(r"(\d{1,5}):([0-5]\d)(\.\d{1,3})?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
T = TypeVar("T")
LONGEST = Decimal(1_000_000)


@dataclass
class Notes:
    """What was found wrong, and where each key of the file stands."""

    lines: Lines = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: KeyPath, message: str) -> None:
        """Write down a sentence about the key at `path`."""
        self.problems.append(Problem(path, line_of(self.lines, path), printable(message)))


def shown(value: Any) -> str:
    """A value as it is repeated to people, cut when it is long."""
    if isinstance(value, Decimal):
        return number_text(value) if value.is_finite() else str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return text if len(text) <= 60 else text[:57] + '…"'


class Table:
    """One table of the plan.

    Each reader gives the value, or a harmless stand-in after writing down what is wrong.
    """

    def __init__(self, notes: Notes, path: KeyPath, data: Any, keys: Iterable[str]) -> None:
        self.notes, self.path = notes, path
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.wrong(None, f"is {shown(data)}; it must be a table")
        self._know(list(keys))

    def _know(self, keys: list[str]) -> None:
        for key in self.data:
            if key not in keys:
                near = get_close_matches(key.lower(), keys, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(keys)}."
                self.notes.wrong((*self.path, key), f"{self.name(key)} is no key of a plan; {hint}")

    def name(self, key: str | None = None) -> str:
        """The key as people write it."""
        return key_text(self.path if key is None else (*self.path, key))

    def wrong(self, key: str | None, rest: str) -> None:
        """Write down `<key> <rest>.`"""
        path = self.path if key is None else (*self.path, key)
        self.notes.wrong(path, f"{self.name(key)} {rest}.")

    def has(self, key: str, *, required: bool) -> bool:
        """Whether the key is there; writes down that it is missing when it must not be."""
        if key not in self.data and required:
            self.wrong(key, "is missing")
        return key in self.data

    def text(self, key: str, *, most: int | None = None, required: bool = False, default: str = "") -> str:
        """Text without white space at its ends. `most` characters; required text may not be empty."""
        if not self.has(key, required=required):
            return default
        value = self.data[key]
        if not isinstance(value, str):
            self.wrong(key, f"is {shown(value)}; it must be text in quotes")
            return default
        return self._fit_text(key, tidy(value), most, required=required)

    def _fit_text(self, key: str, value: str, most: int | None, *, required: bool) -> str:
        if CONTROL.search(value):
            self.wrong(key, "holds a control character; take it out")
        elif required and not value:
            self.wrong(key, "is empty; write something")
        elif most and len(value) > most:
            self.wrong(key, f"has {len(value)} characters; {most} is the most")
        return value

    def shaped(self, key: str, shape: re.Pattern[str], rule: str, most: int) -> str:
        """Required text that is a name for machines."""
        value = self.text(key, most=most, required=True)
        if value and len(value) <= most and not CONTROL.search(value) and not shape.fullmatch(value):
            self.wrong(key, f"is {shown(value)}; {rule}")
        return value

    def choice(self, key: str, options: tuple[str, ...], default: str) -> str:
        """One of `options`."""
        value = self.data.get(key, default)
        value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if value not in options:
            self.wrong(key, f"is {shown(value)}; use {' or '.join([', '.join(options[:-1]), options[-1]])}")
            return default
        return str(value)

    def flag(self, key: str) -> bool:
        """true or false, false when absent."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"is {shown(value)}; it must be true or false")
        return value is True

    def pixels(self, key: str, default: int) -> int:
        """An even number of pixels, 64 to 8192: H.264 takes no odd sizes."""
        value = self.data.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(key, f"is {shown(value)}; it must be a whole number of pixels")
        elif not 64 <= value <= 8192 or value % 2:
            self.wrong(key, f"is {value}; it must be an even number from 64 to 8192")
        else:
            return value
        return default

    def budget(self, key: str) -> Decimal:
        """US dollars as text or number, at most six decimals."""
        value = self.data.get(key, "0")
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value.strip()):
            return Decimal(value.strip())
        if _is_number(value) and 0 <= value < 1_000_000_000 and value == round(Decimal(value), 6):
            return Decimal(value)
        self.wrong(key, f'is {shown(value)}; write dollars such as "80.00", not below 0')
        return Decimal(0)

    def time(self, key: str) -> Decimal | None:
        """A moment of the song in seconds; None after writing down what is wrong."""
        if not self.has(key, required=True):
            return None
        value = self.data[key]
        if isinstance(value, str) and (found := TIME.fullmatch(value.strip())):
            return int(found[1]) * 60 + Decimal(found[2] + (found[3] or ""))
        if not _is_number(value):
            self.wrong(key, f'is {shown(value)}; write m:ss such as "1:07.5", or seconds as a number')
        elif value < 0:
            self.wrong(key, f"is {shown(value)}; the song begins at 0")
        elif value >= LONGEST:
            self.wrong(key, f"is {shown(value)}; no song is that long")
        else:
            return self._fine(key, Decimal(value))
        return None

    def seconds(self, key: str) -> Decimal:
        """A length above 0 in seconds."""
        if not self.has(key, required=True):
            return Decimal(1)
        value = self.data[key]
        if not _is_number(value):
            self.wrong(key, f"is {shown(value)}; it must be a number of seconds")
        elif value <= 0:
            self.wrong(key, f"is {shown(value)}; a shot needs more than 0 seconds")
        elif value >= 10_000:
            self.wrong(key, f"is {shown(value)}; a shot has less than 10000 seconds")
        else:
            return self._fine(key, Decimal(value)) or Decimal(1)
        return Decimal(1)

    def _fine(self, key: str, value: Decimal) -> Decimal | None:
        if value == round(value, 3):
            return value
        self.wrong(key, f"is {shown(value)}; three decimals are the most")
        return None

    def names(self, key: str) -> tuple[str, ...]:
        """A list of texts, each once."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(key, f'is {shown(value)}; it must be a list of texts such as ["mara"]')
            return ()
        for index, item in enumerate(value):
            if item in value[:index]:
                self.notes.wrong((*self.path, key, index), f"{self.name(key)} names {shown(item)} twice.")
        return tuple(value)

    def texts(self, key: str, *, most: int, chars: int) -> tuple[str, ...]:
        """A list of at most `most` texts of at most `chars` characters; an empty one in the list keeps its place."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(key, f'is {shown(value)}; it must be a list of texts such as ["a pier", ""]')
            return ()
        if len(value) > most:
            self.wrong(key, f"has {len(value)} texts; {most} is the most")
        texts = [tidy(item) for item in value]
        for index, item in enumerate(texts):
            if CONTROL.search(item):
                self.notes.wrong((*self.path, key, index), f"{self.name(key)} holds a control character; take it out.")
            elif len(item) > chars:
                said = f"{self.name(key)} has a text of {len(item)} characters; {chars} is the most."
                self.notes.wrong((*self.path, key, index), said)
        while texts and not texts[-1]:
            texts.pop()
        return tuple(texts)

    def each(self, key: str, read: Callable[[KeyPath, Any], T]) -> tuple[T, ...]:
        """Every table of a list of tables."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            self.wrong(key, f"is {shown(value)}; it must be a list of tables")
            return ()
        return tuple(read((*self.path, key, index), item) for index, item in enumerate(value))


def tidy(text: str) -> str:
    """Text with \\n as its only line end and no white space at its ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return not isinstance(value, Decimal) or value.is_finite()
