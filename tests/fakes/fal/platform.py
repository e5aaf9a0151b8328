"""The platform side: prices, models with their schemas, the list of requests, billing events."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from tests.fakes.fal.clock import Clock, iso
from tests.fakes.fal.config import Config
from tests.fakes.fal.endpoints import ENDPOINTS
from tests.fakes.fal.faults import Faults
from tests.fakes.fal.ledger import Ledger
from tests.fakes.fal.queue import Job, Queue
from tests.fakes.fal.schemas import openapi
from tests.fakes.fal.wire import Request, Response, answer

DAY = 86400.0
KEPT = 30 * DAY  # how long payloads are kept


class BadQuery(ValueError):
    """A query that cannot be answered; the text is told to the client."""


def refusal(status: int, kind: str, message: str) -> Response:
    """The platform's own shape of errors."""
    told = {"type": kind, "message": message, "docs_url": "https://docs.fal.ai/platform-apis", "request_id": "req_fake"}
    return answer(status, {"error": told})


class Platform:
    def __init__(self, config: Config, clock: Clock, ledger: Ledger, queue: Queue, faults: Faults) -> None:
        self._config, self._clock, self._ledger = config, clock, ledger
        self._queue, self._faults = queue, faults

    def answer(self, path: str, request: Request, account: str | None) -> Response:
        route = {
            "models": self._models,
            "models/pricing": self._pricing,
            "models/requests/by-endpoint": self._requests,
            "models/billing-events": self._billing,
            "meta": self._meta,
        }.get(path)
        if route is None:
            return refusal(404, "not_found", f"No such path: /{path}")
        if account is None and path not in ("models", "meta"):
            return refusal(401, "authorization_error", "Authentication required")
        if request.method != "GET":
            return refusal(405, "method_not_allowed", "Only GET")
        try:
            return answer(200, route(request, account or ""))
        except BadQuery as problem:
            return refusal(400, "validation_error", str(problem))

    def _meta(self, request: Request, account: str) -> dict[str, Any]:
        return {"webhook_ip_ranges": ["127.0.0.1/32"]}

    def _models(self, request: Request, account: str) -> dict[str, Any]:
        wanted, full = request.values("endpoint_id"), "openapi-3.0" in request.values("expand")
        found = [ENDPOINTS[name] for name in wanted or ENDPOINTS if name in ENDPOINTS]
        models = []
        for endpoint in found:
            meta = {"display_name": endpoint.title or endpoint.id, "category": endpoint.output, "status": "active"}
            model: dict[str, Any] = {"endpoint_id": endpoint.id, "metadata": meta}
            models.append({**model, "openapi": openapi(endpoint)} if full else model)
        return {"models": models, "next_cursor": None, "has_more": False}

    def _pricing(self, request: Request, account: str) -> dict[str, Any]:
        wanted = request.values("endpoint_id")
        if not 1 <= len(wanted) <= 50:
            raise BadQuery("endpoint_id: give 1 to 50 endpoints")
        prices = [price for name in wanted if (price := self._price(name)) is not None]
        return {"prices": prices, "next_cursor": None, "has_more": False}

    def _price(self, name: str) -> dict[str, Any] | None:
        if name not in ENDPOINTS:
            return None
        price, unit = self._queue.prices[name], ENDPOINTS[name].unit
        for rule in self._faults.prices():
            if not fnmatchcase(name, rule.args["endpoint"] or rule.endpoint):
                continue
            if rule.action == "price_missing":
                return None
            price, unit = Decimal(str(rule.args["unit_price"])), rule.args["unit"]
        return {"endpoint_id": name, "unit_price": float(price), "unit": unit, "currency": "USD"}

    def _requests(self, request: Request, account: str) -> dict[str, Any]:
        query = request.query
        wanted = request.values("endpoint_id")
        if not 1 <= len(wanted) <= 50:
            raise BadQuery("endpoint_id: give 1 to 50 endpoints")
        now = self._clock.wall()
        first = moment(query.get("start"), now - (90 if query.get("request_id") else 1) * DAY)
        last = moment(query.get("end"), now)
        found = [
            job
            for job in self._queue.jobs.values()
            if job.account == account and job.endpoint in wanted and self._listed(job)
            and first <= (job.ended_at or job.sent_at) <= last
            and query.get("request_id") in (None, job.request_id)
            and query.get("status") in (None, verdict(job))
        ]  # fmt: skip
        found.sort(key=lambda job: (job.ended_at or job.sent_at, job.ticket), reverse=True)
        full = "payloads" in request.values("expand")
        return page(found, query, 100, "items", lambda job: self._item(job, full))

    def _listed(self, job: Job) -> bool:
        if "unlisted" in job.faults:
            return False
        if job.state != "COMPLETED":
            return self._config.listing_running
        return self._clock.run() - job.ended_run >= self._config.listing_lag

    def _item(self, job: Job, full: bool) -> dict[str, Any]:
        told: dict[str, Any] = {
            "request_id": job.request_id,
            "endpoint_id": job.endpoint,
            "sent_at": iso(job.sent_at),
            "started_at": iso(job.started_at) if job.started_at else None,
            "ended_at": iso(job.ended_at) if job.ended_at else None,
            "status_code": job.status_code or None,
            "duration": job.ended_at - job.started_at if job.ended_at and job.started_at else None,
        }
        if full:
            kept = job.store and (job.state != "COMPLETED" or self._clock.run() - job.ended_run < KEPT)
            told |= {"json_input": job.input if kept else None, "json_output": job.output if kept else None}
        return told

    def _billing(self, request: Request, account: str) -> dict[str, Any]:
        now, wanted = self._clock.wall(), request.values("endpoint_id")
        first, last = moment(request.query.get("start"), now - DAY), moment(request.query.get("end"), now)
        if last - first > 90 * DAY:
            raise BadQuery("start, end: at most 90 days apart")
        found = [
            record
            for record in self._ledger.of("billed")
            if record["account"] == account and first <= record["at"] <= last
            and (not wanted or record["endpoint"] in wanted)
            and request.query.get("request_id") in (None, record["request_id"])
        ]  # fmt: skip
        return page(found, request.query, 10_000, "billing_events", event)


def event(record: dict[str, Any]) -> dict[str, Any]:
    cost = Decimal(record["usd"])
    return {
        "request_id": record["request_id"],
        "timestamp": iso(record["at"]),
        "endpoint_id": record["endpoint"],
        "output_units": float(record["units"]),
        "cost_subtotal": float(cost),
        "cost_discount": 0,
        "cost_total": float(cost),
        "cost_estimate_nano_usd": int(cost * 10**9),
    }


def verdict(job: Job) -> str:
    if job.status_code == 200:
        return "success"
    return "user_error" if 400 <= job.status_code < 500 else "error"


def moment(text: str | None, default: float) -> float:
    if not text:
        return default
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"Cannot read the time {text!r}") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def page(found: list[Any], query: dict[str, str], most: int, name: str, shown: Any) -> dict[str, Any]:
    try:
        limit = int(query.get("limit") or min(50, most))
        start = int(base64.urlsafe_b64decode(query["cursor"]).decode()) if query.get("cursor") else 0
    except ValueError:
        raise BadQuery("limit or cursor cannot be read") from None
    if not 1 <= limit <= most:
        raise BadQuery(f"limit: 1 to {most}")
    more = start + limit < len(found)
    cursor = base64.urlsafe_b64encode(str(start + limit).encode()).decode() if more else None
    return {name: [shown(one) for one in found[start : start + limit]], "next_cursor": cursor, "has_more": more}
