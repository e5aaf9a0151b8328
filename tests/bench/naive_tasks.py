"""What one would write first: a task a call, which submits, sleeps and asks until the call has ended."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import httpx
from celery import Celery

from clientvideo import broker

EVERY = 2.0
broker.install()
folder = Path(os.environ["NAIVE_FOLDER"])
fal = json.loads(os.environ["NAIVE_FAL"])
places = {"data_folder_in": str(folder / "in"), "data_folder_out": str(folder / "in")}
app = Celery("naive", broker="filesystem://")
app.conf.update(
    broker_transport_options={**places, "control_folder": str(folder / "control")},
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
)
client = httpx.Client(headers={"Authorization": f"Key {fal['FAL_KEY']}"}, trust_env=False, timeout=30)


@app.task
def make(number: int) -> None:
    """One call from its submit to its result."""
    sent = client.post(f"{fal['FAL_QUEUE_BASE_URL']}/fal-ai/nano-banana-2", json={"prompt": "a pier", "seed": number})
    links = sent.json()
    while client.get(links["status_url"]).json()["status"] != "COMPLETED":
        time.sleep(EVERY)
    picture = client.get(links["response_url"]).json()["images"][0]["url"]
    (folder / "done" / f"{number}.png").write_bytes(client.get(picture).content)
