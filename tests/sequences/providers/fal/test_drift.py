"""What changed at the provider is said in sentences, through references and choices of its descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from sequences.providers import catalogue
from sequences.providers.fal.drift import differences

VEO = "fal-ai/veo3.1/image-to-video"
V4 = "fal-ai/kling-video/v4/image-to-video"
BANANA = "fal-ai/nano-banana-2"
WORD = {"type": "string"}


def described(properties: dict[str, Any], required: tuple[str, ...] = (), **schemas: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}}
    return {"paths": {"/x": {"post": {"requestBody": body}}}, "components": {"schemas": {"In": schema, **schemas}}}


def veo(**changes: Any) -> dict[str, Any]:
    properties = {
        "prompt": WORD,
        "image_url": WORD,
        "duration": {"$ref": "#/components/schemas/Length"},
        "resolution": {"anyOf": [{"type": "string", "enum": ["720p", "1080p"]}, {"type": "null"}]},
        "aspect_ratio": {"type": "string", "enum": ["auto", "16:9"]},
        "negative_prompt": WORD,
        "seed": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "generate_audio": {"type": "boolean"},
        "auto_fix": {"type": "boolean"},
        **changes,
    }
    kept = {k: v for k, v in properties.items() if v is not None}
    return described(kept, ("prompt", "image_url"), Length={"type": "string", "enum": ["4s", "6s", "8s"]})


def said(id: str, document: dict[str, Any], path: str = "") -> list[tuple[str, bool]]:
    endpoint = catalogue.endpoint(id)
    path = path or endpoint.path
    return [(d.message.removeprefix(f"{path}: "), d.breaks) for d in differences(endpoint, path, document)]


def test_as_described_nothing_is_said() -> None:
    assert said(VEO, veo()) == []


@pytest.mark.parametrize(
    ("changes", "says", "breaks"),
    [
        ({"image_url": None}, "image_url is sent and is no longer known there.", True),
        ({"duration": {"enum": ["4s", "8s"]}}, "duration may be 6s here and there only 4s, 8s.", True),
        ({"duration": {"type": "integer"}}, "duration is sent as '4s' and there the type is integer.", True),
        ({"resolution": {"enum": ["720p"]}}, "resolution may be 1080p here and there only 720p.", True),
        ({"aspect_ratio": {"type": "string", "enum": ["16:9"]}},
         "aspect_ratio is always 'auto' and there it is one of 16:9.", True),
        ({"generate_audio": {"type": "string"}}, "generate_audio is always False and there the type is string.", True),
        ({"auto_fix": None}, "auto_fix is always sent and is not known there.", False),
        ({"aspect_ratio": None}, "aspect_ratio is always sent and is not known there.", True),
        ({"prompt": {"type": "string", "maxLength": 900}},
         "prompt takes 900 characters there and up to 2000 are sent.", True),
    ],
)  # fmt: skip
def test_each_change_is_one_sentence(changes: dict[str, Any], says: str, breaks: bool) -> None:
    found = [one for one in said(VEO, veo(**changes)) if "is required there" not in one[0]]
    assert found == [(says, breaks)]


def test_a_new_required_field_breaks() -> None:
    document = veo(style=WORD)
    document["components"]["schemas"]["In"]["required"].append("style")
    assert said(VEO, document) == [("style is required there and never sent.", True)]


def test_numbers_are_held_against_least_and_most() -> None:
    fields = {name: {} for name in ("prompt", "multi_prompt", "start_image_url", "end_image_url", "resolution")}
    document = described({**fields, "duration": {"type": "integer", "minimum": 3, "maximum": 15}})
    assert said(V4, document) == [("duration may be 3 to 30 here and there only 3 to 15.", True)]


def test_lists_are_counted_and_looked_into() -> None:
    shot = {"type": "object", "properties": {"text": WORD, "duration": {"type": "integer"}}}
    fields = {name: {} for name in ("prompt", "start_image_url", "end_image_url", "resolution", "duration")}
    shots = {"type": "array", "maxItems": 4, "items": {"$ref": "#/components/schemas/Shot"}}
    assert said(V4, described({**fields, "multi_prompt": shots}, Shot=shot)) == [
        ("multi_prompt has no prompt any more.", True),
        ("multi_prompt takes 4 shots there and up to 6 are sent.", True),
    ]


def test_more_than_we_send_is_a_remark() -> None:
    names = ("prompt", "aspect_ratio", "resolution", "seed", "num_images", "output_format", "sync_mode",
             "limit_generations")  # fmt: skip
    fields: dict[str, Any] = {name: {} for name in names}
    assert said(BANANA, described(fields)) == []
    fields["image_urls"] = {"type": "array", "maxItems": 20}
    assert said(BANANA, described(fields), f"{BANANA}/edit") == [
        ("image_urls takes 20 pictures there; the catalogue stops at 14.", False)
    ]


def test_what_cannot_be_read_breaks() -> None:
    assert said(VEO, {"paths": {}}) == [(f"{VEO} describes no input that can be read.", True)]
