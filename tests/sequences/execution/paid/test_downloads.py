"""Bringing home what was paid for (P13, P14): repeated seldom and patiently, never from where it must not be."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from sequences import offers, storage
from sequences.models import Grid, Job
from sequences.orchestration import deciding
from sequences.providers import registry
from sequences.providers.fal import Fal
from sequences.queries.needs import needs
from tests.paid import GRID_PRICE, SHORT, Bench, fresh, money

pytestmark = pytest.mark.django_db(transaction=True)

PASSING = ["truncated", "wrong_length", "zero_bytes", "wrong_content_type", "slow", "download:status(403)",
           "download:status(500)", "download:429(5)", "download:stall", "download:reset_before_accept"]  # fmt: skip


def left_over() -> list[Path]:
    """Unfinished files below the media folder."""
    return [path for path in storage.root().rglob("*") if ".part" in path.name or ".even" in path.name]


@pytest.fixture(autouse=True)
def nothing_lies_about() -> None:
    """Other tests of the same run may have put half-written files where they belong."""
    for path in left_over():
        path.unlink()


@pytest.mark.parametrize("fault", PASSING)
def test_a_download_that_goes_wrong_twice_is_repeated_and_not_paid_again(fal: Bench, fault: str) -> None:
    """P13."""
    text = fault if ":" in fault else f"download:{fault}"
    fal.fal.fault(f"{text}*2")
    job = fal.grid()
    fal.work(until=lambda: fresh(job).tries == 1)
    grid = Grid.objects.get()
    assert (fresh(job).state, grid.state, grid.file) == ("ready", "making", "")
    fal.work()
    assert (fresh(job).state, Grid.objects.get().state, fal.accepted) == ("done", "waiting", 1)
    assert left_over() == []
    fal.settled(job.project)


def test_a_result_that_cannot_be_fetched_for_days_is_told_to_a_person(fal: Bench) -> None:
    """P13: the alarm comes hours, not days, after; a person may ask for another hour at any time."""
    fal.fal.fault("download:status(403)*0")
    job = fal.grid()
    fal.work(hours=3, patient=True)
    assert fresh(job).state == "ready" and Job.objects.filter(needs()).count() == 1
    assert money(job.project) == (0, GRID_PRICE)
    fal.fal.control(clear_faults=True)
    deciding.ask_again(actor=None, job=fresh(job))
    fal.work(hours=1)
    assert (fresh(job).state, fal.accepted) == ("done", 1)
    fal.settled(job.project)


def test_after_seven_days_a_result_nobody_could_fetch_is_lost_and_stays_paid(fal: Bench) -> None:
    """P13."""
    fal.fal.fault("download:status(403)*0")
    job = fal.grid()
    fal.work(hours=2, patient=True)
    fal.jump(6.8 * 24 * 3600)
    fal.work(until=lambda: fresh(job).attempts.filter(step="collect").count() > 12)
    assert fresh(job).state == "ready"
    fal.work(hours=24)
    job = fresh(job)
    assert (job.state, job.charged) == ("lost", True)
    assert "It was made and charged, but the result is lost." in Grid.objects.get().error
    fal.settled(job.project)


@pytest.mark.parametrize("code", [404, 410])
def test_a_file_that_is_gone_is_lost_at_once(fal: Bench, code: int) -> None:
    """P13."""
    fal.fal.fault(f"download:status({code})*0")
    job = fal.grid()
    fal.work()
    assert fresh(job).state == "lost" and "not there any more" in fresh(job).error
    fal.settled(job.project)


def test_a_picture_that_is_none_is_tried_five_times(fal: Bench) -> None:
    """P13: the bytes are what they are; the call is not asked for again."""
    fal.fal.fault("download:corrupt*0")
    job = fal.grid()
    fal.work()
    job = fresh(job)
    assert (job.state, job.attempts.filter(step="collect").count(), fal.accepted) == ("lost", 5, 1)
    assert left_over() == []
    fal.settled(job.project)


def test_a_body_without_end_is_cut_at_the_limit(fal: Bench) -> None:
    """P13: what is too large is blocked, stays ready and needs a person; nothing of it is left on the disk."""
    options = replace(offers.fal_options(), timeouts=SHORT, most_download_bytes=1_000_000)
    registry.offer("fal", lambda: Fal(options, Path(settings.MEDIA_ROOT), offers.Uploads("fal")))
    fal.fal.fault("download:huge_body*0")
    job = fal.grid()
    fal.work(hours=4, patient=True)
    assert fresh(job).state == "ready" and "bytes" in fresh(job).note and left_over() == []
    assert Job.objects.filter(needs()).count() == 1


ELSEWHERE = ["http://169.254.169.254/latest/", "http://localhost:1/x", "file:///etc/passwd", "https://else.example/x",
             "http://[::ffff:127.0.0.1]:1/x"]  # fmt: skip


@pytest.mark.parametrize("to", ELSEWHERE)
@pytest.mark.parametrize("how", ["redirect", "media_url"])
def test_nothing_is_fetched_from_elsewhere(fal: Bench, how: str, to: str, caplog: pytest.LogCaptureFixture) -> None:
    """P14. It stays ready, is tried seldom for seven days, and a person is told."""
    caplog.set_level(logging.INFO)
    if how == "redirect":
        fal.fal.fault("redirect", on="download", times=0, to=to)
    else:
        fal.fal.fault("media_url", url=to)
    job = fal.grid()
    fal.work(until=lambda: Job.objects.filter(needs()).exists())
    job = fresh(job)
    assert (job.state, Grid.objects.get().file) == ("ready", "") and "Nothing is fetched from" in job.note
    assert money(job.project) == (0, GRID_PRICE) and fal.accepted == 1
    downloads = [r for r in fal.fal.records("file") if r.get("path", "").startswith("download")]
    assert downloads == []


def test_an_address_that_is_allowed_by_then_is_fetched(fal: Bench) -> None:
    """P14: a list of hosts can be mended without losing what was paid for."""
    fal.fal.fault("redirect", on="download", times=2, to="http://169.254.169.254/latest/")
    job = fal.grid()
    fal.work(hours=24)
    assert (fresh(job).state, fal.accepted) == ("done", 1)
    fal.settled(job.project)
