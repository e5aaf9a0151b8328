"""How the tests of Setup speak with it: addresses, posts, and what a good or a refused answer looks like."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sequences.models import Project
from tests import factories
from tests.factories import Plan

HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


def three(client: Client) -> Project:
    """Three sequences of 4 s on a song of 12 s; the client is their owner's."""
    owner = factories.make_user("ida")
    client.force_login(owner)
    plans = [Plan(section=name, seconds=(2, 2), prompts=("a", "b")) for name in ("Intro", "Verse", "Outro")]
    return factories.make_project(owner, plans)


def at(project: Project, name: str, *args: Any) -> str:
    return reverse(name, args=[project.slug, *args])


def post(client: Client, address: str, data: dict[str, Any] | None = None, headers: Any = None) -> Any:
    return client.post(address, data or {}, headers=headers or {})


def body(response: Any) -> str:
    return str(response.content.decode())


def spans(project: Project) -> list[tuple[str, float, float]]:
    rows = project.sequences.filter(deleted_at=None)
    return [(s.code, float(s.start), float(s.end)) for s in rows]


def done(response: Any, headers: dict[str, str], anchor: str) -> str:
    """A good answer: a redirect to the section, or the section out of band."""
    if not headers:
        assert response.status_code == 303, body(response)
        assert response["Location"].endswith(f"#{anchor}")
        return ""
    assert response.status_code == 200, body(response)
    assert 'hx-swap-oob="true"' in body(response)
    return body(response)


def refused(client: Client, address: str, data: dict[str, Any], said: str) -> str:
    """Nothing is done and the sentence is said, without script and by htmx; gives what htmx got."""
    for headers in ({}, HTMX):
        for file in data.values():
            if hasattr(file, "seek"):
                file.seek(0)
        response = post(client, address, data, headers)
        if response.status_code == 303:
            response = client.get(response["Location"])
        else:
            assert response.status_code == 422, body(response)
        assert said in body(response)
    return body(response)
