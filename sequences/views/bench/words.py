"""Words as the workbench shows them before they are sent: whose line is whose, and what `@` offers. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sequences.callplan import Call
from sequences.models import Element
from sequences.orchestration.quoting import Quote
from sequences.prompts import Line, Style, compiled_lines
from sequences.queries import SequenceFacts
from sequences.queries.history import STYLE_LABELS
from sequences.templatetags.files import media


def sent_lines(asked: Quote, call: Call, number: int) -> tuple[Line, ...]:
    """What one shot's words are made of in a call, in the order they are sent."""
    facts = asked.facts
    text = next(s.text for s in facts.shots if s.number == number)
    own, outer = facts.sequence, facts.project
    return compiled_lines(
        text,
        asked.voices(call),
        Style(own.style_prefix, own.style_suffix),
        Style(outer.style_prefix, outer.style_suffix),
    )


@dataclass(frozen=True, slots=True)
class StyleLine:
    """One line of the sequence's own style beside the project's (`outer`)."""

    name: str
    label: str
    text: str
    outer: str


def style_lines(facts: SequenceFacts) -> list[StyleLine]:
    """The three style lines of a sequence as they are edited."""
    return [
        StyleLine(name, label, getattr(facts.sequence, f"style_{name}"), getattr(facts.project, f"style_{name}"))
        for name, label in STYLE_LABELS.items()
    ]


def names(asked: Quote, elements: list[Element], *, with_start: bool) -> list[dict[str, str]]:
    """What `@` in a prompt offers: every element with its picture's address, and whether it goes along."""
    cap = asked.endpoint.element_cap(with_start=with_start)
    return [
        {
            "key": e.key,
            "name": e.name,
            "said": f"{e.get_kind_display()}, {_going(e, asked, cap)}",
            "picture": media(e.front),  # type: ignore[attr-defined]  # annotated by elements_of
        }
        for e in elements
    ]


def _going(element: Element, asked: Quote, cap: int) -> str:
    """Whether an element's picture is sent in this sequence; for one not in it, what naming it would do."""
    key = element.key
    sent = [call.sent for call in asked.plan.calls if key in call.sent]
    if sent:
        return f"{sent[0].index(key) + 1} of {cap}, sent"
    if not element.front:  # type: ignore[attr-defined]  # annotated by elements_of
        return "no picture, written out"
    if any(dropped.key == key for call in asked.plan.calls for dropped in call.dropped):
        return f"left out, {cap} a call"
    most = max((len(call.sent) for call in asked.plan.calls), default=0)
    return "not named yet" if most < cap else f"would be left out, {cap} a call"
