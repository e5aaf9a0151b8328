"""The provider against the fake, as an installation would set it up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sequences.providers.base import Wire
from sequences.providers.fal import Fal, Options, Timeouts
from tests.fakes.fal import InProcessFal

GRID = "fal-ai/nano-banana-2"
CLIP = "fal-ai/kling-video/v3/pro/image-to-video"
PROMPT = "a pier at dawn"


@pytest.fixture(scope="module")
def running() -> Iterator[InProcessFal]:
    with InProcessFal(concurrency=50, duration=0.01) as fake:
        assert isinstance(fake, InProcessFal)
        yield fake


@pytest.fixture
def fake(running: InProcessFal) -> InProcessFal:
    running.control(clear_faults=True, config={"concurrency": 50, "duration": 0.01, "listing_lag": 0.0})
    running.reset()
    return running


@pytest.fixture
def options(fake: InProcessFal) -> Options:
    env = fake.env()
    return Options(
        key=env["FAL_KEY"],
        queue_url=env["FAL_QUEUE_BASE_URL"],
        rest_url=env["FAL_REST_BASE_URL"],
        platform_url=env["FAL_PLATFORM_BASE_URL"],
        jwks_url=env["FAL_JWKS_URL"],
        media_hosts=(env["FAL_MEDIA_HOSTS"],),
        allow_loopback=True,
        timeouts=Timeouts(connect=5, submit=1.0, call=1.0, idle=0.5, download=0.7, upload=1),
    )


@pytest.fixture
def make(options: Options, tmp_path: Path) -> Iterator[Callable[..., Fal]]:
    """A provider with some options changed."""
    (tmp_path / "media").mkdir()
    all_made: list[Fal] = []

    def made(**changes: Any) -> Fal:
        uploads = changes.pop("uploads", None)
        all_made.append(Fal(replace(options, **changes), tmp_path / "media", uploads))
        return all_made[-1]

    yield made
    for fal in all_made:
        fal.close()


@pytest.fixture
def fal(make: Callable[..., Fal]) -> Fal:
    return make()


@pytest.fixture
def wire() -> Wire:
    return Wire(GRID, {"prompt": PROMPT, "num_images": 1, "aspect_ratio": "16:9", "seed": 7})


@pytest.fixture
def clip() -> Wire:
    """A clip's input: its start frame is not a file of the fake, which therefore draws its own."""
    body = {"start_image_url": "https://example.com/a.png", "prompt": PROMPT, "duration": "5", "generate_audio": False}
    return Wire(CLIP, body)
