"""doctor on the paid provider: its key, its account, webhooks, prices; never the key itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sequences import offers
from sequences.models import Account
from sequences.providers import catalogue
from tests.commands import ran

pytestmark = pytest.mark.django_db
SECRET = "0f8fad5b-d9cb-469f-a165-70867728950e:7c9e6679f1a24b4d"


def looked(name: str) -> tuple[bool, str, str]:
    from dailies.checkup import CHECKS, examine

    found = dict(examine({name: CHECKS[name]}))[name]
    return found.ok, found.message, found.mend


@pytest.fixture
def fal(settings: Any) -> Any:
    """A key is set, as when the studio starts with one."""
    settings.FAL_KEY = SECRET
    offers.install()
    yield settings
    settings.FAL_KEY = ""
    offers.install()


def test_without_a_key_nothing_is_wrong() -> None:
    assert looked("fal_key") == (
        True, "No FAL_KEY: only what is free is offered.", "Set FAL_KEY to generate on fal."
    )  # fmt: skip
    assert looked("webhooks")[0] and looked("catalogue")[0]
    assert looked("prices")[:2] == (True, "Everything that is offered here is free.")


def test_the_key_is_never_shown(fal: Any) -> None:
    assert looked("fal_key")[0]
    fal.FAL_KEY = '"' + SECRET + '"'
    ok, said, _ = looked("fal_key")
    assert not ok and "does not look like a key" in said
    told = "".join(str(part) for part in ran("doctor")[1:])
    assert SECRET not in told and SECRET.split(":")[1] not in told


def test_a_closed_account_is_bad_and_a_resting_one_is_told() -> None:
    assert looked("accounts")[0]
    row = Account.objects.create(provider="fal", shut=True, why="fal refused the key", since=timezone.now())
    ok, said, mend = looked("accounts")
    assert not ok and said.startswith("fal is closed. fal refused the key.") and "accounts --open fal" in mend
    row.shut, row.rest_until = False, timezone.now() + timedelta(minutes=3)
    row.save()
    ok, said, _ = looked("accounts")
    assert ok and said.startswith("fal rests. fal refused the key.")


def test_webhooks_or_asking(fal: Any) -> None:
    fal.PUBLIC_BASE_URL = ""
    assert "fal is asked how its calls stand" in looked("webhooks")[1]
    fal.PUBLIC_BASE_URL, fal.FAL_ACCOUNT_ID = "https://video.example.com", ""
    assert looked("webhooks")[2] == "Set FAL_ACCOUNT_ID to hear at once when a call has ended."
    fal.FAL_ACCOUNT_ID = "user_1"
    assert looked("webhooks")[1] == "fal rings at https://video.example.com; none has come yet."


def test_a_model_without_a_price_is_bad() -> None:
    catalogue.override("sketch/upscale", price=None)
    ok, said, mend = looked("prices")
    assert not ok and said.endswith("Nothing is spent on it.") and "refresh_prices" in mend
