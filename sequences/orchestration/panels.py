"""What each panel of the next grid is to show, one by one, before it is paid for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences.errors import Refusal
from sequences.models import Element
from sequences.models import Sequence as SequenceRow
from sequences.models.plan import Layout
from sequences.prompts import mentions
from sequences.queries import SequenceFacts, load
from sequences.queries.facts import ElementFacts

from . import _checks as checks
from ._rules import MAKERS, require
from .shots import living_sequence

MOST_CELLS = max(int(rows) * int(cols) for rows, _, cols in (value.partition("x") for value in Layout.values))
MOST_CHARS = 1000


def set_cell_prompts(*, actor: AbstractBaseUser | None, sequence: SequenceRow, texts: Sequence[str]) -> SequenceRow:
    """Say what the panels of the next grid show, in reading order; an empty text is a panel as it comes, no texts are
    all of them. A smaller layout uses the first ones, a larger one leaves its last ones as they come.

    Raises Refusal (too many, too long, control characters).
    """
    require(actor, sequence.project, *MAKERS)
    if len(texts) > MOST_CELLS:
        raise Refusal(f"{len(texts)} cell descriptions; a grid has {MOST_CELLS} cells at most.", where="cells")
    clean = [checks.text(text, f"description of cell {n}", most=MOST_CHARS) for n, text in enumerate(texts, 1)]
    while clean and not clean[-1]:
        clean.pop()
    with transaction.atomic():
        row = living_sequence(sequence)
        row.cell_prompts = clean
        row.save(update_fields=["cell_prompts"])
    sequence.cell_prompts = clean
    return sequence


def texts_of_shots(sequence: SequenceRow) -> list[str]:
    """The prompts of the sequence's first shots, as many as the largest grid has cells.

    Raises Refusal when no shot has one.
    """
    facts = load(sequence.project, [sequence])[0]
    texts = [" ".join(shot.text.split()) for shot in facts.shots[:MOST_CELLS]]
    if not any(texts):
        raise Refusal(f"No shot of {sequence.code} has a prompt yet; write one first.", where="cells")
    return texts


def with_named(facts: SequenceFacts, texts: Iterable[str]) -> SequenceFacts:
    """The facts with the elements that texts of a grid name beside those of the sequence, behind them.

    Two queries when there are such elements, none otherwise.
    """
    known = {e.element.key for e in facts.elements}
    keys = {key for text in texts for key in mentions(text)} - known
    if not keys:
        return facts
    rows = Element.objects.filter(project=facts.project, deleted_at=None, key__in=keys).order_by("position", "id")
    more = []
    for row in rows.prefetch_related("images"):
        images = sorted(row.images.all(), key=lambda each: (each.position, each.pk))
        front = images[0].file if images else ""
        more.append(ElementFacts(row, len(images), front, False, [], today=tuple(i.sha256 for i in images)))
    return replace(facts, elements=[*facts.elements, *more])


def fitted(texts: Sequence[str], cells: int) -> list[str]:
    """The descriptions for a grid of so many cells; none when every panel is as it comes."""
    shown = [*texts[:cells], *[""] * (cells - len(texts))]
    return shown if any(shown) else []
