"""Every fault does on the wire what its name says, and leaves the ledger telling the truth."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.fakes.calls import BANANA, CLIP, KLING, SHEET, Caller
from tests.fakes.fal import ControlError, Handle


def totals(fal: Handle) -> tuple[int, int]:
    """Submits seen and submits accepted."""
    told = fal.ledger()["totals"]
    return told["post"], told["accepted"]


@pytest.mark.parametrize(("action", "accepted"), [("accept_then_reset", 1), ("reset_before_accept", 0)])
def test_a_reset_with_and_without_acceptance(fal: Handle, caller: Caller, action: str, accepted: int) -> None:
    fal.fault(action)
    with pytest.raises(httpx.ReadError):
        caller.submit()
    assert totals(fal) == (1, accepted)
    caller.accepted()


def test_a_refused_connection_reads_nothing(fal: Handle, caller: Caller) -> None:
    fal.fault("refuse_connection")
    with pytest.raises(httpx.TransportError):  # in connect, write or read, whichever the reset meets
        caller.submit()
    assert totals(fal) == (0, 0)


def test_not_listening_at_all(fal: Handle, caller: Caller) -> None:
    fal.control(listen=False)
    with pytest.raises(httpx.ConnectError):
        caller.submit()
    fal.control(listen=True)
    caller.accepted()
    assert totals(fal) == (1, 1)


def test_a_late_answer_is_an_accepted_request(fal: Handle, caller: Caller) -> None:
    fal.fault("answer_after", seconds=0.3)
    caller.http.timeout = 0.1
    with pytest.raises(httpx.ReadTimeout):
        caller.submit()
    assert totals(fal) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "status", "accepted"),
    [
        ("status(503)", 503, 0),
        ('status(400,body={"detail":"no"})', 400, 0),
        ("status_after_accept(504)", 504, 1),
        ("html(502)", 502, 0),
        ("html_after_accept", 200, 1),
        ("empty_after_accept", 200, 1),
        ("no_request_id_after_accept", 200, 1),
        ("429(7)", 429, 0),
        ("locked*1", 403, 0),
        ("moderation(prompt,submit)", 422, 0),
        ("stuck", 200, 1),
    ],
)
def test_answers_to_submit(fal: Handle, caller: Caller, rule: str, status: int, accepted: int) -> None:
    fal.control(faults=rule)
    response = caller.submit()
    assert response.status_code == status
    assert totals(fal) == (1, accepted)
    assert "<html>" in response.text or not rule.startswith("html")
    assert response.headers.get("retry-after") == ("7" if status == 429 else None)
    assert "Exhausted balance" in response.text or status != 403
    assert caller.submit().status_code == 200


def test_no_answer_until_the_client_gives_up(fal: Handle, caller: Caller) -> None:
    fal.fault("stall")
    caller.http.timeout = 0.1
    with pytest.raises(httpx.ReadTimeout):
        caller.submit()
    assert totals(fal) == (1, 0)


def test_a_rule_waits_for_its_endpoint_its_turn_and_its_text(fal: Handle, caller: Caller) -> None:
    fal.control(faults="submit:status(503)@fal-ai/kling*#2*1")
    fal.fault("status", code=500, containing="2x2")
    assert [caller.submit(BANANA, {"prompt": "a sheet"}).status_code, caller.submit(BANANA, SHEET).status_code] == [
        200,
        500,
    ]
    assert [caller.submit().status_code for _ in range(3)] == [200, 503, 200]


@pytest.mark.parametrize("rule", ["no_such_fault", "status(1,2,3,4)", "nowhere:status(503)", "status(("])
def test_a_rule_that_cannot_be_read_is_refused_whole(fal: Handle, rule: str) -> None:
    with pytest.raises(ControlError):
        fal.control(faults=f"stall;{rule}")
    assert fal.control()["state"]["faults"] == []


@pytest.mark.parametrize(
    ("rule", "status", "kind"),
    [
        ("completed_with_error", 500, "internal_server_error"),
        ("completed_with_error(503,runner_disconnected,gone)", 503, "runner_disconnected"),
        ("moderation(start_image_url)", 422, "content_policy_violation"),
    ],
)
def test_completed_is_not_success(fal: Handle, caller: Caller, rule: str, status: int, kind: str) -> None:
    fal.control(faults=rule)
    links = caller.accepted()
    told = caller.ended(links)
    assert (told["status"], told["error_type"]) == ("COMPLETED", kind)
    response = caller.result(links)
    assert (response.status_code, response.headers["x-fal-error-type"]) == (status, kind)
    if "moderation" in rule:
        assert response.json()["detail"][0]["loc"] == ["body", "start_image_url"]
    assert fal.ledger()["totals"]["billed"] == 0


def test_stuck_and_unknown_for_a_while(fal: Handle, caller: Caller) -> None:
    fal.fault("stuck")
    fal.fault("status_404_for", seconds=600, nth=2)
    stuck, hidden = caller.accepted(), caller.accepted()
    assert caller.http.get(hidden["status_url"]).status_code == 404
    fal.control(advance=601)
    assert caller.ended(hidden)["status"] == "COMPLETED"
    assert caller.http.get(stuck["status_url"]).json()["status"] == "IN_PROGRESS"


def test_results_that_fail_first_or_are_gone(fal: Handle, caller: Caller) -> None:
    fal.fault("result_5xx_times", n=2, code=504)
    links = caller.accepted()
    assert [caller.result(links).status_code for _ in range(3)] == [504, 504, 200]
    fal.fault("result_gone")
    links = caller.accepted()
    assert caller.result(links).status_code == 404
    [item] = caller.platform("models/requests/by-endpoint", endpoint_id=KLING, request_id=links["request_id"],
                             expand="payloads")["items"]  # fmt: skip
    assert item["json_output"]["video"]["url"]


def test_missing_outputs_and_other_bills(fal: Handle, caller: Caller) -> None:
    fal.control(faults="missing_output(1);bill(99)")
    response = caller.result(caller.accepted(BANANA, {**SHEET, "num_images": 2}))
    assert len(response.json()["images"]) == 1
    assert response.headers["x-fal-billable-units"] == "99"
    fal.control(faults="missing_output;no_units_header")
    response = caller.result(caller.accepted())
    assert response.json() == {}
    assert "x-fal-billable-units" not in response.headers


def test_prices_that_change_or_are_missing(fal: Handle, caller: Caller) -> None:
    fal.fault("price", unit_price="0.5", unit="units", endpoint=KLING)
    [price] = caller.platform("models/pricing", endpoint_id=KLING)["prices"]
    assert (price["unit_price"], price["unit"]) == (0.5, "units")
    fal.control(clear_faults=True, faults=f"price_missing({KLING})")
    assert caller.platform("models/pricing", endpoint_id=f"{KLING},{BANANA}")["prices"][0]["endpoint_id"] == BANANA


def test_cancelled_too_late(fal: Handle, caller: Caller) -> None:
    fal.control(config={"duration": 5}, faults="cancel_too_late")
    links = caller.accepted()
    assert caller.http.put(links["cancel_url"]).status_code == 202
    fal.control(finish="all")
    assert caller.result(links).status_code == 200
    assert fal.ledger()["totals"]["billed"] == 1


@pytest.fixture
def clip(caller: Caller) -> str:
    return caller.result(caller.accepted()).json()["video"]["url"]


@pytest.mark.parametrize("action", ["truncated", "wrong_length"])
def test_a_body_shorter_than_its_length(fal: Handle, caller: Caller, clip: str, action: str) -> None:
    fal.fault(action)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.http.get(clip)
    assert caller.http.get(clip).status_code == 200


def test_bodies_that_are_not_the_file(fal: Handle, caller: Caller, clip: str) -> None:
    good = caller.http.get(clip).content
    fal.control(faults="zero_bytes#1;corrupt#2;wrong_content_type(text/html)#3")
    zero, corrupt, typed = (caller.http.get(clip) for _ in range(3))
    assert zero.content == b""
    assert len(corrupt.content) == len(good) and corrupt.content != good
    assert (typed.headers["content-type"], typed.content) == ("text/html", good)


def test_files_that_are_not_there_or_elsewhere(fal: Handle, caller: Caller, clip: str) -> None:
    fal.control(faults="expired#1;expired(404)#2;redirect(http://169.254.169.254/)#3")
    answers = [caller.http.get(clip) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 404, 302]
    assert answers[2].headers["location"] == "http://169.254.169.254/"


@pytest.mark.parametrize(("rule", "least"), [("huge_body", 5_000_000), ("slow(400)", 40)])
def test_a_body_without_end_and_one_in_drips(fal: Handle, caller: Caller, clip: str, rule: str, least: int) -> None:
    fal.control(faults=rule)
    began, size = time.monotonic(), 0
    with caller.http.stream("GET", clip) as response:
        for chunk in response.iter_raw():
            size += len(chunk)
            if size >= least:
                break
    assert size >= least
    if rule.startswith("slow"):
        assert size < 4000 and time.monotonic() - began < 5


def test_uploads_fail_too(fal: Handle, caller: Caller) -> None:
    fal.fault("status", on="initiate", code=500)
    api = caller.env["FAL_REST_BASE_URL"] + "/storage/upload/initiate?storage_type=gcs"
    asked: Any = {"file_name": "a.png", "content_type": "image/png"}
    assert caller.http.post(api, json=asked).status_code == 500
    fal.fault("status", on="upload", code=503)
    put = caller.http.post(api, json=asked).json()["upload_url"]
    assert [caller.http.put(put, content=b"x").status_code for _ in range(2)] == [503, 200]


def test_addresses_of_another_host(fal: Handle, caller: Caller) -> None:
    fal.fault("foreign_urls", base="https://elsewhere.example")
    assert caller.accepted(given=CLIP)["status_url"].startswith("https://elsewhere.example/queue/fal-ai/kling-video/")
