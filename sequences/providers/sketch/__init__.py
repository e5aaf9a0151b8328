"""The embedded studio: a free, offline animatic artist that draws real grids and films real clips."""

from sequences.providers.sketch.options import Fault, FaultError, Options, parse_fault, parse_faults
from sequences.providers.sketch.provider import Sketch

__all__ = ["Fault", "FaultError", "Options", "Sketch", "parse_fault", "parse_faults"]
