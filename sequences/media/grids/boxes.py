"""Rectangles in whole-picture pixels, and crops of the project's shape inside them. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from sequences.media.files import MediaError

SMALLEST = 16


class BadCrop(MediaError):
    """The crop cannot be cut; the sentence says why and what would fit."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width and height in pixels of the whole picture."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First pixel column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First pixel row below the box."""
        return self.y + self.height

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom, as Pillow wants it."""
        return self.x, self.y, self.right, self.bottom

    def contains(self, other: Box) -> bool:
        """Whether the other box lies inside this one, edges included."""
        inside_x = self.x <= other.x and other.right <= self.right
        return inside_x and self.y <= other.y and other.bottom <= self.bottom


def largest_crop(cell: Box, ratio_w: int, ratio_h: int) -> Box:
    """The largest centred box of shape ratio_w:ratio_h inside the cell; width and height are even.

    Exact to one pixel. Raises BadCrop when the cell is too small to hold any.
    """
    width, height = _largest(cell.width, cell.height, ratio_w, ratio_h)
    if min(width, height) < 2:
        raise BadCrop(f"The cell of {cell.width}×{cell.height} pixels is too small to crop; use a larger picture.")
    return Box(cell.x + (cell.width - width) // 2, cell.y + (cell.height - height) // 2, width, height)


def clamp_crop(box: Box, within: Box, ratio: tuple[int, int]) -> Box:
    """The box moved (and shrunk if it must be) so that it lies inside `within` and has the ratio; even
    numbers."""
    room_w, room_h = min(max(box.width, 2), within.width), min(max(box.height, 2), within.height)
    if not has_ratio(room_w, room_h, ratio) or room_w % 2 or room_h % 2:
        room_w, room_h = _largest(room_w, room_h, *ratio)
    x = min(max(box.x, within.x), within.right - room_w)
    y = min(max(box.y, within.y), within.bottom - room_h)
    return Box(x, y, room_w, room_h)


def check_crop(box: Box, image_size: tuple[int, int], ratio: tuple[int, int], min_edge: int = SMALLEST) -> None:
    """Raise BadCrop when the box leaves the picture, is not the ratio to one pixel, or is too small.

    `min_edge` is the shortest edge in pixels that is accepted; it is never less than 16.
    """
    width, height = image_size
    if box.width <= 0 or box.height <= 0:
        raise BadCrop("The crop has no area; draw a rectangle on the picture.")
    if not Box(0, 0, width, height).contains(box):
        raise BadCrop(
            f"The crop ({box.x}, {box.y}, {box.width}×{box.height}) leaves the picture"
            f" of {width}×{height} pixels; move it inside."
        )
    least = max(min_edge, SMALLEST)
    if min(box.width, box.height) < least:
        raise BadCrop(f"The crop of {box.width}×{box.height} pixels is too small; its short edge needs {least} pixels.")
    if not has_ratio(box.width, box.height, ratio):
        want = round(box.width * ratio[1] / ratio[0])
        raise BadCrop(
            f"The crop of {box.width}×{box.height} pixels is not {ratio[0]}:{ratio[1]};"
            f" at that width it must be {want} pixels high."
        )


def has_ratio(width: int, height: int, ratio: tuple[int, int]) -> bool:
    """Whether a size has the ratio within one pixel in either direction."""
    by_width = abs(width * ratio[1] / ratio[0] - height)
    by_height = abs(height * ratio[0] / ratio[1] - width)
    return min(by_width, by_height) <= 1


def _largest(room_w: int, room_h: int, ratio_w: int, ratio_h: int) -> tuple[int, int]:
    width = _even(min(room_w, room_h * ratio_w / ratio_h))
    height = _even(min(room_h, width * ratio_h / ratio_w + 1))
    return width, height


def _even(value: float) -> int:
    return int(value) // 2 * 2
