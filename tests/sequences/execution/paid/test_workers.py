"""Brokers, workers and rows that misbehave (B5, B12, B16), and a provider that is down for a while."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from sequences import execution
from sequences.execution import accounts
from sequences.models import Job
from sequences.queries.needs import needs
from tests import factories, paid
from tests.paid import Bench, fresh, money

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lost_message_is_made_up_for_within_thirty_seconds(fal: Bench) -> None:
    """B5, B12: no bell of this test reaches anybody; the sweep alone finds what is due."""
    job = fal.grid()
    assert execution.Wake("job", job.pk) in execution.sweep()
    fal.jump(29)  # whoever took that bell died of it
    assert execution.Wake("job", job.pk) in execution.sweep()
    fal.work()
    assert (fresh(job).state, fal.accepted) == ("done", 1)
    fal.settled(job.project)


def test_without_any_broker_the_command_alone_finishes_everything(fal: Bench) -> None:
    """B12: what a timer of the system would start."""
    sequence = fal.sequence()
    jobs, take = [fal.grid(sequence) for _ in range(3)], fal.take(sequence)
    for _ in range(40):
        call_command("sweep", "--once", verbosity=0)
        if paid.quiet():
            break
        fal.jump(paid.next_due())
    take.refresh_from_db()
    assert ({fresh(job).state for job in jobs}, take.state) == ({"done"}, "waiting")
    assert (fal.posts, fal.accepted) == (4, 4)
    fal.settled(sequence.project)


# a row that nobody wrote as it is: JSON of another shape
POISON: list[tuple[str, dict[str, Any]]] = [
    ("submitted", {"wire": [1]}),
    ("submitted", {"wire": "x"}),
    ("queued", {"request": {"kind": "nonsense"}}),
    ("queued", {"request": [3]}),
    ("ready", {"result_ref": {"nothing": 1}}),
    ("unsure", {"wire": [1]}),
]


@pytest.mark.parametrize(("at", "wrong"), POISON)
def test_a_poisoned_row_holds_up_nobody(fal: Bench, at: str, wrong: dict[str, Any]) -> None:
    """B16: the others go on in the same batch; the row itself is given up, or shown to a person."""
    sequence = fal.sequence()
    if at == "unsure":
        fal.fal.fault("accept_then_reset")
    bad, *others = (fal.grid(sequence) for _ in range(4))
    if at == "ready":
        fal.made(bad)
    elif at != "queued":
        fal.sent(bad)
    assert fresh(bad).state == at
    Job.objects.filter(pk=bad.pk).update(**wrong)
    fal.work(until=lambda: all(fresh(job).state == "done" for job in others), hours=0.3)
    fal.work(until=lambda: fresh(bad).state == "failed" or Job.objects.filter(needs()).exists(), hours=3)
    bad = fresh(bad)
    if at == "queued":
        assert (bad.state, bad.error_code, bad.charged) == ("failed", "broken", False)
        assert money(sequence.project)[0] == 0
    else:
        assert [job.pk for job in Job.objects.filter(needs())] == [bad.pk]
    assert fal.accepted == (3 if at == "queued" else 4)


def test_a_provider_that_is_down_is_asked_seldom_and_nothing_is_sent_to_it(fal: Bench) -> None:
    """The breaker: five answers in a row that were none."""
    sequence = fal.sequence()
    flying = [fal.sent(fal.grid(sequence)) for _ in range(5)]
    fal.fal.fault("status:status(500)*0")
    fal.jump(16)
    fal.round()
    assert accounts.in_trouble("fal")
    late, posts = fal.grid(sequence), fal.posts
    fal.round()
    assert (fresh(late).state, fal.posts) == ("queued", posts)
    waits = [fresh(job).look_again_at - timezone.now() for job in flying]  # type: ignore[operator]  # live jobs have one
    assert min(waits) > timedelta(seconds=50)
    fal.fal.control(clear_faults=True)
    fal.work()
    assert {fresh(job).state for job in (*flying, late)} == {"done"} and not accounts.in_trouble("fal")
    fal.settled(sequence.project)


def test_more_than_the_account_takes_waits_with_us(fal: Bench, settings: Any) -> None:
    """Twice what it runs at a time is left with it; the rest is called off for nothing."""
    settings.FAL_CONCURRENCY = 2
    paid.offer()
    sequence = fal.sequence()
    jobs = [fal.grid(sequence) for _ in range(10)]
    fal.round()
    fal.round()
    states = Counter(fresh(job).state for job in jobs)
    assert states == {"submitted": 4, "queued": 6}
    fal.work()
    assert {fresh(job).state for job in jobs} == {"done"} and fal.accepted == 10
    fal.settled(sequence.project)


def test_few_looks_a_call(fal: Bench) -> None:
    """Fewer than fifteen of a call that runs for twice its usual time."""
    asked = Counter[str]()
    doors, status = fal.fal.fake.doors, fal.fal.fake.doors.status

    def counted(job: Any, *rest: Any) -> Any:
        asked["looks"] += 1
        return status(job, *rest)

    doors.status = counted  # type: ignore[method-assign]  # the fake keeps no count of reads
    try:
        fal.fal.control(config={"duration": 70.0})
        job = fal.grid(factories.sequence_of(fal.project()))
        fal.work()
    finally:
        doors.status = status  # type: ignore[method-assign]
    assert fresh(job).state == "done" and 3 <= asked["looks"] < 15, asked
