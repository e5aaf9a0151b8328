"""The script era's folders, read: `projects/<project>/state/starsend/shots/*.json`, media beside them, `refs/`.

Pure: a folder in, frozen dataclasses with sentences about what does not map out. Nothing outside the folder is ever
looked at, no symlink is followed, nothing is written.
"""

from .laying import Laid, LaidShot, lay
from .places import copied, opened
from .reading import NotFound, choices, read, reread
from .records import OldCheck, OldElement, OldGrid, OldProject, OldTake, Part, Place, Record

__all__ = [
    "Laid",
    "LaidShot",
    "NotFound",
    "OldCheck",
    "OldElement",
    "OldGrid",
    "OldProject",
    "OldTake",
    "Part",
    "Place",
    "Record",
    "choices",
    "copied",
    "lay",
    "opened",
    "read",
    "reread",
]
