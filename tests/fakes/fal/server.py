"""The fake as one server: which path goes where, and the faults around it."""

from __future__ import annotations

import asyncio
import hashlib
from fnmatch import fnmatchcase
from typing import Any

from tests.fakes.fal import doors as queue_doors
from tests.fakes.fal.clock import Clock, Timers
from tests.fakes.fal.config import Config
from tests.fakes.fal.control import Control
from tests.fakes.fal.doors import Doors
from tests.fakes.fal.faults import Faults, Rule
from tests.fakes.fal.hooks import Hooks
from tests.fakes.fal.ledger import Ledger
from tests.fakes.fal.outputs import Outputs
from tests.fakes.fal.platform import Platform
from tests.fakes.fal.queue import Queue
from tests.fakes.fal.spoil import afterwards, in_place
from tests.fakes.fal.storage import Storage
from tests.fakes.fal.wire import Connection, Request, Response, answer, flat

PLATFORM_KINDS = {
    "models": "models",
    "models/pricing": "pricing",
    "models/requests/by-endpoint": "requests",
    "models/billing-events": "billing",
}
FORBIDDEN = "Cannot access application: authentication is required"


class Fake:
    """Everything together. `start()` within a running loop, `stop()` to end; `port` and `control_port` are then set."""

    def __init__(self, config: Config) -> None:
        config.data.mkdir(parents=True, exist_ok=True)
        self.config = config
        self.clock = Clock(config.speed)
        self.timers = Timers(self.clock)
        self.faults = Faults(config.faults)
        self.ledger = Ledger(config.data / "ledger.jsonl")
        secret = hashlib.sha256(f"signing {config.seed}".encode()).digest()
        self.storage = Storage(config.data / "blobs", self.ledger, self.clock, secret)
        self.hooks = Hooks(config, self.clock, self.timers, self.ledger)
        outputs = Outputs(config, self.storage)
        self.queue = Queue(config, self.clock, self.timers, self.ledger, outputs, self.hooks)
        self.doors = Doors(config, self.clock, self.ledger, self.queue)
        self.platform = Platform(config, self.clock, self.ledger, self.queue, self.faults)
        self.control = Control(self)
        self._connections: set[Connection] = set()
        self._tasks: list[asyncio.Task[Any]] = []
        self._servers: dict[str, asyncio.Server] = {}

    # --- Life ---

    async def start(self) -> None:
        await self.listen(True)
        self._servers["control"] = await asyncio.start_server(
            self._controlled, self.config.host, self.config.control_port
        )
        self.config.control_port = self._servers["control"].sockets[0].getsockname()[1]
        self.queue.restore()
        self._tasks.append(asyncio.ensure_future(self.timers.serve()))

    async def listen(self, wanted: bool) -> None:
        """Open the port, or close it and cut what is connected, so that connecting is refused."""
        if wanted and "main" not in self._servers:
            server = await asyncio.start_server(self._connected, self.config.host, self.config.port, backlog=1024)
            self._servers["main"] = server
            self.config.port = server.sockets[0].getsockname()[1]
        elif not wanted and "main" in self._servers:
            self._servers.pop("main").close()
            for connection in list(self._connections):
                connection.reset()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for server in self._servers.values():
            server.close()
        for connection in list(self._connections):
            connection.reset()
        self.queue.close()
        self.ledger.close()

    def reset(self) -> None:
        """As if freshly started: no requests, no faults, an empty ledger; settings and files stay."""
        self.queue.reset()
        self.faults.rules.clear()
        self.ledger.reset()

    def add_faults(self, wanted: Any) -> None:
        self.faults.add(wanted)
        if any(rule.action == "refuse_connection" for rule in self.faults.rules):
            for connection in list(self._connections):
                if connection.idle:
                    connection.reset()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self.respond)
        if self.faults.take("connect"):
            connection.reset()
            return
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    async def _controlled(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(reader, writer, lambda request: self.control.answer(request.path.strip("/"), request)).serve()

    # --- Routes ---

    async def respond(self, request: Request) -> Response:
        head, _, rest = request.path.lstrip("/").partition("/")
        if head.startswith("_"):
            return await self.control.answer(head, request)
        if head == "media" and request.method in ("GET", "HEAD"):
            return self._around(
                "download", self.storage.endpoint_of(rest), request, lambda: self.storage.read(request, rest)
            )
        if head in ("media", "cdn"):
            return self._uploads(head, rest, request)
        if head == "rest" or request.path == "/.well-known/jwks.json":
            return self._rest(rest if head == "rest" else ".well-known/jwks.json", request)
        if head == "platform":
            path = rest.removeprefix("v1/").strip("/")
            kind = PLATFORM_KINDS.get(path, "models")
            return self._around(kind, "", request, lambda: self.platform.answer(path, request, self._account(request)))
        base = request.origin + ("/queue" if head == "queue" else "")
        return await self._queue(rest if head == "queue" else request.path.strip("/"), request, base)

    def _around(self, kind: str, endpoint: str, request: Request, handler: Any) -> Response:
        rules = self.faults.take(kind, endpoint, request.body)
        if not rules:
            return handler()
        return in_place(rules) or afterwards(rules, handler())

    def _account(self, request: Request) -> str | None:
        return self.config.accounts.get(request.headers.get("authorization", "").removeprefix("Key "))

    async def _queue(self, path: str, request: Request, base: str) -> Response:
        account = self._account(request)
        named = queue_doors.split(path)
        if named is None:
            return await self._submit(path, request, account, base)
        if account is None:
            return flat(401, FORBIDDEN)
        app, request_id, asked = named
        if not queue_doors.short(app):
            return flat(405, "Method Not Allowed")
        return self._asked(app, request_id, asked, request, account, base)

    def _asked(self, app: str, request_id: str, asked: str, request: Request, account: str, base: str) -> Response:
        known = self.queue.jobs.get(request_id)
        endpoint = known.endpoint if known else app

        def found() -> Any:
            return self.doors.find(app, request_id, account)

        calls = {
            ("GET", "status"): ("status", lambda: self.doors.status(found(), request, base)),
            ("GET", "status/stream"): ("stream", lambda: self.doors.stream(found(), request, base)),
            ("GET", ""): ("result", lambda: self.doors.result(found())),
            ("GET", "response"): ("result", lambda: self.doors.result(found())),
            ("PUT", "cancel"): ("cancel", lambda: self.doors.cancel(found())),
        }
        if (request.method, asked) not in calls:
            return flat(405, "Method Not Allowed")
        kind, call = calls[request.method, asked]
        return self._around(kind, endpoint, request, call)

    async def _submit(self, endpoint: str, request: Request, account: str | None, base: str) -> Response:
        if request.method != "POST":
            return flat(405, "Method Not Allowed")
        rules = self.faults.take("submit", endpoint, request.body)
        response = in_place(rules)
        if response is None and account is None:
            response = flat(401, FORBIDDEN)
        accepted = False
        if response is None:
            response = await self.doors.submit(endpoint, request, account or "", base, rules)
            accepted = response.status == 200
        self._post(endpoint, response, rules, accepted)
        return afterwards(rules, response) if accepted else response

    def _post(self, endpoint: str, response: Response, rules: list[Rule], accepted: bool) -> None:
        self.ledger.write(
            "post",
            endpoint=endpoint,
            accepted=accepted,
            status=0 if response.reset or response.stall else response.status,
            request_id=response.headers.get("x-fal-request-id", ""),
            faults=[rule.action for rule in rules],
            at=self.clock.wall(),
        )

    def _rest(self, path: str, request: Request) -> Response:
        if path == ".well-known/jwks.json":
            return self._around("jwks", "", request, lambda: answer(200, self.hooks.keys.jwks()))
        calls = {
            "storage/upload/initiate": ("initiate", self.storage.initiate),
            "storage/auth/token": ("token", self.storage.token),
        }
        if request.method != "POST" or path not in calls:
            return flat(404, "Not found")
        if self._account(request) is None:
            return flat(401, "Invalid credentials")
        kind, call = calls[path]
        return self._around(kind, "", request, lambda: call(request))

    def _uploads(self, head: str, path: str, request: Request) -> Response:
        return self._around("upload", "", request, lambda: self._upload(head, path, request))

    def _upload(self, head: str, path: str, request: Request) -> Response:
        if request.method == "PUT" and path.startswith("signed/"):
            return self.storage.put_signed(request, path.removeprefix("signed/"))
        if refused := self.storage.token_refused(request):
            return refused
        if (head, request.method, path) == ("cdn", "POST", "files/upload"):
            return self.storage.upload(request)
        if (head, request.method, path) == ("cdn", "POST", "files/upload/multipart"):
            return self.storage.start_parts(request)
        parts = path.split("/multipart/", 1)[-1].split("/")
        if fnmatchcase(path, "*/multipart/*/*") and len(parts) == 2:
            upload, number = parts
            ends = request.method == "POST" and number == "complete"
            return self.storage.end_parts(request, upload) if ends else self.storage.put_part(request, upload, number)
        return flat(404, "Not found")
