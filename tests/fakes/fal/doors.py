"""The queue as HTTP: submit, status, stream, result, cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from tests.fakes.fal.clock import Clock
from tests.fakes.fal.config import Config
from tests.fakes.fal.endpoints import ENDPOINTS
from tests.fakes.fal.faults import Rule
from tests.fakes.fal.ledger import Ledger
from tests.fakes.fal.queue import TRANSIENT, Job, Queue, app_of, moderated
from tests.fakes.fal.wire import Request, Response, answer, flat

HOUR = 3600.0
BIG = 10_000  # bytes of a result body that is kept only six minutes
UNKNOWN = "Request not found"


class Doors:
    def __init__(self, config: Config, clock: Clock, ledger: Ledger, queue: Queue) -> None:
        self._config, self._clock, self._ledger, self._queue = config, clock, ledger, queue

    # --- Submit ---

    async def submit(self, endpoint: str, request: Request, account: str, base: str, rules: list[Rule]) -> Response:
        if endpoint not in ENDPOINTS:
            return flat(404, f"Application '{endpoint}' not found")
        try:
            given = request.json()
        except ValueError:
            return flat(400, "The body is not JSON", "bad_request")
        faults = {rule.action: rule.args for rule in rules if rule.stage == "job"}
        refused = self._refused(endpoint, given, request, account, faults)
        if refused is not None:
            return refused
        job = self._accept(endpoint, given, request, account, faults)
        if "webhook_early" in faults and job.webhook:
            await self._early(job)
        return answer(200, {**self._links(job, base), "queue_position": self._queue.position(job)}, **named(job))

    def _refused(
        self, endpoint: str, given: Any, request: Request, account: str, faults: dict[str, dict[str, Any]]
    ) -> Response | None:
        if faults.get("moderation", {}).get("at") == "submit":
            return model_error(422, [moderated(faults["moderation"]["input"])])
        problems = ENDPOINTS[endpoint].problems(given) if self._config.validate == "submit" else []
        if problems:
            return model_error(422, problems)
        most, line = request.query.get("fal_max_queue_length", ""), self._queue.lines.get(account)
        if most.isdigit() and line and len(line.tickets) > int(most):
            return flat(429, "The queue is longer than fal_max_queue_length", retry_after="5")
        return None

    def _accept(self, endpoint: str, given: Any, request: Request, account: str, faults: dict[str, Any]) -> Job:
        stored = request.headers.get("x-fal-store-io")
        return self._queue.accept(
            endpoint=endpoint,
            account=account,
            input=given,
            base=request.origin,
            webhook=request.query.get("fal_webhook", ""),
            store=self._config.store_default if stored is None else stored not in ("0", "false"),
            start_timeout=start_timeout(request.headers),
            lifecycle=request.headers.get("x-fal-object-lifecycle-preference", ""),
            faults=faults,
        )

    async def _early(self, job: Job) -> None:
        """End the request and deliver its webhook while the submit still waits for its answer."""
        if job.state == "IN_QUEUE":
            return
        if task := self._queue.finish(job):
            await task
        await self._queue.hooks.deliver(job)

    def _links(self, job: Job, base: str) -> dict[str, Any]:
        here = f"{base}/{job.app}/requests/{job.request_id}"
        links = {"response_url": here, "status_url": f"{here}/status", "cancel_url": f"{here}/cancel"}
        return {"status": "IN_QUEUE", "request_id": job.request_id, **links}

    # --- Afterwards ---

    def find(self, app: str, request_id: str, account: str) -> Job | None:
        """A request of this account under the app it was sent to, unless a fault hides it still."""
        job = self._queue.jobs.get(request_id)
        if job is None or job.account != account or job.app != app:
            return None
        hidden = job.faults.get("status_404_for")
        if hidden and self._clock.run() - job.sent_run < float(hidden["seconds"]):
            return None
        return job

    def status(self, job: Job | None, request: Request, base: str) -> Response:
        if job is None:
            return flat(404, UNKNOWN)
        return answer(200 if job.state == "COMPLETED" else 202, self._told(job, request, base), **named(job))

    def _told(self, job: Job, request: Request, base: str) -> dict[str, Any]:
        told = {**self._links(job, base), "status": job.state, "logs": None}
        if request.query.get("logs", "").lower() in ("1", "true"):
            told["logs"] = logs(job)
        if job.state == "IN_QUEUE":
            told["queue_position"] = self._queue.position(job)
        if job.state == "COMPLETED":
            told["metrics"] = {"inference_time": job.ended_at - job.started_at if job.started_at else None}
            if job.error:
                told |= {"error": job.error, "error_type": job.error_type}
        return told

    def stream(self, job: Job | None, request: Request, base: str) -> Response:
        if job is None:
            return flat(404, UNKNOWN)
        return Response(200, headers={"content-type": "text/event-stream"}, chunks=self._events(job, request, base))

    async def _events(self, job: Job, request: Request, base: str) -> AsyncIterator[bytes]:
        before = ""
        while True:
            told = self._told(job, request, base)
            if (now := json.dumps(told)) != before:
                yield f"data: {now}\n\n".encode()
                before = now
            if told["status"] == "COMPLETED":
                return
            await asyncio.sleep(0.05)

    def result(self, job: Job | None) -> Response:
        if job is None:
            return flat(404, UNKNOWN)
        if job.state != "COMPLETED":
            return flat(400, "Request is still in progress")
        spoiled = job.faults.get("result_5xx_times")
        if spoiled and job.failures < spoiled["n"]:
            job.failures += 1
            return flat(spoiled["code"], "The gateway lost its way")
        response = answer(job.status_code, job.output, **named(job))
        if "result_gone" in job.faults or self._too_old(job, len(response.body)):
            return flat(job.faults.get("result_gone", {}).get("code", 404), UNKNOWN)
        if job.units and "no_units_header" not in job.faults:
            response.headers["x-fal-billable-units"] = job.units
        if job.error_type:
            response.headers["x-fal-error-type"] = job.error_type
            retryable = job.error_type in TRANSIENT or (job.status_code >= 500 and job.error_type != "internal_error")
            response.headers["x-fal-retryable"] = "true" if retryable else "false"
        if job.error_type == "startup_timeout":
            response.headers["x-fal-request-timeout-type"] = "user"
        return response

    def _too_old(self, job: Job, size: int) -> bool:
        kept = 30 * 24 * HOUR if job.store else HOUR / 10 if size >= BIG else HOUR
        return self._clock.run() - job.ended_run >= kept

    def cancel(self, job: Job | None) -> Response:
        if job is None:
            return answer(404, {"status": "NOT_FOUND"})
        said = self._queue.cancel(job)
        status = {"OK": 200, "CANCELLATION_REQUESTED": 202, "ALREADY_COMPLETED": 400}[said]
        return answer(status, {"status": said}, **named(job))


def model_error(status: int, problems: list[dict[str, Any]]) -> Response:
    return answer(status, {"detail": problems}, x_fal_error_type=problems[0]["type"], x_fal_retryable="false")


def named(job: Job) -> dict[str, str]:
    return {"x_fal_request_id": job.request_id}


def start_timeout(headers: dict[str, str]) -> float | None:
    """Seconds until processing must have begun; the older header name means the same."""
    text = headers.get("x-fal-request-start-timeout") or headers.get("x-fal-request-timeout")
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if seconds > 0.1 else None


def logs(job: Job) -> list[dict[str, str]]:
    lines = ["Request accepted"] + (["Started"] if job.started_at else []) + (["Ended"] if job.ended_at else [])
    return [{"message": line, "timestamp": "", "level": "INFO", "source": "runner"} for line in lines]


def split(path: str) -> tuple[str, str, str] | None:
    """App, request id and what is asked of it, when a path below the queue names a request; else None.

    The app must be the short one: owner and name, whatever path the submit had.
    """
    parts = path.split("/")
    if "requests" not in parts:
        return None
    place = parts.index("requests")
    app, rest = "/".join(parts[:place]), parts[place + 1 :]
    if not rest:
        return None
    return app, rest[0], "/".join(rest[1:])


def short(app: str) -> bool:
    return app_of(app) == app and app.count("/") >= 1
