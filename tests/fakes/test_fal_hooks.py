"""Webhooks: signatures that anybody can check, and every way they go wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.fakes.calls import Caller
from tests.fakes.fal import Handle
from tests.fakes.fal.config import FOREIGN_ACCOUNT


@dataclass
class Box:
    """A receiver: what came, and the statuses it answers with, the last one for ever."""

    url: str = ""
    letters: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])

    def wait(self, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
        until = time.monotonic() + 10
        while len(self.letters) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.letters) >= count
        return self.letters


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.letters.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.statuses[min(len(made.letters), len(made.statuses)) - 1])
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}/hook%3Ftoken%3Dt"
        yield made
        server.shutdown()


def genuine(caller: Caller, headers: dict[str, str], body: bytes) -> bool:
    """The documented check, written independently of the fake."""
    names = ("request-id", "user-id", "timestamp")
    lines = [*(headers[f"x-fal-webhook-{name}"] for name in names), hashlib.sha256(body).hexdigest()]
    for key in caller.http.get(caller.env["FAL_JWKS_URL"]).json()["keys"]:
        public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
        try:
            public.verify(bytes.fromhex(headers["x-fal-webhook-signature"]), "\n".join(lines).encode())
        except InvalidSignature:
            continue
        return True
    return False


def test_a_signed_letter_with_the_result(fal: Handle, caller: Caller, box: Box) -> None:
    links = caller.accepted(query=f"?fal_webhook={box.url}")
    [(headers, body)] = box.wait()
    told = json.loads(body)
    assert genuine(caller, headers, body)
    assert (told["request_id"], told["status"]) == (links["request_id"], "OK")
    assert told["payload"] == caller.result(links).json()
    assert headers["x-fal-webhook-user-id"] == fal.account
    assert abs(int(headers["x-fal-webhook-timestamp"]) - time.time()) < 5


def test_an_error_says_so(fal: Handle, caller: Caller, box: Box) -> None:
    fal.fault("moderation")
    caller.accepted(query=f"?fal_webhook={box.url}")
    told = json.loads(box.wait()[0][1])
    assert (told["status"], told["error"]) == ("ERROR", "Invalid status code: 422")
    assert told["payload"]["detail"][0]["type"] == "content_policy_violation"


@pytest.mark.parametrize("rule", ["webhook_forged", "webhook_altered"])
def test_letters_that_do_not_verify(fal: Handle, caller: Caller, box: Box, rule: str) -> None:
    fal.fault(rule)
    caller.accepted(query=f"?fal_webhook={box.url}")
    assert not genuine(caller, *box.wait()[0])


def test_letters_that_verify_and_are_not_for_us(fal: Handle, caller: Caller, box: Box) -> None:
    links = caller.accepted(query=f"?fal_webhook={box.url}")
    box.wait()
    for variant in ("foreign_account", "old_timestamp", "unsigned"):
        assert fal.control(webhook={"request_id": links["request_id"], "variant": variant})["webhook"] == 200
    foreign, old, unsigned = box.letters[1:]
    assert genuine(caller, *foreign) and foreign[0]["x-fal-webhook-user-id"] == FOREIGN_ACCOUNT
    assert genuine(caller, *old) and time.time() - int(old[0]["x-fal-webhook-timestamp"]) > 300
    assert "x-fal-webhook-signature" not in unsigned[0]


def test_before_the_answer_to_submit(fal: Handle, caller: Caller, box: Box) -> None:
    fal.fault("webhook_early")
    links = caller.accepted(query=f"?fal_webhook={box.url}")
    assert json.loads(box.letters[0][1])["request_id"] == links["request_id"]


def test_twice_late_and_never(fal: Handle, caller: Caller, box: Box) -> None:
    fal.control(faults="webhook_duplicate#1;webhook_late(600)#2;webhook_never#3")
    for _ in range(3):
        caller.ended(caller.accepted(query=f"?fal_webhook={box.url}"))
    time.sleep(0.05)
    assert len(box.wait(2)) == 2
    fal.control(advance=601)
    assert len(box.wait(3)) == 3


def test_refused_letters_come_again(fal: Handle, caller: Caller, box: Box) -> None:
    box.statuses = [500, 302, 200]
    fal.control(speed=1000)
    caller.accepted(query=f"?fal_webhook={box.url}")
    box.wait(3)
    until = time.monotonic() + 5
    while len(fal.ledger()["webhook"]) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert [(one["attempt"], one["status"]) for one in fal.ledger()["webhook"]] == [(0, 500), (1, 302), (2, 200)]


def test_keys_change(fal: Handle, caller: Caller, box: Box) -> None:
    fal.control(rotate_key="drop_old")
    caller.accepted(query=f"?fal_webhook={box.url}")
    assert genuine(caller, *box.wait()[0])
    fal.control(faults="jwks:status(500)*1")
    assert caller.http.get(caller.env["FAL_JWKS_URL"]).status_code == 500
