"""The provider's official client gets on with the fake.

The client takes its addresses from constants that always say https, so these tests set those constants, of
`fal_client.client` only: QUEUE_URL_FORMAT, RUN_URL_FORMAT, REST_URL, CDN_URL and the multipart limits.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fal_client
import httpx
import pytest
from fal_client import client as constants

from tests.fakes.calls import BANANA, CLIP, KLING, SHEET
from tests.fakes.fal import Handle


@pytest.fixture(autouse=True)
def pointed(fal: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "QUEUE_URL_FORMAT", f"{fal.url}/queue/")
    monkeypatch.setattr(constants, "RUN_URL_FORMAT", f"{fal.url}/run/")
    monkeypatch.setattr(constants, "REST_URL", f"{fal.url}/rest")
    monkeypatch.setattr(constants, "CDN_URL", f"{fal.url}/cdn")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def client(fal: Handle) -> fal_client.SyncClient:
    return fal_client.SyncClient(key=fal.key)


def read(url: str) -> bytes:
    return httpx.get(url, trust_env=False).content


def test_subscribe_to_the_end(client: fal_client.SyncClient) -> None:
    seen: list[object] = []
    made = client.subscribe(BANANA, SHEET, with_logs=True, interval=0.01, on_queue_update=seen.append)
    assert read(made["images"][0]["url"]).startswith(b"\x89PNG")
    assert isinstance(seen[-1], fal_client.Completed)
    assert seen[-1].logs


def test_submit_status_result(client: fal_client.SyncClient) -> None:
    handle = client.submit(KLING, CLIP)
    made = client.result(KLING, handle.request_id)
    assert made["video"]["file_size"] == len(read(made["video"]["url"]))
    assert isinstance(client.status(KLING, handle.request_id), fal_client.Completed)


def test_queue_place_and_cancel(fal: Handle, client: fal_client.SyncClient) -> None:
    fal.control(config={"concurrency": 1, "duration": 60})
    handles = [client.submit(KLING, CLIP) for _ in range(3)]
    assert handles[2].status() == fal_client.Queued(position=1)
    assert isinstance(handles[0].status(), fal_client.InProgress)
    for handle in handles:
        handle.cancel()
    with pytest.raises(fal_client.FalClientHTTPError, match="cancelled"):
        handles[2].get()
    assert [record["answer"] for record in fal.records("cancelled")][-3:] == ["CANCELLATION_REQUESTED", "OK", "OK"]


def test_refused_input_is_the_clients_http_error(client: fal_client.SyncClient) -> None:
    with pytest.raises(fal_client.FalClientHTTPError) as refused:
        client.submit(KLING, {**CLIP, "duration": "2"})
    assert (refused.value.status_code, refused.value.error_type) == (422, "one_of")


@pytest.mark.parametrize("repository", ["fal_v3", "fal"])
def test_uploads(client: fal_client.SyncClient, repository: str) -> None:
    url = client.upload(b"some bytes", "text/plain", "a note.txt", repository=repository)
    assert read(url) == b"some bytes"


def test_upload_in_parts(client: fal_client.SyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "MULTIPART_THRESHOLD", 10)
    monkeypatch.setattr(constants, "MULTIPART_CHUNK_SIZE", 7)
    assert read(client.upload(b"twenty-four bytes, or so", "text/plain")) == b"twenty-four bytes, or so"


def test_the_asynchronous_client(fal: Handle, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"file")

    async def both() -> tuple[dict, str]:
        client = fal_client.AsyncClient(key=fal.key)
        return await client.subscribe(BANANA, SHEET, interval=0.01), await client.upload_file(tmp_path / "a.bin")

    # Playwright's loop counts as running in this thread once a browser test went before.
    with ThreadPoolExecutor(1) as thread:
        made, url = thread.submit(lambda: asyncio.run(both())).result()
    assert made["images"]
    assert read(url) == b"file"
