"""Execution moves one paid job one step. It never asks for new paid work and knows nothing of picks and verdicts.

`step(job_id)` makes one move and returns whose bell to ring next; `sweep()` finds whatever is due with the broker
empty. Rows first, world second, rows third: every claim is committed before a byte leaves or a file is written.
"""

from .assemble import assemble
from .claims import beat, holder, worker_lives
from .drain import answer, drain
from .follow import follow_due
from .step import ask_now, step
from .sweep import sweep
from .wake import Wake

__all__ = [
    "Wake",
    "answer",
    "ask_now",
    "assemble",
    "beat",
    "drain",
    "follow_due",
    "holder",
    "step",
    "sweep",
    "worker_lives",
]
