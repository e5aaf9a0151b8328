"""The words around a grid's prompt, for models that do as told: layout, references, what to avoid. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sequences.providers.base import ElementRef, GridRequest, Picture
from sequences.providers.catalogue import Endpoint

ONE = "A single picture that fills the whole frame: no panels, no borders, no text, no watermark."


def text(endpoint: Endpoint, request: GridRequest) -> str:
    """Everything that is sent as the prompt of a grid.

    Prescribing the layout exactly and forbidding borders, gaps and text is what keeps the cells apart by plain
    division; references are named in the order in which they are sent.
    """
    parts = [_layout(request.rows, request.cols), f"What it shows: {_ended(request.prompt)}"]
    parts += _panels(request)
    parts += _likeness(request) + _shared(endpoint, request) if endpoint.references_path else []
    parts += [f"Never in the picture: {_ended(request.negative)}"] if request.negative.strip() else []
    return " ".join(parts)


def pictures(endpoint: Endpoint, request: GridRequest) -> list[Picture]:
    """Every picture that is sent, in order: what the panels are to be like, then those of the elements."""
    first = [request.likeness] if request.likeness else []
    return first + [p for _, each in share(endpoint, request.elements, used=len(first)) for p in each]


def share(
    endpoint: Endpoint, elements: Sequence[ElementRef], *, used: int = 0
) -> list[tuple[ElementRef, tuple[Picture, ...]]]:
    """Elements with the pictures that are sent: the first of each, then the second of each, while there is room.

    `used` pictures of the room are taken.
    """
    most_each = endpoint.pictures_per_element or 99
    room = endpoint.pictures - used if endpoint.pictures else 999
    counts = [0] * len(elements)
    for turn in range(most_each):
        for place, element in enumerate(elements):
            if room and len(element.pictures) > turn:
                counts[place], room = turn + 1, room - 1
    return [(element, element.pictures[:count]) for element, count in zip(elements, counts, strict=True) if count]


def _layout(rows: int, cols: int) -> str:
    if rows * cols == 1:
        return ONE
    return (
        f"One picture laid out as a strict grid of {rows} rows and {cols} columns: {rows * cols} panels of exactly"
        " equal size that together fill the picture from edge to edge. No borders, no gaps, no gutters, no rounded"
        " corners, no text, no numbers, no labels, no watermark. Each panel is one full-bleed film still of the same"
        " scene with the same people, place, light and style; framing, camera position and moment differ from panel to"
        " panel."
    )


def _panels(request: GridRequest) -> list[str]:
    """`Panel 1 (top left): a pier.` for each panel that shows something of its own."""
    return [
        f"Panel {n} ({place_of(n, request.rows, request.cols)}): {_ended(text)}" if request.rows * request.cols > 1
        else _ended(text)
        for n, text in enumerate(request.cells[: request.rows * request.cols], 1)
        if text.strip()
    ]  # fmt: skip


def place_of(number: int, rows: int, cols: int) -> str:
    """Where a panel lies, in words: `top left`, `middle`, `row 4`. Panels count from 1 in reading order."""
    row, col = divmod(number - 1, cols)
    names = {1: ("",), 2: ("top", "bottom"), 3: ("top", "middle", "bottom")}.get(rows) or [
        f"row {n}" for n in range(1, rows + 1)
    ]
    across = {1: ("",), 2: ("left", "right"), 3: ("left", "centre", "right")}.get(cols) or [
        f"column {n}" for n in range(1, cols + 1)
    ]
    return " ".join(part for part in (names[row], across[col]) if part) or "all of it"


def _likeness(request: GridRequest) -> list[str]:
    if request.likeness is None:
        return []
    return [
        "Image 1 is the still that every panel is to be near: keep its place, people, light, colours and kind of"
        " framing, and vary the pose, the moment and the camera a little."
    ]


def _shared(endpoint: Endpoint, request: GridRequest) -> list[str]:
    used = 1 if request.likeness else 0
    return _references(share(endpoint, request.elements, used=used), used)


def _references(shared: Sequence[tuple[ElementRef, tuple[Picture, ...]]], before: int) -> list[str]:
    """`Image 1 shows Mara. Images 2 and 3 show the lantern.` `before` images were named already."""
    said, apart = [], ", Image 1 apart" if before else ""
    for element, pictures in shared:
        numbers = [str(before + n) for n in range(1, len(pictures) + 1)]
        before += len(numbers)
        many = (
            f"Images {', '.join(numbers[:-1])} and {numbers[-1]} show" if numbers[1:] else f"Image {numbers[0]} shows"
        )
        said.append(f"{many} {element.name}.")
    return [*said, f"Keep their looks; take no background, pose or layout from these images{apart}."] if said else []


def _ended(words: str) -> str:
    words = words.strip()
    return words if words[-1:] in (".", "!", "?", "…") else f"{words}."
