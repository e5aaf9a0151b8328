"""How a call stands: COMPLETED is not success, a missing result is not a failure, and no answer is a reason to wait."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sequences.providers.base import (
    Ask,
    Busy,
    Closed,
    NotKnown,
    Pending,
    ProviderError,
    Ready,
    Refused,
    TryLater,
    Unsure,
    Wire,
)
from sequences.providers.fal import Fal, Options
from sequences.providers.fal.queue import Adapters
from tests.fakes.fal import InProcessFal


def ask(fal: Fal, wire: Wire) -> Ask:
    sent = fal.submit(None, token="t", wire=wire)  # type: ignore[arg-type]  # the wire says it all
    return Ask(sent.request_id, wire.endpoint)


def look(fal: Fal, asked: Ask) -> Pending | Ready | Refused:
    return fal.look(asked.request_id, endpoint=asked.endpoint)


def ended(fal: Fal, asked: Ask) -> Ready | Refused:
    """The call's end, looked for as long as it is pending."""
    for _ in range(200):
        answer = look(fal, asked)
        if not isinstance(answer, Pending):
            return answer
        time.sleep(0.01)
    raise AssertionError("the call never ended")


def failure(fal: Fal, asked: Ask) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ended(fal, asked)
    return caught.value


def test_a_call_waits_runs_and_ends_with_its_file_and_what_was_billed(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"concurrency": 1, "duration": 600})
    first, second, third = ask(fal, wire), ask(fal, wire), ask(fal, wire)
    running = look(fal, first)
    assert isinstance(running, Pending)
    assert (running.started, running.after, running.ahead) == (True, 0, None)
    waiting = look(fal, third)
    assert isinstance(waiting, Pending)
    assert (waiting.started, waiting.after, waiting.ahead) == (False, 0, 1)
    fake.control(finish=[first.request_id])
    made = look(fal, first)
    assert isinstance(made, Ready)
    assert made.file.content_type == "image/png"
    assert (made.units, made.cost_micros) == (Decimal(1), None)
    assert isinstance(look(fal, second), Pending)


def test_what_is_not_billed_by_the_answer_is_unknown_and_the_seed_is_kept(
    fal: Fal, fake: InProcessFal, wire: Wire
) -> None:
    fake.fault("no_units_header")
    seedream = Wire("fal-ai/bytedance/seedream/v4.5/text-to-image", {"prompt": "a pier", "seed": 11})
    made = ended(fal, ask(fal, seedream))
    assert isinstance(made, Ready)
    assert made.units is None
    assert made.seed == fake.jobs()[0]["output"]["seed"]


def test_a_call_without_a_file_was_paid_for(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("missing_output")
    refused = ended(fal, ask(fal, wire))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.charged, refused.units) == ("no_output", True, Decimal(1))


def test_a_refusal_of_the_model_says_nothing_about_its_price(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("moderation", input="prompt")
    refused = ended(fal, ask(fal, wire))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.where, refused.charged, refused.units) == ("moderation", "prompt", None, None)
    assert "content rules refuse prompt" in str(refused)


@pytest.mark.parametrize(("units", "charged"), [("0", False), ("2.5", True)])
def test_a_refusal_was_charged_when_it_says_so(
    fal: Fal, fake: InProcessFal, wire: Wire, units: str, charged: bool
) -> None:
    fake.fault("moderation", input="prompt")
    fake.fault("bill", units=units)
    refused = ended(fal, ask(fal, wire))
    assert isinstance(refused, Refused)
    assert (refused.charged, refused.units) == (charged, Decimal(units))


@pytest.mark.parametrize(
    ("code", "kind"),
    [(500, "internal_server_error"), (503, "runner_disconnected"), (504, "generation_timeout")],
)
def test_a_call_that_broke_is_refused_and_free(fal: Fal, fake: InProcessFal, wire: Wire, code: int, kind: str) -> None:
    fake.fault("completed_with_error", code=code, type=kind, msg="It broke")
    refused = ended(fal, ask(fal, wire))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.charged) == ("refused", False)
    assert "It broke" in str(refused)


def test_a_gateway_that_stumbles_after_the_end_loses_nothing(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("result_5xx_times", n=2)
    asked = ask(fal, wire)
    assert isinstance(failure(fal, asked), TryLater)
    assert isinstance(failure(fal, asked), TryLater)
    assert isinstance(ended(fal, asked), Ready)


def test_a_result_that_is_not_kept_comes_from_the_list(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("result_gone")
    made = ended(fal, ask(fal, wire))
    assert isinstance(made, Ready)
    assert made.units is None


def test_a_result_that_is_nowhere_is_gone_after_a_grace(
    make: Callable[..., Fal], fake: InProcessFal, wire: Wire
) -> None:
    fake.fault("result_gone*0")
    fake.fault("unlisted*0")
    asked = ask(make(), wire)
    assert isinstance(failure(make(), asked), TryLater)
    gone = ended(make(result_grace=0.0), asked)
    assert isinstance(gone, Refused)
    assert (gone.code, gone.charged) == ("gone", True)


def test_a_result_that_is_told_to_be_gone_is_gone(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("result_gone", code=410)
    fake.fault("unlisted")
    gone = ended(fal, ask(fal, wire))
    assert isinstance(gone, Refused)
    assert gone.code == "gone"


def test_a_list_that_cannot_be_asked_proves_nothing(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("result_gone", code=410)
    fake.fault("requests:status(500)")
    asked = ask(fal, wire)
    assert isinstance(failure(fal, asked), TryLater)
    assert isinstance(ended(fal, asked), Ready)


def test_a_cancelled_call_ends_as_cancelled(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"duration": 600, "concurrency": 1})
    running, waiting = ask(fal, wire), ask(fal, wire)
    for asked in (waiting, running):
        assert fal.cancel(asked.request_id, endpoint=asked.endpoint)
        fake.control(advance=1)
        refused = ended(fal, asked)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.charged) == ("cancelled", False)
        assert not fal.cancel(asked.request_id, endpoint=asked.endpoint)


def test_a_wish_to_stop_that_came_too_late_leaves_the_result(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"duration": 600})
    fake.fault("cancel_too_late")
    asked = ask(fal, wire)
    assert fal.cancel(asked.request_id, endpoint=asked.endpoint)
    fake.control(advance=601)
    assert isinstance(ended(fal, asked), Ready)


def test_stopping_what_nobody_knows_says_so(fal: Fal, wire: Wire) -> None:
    with pytest.raises(NotKnown):
        fal.cancel("no-such-call", endpoint=wire.endpoint)


def test_a_call_that_never_started_is_refused_and_free(
    make: Callable[..., Fal], fake: InProcessFal, wire: Wire
) -> None:
    fal = make(start_timeout=30.0)
    fake.control(config={"concurrency": 0})
    asked = ask(fal, wire)
    fake.control(advance=31)
    refused = ended(fal, asked)
    assert isinstance(refused, Refused)
    assert refused.charged is False
    assert "did not start in time" in str(refused)


def test_a_call_the_provider_does_not_show_is_not_known(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("status_404_for", seconds=600)
    asked = ask(fal, wire)
    assert isinstance(failure(fal, asked), NotKnown)
    fake.control(advance=601)
    assert isinstance(ended(fal, asked), Ready)


@pytest.mark.parametrize("asked", [Ask("", "a/b"), Ask("x/../y", "a/b"), Ask("x", ""), Ask("x", "a/../b")])
def test_what_cannot_be_a_call_is_not_asked_for(fal: Fal, asked: Ask) -> None:
    with pytest.raises(NotKnown):
        look(fal, asked)


@pytest.mark.parametrize("door", ["status", "result"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("429(retry_after=60)", Busy),
        ("locked*1", Closed),
        ("status(code=401)", Closed),
        ("status(code=403)", Closed),
        ("status(code=500)", TryLater),
        ("status(code=408)", TryLater),
        ("status(code=302)", TryLater),
        ("html(code=404)", None),
        ("html(code=200)", TryLater),
        ("empty", TryLater),
        ("stall", TryLater),
        ("accept_then_reset", TryLater),
    ],
)
def test_no_strange_answer_ends_a_call(
    fal: Fal, fake: InProcessFal, wire: Wire, door: str, fault: str, kind: type[ProviderError] | None
) -> None:
    asked = ask(fal, wire)
    ended(fal, asked)
    fake.fault(f"{door}:{fault}")
    if kind is None:  # a page in place of an answer: on status nobody knows the call, a result comes from the list
        assert isinstance(failure(fal, asked), NotKnown) if door == "status" else isinstance(ended(fal, asked), Ready)
    else:
        error = failure(fal, asked)
        assert type(error) is kind
        assert getattr(error, "after", 0) == {Busy: 60, Closed: 300}.get(kind, 15)
    assert isinstance(ended(fal, asked), Ready)


def test_a_wrong_key_closes_the_door(make: Callable[..., Fal], wire: Wire) -> None:
    asked = ask(make(), wire)
    assert isinstance(failure(make(key="wrong-id:wrong-secret"), asked), Closed)


def test_addresses_of_elsewhere_are_not_followed(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    asked = ask(fal, wire)
    fake.fault("status:foreign_urls*0")
    assert isinstance(ended(fal, asked), Ready)


@contextmanager
def answering(body: bytes, head: str = "HTTP/1.1 200 OK") -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                with server.accept()[0] as link:
                    link.recv(65536)
                    link.sendall(f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            except OSError:
                pass  # the other side has read enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
    thread.join(2)


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b"{}",
        b'{"status": "DONE"}',
        b'{"status": 5}',
        b'{"status": "IN_PROGRESS", "request_id": "another"}',
        b'{"status":',
        b'"' + b"a" * 2**21 + b'"',
        b"[" * 9999,
    ],
    ids=["list", "empty", "word", "number", "another", "cut", "huge", "deep"],
)
def test_what_is_no_status_is_asked_again(make: Callable[..., Fal], wire: Wire, body: bytes) -> None:
    with answering(body) as port, pytest.raises(TryLater):
        make(queue_url=f"http://127.0.0.1:{port}").look("r1", endpoint=wire.endpoint)


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        ("fal-ai/kling-video/v3/pro/image-to-video", "/fal-ai/kling-video/requests/r1/status"),
        ("fal-ai/fast-sdxl", "/fal-ai/fast-sdxl/requests/r1/status"),
        ("workflows/studio/grid/extra", "/workflows/studio/grid/requests/r1/status"),
        ("comfy/studio/grid", "/comfy/studio/grid/requests/r1/status"),
    ],
)
def test_paths_keep_owner_and_app(make: Callable[..., Fal], endpoint: str, path: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[bytes] = []

        def serve() -> None:
            with server.accept()[0] as link:
                heard.append(link.recv(65536))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(TryLater):
            make(queue_url=f"http://127.0.0.1:{server.getsockname()[1]}").look("r1", endpoint=endpoint)
        thread.join(2)
    assert heard[0].startswith(f"GET {path} HTTP/1.1\r\n".encode())


def test_many_are_looked_at_in_order_and_one_error_hides_no_other(
    fal: Fal, fake: InProcessFal, wire: Wire, clip: Wire
) -> None:
    fake.control(config={"duration": 600})
    asks = [ask(fal, wire) for _ in range(30)]
    fake.control(finish=[asked.request_id for asked in asks[:3]])
    asks[5] = Ask("no-such-call", clip.endpoint)
    asks[6] = Ask("no/call", clip.endpoint)
    answers = fal.look_many(asks)
    kinds = [Ready] * 3 + [Pending] * 2 + [NotKnown] * 2 + [Pending] * 23
    assert [type(answer) for answer in answers] == kinds
    for asked, answer in zip(asks[:3], answers, strict=False):
        assert isinstance(answer, Ready)
        (job,) = (job for job in fake.jobs() if job["request_id"] == asked.request_id)
        assert answer.raw == job["output"]
    assert fal.look_many([]) == []


def test_many_survive_a_provider_that_is_away(make: Callable[..., Fal], fake: InProcessFal, wire: Wire) -> None:
    fake.fault("status:stall*0")
    fal = make(connections=5)
    answers = fal.look_many([ask(fal, wire) for _ in range(3)])
    assert [type(answer) for answer in answers] == [TryLater] * 3


def test_a_result_our_own_code_cannot_read_is_not_lost(
    options: Options, fake: InProcessFal, wire: Wire, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def output(endpoint: str, body: Any) -> Any:
        raise KeyError(f"https://fal.media/a?token=s3cret {options.key}")

    fal = Fal(options, tmp_path, adapters=Adapters(lambda request, upload: wire, output, lambda endpoint: (60, 60)))
    asked = ask(fal, wire)
    fake.control(finish="all")
    assert isinstance(failure(fal, asked), TryLater)
    assert [type(answer) for answer in fal.look_many([asked])] == [TryLater]
    assert asked.request_id in caplog.text
    assert "s3cret" not in caplog.text and options.key not in caplog.text
    fal.close()


def test_a_batch_ends_in_time(make: Callable[..., Fal], options: Options, fake: InProcessFal, wire: Wire) -> None:
    fake.fault("status:stall*0")
    fal = make(connections=1, timeouts=replace(options.timeouts, batch=0.7))
    asks = [ask(fal, wire) for _ in range(6)]
    start = time.monotonic()
    answers = fal.look_many(asks)
    assert time.monotonic() - start < 1.2
    assert [type(answer) for answer in answers] == [TryLater] * 6


def test_an_idle_connection_that_spoke_up_is_not_used_again(make: Callable[..., Fal], wire: Wire) -> None:
    """What came unasked would be taken for the answer to the next question."""
    first = b'{"status": "IN_PROGRESS"}'
    stray = b'{"status": "IN_QUEUE", "queue_position": 9}'
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n"
    said, links = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for unasked in (stray, b""):
                link = server.accept()[0]
                links.append(link)
                link.recv(65536)
                link.sendall(head % len(first) + first)
                if unasked:
                    time.sleep(0.05)
                    link.sendall(head % len(unasked) + unasked)
                    said.set()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        fal = make(queue_url=f"http://127.0.0.1:{server.getsockname()[1]}")
        for _ in range(2):
            answer = fal.look("r1", endpoint=wire.endpoint)
            assert isinstance(answer, Pending)
            assert answer.started
            assert said.wait(2)
            time.sleep(0.05)
        thread.join(2)
    assert len(links) == 2
    for link in links:
        link.close()


def test_a_forked_process_has_connections_of_its_own(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    fake.control(config={"duration": 600})
    asked = ask(fal, wire)
    assert isinstance(look(fal, asked), Pending)
    child = os.fork()
    if child == 0:
        os._exit(0 if isinstance(fal.look_many([asked])[0], Pending) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert isinstance(look(fal, asked), Pending)


def test_a_fault_on_one_of_many_is_its_own_answer(fal: Fal, fake: InProcessFal, wire: Wire) -> None:
    asks = [ask(fal, wire) for _ in range(4)]
    fake.fault("status:html(code=502)#2")
    kinds: list[Any] = [type(answer) for answer in fal.look_many(asks)]
    assert kinds.count(TryLater) == 1
    assert Unsure not in kinds
