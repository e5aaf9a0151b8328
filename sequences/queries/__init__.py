"""What pages and commands read. Nothing here writes."""

from .facts import ElementFacts, SequenceFacts, ShotFacts, load
from .people import member_role, projects_of
from .stages import STAGES, NextAction, next_action, stage
from .waiting import open_picks, waiting_count, waiting_takes

__all__ = [
    "STAGES",
    "ElementFacts",
    "NextAction",
    "SequenceFacts",
    "ShotFacts",
    "load",
    "member_role",
    "next_action",
    "open_picks",
    "projects_of",
    "stage",
    "waiting_count",
    "waiting_takes",
]
