"""A stand-in for the provider fal: its queue protocol as documented, with a ledger of what really happened and a
script of faults. `FakeFal` is a process, `InProcessFal` a thread; `python -m tests.fakes.fal` serves by hand."""

from tests.fakes.fal.helper import ControlError, FakeFal, Handle, InProcessFal

__all__ = ["ControlError", "FakeFal", "Handle", "InProcessFal"]
