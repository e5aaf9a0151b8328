"""refresh_prices and check_catalogue, against a stand-in of the paid provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Price
from sequences.providers import catalogue, registry
from sequences.providers.fal import Fal, Options
from tests import factories as make
from tests.fakes.fal import InProcessFal
from tests.fakes.fal.endpoints import ENDPOINTS
from tests.fakes.fal.schemas import Field

pytestmark = pytest.mark.django_db
KLING = "fal-ai/kling-video/v3/pro/image-to-video"


@pytest.fixture(scope="module")
def running() -> Iterator[InProcessFal]:
    with InProcessFal() as fake:
        assert isinstance(fake, InProcessFal)
        yield fake


@pytest.fixture
def fal(running: InProcessFal, tmp_path: Path) -> None:
    env = running.env()
    options = Options(key=env["FAL_KEY"], queue_url=env["FAL_QUEUE_BASE_URL"], rest_url=env["FAL_REST_BASE_URL"],
                      platform_url=env["FAL_PLATFORM_BASE_URL"], allow_loopback=True)  # fmt: skip
    registry.offer("fal", lambda: Fal(options, tmp_path))


def run(name: str, *options: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command(name, *options, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def with_endpoint(monkeypatch: pytest.MonkeyPatch, id: str, **changes: Any) -> None:
    monkeypatch.setitem(ENDPOINTS, id, replace(ENDPOINTS[id], **changes))


@pytest.mark.parametrize("name", ["refresh_prices", "check_catalogue"])
def test_without_a_key_it_says_what_is_needed(name: str) -> None:
    assert run(name) == (1, "", "fal cannot be asked here: it needs FAL_KEY.\n")
    code, out, _ = run(name, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "not_set_up")


@pytest.mark.parametrize("name", ["refresh_prices", "check_catalogue"])
def test_the_free_provider_has_nothing_to_fetch(name: str) -> None:
    assert run(name, "--provider", "sketch")[::2] == (1, "sketch sends no bills, so it has nothing to fetch.\n")


@pytest.mark.usefixtures("fal")
def test_prices_are_fetched_kept_and_shown_with_unit_source_and_day() -> None:
    code, out, err = run("refresh_prices", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    shown = {row["endpoint"]: row for row in document["prices"]}
    assert document["told"] == Price.objects.count() >= 10
    row = shown[KLING]
    assert (row["price"], row["unit"], row["source"], row["problem"]) == ("0.112", "second", "fal", "")
    assert row["date"] == Price.objects.latest("id").fetched_at.date().isoformat()
    assert shown["fal-ai/nano-banana-2"]["price"] == "0.12"
    assert catalogue.endpoint(KLING).price_source == "fal"


@pytest.mark.usefixtures("fal")
def test_a_unit_nobody_knows_is_named_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    with_endpoint(monkeypatch, KLING, unit="1000 tokens")
    code, out, err = run("refresh_prices")
    assert code == 1
    assert "The price of Kling 3 pro came as 0.112 USD a “1000 tokens”, a unit that is not known here" in err
    assert KLING in out


@pytest.mark.usefixtures("fal")
def test_the_catalogue_fits_what_the_provider_describes(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("edit", "text-to-image"):  # the stand-in checks image_size without describing it
        id = f"fal-ai/bytedance/seedream/v4.5/{path}"
        with_endpoint(monkeypatch, id, fields={**ENDPOINTS[id].fields, "image_size": Field("object")})
    code, out, err = run("check_catalogue")
    assert (code, err) == (0, ""), (out, err)
    assert out.strip().endswith("models are as the catalogue says.")


@pytest.mark.usefixtures("fal")
def test_what_changed_there_is_said_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = dict(ENDPOINTS[KLING].fields)
    fields["image_url"] = fields.pop("start_image_url")
    fields["duration"] = Field("string", choices=("5", "10"))
    with_endpoint(monkeypatch, KLING, fields=fields)
    code, out, _ = run("check_catalogue", "--json")
    said = [d["message"] for d in json.loads(out)["differences"] if d["endpoint"] == KLING]
    assert code == 1
    assert f"{KLING}: start_image_url is sent and is no longer known there." in said
    assert f"{KLING}: image_url is required there and never sent." in said
    assert any(m.startswith(f"{KLING}: duration may be 3, 4, 6") for m in said)


@pytest.mark.usefixtures("fal")
def test_only_staff_may_ask() -> None:
    with pytest.raises(Refusal, match="ask a member of its staff"):
        orchestration.refresh_prices(actor=make.make_user())
    assert not Price.objects.exists()
