"""From a request's input to what its model would have made of it."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from tests.fakes.fal import media
from tests.fakes.fal.config import Config
from tests.fakes.fal.endpoints import clip_seconds
from tests.fakes.fal.schemas import Endpoint, Error, error
from tests.fakes.fal.storage import KEPT, File, Storage

STARTS = ("start_image_url", "image_url", "first_frame_url")
FORMS = {"png": ("PNG", "image/png"), "webp": ("WEBP", "image/webp")}
JPEG = ("JPEG", "image/jpeg")
LAYOUTS = (
    re.compile(r"\b([1-4]) rows?\b[^.]{0,20}?\b([1-4]) columns?\b", re.IGNORECASE),
    re.compile(r"\b([1-4])\s*(?:x|×|by|-by-)\s*([1-4])\b", re.IGNORECASE),
)
# Pixels at 1K of the Gemini picture models; 2K and 4K are two and four times as wide.
AT_1K = {
    "1:1": (1024, 1024), "3:2": (1264, 848), "4:3": (1200, 896), "5:4": (1152, 928), "16:9": (1376, 768),
    "21:9": (1584, 672), "4:1": (2048, 512), "8:1": (3072, 384),
}  # fmt: skip
TIMES = {"0.5K": 0.5, "1K": 1.0, "2K": 2.0, "4K": 4.0}
PRESETS = {
    "square_hd": (2048, 2048), "square": (2048, 2048), "portrait_4_3": (1728, 2304), "portrait_16_9": (1440, 2560),
    "landscape_4_3": (2304, 1728), "landscape_16_9": (2560, 1440), "auto_2K": (2560, 1440), "auto_4K": (4096, 2304),
}  # fmt: skip


def layout(prompt: str) -> tuple[int, int]:
    """Rows and columns a prompt asks for: "3 rows and 2 columns", else the first "2x2", "3 × 3" or "2 by 2" in it;
    1, 1 without any."""
    found = next((hit for pattern in LAYOUTS if (hit := pattern.search(prompt))), None)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def shot_seconds(endpoint: Endpoint, given: dict[str, Any]) -> tuple[int, ...]:
    if shots := given.get("multi_prompt"):
        return tuple(int(shot.get("duration") or 5) for shot in shots)
    return (clip_seconds({**given, "duration": endpoint.value(given, "duration")}),)


class Outputs:
    """Blocking; called in a thread."""

    def __init__(self, config: Config, storage: Storage) -> None:
        self._config, self._storage = config, storage

    def problems(self, given: dict[str, Any], strict: bool) -> list[Error]:
        """What a model finds out only when it fetches its inputs; `strict` also holds pictures to Kling's sizes."""
        return [problem for name, value in addresses(given) for problem in self._refused(name, value, strict)]

    def _refused(self, loc: list[Any], url: str, strict: bool) -> list[Error]:
        ours, data = self._storage.own(url)
        if ours and data is None:
            return [error(loc, "file_download_error", "Failed to download the file", url)]
        size = media.measured(data) if strict and data else None
        if size and min(size) < 300:
            return [error(loc, "image_too_small", "Image dimensions are too small", url, min_width=300, min_height=300)]
        return []

    def make(self, endpoint: Endpoint, given: dict[str, Any], request_id: str, base: str, kept: float | None) -> Any:
        """The model's own JSON, its files stored."""
        step = (int(given.get("seed") or zlib.crc32(request_id.encode())) + self._config.seed) % 10
        if endpoint.output == "video":
            film = self._film(endpoint, given, step)
            file = self._storage.save(
                film, "video/mp4", "output.mp4", endpoint=endpoint.id, stamp=request_id, kept=kept
            )
            return {"video": described(file, base), **({"seed": step} if "seed" in endpoint.fields else {})}
        count = int(given.get("num_images") or 1) if endpoint.output == "images" else 1
        made = [self._picture(endpoint, given, step + n, f"{request_id}.{n}", base, kept) for n in range(count)]
        if endpoint.output == "image":
            return {"image": made[0], "seed": step}
        return {"images": made, **({"description": ""} if "banana" in endpoint.id else {"seed": step})}

    def _start(self, given: dict[str, Any]) -> bytes | None:
        for name in STARTS:
            if isinstance(given.get(name), str) and self._config.start_frames:
                data = self._storage.own(given[name])[1]
                if data is not None and media.measured(data):
                    return data
        return None

    def _film(self, endpoint: Endpoint, given: dict[str, Any], step: int) -> bytes:
        start = self._start(given)
        size = media.measured(start) if start else AT_1K[wide_of(given)[0]]
        width, height = fitted(size or (16, 9), self._config.video_edge)
        if not start and wide_of(given)[1]:
            width, height = height, width
        loud = given.get("generate_audio")
        sound = bool("o3/" not in endpoint.id if loud is None else loud) and "generate_audio" in endpoint.fields
        return media.clip(shot_seconds(endpoint, given), width, height, step % 3, start, sound)

    def _picture(
        self, endpoint: Endpoint, given: dict[str, Any], step: int, stamp: str, base: str, kept: float | None
    ) -> dict[str, Any]:
        form, content_type = FORMS.get(str(endpoint.value(given, "output_format")), JPEG) if (
            "output_format" in endpoint.fields
        ) else FORMS["png"]  # fmt: skip
        if endpoint.output == "image":
            source = self._storage.own(given["image_url"])[1] or media.picture(160, 90, 1, 1, step, "PNG")
            data = media.enlarged(source, float(given.get("upscale_factor") or 2), form)
        else:
            width, height = self._size(given)
            data = media.picture(width, height, *layout(str(given.get("prompt") or "")), step, form)
        name = f"output.{form.lower().replace('jpeg', 'jpg')}"
        file = self._storage.save(data, content_type, name, endpoint=endpoint.id, stamp=stamp, kept=kept)
        # Models give sizes for some pictures only.
        size = media.measured(data) if "seedream" in endpoint.id or endpoint.output == "image" else None
        return {**described(file, base), "width": size and size[0], "height": size and size[1]}

    def _size(self, given: dict[str, Any]) -> tuple[int, int]:
        scale = self._config.picture_scale
        asked = given.get("image_size")
        if isinstance(asked, dict):
            width, height = asked["width"], asked["height"]
        elif "image_size" in given or "max_images" in given:
            width, height = PRESETS.get(str(asked), (2048, 2048))
        else:
            scale *= TIMES.get(str(given.get("resolution") or "1K"), 1.0)
            ratio, upright = wide_of(given, "1:1")
            width, height = AT_1K[ratio][::-1] if upright else AT_1K[ratio]
        return max(32, round(width * scale)), max(32, round(height * scale))


def wide_of(given: dict[str, Any], default: str = "16:9") -> tuple[str, bool]:
    """The aspect ratio asked for, laid on its side, and whether it stands upright."""
    text = str(given.get("aspect_ratio") or default)
    if text in AT_1K:
        return text, False
    turned = ":".join(reversed(text.split(":")))
    return (turned, True) if turned in AT_1K else (default, False)


def fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """Even sides with the same shape and the longer one about `edge`."""
    factor = edge / max(size)
    return max(2, round(size[0] * factor / 2) * 2), max(2, round(size[1] * factor / 2) * 2)


def described(file: File, base: str) -> dict[str, Any]:
    name = file.name.rsplit("/", 1)[1]
    return {"url": f"{base}/media/{file.name}", "content_type": file.type, "file_name": name, "file_size": file.size}


def addresses(given: dict[str, Any]) -> list[tuple[list[Any], str]]:
    """Every address in an input with where it stands."""
    found: list[tuple[list[Any], str]] = []

    def walk(value: Any, loc: list[Any]) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, [*loc, name])
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                walk(inner, [*loc, place])
        elif isinstance(value, str) and value.startswith(("http://", "https://")):
            found.append((loc, value))

    walk(given, ["body"])
    return found


def kept_for(header: str) -> float | None:
    """Seconds the media of a request shall live, from X-Fal-Object-Lifecycle-Preference."""
    try:
        return json.loads(header).get("expiration_duration_seconds", KEPT) if header else KEPT
    except (ValueError, AttributeError):
        return KEPT
