"""Large projects written as rows, for counting queries and for benches: nothing is drawn, files are names only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sequences.models import (
    Element,
    ElementImage,
    Project,
    PromptRevision,
    Sequence,
    SequenceElement,
    Shot,
    StartFrame,
    Take,
    TakeShot,
)
from sequences.queries.facts import load_inputs
from sequences.queries.inputs import now_of
from sequences.staleness import pin_shot
from tests import factories

SHOTS = 4
SHOT_SECONDS = Decimal("2")


def large_project(sequences: int, takes: int, *, starring: int = 9, owner: Any = None) -> Project:
    """`takes` takes in each sequence, the first approved and fresh. @mara has two pictures and is named by every shot
    of the first `starring` sequences; @dog by those of all the others.
    """
    project = factories.make_project(owner, [], title="Large", song=False)
    cast = {key: _element(project, key, n) for n, key in enumerate(("mara", "dog"))}
    length = SHOTS * SHOT_SECONDS
    rows = Sequence.objects.bulk_create(
        Sequence(project=project, code=f"SEQ{n + 1:02d}", section=f"Part {n + 1}", position=n, start=n * length,
                 end=(n + 1) * length)
        for n in range(sequences)
    )  # fmt: skip
    stars = [cast["mara" if n < starring else "dog"] for n in range(sequences)]
    SequenceElement.objects.bulk_create(
        SequenceElement(sequence=row, element=star) for row, star in zip(rows, stars, strict=True)
    )
    _shots(rows, [star.key for star in stars])
    StartFrame.objects.bulk_create(
        StartFrame(sequence=row, number=1, state="approved", source="upload", file=f"f{row.pk}.png",
                   sha256=f"{row.pk:064x}", width=160, height=90)
        for row in rows
    )  # fmt: skip
    _takes(project, takes)
    return project


def _element(project: Project, key: str, position: int) -> Element:
    element = Element.objects.create(project=project, key=key, name=key.title(), position=position)
    for n in range(2):
        ElementImage.objects.create(
            element=element, position=n, file=f"{key}{n}.png", name=f"{key}{n}.png", sha256=f"{key}{n}", width=64,
            height=64,
        )  # fmt: skip
    return element


def _shots(sequences: list[Sequence], stars: list[str]) -> None:
    shots = Shot.objects.bulk_create(
        Shot(sequence=row, number=n + 1, seconds=SHOT_SECONDS) for row in sequences for n in range(SHOTS)
    )
    PromptRevision.objects.bulk_create(
        PromptRevision(shot=shot, number=1, text=f"@{stars[n // SHOTS]} walks along pier {n}, slow push in")
        for n, shot in enumerate(shots)
    )


def _takes(project: Project, each: int) -> None:
    found = load_inputs(project)
    takes = Take.objects.bulk_create(
        Take(
            sequence=facts.sequence, number=n + 1, state="waiting" if n else "approved", mode="multi_shot",
            provider="sketch", endpoint="sketch/clip", seed=n, width=160, height=90, rate="24", file=f"t{n}.mp4",
            frames=int(SHOTS * SHOT_SECONDS * 24), start_frame=facts.start_frame, request_key=f"bulk:{n}",
        )
        for facts in found
        for n in range(each)
    )  # fmt: skip
    by_sequence = {facts.sequence.pk: facts for facts in found}
    rows = []
    for take in takes:
        facts = by_sequence[take.sequence_id]
        now = now_of(facts)
        sent = [e.element.key for e in facts.elements]
        for shot in facts.shots:
            rows.append(
                TakeShot(
                    take=take, shot=shot.shot, number=shot.number, seconds=shot.shot.seconds,
                    revision_id=shot.revision_id, inputs=pin_shot(now, shot.number, begins="frame", sent=sent), call=1,
                    first=0, frames=48, at=48 * (shot.number - 1),
                )
            )  # fmt: skip
    TakeShot.objects.bulk_create(rows, batch_size=500)
