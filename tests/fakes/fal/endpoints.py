"""The model endpoints the fake knows: fields, limits and prices as the provider's own schemas and pages give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from tests.fakes.fal.schemas import Endpoint, Error, Field, error

URL = Field("url")
TEXT = Field("string", high=2500)
FLAG = Field("boolean")
SEED = Field("integer")
SECONDS = tuple(str(n) for n in range(3, 16))
SHOT = {
    "prompt": Field("string", required=True, low=1, high=512),
    "duration": Field("string", choices=tuple(str(n) for n in range(1, 16)), default="5"),
}
SHOTS = Field("array", low=1, high=6, items=SHOT)
ELEMENT = {
    "frontal_image_url": URL,
    "reference_image_urls": Field("array", high=3, items=URL),
    "video_url": URL,
    "voice_id": Field("string"),
}
RATIOS = ("auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
WIDE_RATIOS = (*RATIOS, "4:1", "1:4", "8:1", "1:8")
FORMATS = ("jpeg", "png", "webp")


def one_prompt(given: dict[str, Any]) -> Iterable[Error]:
    if bool(given.get("prompt")) == bool(given.get("multi_prompt")):
        yield error(["body"], "value_error", "Value error, exactly one of prompt or multi_prompt must be given", given)


def shots_fill_duration(given: dict[str, Any]) -> Iterable[Error]:
    shots = given.get("multi_prompt")
    if not shots:
        return
    total = sum(int(shot.get("duration") or 5) for shot in shots)
    if not 3 <= total <= 15:
        yield error(
            ["body", "multi_prompt"], "value_error", "Value error, the shots must last 3 to 15 s together", total
        )
    elif total != int(given.get("duration") or 5):
        msg = "Value error, the sum of the shot durations must equal duration"
        yield error(["body", "duration"], "value_error", msg, given.get("duration"))


def shots_end_free(given: dict[str, Any]) -> Iterable[Error]:
    if given.get("multi_prompt") and given.get("end_image_url"):
        yield error(["body", "end_image_url"], "feature_not_supported", "No end image with multi_prompt")


def whole_elements(given: dict[str, Any]) -> Iterable[Error]:
    for place, one in enumerate(given.get("elements") or []):
        if not one.get("video_url") and not (one.get("frontal_image_url") and one.get("reference_image_urls")):
            msg = "Value error, an element needs a video_url, or a frontal image and at least one reference image"
            yield error(["body", "elements", place], "value_error", msg, one)


def combined_references(given: dict[str, Any]) -> Iterable[Error]:
    elements, images = given.get("elements") or [], given.get("image_urls") or []
    most = 4 if any(one.get("video_url") for one in elements) else 7
    if len(elements) + len(images) > most:
        msg = f"Elements and images together should be at most {most}"
        yield error(["body", "elements"], "sequence_too_long", msg, None, max_length=most)


def clip_seconds(given: dict[str, Any]) -> int:
    """Seconds of a clip: "5", 5, "8s" or "auto" (5)."""
    text = str(given.get("duration") or "").removesuffix("s")
    return int(text) if text.isdigit() else 5


def by_second(audio_ratio: str, default: bool, unsaid: int = 5) -> Callable[[dict[str, Any]], Decimal]:
    """Units are seconds; with sound as many more as its price is higher, since one unit price is quoted."""

    def units(given: dict[str, Any]) -> Decimal:
        loud = given.get("generate_audio")
        ratio = Decimal(audio_ratio) if (default if loud is None else loud) else Decimal(1)
        return (clip_seconds({**given, "duration": given.get("duration") or unsaid}) * ratio).normalize()

    return units


def by_picture(weights: dict[str, str]) -> Callable[[dict[str, Any]], Decimal]:
    def units(given: dict[str, Any]) -> Decimal:
        weight = Decimal(weights.get(str(given.get("resolution") or "1K"), "1"))
        return (int(given.get("num_images") or 1) * weight).normalize()

    return units


def upscaled(given: dict[str, Any]) -> Decimal:
    """Megapixels of the answer are not known before it is made: one for each doubling."""
    return Decimal(str(given.get("upscale_factor") or 2))


def kling(tier: str, price: str, loud: str) -> list[Endpoint]:
    shared = {
        "prompt": TEXT,
        "multi_prompt": SHOTS,
        "shot_type": Field("string", choices=("customize", "intelligent"), default="customize"),
        "duration": Field("string", choices=SECONDS, default="5"),
        "end_image_url": URL,
        "generate_audio": FLAG,
    }
    elements = Field("array", high=3, items=ELEMENT)
    stock = {"negative_prompt": TEXT, "cfg_scale": Field("number", low=0, high=1, default=0.5)}
    references = {
        "start_image_url": URL,
        "image_urls": Field("array", items=URL),
        "elements": Field("array", items=ELEMENT),
        "aspect_ratio": Field("string", choices=("16:9", "9:16", "1:1"), default="16:9"),
    }
    checks = (one_prompt, shots_fill_duration, shots_end_free)

    def made(path: str, fields: dict[str, Field], default: bool, *more: Any) -> Endpoint:
        units = by_second(loud, default)
        name = f"fal-ai/kling-video/{path}"
        return Endpoint(name, fields, "video", Decimal(price), "seconds", units, checks=(*checks, *more))

    start, image = {"start_image_url": Field("url", True)}, {"image_url": Field("url", True)}
    ratio = {"aspect_ratio": references["aspect_ratio"]}
    return [
        made(f"v3/{tier}/image-to-video", {**start, **shared, **stock, "elements": elements}, True, whole_elements),
        made(f"v3/{tier}/text-to-video", {**shared, **stock, **ratio}, True),
        made(f"o3/{tier}/image-to-video", {**image, **shared}, False),
        made(f"o3/{tier}/reference-to-video", {**shared, **references}, False, whole_elements, combined_references),
    ]


def kling_4() -> Endpoint:
    """The one id of Kling 4 with a published schema; what its shots may be is not published, so little is refused."""
    shot = {"prompt": Field("string", True), "duration": Field("integer", low=1, high=30, default=5)}
    fields = {
        "start_image_url": Field("url", True),
        "middle_image_urls": Field("array", high=8, items=URL),
        "end_image_url": URL,
        "prompt": Field("string"),
        "multi_prompt": Field("array", low=1, items=shot),
        "duration": Field("integer", low=3, high=30, default=5),
        "resolution": Field("string", choices=("720p", "1080p"), default="1080p"),
    }
    name, price = "fal-ai/kling-video/v4/image-to-video", Decimal("0.235")
    return Endpoint(name, fields, "video", price, "seconds", by_second("1", False), checks=(one_prompt,))


def seedance(path: str, fields: dict[str, Field], price: str) -> Endpoint:
    shared = {
        "prompt": Field("string", True),
        "duration": Field("string", choices=("auto", *(str(n) for n in range(4, 16))), default="auto"),
        "resolution": Field("string", choices=("480p", "720p", "1080p", "4k"), default="720p"),
        "aspect_ratio": Field("string", choices=("auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"), default="auto"),
        "generate_audio": FLAG,
        "seed": SEED,
    }
    name = f"bytedance/seedance-2.0/{path}"
    return Endpoint(name, {**fields, **shared}, "video", Decimal(price), "seconds", by_second("1", True))


def veo(path: str, fields: dict[str, Field]) -> Endpoint:
    shared = {
        "prompt": Field("string", True),
        "duration": Field("string", choices=("4s", "6s", "8s"), default="8s"),
        "resolution": Field("string", choices=("720p", "1080p", "4k"), default="720p"),
        "aspect_ratio": Field("string", choices=("auto", "16:9", "9:16"), default="auto"),
        "generate_audio": FLAG,
        "negative_prompt": TEXT,
        "seed": SEED,
        "auto_fix": FLAG,
        "safety_tolerance": Field("string", choices=tuple("123456")),
    }
    units = by_second("2", True, 8)
    return Endpoint(f"fal-ai/veo3.1/{path}", {**fields, **shared}, "video", Decimal("0.2"), "seconds", units)


def banana(name: str, price: str, weights: dict[str, str], ratios: tuple[str, ...]) -> list[Endpoint]:
    fields = {
        "prompt": Field("string", True, low=3, high=50000),
        "num_images": Field("integer", low=1, high=4, default=1),
        "aspect_ratio": Field("string", choices=ratios, default="auto"),
        "resolution": Field("string", choices=tuple(weights), default="1K"),
        "output_format": Field("string", choices=FORMATS, default="png"),
        "seed": SEED,
        "sync_mode": FLAG,
        "limit_generations": FLAG,
    }
    images = {"image_urls": Field("array", True, low=1, high=14, items=URL)}
    units = by_picture(weights)
    return [
        Endpoint(f"fal-ai/{name}", fields, "images", Decimal(price), "images", units),
        Endpoint(f"fal-ai/{name}/edit", {**fields, **images}, "images", Decimal(price), "images", units),
    ]


def seedream(path: str, more: dict[str, Field]) -> Endpoint:
    fields = {
        "prompt": Field("string", True),
        "num_images": Field("integer", low=1, high=6, default=1),
        "max_images": Field("integer", low=1, high=6, default=1),
        "seed": SEED,
        "enable_safety_checker": FLAG,
    }
    name = f"fal-ai/bytedance/seedream/v4.5/{path}"
    units = by_picture({})
    return Endpoint(name, {**fields, **more}, "images", Decimal("0.04"), "images", units, checks=(sized,))


def sized(given: dict[str, Any]) -> Iterable[Error]:
    """`image_size`: a preset's name, or a width and height within 4096 that give at least 2560 x 1440 pixels."""
    size = given.get("image_size")
    if size is None or isinstance(size, str):
        return
    loc = ["body", "image_size"]
    if not isinstance(size, dict) or not all(isinstance(size.get(name), int) for name in ("width", "height")):
        yield error(loc, "value_error", "Value error, image_size is a preset or has a width and a height", size)
    elif max(size["width"], size["height"]) > 4096:
        yield error(loc, "less_than_equal", "Width and height should be at most 4096", size, le=4096)
    elif size["width"] * size["height"] < 2560 * 1440:
        yield error(loc, "greater_than_equal", "The image should have at least 3686400 pixels", size, ge=2560 * 1440)


IMAGE = {"image_url": Field("url", True), "end_image_url": URL}
REFERENCES = {name: Field("array", high=high, items=URL) for name, high in
              (("image_urls", 9), ("video_urls", 3), ("audio_urls", 3))}  # fmt: skip
LAST = {"first_frame_url": Field("url", True), "last_frame_url": Field("url", True)}
SEEDVR = {
    "image_url": Field("url", True),
    "upscale_mode": Field("string", choices=("factor", "target"), default="factor"),
    "upscale_factor": Field("number", low=1, high=10, default=2),
    "target_resolution": Field("string", choices=("720p", "1080p", "1440p", "2160p"), default="1080p"),
    "noise_scale": Field("number", low=0, high=1, default=0.1),
    "output_format": Field("string", choices=("jpg", "png", "webp"), default="jpg"),
    "seed": SEED,
}
BANANA_2 = {"0.5K": "0.75", "1K": "1", "2K": "1.5", "4K": "2"}
BANANA_PRO = {"1K": "1", "2K": "1", "4K": "2"}

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.id: endpoint
    for endpoint in (
        *kling("standard", "0.084", "1.5"),
        *kling("pro", "0.112", "1.5"),
        *kling("4k", "0.42", "1"),
        kling_4(),
        seedance("image-to-video", IMAGE, "0.3024"),
        seedance("reference-to-video", REFERENCES, "0.3024"),
        seedance("fast/image-to-video", IMAGE, "0.2419"),
        seedance("fast/reference-to-video", REFERENCES, "0.2419"),
        veo("image-to-video", {"image_url": Field("url", True)}),
        veo("first-last-frame-to-video", LAST),
        veo("reference-to-video", {"image_urls": Field("array", True, low=1, items=URL)}),
        *banana("nano-banana-2", "0.08", BANANA_2, WIDE_RATIOS),
        *banana("nano-banana-pro", "0.15", BANANA_PRO, RATIOS),
        seedream("edit", {"image_urls": Field("array", True, low=1, high=10, items=URL)}),
        seedream("text-to-image", {}),
        Endpoint("fal-ai/seedvr/upscale/image", SEEDVR, "image", Decimal("0.001"), "megapixels", upscaled),
    )
}
