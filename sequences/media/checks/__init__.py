"""Automatic gates on a take: what was measured, what is allowed, and where in the take."""

from sequences.media.checks.gates import Asked, Finding, Result, rate_text, run
from sequences.media.checks.limits import FIELDS, BadLimits, Field, Limits

__all__ = ["FIELDS", "Asked", "BadLimits", "Field", "Finding", "Limits", "Result", "rate_text", "run"]
