"""The one refusal that verbs raise and every door shows with the same sentence."""

from __future__ import annotations


class Refusal(Exception):
    """What was asked is not done, and nothing was written.

    `code` is stable for scripts (over_budget, not_allowed, not_found, bad_input…); `str()` says what was wrong, where,
    and what to do; `where` is the key, field, line or object it is about.
    """

    def __init__(self, message: str, *, code: str = "bad_input", where: str = "") -> None:
        super().__init__(message)
        self.code, self.where = code, where
