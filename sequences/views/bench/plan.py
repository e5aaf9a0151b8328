"""What a click would ask for: calls, bill and cast, as the workbench shows them before money is spent. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sequences import costs, prices
from sequences.callplan import Call, Piece
from sequences.models import StartFrame
from sequences.orchestration.quoting import Quote
from sequences.prompts import Line
from sequences.providers import catalogue
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts
from sequences.queries.facts import ElementFacts

from .words import sent_lines


@dataclass(slots=True)
class Cap:
    """One limit of the endpoint, filling up. `state` is `full`, `over` or empty."""

    name: str
    figure: str
    pct: float
    state: str


@dataclass(slots=True)
class PieceRow:
    """A shot, or a part of one, inside a call; `trimmed` says what is asked for when more is made than kept."""

    label: str
    seconds: float
    thumb: str
    trimmed: str


@dataclass(slots=True)
class Sent:
    """The words of one shot as they are sent; `over` when the model takes fewer characters, `lines` say whose is what."""

    label: str
    text: str
    length: int
    over: bool
    lines: tuple[Line, ...] = ()


@dataclass(slots=True)
class CallRow:
    """One call of the plan. `kept` of `seconds` asked are used."""

    number: int
    tag: str
    pieces: list[PieceRow]
    icon: str
    start: str
    seconds: float
    kept: float
    price: int | None
    caps: list[Cap]
    sent: list[str]
    dropped: list[tuple[str, str]]
    words: list[Sent]


@dataclass(slots=True)
class Bill:
    """Money and reasons beside the button. `total` and `after` are micro-dollars, None while a price is unknown."""

    takes: int
    each: int | None
    total: int | None
    after: int | None
    asked_seconds: float
    sent: str
    problems: list[str]
    hints: tuple[str, ...]

    @property
    def free(self) -> bool:
        """Whether nothing is spent."""
        return self.total == 0


@dataclass(slots=True)
class CastRow:
    """An element of the sequence in order of priority. `limit` draws the endpoint's limit under it."""

    key: str
    name: str
    front: str
    said: str
    rank: int
    listed: bool
    out: bool
    why: str
    first: bool
    last: bool
    limit: bool


def call_rows(asked: Quote, thumbs: dict[int, str]) -> list[CallRow]:
    """Every call in order."""
    return [_call_row(call, asked, thumbs) for call in asked.plan.calls]


def _call_row(call: Call, asked: Quote, thumbs: dict[int, str]) -> CallRow:
    names = {e.element.key: e.element.name for e in asked.facts.elements}
    icon, start = _start(call, asked.facts)
    kept = sum(p.seconds for p in call.pieces)
    return CallRow(
        number=call.number,
        tag=_tag(call, asked),
        pieces=[_piece_row(p, call, thumbs) for p in call.pieces],
        icon=icon,
        start=start,
        seconds=call.seconds,
        kept=round(kept, 3),
        price=call.price,
        caps=_caps(call, asked.endpoint),
        sent=[names.get(key, key) for key in call.sent],
        dropped=[(d.name, d.reason) for d in call.dropped],
        words=[_sent_words(piece, call, asked) for piece in call.pieces],
    )


def _sent_words(piece: Piece, call: Call, asked: Quote) -> Sent:
    text = asked.compiled(call, piece.number)
    label = f"Shot {piece.number}, {_plain(piece.asked)} s"
    return Sent(label, text, len(text), len(text) > asked.endpoint.prompt_chars, sent_lines(asked, call, piece.number))


def _tag(call: Call, asked: Quote) -> str:
    solo = {s.number for s in asked.facts.shots if s.shot.solo}
    return "solo" if len(call.shots) == 1 and call.shots[0] in solo else ""


def _piece_row(piece: Piece, call: Call, thumbs: dict[int, str]) -> PieceRow:
    split = piece.part > 1 or sum(p.number == piece.number for p in call.pieces) > 1
    label = f"{piece.number}, part {piece.part}" if split else str(piece.number)
    trimmed = f"{_plain(piece.asked)} s asked, {_plain(piece.seconds)} s kept" if piece.asked != piece.seconds else ""
    return PieceRow(label, piece.seconds, thumbs.get(piece.number, ""), trimmed)


def _plain(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _start(call: Call, facts: SequenceFacts) -> tuple[str, str]:
    """Icon and words for what a call begins with."""
    if call.start == "frame" and facts.start_frame:
        return "pick", f"Starts from {origin(facts.start_frame)}"
    if call.start == "own":
        own = next((s.start_frame for s in facts.shots if s.number == call.pieces[0].number), None)
        return "pick", f"Own start frame, {origin(own)}" if own else "Own start frame"
    if call.start == "chain":
        return "chain", f"Starts from the last frame of call {call.number - 1}; waits for it"
    return "warn", "No start frame"


def origin(frame: StartFrame) -> str:
    """Where a start frame came from, in words."""
    if frame.source == "upscale" and frame.parent:
        times = round(frame.width / frame.parent.width)
        return f"F{frame.parent.number}, {times}× larger"
    if frame.source == "grid" and frame.grid:
        return f"Grid {frame.grid.number}, cell {frame.cell}"
    if frame.source == "take" and frame.take:
        return f"T{frame.take.number}, frame {frame.take_frame}"
    return f"upload F{frame.number}"


def _caps(call: Call, endpoint: Endpoint) -> list[Cap]:
    room = endpoint.element_cap(with_start=call.start != "none")
    return [
        _cap("Shots", len(call.shots), endpoint.shots_cap(with_start=call.start != "none")),
        _cap("Seconds", call.seconds, endpoint.seconds_per_call),
        _cap("Elements", len(call.sent), room),
    ]


def _cap(name: str, have: float, most: float) -> Cap:
    pct = min(100.0, 100 * have / most) if most else 100.0
    state = "over" if have > most else "full" if have == most else ""
    return Cap(name, f"{_plain(have)} of {_plain(most)}{', full' if state == 'full' else ''}", pct, state)


def bill(asked: Quote, takes: int) -> Bill:
    """What `takes` takes cost, and every reason why they cannot be asked for."""
    project, each = asked.facts.project, asked.price
    total = None if each is None else each * takes
    problems = list(asked.problems)
    if total is None:
        problems.append(str(prices.refusal(asked.endpoint)))
    elif total > project.left_micros:
        problems.append(_short(total, project.left_micros))
    elif refused := costs.refusal(project, total):
        problems.append(str(refused))
    return Bill(
        takes=takes,
        each=each,
        total=total,
        after=None if total is None else max(0, project.left_micros - total),
        asked_seconds=asked.plan.seconds,
        sent=_sent(asked),
        problems=problems,
        hints=asked.hints,
    )


def _short(total: int, left: int) -> str:
    return (
        f"Needs {costs.dollars(total)}, {costs.dollars(left)} left. Short by {costs.dollars(total - left)};"
        f" ask for fewer takes or have an owner raise the budget."
    )


def _sent(asked: Quote) -> str:
    sent = {key for call in asked.plan.calls for key in call.sent}
    starts = {call.start for call in asked.plan.calls}
    parts = ["start frame"] if starts & {"frame", "own"} else []
    parts += [f"{len(sent)} of {len(asked.facts.elements)} elements"] if asked.facts.elements else []
    return ", ".join(parts) or "prompts only"


def models_of(facts: SequenceFacts) -> list[Endpoint]:
    """Video endpoints of the project's provider that can be asked."""
    return list(catalogue.endpoints(kind="video", provider=facts.project.provider, enabled=True))


def cast_rows(asked: Quote) -> list[CastRow]:
    """The elements of the sequence, most important first, then those its prompts only name."""
    elements = asked.facts.elements
    cap = asked.endpoint.element_cap(with_start=has_start(asked))
    shown = [e for e in elements if e.pictures]
    edge = shown[cap - 1].element.key if len(shown) >= cap > 0 else ""
    listed = sum(e.listed for e in elements)
    return [_cast_row(e, asked, rank, listed, edge) for rank, e in enumerate(elements, start=1)]


def _cast_row(element: ElementFacts, asked: Quote, rank: int, listed: int, edge: str) -> CastRow:
    key = element.element.key
    sent = [c.number for c in asked.plan.calls if key in c.sent]
    dropped = {c.number: d.reason for c in asked.plan.calls for d in c.dropped if d.key == key}
    return CastRow(
        key=key,
        name=element.element.name,
        front=element.front,
        said=f"{element.element.get_kind_display()}, {_where(element)}",
        rank=rank,
        listed=element.listed,
        out=bool(dropped) and not sent,
        why=_why(sent, dropped, bool(element.element.description)),
        first=rank == 1,
        last=rank == listed,
        limit=key == edge,
    )


def _where(element: ElementFacts) -> str:
    if not element.shots:
        return "whole sequence"
    return f"shot{'s' if len(element.shots) > 1 else ''} {', '.join(map(str, element.shots))}"


def _why(sent: list[int], dropped: dict[int, str], described: bool) -> str:
    if not dropped:
        return ""
    reason = next(iter(dropped.values()))
    instead = "Its description is written instead." if described else "Its name is written instead."
    if not sent:
        return f"Not sent: {reason}. {instead}"
    calls = ", ".join(map(str, dropped))
    return f"Not sent in call {calls}: {reason}."


def has_start(asked: Quote) -> bool:
    """Whether the calls of this plan begin with a picture."""
    return any(call.start != "none" for call in asked.plan.calls)
