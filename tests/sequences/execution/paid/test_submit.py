"""What the provider does to a submit (P1 to P8, P18): the fake's ledger says how often it was asked and paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from sequences import orchestration
from sequences.errors import Refusal
from sequences.execution import accounts
from sequences.models import Account, Grid, Job, Project, Receipt
from sequences.orchestration import deciding
from tests import factories, paid
from tests.paid import CLIP, GRID, GRID_PRICE, TAKE_PRICE, Bench, fresh, money, moves

pytestmark = pytest.mark.django_db(transaction=True)

UNCLEAR = (
    "status_after_accept(500)", "status_after_accept(502)", "status_after_accept(503)", "status_after_accept(504)",
    "status_after_accept(408)", "status_after_accept(409)", "html_after_accept", "empty_after_accept",
    "no_request_id_after_accept", "stall_after_accept",
)  # fmt: skip


def page(job: Job, name: str = "decisions/") -> str:
    """A page of the job's project as its owner sees it."""
    client = Client()
    client.force_login(job.project.members.get())
    answer = client.get(f"/p/{job.project.slug}/{name}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_grid_and_a_take_are_made_and_paid_once(fal: Bench) -> None:
    sequence = fal.sequence()
    grid, take = fal.grid(sequence), fal.take(sequence)
    assert money(sequence.project) == (GRID_PRICE + TAKE_PRICE, 0)
    fal.work()
    take.refresh_from_db()
    assert (fresh(grid).state, take.state, take.error) == ("done", "waiting", "")
    assert moves(grid) == ["queued", "submitting", "submitted", "processing", "ready", "done"]
    assert (fal.posts, fal.accepted, fal.billed_micros) == (2, 2, GRID_PRICE + TAKE_PRICE)
    fal.settled(sequence.project)


def test_a_reset_after_acceptance_is_bound_by_its_webhook(hooked: Bench) -> None:
    """P1."""
    hooked.know_keys()
    hooked.fal.fault("accept_then_reset")
    hooked.fal.fault("unlisted")
    job = hooked.sent(hooked.grid())
    assert (job.state, job.request_id, hooked.accepted) == ("unsure", "", 1)
    assert money(job.project) == (GRID_PRICE, 0)
    said = page(job)
    assert "SEQ01 grid 1" in said and "$0.12" in said
    hooked.jump(25)
    assert hooked.hook(job) == 200
    hooked.work(hours=0.1)
    job = fresh(job)
    assert (job.state, job.request_id) == ("done", hooked.lost())
    assert moves(job)[:4] == ["queued", "submitting", "unsure", "submitted"]
    assert (hooked.posts, hooked.accepted) == (1, 1)
    hooked.settled(job.project)


def test_an_answer_that_comes_too_late_is_found_in_the_list(fal: Bench) -> None:
    """P2. Our wait ends long before the answer; what would have come after is a webhook or the list."""
    fal.fal.fault("answer_after", seconds=31)
    job = fal.sent(fal.grid())
    assert job.state == "unsure" and "may have been accepted" in job.error
    fal.work()
    assert (fresh(job).state, fal.posts, fal.accepted) == ("done", 1, 1)
    fal.settled(job.project)


@pytest.mark.parametrize("fault", UNCLEAR)
def test_an_answer_that_is_no_answer_is_never_asked_again(fal: Bench, fault: str) -> None:
    """P3, P8. It is found by its input in the provider's list, and paid once."""
    fal.fal.fault(fault)
    job = fal.sent(fal.grid())
    assert (job.state, fal.posts, fal.accepted) == ("unsure", 1, 1)
    fal.work()
    assert (fresh(job).state, fal.posts, fal.accepted) == ("done", 1, 1)
    assert fresh(job).request_id == fal.lost()
    fal.settled(job.project)


def test_nobody_sends_a_lost_submit_again_for_a_whole_day(fal: Bench) -> None:
    """P3, when nothing was accepted at all: the hold stays until a person looks; then the person may ask anew."""
    fal.fal.fault("status", code=503)
    job = fal.sent(fal.grid())
    fal.work(hours=24, patient=True)
    job = fresh(job)
    assert (job.state, fal.posts, fal.accepted, money(job.project)) == ("unsure", 1, 0, (GRID_PRICE, 0))
    assert "SEQ01 grid 1" in page(job)
    deciding.absent(actor=None, job=job, looked=True)
    assert (fresh(job).state, money(job.project)) == ("absent", (0, 0))
    orchestration.retry(actor=None, artefact=Grid.objects.get())
    fal.work(until=lambda: Job.objects.filter(state="done").exists())
    assert (fal.posts, fal.accepted, money(job.project)) == (2, 1, (0, GRID_PRICE))


def test_what_cannot_be_reached_is_tried_eight_times_and_then_given_up(fal: Bench) -> None:
    """P4."""
    fal.fal.control(listen=False)
    job = fal.grid()
    fal.work()
    fal.fal.control(listen=True)
    job = fresh(job)
    assert (job.state, job.error_code) == ("failed", "try_later") and "It was tried 8 times." in job.error
    assert (job.attempts.filter(step="submit").count(), fal.posts, fal.accepted) == (8, 0, 0)
    assert job.finished_at and job.finished_at - job.created_at > timedelta(minutes=1)
    fal.settled(job.project)


def test_what_cannot_be_reached_for_a_while_is_sent_when_it_can(fal: Bench) -> None:
    """P4."""
    fal.fal.control(listen=False)
    job = fal.grid()
    fal.work(until=lambda: fresh(job).tries == 3)
    fal.fal.control(listen=True)
    fal.work()
    assert (fresh(job).state, fal.posts, fal.accepted) == ("done", 1, 1)
    fal.settled(job.project)


REFUSALS = [
    (422, {"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "string_too_long"}]}, "too long"),
    (400, {"detail": "The seed is odd", "error_type": "bad_request"}, "The seed is odd"),
    (413, {"detail": "The body is too large"}, "too large"),
]


@pytest.mark.parametrize(("code", "body", "words"), REFUSALS)
def test_a_refusal_ends_the_call_with_its_words_and_costs_nothing(
    fal: Bench, code: int, body: object, words: str
) -> None:
    """P5."""
    fal.fal.fault("status", code=code, body=body)
    job = fal.grid()
    fal.work()
    job = fresh(job)
    assert (job.state, job.charged, fal.posts, fal.accepted) == ("failed", False, 1, 0)
    assert words in job.error and words in Grid.objects.get().error and words in page(job, "SEQ01/")
    fal.settled(job.project)


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key_shuts_the_account_for_everybody(fal: Bench, code: int) -> None:
    """P6."""
    fal.fal.fault("status", code=code, body={"detail": "Invalid key credentials"})
    project = fal.project(paid.plan(), paid.plan(section="Two"))
    first, second = (fal.grid(factories.sequence_of(project, code)) for code in ("SEQ01", "SEQ02"))
    fal.work(until=lambda: fresh(first).state == "failed")
    assert Account.objects.get().shut
    fal.work(hours=3, patient=True)
    assert (fresh(second).state, fal.posts, fal.accepted) == ("queued", 1, 0)
    assert "Open again" in page(first, "")
    orchestration.reopen_account(actor=None, provider="fal")
    fal.work()
    assert (fresh(second).state, fal.posts, fal.accepted) == ("done", 2, 1)
    fal.settled(project)


def test_a_locked_account_rests_and_one_call_tries_for_all(fal: Bench) -> None:
    """P6, as fal says it of a balance: nothing fails, nothing is lost."""
    fal.fal.fault("submit:locked*1")
    project = fal.project(paid.plan(), paid.plan(section="Two"))
    jobs = [fal.grid(factories.sequence_of(project, code)) for code in ("SEQ01", "SEQ02")]
    fal.round()
    assert [fresh(job).state for job in jobs] == ["queued", "queued"] and fal.posts == 1
    assert "Try now" in page(jobs[0], "")
    fal.work()
    assert [fresh(job).state for job in jobs] == ["done", "done"]
    assert (fal.posts, fal.accepted) == (3, 2)
    fal.settled(project)


def test_too_many_requests_wait_as_long_as_they_are_told(fal: Bench) -> None:
    """P7."""
    fal.fal.fault("429", retry_after=60)
    job, start = fal.grid(), timezone.now()
    fal.work(until=lambda: fal.posts == 1)
    assert fresh(job).state == "queued" and accounts.standing("fal").rest_until
    fal.work(until=lambda: fal.posts == 2)
    assert timezone.now() - start >= timedelta(seconds=60)
    fal.work()
    assert (fresh(job).state, fal.posts, fal.accepted) == ("done", 2, 1)
    fal.settled(job.project)


def test_without_a_price_nothing_is_asked_for(fal: Bench) -> None:
    """P18."""
    sequence = fal.sequence()
    for endpoint in (GRID, CLIP):
        fal.fal.fault("price_missing", endpoint=endpoint)
    orchestration.refresh_prices(actor=None)
    for ask in (fal.grid, fal.take):
        with pytest.raises(Refusal, match="price"):
            ask(sequence)
    assert not Job.objects.exists() and money(sequence.project) == (0, 0) and fal.posts == 0


def test_a_price_that_rose_since_it_was_shown_is_refused_and_one_that_rises_later_is_not_ours(fal: Bench) -> None:
    """P18: the price stored with the hold is the one that counts."""
    sequence = fal.sequence()
    with pytest.raises(Refusal, match="The price is"):
        fal.take(sequence, shown_price=TAKE_PRICE - 1)
    assert not Job.objects.exists()
    job = fal.grid(sequence)
    fal.fal.control(prices={GRID: "0.16"})
    orchestration.refresh_prices(actor=None)
    fal.work()
    assert (fresh(job).unit_price, fresh(job).cost_micros) == (Decimal("0.08"), GRID_PRICE)
    assert money(Project.objects.get()) == (0, GRID_PRICE)


def test_everything_it_said_is_kept(fal: Bench) -> None:
    job = fal.grid()
    fal.work()
    kinds = list(Receipt.objects.filter(job=job).values_list("kind", flat=True))
    assert kinds == ["submit", "look"]
