"""A sequence as a take saw it: its prompt revisions, start frames, elements and style lines, not today's."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from decimal import Decimal
from typing import Any

from sequences.models import Element, ElementImage, Sequence, Take, TakeShot
from sequences.prompts import compile_prompt, mentions
from sequences.providers import catalogue
from sequences.providers.base import Picture
from sequences.queries import SequenceFacts
from sequences.queries.facts import ElementFacts, ShotFacts

from .quoting import voices

Pictures = dict[str, tuple[str, tuple[Picture, ...]]]


def pinned_facts(take: Take) -> SequenceFacts:
    """Facts as `load` gives them, of the moment the take was asked for. Frame size, rate, solo marks and dividers are
    today's.

    Its sequence, project and shots are copies: they must not be saved.
    """
    sequence = copy(take.sequence)
    sequence.project = copy(take.sequence.project)
    sequence.mode = take.mode
    facts = SequenceFacts(sequence, start_frame=take.start_frame)
    rows = list(take.shots.select_related("shot", "revision", "start_frame", "end_frame").order_by("number", "part"))
    facts.shots = [_shot(number, parts, sequence) for number, parts in _by_number(rows).items()]
    facts.elements = _elements(take, facts)
    _style(take, facts, rows)
    return facts


def _by_number(rows: list[TakeShot]) -> dict[int, list[TakeShot]]:
    out: dict[int, list[TakeShot]] = {}
    for row in rows:
        out.setdefault(row.number, []).append(row)
    return out


def _shot(number: int, parts: list[TakeShot], sequence: Sequence) -> ShotFacts:
    first = parts[0]
    shot = copy(first.shot)
    shot.sequence, shot.number = sequence, number
    shot.seconds = sum((part.seconds for part in parts), Decimal(0))
    # a frame that belongs to a shot is its own; one that belongs to none is the sequence's
    own = first.start_frame if first.start_frame and first.start_frame.shot_id else None
    return ShotFacts(shot, first.revision.text, first.revision.number, first.revision_id, own, parts[-1].end_frame)


def _elements(take: Take, facts: SequenceFacts) -> list[ElementFacts]:
    """Elements in the take's order, with the pictures it sent; one that stayed behind has its frontal picture."""
    sent = _sent_pictures(take)
    left = [e["front"] for e in take.elements if e["key"] not in sent and e.get("front")]
    images = ElementImage.objects.filter(file__in=left, element__project=facts.project).select_related("element")
    fronts = {image.file: image for image in images} if left else {}
    return [_element(e, sent, fronts, facts) for e in take.elements]


def _element(
    pinned: dict[str, Any], sent: Pictures, fronts: dict[str, ElementImage], facts: SequenceFacts
) -> ElementFacts:
    key, front = pinned["key"], fronts.get(pinned.get("front", ""))
    kind, pictures = sent.get(key, ("character", ()))
    if front is not None:
        kind, pictures = front.element.kind, (Picture(front.file, front.sha256, front.width, front.height),)
    element = Element(
        project=facts.project, key=key, name=pinned["name"], kind=kind, description=pinned.get("description", "")
    )
    named = [s.number for s in facts.shots if key in mentions(s.text)]
    return ElementFacts(element, len(pictures), pinned.get("front", ""), True, named, pictures)


def _sent_pictures(take: Take) -> Pictures:
    """Kind and pictures of every element that its calls, or those of the takes it redoes, have sent."""
    out: Pictures = {}
    for request in _requests(take):
        for ref in request.get("elements", ()):
            out.setdefault(ref["key"], (ref["kind"], tuple(Picture(**p) for p in ref["pictures"])))
    return out


def _requests(take: Take) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    row: Take | None = take
    while row is not None and row.pk not in seen:
        yield from row.jobs.order_by("id").values_list("request", flat=True)
        seen.add(row.pk)
        row = row.parent


def _style(take: Take, facts: SequenceFacts, rows: list[TakeShot]) -> None:
    """Style lines as they stood around the prompts that were sent; today's where that cannot be told."""
    project, whole = facts.project, facts.style
    own = facts.sequence
    own.style_prefix = own.style_suffix = own.style_negative = ""
    request: dict[str, Any] = next(_requests(take), {})
    project.style_prefix, project.style_suffix = whole.prefix, whole.suffix
    project.style_negative = request.get("negative", whole.negative)
    calls = {call["number"]: call for call in take.plan.get("calls", ())}
    row = next((r for r in rows if r.call in calls and r.compiled), None)
    if row is None:
        return
    call = calls[row.call]
    found = _around(row, facts, call.get("endpoint") or take.endpoint, call.get("sent", ()))
    if found is not None:
        project.style_prefix, project.style_suffix = found


def _around(row: TakeShot, facts: SequenceFacts, endpoint: str, sent: Any) -> tuple[str, str] | None:
    """What stands before and behind a shot's own words in the prompt that was sent."""
    try:
        body = compile_prompt(row.revision.text, voices(facts, catalogue.endpoint(endpoint), tuple(sent)))
    except catalogue.UnknownEndpoint:
        return None
    before, found, after = row.compiled.partition(body)
    if not found or not body:
        return None
    # a full stop that joins the lines belongs to none of them
    return before.strip(), after.removeprefix(".").strip()
