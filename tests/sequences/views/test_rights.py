"""What a reviewer's pages offer: everything to look at, nothing that changes or spends, and the reason beside it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from sequences.models import Project
from sequences.models.plan import Role
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db
OFF = re.compile(r'<fieldset class="rights"[^>]* disabled>')


@pytest.fixture
def project() -> Project:
    owner = factories.make_user()
    plans = [Plan(start_frame=True), Plan(section="Verse 2"), Plan(section="Outro", prompts=("",), seconds=(1,))]
    made = factories.make_project(owner, plans, elements=("mara",))
    # other members, with other roles: the role that counts is one's own
    factories.add_member(made, Role.ARTIST)
    return made


def shown(client: Client, project: Project, role: Role, name: str, *args: str, **query: str) -> str:
    client.force_login(factories.add_member(project, role))
    response = client.get(reverse(name, args=[project.slug, *args]), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name, args", [("sequence", ("SEQ01",)), ("elements", ())])
def test_a_reviewer_reads_and_everything_that_changes_is_off(
    client: Client, project: Project, name: str, args: tuple[str, ...]
) -> None:
    html = shown(client, project, Role.REVIEWER, name, *args)
    assert OFF.search(html)
    assert "You are a reviewer of" in html
    # everything that posts lies inside what is off, but for the account's own forms
    inside = html[html.index("<main") : html.index("</main>")]
    assert 'method="post"' not in inside[: inside.index('class="rights"')] + inside[inside.rindex("</fieldset>") :]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ARTIST])
@pytest.mark.parametrize("name, args", [("sequence", ("SEQ01",)), ("elements", ())])
def test_makers_find_everything_on(
    client: Client, project: Project, role: Role, name: str, args: tuple[str, ...]
) -> None:
    html = shown(client, project, role, name, *args)
    assert 'class="rights"' in html and not OFF.search(html)
    assert "You are a reviewer" not in html


def test_the_workbench_says_why_beside_what_spends(client: Client, project: Project) -> None:
    html = shown(client, project, Role.REVIEWER, "sequence", "SEQ01")
    assert "Generating takes an owner or an artist." in html
    assert "Exploring takes an owner or an artist." in html


def test_on_the_board_a_reviewer_opens_and_reviews(client: Client, project: Project) -> None:
    factories.make_take(factories.sequence_of(project, "SEQ02"), "waiting")
    html = shown(client, project, Role.REVIEWER, "board")
    actions = re.findall(r'<(a|button) class="btn[^"]*" id="act-[^"]+"[^>]*>([^<]*)', html)
    assert [(tag, label.strip()) for tag, label in actions] == [("a", "Open"), ("a", "Review T1"), ("a", "Open")]
    assert re.search(r'<button class="btn primary" id="run-all" disabled>', html)
    assert "Running takes an owner or an artist." in html


def test_the_run_dialog_shows_the_price_and_does_not_spend(client: Client, project: Project) -> None:
    html = shown(client, project, Role.REVIEWER, "board_run", codes="SEQ01")
    assert re.search(r'<button class="btn primary" disabled>Spend', html)
    assert "running takes an owner or an artist" in html
    assert not re.search(r"disabled>Spend", shown(client, project, Role.OWNER, "board_run", codes="SEQ01"))
