"""The plan file: read with every problem named, and written so that a round trip is identical.

Pure: bytes in, frozen values out, and back.
"""

from __future__ import annotations

from .plan import (
    Plan,
    PlanElement,
    PlanError,
    PlanProject,
    PlanSequence,
    PlanShot,
    PlanSong,
    PlanStyle,
    Problem,
    key_text,
    money_text,
    number_text,
    time_text,
)
from .reading import CODE, KEY, SLUG, TAKEN_CODES, Draft, parse, read, read_element, read_project, read_style
from .tables import CONTROL, Notes, tidy
from .writing import dump, dump_json

__all__ = [
    "CODE",
    "CONTROL",
    "KEY",
    "SLUG",
    "TAKEN_CODES",
    "Draft",
    "Notes",
    "Plan",
    "PlanElement",
    "PlanError",
    "PlanProject",
    "PlanSequence",
    "PlanShot",
    "PlanSong",
    "PlanStyle",
    "Problem",
    "dump",
    "dump_json",
    "key_text",
    "money_text",
    "number_text",
    "parse",
    "read",
    "read_element",
    "read_project",
    "read_style",
    "tidy",
    "time_text",
]
