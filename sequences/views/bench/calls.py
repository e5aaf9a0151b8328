"""The calls of a plan as the workbench shows them: what is in each, how full it is, and where it could be divided.

Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sequences import callplan
from sequences.callplan import Call, Piece, Proposal, plain
from sequences.costs import dollars
from sequences.elements import Dropped
from sequences.models import StartFrame
from sequences.orchestration.filling import Fill, fills
from sequences.orchestration.quoting import Quote, begun_with, ended_on, split_proposals
from sequences.planfile import money_text
from sequences.prompts import Line, mentions
from sequences.providers import catalogue
from sequences.providers.catalogue import Endpoint
from sequences.providers.catalogue.endpoint import MICROS

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
    """A shot, or a part of one, inside a call; `trimmed` says what is asked for when more is made than kept.

    `lost` are names of elements its prompt names and the call leaves behind. `split` is the id of the shot behind it
    when the call can be split there, `after` its own number.
    """

    label: str
    seconds: float
    thumb: str
    trimmed: str
    lost: list[str] = field(default_factory=list)
    split: int | None = None
    after: int = 0


@dataclass(slots=True)
class Sent:
    """The words of one shot as they are sent; `over` when the model takes fewer characters; `lines`: whose is what."""

    label: str
    text: str
    length: int
    over: bool
    lines: tuple[Line, ...] = ()


@dataclass(slots=True)
class Lost:
    """An element a call leaves behind, what stands for it, and the split that would send it, with what that costs."""

    key: str
    name: str
    reason: str
    instead: str
    split: Proposal | None
    difference: str


@dataclass(slots=True)
class Divider:
    """What stands between a call and the next one, which begins at shot `at` (`shot` is its id).

    `fixed` is the rule that holds it, empty for one that moves; then it stands behind shot `now` and goes from `low`
    to `high`, and `places` are what a drag shows for each. `stays` is why both calls cannot be joined, empty when they
    can.
    """

    at: int
    shot: int
    fixed: str
    stays: str
    low: int
    now: int
    high: int
    text: str
    places: list[dict[str, Any]]


@dataclass(slots=True)
class CallRow:
    """One call of the plan. `kept` of `seconds` asked are used. `ids` are its shots', `model` the one they name
    themselves, empty for the take's; `divider` stands behind it."""

    number: int
    tag: str
    pieces: list[PieceRow]
    icon: str
    start: str
    end: str
    seconds: float
    kept: float
    price: int | None
    caps: list[Cap]
    sent: list[str]
    dropped: list[Lost]
    words: list[Sent]
    ids: str
    count: int
    model: str
    title: str
    divider: Divider | None


def call_rows(asked: Quote, thumbs: dict[int, str]) -> list[CallRow]:
    """Every call in order."""
    splits = {p.key: p for p in split_proposals(asked)}
    calls = asked.plan.calls
    rows = []
    for place, call in enumerate(calls):
        rows.append(_call_row(call, asked, thumbs, splits))
        behind = calls[place + 1] if place + 1 < len(calls) else None
        if behind is not None and behind.pieces[0].part == 1:
            rows[-1].divider = _divider(asked, behind.shots[0])
        for lost in rows[-1].dropped:  # proposed once, where it is first left behind
            splits.pop(lost.key, None)
    return rows


def _call_row(call: Call, asked: Quote, thumbs: dict[int, str], splits: dict[str, Proposal]) -> CallRow:
    names = {e.element.key: e.element.name for e in asked.facts.elements}
    icon, start = _start(call, asked)
    own = {s.shot.model for s in asked.facts.shots if s.number in call.shots}
    ended = ended_on(asked.facts, call)
    return CallRow(
        number=call.number,
        tag=_tag(call, asked),
        pieces=_piece_rows(call, asked, thumbs),
        icon=icon,
        start=start,
        end=f"Ends on {origin(ended)}" if ended else "",
        seconds=call.seconds,
        kept=round(sum(p.seconds for p in call.pieces), 3),
        price=call.price,
        caps=caps(call, asked),
        sent=[names.get(key, key) for key in call.sent],
        dropped=[_lost(d, call, asked, splits.get(d.key)) for d in call.dropped],
        words=[_sent_words(piece, call, asked) for piece in call.pieces],
        ids=",".join(str(s.shot.pk) for s in asked.facts.shots if s.number in call.shots),
        count=len(call.shots),
        model=own.pop() if len(own) == 1 else "",
        title=asked.endpoint_of(call).title,
        divider=None,
    )


def _sent_words(piece: Piece, call: Call, asked: Quote) -> Sent:
    text = asked.compiled(call, piece.number)
    label = f"Shot {piece.number}, {plain(piece.asked)} s"
    over = len(text) > asked.endpoint_of(call).prompt_chars
    return Sent(label, text, len(text), over, sent_lines(asked, call, piece.number))


def _tag(call: Call, asked: Quote) -> str:
    solo = {s.number for s in asked.facts.shots if s.shot.solo}
    return "solo" if len(call.shots) == 1 and call.shots[0] in solo else ""


def _piece_rows(call: Call, asked: Quote, thumbs: dict[int, str]) -> list[PieceRow]:
    shots = {s.number: s for s in asked.facts.shots}
    parts = {n for c in asked.plan.calls for p in c.pieces for n in [p.number] if p.part > 1}
    rows = []
    for piece, behind in zip(call.pieces, (*call.pieces[1:], None), strict=True):
        named = mentions(shots[piece.number].text)
        rows.append(
            PieceRow(
                f"{piece.number}, part {piece.part}" if piece.number in parts else str(piece.number),
                piece.seconds,
                thumbs.get(piece.number, ""),
                _trimmed(piece),
                [d.name for d in call.dropped if d.key in named],
                shots[behind.number].shot.pk if behind else None,
                piece.number,
            )
        )
    return rows


def _trimmed(piece: Piece) -> str:
    if piece.asked == piece.seconds:
        return ""
    return f"{plain(piece.asked)} s asked, {plain(piece.seconds)} s kept"


def _lost(dropped: Dropped, call: Call, asked: Quote, split: Proposal | None) -> Lost:
    element = next((e.element for e in asked.facts.elements if e.element.key == dropped.key), None)
    naming = [s.number for s in asked.facts.shots if s.number in call.shots and dropped.key in mentions(s.text)]
    instead = ""
    if naming:
        what = "Its description" if element and element.description else "Its name"
        instead = f"{what} is written into {_shots(naming)} instead."
    return Lost(dropped.key, dropped.name, dropped.reason, instead, split, _more(split) if split else "")


def _more(split: Proposal) -> str:
    """The price difference with its sign."""
    if split.difference is None:
        return "price unknown"
    return f"{'−' if split.difference < 0 else '+'}{dollars(abs(split.difference))}"


def _shots(numbers: Sequence[int]) -> str:
    return f"shot{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _start(call: Call, asked: Quote) -> tuple[str, str]:
    """Icon and words for what a call begins with."""
    frame = begun_with(asked.facts, call)
    if call.start == "frame" and frame:
        return "pick", f"Starts from {origin(frame)}"
    if call.start == "own":
        return "pick", f"Own start frame, {origin(frame)}" if frame else "Own start frame"
    if call.start == "chain":
        before = f"the last frame of call {call.number - 1}; waits for it" if call.number > 1 else "the shot before it"
        return "chain", f"Starts from {before}"
    if not asked.endpoint_of(call).start_required:
        return "info", "Starts from its words alone"
    return "warn", "No start frame"


def origin(frame: StartFrame) -> str:
    """Where a start or end frame came from, in words."""
    if frame.source == "upscale" and frame.parent:
        times = round(frame.width / frame.parent.width)
        return f"F{frame.parent.number}, {times}× larger"
    if frame.source == "grid" and frame.grid:
        return f"Grid {frame.grid.number}, cell {frame.cell}"
    if frame.source == "take" and frame.take:
        return f"T{frame.take.number}, frame {frame.take_frame}"
    return f"upload F{frame.number}"


def caps(call: Call, asked: Quote) -> list[Cap]:
    """The limits of a call's endpoint as it fills them, over them too."""
    endpoint, begun = asked.endpoint_of(call), call.start != "none"
    less = begun and endpoint.elements_without_start > endpoint.elements_with_start
    labels = {
        "shots": "Shots",
        "seconds": "Seconds",
        "characters": "Characters",
        "prompt": "Characters, longest shot" if len(call.shots) > 1 else "Characters",
        "elements": "Elements, with a start frame" if less else "Elements",
    }
    return [_cap(labels[fill.name], fill) for fill in fills(asked, call)]


def _cap(label: str, fill: Fill) -> Cap:
    pct = min(100.0, 100 * fill.have / fill.most) if fill.most else 100.0
    over = f", {plain(fill.have - fill.most)} too {'long' if fill.name == 'seconds' else 'many'}"
    said = {"full": ", full", "over": over}.get(fill.state, "")
    return Cap(label, f"{_figure(fill.have)} of {_figure(fill.most)}{said}", pct, fill.state)


def _figure(number: float) -> str:
    return f"{number:,}" if number == int(number) and number >= 1000 else plain(number)


def _divider(asked: Quote, at: int) -> Divider:
    planning = asked.planning
    places = callplan.places(planning, at)
    shot = next(s.shot.pk for s in asked.facts.shots if s.number == at)
    shown = [_place(place.to, place.left, place.right, place.said, asked) for place in places]
    return Divider(
        at=at,
        shot=shot,
        fixed="" if len(places) > 1 else callplan.rule_before(planning, at) or "there is no other place for it",
        stays=callplan.between(planning, at),
        low=places[0].to - 1 if places else at - 1,
        now=at - 1,
        high=places[-1].to - 1 if places else at - 1,
        text=next((one["text"] for one in shown if one["to"] == at), f"after shot {at - 1}"),
        places=shown,
    )


def _place(to: int, left: Call, right: Call, said: str, asked: Quote) -> dict[str, Any]:
    sides = [caps(left, asked), caps(right, asked)]
    over = [f"{c.name.lower()} {c.figure}" for side in sides for c in side if c.state == "over"]
    text = f"after shot {to - 1}: {_holds(left)} and {_holds(right)}"
    return {
        "to": to,
        "text": "; ".join([text, *over]),
        "said": said,
        "left": [_plain_cap(c) for c in sides[0]],
        "right": [_plain_cap(c) for c in sides[1]],
    }


def _holds(call: Call) -> str:
    count = len(call.shots)
    return f"{count} shot{'s' if count > 1 else ''} in {plain(call.seconds)} s"


def _plain_cap(cap: Cap) -> dict[str, Any]:
    return {"name": cap.name, "figure": cap.figure, "pct": round(cap.pct, 2), "state": cap.state}


def sum_of(asked: Quote, takes: int) -> str:
    """Variations × calls × seconds × price in one line, as it is multiplied."""
    calls = len(asked.plan.calls)
    parts = [
        f"{takes} take{'s' if takes > 1 else ''}",
        f"{calls} call{'s' if calls != 1 else ''}, {plain(asked.plan.seconds)} s",
    ]
    return f"{' × '.join(parts)} × {rates(asked.endpoints)}"


def rates(endpoints: Sequence[Endpoint]) -> str:
    """What a second costs; several when calls go to several models."""
    return f"{' and '.join(dict.fromkeys(map(_rate, endpoints)))} a second"


def _rate(endpoint: Endpoint) -> str:
    """To its last digit: a second of 8.4 cents is not one of 8."""
    micros = endpoint.price(1)
    return "an unknown price" if micros is None else f"${money_text(Decimal(micros) / MICROS)}"


def model_choices(asked: Quote, chosen: str | None, usual: Endpoint) -> list[tuple[str, str, bool]]:
    """What Generate offers, and which is chosen: the usual model, which lets shots keep their own, and each for all."""
    own = any(s.shot.model for s in asked.facts.shots)
    first = ("", "As planned" if own else usual.title)
    each = [(e.id, f"All on {e.title}" if own else e.title) for e in models_of(asked)]
    choices = [first, *(one for one in each if own or one[0] != usual.id)]
    wanted = chosen if chosen in dict(choices) else ""
    return [(value, label, value == wanted) for value, label in choices]


def models_of(asked: Quote) -> list[Endpoint]:
    """Video endpoints of the project's provider that can be asked, and those in use."""
    known = list(catalogue.endpoints(kind="video", provider=asked.facts.project.provider, enabled=True))
    return known + [e for e in asked.endpoints if e not in known]
