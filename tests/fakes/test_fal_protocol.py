"""The queue, the platform and the files, as the documents describe them."""

from __future__ import annotations

from io import BytesIO

import av
import pytest
from PIL import Image

from tests.fakes.calls import BANANA, CLIP, KLING, SHEET, Caller
from tests.fakes.fal import Handle
from tests.fakes.fal.config import FOREIGN_KEY
from tests.fakes.fal.outputs import layout

SHOTS = [{"prompt": "one", "duration": "2"}, {"prompt": "two", "duration": "3"}]
MULTI = {"start_image_url": "https://pictures.example/a.png", "multi_prompt": SHOTS, "duration": "5"}


def test_the_path_after_the_app_is_dropped(fal: Handle, caller: Caller) -> None:
    links = caller.accepted()
    assert links["status_url"] == f"{fal.url}/queue/fal-ai/kling-video/requests/{links['request_id']}/status"
    caller.ended(links)
    full = f"{fal.url}/queue/{KLING}/requests/{links['request_id']}"
    assert caller.http.get(full + "/status").status_code == 405
    other = links["status_url"].replace("kling-video", "nano-banana-2")
    assert caller.http.get(other).status_code == 404


def test_without_a_key_and_with_a_strangers(fal: Handle, caller: Caller) -> None:
    links = caller.accepted()
    assert Caller(fal, "nobody:nothing").submit().status_code == 401
    assert Caller(fal, FOREIGN_KEY).http.get(links["status_url"]).status_code == 404


def test_an_answer_bills_units_once(fal: Handle, caller: Caller) -> None:
    response = caller.result(caller.accepted(given={**CLIP, "generate_audio": True, "duration": "4"}))
    assert response.headers["x-fal-billable-units"] == "6"
    billed = fal.ledger()["billed"]
    assert [(record["units"], record["usd"]) for record in billed] == [("6", "0.672")]


@pytest.mark.parametrize(
    ("given", "loc", "kind"),
    [
        ({"prompt": "a"}, ["body", "start_image_url"], "missing"),
        ({**CLIP, "duration": "5", "multi_prompt": SHOTS}, ["body"], "value_error"),
        ({**CLIP, "prompt": ""}, ["body"], "value_error"),
        ({**CLIP, "duration": 5}, ["body", "duration"], "string_type"),
        ({**CLIP, "duration": "16"}, ["body", "duration"], "one_of"),
        ({**MULTI, "duration": "6"}, ["body", "duration"], "value_error"),
        ({**MULTI, "multi_prompt": SHOTS * 4}, ["body", "multi_prompt"], "sequence_too_long"),
        ({**MULTI, "multi_prompt": [{"prompt": "x" * 513}]}, ["body", "multi_prompt", 0, "prompt"], "string_too_long"),
        (
            {**CLIP, "elements": [{"frontal_image_url": "https://a.example/b.png"}]},
            ["body", "elements", 0],
            "value_error",
        ),
    ],
)
def test_what_kling_forbids(fal: Handle, caller: Caller, given: dict, loc: list, kind: str) -> None:
    response = caller.submit(given=given)
    assert response.status_code == 422
    assert [(problem["loc"], problem["type"]) for problem in response.json()["detail"]] == [(loc, kind)]
    assert fal.ledger()["totals"]["accepted"] == 0


def test_unknown_fields_pass_and_unknown_endpoints_do_not(caller: Caller) -> None:
    caller.accepted(given={**CLIP, "nonsense": 1})
    assert caller.submit("fal-ai/no-such-model").status_code == 404


def test_bad_input_may_be_found_only_when_it_runs(fal: Handle, caller: Caller) -> None:
    fal.control(config={"validate": "run"})
    links = caller.accepted(given={**CLIP, "duration": "2"})
    assert caller.ended(links)["error_type"] == "one_of"
    assert caller.result(links).status_code == 422
    assert fal.ledger()["totals"]["billed"] == 0


def test_two_at_a_time_in_order(fal: Handle, caller: Caller) -> None:
    fal.control(config={"duration": 60})
    links = [caller.accepted() for _ in range(4)]
    told = [caller.http.get(link["status_url"]) for link in links]
    assert [response.status_code for response in told] == [202] * 4
    assert [response.json()["status"] for response in told] == ["IN_PROGRESS"] * 2 + ["IN_QUEUE"] * 2
    assert [response.json().get("queue_position") for response in told] == [None, None, 0, 1]
    assert caller.http.get(links[0]["response_url"]).status_code == 400
    fal.control(finish=[links[0]["request_id"]])
    assert caller.http.get(links[2]["status_url"]).json()["status"] == "IN_PROGRESS"


def test_a_request_that_does_not_start_in_time_costs_nothing(fal: Handle, caller: Caller) -> None:
    fal.control(config={"duration": 600, "concurrency": 1})
    caller.accepted()
    late = caller.accepted(x_fal_request_start_timeout="30")
    fal.control(advance=31)
    assert caller.ended(late)["error_type"] == "startup_timeout"
    response = caller.http.get(late["response_url"])
    assert (response.status_code, response.headers["x-fal-request-timeout-type"]) == (504, "user")
    assert fal.ledger()["totals"]["billed"] == 0


def test_results_go_after_their_time(fal: Handle, caller: Caller) -> None:
    kept, gone = caller.accepted(), caller.accepted(x_fal_store_io="0")
    assert [caller.result(one).status_code for one in (kept, gone)] == [200, 200]
    fal.control(advance=3599)
    assert caller.result(gone).status_code == 200
    fal.control(advance=2)
    assert [caller.result(one).status_code for one in (kept, gone)] == [200, 404]


def test_cancel(fal: Handle, caller: Caller) -> None:
    fal.control(config={"duration": 60, "concurrency": 1})
    running, waiting = caller.accepted(), caller.accepted()
    first = [caller.http.put(one["cancel_url"]) for one in (waiting, running)]
    assert [(one.status_code, one.json()["status"]) for one in first] == [(200, "OK"), (202, "CANCELLATION_REQUESTED")]
    assert caller.ended(running)["error_type"] == "client_cancelled"
    again = caller.http.put(running["cancel_url"])
    assert (again.status_code, again.json()["status"]) == (400, "ALREADY_COMPLETED")
    assert caller.http.put(running["cancel_url"].replace("requests/", "requests/no")).status_code == 404
    assert fal.ledger()["totals"]["billed"] == 0


def test_status_as_a_stream_and_with_logs(caller: Caller) -> None:
    links = caller.accepted()
    lines = [line for line in caller.http.get(links["status_url"] + "/stream").text.split("\n\n") if line]
    assert '"COMPLETED"' in lines[-1]
    assert caller.http.get(links["status_url"] + "?logs=1").json()["logs"]


def test_a_grid_has_the_layout_of_the_prompt(fal: Handle, caller: Caller) -> None:
    [told] = caller.result(caller.accepted(BANANA, SHEET)).json()["images"]
    image = Image.open(BytesIO(caller.http.get(told["url"]).content))
    assert image.size == (344, 192)
    assert [image.getpixel(at) for at in ((172, 20), (20, 96))] == [(255, 255, 255)] * 2
    corners = {image.getpixel(at) for at in ((2, 2), (341, 2), (2, 189), (341, 189))}
    assert len(corners) == 4 and (255, 255, 255) not in corners


@pytest.mark.parametrize(
    ("prompt", "cells"),
    [
        ("a strict grid of 2 rows and 3 columns: 6 panels", (2, 3)),
        ("a 3×3 sheet, 16:9", (3, 3)),
        ("an image of 16x9 boats", (1, 1)),
    ],
)
def test_layouts_are_read_from_prompts(prompt: str, cells: tuple[int, int]) -> None:
    assert layout(prompt) == cells


def test_a_clip_starts_with_its_picture_and_cuts_between_shots(fal: Handle, caller: Caller) -> None:
    out = BytesIO()
    Image.new("RGB", (320, 180), (200, 30, 40)).save(out, "PNG")
    api = caller.env["FAL_REST_BASE_URL"] + "/storage/upload/initiate?storage_type=fal-cdn-v3"
    where = caller.http.post(api, json={"file_name": "a.png", "content_type": "image/png"}).json()
    put = caller.http.put(where["upload_url"], content=out.getvalue(), headers={"Content-Type": "image/png"})
    assert put.status_code == 200
    told = caller.result(caller.accepted(given={**MULTI, "start_image_url": where["file_url"]})).json()["video"]
    with av.open(BytesIO(caller.http.get(told["url"]).content)) as film:
        frames = [frame.to_ndarray(format="rgb24").mean((0, 1)) for frame in film.decode(video=0)]
        assert film.streams.audio  # sound is on unless it is switched off
    assert len(frames) == 5 * 24
    assert abs(frames[0] - (200, 30, 40)).max() < 12
    steps = [abs(after - before).sum() for before, after in zip(frames, frames[1:], strict=False)]
    assert max(range(len(steps)), key=steps.__getitem__) == 47


def test_a_signed_address_expires_and_cannot_be_bent(fal: Handle, caller: Caller) -> None:
    api = caller.env["FAL_REST_BASE_URL"] + "/storage/upload/initiate?storage_type=gcs"
    where = caller.http.post(api, json={"file_name": "a.png", "content_type": "image/png"}).json()
    assert caller.http.put(where["upload_url"].replace("a.png", "b.png"), content=b"x").status_code == 403
    fal.control(offset=901)
    assert caller.http.put(where["upload_url"], content=b"x").status_code == 403
    assert caller.http.get(where["file_url"]).status_code == 404


def test_prices_and_schemas(fal: Handle, caller: Caller) -> None:
    price = {"endpoint_id": KLING, "unit_price": 0.112, "unit": "seconds", "currency": "USD"}
    assert caller.platform("models/pricing", endpoint_id=KLING)["prices"] == [price]
    [model] = caller.platform("models", endpoint_id=KLING, expand="openapi-3.0")["models"]
    schema = model["openapi"]["components"]["schemas"]["Input"]
    assert schema["required"] == ["start_image_url"]
    assert schema["properties"]["multi_prompt"]["maxItems"] == 6
    refused = caller.http.get(caller.env["FAL_PLATFORM_BASE_URL"] + "/models/pricing")
    assert refused.json()["error"]["type"] == "validation_error"


def test_the_list_of_requests(fal: Handle, caller: Caller) -> None:
    fal.control(config={"listing_lag": 600})
    links = [caller.accepted() for _ in range(3)]
    for link in links:
        caller.ended(link)
    query = {"endpoint_id": KLING, "limit": 2, "expand": "payloads"}
    assert caller.platform("models/requests/by-endpoint", **query)["items"] == []
    fal.control(advance=601)
    first = caller.platform("models/requests/by-endpoint", **query)
    last = caller.platform("models/requests/by-endpoint", **query, cursor=first["next_cursor"])
    items = first["items"] + last["items"]
    assert {item["request_id"] for item in items} == {link["request_id"] for link in links}
    assert (items[0]["json_input"], items[0]["status_code"]) == (CLIP, 200)
    assert (first["has_more"], last["has_more"]) == (True, False)
    events = caller.platform("models/billing-events")["billing_events"]
    assert {event["output_units"] for event in events} == {3.0}
