"""The provider's refusals turned into our errors and into sentences that name the input and the reason.

Two shapes of body are known: a list of model errors in `detail` (`loc`, `msg`, `type`, `ctx`), and one text in
`detail` beside `error_type`. Programs decide on `type` and on the status, never on the text; the one exception is a
locked account, which the provider only tells in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from sequences.providers.base import Busy, Closed, ProviderError, Refused, TryLater
from sequences.providers.fal.calls import Answer
from sequences.providers.redact import quotable

BUSY_AFTER = 30.0
BUSY_MOST = 600.0
CLOSED_AFTER = 300.0
UNITS = "x-fal-billable-units"
_LOCKED = ("user is locked", "account is locked", "exhausted balance", "insufficient balance", "balance exhausted")
_HOLDERS = ("body", "query", "path", "input")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a refusal says: `kind` is the provider's word, `where` the input (`multi_prompt.2.prompt`), `text` why."""

    kind: str
    where: str
    text: str
    structured: bool


def fault(body: Mapping[str, Any]) -> Fault | None:
    """The first complaint of a body; None when the body is none of the provider's."""
    detail = body.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):
        return _listed(detail)
    word = _text(body.get("error_type"))
    error = body.get("error")
    text = _text(detail) or _text(error) or (_text(error.get("message")) if isinstance(error, dict) else "")
    return Fault(word, "", text or word, False) if text or word else None


def refused(answer: Answer, *, charged: bool | None, units: Decimal | None = None) -> Refused | None:
    """The refusal an answer tells of, None when it tells of none."""
    told = fault(answer.body or {})
    if told is None:
        return None
    if told.kind in ("client_cancelled", "client_disconnected") or answer.status == 499:
        return Refused("The call was cancelled.", code="cancelled", charged=False)
    return Refused(_sentence(told), code=_code(told, answer.status), charged=charged, where=told.where, units=units)


def turned_away(answer: Answer) -> ProviderError | None:
    """Busy or Closed, when an answer is about us and not about the call: too many requests, key, locked account."""
    if answer.status == 429:
        return Busy("The provider takes no more calls just now.", after=retry_after(answer.headers))
    if answer.status == 402 or locked(answer):
        return Closed(f"The provider has locked the account: {_why(answer)}", after=CLOSED_AFTER)
    if answer.status in (401, 403) and not _structured(answer):
        return Closed(f"The provider does not accept the key: {_why(answer)}", after=CLOSED_AFTER)
    return None


def unusable(answer: Answer, what: str) -> TryLater:
    """Anything else: the sentence for an answer nothing can be made of."""
    return TryLater(f"The provider answers {what} with status {answer.status}: {_why(answer)}", after=15)


def locked(answer: Answer) -> bool:
    """Whether a refusal tells of a locked account or an empty balance."""
    told = fault(answer.body or {}) if 400 <= answer.status < 500 else None
    return bool(told and not told.structured and any(word in told.text.lower() for word in _LOCKED))


def retry_after(headers: httpx.Headers) -> float:
    """Seconds to wait: `Retry-After` as a number or as a date, 30 without one, never more than 600."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text)
    return min(max(seconds, 1.0), BUSY_MOST) if math.isfinite(seconds) else BUSY_AFTER


def billed_units(headers: httpx.Headers) -> Decimal | None:
    """Units of the endpoint's price that were billed, None when the answer does not say."""
    try:
        units = Decimal(headers.get(UNITS, "").strip())
    except InvalidOperation:
        return None
    return units if units.is_finite() and units >= 0 else None


def charged_by(units: Decimal | None) -> bool | None:
    """What the billed units say about a refusal: nothing billed, something billed, unknown."""
    return None if units is None else units > 0


def _listed(detail: list[Any]) -> Fault:
    first = next((d for d in detail if isinstance(d, dict) and d.get("type") == "content_policy_violation"), detail[0])
    where = ".".join(_words(first.get("loc")))
    text = _text(first.get("msg")) or _text(first.get("type")) or "no reason given"
    context = first.get("ctx")
    categories = first.get("categories") or (context.get("categories") if isinstance(context, dict) else None)
    if isinstance(categories, list) and categories:
        text = f"{text} ({', '.join(quotable(str(c), limit=40) for c in categories[:6])})"
    return Fault(_text(first.get("type")), where, text, True)


def _words(loc: Any) -> list[str]:
    words = [str(part)[:60] for part in loc[:8]] if isinstance(loc, list) else []
    return [quotable(word) for word in (words[1:] if words and words[0] in _HOLDERS else words)]


def _sentence(told: Fault) -> str:
    why = told.text.rstrip(".")
    if told.kind == "content_policy_violation":
        return f"The provider's content rules refuse {_input(told.where)}: {why}."
    if told.where:
        return f"The provider refuses {_input(told.where)}: {why}."
    return f"The provider refuses the call: {why}."


def _input(where: str) -> str:
    """`multi_prompt.2.prompt` as people count: `multi_prompt 3, prompt`."""
    said = ""
    for word in where.split("."):
        said += f" {int(word) + 1}" if word.isdecimal() else f"{', ' if said else ''}{word}"
    return said.strip() or "the call"


def _code(told: Fault, status: int) -> str:
    if told.kind == "content_policy_violation":
        return "moderation"
    about_input = status == 422 and told.structured and told.kind != "no_media_generated"
    return "bad_input" if about_input else "refused"


def _structured(answer: Answer) -> bool:
    told = fault(answer.body or {})
    return bool(told and told.structured)


def _why(answer: Answer) -> str:
    told = fault(answer.body or {})
    return f"{told.text.rstrip('.')}." if told else "no reason given."


def _text(value: Any) -> str:
    return quotable(value) if isinstance(value, str) else ""


def _seconds_until(text: str) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return math.inf
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
