"""A person's word about a call of the paid provider: the fake's ledger says that nothing was sent or paid twice."""

from __future__ import annotations

import pytest

from sequences import storage
from sequences.errors import Refusal
from sequences.models import Grid, Job, LedgerEntry
from sequences.orchestration import deciding, joining, making
from sequences.queries.needs import needs_count
from tests.paid import GRID_PRICE, Bench, fresh, money, moves

pytestmark = pytest.mark.django_db(transaction=True)


def lost(fal: Bench) -> tuple[str, Job]:
    """A grid that was accepted, whose number we did not hear and that the list shows three hours late."""
    fal.fal.control(config={"listing_lag": 3 * 3600.0})
    fal.fal.fault("accept_then_reset")
    job = fal.sent(fal.grid())
    assert (job.state, needs_count(job.project)) == ("unsure", 1)
    return fal.lost(), job


def test_a_number_from_the_providers_own_page_brings_the_picture_home(fal: Bench) -> None:
    number, job = lost(fal)
    deciding.found(actor=job.project.members.get(), job=job, request_id=number)
    fal.work()
    job = fresh(job)
    assert (job.state, job.request_id) == ("done", number)
    assert moves(job)[:4] == ["queued", "submitting", "unsure", "submitted"]
    assert (fal.posts, fal.accepted) == (1, 1)


def test_another_calls_number_is_refused(fal: Bench) -> None:
    """Both are ours, and both are known to the provider: one has a job, the other another input."""
    sequence = fal.sequence()
    done = fal.sent(fal.grid(sequence))
    fal.fal.fault("accept_then_reset")
    job = fal.sent(fal.grid(sequence))
    assert job.state == "unsure"
    with pytest.raises(Refusal, match=f"Request {done.request_id} is SEQ01 grid 1 already; one request is one call."):
        deciding.found(actor=None, job=job, request_id=done.request_id)
    with pytest.raises(Refusal, match="fal does not know request 00000000-0000-4000-8000-000000000000"):
        deciding.found(actor=None, job=job, request_id="00000000-0000-4000-8000-000000000000")
    assert fresh(job).state == "unsure" and fal.accepted == 2


def test_what_never_arrived_is_released_and_asked_for_again_only_by_a_person(fal: Bench) -> None:
    fal.fal.fault("reset_before_accept")
    job = fal.sent(fal.grid())
    assert job.state == "unsure"  # nobody can tell it from a lost answer
    with pytest.raises(Refusal, match="It may still show up until"):
        deciding.absent(actor=None, job=job, looked=True)
    fal.clock.shift(90 * 60)
    deciding.absent(actor=None, job=fresh(job), looked=True)
    assert (fresh(job).state, money(job.project), fal.posts, fal.accepted) == ("absent", (0, 0), 1, 0)
    grid = fresh(job).grid
    assert grid is not None and grid.state == "failed"
    making.retry(actor=None, artefact=grid)
    fal.work(hours=30)
    assert (fal.accepted, money(job.project)) == (1, (0, GRID_PRICE))


def test_a_written_off_call_that_comes_after_all_is_kept_and_billed_once(fal: Bench) -> None:
    number, job = lost(fal)
    deciding.write_off(actor=None, job=job, why="support cannot tell")
    assert money(job.project) == (0, GRID_PRICE)
    fal.work(until=lambda: fresh(job).late == "kept", hours=30)
    job = fresh(job)
    assert (job.state, job.late, job.request_id, needs_count(job.project)) == ("failed", "kept", number, 1)
    assert money(job.project) == (0, GRID_PRICE) and (fal.posts, fal.accepted) == (1, 1)
    deciding.dismiss_late(actor=None, job=job)
    assert needs_count(job.project) == 0


def test_what_was_said_never_to_have_arrived_and_comes_is_billed_after_all(fal: Bench) -> None:
    _, job = lost(fal)
    fal.clock.shift(90 * 60)
    deciding.absent(actor=None, job=job, looked=True)
    assert money(job.project) == (0, 0)
    fal.work(until=lambda: fresh(job).late == "kept", hours=30)
    kinds = LedgerEntry.objects.filter(job=job).values_list("kind", flat=True)
    assert list(kinds) == ["hold", "release", "late"] and money(job.project) == (0, GRID_PRICE)


def test_what_never_arrived_and_ended_billed_without_a_file_is_counted(fal: Bench) -> None:
    fal.fal.fault("missing_output")
    _, job = lost(fal)
    fal.clock.shift(90 * 60)
    deciding.absent(actor=None, job=job, looked=True)
    fal.work(until=lambda: fresh(job).late == "gone", hours=30)
    kinds = LedgerEntry.objects.filter(job=job).values_list("kind", flat=True)
    assert list(kinds) == ["hold", "release", "late"] and money(job.project) == (0, GRID_PRICE)


def test_what_came_late_joins_what_it_was_for_and_costs_nothing_more(fal: Bench) -> None:
    _, job = lost(fal)
    deciding.write_off(actor=None, job=job, why="support cannot tell")
    fal.work(until=lambda: fresh(job).late == "kept", hours=30)
    made = joining.use_late(actor=None, job=job)
    with pytest.raises(Refusal, match="Nothing that came late is kept of SEQ01 grid 1"):
        joining.use_late(actor=None, job=job)
    fal.work()
    made, grid = fresh(made), Grid.objects.get()
    assert (made.state, made.cost_micros, grid.state) == ("done", 0, "waiting")
    assert grid.sha256 == fresh(job).late_sha256 and needs_count(job.project) == 0
    assert money(job.project) == (0, GRID_PRICE) and (fal.posts, fal.accepted) == (1, 1)


def test_what_came_late_stays_beside_a_grid_that_was_asked_for_again(fal: Bench) -> None:
    _, job = lost(fal)
    deciding.write_off(actor=None, job=job, why="support cannot tell")
    making.retry(actor=None, artefact=Grid.objects.get())
    fal.work(until=lambda: fresh(job).late == "kept" and Grid.objects.get().state == "waiting", hours=30)
    with pytest.raises(Refusal, match="SEQ01/G1 was made without it; it stays beside it as a file."):
        joining.use_late(actor=None, job=fresh(job))
    assert needs_count(job.project) == 1 and fal.accepted == 2


def test_a_late_file_that_was_damaged_is_not_used(fal: Bench) -> None:
    _, job = lost(fal)
    deciding.write_off(actor=None, job=job, why="support cannot tell")
    fal.work(until=lambda: fresh(job).late == "kept", hours=30)
    storage.absolute(fresh(job).late_file).write_bytes(b"no picture")
    with pytest.raises(Refusal, match="is not what was kept; put it away"):
        joining.use_late(actor=None, job=fresh(job))
    assert Grid.objects.get().state == "failed" and Job.objects.count() == 1
