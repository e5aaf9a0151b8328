"""The protocol spoken by hand, for the tests of the fakes."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.fakes.fal import Handle

KLING = "fal-ai/kling-video/v3/pro/image-to-video"
BANANA = "fal-ai/nano-banana-2"
CLIP = {
    "start_image_url": "https://pictures.example/a.png",
    "prompt": "a pier",
    "duration": "3",
    "generate_audio": False,
}
SHEET = {"prompt": "a 2x2 grid of a pier", "aspect_ratio": "16:9"}


class Caller:
    """The protocol, spoken by hand: one attempt each, nothing followed."""

    def __init__(self, fal: Handle, key: str = "") -> None:
        self.fal = fal
        headers = {"Authorization": f"Key {key or fal.key}"}
        self.http = httpx.Client(headers=headers, trust_env=False, timeout=10)
        self.env = fal.env()

    def submit(self, endpoint: str = KLING, given: Any = CLIP, query: str = "", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(f"{self.env['FAL_QUEUE_BASE_URL']}/{endpoint}{query}", json=given, headers=named)

    def accepted(self, endpoint: str = KLING, given: Any = CLIP, query: str = "", **headers: str) -> dict[str, Any]:
        response = self.submit(endpoint, given, query, **headers)
        assert response.status_code == 200, response.text
        return response.json()

    def ended(self, links: dict[str, Any]) -> dict[str, Any]:
        """The status once it is COMPLETED."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            response = self.http.get(links["status_url"])
            if response.status_code == 200:
                return response.json()
            time.sleep(0.01)
        raise AssertionError(f"still {response.text}")

    def result(self, links: dict[str, Any]) -> httpx.Response:
        self.ended(links)
        return self.http.get(links["response_url"])

    def platform(self, path: str, **query: Any) -> dict[str, Any]:
        response = self.http.get(f"{self.env['FAL_PLATFORM_BASE_URL']}/{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()
