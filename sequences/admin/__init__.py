"""Django admin, for operators: everything can be read and searched, what is repaired goes through the verbs."""

from . import accounts, artefacts, craft, plan, records, work

__all__ = ["accounts", "artefacts", "craft", "plan", "records", "work"]
