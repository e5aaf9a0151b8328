"""Adapters of the paid provider: bodies exactly as they are sent, everything refused before anything is uploaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sequences.providers import catalogue
from sequences.providers.base import (
    ElementRef,
    GridRequest,
    Picture,
    Refused,
    Request,
    ShotAsk,
    UpscaleRequest,
    VideoRequest,
    Wire,
    from_json,
    to_json,
)
from sequences.providers.fal import endpoints
from tests.fakes.fal.endpoints import ENDPOINTS

KLING = "fal-ai/kling-video/v3/pro/image-to-video"
O3 = "fal-ai/kling-video/o3/pro/reference-to-video"
V4 = "fal-ai/kling-video/v4/image-to-video"
SEEDANCE = "bytedance/seedance-2.0/image-to-video"
VEO = "fal-ai/veo3.1/image-to-video"
BANANA = "fal-ai/nano-banana-2"
SEEDREAM = "fal-ai/bytedance/seedream/v4.5"
SEEDVR = "fal-ai/seedvr/upscale/image"


@pytest.fixture(autouse=True)
def _as_in_the_file() -> Iterator[None]:
    catalogue.configure({})
    yield
    catalogue.configure({})


def picture(name: str, width: int = 1920, height: int = 1080) -> Picture:
    return Picture(f"{name}.png", f"sha-{name}", width, height)


def element(key: str, *pictures: str) -> ElementRef:
    return ElementRef(key, key.title(), "character", f"a {key}", tuple(picture(p) for p in pictures or (f"{key}-1",)))


def video(endpoint: str, *seconds: float, **changes: Any) -> VideoRequest:
    shots = tuple(ShotAsk(n, f"shot {n}", s) for n, s in enumerate(seconds or (5,), 1))
    base = VideoRequest(endpoint, shots, 1920, 1080, "24", seed=7, start=picture("start"))
    return replace(base, **changes)


def grid(endpoint: str, **changes: Any) -> GridRequest:
    base = GridRequest(endpoint, "a pier at dawn", 2, 2, 2752, 1536, seed=7)
    return replace(base, **changes)


def upload(one: Picture) -> str:
    return f"https://v3.fal.media/files/{one.path}"


def built(request: Request) -> Wire:
    wire = endpoints.build(request, upload)
    assert ENDPOINTS[wire.endpoint].problems(dict(wire.body)) == []
    return wire


def test_several_shots_with_elements_are_sent_to_kling_like_this() -> None:
    request = video(KLING, 2, 3, elements=(element("mara", "front", "side", "back"), element("dog")), negative="rain")
    assert built(request) == Wire(
        KLING,
        {
            "multi_prompt": [{"prompt": "shot 1", "duration": "2"}, {"prompt": "shot 2", "duration": "3"}],
            "shot_type": "customize",
            "duration": "5",
            "start_image_url": "https://v3.fal.media/files/start.png",
            "elements": [
                {
                    "frontal_image_url": "https://v3.fal.media/files/front.png",
                    "reference_image_urls": [
                        "https://v3.fal.media/files/side.png",
                        "https://v3.fal.media/files/back.png",
                    ],
                },
                {
                    "frontal_image_url": "https://v3.fal.media/files/dog-1.png",
                    "reference_image_urls": ["https://v3.fal.media/files/dog-1.png"],
                },
            ],
            "negative_prompt": "rain",
            "generate_audio": False,
        },
    )


def test_one_shot_is_sent_to_kling_as_a_prompt_with_its_end_frame() -> None:
    wire = built(video(KLING, 8, end=picture("end")))
    assert wire.body == {
        "prompt": "shot 1",
        "duration": "8",
        "start_image_url": "https://v3.fal.media/files/start.png",
        "end_image_url": "https://v3.fal.media/files/end.png",
        "generate_audio": False,
    }


def test_an_element_sends_at_most_its_front_and_three_views() -> None:
    wire = built(video(KLING, elements=(element("mara", "a", "b", "c", "d", "e"),)))
    assert len(wire.body["elements"][0]["reference_image_urls"]) == 3


def test_o3_goes_without_a_start_frame_with_seven_elements_and_a_ratio() -> None:
    cast = tuple(element(f"e{n}") for n in range(7))
    wire = built(video(O3, 2, 3, start=None, elements=cast, width=1080, height=1920))
    assert (wire.body["aspect_ratio"], len(wire.body["elements"])) == ("9:16", 7)
    assert "start_image_url" not in wire.body and "negative_prompt" not in wire.body


def test_o3_starts_several_shots_from_a_picture_only_when_switched_on() -> None:
    with pytest.raises(Refused, match="one shot a call when it starts from a picture, not 2"):
        endpoints.check(video(O3, 2, 3))
    catalogue.override(O3, start_with_multi_prompt=True)
    assert len(built(video(O3, 2, 3)).body["multi_prompt"]) == 2


def test_kling_4_waits_for_its_switch_and_writes_seconds_as_numbers() -> None:
    with pytest.raises(Refused, match="Kling 4 cannot be used: fal says that API access"):
        endpoints.check(video(V4))
    catalogue.override(V4, enabled=True)
    body = endpoints.build(video(V4, 12, 10), upload).body
    assert body["duration"] == 22
    assert body["multi_prompt"] == [{"prompt": "shot 1", "duration": 12}, {"prompt": "shot 2", "duration": 10}]
    assert body["resolution"] == "1080p"


def test_single_shot_models_are_silent_and_seeded() -> None:
    assert built(video(SEEDANCE, 6)).body == {
        "prompt": "shot 1", "duration": "6", "image_url": "https://v3.fal.media/files/start.png",
        "resolution": "720p", "seed": 7, "aspect_ratio": "auto", "generate_audio": False,
    }  # fmt: skip
    assert built(video(VEO, 6, negative="rain")).body == {
        "prompt": "shot 1", "duration": "6s", "image_url": "https://v3.fal.media/files/start.png",
        "resolution": "1080p", "negative_prompt": "rain", "seed": 7, "aspect_ratio": "auto", "generate_audio": False,
        "auto_fix": False,
    }  # fmt: skip


def test_a_grid_names_its_layout_ratio_and_resolution() -> None:
    wire = built(grid(BANANA, negative="logos"))
    prompt = wire.body.pop("prompt") if isinstance(wire.body, dict) else ""
    assert wire == Wire(
        "fal-ai/nano-banana-2",
        {
            "aspect_ratio": "16:9", "resolution": "2K", "seed": 7, "num_images": 1, "output_format": "png",
            "sync_mode": False, "limit_generations": True,
        },
    )  # fmt: skip
    assert prompt.startswith("One picture laid out as a strict grid of 2 rows and 2 columns: 4 panels of exactly equal")
    assert "No borders, no gaps" in prompt and "no text" in prompt
    assert prompt.endswith("What it shows: a pier at dawn. Never in the picture: logos.")


def test_references_take_the_edit_path_and_are_named_in_order() -> None:
    cast = (element("mara", "m1", "m2", "m3", "m4"), element("dog"), element("ferry", "f1", "f2"))
    wire = built(grid(BANANA, elements=cast))
    assert wire.endpoint == "fal-ai/nano-banana-2/edit"
    assert wire.body["image_urls"] == [
        f"https://v3.fal.media/files/{name}.png" for name in ("m1", "m2", "m3", "dog-1", "f1", "f2")
    ]
    assert "Images 1, 2 and 3 show Mara. Image 4 shows Dog. Images 5 and 6 show Ferry." in wire.body["prompt"]


def test_references_are_shared_fairly_when_there_is_no_room_for_all() -> None:
    cast = tuple(element(f"e{n}", *(f"e{n}-{k}" for k in range(4))) for n in range(6))
    urls = built(grid(SEEDREAM, width=4096, height=2304, elements=cast)).body["image_urls"]
    assert len(urls) == 10
    assert {u.rsplit("/", 1)[1][:2] for u in urls} == {f"e{n}" for n in range(6)}


@pytest.mark.parametrize("endpoint", [BANANA, SEEDREAM])
def test_a_cell_to_stay_near_goes_first_on_the_edit_path(endpoint: str) -> None:
    cast = (element("mara", "m1", "m2"),)
    request = grid(endpoint, width=4096, height=2304, elements=cast, likeness=picture("cell"))
    assert from_json(to_json(request)) == request
    wire = built(request)
    assert wire.endpoint.endswith("/edit")
    assert wire.body["image_urls"] == [f"https://v3.fal.media/files/{name}.png" for name in ("cell", "m1", "m2")]
    assert "Image 1 is the still that every panel is to be near" in wire.body["prompt"]
    assert "Images 2 and 3 show Mara." in wire.body["prompt"]
    assert "from these images, Image 1 apart." in wire.body["prompt"]
    alone = built(grid(endpoint, width=4096, height=2304, likeness=picture("cell")))
    assert alone.endpoint.endswith("/edit") and alone.body["image_urls"] == wire.body["image_urls"][:1]


def test_the_cell_takes_one_of_the_places_for_pictures() -> None:
    cast = tuple(element(f"e{n}", *(f"e{n}-{k}" for k in range(4))) for n in range(6))
    urls = built(grid(SEEDREAM, width=4096, height=2304, elements=cast, likeness=picture("cell"))).body["image_urls"]
    assert len(urls) == 10 and urls[0].endswith("/cell.png")


def test_a_4k_grid_is_another_endpoint_of_ours_on_the_same_path() -> None:
    wire = built(grid("fal-ai/nano-banana-2@4k", width=5504, height=3072, rows=3, cols=3))
    assert (wire.endpoint, wire.body["resolution"]) == ("fal-ai/nano-banana-2", "4K")


def test_seedream_is_asked_for_exact_pixels() -> None:
    wire = built(grid(SEEDREAM, width=4096, height=2304))
    assert wire.endpoint == "fal-ai/bytedance/seedream/v4.5/text-to-image"
    assert wire.body["image_size"] == {"width": 4096, "height": 2304}
    edit = built(grid(SEEDREAM, width=4096, height=2304, elements=(element("mara"),)))
    assert edit.endpoint == "fal-ai/bytedance/seedream/v4.5/edit"


def test_a_picture_is_made_larger_by_a_factor() -> None:
    wire = built(UpscaleRequest(SEEDVR, picture("crop", 640, 360), 3.0, seed=7))
    assert wire == Wire(SEEDVR, {
        "image_url": "https://v3.fal.media/files/crop.png", "upscale_factor": 3, "seed": 7, "upscale_mode": "factor",
        "output_format": "png",
    })  # fmt: skip


def test_each_picture_is_uploaded_once() -> None:
    sent: list[str] = []

    def counted(one: Picture) -> str:
        sent.append(one.path)
        return upload(one)

    endpoints.build(video(KLING, elements=(element("dog"), element("cat", "dog-1"))), counted)
    assert sent == ["start.png", "dog-1.png"]
