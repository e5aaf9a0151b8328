"""Batches at the paid provider: what is sent while one is paused, by the fake's ledger, and a price nobody knows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from sequences import orchestration
from sequences.models import Job, Shot
from sequences.providers import catalogue
from sequences.queries.batches import PAUSED
from sequences.queries.needs import needs_count
from tests import paid
from tests.paid import TAKE_PRICE, Bench, fresh, money

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_away_comes_home_and_nothing_more_is_sent_until_resumed(fal: Bench) -> None:
    project = fal.project(*[paid.plan()] * 5)
    with override_settings(FAL_CONCURRENCY=1):  # two of ours at a time
        paid.offer()
        batch = orchestration.request_batch(actor=None, project=project)
        mine = list(Job.objects.order_by("id"))
        fal.work(until=lambda: fal.accepted == 2)
        orchestration.pause_batch(actor=None, batch=batch)
        other = fal.take(paid.factories.sequence_of(project, "SEQ05"))  # of no batch: it is not behind them in the line
        fal.work(until=lambda: fresh(other.jobs.get()).state == "done")
        fal.work(until=lambda: {fresh(j).state for j in mine[:2]} == {"done"})
        fal.jump(30 * 3600)  # longer than any deadline
        fal.round()
        assert (fal.posts, fal.accepted) == (3, 3)
        assert [(fresh(j).state, fresh(j).note, fresh(j).epoch) for j in mine[2:]] == [("queued", PAUSED, 0)] * 3
        assert needs_count(project) == 0 and money(project) == (3 * TAKE_PRICE, 3 * TAKE_PRICE)
        assert all(fresh(j).look_again_at > timezone.now() for j in mine[2:])
        orchestration.resume_batch(actor=None, batch=batch)
        fal.work()
        assert (fal.posts, fal.accepted, {fresh(j).state for j in mine}) == (6, 6, {"done"})
    fal.settled(project)


def test_a_pause_between_claim_and_submit_gives_the_claim_back(fal: Bench) -> None:
    project = fal.project(paid.plan(), paid.plan())
    batch = orchestration.request_batch(actor=None, project=project)
    job, paused = Job.objects.order_by("id")[0], []

    def pauses(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Somebody presses the button once the claim is committed."""
        done = execute(sql, params, many, context)
        if sql.startswith("INSERT INTO") and "sequences_attempt" in sql:
            transaction.on_commit(lambda: paused.append(orchestration.pause_batch(actor=None, batch=batch)))
        return done

    with connection.execute_wrapper(pauses):
        fal.step(job)
    row = fresh(job)
    assert paused and (row.state, fal.posts) == ("queued", 0)
    assert row.attempts.get().outcome == "not sent: its batch was paused"
    fal.jump(90)
    fal.round()
    assert (fresh(job).note, fal.posts) == (PAUSED, 0)
    orchestration.resume_batch(actor=None, batch=batch)
    fal.work()
    assert fal.accepted == 2
    fal.settled(project)


def test_what_has_no_price_stands_in_a_tier_of_its_own_and_can_be_left_out(fal: Bench) -> None:
    project = fal.project(paid.plan(), paid.plan())
    Shot.objects.filter(sequence__code="SEQ02").update(model="sketch/clip")
    catalogue.override("sketch/clip", price=None)
    client = Client()
    client.force_login(project.members.get())
    here, asked = f"/p/{project.slug}/run/", {"takes": "1"}
    html = client.get(here, asked).content.decode()
    assert "one price is not known" in html and ">unknown</td>" in html and "&ge; $0.25" in html
    assert "$0.25 + ?" in html and "disabled>Spend" in html
    link = re.search(r'<a class="btn next wide" href="([^"]+)">Leave SEQ02 out</a>', html)
    assert link
    html = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert "Pass</b>" in html and "disabled>Spend" not in html and "Total, Kling" in html
