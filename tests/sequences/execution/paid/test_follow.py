"""What becomes of an accepted call (P9 to P12, P15 to P17): ends, silence, lost results, the list, cancelling."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.models import Grid, Job, LedgerEntry
from sequences.orchestration import deciding
from tests import factories, paid
from tests.paid import GRID, GRID_PRICE, TAKE_PRICE, Bench, fresh, money, moves

pytestmark = pytest.mark.django_db(transaction=True)


def page(job: Job, name: str = "decisions/") -> str:
    """A page of the job's project as its owner sees it."""
    client = Client()
    client.force_login(job.project.members.get())
    return client.get(f"/p/{job.project.slug}/{name}").content.decode()


def needing(job: Job) -> list[dict[str, Any]]:
    """What `jobs --needs --json` lists of the job's project."""
    out = StringIO()
    call_command("jobs", "--needs", "--json", f"--project={job.project.slug}", stdout=out)
    return list(json.loads(out.getvalue())["jobs"])


RULES = "The provider's content rules refuse prompt"
ENDS = [
    # a refused input may have been billed: without a word about units it counts in full
    ("completed_with_error(422, file_download_error, 'Not a picture')", None, GRID_PRICE, "Not a picture"),
    ("moderation", None, GRID_PRICE, RULES),
    ("moderation; bill(1)", True, 80_000, RULES),
    ("moderation; bill(0)", False, 0, RULES),
    # what breaks at the provider is never billed
    ("completed_with_error(500, internal_server_error, 'It broke')", False, 0, "It broke"),
    ("completed_with_error(504, generation_timeout, 'It took too long')", False, 0, "too long"),
]


@pytest.mark.parametrize(("fault", "charged", "spent", "words"), ENDS)
def test_completed_with_an_error_is_a_failure_with_its_words(
    fal: Bench, fault: str, charged: bool | None, spent: int, words: str
) -> None:
    """P9."""
    fal.fal.fault(fault)
    job = fal.grid()
    fal.work()
    job, grid = fresh(job), Grid.objects.get()
    assert (job.state, grid.state, job.charged) == ("failed", "failed", charged)
    assert "done" not in moves(job) and "ready" not in moves(job)
    assert words in job.error and grid.error == job.error
    assert (fal.accepted, money(job.project)) == (1, (0, spent))


def test_a_call_the_provider_does_not_know_for_ten_minutes_is_waited_for(fal: Bench) -> None:
    """P10."""
    fal.fal.fault("status_404_for", seconds=600)
    job = fal.sent(fal.grid())
    fal.jump(500)
    fal.round()
    assert fresh(job).state == "submitted" and needing(job) == []
    fal.work()
    assert (fresh(job).state, fal.accepted) == ("done", 1)
    fal.settled(job.project)


def test_a_call_it_never_knows_again_is_unsure_and_not_failed(fal: Bench) -> None:
    """P10, without an end: the hold stays, and a person is asked."""
    fal.fal.fault("status_404_for", seconds=10**6)
    fal.fal.fault("unlisted")
    job = fal.grid()
    fal.work(hours=2, patient=True)
    job = fresh(job)
    assert (job.state, fal.posts, money(job.project)) == ("unsure", 1, (GRID_PRICE, 0))
    assert [row["id"] for row in needing(job)] == [job.pk]


def test_a_call_that_never_ends_is_shown_and_never_cancelled_by_itself(fal: Bench) -> None:
    """P11. Written off by a person, it is counted as spent; what comes after all is kept and not billed again."""
    fal.fal.fault("stuck")
    job = fal.grid()
    fal.work(hours=2, patient=True)
    job = fresh(job)
    assert job.state == "processing" and job.deadline is not None and job.deadline < timezone.now()
    assert (money(job.project), fal.totals()["cancelled"]) == ((GRID_PRICE, 0), 0)
    assert [row["id"] for row in needing(job)] == [job.pk] and "SEQ01 grid 1" in page(job)
    deciding.write_off(actor=None, job=job, why="nobody answers")
    assert (fresh(job).state, money(job.project)) == ("failed", (0, GRID_PRICE))
    fal.fal.control(finish="all")
    fal.work()
    job = fresh(job)
    assert (job.state, job.late) == ("failed", "kept") and storage.absolute(job.late_file).exists()
    assert (fal.accepted, fal.billed_micros) == (1, GRID_PRICE)
    fal.settled(job.project)


def test_an_overdue_call_that_ends_is_done(fal: Bench) -> None:
    """P11."""
    fal.fal.fault("stuck")
    job = fal.grid()
    fal.work(hours=2, patient=True)
    fal.fal.control(finish="all")
    fal.work()
    assert fresh(job).state == "done" and needing(job) == []
    fal.settled(job.project)


@pytest.mark.parametrize("code", [404, 410])
def test_a_result_that_is_gone_is_read_from_the_list(fal: Bench, code: int) -> None:
    """P12."""
    fal.fal.fault("result_gone", code=code)
    job = fal.grid()
    fal.work()
    assert (fresh(job).state, fal.accepted) == ("done", 1)
    fal.settled(job.project)


@pytest.mark.parametrize("code", [404, 410])
def test_a_result_nobody_keeps_is_charged_and_said_to_be_lost(fal: Bench, code: int) -> None:
    """P12. The call is over and paid: it ends as failed and charged, with a sentence, and is not sent again."""
    paid.offer(result_grace=0)
    fal.fal.fault(f"result_gone({code}); unlisted")
    job = fal.grid()
    fal.work()
    job = fresh(job)
    assert (job.state, job.error_code, job.charged) == ("failed", "gone", True)
    assert "its result is not kept any more" in Grid.objects.get().error
    assert (fal.posts, fal.accepted) == (1, 1)
    fal.settled(job.project)


def test_a_result_that_breaks_twice_is_asked_for_again(fal: Bench) -> None:
    """P9, P12: an answer that is no end of the call is not taken for one."""
    fal.fal.fault("result_5xx_times", n=2, code=503)
    job = fal.grid()
    fal.work()
    assert (fresh(job).state, fal.accepted) == ("done", 1)
    fal.settled(job.project)


# --- P15: the list ---


def lost(fal: Bench, **asked: Any) -> Job:
    """A call that was accepted and whose number nobody told us."""
    fal.fal.fault("accept_then_reset")
    return fal.sent(fal.grid(**asked))


@pytest.mark.parametrize("trusted", [False, True])
def test_nothing_is_said_to_be_absent_before_it_must_have_shown(fal: Bench, trusted: bool) -> None:
    """P15: the list is ten minutes behind."""
    fal.fal.control(config={"listing_lag": 600.0})
    with override_settings(LISTING_PROVES_ABSENCE=trusted):
        job = lost(fal)
        fal.work(until=lambda: False, hours=0.15, patient=True)
        assert fresh(job).state == "unsure"
        with pytest.raises(Refusal, match="It may still show up until"):
            deciding.absent(actor=None, job=fresh(job), looked=True)
        fal.work()
    assert (fresh(job).state, fresh(job).request_id, fal.accepted) == ("done", fal.lost(), 1)
    fal.settled(job.project)


def test_a_trusted_list_says_after_the_horizon_that_it_never_arrived(fal: Bench) -> None:
    """P15, with LISTING_PROVES_ABSENCE: the hold is given back, nothing is sent."""
    fal.fal.fault("status", code=503)
    with override_settings(LISTING_PROVES_ABSENCE=True):
        job = fal.sent(fal.grid())
        sent = job.sent_at or job.created_at
        fal.work()
    job = fresh(job)
    assert (job.state, job.error_code, fal.posts, fal.accepted) == ("absent", "absent", 1, 0)
    assert job.finished_at is not None and job.finished_at - sent >= timedelta(minutes=40)
    fal.settled(job.project)


def others(fal: Bench, count: int) -> None:
    """Calls of the same account that are none of ours."""
    env = fal.fal.env()
    with httpx.Client(headers={"Authorization": f"Key {env['FAL_KEY']}"}, trust_env=False) as client:
        for number in range(count):
            body = {"prompt": f"somebody else's picture {number}", "seed": number}
            client.post(f"{env['FAL_QUEUE_BASE_URL']}/{GRID}", json=body).raise_for_status()


def test_it_is_found_among_many_pages_of_the_list(fal: Bench) -> None:
    """P15."""
    job = lost(fal)
    number = fal.lost()
    fal.fal.control(config={"concurrency": 1000})
    others(fal, 230)
    fal.fal.control(finish="all")
    fal.work()
    assert (fresh(job).state, fresh(job).request_id) == ("done", number)


def test_the_same_words_with_another_seed_are_another_call(fal: Bench) -> None:
    """P15: two lost calls at once, each found by its own seed."""
    sequence = fal.sequence()
    fal.fal.fault("accept_then_reset", times=2)
    jobs = [fal.grid(sequence, seed=number) for number in (7, 8)]
    fal.work()
    by_seed = {job["input"]["seed"]: job["request_id"] for job in fal.fal.jobs()}
    assert [fresh(job).request_id for job in jobs] == [by_seed[7], by_seed[8]]
    assert fal.accepted == 2
    fal.settled(sequence.project)


def test_the_very_same_input_waits_until_the_first_is_found(fal: Bench) -> None:
    """P15: so that what the list shows can only be one of them."""
    sequence = fal.sequence()
    first = lost(fal, sequence=sequence, seed=7)
    second = fal.grid(sequence, seed=7)
    fal.round()
    assert fresh(second).state == "queued" and f"Job {first.pk} sent the same" in fresh(second).note
    fal.work()
    ids = [fresh(job).request_id for job in (first, second)]
    assert ids == [record["request_id"] for record in fal.fal.ledger()["accepted"]]
    fal.settled(sequence.project)


# --- P16: cancelling ---


def test_cancelled_in_line_or_at_work_is_cancelled_when_the_provider_says_so(fal: Bench) -> None:
    """P16."""
    for concurrency in (0, 100):
        fal.fal.control(config={"concurrency": concurrency})
        job = fal.sent(fal.grid())
        assert job.grid is not None
        orchestration.cancel(actor=None, artefact=job.grid)
        fal.round()
        assert fresh(job).state in ("cancelling", "cancelled")
        fal.work()
        assert (fresh(job).state, fresh(job).charged, money(job.project)) == ("cancelled", False, (0, 0))
    assert (fal.accepted, fal.totals()["cancelled"], fal.billed_micros) == (2, 2, 0)


def test_cancelled_too_late_it_is_made_kept_and_paid(fal: Bench) -> None:
    """P16."""
    fal.fal.fault("cancel_too_late")
    job = fal.sent(fal.grid())
    assert job.grid is not None
    orchestration.cancel(actor=None, artefact=job.grid)
    fal.work()
    assert (fresh(job).state, Grid.objects.get().state) == ("done", "waiting")
    assert "cancelling" in moves(job) and "cancelled" not in moves(job)
    fal.settled(job.project)


def test_cancelled_when_it_had_ended_already(fal: Bench) -> None:
    """P16."""
    job = fal.sent(fal.grid())
    fal.jump(60)  # it ended, and nobody has looked
    assert job.grid is not None
    orchestration.cancel(actor=None, artefact=job.grid)
    fal.work()
    assert (fresh(job).state, fal.totals()["cancelled"]) == ("done", 0)
    with pytest.raises(Refusal, match="in flight any more"):
        orchestration.cancel(actor=None, artefact=Grid.objects.get())
    fal.settled(job.project)


def test_a_missing_output_is_said_and_charged(fal: Bench) -> None:
    """P17. We ask every model for one file a call; of a call without it nothing is stored, and its bill counts."""
    fal.fal.fault("missing_output", keep=0)
    job = fal.grid()
    fal.work()
    job = fresh(job)
    assert (job.state, job.error_code, job.charged) == ("failed", "no_output", True)
    assert "without a file" in Grid.objects.get().error
    fal.settled(job.project)


def test_of_a_take_with_two_calls_each_output_is_stored_once(fal: Bench) -> None:
    """P17: one of two is missing, the other is kept and used by the retry."""
    two = paid.plan(prompts=("a pier", "a forest"), seconds=(3, 3), mode="per_shot")
    project = fal.project(two, width=640, height=360)
    fal.fal.fault("missing_output", nth=2, on="submit")
    take = fal.take(factories.sequence_of(project))
    fal.work()
    take.refresh_from_db()
    states = list(take.jobs.order_by("call").values_list("state", "error_code"))
    assert (take.state, states) == ("failed", [("done", ""), ("failed", "no_output")])
    orchestration.retry(actor=None, artefact=take)
    fal.work()
    take.refresh_from_db()
    assert (take.state, take.clips.count(), fal.accepted) == ("waiting", 2, 3)
    assert money(project) == (0, 3 * TAKE_PRICE)
    assert LedgerEntry.objects.filter(kind="settle").count() == 3
    fal.settled(project)
