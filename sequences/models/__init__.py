"""The rows: what is planned, what was made, and the work that made it."""

from .artefacts import Check, Clip, Grid, StartFrame, Take, TakeShot
from .plan import (
    Element,
    ElementImage,
    Membership,
    Project,
    PromptRevision,
    Sequence,
    SequenceElement,
    Shot,
    Song,
)
from .work import Attempt, Event, Heartbeat, Job, LedgerEntry, Receipt

__all__ = [
    "Attempt",
    "Check",
    "Clip",
    "Element",
    "ElementImage",
    "Event",
    "Grid",
    "Heartbeat",
    "Job",
    "LedgerEntry",
    "Membership",
    "Project",
    "PromptRevision",
    "Receipt",
    "Sequence",
    "SequenceElement",
    "Shot",
    "Song",
    "StartFrame",
    "Take",
    "TakeShot",
]
