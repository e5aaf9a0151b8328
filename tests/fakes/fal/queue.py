"""Requests from their acceptance to their end: the truth, without a word of HTTP."""

from __future__ import annotations

import asyncio
import random
import traceback
import uuid
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from tests.fakes.fal.clock import Clock, Timers
from tests.fakes.fal.config import Config
from tests.fakes.fal.endpoints import ENDPOINTS
from tests.fakes.fal.hooks import Hooks
from tests.fakes.fal.ledger import Ledger, Record
from tests.fakes.fal.outputs import Outputs, kept_for
from tests.fakes.fal.schemas import error

INFRASTRUCTURE = frozenset(
    [
        "request_timeout",
        "startup_timeout",
        "runner_scheduling_failure",
        "runner_connection_timeout",
        "runner_disconnected",
        "runner_connection_refused",
        "runner_connection_error",
        "runner_incomplete_response",
        "runner_server_error",
        "internal_error",
        "client_disconnected",
        "client_cancelled",
        "bad_request",
    ]
)
TRANSIENT = frozenset({"internal_server_error", "generation_timeout", "downstream_service_unavailable"})


@dataclass
class Job:
    """One accepted request. Times ending in `_at` are unix seconds on the wire, `_run` of the run clock."""

    request_id: str
    endpoint: str
    account: str
    input: Any
    base: str
    sent_at: float
    webhook: str = ""
    store: bool = True
    start_timeout: float | None = None
    lifecycle: str = ""
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: str = "IN_QUEUE"
    ticket: int = 0
    sent_run: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    ended_run: float = 0.0
    status_code: int = 0
    output: Any = None
    error: str = ""
    error_type: str = ""
    units: str = ""
    failures: int = 0  # answers to result that were spoiled so far
    ending: bool = False

    @property
    def app(self) -> str:
        return app_of(self.endpoint)


def app_of(endpoint: str) -> str:
    """What is left of an id in status, result and cancel: owner and app, one more below the two name spaces."""
    parts = endpoint.split("/")
    return "/".join(parts[: 3 if parts[0] in ("workflows", "comfy") else 2])


class Line:
    """One account's requests that wait, in order, and how many are in progress."""

    def __init__(self) -> None:
        self.tickets: list[int] = []
        self.jobs: dict[int, Job] = {}
        self.running = 0

    def join(self, job: Job) -> None:
        self.tickets.append(job.ticket)
        self.jobs[job.ticket] = job

    def leave(self, job: Job) -> None:
        del self.tickets[bisect_left(self.tickets, job.ticket)]
        del self.jobs[job.ticket]

    def position(self, job: Job) -> int:
        return bisect_left(self.tickets, job.ticket)

    def first(self) -> Job | None:
        return next((job for job in map(self.jobs.__getitem__, self.tickets) if not held(job)), None)


def held(job: Job) -> bool:
    return job.faults.get("stuck", {}).get("at") == "queue"


class Queue:
    def __init__(
        self, config: Config, clock: Clock, timers: Timers, ledger: Ledger, outputs: Outputs, hooks: Hooks
    ) -> None:
        self._config, self._clock, self._timers = config, clock, timers
        self._ledger, self._outputs, self.hooks = ledger, outputs, hooks
        self._pool = ThreadPoolExecutor(1, "draw")
        self._random = random.Random(config.seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._tickets = 0
        self.jobs: dict[str, Job] = {}
        self.lines: dict[str, Line] = {}
        self.prices: dict[str, Decimal] = {name: endpoint.price for name, endpoint in ENDPOINTS.items()}

    # --- In ---

    def accept(self, **values: Any) -> Job:
        """Take a request on. It is in the ledger when this returns, and not before it is certain."""
        job = Job(request_id=str(uuid.uuid4()), sent_at=self._clock.wall(), **values)
        names = ("request_id", "endpoint", "account", "input", "base", "sent_at", "webhook", "store")
        more = ("start_timeout", "lifecycle", "faults")
        self._ledger.write("accepted", **{name: getattr(job, name) for name in (*names, *more)})
        self._enter(job)
        return job

    def _enter(self, job: Job) -> None:
        self._tickets += 1
        job.ticket, job.sent_run = self._tickets, self._clock.run()
        self.jobs[job.request_id] = job
        self._line(job).join(job)
        if job.start_timeout is not None:
            self._timers.after(job.start_timeout, lambda: self._not_started(job))
        self.fill(job.account)

    def restore(self) -> None:
        """Take up what an earlier process had accepted: its ended requests as they ended, the others from the start."""
        ended = {record["request_id"]: record for record in self._ledger.of("ended")}
        for record in self._ledger.of("accepted"):
            job = Job(**{name: value for name, value in record.items() if name != "kind"})
            self.jobs[job.request_id] = job
            if job.request_id in ended:
                restore_end(job, ended[job.request_id])
        for job in [job for job in self.jobs.values() if job.state != "COMPLETED"]:
            self._enter(job)

    def _line(self, job: Job) -> Line:
        return self.lines.setdefault(job.account, Line())

    def position(self, job: Job) -> int:
        return self._line(job).position(job)

    # --- Through ---

    def fill(self, account: str) -> None:
        """Start as many as may be in progress at a time."""
        line = self.lines.get(account)
        while line and line.running < self._config.concurrency and (job := line.first()):
            self.start_now(job)
            if "stuck" not in job.faults:
                self._timers.after(self._duration(), partial(self.finish, job))

    def start_now(self, job: Job) -> None:
        if job.state == "IN_QUEUE":
            self._line(job).leave(job)
            self._line(job).running += 1
            job.state, job.started_at = "IN_PROGRESS", self._clock.wall()

    def charge(self, prices: dict[str, str]) -> None:
        """US dollars a unit by endpoint, from now on."""
        for name, price in prices.items():
            if name not in ENDPOINTS:
                raise ValueError(f"There is no endpoint {name!r}.")
            self.prices[name] = Decimal(str(price))

    def _duration(self) -> float:
        spread = self._config.spread
        return self._config.duration * (1 + self._random.uniform(-spread, spread))

    def _not_started(self, job: Job) -> None:
        if job.state == "IN_QUEUE":
            detail = "Request timed out before it was started"
            self._end(job, 504, {"detail": detail, "error_type": "startup_timeout"}, detail, "startup_timeout")

    def finish(self, job: Job) -> asyncio.Task[None] | None:
        """Let a request come to the end its faults and its input give it."""
        if job.state == "COMPLETED" or job.ending:
            return None
        job.ending = True
        task = asyncio.ensure_future(self._finish(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _finish(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        try:
            status, output, error_type = await loop.run_in_executor(self._pool, self._made, job)
        except Exception as bug:  # a mistake of the fake's own must not look like a request that takes long
            traceback.print_exc()
            status, output, error_type = failed(500, "internal_server_error", f"The fake failed: {bug!r}")
        if job.state != "COMPLETED":
            self._end(job, status, output, words(output) if status != 200 else "", error_type)

    def _made(self, job: Job) -> tuple[int, Any, str]:
        """HTTP status, body and error type of the result. In the drawing thread."""
        if spoiled := job.faults.get("completed_with_error"):
            return failed(spoiled["code"], spoiled["type"], spoiled["msg"])
        if refused := job.faults.get("moderation"):
            return 422, {"detail": [moderated(refused["input"])]}, "content_policy_violation"
        endpoint = ENDPOINTS[job.endpoint]
        problems = endpoint.problems(job.input)
        if not problems:
            problems = self._outputs.problems(job.input, self._config.check_images and "kling" in job.endpoint)
        if problems:
            return 422, {"detail": problems}, problems[0]["type"]
        made = self._outputs.make(endpoint, job.input, job.request_id, job.base, kept_for(job.lifecycle))
        return 200, spoil_output(made, job.faults), ""

    def _end(self, job: Job, status: int, output: Any, error_text: str = "", error_type: str = "") -> None:
        line = self._line(job)
        if job.state == "IN_QUEUE":
            line.leave(job)
        else:
            line.running -= 1
        job.ended_at, job.ended_run = self._clock.wall(), self._clock.run()
        job.status_code, job.output, job.error, job.error_type = status, output, error_text, error_type
        self._bill(job)
        names = ("request_id", "status_code", "output", "error", "error_type", "started_at", "ended_at", "units")
        self._ledger.write("ended", **{name: getattr(job, name) for name in names})
        job.state = "COMPLETED"
        self.hooks.ended(job)
        self.fill(job.account)

    def _bill(self, job: Job) -> None:
        """A good result bills its units, anything else nothing; the `bill` fault bills what it says, always."""
        told = job.faults.get("bill")
        if told is None and job.status_code != 200:
            return
        units = Decimal(str(told["units"])) if told else ENDPOINTS[job.endpoint].units(job.input)
        price = self.prices[job.endpoint]
        job.units = f"{units:f}"
        self._ledger.write(
            "billed",
            request_id=job.request_id,
            endpoint=job.endpoint,
            account=job.account,
            units=job.units,
            unit_price=str(price),
            usd=f"{units * price:f}",
            at=job.ended_at,
        )

    # --- Out ---

    def cancel(self, job: Job) -> str:
        """What the provider says: OK, CANCELLATION_REQUESTED or ALREADY_COMPLETED."""
        if job.state == "COMPLETED":
            return "ALREADY_COMPLETED"
        waiting = job.state == "IN_QUEUE"
        answer = "OK" if waiting else "CANCELLATION_REQUESTED"
        self._ledger.write("cancelled", request_id=job.request_id, answer=answer, at=self._clock.wall())
        if waiting:
            self._cancelled(job)
        elif "cancel_too_late" not in job.faults:
            self._timers.after(self._config.cancel_delay, lambda: self._cancelled(job))
        return answer

    def _cancelled(self, job: Job) -> None:
        if job.state != "COMPLETED":
            detail = "Request was cancelled"
            self._end(job, 499, {"detail": detail, "error_type": "client_cancelled"}, detail, "client_cancelled")

    def reset(self) -> None:
        """Forget everything; what is still being drawn ends in nothing."""
        for job in self.jobs.values():
            job.state = "COMPLETED"
        self._timers.clear()
        self.jobs.clear()
        self.lines.clear()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def restore_end(job: Job, record: Record) -> None:
    for name, value in record.items():
        if name not in ("kind", "request_id"):
            setattr(job, name, value)
    job.state, job.ended_run = "COMPLETED", record["ended_at"]


def failed(status: int, error_type: str, msg: str) -> tuple[int, Any, str]:
    if error_type in INFRASTRUCTURE:
        return status, {"detail": msg, "error_type": error_type}, error_type
    return status, {"detail": [error(["body"], error_type, msg)]}, error_type


def moderated(name: str) -> dict[str, Any]:
    msg = "The content could not be processed because it was flagged by a content checker"
    return {**error(["body", name], "content_policy_violation", msg), "categories": ["violence"]}


def words(output: Any) -> str:
    """The error text of a failed body."""
    detail = output.get("detail") if isinstance(output, dict) else output
    return str(detail[0]["msg"] if isinstance(detail, list) and detail else detail)


def spoil_output(made: Any, faults: dict[str, dict[str, Any]]) -> Any:
    """`missing_output` keeps so many pictures (of one output: drops it); `media_url` sends them elsewhere."""
    if (gone := faults.get("missing_output")) is not None:
        if "images" in made:
            return {**made, "images": made["images"][: gone["keep"]]}
        return {name: value for name, value in made.items() if name not in ("video", "image")}
    if moved := faults.get("media_url"):
        for file in [*made.get("images", []), made.get("video"), made.get("image")]:
            if file:
                file["url"] = moved["url"]
    return made
