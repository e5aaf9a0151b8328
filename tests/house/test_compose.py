"""The compose stack, as far as it can be judged without Docker: its text, and that it asks for what it must have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()


@pytest.fixture
def stack() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEXT)
    return loaded


def test_it_has_the_services_of_a_studio(stack: dict[str, Any]) -> None:
    assert {"web", "worker", "beat", "postgres", "redis"} <= set(stack["services"])
    for name in ("web", "worker", "beat", "postgres", "redis"):
        assert stack["services"][name]["healthcheck"]["test"], name
    assert "media:/data" in stack["services"]["worker"]["volumes"]
    for service in stack["services"].values():
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in stack["volumes"]


def test_only_the_web_server_can_be_reached_from_outside(stack: dict[str, Any]) -> None:
    assert [name for name, service in stack["services"].items() if "ports" in service] == ["web"]


def test_it_does_not_start_without_its_secrets(stack: dict[str, Any]) -> None:
    needed = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert needed == {"SECRET_KEY", "POSTGRES_PASSWORD", "PUBLIC_BASE_URL"}
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    assert all(example[name] for name in needed)
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == set(example)
