"""Panels described on the workbench and in the picker, and what a grid sends, before and after."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sequences.models import Grid, Job, Project
from sequences.models.plan import Role
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    project = factories.make_project(sequences=[Plan()])
    client.force_login(factories.add_member(project))
    return project


def post(client: Client, name: str, project: Project, htmx: bool = True, **values: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse(name, args=[project.slug, "SEQ01"]), values, headers=headers)


def body_of(client: Client, name: str, project: Project, *more: object) -> dict[str, Any]:
    html = client.get(reverse(name, args=[project.slug, "SEQ01", *more])).content.decode()
    found = re.search(r'<pre class="json"[^>]*>(.*?)</pre>', html, re.DOTALL)
    assert found
    document: dict[str, Any] = json.loads(unescape(found[1]))
    return document


def test_descriptions_are_saved_filled_and_shown(client: Client, project: Project) -> None:
    page = reverse("sequence", args=[project.slug, "SEQ01"])
    assert client.get(page).content.decode().count('name="cell_text"') == 9
    answer = post(client, "grid_cells", project, cell_text=["a pier", "", "rain & wind"])
    assert "rain &amp; wind</textarea>" in answer.content.decode()
    assert "2 panels described." in answer.content.decode()
    plain = post(client, "grid_cells", project, htmx=False, fill="1")
    assert plain.status_code == 303
    shots = factories.sequence_of(project).cell_prompts
    assert shots and all(f">{text}</textarea>" in client.get(page).content.decode() for text in shots)
    assert "Panels are as they come." in post(client, "grid_cells", project, cell_text=[""]).content.decode()
    assert factories.sequence_of(project).cell_prompts == []


def test_too_long_a_description_is_said_and_not_kept(client: Client, project: Project) -> None:
    answer = post(client, "grid_cells", project, cell_text=["x" * 1001])
    assert answer.status_code == 422 and "1000 is the most" in answer.content.decode()
    assert factories.sequence_of(project).cell_prompts == []


def test_exploring_keeps_what_was_typed_and_shows_what_is_sent(client: Client, project: Project) -> None:
    project.sequences.update(cell_prompts=["a pier"])
    before = body_of(client, "grid_bodies", project)
    assert before["cells"][0] == "a pier" and not Job.objects.exists()
    with factories.small_grids():
        post(client, "explore", project, grid_layout="2x2", cell_text=["dawn", "", "", "dusk", "no such cell"])
        post(client, "picker_explore", project, layout="2x2", cell_text=["noon"])
    first, second = Grid.objects.order_by("number")
    assert first.cell_prompts == ["dawn", "", "", "dusk"] and second.cell_prompts == ["noon", "", "", ""]
    assert body_of(client, "grid_sent", project, 1)["cells"] == ["dawn", "", "", "dusk"]
    assert client.get(reverse("grid_sent", args=[project.slug, "SEQ01", 9])).status_code == 404


def test_the_picker_says_what_each_panel_was_to_show(client: Client, project: Project) -> None:
    grid = factories.make_grid_ready(factories.sequence_of(project), "2x2")
    Grid.objects.filter(pk=grid.pk).update(cell_prompts=["dawn", "", "", "dusk"])
    html = client.get(reverse("picker", args=[project.slug, "SEQ01"])).content.decode()
    assert 'aria-label="Cell 4 of grid 1: dusk"' in html
    assert re.findall(r'<li value="\d">(.*?)</li>', html) == ["dawn", "as it comes", "as it comes", "dusk"]


def test_only_makers_describe_panels(client: Client, project: Project) -> None:
    client.force_login(factories.add_member(project, Role.REVIEWER, "looker"))
    post(client, "grid_cells", project, cell_text=["a pier"])
    assert factories.sequence_of(project).cell_prompts == []
    client.force_login(factories.make_user("stranger"))
    assert post(client, "grid_cells", project, cell_text=["a pier"]).status_code == 404
    assert client.get(reverse("grid_bodies", args=[project.slug, "SEQ01"])).status_code == 404
