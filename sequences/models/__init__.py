"""The rows: what is planned, what was made, and the work that made it."""

from .accounts import Account, DayBudget, Price, Upload
from .artefacts import Candidate, Check, Clip, Grid, StartFrame, Take, TakeShot
from .craft import Batch, BatchItem, StyleRevision, Waiver
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
from .records import ImportedRecord
from .work import Attempt, Event, Heartbeat, Job, LedgerEntry, Receipt

__all__ = [
    "Account",
    "Attempt",
    "Batch",
    "BatchItem",
    "Candidate",
    "Check",
    "Clip",
    "DayBudget",
    "Element",
    "ElementImage",
    "Event",
    "Grid",
    "Heartbeat",
    "ImportedRecord",
    "Job",
    "LedgerEntry",
    "Membership",
    "Price",
    "Project",
    "PromptRevision",
    "Receipt",
    "Sequence",
    "SequenceElement",
    "Shot",
    "Song",
    "StartFrame",
    "StyleRevision",
    "Take",
    "TakeShot",
    "Upload",
    "Waiver",
]
