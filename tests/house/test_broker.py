"""The folder as broker: whole messages only, and nothing a killed process left stops a reader."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from clientvideo import broker


@pytest.fixture
def channel(tmp_path: Path) -> broker.Channel:
    broker.install()
    for name in ("messages", "control", "done"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
        "processed_folder": str(tmp_path / "done"),
        "store_processed": False,
    }
    return Connection("filesystem://", transport_options=options).channel()


def test_the_url_means_our_transport(channel: broker.Channel) -> None:
    assert isinstance(channel, broker.Channel)


def test_a_message_comes_back_once(channel: broker.Channel) -> None:
    channel._put("celery", {"job": 7})
    assert channel._get("celery") == {"job": 7}
    with pytest.raises(Empty):
        channel._get("celery")


def test_a_message_cut_short_is_passed_over(channel: broker.Channel, tmp_path: Path) -> None:
    (tmp_path / "messages" / "1_a.celery.msg").write_bytes(b"")
    (tmp_path / "messages" / "2_b.celery.msg.part").write_bytes(b"{")
    channel._put("celery", {"job": 8})
    assert channel._get("celery") == {"job": 8}


def test_an_exchange_cut_short_is_written_anew(channel: broker.Channel, tmp_path: Path) -> None:
    (tmp_path / "control" / "celery.exchange").write_bytes(b"")
    assert channel.get_table("celery") == []
    channel._queue_bind("celery", "celery", "", "celery")
    assert [row.queue for row in channel.get_table("celery")] == ["celery"]


def test_a_quick_reader_never_sees_half_a_message(channel: broker.Channel) -> None:
    writers = [threading.Thread(target=lambda: [channel._put("celery", {"n": n}) for n in range(150)]) for _ in "ab"]
    for writer in writers:
        writer.start()
    got = 0
    while got < 300:
        try:
            got += channel._get("celery") is not None
        except Empty:
            continue
    assert got == 300
    for writer in writers:
        writer.join()
