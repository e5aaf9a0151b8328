"""What an installation changes in the catalogue by a file of its own, and which providers it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from sequences import offers
from sequences.providers import catalogue, registry

O3 = "fal-ai/kling-video/o3/pro/reference-to-video"
V4 = "fal-ai/kling-video/v4/image-to-video"


def install(path: Path, text: str) -> None:
    path.write_text(text)
    with override_settings(CATALOGUE_FILE=str(path)):
        offers.install()


def test_a_file_switches_the_unproven_on_and_pins_a_price(tmp_path: Path) -> None:
    install(tmp_path / "own.toml", f"""
        [[endpoints]]
        id = "{O3}"
        start_with_multi_prompt = true
        price = "0.2"
        price_pinned = true

        [[endpoints]]
        id = "{V4}"
        enabled = true
    """)  # fmt: skip
    assert catalogue.endpoint(O3).shots_cap(with_start=True) == 6
    assert catalogue.endpoint(O3).price(1) == 200_000
    assert catalogue.endpoint(V4).enabled
    offers.install()
    assert not catalogue.endpoint(V4).enabled


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[endpoints]]\nid = "fal-ai/gone"\nprice = "1"', "There is no endpoint 'fal-ai/gone' to override"),
        (f'[[endpoints]]\nid = "{O3}"\nshots_per_call = 0', "shots_per_call must be a whole number, 1 or more, not 0"),
        ("[[endpoints", "The catalogue is not valid TOML"),
    ],
)
def test_a_wrong_file_is_named_at_the_start(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="^CATALOGUE_FILE .*own.toml: ") as error:
        install(tmp_path / "own.toml", text)
    assert says in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with override_settings(CATALOGUE_FILE=str(tmp_path / "none.toml")), pytest.raises(ImproperlyConfigured):
        offers.install()


def test_a_provider_is_offered_with_its_key_only() -> None:
    with override_settings(FAL_KEY=""):
        offers.install()
        assert (offers.missing("fal"), offers.missing("sketch"), "fal" in registry.names()) == (
            "needs FAL_KEY",
            "",
            False,
        )
    with override_settings(FAL_KEY="a:b"):
        offers.install()
        assert offers.missing("fal") == ""
    assert offers.missing("nobody") == "is not set up"
