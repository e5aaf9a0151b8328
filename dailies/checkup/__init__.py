"""What `doctor` looks at: the machine, the installation, the paid providers. Each finding says what is so and how to
mend it.
"""

from .finding import Finding, examine
from .installation import INSTALLATION
from .machine import MACHINE
from .providers import PROVIDERS

CHECKS = {**MACHINE, **INSTALLATION, **PROVIDERS}

__all__ = ["CHECKS", "Finding", "examine"]
