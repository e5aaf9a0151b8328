"""The paid provider's models on the pages: with limits and prices, and with what is missing while it is not set up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from sequences.models import Project
from sequences.providers import catalogue, registry
from sequences.templatetags.models import limits, price_origin, priced
from tests import factories as make

pytestmark = pytest.mark.django_db
KLING = "fal-ai/kling-video/v3/pro/image-to-video"


def _nobody() -> Any:
    raise AssertionError("Pages ask no provider.")


def page(project: Project, client: Client, *path: str) -> str:
    client.force_login(project.memberships.get().user)
    return client.get("/".join(["/p", project.slug, *path, ""])).content.decode()


def option(html: str, value: str) -> str:
    found = re.search(rf'<(?:option|input)[^>]*value="{re.escape(value)}"[^>]*>([^<]*)', html)
    assert found, value
    return found[0]


def test_without_a_key_models_are_shown_and_cannot_be_chosen(client: Client) -> None:
    html = page(make.make_project(), client, "setup")
    assert "disabled" in option(html, "fal") and "Fal, needs FAL_KEY" in option(html, "fal")
    assert "disabled" not in option(html, "sketch")
    assert "disabled" in option(html, KLING)
    assert "Fal needs FAL_KEY" in html
    assert "kling-video/v4" not in html


def test_a_project_that_has_it_keeps_it_without_a_key(client: Client) -> None:
    html = page(make.make_project(provider="fal", model=KLING), client, "setup")
    assert "disabled" not in option(html, "fal") and "disabled" not in option(html, KLING)


def test_with_a_key_they_can_be_chosen(client: Client) -> None:
    registry.offer("fal", _nobody)
    html = page(make.make_project(), client, "setup")
    assert "disabled" not in option(html, "fal") and "disabled" not in option(html, KLING)
    assert "needs FAL_KEY" not in html


def test_a_new_project_begins_with_a_provider_that_can_be_asked(client: Client) -> None:
    client.force_login(make.make_user())
    asked = {"title": "Dawn", "size": "1280x720", "rate": "24", "provider": "fal", "grid": "2x2", "budget": "5"}
    assert b"Fal needs FAL_KEY; set that up first or choose another provider." in client.post("/new/", asked).content
    assert not Project.objects.exists()
    registry.offer("fal", _nobody)
    client.post("/new/", asked)
    assert Project.objects.get().provider == "fal"


def test_the_workbench_offers_the_providers_models_and_says_what_is_missing(client: Client) -> None:
    project = make.make_project(provider="fal", width=1280, height=720,
                                sequences=[make.Plan(start_frame=True, seconds=(4,))])  # fmt: skip
    html = page(project, client, "SEQ01")
    assert html.count("Kling 3 standard cannot be asked here: fal needs FAL_KEY.") >= 1
    assert re.search(r'id="generate" disabled', html)
    registry.offer("fal", _nobody)
    html = page(project, client, "SEQ01")
    assert option(html, KLING) and not re.search(r'id="generate" disabled', html)
    assert "fal-ai/kling-video/v4/image-to-video" not in html and "sketch/clip" not in html


@pytest.mark.parametrize(
    ("id", "says"),
    [
        (KLING, "6 shots and 15 s a call; 1 to 15 whole s a shot; 512 characters a prompt; 3 elements"),
        ("fal-ai/kling-video/o3/pro/reference-to-video",
         "6 shots and 15 s a call; 1 to 15 whole s a shot; 512 characters a prompt; 4 elements with a start frame, 7"
         " without; start frame optional, with one a call makes one shot"),
        ("bytedance/seedance-2.0/image-to-video",
         "1 shot a call of 4 to 15 whole s; 2000 characters a prompt; no elements"),
        ("fal-ai/veo3.1/image-to-video", "1 shot a call of 4, 6 or 8 s; 2000 characters a prompt; no elements"),
        ("fal-ai/nano-banana-2", "1x1, 2x2, 3x3; 2K; 2000 characters; 10 elements, 14 pictures"),
        ("fal-ai/bytedance/seedream/v4.5",
         "1x1, 2x2, 3x3; 4096 pixels long; 2000 characters; 10 elements, 10 pictures"),
    ],
)  # fmt: skip
def test_limits_in_a_line(id: str, says: str) -> None:
    assert limits(catalogue.endpoint(id)) == says


def test_prices_are_exact_and_say_where_they_come_from() -> None:
    standard = catalogue.endpoint("fal-ai/kling-video/v3/standard/image-to-video")
    assert (priced(standard), price_origin(standard)) == ("$0.084 a second", "listed 2026-11-23")
    assert priced(catalogue.endpoint("fal-ai/nano-banana-2")) == "$0.12 a picture"
    assert (priced(catalogue.endpoint("sketch/clip")), price_origin(catalogue.endpoint("sketch/clip"))) == ("free", "")
