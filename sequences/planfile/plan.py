"""A plan as data: what a plan file says once it was read, and what is wrong with one that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sequences.errors import Refusal

FORMAT = 1
RATES = ("24", "25", "30", "24000/1001", "30000/1001")
GRIDS = ("1x1", "2x2", "3x3")
MODES = ("multi_shot", "per_shot")
KINDS = ("character", "prop", "place")

KeyPath = tuple[str | int, ...]
"""Where a value stands: ("sequences", 2, "shots", 0, "seconds"), counted from 0."""


@dataclass(frozen=True, slots=True)
class PlanProject:
    """Size in pixels, `rate` in frames a second as text, `budget` in US dollars with at most six decimals."""

    slug: str
    title: str
    client: str = ""
    width: int = 1280
    height: int = 720
    rate: str = "24"
    budget: Decimal = Decimal(0)
    provider: str = "sketch"
    model: str = ""
    grid: str = "2x2"


@dataclass(frozen=True, slots=True)
class PlanStyle:
    """Lines that go into every call."""

    prefix: str = ""
    suffix: str = ""
    negative: str = ""


@dataclass(frozen=True, slots=True)
class PlanSong:
    """The song's file, relative to the plan."""

    file: str


@dataclass(frozen=True, slots=True)
class PlanElement:
    """A character, prop or place; `refs` is its folder of pictures, relative to the plan."""

    key: str
    kind: str = "character"
    name: str = ""
    description: str = ""
    refs: str = ""


@dataclass(frozen=True, slots=True)
class PlanShot:
    """One shot; `seconds` has at most three decimals. `divided`: a call begins at it; `model` is that of its call."""

    prompt: str
    seconds: Decimal
    solo: bool = False
    divided: bool = False
    model: str = ""


@dataclass(frozen=True, slots=True)
class PlanSequence:
    """One stretch of the song, `start` to `end` in seconds; `elements` are keys in order of priority.

    `style` are its own lines inside the plan's; `cell_prompts` say what each panel of its next grid shows.
    """

    code: str
    start: Decimal
    end: Decimal
    section: str = ""
    mode: str = "multi_shot"
    elements: tuple[str, ...] = ()
    grid_prompt: str = ""
    shots: tuple[PlanShot, ...] = ()
    style: PlanStyle = PlanStyle()
    cell_prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. Text carries no white space at its ends and only \\n as line end."""

    project: PlanProject
    style: PlanStyle = PlanStyle()
    song: PlanSong | None = None
    elements: tuple[PlanElement, ...] = ()
    sequences: tuple[PlanSequence, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the key (empty for the whole file), its line from 1 (0 unknown), the sentence."""

    path: KeyPath
    line: int
    message: str

    def told(self, name: str) -> str:
        """The sentence with file and line before it."""
        return f"{name} line {self.line}: {self.message}" if self.line else f"{name}: {self.message}"


class PlanError(Refusal):
    """A plan that was not taken. `problems` are all of them by line; `str()` is one line for each."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda p: p.line))
        where = key_text(self.problems[0].path) if self.problems else ""
        super().__init__("\n".join(p.told(name) for p in self.problems), code="bad_plan", where=where)


def key_text(path: KeyPath) -> str:
    """A path as people write it: sequences[2].shots[0].seconds."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return printable(text.removeprefix("."))


def printable(text: str) -> str:
    """Text with every character that cannot be shown on a line written as its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def time_text(seconds: Decimal) -> str:
    """Seconds as m:ss, or m:ss.mmm where there is a fraction."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}:{rest:02.0f}" if rest == int(rest) else f"{minutes:.0f}:{rest:06.3f}"


def number_text(value: Decimal) -> str:
    """A number without needless zeros and without an exponent: 5, 2.5."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def money_text(dollars: Decimal) -> str:
    """Dollars with two to six decimals: 80.00, 0.125."""
    whole, _, part = number_text(dollars).partition(".")
    return f"{whole}.{part:0<2}"
