"""What tests ask of the fake beside the protocol: its ledger, its clocks, its faults, a webhook now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.fal.faults import FaultError
from tests.fakes.fal.wire import Request, Response, answer, flat

if TYPE_CHECKING:
    from tests.fakes.fal.server import Fake

STEPS = [
    "reset",
    "clear_faults",
    "config",
    "faults",
    "offset",
    "speed",
    "advance",
    "rotate_key",
    "prices",
    "finish",
    "webhook",
    "listen",
]


class Control:
    """`POST /_control` with an object of steps, carried out in the order of STEPS; answers with what came of them
    and the state of the fake."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    async def answer(self, path: str, request: Request) -> Response:
        if path == "_ledger":
            return answer(200, self._fake.ledger.summary())
        if path != "_control":
            return flat(404, "Not found")
        try:
            steps = request.json()
            if unknown := set(steps) - set(STEPS) - {"list"}:
                raise ValueError(f"No such step: {', '.join(sorted(unknown))}; known: {', '.join(STEPS)}, list.")
            said = {name: await getattr(self, "_" + name)(steps[name]) for name in STEPS if name in steps}
        except (FaultError, ValueError, KeyError, TypeError) as problem:
            return flat(400, str(problem))
        return answer(200, {**said, "state": self._state(), **({"jobs": self._jobs()} if steps.get("list") else {})})

    def _state(self) -> dict[str, Any]:
        counts: dict[str, int] = {}
        for job in self._fake.queue.jobs.values():
            counts[job.state] = counts.get(job.state, 0) + 1
        clock = self._fake.clock
        times = {"wall": clock.wall(), "run": clock.run(), "offset": clock.offset, "speed": clock.speed}
        return {**times, "counts": counts, "faults": self._fake.faults.shown(), "config": self._fake.config.shown()}

    def _jobs(self) -> list[dict[str, Any]]:
        names = ("request_id", "endpoint", "account", "state", "status_code", "error_type", "sent_at", "started_at",
                 "ended_at", "units", "faults", "webhook", "input", "store", "output")  # fmt: skip
        return [{name: getattr(job, name) for name in names} for job in self._fake.queue.jobs.values()]

    async def _reset(self, wanted: bool) -> None:
        self._fake.reset()

    async def _clear_faults(self, wanted: bool) -> None:
        self._fake.faults.rules.clear()

    async def _config(self, changes: dict[str, Any]) -> None:
        self._fake.config.update({name: value for name, value in changes.items() if name != "speed"})
        for account in self._fake.queue.lines:
            self._fake.queue.fill(account)

    async def _faults(self, wanted: Any) -> None:
        self._fake.add_faults(wanted)

    async def _offset(self, seconds: float) -> None:
        self._fake.clock.offset = float(seconds)

    async def _speed(self, value: float) -> None:
        self._fake.clock.speed = float(value)
        self._fake.timers.changed()

    async def _advance(self, seconds: float) -> None:
        self._fake.clock.advance(float(seconds))
        self._fake.timers.changed()

    async def _rotate_key(self, how: Any) -> None:
        self._fake.hooks.keys.rotate(drop_old=how == "drop_old")

    async def _prices(self, prices: dict[str, str]) -> None:
        """What is really charged, and told, from now on."""
        self._fake.queue.charge(prices)

    async def _finish(self, which: str | list[str]) -> int:
        """End requests now: a list of ids, or "all". Returns how many ended; those that wait are started first."""
        jobs = self._fake.queue.jobs
        chosen = list(jobs) if which == "all" else list(which)
        ended = 0
        for job in [jobs[request_id] for request_id in chosen]:
            self._fake.queue.start_now(job)
            if task := self._fake.queue.finish(job):
                await task
                ended += 1
        return ended

    async def _webhook(self, wanted: dict[str, Any]) -> int:
        """Deliver for `request_id` now, as it stands, with `variant` and its arguments; returns the HTTP status."""
        job = self._fake.queue.jobs[wanted["request_id"]]
        more = {name: value for name, value in wanted.items() if name not in ("request_id", "variant", "url")}
        job.webhook = wanted.get("url", job.webhook)
        if not job.webhook:
            raise ValueError(f"Request {job.request_id} was sent without a webhook; give a url.")
        return await self._fake.hooks.deliver(job, wanted.get("variant", ""), **more)

    async def _listen(self, wanted: bool) -> None:
        """False: refuse connections from now on (this control port stays); true: take them again."""
        await self._fake.listen(wanted)
