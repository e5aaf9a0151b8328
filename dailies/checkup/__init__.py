"""What `doctor` looks at: the machine and the installation. Each finding says what is so and how to mend it."""

from .finding import Finding, examine
from .installation import INSTALLATION
from .machine import MACHINE

CHECKS = {**MACHINE, **INSTALLATION}

__all__ = ["CHECKS", "Finding", "examine"]
