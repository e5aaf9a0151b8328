"""The provider's platform: prices, models with their schemas, and the list of calls it has taken from this account."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sequences.providers.base import Ask, Found, Refused, TryLater, Wire
from sequences.providers.fal import faults
from sequences.providers.fal.calls import Answer, Calls, Params
from sequences.providers.fal.options import Options

BATCH = 50
PAGE = 100
MOST_PAGES = 200
_LISTING = "/models/requests/by-endpoint"


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price as the provider states it: `unit` is its own free text."""

    endpoint_id: str
    unit_price: Decimal
    unit: str
    currency: str


@dataclass(frozen=True, slots=True)
class Row:
    """A call in the provider's list; `input` and `output` are None when the list does not show them."""

    request_id: str
    endpoint_id: str
    sent_at: datetime | None
    ended_at: datetime | None
    status_code: int | None
    input: Any
    output: Any


class Platform:
    """Reads of one account. Every method raises TryLater, Busy, Closed, or Refused for what the platform refuses."""

    def __init__(self, options: Options, calls: Calls) -> None:
        self._options, self._calls = options, calls

    def prices(self, endpoint_ids: Sequence[str]) -> list[PriceRow]:
        """Prices of endpoints, in no order; one that has none, or none that is a number, is missing."""
        return self._calls.run(self._prices(endpoint_ids))

    def models(self, *, endpoint_ids: Sequence[str] = (), text: str = "", category: str = "") -> list[dict[str, Any]]:
        """Models as the platform describes them (`endpoint_id`, `metadata`), all pages."""
        named = (("q", text), ("category", category))
        return self._calls.run(self._models([(k, v) for k, v in named if v], endpoint_ids))

    def schema(self, endpoint_id: str) -> dict[str, Any]:
        """The endpoint's OpenAPI description. Raises Refused when the platform has none."""
        found = self._calls.run(self._models([("expand", "openapi-3.0")], [endpoint_id]))
        for model in found:
            if model.get("endpoint_id") == endpoint_id and isinstance(model.get("openapi"), dict):
                return model["openapi"]
        raise Refused(f"The provider describes no endpoint {endpoint_id}.")

    def listing(
        self,
        endpoint_ids: Sequence[str],
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        request_id: str = "",
        payloads: bool = False,
    ) -> list[Row]:
        """Calls of at most 50 endpoints, all pages; without `start` the provider lists its last day."""
        params = _window(endpoint_ids, start, end)
        params += [("request_id", request_id)] if request_id else []
        params += [("expand", "payloads")] if payloads else []
        return self._calls.run(self._rows(params))

    def find(self, wire: Wire, *, since: datetime, until: datetime, longest: float) -> tuple[Found, ...]:
        """Calls sent between two moments with this input. `longest` seconds after its submit a call has ended.

        The list seems to be ordered and cut by the end of calls, so it is asked beyond `until`. A row of that time
        that does not show its input proves nothing either way: TryLater.
        """
        skew, late = timedelta(seconds=self._options.listing_skew), until + timedelta(seconds=longest)
        # without an end the list goes up to the provider's own now
        end = late if late < datetime.now(UTC) else None
        params = [*_window([wire.endpoint], since - skew, end), ("expand", "payloads")]
        rows = [r for r in self._calls.run(self._rows(params)) if _between(r, since - skew, until + skew)]
        found = tuple(Found(r.request_id, r.sent_at, r.ended_at) for r in rows if holds(r.input, wire.body))
        if not found and any(row.input is None for row in rows):
            raise TryLater("The provider's list does not show what its calls were asked.", after=300)
        return found

    async def one(self, ask: Ask) -> Row | None:
        """One call in the list with its payloads; None when it is not listed or the list is closed to this key."""
        params = [("endpoint_id", ask.endpoint), ("request_id", ask.request_id), ("expand", "payloads")]
        params.append(("limit", str(PAGE)))
        answer = await self._calls.read("GET", self._options.platform_url + _LISTING, params=params)
        if answer.status in (400, 401, 403, 404):
            return None
        return next((r for r in map(_row, _items(answer, "items")) if r and r.request_id == ask.request_id), None)

    async def _prices(self, endpoint_ids: Sequence[str]) -> list[PriceRow]:
        names = list(dict.fromkeys(endpoint_ids))
        rows: list[PriceRow] = []
        for start in range(0, len(names), BATCH):
            params = [("endpoint_id", name) for name in names[start : start + BATCH]]
            rows += [r async for item in self._pages("/models/pricing", "prices", params) if (r := _price(item))]
        return rows

    async def _models(self, params: list[tuple[str, str]], endpoint_ids: Sequence[str]) -> list[dict[str, Any]]:
        names = list(dict.fromkeys(endpoint_ids))
        batches = [names[i : i + BATCH] for i in range(0, len(names), BATCH)] or [[]]
        found: list[dict[str, Any]] = []
        for batch in batches:
            asked = [*params, *(("endpoint_id", name) for name in batch)]
            found += [item async for item in self._pages("/models", "models", asked)]
        return found

    async def _rows(self, params: Params) -> list[Row]:
        pages = self._pages(_LISTING, "items", [*params, ("limit", str(PAGE))])
        # a page's place may shift while calls end: a row met twice is one row
        found = {row.request_id: row async for item in pages if (row := _row(item))}
        return list(found.values())

    async def _pages(self, path: str, key: str, params: Params) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        for _ in range(MOST_PAGES):
            more = [*params, ("cursor", cursor)] if cursor else params
            answer = await self._calls.read("GET", self._options.platform_url + path, params=more)
            for item in _items(answer, key):
                yield item
            body = answer.body or {}
            following = body.get("next_cursor")
            if not isinstance(following, str) or following in ("", cursor) or body.get("has_more") is False:
                return
            cursor = following
        # half a list read as the whole list would prove a call absent
        raise TryLater("The provider's list is longer than we read; ask for less of it.", after=300)


def holds(given: Any, ours: Any) -> bool:
    """Whether an input the provider shows is the one we sent: everything of ours equal, keys it added allowed."""
    if isinstance(given, str) and isinstance(ours, Mapping):
        try:
            given = json.loads(given)
        except ValueError:
            return False
    if isinstance(ours, Mapping):
        return isinstance(given, Mapping) and all(k in given and holds(given[k], v) for k, v in ours.items())
    if isinstance(ours, list | tuple):
        same = isinstance(given, list) and len(given) == len(ours)
        return same and all(map(holds, given, ours))
    return bool(isinstance(given, bool) == isinstance(ours, bool) and given == ours)


def _window(endpoint_ids: Sequence[str], start: datetime | None, end: datetime | None) -> list[tuple[str, str]]:
    params = [("endpoint_id", name) for name in endpoint_ids]
    params += [("start", _iso(start))] if start else []
    return params + ([("end", _iso(end))] if end else [])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _items(answer: Answer, key: str) -> list[dict[str, Any]]:
    body = answer.body
    if answer.good and body is not None and isinstance(body.get(key), list):
        return [item for item in body[key] if isinstance(item, dict)]
    away = faults.turned_away(answer)
    if away is None and answer.status in (400, 404, 422):
        away = faults.refused(answer, charged=False)
    raise away or faults.unusable(answer, "the list")


def _row(item: Mapping[str, Any]) -> Row | None:
    number = item.get("request_id")
    if not isinstance(number, str) or not number:
        return None
    status = item.get("status_code")
    return Row(
        number,
        str(item.get("endpoint_id", "")),
        _moment(item.get("sent_at")),
        _moment(item.get("ended_at")),
        status if isinstance(status, int) else None,
        item.get("json_input"),
        item.get("json_output"),
    )


def _price(item: Mapping[str, Any]) -> PriceRow | None:
    try:
        price = Decimal(str(item.get("unit_price")))
    except InvalidOperation:
        return None
    name = item.get("endpoint_id")
    if not isinstance(name, str) or not price.is_finite() or price < 0:
        return None
    return PriceRow(name, price, str(item.get("unit") or "")[:80], str(item.get("currency") or "")[:8])


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _between(row: Row, start: datetime, end: datetime) -> bool:
    return row.sent_at is None or start <= row.sent_at <= end
