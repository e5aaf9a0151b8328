"""The paid providers: key, account, webhooks, prices, models. Nothing here asks them anything or shows a key."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from sequences import offers, prices
from sequences.models import Account
from sequences.providers import catalogue, registry
from sequences.queries.accounts import standings

from .finding import Check, Finding

NO_KEY = "No FAL_KEY: only what is free is offered."
KEY = re.compile(r"[A-Za-z0-9-]{8,}:[A-Za-z0-9_-]{16,}")
"""`key_id:key_secret`: https://docs.fal.ai/model-apis/authentication"""
FRESH = timedelta(days=30)


def key() -> Finding:
    """A key is there, and looks like one; it is never shown."""
    if not settings.FAL_KEY:
        return Finding(True, NO_KEY, "Set FAL_KEY to generate on fal.")
    if not KEY.fullmatch(settings.FAL_KEY):
        told = "FAL_KEY is set and does not look like a key: an id, a colon, a secret, without spaces or quotes."
        return Finding(False, told, "Copy it again from fal's dashboard.")
    try:
        registry.get("fal")
    except ValueError as error:
        return Finding(False, f"fal cannot be asked: {error}", "Mend that address in the settings.")
    return Finding(True, "FAL_KEY is set and well-formed; whether fal takes it shows at the first call.")


def accounts() -> Finding:
    """No account is shut or rests; what is set up here only."""
    shut = [row for row in standings() if not row.is_open]
    if not shut:
        return Finding(True, "Calls are sent to every provider that is set up.")
    told = " ".join(row.said for row in shut)
    mend = " ".join(f"./run manage accounts --open {row.provider}" for row in shut)
    return Finding(all(row.state == "resting" for row in shut), told, f"When its cause is mended: {mend}")


def webhooks() -> Finding:
    """How ends of calls are heard of."""
    if not settings.FAL_KEY:
        return Finding(True, NO_KEY)
    if not settings.PUBLIC_BASE_URL:
        return Finding(True, "fal is asked how its calls stand (no PUBLIC_BASE_URL, so no webhooks). That is enough.")
    if not settings.FAL_ACCOUNT_ID:
        told = "fal is asked how its calls stand: webhooks are only taken for the account named in FAL_ACCOUNT_ID."
        return Finding(True, told, "Set FAL_ACCOUNT_ID to hear at once when a call has ended.")
    if not settings.PUBLIC_BASE_URL.startswith("https://") and not settings.OUTBOUND_ALLOW_LOOPBACK:
        told = f"PUBLIC_BASE_URL is {settings.PUBLIC_BASE_URL}; webhooks should come over https."
        return Finding(True, told, "Give the studio an https address; until then fal is also asked.")
    heard = Account.objects.filter(provider="fal").values_list("heard_at", flat=True).first()
    last = f"the last one came on {timezone.localtime(heard):%d %B, %H:%M}" if heard else "none has come yet"
    return Finding(True, f"fal rings at {settings.PUBLIC_BASE_URL}; {last}.")


def price_list() -> Finding:
    """Every model that can be asked has a price, and it is not old."""
    prices.sync(now=True)
    asked = [e for e in catalogue.endpoints(enabled=True) if not offers.missing(e.provider)]
    if gaps := [e.price_gap or f"The price of {e.title} is unknown." for e in asked if e.unit_price is None]:
        return Finding(False, f"{' '.join(gaps)} Nothing is spent on it.", "./run manage refresh_prices")
    dated = {e.id: e.price_dated for e in asked if e.price_dated}
    if not dated:
        return Finding(True, "Everything that is offered here is free.")
    oldest = min(dated.values())
    old = date.fromisoformat(oldest) < timezone.now().date() - FRESH
    return Finding(True, f"{len(dated)} models have a price; the oldest is of {oldest}.",
                   "./run manage refresh_prices" if old else "")  # fmt: skip


def models() -> Finding:
    """What the catalogue holds; comparing it with the provider's own descriptions is a command of its own."""
    offered = [e for e in catalogue.endpoints(enabled=True) if not offers.missing(e.provider)]
    paid = sum(e.provider != "sketch" for e in offered)
    told = f"{len(offered)} models are offered, {paid} of them paid."
    mend = "./run manage check_catalogue compares them with fal's own descriptions." if paid else ""
    return Finding(True, told, mend)


PROVIDERS: dict[str, Check] = {
    "fal_key": key,
    "accounts": accounts,
    "webhooks": webhooks,
    "prices": price_list,
    "catalogue": models,
}
