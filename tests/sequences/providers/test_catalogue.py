"""The catalogue: endpoints as data, overrides, prices and grid sizes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sequences.providers import catalogue, registry
from sequences.providers.catalogue import CatalogueError, UnknownEndpoint, load


@pytest.fixture(autouse=True)
def _as_in_the_file() -> Iterator[None]:
    catalogue.configure({})
    yield
    catalogue.configure({})


VIDEO = """
[[endpoints]]
id = "a/clip"
provider = "a"
kind = "video"
title = "A"
blurb = "B"
shots_per_call = 6
seconds_per_call = 15
seconds_per_shot = [1, 15]
seconds_per_single = [3, 15]
prompt_chars = 512
elements_with_start = 3
elements_without_start = 4
min_start_edge = 300
price = "0.0000015"
unit = "second"
expected = [10, 2.5]
"""


def video(**lines: str) -> str:
    """The entry above with some lines replaced; an empty value removes the line."""
    kept = [line for line in VIDEO.splitlines() if line.split(" = ")[0] not in lines]
    return "\n".join([*kept, *(f"{k} = {v}" for k, v in lines.items() if v)])


def test_the_file_offers_a_grid_and_a_clip_drawn_here() -> None:
    assert catalogue.default("sketch", "grid").id == "sketch/grid"
    clip = catalogue.default("sketch", "video")
    assert (clip.shots_per_call, clip.seconds_per_call, clip.prompt_chars) == (6, 15, 512)
    assert (clip.element_cap(with_start=True), clip.element_cap(with_start=False)) == (3, 4)
    assert (clip.whole_seconds, clip.end_frame, clip.enabled) == (True, True, True)
    assert clip.price(15) == 0
    assert clip.expected_seconds(10) == 16.0


def test_endpoints_are_found_by_kind_and_provider() -> None:
    assert [e.id for e in catalogue.endpoints(kind="grid", provider="sketch")] == ["sketch/grid"]
    assert catalogue.endpoints(provider="nobody") == ()


def test_an_unknown_endpoint_lists_what_exists() -> None:
    with pytest.raises(UnknownEndpoint, match=r"no endpoint 'sketch/film'.*sketch/grid, sketch/clip"):
        catalogue.endpoint("sketch/film")
    with pytest.raises(UnknownEndpoint, match=r"'nobody' has no video endpoint.*sketch"):
        catalogue.default("nobody", "video")


def test_prices_are_exact_and_rounded_up() -> None:
    clip = catalogue.override("sketch/clip", price="0.168")
    assert clip.price_micros == 168_000
    assert clip.price(10) == 1_680_000
    assert clip.price(Decimal("3.3333333")) == 560_000
    assert clip.price(0.1) == 16_800
    assert catalogue.override("sketch/clip", price=None).price(4) is None


def test_overrides_hold_until_configured_anew() -> None:
    catalogue.configure({"sketch/clip": {"price": "0.1", "shots_per_call": 3}})
    assert catalogue.endpoint("sketch/clip").shots_per_call == 3
    catalogue.override("sketch/clip", min_start_edge=0)
    assert catalogue.endpoint("sketch/clip").price_micros == 100_000
    catalogue.configure({})
    assert catalogue.endpoint("sketch/clip").min_start_edge == 300


def test_a_wrong_override_changes_nothing() -> None:
    with pytest.raises(CatalogueError, match=r"'sketch/clip'.*shots_per_call must be a whole number, 1 or more, not 0"):
        catalogue.configure({"sketch/grid": {"price": "9"}, "sketch/clip": {"shots_per_call": 0}})
    assert catalogue.endpoint("sketch/grid").price_micros == 0
    with pytest.raises(UnknownEndpoint, match="to override"):
        catalogue.configure({"sketch/film": {"price": "1"}})
    with pytest.raises(CatalogueError, match=r"no key 'shots'"):
        catalogue.override("sketch/clip", shots=3)


def test_a_disabled_endpoint_is_never_the_default() -> None:
    catalogue.override("sketch/clip", enabled=False)
    with pytest.raises(UnknownEndpoint):
        catalogue.default("sketch", "video")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ({"kind": '"film"'}, "kind must be one of grid, video, upscale"),
        ({"price": '"cheap"'}, 'price must be dollars like "0.168"'),
        ({"price": '"-1"'}, "price must be dollars, 0 or more"),
        ({"price": '"0.0000000001"'}, "at most 9 decimals"),
        ({"seconds_per_shot": "[5, 1]"}, r"seconds_per_shot must be two numbers, \[least, most\]"),
        ({"seconds_per_single": "3"}, "seconds_per_single must be two numbers"),
        ({"title": ""}, "title must be a text, not None"),
        ({"prompt_chars": "true"}, "prompt_chars must be a whole number"),
        ({"whole_seconds": "1"}, "whole_seconds must be true or false"),
        ({"unit": '"minute"'}, "unit must be one of second, picture, megapixel"),
        ({"layouts": '["2x2"]'}, "no key 'layouts'"),
        ({"id": ""}, "number 1 of the catalogue has no id"),
    ],
)
def test_a_wrong_entry_names_the_endpoint_and_the_key(lines: dict[str, str], says: str) -> None:
    good = {"price": '"0.000001"', **lines}
    with pytest.raises(CatalogueError, match=says):
        load(video(**good))


def test_a_good_entry_is_read_whole() -> None:
    (found,) = load(video(price='"0.000001"'))
    assert found.seconds_per_single == (3, 15)
    assert found.price(3) == 3
    assert found.layouts == ()


def test_one_id_may_stand_only_once_and_the_file_must_be_toml() -> None:
    text = video(price='"0"')
    with pytest.raises(CatalogueError, match="'a/clip' twice"):
        load(text + text)
    with pytest.raises(CatalogueError, match="not valid TOML"):
        load("[[endpoints")


@pytest.mark.parametrize(
    ("layout", "ratio", "size"),
    [
        ((2, 2), (16, 9), (2752, 1536)),
        ((1, 1), (16, 9), (2752, 1536)),
        ((3, 3), (16, 9), (2752, 1536)),
        ((2, 2), (9, 16), (1536, 2752)),
        ((2, 2), (1, 1), (2752, 2752)),
        ((1, 2), (1, 1), (2752, 1376)),
        ((3, 3), (21, 9), (2752, 1168)),
    ],
)
def test_grid_sizes_follow_the_frame_and_the_layout(
    layout: tuple[int, int], ratio: tuple[int, int], size: tuple[int, int]
) -> None:
    width, height = catalogue.grid_size(catalogue.endpoint("sketch/grid"), *layout, *ratio)
    assert (width, height) == size
    assert width % 16 == height % 16 == 0


def test_an_impossible_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="0 x 2 cells"):
        catalogue.grid_size(catalogue.endpoint("sketch/grid"), 0, 2, 16, 9)


def test_an_unknown_provider_lists_what_is_set_up() -> None:
    with pytest.raises(registry.UnknownProvider, match="No provider is called 'nobody'"):
        registry.get("nobody")
