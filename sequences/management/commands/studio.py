"""`./run studio`: the whole studio on this machine, until Ctrl-C."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from clientvideo import signin
from sequences.management import demomark, lock, prepare
from sequences.management.supervisor import Child, Supervisor

PORT_PATIENCE = 2.0  # seconds: what a killed studio left behind lets go of the port within one
READY_PATIENCE = 60.0


class Command(BaseCommand):
    help = "Run the studio on this machine: web server, worker, database and files under DATA_DIR. Ctrl-C stops it."
    # The checks import every page; they cost a second at each start and are run by ./run test and manage check.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to answer on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to answer on (default 8000)")
        parser.add_argument("--no-demo", action="store_true", help="start with an empty board")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        local = _is_loopback(host)
        if not local:
            _refuse_open_door(host)
        held = _lock(address)
        try:
            _wait_for_port(host, port)
            self._prepare()
            if not local:
                _refuse_without_password(host)
            self._run(host, port, address, local=local, demo=not options["no_demo"])
        finally:
            held.close()

    def say(self, line: str) -> None:
        with suppress(OSError):  # the terminal may be gone; stopping in order must not depend on it
            self.stdout.write(line)
            self.stdout.flush()

    def _prepare(self) -> None:
        prepare.logs()
        if prepare.database():
            self.say("Database ready.")
        if prepare.static_files():
            self.say("Static files ready.")
        signin.local_user()

    def _run(self, host: str, port: int, address: str, *, local: bool, demo: bool) -> None:
        empty = not apps.get_model("sequences", "Project")._default_manager.exists()
        connections.close_all()
        stop = _stop_on_signals()
        public = settings.PUBLIC_BASE_URL or address
        supervisor = Supervisor(self.say, {"PUBLIC_BASE_URL": public})
        try:
            supervisor.add("web server", [sys.executable, "-m", "sequences.management.web", host, str(port)])
            supervisor.add("worker", _manage("studio_worker"))
            if self._until_ready(supervisor, stop, host, port):
                self._welcome(public, local=local)
                if demo and (empty or demomark.unfinished()):
                    self._demo(supervisor, goes_on=not empty)
            while not stop.wait(0.2):
                supervisor.look()
        finally:
            self.say("\nStopping …")
            supervisor.stop()
            self.say("Stopped. What was in flight goes on at the next start.")

    def _until_ready(self, supervisor: Supervisor, stop: threading.Event, host: str, port: int) -> bool:
        """Wait for the first answer; False when told to stop before. Raises CommandError when it does not come."""
        deadline = time.monotonic() + READY_PATIENCE
        while not stop.wait(0.05):
            if _answers(host, port):
                return True
            if time.monotonic() > deadline:
                raise CommandError(f"The web server does not answer; see {settings.DATA_DIR / 'logs' / 'studio.log'}.")
            supervisor.look()
        return False

    def _welcome(self, public: str, *, local: bool) -> None:
        self.say("\nSequence Board is running.")
        if local:
            self.say(f"  Open   {signin.link(public, signin.LOCAL_USER)}")
            self.say(f"         (signs you in once, within {signin.LIFE_SECONDS // 60} minutes; later: {public}/)")
        else:
            self.say(f"  Open   {public}/  (sign in with your password; the connection is not encrypted)")
        self.say(f"  Data   {settings.DATA_DIR}")
        self.say("  Stop   Ctrl-C\n")

    def _demo(self, supervisor: Supervisor, *, goes_on: bool) -> Child | None:
        if "make_demo" not in get_commands():
            return None
        self.say(
            "The demo project goes on where it was."
            if goes_on
            else "The board is empty, so a demo project is being made; watch it fill in."
        )
        return supervisor.add("demo", _manage("make_demo", "--live", "-v", "0"), once=True)


def _manage(*words: str) -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *words]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_open_door(host: str) -> None:
    """Raise CommandError unless SECRET_KEY is given and, for a wildcard host, the name people will use."""
    if not os.environ.get("SECRET_KEY"):
        raise CommandError(
            f"--host {host} lets other machines in, so SECRET_KEY must be set: sessions and links are signed with it, "
            "and the generated one lies beside the data. Set SECRET_KEY to a long random text, or leave --host out."
        )
    if host in ("0.0.0.0", "::") and not (os.environ.get("ALLOWED_HOSTS") or settings.PUBLIC_BASE_URL):  # noqa: S104 (compared, not bound)
        raise CommandError(
            f"--host {host} answers on every address, so say by which name people come: "
            "set PUBLIC_BASE_URL=http://NAME:PORT (or ALLOWED_HOSTS=NAME)."
        )


def _refuse_without_password(host: str) -> None:
    for user in get_user_model().objects.filter(is_superuser=True, is_active=True):
        if user.has_usable_password():
            return
    raise CommandError(
        f"--host {host} lets other machines in, and no administrator has a password yet, so nobody could be told "
        f"apart. Set one first: ./run manage changepassword {signin.LOCAL_USER}"
    )


def _lock(address: str) -> Any:
    try:
        return lock.take(address)
    except lock.Running as other:
        raise CommandError(f"The studio of {settings.DATA_DIR} is already running at {other}") from None


def _wait_for_port(host: str, port: int) -> None:
    """Raise CommandError when `port` cannot be had; one that is just being let go is waited for."""
    deadline = time.monotonic() + PORT_PATIENCE
    while (problem := _port_problem(host, port)) is not None:
        if problem != errno.EADDRINUSE:
            raise CommandError(f"Cannot answer on {host}, port {port}: {os.strerror(problem)}.")
        if time.monotonic() > deadline:
            raise CommandError(f"Port {port} is in use; try ./run studio --port {port + 1}")
        time.sleep(0.1)


def _port_problem(host: str, port: int) -> int | None:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except socket.gaierror:
        raise CommandError(f"--host {host} is not an address of this machine.") from None
    except OverflowError:
        raise CommandError(f"--port {port} is not a port; use 1 to 65535.") from None
    except OSError as error:
        return error.errno
    return None


def _answers(host: str, port: int) -> bool:
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 (as above)
    try:
        with urllib.request.urlopen(f"http://{here}:{port}/up/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _stop_on_signals() -> threading.Event:
    """An event that Ctrl-C, a polite kill and a closed terminal set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop
