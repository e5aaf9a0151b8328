"""Where the money went, what it was for, and what finishing may take. Money is integer micro-dollars."""

from .finish import ToFinish
from .ledger import LedgerPage, LedgerRow, ledger
from .report import (
    CostsReport,
    Failed,
    ModelCost,
    RevisionCost,
    SequenceCost,
    TakeCost,
    Unassigned,
    costs_report,
)
from .sharing import share

__all__ = [
    "CostsReport",
    "Failed",
    "LedgerPage",
    "LedgerRow",
    "ModelCost",
    "RevisionCost",
    "SequenceCost",
    "TakeCost",
    "ToFinish",
    "Unassigned",
    "costs_report",
    "ledger",
    "share",
]
