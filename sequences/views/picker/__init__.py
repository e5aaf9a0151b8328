"""The grid picker: a dialog over the page it was opened from, or a page of its own."""

from .candidates import picker_cuts, picker_like, picker_star
from .show import picker, picker_live
from .verbs import pick, picker_cancel, picker_explore, picker_retry

__all__ = [
    "pick",
    "picker",
    "picker_cancel",
    "picker_cuts",
    "picker_explore",
    "picker_like",
    "picker_live",
    "picker_retry",
    "picker_star",
]
