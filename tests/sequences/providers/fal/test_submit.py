"""One submit is one POST, whatever comes back; its answer decides who may send again: nobody, later, a person."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from sequences.providers.base import Busy, Closed, ProviderError, Refused, TryLater, Unsure, Wire
from sequences.providers.fal import Fal, Options
from tests.fakes.fal import InProcessFal


def send(fal: Fal, wire: Wire, token: str = "t0ken") -> Any:
    return fal.submit(None, token=token, wire=wire)  # type: ignore[arg-type]  # the wire says it all


def failure(fal: Fal, wire: Wire) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        send(fal, wire)
    assert fal.options.key not in str(caught.value)
    assert fal.options.key.split(":")[1] not in repr(caught.value)
    return caught.value


def posts(fake: InProcessFal) -> int:
    return len(fake.ledger()["post"])


@contextmanager
def listener(answer: bytes = b"", *, reset: bool = False) -> Iterator[tuple[int, list[bytes]]]:
    """A port that reads one request a connection, answers the same bytes, and keeps what it read."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    link = server.accept()[0]
                except OSError:
                    return
                with link:
                    text = link.recv(65536)
                    heard.append(text)
                    if reset:
                        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    else:
                        link.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join(2)


def test_a_taken_call_has_a_number_and_was_asked_for_once(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    sent = send(fal, wire)
    (job,) = fake.jobs()
    assert sent.request_id == job["request_id"] == sent.raw["request_id"]
    assert job["input"] == wire.body
    assert posts(fake) == 1


def test_what_goes_with_it_keeps_results_and_limits_its_start(
    make: Callable[..., Fal], fake: InProcessFal, wire: Wire
) -> None:
    fal = make(start_timeout=600.0, keep_media=3600, public_url="https://studio.example/", account_id="user_1")
    send(fal, wire, token="a/b c")
    (accepted,) = fake.ledger()["accepted"]
    assert accepted["store"] is True
    assert accepted["start_timeout"] == 600
    assert json.loads(accepted["lifecycle"]) == {"expiration_duration_seconds": 3600}
    assert accepted["webhook"] == "https://studio.example/hooks/fal/a%2Fb%20c"


@pytest.mark.parametrize("missing", ["public_url", "account_id"])
def test_no_webhook_without_an_address_and_an_account(
    make: Callable[..., Fal], fake: InProcessFal, wire: Wire, missing: str
) -> None:
    both = {"public_url": "https://studio.example", "account_id": "user_1"}
    send(make(**{**both, missing: ""}), wire)
    assert fake.ledger()["accepted"][0]["webhook"] == ""


def test_every_submit_has_a_connection_of_its_own(make: Callable[..., Fal], wire: Wire) -> None:
    body = b'{"request_id":"r1","status":"IN_QUEUE"}'
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    with listener(answer) as (port, heard):
        fal = make(queue_url=f"http://127.0.0.1:{port}", server_retries=False)
        send(fal, wire)
        send(fal, wire)
    assert len(heard) == 2  # one request each: a kept connection would have carried both
    head = heard[0].split(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"post /fal-ai/nano-banana-2 http/1.1")
    assert b"\r\nconnection: close" in head
    assert b"\r\nx-fal-no-retry: 1" in head
    assert b"\r\nx-app-fal-disable-fallback: true" in head


@pytest.mark.parametrize(
    "fault",
    [
        "accept_then_reset",
        "answer_after(seconds=1)",
        "stall_after_accept",
        "status_after_accept(code=502)",
        "status_after_accept(code=503)",
        "status_after_accept(code=504)",
        "status_after_accept(code=408)",
        "status_after_accept(code=409)",
        "html_after_accept",
        "html_after_accept(code=404)",
        "empty_after_accept",
        "no_request_id_after_accept",
        "reset_before_accept",
        "stall",
        "status(500)",
        "status(code=302)",
        "html(code=429)",
        "html(code=403)",
    ],
)
def test_whatever_is_no_plain_yes_or_no_is_unsure(fal: Fal, fake: InProcessFal, wire: Wire, fault: str) -> None:
    fake.fault(fault)
    error = failure(fal, wire)
    assert isinstance(error, Unsure), error
    assert posts(fake) == 1


def test_an_answer_that_breaks_off_is_unsure(make: Callable[..., Fal], wire: Wire) -> None:
    with listener(b'HTTP/1.1 422 No\r\ncontent-length: 500\r\n\r\n{"detail":') as (port, heard):
        assert isinstance(failure(make(queue_url=f"http://127.0.0.1:{port}"), wire), Unsure)
    with listener(reset=True) as (port, heard):
        assert isinstance(failure(make(queue_url=f"http://127.0.0.1:{port}"), wire), Unsure)
        assert len(heard) == 1


class WorkersLimit(Exception):
    """What a worker raises in a task that takes too long."""


def test_a_submit_that_is_broken_off_is_unsure(
    make: Callable[..., Fal], options: Options, fake: InProcessFal, wire: Wire
) -> None:
    def interrupt(number: int, frame: Any) -> None:
        raise WorkersLimit

    fake.fault("stall_after_accept")
    fal = make(timeouts=replace(options.timeouts, submit=10.0))
    before = signal.signal(signal.SIGUSR1, interrupt)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    try:
        error = failure(fal, wire)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert isinstance(error, Unsure)
    assert "WorkersLimit" in str(error)
    assert posts(fake) == 1


@pytest.mark.parametrize("number", [5, "", "../x", "a b", None, "x" * 300])
def test_a_number_that_cannot_be_asked_for_is_unsure(make: Callable[..., Fal], wire: Wire, number: Any) -> None:
    body = json.dumps({"request_id": number}).encode()
    with listener(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body) as (port, _):
        assert isinstance(failure(make(queue_url=f"http://127.0.0.1:{port}"), wire), Unsure)


def test_nothing_was_sent_where_nobody_listens(make: Callable[..., Fal], wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = failure(make(queue_url=f"http://127.0.0.1:{port}"), wire)
    assert type(error) is TryLater
    assert "nothing was sent" in str(error)


def test_nothing_was_sent_when_the_name_is_not_known(make: Callable[..., Fal], wire: Wire) -> None:
    assert type(failure(make(queue_url="https://nowhere.invalid"), wire)) is TryLater


def test_nothing_was_sent_when_tls_fails_or_never_answers(make: Callable[..., Fal], wire: Wire) -> None:
    with listener(b"HTTP/1.1 400 Bad\r\n\r\n") as (port, heard):
        assert type(failure(make(queue_url=f"https://127.0.0.1:{port}"), wire)) is TryLater
        assert not any(b"POST" in text or wire.body["prompt"].encode() in text for text in heard)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, then says nothing: the whole time passes
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        assert type(failure(make(queue_url=url), wire)) is TryLater


def test_bad_input_names_the_input_and_why(fal: Fal, fake: InProcessFal, clip: Wire) -> None:
    shots = [{"prompt": "one", "duration": "3"}, {"prompt": "x" * 600, "duration": "2"}]
    body = {key: value for key, value in clip.body.items() if key != "prompt"}
    error = failure(fal, Wire(clip.endpoint, {**body, "multi_prompt": shots}))
    assert isinstance(error, Refused)
    assert (error.code, error.charged, error.where) == ("bad_input", False, "multi_prompt.1.prompt")
    assert str(error).startswith("The provider refuses multi_prompt 2, prompt: ")
    assert fake.jobs() == []


def test_moderation_names_the_input_and_the_category(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("moderation", input="prompt", at="submit")
    error = failure(fal, wire)
    assert isinstance(error, Refused)
    assert (error.code, error.where, error.charged) == ("moderation", "prompt", False)
    assert "(violence)" in str(error)


def test_an_unknown_endpoint_is_refused(fal: Fal, fake: InProcessFal) -> None:
    error = failure(fal, Wire("fal-ai/no-such-model", {}))
    assert isinstance(error, Refused)
    assert error.code == "refused"
    assert posts(fake) == 1


@pytest.mark.parametrize("endpoint", ["", "one", "../secret/x", "a//b", "a/b?x=1", "a/b c"])
def test_a_path_that_is_no_endpoint_is_not_sent(fal: Fal, fake: InProcessFal, endpoint: str) -> None:
    error = failure(fal, Wire(endpoint, {}))
    assert isinstance(error, Refused)
    assert error.code == "bad_input"
    assert posts(fake) == 0


def test_a_wrong_key_is_refused_for_good(make: Callable[..., Fal], fake: InProcessFal, wire: Wire) -> None:
    error = failure(make(key="wrong-id:wrong-secret"), wire)
    assert isinstance(error, Refused)
    assert error.code == "key_refused"
    fake.fault("status(403)")
    assert getattr(failure(make(), wire), "code", "") == "key_refused"
    assert posts(fake) == 2


def test_without_a_key_nothing_is_sent(make: Callable[..., Fal], fake: InProcessFal, wire: Wire) -> None:
    assert getattr(failure_without_key(make(key=""), wire), "code", "") == "key_refused"
    assert posts(fake) == 0


def failure_without_key(fal: Fal, wire: Wire) -> ProviderError:
    with pytest.raises(Refused) as caught:
        send(fal, wire)
    return caught.value


@pytest.mark.parametrize("fault", ["locked", "status(code=402, body=Payment required)"])
def test_a_locked_account_closes_the_door(fal: Fal, fake: InProcessFal, wire: Wire, fault: str) -> None:
    fake.fault(fault)
    error = failure(fal, wire)
    assert isinstance(error, Closed)
    assert error.after == 300
    assert posts(fake) == 1


@pytest.mark.parametrize(("said", "after"), [("60", 60), ("5000", 600), ("0", 1), ("soon", 30), ("nan", 30)])
def test_too_many_calls_wait_as_long_as_the_provider_says(
    make: Callable[..., Fal], wire: Wire, said: str, after: float
) -> None:
    assert busy(make, wire, said) == after


def test_too_many_calls_wait_until_a_date(make: Callable[..., Fal], wire: Wire) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 95 < busy(make, wire, date) <= 100


def busy(make: Callable[..., Fal], wire: Wire, said: str) -> float:
    body = b'{"detail":"Too many requests"}'
    head = f"HTTP/1.1 429 Busy\r\nretry-after: {said}\r\ncontent-length: {len(body)}\r\n\r\n"
    with listener(head.encode() + body) as (port, _):
        error = failure(make(queue_url=f"http://127.0.0.1:{port}"), wire)
    assert isinstance(error, Busy)
    return error.after


def test_what_the_provider_writes_is_quoted_without_secrets_and_short(make: Callable[..., Fal], wire: Wire) -> None:
    said = (
        "bad \x1b[31m Key 00000000-1111-2222-3333-444444444444:abcdef https://x.example/a?signature=s3cret " + "y" * 900
    )
    body = json.dumps({"detail": said}).encode()
    with listener(b"HTTP/1.1 400 No\r\ncontent-length: %d\r\n\r\n" % len(body) + body) as (port, _):
        text = str(failure(make(queue_url=f"http://127.0.0.1:{port}"), wire))
    assert "s3cret" not in text and "abcdef" not in text and "\x1b" not in text
    assert len(text) < 400
