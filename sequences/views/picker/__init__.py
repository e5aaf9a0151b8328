"""The grid picker: a dialog over the page it was opened from, or a page of its own."""

from .show import picker, picker_live
from .verbs import pick, picker_cancel, picker_explore, picker_retry

__all__ = ["pick", "picker", "picker_cancel", "picker_explore", "picker_live", "picker_retry"]
