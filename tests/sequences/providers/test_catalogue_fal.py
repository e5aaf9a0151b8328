"""fal's endpoints in the catalogue: caps and switches that planning reads, sizes that come back, told prices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sequences.providers import catalogue, fitness
from sequences.providers.base import GridRequest, Picture, ShotAsk, UpscaleRequest, VideoRequest
from sequences.providers.catalogue import CatalogueError, Told, UnknownEndpoint, load

KLING = "fal-ai/kling-video/v3/{}/image-to-video"
O3 = "fal-ai/kling-video/o3/{}/reference-to-video"
V4 = "fal-ai/kling-video/v4/image-to-video"
BANANA = "fal-ai/nano-banana-2"
SEEDREAM = "fal-ai/bytedance/seedream/v4.5"


@pytest.mark.parametrize("tier", ["standard", "pro", "4k"])
def test_kling_3_takes_six_shots_three_elements_and_a_start_frame(tier: str) -> None:
    kling = catalogue.endpoint(KLING.format(tier))
    assert (kling.shots_per_call, kling.seconds_per_call, kling.prompt_chars, kling.call_chars) == (6, 15, 512, 2500)
    assert (kling.element_cap(with_start=True), kling.start_required, kling.end_frame) == (3, True, True)
    assert (kling.min_start_edge, kling.start_ratio) == (300, (0.4, 2.5))
    assert kling.fixed == {"generate_audio": False}
    assert kling.spoken("Mara", 2) == "@Element2"


@pytest.mark.parametrize("tier", ["standard", "pro"])
def test_o3_takes_seven_elements_and_keeps_the_unproven_switched_off(tier: str) -> None:
    o3 = catalogue.endpoint(O3.format(tier))
    assert (o3.element_cap(with_start=True), o3.element_cap(with_start=False)) == (4, 7)
    assert (o3.start_required, o3.shots_cap(with_start=True), o3.shots_cap(with_start=False)) == (False, 1, 6)
    assert catalogue.override(o3.id, start_with_multi_prompt=True).shots_cap(with_start=True) == 6


def test_kling_4_is_there_and_switched_off_with_its_reason() -> None:
    v4 = catalogue.endpoint(V4)
    assert (v4.enabled, v4.duration_format, v4.seconds_per_call) == (False, "integer", 30)
    assert "API access" in v4.why_disabled
    assert v4 not in catalogue.endpoints(provider="fal", enabled=True)
    assert catalogue.default("fal", "video").id == KLING.format("standard")


def test_every_enabled_endpoint_of_fal_has_a_dated_price_and_words_for_its_unit() -> None:
    for one in catalogue.endpoints(provider="fal", enabled=True):
        assert one.unit_price and one.price_listed == "2026-11-23" and one.price_source == "listed", one.id
        assert f"{one.unit}s" in one.units_understood and one.adapter and one.fields, one.id
        assert one.start_deadline and one.longest, one.id


def test_sound_is_always_off() -> None:
    for film in catalogue.endpoints(provider="fal", kind="video", enabled=True):
        assert film.fixed["generate_audio"] is False, film.id


@pytest.mark.parametrize(
    ("id", "frame", "size"),
    [
        (BANANA, (1920, 1080), (2752, 1536)),
        (BANANA, (1080, 1920), (1536, 2752)),
        (BANANA, (1080, 1080), (2048, 2048)),
        (BANANA, (2048, 858), (3168, 1344)),
        (BANANA, (1080, 1350), (1856, 2304)),
        (f"{BANANA}@4k", (1920, 1080), (5504, 3072)),
        (f"{BANANA}@4k", (2048, 858), (6336, 2688)),
        (SEEDREAM, (1920, 1080), (4096, 2304)),
    ],
)
def test_a_grid_is_as_large_as_it_really_comes_back(id: str, frame: tuple[int, int], size: tuple[int, int]) -> None:
    assert catalogue.grid_size(catalogue.endpoint(id), 2, 2, *frame) == size


def test_a_sent_path_leads_to_its_endpoint() -> None:
    assert catalogue.of_path("fal-ai/nano-banana-2/edit").path == BANANA
    with pytest.raises(UnknownEndpoint, match="calls 'fal-ai/gone'"):
        catalogue.of_path("fal-ai/gone")


def test_units_of_a_request_are_what_its_price_counts() -> None:
    picture = Picture("a.png", "a", 1000, 563)
    shots = (ShotAsk(1, "x", 2.5), ShotAsk(2, "x", 3))
    assert fitness.units(VideoRequest("x", shots, 16, 9, "24", 1)) == Decimal("5.5")
    assert fitness.units(GridRequest("x", "x", 2, 2, 16, 9, 1)) == 1
    assert fitness.units(UpscaleRequest("x", picture, 2, 1)) == Decimal("2.252")
    assert fitness.units(UpscaleRequest("x", picture, 1.5, 1)) == Decimal("1.267")


def test_a_told_price_lies_over_the_files_until_configured_anew() -> None:
    catalogue.price_now({BANANA: Told(Decimal("0.1"), "fal", "2026-12-01"), "gone": Told(Decimal(1), "fal")})
    found = catalogue.endpoint(BANANA)
    assert (found.price(1), found.billed(Decimal("1.5")), found.price_dated) == (150_000, 150_000, "2026-12-01")
    assert catalogue.override(BANANA, price_factor="2").price(1) == 200_000
    catalogue.price_now({BANANA: Told(None, "fal", "", "Nobody knows.")})
    assert (catalogue.endpoint(BANANA).price(1), catalogue.endpoint(BANANA).price_gap) == (None, "Nobody knows.")
    catalogue.price_now({})
    assert catalogue.endpoint(BANANA).price(1) == 160_000


ENTRY = """
[[endpoints]]
id = "a/clip"
provider = "a"
kind = "video"
title = "A"
blurb = "B"
shots_per_call = 1
seconds_per_call = 8
seconds_per_shot = [4, 8]
seconds_per_single = [4, 8]
prompt_chars = 512
elements_with_start = 0
elements_without_start = 0
price = "0.1"
unit = "second"
expected = [10, 2.5]
"""


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("seconds_choices = [8, 4]", r"seconds_choices must be a list of whole numbers that grow"),
        ("seconds_choices = [4, 6]", "seconds_choices must be from the least to the most of seconds_per_single"),
        ('duration_format = "minutes"', "duration_format must be one of string, integer, 4s"),
        ("start_ratio = [2.5, 0.4]", r"start_ratio must be two numbers, \[least, most\]"),
        ("start_bytes = -1", "start_bytes must be a whole number, 0 or more"),
        ('start_required = "no"', "start_required must be true or false"),
        ('start_with_multi_prompt = "no"', "start_with_multi_prompt must be true or false"),
        ('mention = "@Element"', r"mention must be a text with \{n\}"),
        ('ratios = ["wide"]', "ratios must be a list like"),
        ('price_listed = "yesterday"', "price_listed must be a day like 2026-11-23"),
        ('price_factor = "-1"', "price_factor must be a number above 0"),
        ("units_understood = [1]", "units_understood must be a list of words"),
        ("fields = { prompt = 1 }", "fields must be a table of texts"),
        ("fixed = 1", "fixed must be a table"),
        ("pictures = 1.5", "pictures must be a whole number"),
        ("sizes = { }", "no key 'sizes'"),
        ("speed = 3", "no key 'speed'. It may have: .*start_with_multi_prompt"),
    ],
)
def test_a_wrong_key_is_named_with_what_it_must_be(line: str, says: str) -> None:
    assert load(ENTRY)[0].path == "a/clip"
    with pytest.raises(CatalogueError, match=f"'a/clip'.*{says}"):
        load(ENTRY + line)
