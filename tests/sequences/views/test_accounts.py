"""The banner of a closed or resting provider, and the Accounts page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sequences.models import Account, Project
from sequences.models.plan import Role
from tests import factories

pytestmark = pytest.mark.django_db
PAGES = ("board", "dailies", "cut", "elements", "costs", "project_edit")


@pytest.fixture
def project() -> Project:
    return factories.make_project(factories.make_user("ada"), 1)


@pytest.fixture
def owner(client: Client, project: Project) -> Client:
    client.force_login(project.memberships.get().user)
    return client


def shown(client: Client, project: Project, name: str = "board") -> str:
    return re.sub(r"\s+", " ", client.get(reverse(name, args=[project.slug])).content.decode())


def shut() -> None:
    Account.objects.create(provider="sketch", shut=True, why="sketch refused the key", since=timezone.now())


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_what_happened_and_what_goes_on(owner: Client, project: Project, name: str) -> None:
    assert 'class="banner"' not in shown(owner, project, name)
    shut()
    page = shown(owner, project, name)
    assert 'role="alert"' in page and "<b>sketch is closed.</b> sketch refused the key." in page
    assert "Nothing is sent to it: new calls wait. What it has already is followed and collected." in page


def test_a_rest_says_until_when(owner: Client, project: Project) -> None:
    Account.objects.create(
        provider="sketch", rest_until=timezone.now() + timedelta(minutes=9), why="Too many calls", since=timezone.now()
    )
    page = shown(owner, project)
    assert "<b>sketch rests.</b> Too many calls." in page and "until <span" in page and "Try now" in page


def test_the_trouble_of_another_provider_is_not_shown(owner: Client, project: Project) -> None:
    Account.objects.create(provider="fal", shut=True, why="the key was refused")
    assert 'class="banner"' not in shown(owner, project)


def test_the_owner_opens_it_from_the_banner_and_comes_back(owner: Client, project: Project) -> None:
    shut()
    back = reverse("cut", args=[project.slug])
    assert "Open again" in shown(owner, project)
    answer = owner.post(reverse("account_open", args=[project.slug]), {"provider": "sketch", "next": back}, follow=True)
    assert answer.redirect_chain == [(back, 303)]
    body = answer.content.decode()
    assert "sketch is open. What waited for it is sent now." in body and 'class="banner"' not in body


def test_others_see_why_they_cannot(client: Client, project: Project) -> None:
    shut()
    client.force_login(factories.add_member(project, Role.ARTIST))
    page = shown(client, project)
    assert "until a project owner or an operator opens it" in page and "Open again" not in page
    assert "Opening and closing sketch takes an owner" in shown(client, project, "accounts")
    answer = client.post(reverse("account_open", args=[project.slug]), {"provider": "sketch"}, follow=True)
    assert "Opening and closing sketch takes an owner" in answer.content.decode()
    assert Account.objects.get().shut


def test_it_is_closed_with_a_reason(owner: Client, project: Project) -> None:
    address = reverse("account_close", args=[project.slug])

    def sent(**form: Any) -> str:
        return owner.post(address, {"provider": "sketch", **form}, follow=True).content.decode()

    assert "Say why sketch is to be closed" in sent() and not Account.objects.filter(shut=True).exists()
    page = sent(why="the bill is wrong")
    assert "sketch is closed. What it has already is followed and collected." in page
    assert "ada closed it: the bill is wrong." in page


def test_the_banner_costs_no_query_while_all_is_well(
    owner: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    Account.objects.create(provider="sketch")
    owner.get(reverse("elements", args=[project.slug]))
    with django_assert_max_num_queries(13):
        owner.get(reverse("elements", args=[project.slug]))
