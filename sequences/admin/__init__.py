"""Django admin, for operators: everything can be read and searched, what is repaired goes through the verbs."""

from . import artefacts, plan, work

__all__ = ["artefacts", "plan", "work"]
