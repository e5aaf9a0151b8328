"""A provider's account closed and opened: who may, what waits, what goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sequences import execution, orchestration
from sequences.errors import Refusal
from sequences.models import Account, Job, Project
from sequences.models.plan import Role
from sequences.queries.accounts import standings, troubled, used_by
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.make_project(factories.make_user("ada"), [factories.Plan(start_frame=True)], song=False)


def close(project: Project, why: str = "the bill is wrong") -> Account:
    return orchestration.close_account(actor=project.memberships.get(role="owner").user, provider="sketch", why=why)


def test_nothing_is_sent_to_a_closed_provider_and_all_is_sent_once_it_is_open(project: Project) -> None:
    close(project)
    take = factories.make_take(factories.sequence_of(project), "making")
    job = take.jobs.get()
    execution.step(job.pk)
    job.refresh_from_db()
    assert (job.state, job.tries) == ("queued", 0) and job.look_again_at is not None
    assert [(s.state, s.waiting) for s in troubled(project)] == [("shut", 1)]
    orchestration.reopen_account(actor=None, provider="sketch")
    job.refresh_from_db()
    assert job.look_again_at <= timezone.now() and troubled(project) == []
    assert factories.finish(take).state == "waiting"


def test_what_it_has_is_followed_and_collected(project: Project) -> None:
    take = factories.make_take(factories.sequence_of(project), "making")
    job = take.jobs.get()
    execution.step(job.pk)
    assert Job.objects.get(pk=job.pk).state in ("submitted", "processing")
    close(project)
    assert factories.finish(take).state == "waiting"


def test_closing_keeps_the_first_reason_and_who_gave_it(project: Project) -> None:
    close(project)
    close(project, "another one")
    row = Account.objects.get(provider="sketch")
    assert row.why == "ada closed it: the bill is wrong" and row.since is not None


def test_a_rest_is_ended_too(project: Project) -> None:
    until = timezone.now() + timedelta(minutes=5)
    Account.objects.create(provider="sketch", rest_until=until, why="too many requests", since=timezone.now(), errors=7)
    told = standings(["sketch"])[0]
    assert (told.state, told.until) == ("resting", until)
    assert told.said == (
        "sketch rests. too many requests. Nothing is sent to it: new calls wait. What it has already is followed and"
        " collected. It is tried again by itself."
    )
    row = orchestration.reopen_account(actor=None, provider="sketch")
    assert (row.rest_until, row.errors, row.why) == (None, 0, "")


def test_a_rest_that_is_over_is_no_trouble(project: Project) -> None:
    Account.objects.create(provider="sketch", rest_until=timezone.now() - timedelta(seconds=1), why="locked")
    assert troubled(project) == [] and standings(["sketch"])[0].is_open


def test_another_providers_trouble_is_not_the_projects(project: Project) -> None:
    Account.objects.create(provider="fal", shut=True, why="the key was refused")
    assert troubled(project) == []
    assert [s.provider for s in used_by(project)] == ["sketch"]


@pytest.mark.parametrize("role", [Role.ARTIST, Role.REVIEWER])
def test_it_takes_an_owner_of_a_project_that_uses_it(project: Project, role: Role) -> None:
    other = factories.add_member(project, role)
    with pytest.raises(Refusal, match="takes an owner of a project that uses it, or an operator"):
        orchestration.close_account(actor=other, provider="sketch", why="no")
    owner_elsewhere = project.memberships.get(role="owner").user
    with pytest.raises(Refusal, match="Opening and closing fal takes an owner"):
        orchestration.reopen_account(actor=owner_elsewhere, provider="fal")
    operator = factories.make_user(is_superuser=True)
    assert orchestration.close_account(actor=operator, provider="fal", why="a test").shut


@pytest.mark.parametrize(
    ("provider", "why", "said"),
    [
        ("nobody", "x", 'There is no provider "nobody"'),
        ("sketch", "  ", "Say why sketch is to be closed"),
        ("sketch", "x" * 201, "201 characters"),
        ("sketch", "a\x00b", "control character"),
    ],
)
def test_what_cannot_be_read_writes_nothing(provider: str, why: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        orchestration.close_account(actor=None, provider=provider, why=why)
    assert not Account.objects.exists()
