"""The demo project: its plan is shipped, its song is composed and its reference pictures are drawn when it is made."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PIL import Image

from sequences.errors import Refusal
from sequences.media.grids import save
from sequences.planfile import Plan, PlanSequence, PlanShot, dump, parse
from sequences.prompts import mentions
from sequences.song.compose import compose

DEMO_PLAN = Path(__file__).resolve().parent.parent / "demo" / "night-ferry.toml"
SEED = 178
PICTURE = 768  # pixels an edge
MILLI = Decimal("0.001")

Portrait = Callable[[str, int, int], Image.Image]
"""Draws a reference picture from description, seed and edge in pixels."""


def demo_plan() -> Plan:
    """The plan of Night Ferry: 12 sequences over 178 s."""
    return parse(DEMO_PLAN.read_bytes(), DEMO_PLAN.name)


def cut_down(
    plan: Plan, *, size: tuple[int, int] | None = None, sequences: int | None = None, seconds: float | None = None
) -> Plan:
    """The plan at another size in pixels, with its first so many sequences and who plays in them, brought to a
    length in seconds.

    Raises Refusal for a count or a length there is no plan for.
    """
    kept = plan.sequences[: sequences or None]
    if sequences is not None and not 1 <= sequences <= len(plan.sequences):
        raise Refusal(f"Sequences is {sequences}; the demo has 1 to {len(plan.sequences)}.", where="--sequences")
    length = max(s.end for s in kept)
    if seconds is not None and not len(kept) <= seconds <= float(length):
        raise Refusal(f"Seconds is {seconds:g}; give {len(kept)} to {length} for these sequences.", where="--seconds")
    part = Decimal(str(seconds)) / length if seconds is not None else Decimal(1)
    width, height = size or (plan.project.width, plan.project.height)
    cast = {key for s in kept for key in (*s.elements, *(k for shot in s.shots for k in mentions(shot.prompt)))}
    return replace(
        plan,
        elements=tuple(e for e in plan.elements if e.key in cast),
        project=replace(plan.project, width=width, height=height),
        sequences=tuple(_shorter(s, part) for s in kept) if part != 1 else kept,
    )


def _shorter(sequence: PlanSequence, part: Decimal) -> PlanSequence:
    """The sequence brought to a part of its length; its last shot takes up what rounding leaves."""
    start, end = (at * part for at in (sequence.start, sequence.end))
    start, end = start.quantize(MILLI), end.quantize(MILLI)
    shots: list[PlanShot] = []
    for shot in sequence.shots:
        left = end - start - sum((s.seconds for s in shots), Decimal(0))
        last = shot is sequence.shots[-1]
        shots.append(replace(shot, seconds=left if last else (shot.seconds * part).quantize(MILLI)))
    return replace(sequence, start=start, end=end, shots=tuple(shots))


def lay_out(folder: Path, portrait: Portrait, plan: Plan | None = None) -> Path:
    """Write the demo's plan, song and reference pictures into `folder`; the plan's path, ready for `import_plan`.

    The same everywhere and every time, so that making the demo again changes nothing. `plan` stands in for the
    shipped one.
    """
    text = DEMO_PLAN.read_text(encoding="utf-8") if plan is None else dump(plan)
    plan = plan or demo_plan()
    folder.mkdir(parents=True, exist_ok=True)
    if plan.song:
        compose(float(max(s.end for s in plan.sequences)), SEED, folder / plan.song.file)
    for element in plan.elements:
        picture = portrait(f"{element.name}, {element.description}", zlib.crc32(element.key.encode()), PICTURE)
        save(picture, _made(folder / element.refs) / "1-front.png")
    target = folder / DEMO_PLAN.name
    target.write_text(text, encoding="utf-8")
    return target


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
