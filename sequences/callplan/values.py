"""What the call plan is made of: limits of an endpoint, shots as planned, pieces, calls. Frozen values; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sequences.elements import Dropped

StartKind = Literal["frame", "own", "chain", "none"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint takes in one call; prices in micro-dollars a second of asked clip, None when unknown.

    `seconds_choices` are the only lengths a call may have, in order; empty for any. `call_chars` is all text of a call,
    0 for any. `shots_with_start` is how many shots a call takes that begins with a picture, None for as many as any.
    `end_frame` says whether a call may be given the picture it ends on; such a call has one shot.
    """

    endpoint: str
    shots_per_call: int
    seconds_per_call: float
    shot_min: float
    shot_max: float
    single_min: float
    single_max: float
    whole_seconds: bool
    prompt_chars: int
    cap_with_start: int
    cap_without_start: int
    price: Callable[[float], int | None]
    seconds_choices: tuple[int, ...] = ()
    call_chars: int = 0
    shots_with_start: int | None = None
    start_required: bool = True
    end_frame: bool = False
    title: str = ""

    @property
    def named(self) -> str:
        """The model in a sentence."""
        return self.title or self.endpoint

    @property
    def longest(self) -> float:
        """Seconds of the longest call."""
        most = min(self.single_max, self.seconds_per_call)
        return min(most, self.seconds_choices[-1]) if self.seconds_choices else most

    def whole_call(self, seconds: float) -> float:
        """The least length a call may have that holds so many seconds."""
        want = max(seconds, self.single_min)
        return float(next((c for c in self.seconds_choices if c >= want - 1e-9), want))

    def together(self, *, free: bool) -> int:
        """How many shots share a call; `free` is one that begins without a picture."""
        return self.shots_per_call if free or self.shots_with_start is None else self.shots_with_start


@dataclass(frozen=True, slots=True)
class PlanShot:
    """A shot as the plan needs it.

    `own_start`: it has a start frame of its own, so a call begins here. `own_end`: it has an end frame of its own, so
    it is a call of its own that ends on it. `divided`: a person lets a call begin here. `model` is the endpoint of the
    call it is made in, empty for the take's. `chars` is the most its prompt may come to as it is sent; the prompt's
    own length when not given.
    """

    number: int
    seconds: float
    prompt: str
    solo: bool = False
    own_start: bool = False
    chars: int | None = None
    divided: bool = False
    model: str = ""
    own_end: bool = False

    @property
    def length(self) -> int:
        """Characters it takes of a call."""
        return len(self.prompt) if self.chars is None else self.chars


@dataclass(frozen=True, slots=True)
class Piece:
    """One shot, or part of one too long for a call, inside a call: `seconds` kept of `asked` seconds made."""

    number: int
    part: int
    seconds: float
    asked: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request: pieces in order, what it starts from, the endpoint it goes to, and whether it ends on a picture.

    `price` is micro-dollars, None while unknown.
    """

    number: int
    pieces: tuple[Piece, ...]
    start: StartKind
    sent: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    seconds: float
    price: int | None
    endpoint: str = ""
    end: bool = False

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of the shots it makes."""
        return tuple(dict.fromkeys(p.number for p in self.pieces))


@dataclass(frozen=True, slots=True)
class CallPlan:
    """The calls of one take, and every reason why it cannot be made as it stands.

    `endpoint` is the take's; a call whose shots say so goes to another one.
    """

    endpoint: str
    calls: tuple[Call, ...]
    problems: tuple[str, ...] = field(default=())

    @property
    def price(self) -> int | None:
        """Of all calls together; None while one is unknown."""
        prices = [c.price for c in self.calls]
        return None if any(p is None for p in prices) else sum(p for p in prices if p is not None)

    @property
    def seconds(self) -> float:
        """Asked seconds of all calls together."""
        return sum(c.seconds for c in self.calls)

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Each element left behind by some call, once."""
        return tuple({d.key: d for c in self.calls for d in c.dropped}.values())

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every endpoint its calls go to, once, in order."""
        return tuple(dict.fromkeys(c.endpoint for c in self.calls))

    @property
    def begins(self) -> tuple[int, ...]:
        """Numbers of the shots that calls begin at; parts of a long shot begin none."""
        return tuple(c.shots[0] for c in self.calls if c.pieces[0].part == 1)

    def call_of(self, number: int) -> Call | None:
        """The call that makes a shot, or its first part."""
        return next((c for c in self.calls if number in c.shots), None)

    def as_data(self) -> dict[str, Any]:
        """Plain types, as kept on a take."""
        return {**asdict(self), "price": self.price, "seconds": self.seconds}


def plain(seconds: float) -> str:
    """3 for 3.0, 1.5 for 1.5."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
