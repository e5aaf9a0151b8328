"""Grids and start frames: find the cells of a grid picture, crop them, verify and save pictures."""

from sequences.media.files import Facts
from sequences.media.grids.boxes import BadCrop, Box, check_crop, clamp_crop, largest_crop
from sequences.media.grids.gutters import Cut, Layout, find_cells
from sequences.media.grids.pictures import BadPicture, cover, cut, open_picture, preview, save

__all__ = [
    "BadCrop",
    "BadPicture",
    "Box",
    "Cut",
    "Facts",
    "Layout",
    "check_crop",
    "clamp_crop",
    "cover",
    "cut",
    "find_cells",
    "largest_crop",
    "open_picture",
    "preview",
    "save",
]
