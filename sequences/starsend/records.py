"""What the script era's files turned out to say. Times are seconds of the song as decimals with three places, money is
integer micro-dollars, files are places below the folder that was named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A file that a record names: `name` as it is written there, `path` where it lies, None when it is not there."""

    name: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class OldCheck:
    """One gate of a take; `result` is pass, warn or fail."""

    name: str
    label: str
    measured: str
    limit: str
    result: str


@dataclass(frozen=True, slots=True)
class OldTake:
    """One try, as its record tells it. One clip is a film of all its shots; several are one a shot, in order.

    `decision` is approved, rejected or empty; `prompts` are the words it was made with, one a shot or one for all.
    """

    name: str
    clips: tuple[Place, ...]
    model: str = ""
    cost_micros: int | None = None
    seed: int | None = None
    made_at: datetime | None = None
    prompts: tuple[str, ...] = ()
    checks: tuple[OldCheck, ...] = ()
    decision: str = ""


@dataclass(frozen=True, slots=True)
class OldGrid:
    """A picture of candidate frames; rows and cols are 0 where nobody says."""

    place: Place
    rows: int = 0
    cols: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One shot of a record: what is known of it alone. `number` is the old one."""

    number: int
    text: str = ""
    seconds: Decimal | None = None
    frame: Place | None = None
    takes: tuple[OldTake, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: a sequence with its shots, or (`shot`) one shot of a sequence.

    `key` is what it calls itself, `name` what tells it apart in this source for ever; `raw` is the record whole and
    `sha256` that of its canonical JSON. `takes` are of the whole record; those of one shot alone are on its part.
    """

    key: str
    name: str
    file: str
    sha256: str
    raw: Any
    code: str = ""
    shot: bool = False
    section: str = ""
    start: Decimal | None = None
    end: Decimal | None = None
    seconds: Decimal | None = None
    parts: tuple[Part, ...] = ()
    takes: tuple[OldTake, ...] = ()
    frame: Place | None = None
    grids: tuple[OldGrid, ...] = ()
    elements: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OldElement:
    """A folder under refs/: what the folder is called, its kind and its pictures, the frontal one first."""

    id: str
    kind: str
    name: str = ""
    description: str = ""
    pictures: tuple[Place, ...] = ()
    folder: str = ""


@dataclass(frozen=True, slots=True)
class OldProject:
    """A whole project folder. `problems` are sentences about no record in particular."""

    folder: str
    title: str
    client: str = ""
    width: int | None = None
    height: int | None = None
    rate: Decimal | None = None
    song: Place | None = None
    records: tuple[Record, ...] = ()
    elements: tuple[OldElement, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Notes:
    """Sentences gathered while one record is read, and the names of media that are not there."""

    problems: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Write a sentence down, once."""
        if sentence not in self.problems:
            self.problems.append(sentence)
