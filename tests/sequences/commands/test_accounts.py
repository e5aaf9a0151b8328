"""accounts: how they stand, --close with its reason, --open."""

from __future__ import annotations

import pytest

from sequences.models import Account
from tests.commands import document, ran, refused, typed

pytestmark = pytest.mark.django_db
KEYS = {"provider", "state", "why", "since", "until", "setup", "waiting", "away", "message"}


def sketch(*args: str) -> dict[str, object]:
    rows = document("accounts", *args)["accounts"]
    assert all(set(row) == KEYS for row in rows)
    found: dict[str, object] = next(row for row in rows if row["provider"] == "sketch")
    return found


def test_it_is_closed_and_opened() -> None:
    assert (sketch()["state"], sketch()["message"]) == ("open", "sketch is open.")
    closed = sketch("--close", "sketch", "--why", "the bill is wrong")
    assert (closed["state"], closed["why"]) == ("shut", "The machine's owner closed it: the bill is wrong")
    code, out, _ = ran("accounts")
    assert code == 0 and "sketch is closed. The machine's owner closed it: the bill is wrong." in out
    assert sketch("--open", "sketch")["state"] == "open"


def test_refusals_and_wrong_usage() -> None:
    assert refused("accounts", "--close", "sketch")["where"] == "why"
    assert refused("accounts", "--open", "nobody")["where"] == "provider"
    assert ran("accounts", "--why", "x")[0] == 2
    assert typed("accounts", "--open", "sketch", "--close", "sketch") == 2
    assert not Account.objects.filter(shut=True).exists()
