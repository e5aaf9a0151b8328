"""Pictures go up once and are used again; results come down whole or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sequences.providers.base import (
    Busy,
    Closed,
    GridRequest,
    Picture,
    Ready,
    Refused,
    RemoteFile,
    ShotAsk,
    TryLater,
    UpscaleRequest,
    VideoRequest,
    Wire,
)
from sequences.providers.fal import Fal
from tests.fakes.fal import InProcessFal

PNG_BYTES: dict[str, bytes] = {}


def encoded(form: str) -> bytes:
    if form not in PNG_BYTES:
        out = BytesIO()
        Image.new("RGB", (640, 360), "teal").save(out, form)
        PNG_BYTES[form] = out.getvalue()
    return PNG_BYTES[form]


def picture(tmp_path: Path, form: str = "PNG", name: str = "start.jpg") -> Picture:
    content = encoded(form)
    (tmp_path / "media" / name).write_bytes(content)
    return Picture(name, hashlib.sha256(content).hexdigest(), 640, 360)


def clip(start: Picture) -> VideoRequest:
    """What needs one picture uploaded."""
    shots = (ShotAsk(1, "a pier at dawn", 5),)
    return VideoRequest("fal-ai/kling-video/v3/pro/image-to-video", shots, 640, 360, "24", 7, start=start)


def prepared(fal: Fal, start: Picture) -> Wire:
    wire = fal.prepare(clip(start))
    assert wire.body["start_image_url"]
    return wire


def stopped(fal: Fal, start: Picture) -> Any:
    with pytest.raises((Refused, TryLater)) as caught:
        fal.prepare(clip(start))
    assert fal.options.key not in str(caught.value)
    assert "signature" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(("form", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_a_picture_is_sent_as_it_is_under_its_true_type(
    fal: Fal, fake: InProcessFal, tmp_path: Path, form: str, kind: str
) -> None:
    start = picture(tmp_path, form)
    url = prepared(fal, start).body["start_image_url"]
    file = fake.ledger()["file"][-1]
    assert url.endswith(file["name"])
    assert (file["sha256"], file["type"]) == (start.sha256, kind)


def test_a_picture_goes_up_once(fal: Fal, fake: InProcessFal, tmp_path: Path) -> None:
    first, copy = picture(tmp_path), picture(tmp_path, name="copy.png")
    assert prepared(fal, first).body == prepared(fal, copy).body
    assert len({record["name"] for record in fake.ledger()["file"]}) <= 2  # one upload, named twice by the fake
    assert len({record["sha256"] for record in fake.ledger()["file"]}) == 1


class Shelf:
    """Uploads kept by a test."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, float]] = {}

    def get(self, sha256: str) -> str | None:
        return self.kept[sha256][0] if sha256 in self.kept else None

    def put(self, sha256: str, url: str, seconds: float) -> None:
        self.kept[sha256] = (url, seconds)


def test_where_a_picture_is_can_be_remembered_by_others(
    make: Callable[..., Fal], fake: InProcessFal, tmp_path: Path
) -> None:
    shelf, start = Shelf(), picture(tmp_path)
    url = prepared(make(uploads=shelf, reuse_uploads=60.0), start).body["start_image_url"]
    assert shelf.kept == {start.sha256: (url, 60.0)}
    other = Shelf()
    prepared(make(uploads=other, reuse_uploads=9e9, keep_media=10_000), start)
    assert other.kept[start.sha256][1] == 2800  # never to the last minute of its life
    fake.fault("initiate:status(500)*0")
    assert prepared(make(uploads=shelf), start).body["start_image_url"] == url


def test_an_upload_that_may_have_expired_is_sent_again(make: Callable[..., Fal], tmp_path: Path) -> None:
    fal, start = make(reuse_uploads=0.0), picture(tmp_path)
    assert prepared(fal, start).body != prepared(fal, start).body


def test_without_signed_addresses_the_token_way_is_taken(fal: Fal, fake: InProcessFal, tmp_path: Path) -> None:
    fake.fault("initiate:status(404)*0")
    start = picture(tmp_path)
    assert prepared(fal, start)
    assert fake.ledger()["file"][-1]["sha256"] == start.sha256


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("initiate:status(500)", TryLater),
        ("initiate:stall", TryLater),
        ("initiate:html(code=200)", TryLater),
        ("initiate:429(retry_after=9)", Busy),
        ("initiate:locked", Closed),
        ("initiate:status(401)", Refused),
        ("upload:status(403)", TryLater),
        ("upload:stall", TryLater),
        ("upload:accept_then_reset", TryLater),
        ("upload:status(302)", Refused),
    ],
)
def test_a_storage_that_fails_stops_before_anything_is_paid(
    fal: Fal, fake: InProcessFal, tmp_path: Path, fault: str, kind: type[Exception]
) -> None:
    fake.fault(fault)
    error = stopped(fal, picture(tmp_path))
    assert type(error) is kind
    assert fake.jobs() == []


def test_uploads_go_to_listed_hosts_only(make: Callable[..., Fal], fake: InProcessFal, tmp_path: Path) -> None:
    error = stopped(make(upload_hosts=("fal.media",)), picture(tmp_path))
    assert error.code == "blocked"
    ours = make().options.media_hosts
    error = stopped(make(media_hosts=("fal.media",), upload_hosts=ours), picture(tmp_path))
    assert error.code == "blocked"
    assert fake.ledger()["file"] == []


@pytest.mark.parametrize("path", ["../secret.png", "missing.png", "/etc/hostname", "."])
def test_what_is_not_in_the_media_folder_is_not_sent(fal: Fal, fake: InProcessFal, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.png").write_bytes(encoded("PNG"))
    sha256 = hashlib.sha256(encoded("PNG")).hexdigest()
    error = stopped(fal, Picture(path, sha256, 640, 360))
    assert error.code == "bad_input"
    assert "media folder" in str(error)
    assert fake.ledger()["file"] == []


def test_other_bytes_than_the_chosen_ones_are_not_sent(fal: Fal, fake: InProcessFal, tmp_path: Path) -> None:
    start = picture(tmp_path)
    (tmp_path / "media" / start.path).write_bytes(encoded("JPEG"))
    assert "not the picture that was chosen" in str(stopped(fal, start))
    text = b"<html>no picture</html>"
    (tmp_path / "media" / "a.png").write_bytes(text)
    assert "neither PNG" in str(stopped(fal, Picture("a.png", hashlib.sha256(text).hexdigest(), 640, 360)))
    assert fake.ledger()["file"] == []


def test_a_picture_that_is_too_large_is_not_sent(make: Callable[..., Fal], tmp_path: Path) -> None:
    assert "too large" in str(stopped(make(most_upload_bytes=100), picture(tmp_path)))


def test_a_grid_needs_no_upload_and_what_does_not_fit_is_refused(fal: Fal, tmp_path: Path) -> None:
    grid = GridRequest("fal-ai/nano-banana-2", "a pier", 2, 2, 1376, 768, 7)
    assert fal.prepare(grid).endpoint
    with pytest.raises(Refused) as caught:
        fal.prepare(UpscaleRequest("fal/no-such-endpoint", picture(tmp_path), 2, 7))
    assert caught.value.code == "bad_input"


def made(fal: Fal, fake: InProcessFal) -> RemoteFile:
    """A result of the fake."""
    wire = Wire("fal-ai/nano-banana-2", {"prompt": "a pier", "num_images": 1, "seed": 7})
    sent = fal.submit(None, token="t", wire=wire)  # type: ignore[arg-type]  # the wire says it all
    fake.control(finish=[sent.request_id])
    for _ in range(50):  # a busy machine draws it a moment later
        ready = fal.look(sent.request_id, endpoint=wire.endpoint)
        if isinstance(ready, Ready):
            return ready.file
        time.sleep(0.1)
    raise AssertionError(f"it was not made: {ready}")


def test_a_result_is_written_and_counted(fal: Fal, fake: InProcessFal, tmp_path: Path) -> None:
    file = made(fal, fake)
    assert fal.fetch(file, tmp_path / "out") == file.bytes == (tmp_path / "out").stat().st_size
    with Image.open(tmp_path / "out") as image:
        image.load()


@pytest.mark.parametrize(
    "fault",
    ["truncated", "wrong_length", "zero_bytes", "wrong_content_type", "slow", "download:status(500)", "download:stall"],
)
def test_a_spoiled_result_is_tried_later_and_leaves_nothing(
    fal: Fal, fake: InProcessFal, tmp_path: Path, fault: str
) -> None:
    file = made(fal, fake)
    fake.fault(fault)
    with pytest.raises(TryLater):
        fal.fetch(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert fal.fetch(file, tmp_path / "out") == file.bytes


@pytest.mark.parametrize(
    ("fault", "code"),
    [("expired", "gone"), ("expired(code=404)", "gone"), ("redirect", "blocked"), ("huge_body", "blocked")],
)
def test_a_result_that_is_gone_or_must_not_be_fetched_was_paid_for(
    make: Callable[..., Fal], fake: InProcessFal, tmp_path: Path, fault: str, code: str
) -> None:
    fal = make(most_download_bytes=10**6)
    file = made(fal, fake)
    fake.fault(fault)
    with pytest.raises(Refused) as caught:
        fal.fetch(file, tmp_path / "out")
    assert (caught.value.code, caught.value.charged) == (code, True)
    assert not (tmp_path / "out").exists()


def test_a_result_that_cannot_be_written_is_not_lost(fal: Fal, fake: InProcessFal, tmp_path: Path) -> None:
    file = made(fal, fake)
    with pytest.raises(TryLater, match="cannot be written"):
        fal.fetch(file, tmp_path / "no-such-folder" / "out")


def test_a_result_elsewhere_is_not_fetched(fal: Fal, fake: InProcessFal, tmp_path: Path) -> None:
    fake.fault("media_url", url="http://127.0.0.2:1/clip.mp4?token=s3cret")
    with pytest.raises(Refused) as caught:
        fal.fetch(made(fal, fake), tmp_path / "out")
    assert caught.value.code == "blocked"
    assert "s3cret" not in str(caught.value)


def test_nothing_secret_and_nothing_a_poll_is_logged(
    fal: Fal, fake: InProcessFal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    prepared(fal, picture(tmp_path))
    fal.fetch(made(fal, fake), tmp_path / "out")
    ours = [record for record in caplog.records if record.name.split(".")[0] in ("httpx", "httpcore", "sequences")]
    assert [record.getMessage() for record in ours] == []
    assert fal.options.key not in json.dumps([repr(fal), repr(fal.options), str(fal)])
