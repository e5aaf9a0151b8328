"""What a click would ask for: calls, bill and cast, as the workbench shows them before money is spent. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sequences import costs, prices
from sequences.orchestration.quoting import Quote
from sequences.queries.facts import ElementFacts, SequenceFacts

from .calls import sum_of


@dataclass(slots=True)
class Bill:
    """Money and reasons beside the button. `total` and `after` are micro-dollars, None while a price is unknown; `sum`
    is how the total is multiplied, in words."""

    takes: int
    each: int | None
    total: int | None
    after: int | None
    asked_seconds: float
    sum: str
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


def bill(asked: Quote, takes: int) -> Bill:
    """What `takes` takes cost, and every reason why they cannot be asked for."""
    project, each = asked.facts.project, asked.price
    total = None if each is None else each * takes
    problems = list(asked.problems)
    if total is None:
        problems.append(str(prices.refusal(asked.unpriced or asked.endpoint)))
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
        sum=sum_of(asked, takes),
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
    parts += ["end frame"] if any(call.end for call in asked.plan.calls) else []
    parts += [f"{len(sent)} of {len(asked.facts.elements)} elements"] if asked.facts.elements else []
    return ", ".join(parts) or "prompts only"


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
        why=_why(sent, dropped, bool(element.element.description), _missed(element, asked)),
        first=rank == 1,
        last=rank == listed,
        limit=key == edge,
    )


def _where(element: ElementFacts) -> str:
    if not element.shots:
        return "whole sequence"
    return f"shot{'s' if len(element.shots) > 1 else ''} {', '.join(map(str, element.shots))}"


def _missed(element: ElementFacts, asked: Quote) -> list[int]:
    """Shots that name an element in a call that leaves its picture behind."""
    missed = [c for c in asked.plan.calls if any(d.key == element.element.key for d in c.dropped)]
    numbers = {piece.number for call in missed for piece in call.pieces}
    return [number for number in element.shots if number in numbers]


def _why(sent: list[int], dropped: dict[int, str], described: bool, shots: list[int]) -> str:
    if not dropped:
        return ""
    reason = next(iter(dropped.values()))
    where = f" in shot{'s' if len(shots) > 1 else ''} {', '.join(map(str, shots))}" if shots else ""
    instead = f"Its {'description' if described else 'name'} is written instead{where}."
    if not sent:
        return f"Not sent: {reason}. {instead}"
    calls = ", ".join(map(str, dropped))
    return f"Not sent in call {calls}: {reason}. {instead}"


def own_order(facts: SequenceFacts) -> bool:
    """Whether the sequence lists its elements in another order than the project has them."""
    places = [(e.element.position, e.element.pk) for e in facts.elements if e.listed]
    return places != sorted(places)


def has_start(asked: Quote) -> bool:
    """Whether the calls of this plan begin with a picture."""
    return any(call.start != "none" for call in asked.plan.calls)
