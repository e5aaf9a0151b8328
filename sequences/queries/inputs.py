"""A sequence as its inputs stand now, for whatever keeps or compares what it was made from."""

from __future__ import annotations

from sequences.staleness import ElementNow, Now, ShotNow

from .facts import SequenceFacts


def now_of(facts: SequenceFacts) -> Now:
    """The inputs that takes and grids of this sequence would be made from."""
    sequence = facts.sequence
    return Now(
        section=str(sequence.end - sequence.start),
        style=facts.style.lines,
        start=facts.start_frame.sha256 if facts.start_frame else "",
        shots=tuple(
            ShotNow(
                s.shot.pk,
                s.number,
                str(s.shot.seconds),
                s.text.strip(),
                s.revision,
                s.start_frame.sha256 if s.start_frame else "",
                s.end_frame.sha256 if s.end_frame else "",
            )
            for s in facts.shots
        ),
        elements={
            e.element.key: ElementNow(e.element.key, e.element.name, e.element.description, e.hashes)
            for e in facts.elements
        },
        listed=tuple(e.element.key for e in facts.elements if e.listed),
        grid_text=grid_text(facts),
        cells=tuple(sequence.cell_prompts),
    )


def grid_text(facts: SequenceFacts) -> str:
    """What a grid is drawn from when nobody says otherwise: the grid prompt, else the first shot's."""
    return (facts.sequence.grid_prompt or (facts.shots[0].text if facts.shots else "")).strip()
