"""Shots to calls: which shots share a call, from mode, marks, models and the endpoints' limits. Pure, deterministic.

A plan is shown before money is spent and kept on the take. Every shot is made exactly once and in order; no limit of
an endpoint is broken; among the plans the rules allow the cheapest is taken, and of equally cheap ones the one with
the fewest calls and the earliest full calls.

The rules: a call has one endpoint, and its shots follow each other. A solo shot, one with an end frame and one too long
to share are calls of their own; a call begins at a shot with its own start frame and wherever a person divides. A shot
longer than a call may be is cut into as few and as equal parts as can be.
"""

from .dividers import Moved, Place, Stuck, between, move, places, rule_before
from .planning import Planning, alone, apart, asked, broken, pieces_of, plan_calls
from .splits import Proposal, proposals
from .values import Call, CallPlan, Limits, Piece, PlanShot, StartKind, plain

__all__ = [
    "Call",
    "CallPlan",
    "Limits",
    "Moved",
    "Piece",
    "Place",
    "PlanShot",
    "Planning",
    "Proposal",
    "StartKind",
    "Stuck",
    "alone",
    "apart",
    "asked",
    "between",
    "broken",
    "move",
    "pieces_of",
    "places",
    "plain",
    "plan_calls",
    "proposals",
    "rule_before",
]
